/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any file as a profile: either it is refused with one line and nothing is
 * kept, or it makes a consistent database in which every value is found.  In
 * the same directory are a short file, `100', and one longer than a value,
 * `101'.
 *
 * sources: att/gatt-db.c profile/gatt-profile.c
 * sources: profile/gatt-profile-member.c profile/gatt-profile-value.c
 * options: -max_len=4000 -len_control=20
 * runs: 40000
 * long: 5000000
 */
#include "config.h"
#include "profile/gatt-profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static unsigned int said;

static void hear(enum diag_level level, const char *text, void *arg)
{
	(void)level, (void)text, (void)arg;
	said++;
}

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* In the directory of the profile, /proc/self/fd. */
static void make_file(int number, size_t len)
{
	const uint8_t octets[ATT_VALUE_MAX + 1] = { 0 };
	int fd = memfd_create("value", 0);

	require(fd >= 0 && write(fd, octets, len) == (ssize_t)len);
	require(dup2(fd, number) == number && !close(fd));
}

static void check_attributes(const struct gatt_profile *profile)
{
	uint16_t end = 0;

	for (size_t i = 0; i < profile->db.count; i++) {
		const struct gatt_attribute *a = &profile->db.attributes[i];
		uint32_t most = (uint32_t)profile->peers_count;

		require(a->handle == i + 1 && a->len <= a->max);
		require(a->max <= ATT_VALUE_MAX);
		require(a->read.authorization <= most);
		require(a->write.authorization <= most);
		/* One service after the other. */
		if (a->group_end) {
			require(end == i && a->group_end >= a->handle);
			end = a->group_end;
		}
	}
	require(end == profile->db.count);
}

static void check_values(const struct gatt_profile *profile)
{
	for (size_t i = 0; i < profile->count; i++) {
		const struct gatt_profile_value *value = &profile->values[i];
		const struct gatt_attribute *a =
			gatt_db_find(&profile->db, value->handle);

		require(gatt_profile_find(profile, value->handle) == value);
		require(a && gatt_uuid_equal(&a->type, &value->uuid));
		require(a->external ==
			(value->source != GATT_SOURCE_CONSTANT));
		require(!value->path == (value->source != GATT_SOURCE_FILE));
		require(!value->argv == (value->source !=
					 GATT_SOURCE_PROCESS));
		require(!value->configuration ==
			!(value->properties & (GATT_PROPERTY_NOTIFY |
					       GATT_PROPERTY_INDICATE)));
	}
}

/* "fuzz" is a peer where its name or its pin is listed. */
static void check_peers(const struct gatt_profile *profile)
{
	for (uint32_t i = 1; i <= profile->peers_count; i++) {
		char **peers = profile->peers[i - 1];
		bool any = false;

		for (; *peers; peers++)
			any = any || !strcmp(*peers, "fuzz") ||
			      strpbrk(*peers, "*?[\\");
		require(!gatt_profile_authorizes(profile, i, "fuzz",
						 "sha256//") || any);
		require(!gatt_profile_authorizes(profile, i, "", "sha256//"));
	}
	require(!gatt_profile_authorizes(profile, 0, "fuzz", ""));
	require(!gatt_profile_authorizes(profile, UINT32_MAX, "fuzz", ""));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool made;
	struct gatt_profile profile;
	char path[40];
	int fd;

	if (!made) {
		make_file(100, 3);
		make_file(101, ATT_VALUE_MAX + 1);
		made = true;
	}
	fd = memfd_create("profile", 0);
	require(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	diag_sink(hear, NULL);
	said = 0;
	if (gatt_profile_load(path, "fuzz", &profile)) {
		require(said == 1 && !profile.db.attributes &&
			!profile.values && !profile.peers);
	} else {
		require(!said);
		check_attributes(&profile);
		check_values(&profile);
		check_peers(&profile);
		gatt_profile_free(&profile);
	}
	close(fd);
	return 0;
}
