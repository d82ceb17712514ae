/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "bluetooth/bond.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "base/bytes.h"
#include "base/hex.h"

#define STATE "/var/lib/blesec"

#define LOCK_MS 2000
#define BONDS_MAX 25		/* as many as fit into one mgmt command */

/* Key types in New Signature Resolving Key, after the address. */
#define CSRK_REMOTE 0x01
#define CSRK_REMOTE_AUTHENTICATED 0x03

struct bond {
	/* As in Load Long Term Keys: address, type, key type, central, size,
	 * EDIV, Rand, value. */
	uint8_t ltk[BOND_LTK_SIZE];
	bool signs;
	struct bond_signing signing;
};

struct bonds {
	struct bond bond[BONDS_MAX];
	size_t count;
};

/* The directory, and the names of an adapter's file in it. */
struct store {
	char dir[PATH_MAX], name[32], new[32];
	int fd;			/* the directory */
	int lock;
};

static enum status bond_fail(const char *what, const struct store *store,
			     const char *name)
{
	diag_error("cannot %s `%s%s%s': %s", what, store->dir, *name ? "/" : "",
		   name, strerror(errno));
	return STATUS_OTHER;
}

static void bond_store_name(const bdaddr_t *adapter, struct store *store)
{
	const char *env = secure_getenv("STATE_DIRECTORY");
	size_t len = env ? strcspn(env, ":") : 0;
	char text[18];

	if (!len || len >= sizeof(store->dir)) {
		env = STATE;
		len = strlen(env);
	}
	memcpy(store->dir, env, len);
	store->dir[len] = '\0';
	ba2str(adapter, text);
	snprintf(store->name, sizeof(store->name), "%s.bonds", text);
	snprintf(store->new, sizeof(store->new), "%s.bonds.new", text);
	store->fd = -1;
}

static void bond_store_close(struct store *store)
{
	close(store->fd);
	if (store->lock >= 0)
		close(store->lock);
}

/*
 * Lock the store until bond_store_close, so that no other program's change is
 * lost.  Reading needs no lock, because the file is replaced atomically.
 */
static enum status bond_store_lock(const bdaddr_t *adapter, struct store *store)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

	bond_store_name(adapter, store);
	mkdir(store->dir, 0700);
	store->fd = open(store->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0)
		return bond_fail("open", store, "");
	/* Do not lock the directory: everybody who can read it could hold the
	 * lock. */
	store->lock = openat(store->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW |
			     O_CLOEXEC, 0600);
	for (int i = 0; store->lock >= 0 && i < LOCK_MS / 10; i++) {
		if (!flock(store->lock, LOCK_EX | LOCK_NB))
			return STATUS_OK;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		nanosleep(&pause, NULL);
	}
	bond_fail("lock", store, "lock");
	bond_store_close(store);
	return STATUS_OTHER;
}

/* Cleanse a string of Jansson's, which would leave it in memory. */
static void bond_wipe(const char *text)
{
	if (text)
		OPENSSL_cleanse((char *)text, strlen(text));
}

/* The members that belong to signing must be all there, or none of them. */
static bool bond_read_one(json_t *json, struct bond *bond)
{
	const char *key = NULL, *csrk = NULL;
	int authenticated = -1;
	json_int_t next = -1;
	bool ok = json && !json_unpack(json, "{s:s, s?s, s?b, s?I}", "key",
				       &key, "csrk", &csrk,
				       "csrk_authenticated", &authenticated,
				       "sign_counter", &next) &&
		  hex_decode(key, bond->ltk, sizeof(bond->ltk));

	memset(&bond->signing, 0, sizeof(bond->signing));
	bond->signs = csrk;
	if (ok && csrk) {
		ok = authenticated >= 0 && next >= 0 && next <= UINT32_MAX &&
		     hex_decode(csrk, bond->signing.csrk,
				sizeof(bond->signing.csrk));
		bond->signing.authenticated = authenticated > 0;
		bond->signing.next = (uint32_t)next;
	} else if (ok) {
		ok = !json_object_get(json, "csrk_authenticated") &&
		     !json_object_get(json, "sign_counter");
	}
	bond_wipe(key);
	bond_wipe(csrk);
	return ok;
}

/* Returns STATUS_OK and no bonds if there is no file. */
static enum status bond_read(const struct store *store, struct bonds *bonds)
{
	char path[PATH_MAX + 32], buffer[BUFSIZ], line[512];
	FILE *file;
	json_t *json;
	bool ok = true;

	memset(bonds, 0, sizeof(*bonds));
	snprintf(path, sizeof(path), "%s/%s", store->dir, store->name);
	file = fopen(path, "re");
	if (!file && errno == ENOENT)
		return STATUS_OK;
	if (!file)
		return bond_fail("open", store, store->name);
	setvbuf(file, buffer, _IOFBF, sizeof(buffer));
	while (ok && fgets(line, sizeof(line), file)) {
		json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		ok = bonds->count < BONDS_MAX &&
		     bond_read_one(json, &bonds->bond[bonds->count]);
		bonds->count += ok;
		json_decref(json);
	}
	ok = ok && !ferror(file);
	fclose(file);
	OPENSSL_cleanse(line, sizeof(line));
	OPENSSL_cleanse(buffer, sizeof(buffer));
	if (ok)
		return STATUS_OK;
	OPENSSL_cleanse(bonds, sizeof(*bonds));
	diag_error("`%s' is damaged, or holds more than %d bonds; repair it, "
		   "or remove it and pair again", path, BONDS_MAX);
	return STATUS_OTHER;
}

static bool bond_write_one(FILE *file, const struct bond *bond)
{
	char address[18], ltk[2 * BOND_LTK_SIZE + 1], csrk[33];
	bdaddr_t bdaddr;
	bool ok;

	memcpy(&bdaddr, bond->ltk, sizeof(bdaddr));
	ba2str(&bdaddr, address);
	hex_encode(bond->ltk, sizeof(bond->ltk), HEX_LOWER, ltk);
	ok = fprintf(file, "{\"address\":\"%s\",\"type\":\"%s\",\"key\":\"%s\"",
		     address, bond->ltk[6] == BDADDR_LE_RANDOM ? "random" :
		     "public", ltk) > 0;
	OPENSSL_cleanse(ltk, sizeof(ltk));
	if (ok && bond->signs) {
		hex_encode(bond->signing.csrk, sizeof(bond->signing.csrk),
			   HEX_LOWER, csrk);
		ok = fprintf(file, ",\"csrk\":\"%s\",\"csrk_authenticated\":%s,"
			     "\"sign_counter\":%lu", csrk,
			     bond->signing.authenticated ? "true" : "false",
			     (unsigned long)bond->signing.next) > 0;
		OPENSSL_cleanse(csrk, sizeof(csrk));
	}
	return ok && fputs("}\n", file) >= 0;
}

static bool bond_write_new(int fd, const struct bonds *bonds)
{
	FILE *file = fdopen(fd, "w");
	char buffer[BUFSIZ];
	bool ok = file;

	if (!file) {
		close(fd);
		return false;
	}
	setvbuf(file, buffer, _IOFBF, sizeof(buffer));
	for (size_t i = 0; ok && i < bonds->count; i++)
		ok = bond_write_one(file, &bonds->bond[i]);
	ok = ok && !fflush(file) && !fsync(fd);
	if (fclose(file))
		ok = false;
	OPENSSL_cleanse(buffer, sizeof(buffer));
	return ok;
}

/* Replace the file atomically. */
static enum status bond_write(const struct store *store,
			      const struct bonds *bonds)
{
	int fd, error;

	if (!bonds->count) {
		if (unlinkat(store->fd, store->name, 0) < 0)
			return bond_fail("remove", store, store->name);
	} else {
		unlinkat(store->fd, store->new, 0);
		fd = openat(store->fd, store->new,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			return bond_fail("create", store, store->new);
		if (!bond_write_new(fd, bonds) ||
		    renameat(store->fd, store->new, store->fd,
			     store->name) < 0) {
			error = errno;
			unlinkat(store->fd, store->new, 0);
			errno = error;
			return bond_fail("write", store, store->new);
		}
	}
	/* Not every file system supports fsync of a directory. */
	if (fsync(store->fd) < 0 && errno != EINVAL)
		return bond_fail("write", store, "");
	return STATUS_OK;
}

static bool bond_is_of(const struct bond *bond, const bdaddr_t *device)
{
	return !memcmp(bond->ltk, device, sizeof(*device));
}

static void bond_remove_device(struct bonds *bonds, const bdaddr_t *device)
{
	size_t kept = 0;

	for (size_t i = 0; i < bonds->count; i++)
		if (!bond_is_of(&bonds->bond[i], device))
			bonds->bond[kept++] = bonds->bond[i];
	bonds->count = kept;
}

static struct bond *bond_find(struct bonds *bonds, const bdaddr_t *device,
			      uint8_t type)
{
	for (size_t i = 0; i < bonds->count; i++)
		if (bond_is_of(&bonds->bond[i], device) &&
		    bonds->bond[i].ltk[6] == type)
			return &bonds->bond[i];
	return NULL;
}

static bool bond_csrk_is_remote(uint8_t csrk_type)
{
	return csrk_type == CSRK_REMOTE ||
	       csrk_type == CSRK_REMOTE_AUTHENTICATED;
}

void bond_take(struct bond_keys *keys, uint16_t event, const uint8_t *data,
	       size_t len)
{
	/* Both events begin with the store hint. */
	if (event == MGMT_EV_NEW_LONG_TERM_KEY) {
		if (len < 1 + sizeof(keys->ltk) || !data[0])
			return;
		memcpy(keys->ltk, data + 1, sizeof(keys->ltk));
		keys->ltk_known = true;
	} else if (event == MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY) {
		if (len < 1 + sizeof(keys->csrk) || !data[0] ||
		    !bond_csrk_is_remote(data[1 + MGMT_ADDRESS_SIZE]))
			return;
		memcpy(keys->csrk, data + 1, sizeof(keys->csrk));
		keys->csrk_known = true;
	}
}

static void bond_from_keys(const struct bond_keys *keys, struct bond *bond)
{
	memset(bond, 0, sizeof(*bond));
	memcpy(bond->ltk, keys->ltk, sizeof(bond->ltk));
	/* A signature key of another device does not belong here. */
	if (!keys->csrk_known ||
	    memcmp(keys->csrk, keys->ltk, MGMT_ADDRESS_SIZE) != 0)
		return;
	bond->signs = true;
	bond->signing.authenticated =
		keys->csrk[MGMT_ADDRESS_SIZE] == CSRK_REMOTE_AUTHENTICATED;
	memcpy(bond->signing.csrk, keys->csrk + MGMT_ADDRESS_SIZE + 1,
	       sizeof(bond->signing.csrk));
}

enum status bond_keep(const bdaddr_t *adapter, const struct bond_keys *keys)
{
	struct store store;
	struct bonds bonds;
	bdaddr_t device;
	enum status status;

	if (!keys->ltk_known)
		return STATUS_OK;
	status = bond_store_lock(adapter, &store);
	if (status)
		return status;
	status = bond_read(&store, &bonds);
	if (!status) {
		memcpy(&device, keys->ltk, sizeof(device));
		bond_remove_device(&bonds, &device);
		if (bonds.count < BONDS_MAX) {
			bond_from_keys(keys, &bonds.bond[bonds.count++]);
			status = bond_write(&store, &bonds);
		} else {
			diag_error("there are %d bonds already: blesec-oob "
				   "unpair removes one", BONDS_MAX);
			status = STATUS_OTHER;
		}
	}
	OPENSSL_cleanse(&bonds, sizeof(bonds));
	bond_store_close(&store);
	return status;
}

static bool bond_has(const struct bonds *bonds, const bdaddr_t *device)
{
	for (size_t i = 0; i < bonds->count; i++)
		if (bond_is_of(&bonds->bond[i], device))
			return true;
	return false;
}

enum status bond_forget(const bdaddr_t *adapter, const bdaddr_t *device)
{
	struct store store;
	struct bonds bonds;
	enum status status;

	/* If nothing is stored, there may be no directory to lock. */
	bond_store_name(adapter, &store);
	status = bond_read(&store, &bonds);
	if (status || !bond_has(&bonds, device))
		goto out;
	status = bond_store_lock(adapter, &store);
	if (status)
		goto out;
	/* Read again now that nobody else can change it. */
	status = bond_read(&store, &bonds);
	if (!status && bond_has(&bonds, device)) {
		bond_remove_device(&bonds, device);
		status = bond_write(&store, &bonds);
	}
	bond_store_close(&store);
out:
	OPENSSL_cleanse(&bonds, sizeof(bonds));
	return status;
}

enum status bond_load(struct mgmt *mgmt, uint16_t index,
		      const bdaddr_t *adapter)
{
	uint8_t params[2 + BONDS_MAX * BOND_LTK_SIZE];
	struct store store;
	struct bonds bonds;
	enum status status;
	int result;

	bond_store_name(adapter, &store);
	status = bond_read(&store, &bonds);
	if (status || !bonds.count)
		return status;
	put_le16(params, (uint16_t)bonds.count);
	for (size_t i = 0; i < bonds.count; i++)
		memcpy(params + 2 + i * BOND_LTK_SIZE, bonds.bond[i].ltk,
		       BOND_LTK_SIZE);
	result = mgmt_command(mgmt, MGMT_LOAD_LONG_TERM_KEYS, index, params,
			      2 + bonds.count * BOND_LTK_SIZE, NULL, NULL);
	OPENSSL_cleanse(&bonds, sizeof(bonds));
	OPENSSL_cleanse(params, sizeof(params));
	if (!result)
		return STATUS_OK;
	diag_error("cannot give the kept keys to hci%u: %s", index,
		   mgmt_status_name(result));
	return STATUS_OTHER;
}

enum status bond_signing(const bdaddr_t *adapter, const bdaddr_t *device,
			 uint8_t type, bool *bonded, bool *signs,
			 struct bond_signing *signing)
{
	struct store store;
	struct bonds bonds;
	const struct bond *bond;
	enum status status;

	*bonded = *signs = false;
	memset(signing, 0, sizeof(*signing));
	bond_store_name(adapter, &store);
	status = bond_read(&store, &bonds);
	bond = status ? NULL : bond_find(&bonds, device, type);
	if (bond) {
		*bonded = true;
		*signs = bond->signs;
		*signing = bond->signing;
	}
	OPENSSL_cleanse(&bonds, sizeof(bonds));
	return status;
}

enum status bond_counter(const bdaddr_t *adapter, const bdaddr_t *device,
			 uint8_t type, uint32_t next)
{
	char text[18];
	struct store store;
	struct bonds bonds;
	struct bond *bond;
	enum status status = bond_store_lock(adapter, &store);

	if (status)
		return status;
	status = bond_read(&store, &bonds);
	bond = status ? NULL : bond_find(&bonds, device, type);
	if (bond && !bond->signs)
		bond = NULL;
	ba2str(device, text);
	if (bond && bond->signing.next < next) {
		bond->signing.next = next;
		status = bond_write(&store, &bonds);
	} else if (bond) {
		diag_warn("%s signs with a counter that was already "
			  "used", text);
		status = STATUS_REFUSED;
	} else if (!status) {
		diag_error("the signing key of %s is no longer stored", text);
		status = STATUS_OTHER;
	}
	OPENSSL_cleanse(&bonds, sizeof(bonds));
	bond_store_close(&store);
	return status;
}
