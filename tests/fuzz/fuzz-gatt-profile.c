/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any file as a profile: it is refused with one line, and nothing is kept; or
 * what it makes is a database in order, in which every value is found.
 */
#include "config.h"
#include "gatt-profile.h"

#include <stdio.h>
#include <stdlib.h>
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct gatt_profile profile;
	char path[40];
	int fd = memfd_create("profile", 0);

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
		gatt_profile_authorizes(&profile, 1, "fuzz", "sha256//");
		gatt_profile_free(&profile);
	}
	close(fd);
	return 0;
}
