/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "bond.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "bytes.h"
#include "hex.h"

#define STATE "/var/lib/blesec"

/*
 * A key of Load Long Term Keys, which is New Long Term Key without its store
 * hint: address, type, key type, central, size, EDIV, Rand, value.
 */
#define KEY_SIZE (MGMT_ADDRESS_SIZE + 3 + 2 + 8 + 16)
#define KEYS_MAX 25		/* as many as one command of mgmt.c can hold */

struct keys {
	uint8_t key[KEYS_MAX][KEY_SIZE];
	size_t count;
};

static void store_path(const bdaddr_t *adapter, const char *suffix,
		       char path[PATH_MAX])
{
	char text[18];

	ba2str(adapter, text);
	snprintf(path, PATH_MAX, STATE "/%s.bonds%s", text, suffix);
}

static enum status fail(const char *what, const char *path)
{
	diag_error("cannot %s `%s': %s", what, path, strerror(errno));
	return STATUS_OTHER;
}

/* No file is no key. */
static enum status read_keys(const bdaddr_t *adapter, struct keys *keys)
{
	char path[PATH_MAX], line[512];
	const char *text;
	FILE *file;
	json_t *json;
	bool ok = true;

	keys->count = 0;
	store_path(adapter, "", path);
	file = fopen(path, "re");
	if (!file && errno == ENOENT)
		return STATUS_OK;
	if (!file)
		return fail("open", path);
	while (ok && fgets(line, sizeof(line), file)) {
		json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		ok = json && !json_unpack(json, "{s:s}", "key", &text) &&
		     keys->count < KEYS_MAX &&
		     hex_decode(text, keys->key[keys->count], KEY_SIZE);
		keys->count += ok;
		json_decref(json);
	}
	ok = ok && !ferror(file);
	fclose(file);
	OPENSSL_cleanse(line, sizeof(line));
	if (ok)
		return STATUS_OK;
	diag_error("`%s' is damaged, or holds more than %d bonds; mend it, or "
		   "remove it and pair again", path, KEYS_MAX);
	return STATUS_OTHER;
}

static bool write_key(FILE *file, const uint8_t *key)
{
	char address[18], hex[2 * KEY_SIZE + 1];
	bdaddr_t bdaddr;
	bool ok;

	memcpy(&bdaddr, key, sizeof(bdaddr));
	ba2str(&bdaddr, address);
	hex_encode(key, KEY_SIZE, HEX_LOWER, hex);
	ok = fprintf(file, "{\"address\":\"%s\",\"type\":\"%s\",\"key\":\"%s\""
		     "}\n", address, key[6] == BDADDR_LE_RANDOM ? "random" :
		     "public", hex) > 0;
	OPENSSL_cleanse(hex, sizeof(hex));
	return ok;
}

/* In one step: the old file, or the new one. */
static enum status write_keys(const bdaddr_t *adapter, const struct keys *keys)
{
	char path[PATH_MAX], next[PATH_MAX];
	FILE *file = NULL;
	bool ok;
	int fd;

	store_path(adapter, "", path);
	if (!keys->count)
		return unlink(path) < 0 ? fail("remove", path) : STATUS_OK;
	store_path(adapter, ".new", next);
	mkdir(STATE, 0700);
	unlink(next);
	fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!file)
		return fail("create", next);
	ok = true;
	for (size_t i = 0; ok && i < keys->count; i++)
		ok = write_key(file, keys->key[i]);
	ok = ok && !fflush(file) && !fsync(fd);
	if (fclose(file) || !ok || rename(next, path) < 0)
		return fail("write", next);
	return STATUS_OK;
}

static void remove_device(struct keys *keys, const bdaddr_t *device)
{
	size_t kept = 0;

	for (size_t i = 0; i < keys->count; i++)
		if (memcmp(keys->key[i], device, 6) != 0)
			memmove(keys->key[kept++], keys->key[i], KEY_SIZE);
	keys->count = kept;
}

enum status bond_keep(const bdaddr_t *adapter, const uint8_t *event,
		      size_t len)
{
	struct keys keys;
	bdaddr_t device;
	enum status status;

	if (len < 1 + KEY_SIZE || !event[0])
		return STATUS_OK;
	status = read_keys(adapter, &keys);
	if (status)
		return status;
	memcpy(&device, event + 1, sizeof(device));
	remove_device(&keys, &device);
	if (keys.count == KEYS_MAX) {
		diag_error("there are %d bonds already: blesec-oob unpair "
			   "removes one", KEYS_MAX);
		return STATUS_OTHER;
	}
	memcpy(keys.key[keys.count++], event + 1, KEY_SIZE);
	status = write_keys(adapter, &keys);
	OPENSSL_cleanse(&keys, sizeof(keys));
	return status;
}

enum status bond_forget(const bdaddr_t *adapter, const bdaddr_t *device)
{
	struct keys keys;
	enum status status = read_keys(adapter, &keys);
	size_t before = keys.count;

	if (status)
		return status;
	remove_device(&keys, device);
	if (keys.count != before)
		status = write_keys(adapter, &keys);
	OPENSSL_cleanse(&keys, sizeof(keys));
	return status;
}

enum status bond_load(struct mgmt *mgmt, uint16_t index,
		      const bdaddr_t *adapter)
{
	uint8_t params[2 + KEYS_MAX * KEY_SIZE];
	struct keys keys;
	enum status status = read_keys(adapter, &keys);
	int result;

	if (status || !keys.count)
		return status;
	put_le16(params, (uint16_t)keys.count);
	memcpy(params + 2, keys.key, keys.count * KEY_SIZE);
	result = mgmt_command(mgmt, MGMT_LOAD_LONG_TERM_KEYS, index, params,
			      2 + keys.count * KEY_SIZE, NULL, NULL);
	OPENSSL_cleanse(&keys, sizeof(keys));
	OPENSSL_cleanse(params, sizeof(params));
	if (!result)
		return STATUS_OK;
	diag_error("cannot give the kept keys to hci%u: %s", index,
		   mgmt_status_name(result));
	return STATUS_OTHER;
}
