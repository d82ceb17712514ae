/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "enrol.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cert.h"
#include "tpm-key.h"

#define LOCK_MS 30000

static char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *text(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		die(STATUS_OTHER, "out of memory");
	return s;
}

static enum status fail(const char *what, const char *path)
{
	diag_error("cannot %s `%s': %s", what, path, strerror(errno));
	return STATUS_IDENTITY;
}

/* Absolute, also if it does not exist yet; its parent must. */
static char *resolve(const char *dir)
{
	char *whole = realpath(dir, NULL), *copy, *parent, *result = NULL;

	if (whole || errno != ENOENT)
		return whole;
	copy = strdup(dir);
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	parent = strdup(copy);
	whole = realpath(dirname(parent), NULL);
	if (whole)
		result = text("%s/%s", whole, basename(copy));
	free(whole);
	free(parent);
	free(copy);
	return result;
}

enum status enrol_begin(const char *dir, struct enrol *enrol)
{
	struct stat st;
	char *copy;

	memset(enrol, 0, sizeof(*enrol));
	enrol->lock = -1;
	enrol->dir = resolve(dir);
	if (!enrol->dir)
		return fail("find", dir);
	if (stat(enrol->dir, &st) < 0 && lstat(enrol->dir, &st) == 0) {
		diag_error("`%s' is a link to what is not there; make the "
			   "directory, or remove the link", enrol->dir);
		return STATUS_IDENTITY;
	}
	if (stat(enrol->dir, &st) == 0 && !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return fail("use", enrol->dir);
	}
	enrol->next = text("%s.next", enrol->dir);
	copy = strdup(enrol->dir);
	enrol->parent = strdup(dirname(copy));
	free(copy);
	enrol->lock = open(enrol->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (enrol->lock < 0)
		return fail("open", enrol->parent);
	for (int ms = 0; flock(enrol->lock, LOCK_EX | LOCK_NB) < 0; ms += 100) {
		if (ms >= LOCK_MS) {
			diag_error("another blesec-provision works in `%s'",
				   enrol->parent);
			return STATUS_IDENTITY;
		}
		usleep(100000);
	}
	return STATUS_OK;
}

void enrol_end(struct enrol *enrol)
{
	if (enrol->lock >= 0)
		close(enrol->lock);
	free(enrol->dir);
	free(enrol->next);
	free(enrol->parent);
}

bool enrol_has_key(const struct enrol *enrol, bool next)
{
	char *path = text("%s/key.pem", next ? enrol->next : enrol->dir);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

/* A directory of files, one level: all that an identity is. */
static void remove_dir(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

static enum status fresh_next(const struct enrol *enrol)
{
	const mode_t mask = umask(0);

	/* A mask may take the directory from others, not from its owner. */
	umask(mask & 077);
	remove_dir(enrol->next);
	if (mkdir(enrol->next, 0755) < 0) {
		umask(mask);
		return fail("make the directory", enrol->next);
	}
	umask(mask);
	return STATUS_OK;
}

/* A new file in DIR.next, whatever the umask. */
static FILE *create(const struct enrol *enrol, const char *name, mode_t mode)
{
	char *path = text("%s/%s", enrol->next, name);
	int fd;
	FILE *file = NULL;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd >= 0 && fchmod(fd, mode) == 0)
		file = fdopen(fd, "w");
	if (!file) {
		fail("create", path);
		if (fd >= 0)
			close(fd);
	}
	free(path);
	return file;
}

/* On the disk, or said that it is not. */
static enum status finish(FILE *file, const char *name, bool ok)
{
	ok = ok && fflush(file) == 0 && fsync(fileno(file)) == 0;
	if (fclose(file) == 0 && ok)
		return STATUS_OK;
	return fail("write", name);
}

enum status enrol_make_key(struct enrol *enrol, bool tpm)
{
	EVP_PKEY *pkey;
	FILE *file;
	enum status status = fresh_next(enrol), written;

	if (status)
		return status;
	file = create(enrol, "key.pem", 0600);
	if (!file)
		return STATUS_IDENTITY;
	if (tpm) {
		status = tpm_key_make(file);
	} else {
		pkey = EVP_EC_gen("P-256");
		if (!pkey || !PEM_write_PrivateKey(file, pkey, NULL, NULL, 0,
						   NULL, NULL)) {
			diag_openssl("cannot make a key");
			status = STATUS_OTHER;
		}
		EVP_PKEY_free(pkey);
	}
	written = finish(file, "key.pem", true);
	if (status || written)
		remove_dir(enrol->next);
	return status ? status : written;
}

enum status enrol_load_key(const struct enrol *enrol, bool next,
			   struct key **key)
{
	char *path = text("%s/key.pem", next ? enrol->next : enrol->dir);
	enum status status = key_load(path, key);

	free(path);
	return status;
}

static bool add_sans(X509_REQ *req, const char *name, const char *sans)
{
	char *value = text("DNS:%s%s%s", name, *sans ? "," : "", sans);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL,
		NID_subject_alt_name, value);
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	bool ok = extension && list && sk_X509_EXTENSION_push(list, extension);

	if (!ok)
		X509_EXTENSION_free(extension);
	ok = ok && X509_REQ_add_extensions(req, list);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	free(value);
	return ok;
}

/* Signed by hand, so that key_sign is all that a private key ever does. */
static enum status sign_request(X509_REQ *req, struct key *key)
{
	int nid = EVP_PKEY_get_bits(key_public(key)) == 384 ?
		NID_ecdsa_with_SHA384 : NID_ecdsa_with_SHA256;
	X509_ALGOR *algorithm = X509_ALGOR_new();
	ASN1_BIT_STRING *signature = ASN1_BIT_STRING_new();
	uint8_t sig[KEY_SIGNATURE_MAX];
	unsigned char *tbs = NULL;
	size_t len;
	int tbs_len = i2d_re_X509_REQ_tbs(req, &tbs);
	enum status status = STATUS_OTHER;

	if (algorithm && signature && tbs_len > 0)
		status = key_sign(key, tbs, (size_t)tbs_len, sig, &len);
	if (!status) {
		X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_UNDEF,
				NULL);
		ASN1_BIT_STRING_set(signature, sig, (int)len);
		signature->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 7);
		signature->flags |= ASN1_STRING_FLAG_BITS_LEFT;
		X509_REQ_set1_signature_algo(req, algorithm);
		X509_REQ_set0_signature(req, signature);
		signature = NULL;
	}
	OPENSSL_free(tbs);
	X509_ALGOR_free(algorithm);
	ASN1_BIT_STRING_free(signature);
	return status;
}

enum status enrol_request(struct key *key, const char *name, const char *sans,
			  X509_REQ **out)
{
	X509_REQ *req = X509_REQ_new();
	X509_NAME *subject = X509_NAME_new();
	enum status status = STATUS_OTHER;

	if (!req || !subject || !X509_REQ_set_version(req, 0) ||
	    !X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
					(const unsigned char *)name, -1, -1,
					0) ||
	    !X509_REQ_set_subject_name(req, subject) ||
	    !X509_REQ_set_pubkey(req, key_public(key))) {
		diag_openssl("cannot make a request");
	} else if (!add_sans(req, name, sans)) {
		diag_openssl("bad subjectAltName in `%s': DNS:NAME or URI:... "
			     "is wanted", sans);
		status = STATUS_USAGE;
	} else {
		status = sign_request(req, key);
	}
	X509_NAME_free(subject);
	if (status) {
		X509_REQ_free(req);
		req = NULL;
	}
	*out = req;
	return status;
}

bool enrol_matches(const struct key *key, X509 *cert)
{
	bool match = EVP_PKEY_eq(key_public(key), X509_get0_pubkey(cert)) == 1;

	ERR_clear_error();
	return match;
}

static enum status check_chain(STACK_OF(X509) *chain, STACK_OF(X509) *anchors)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *leaf = sk_X509_value(chain, 0);
	const char *fault = cert_form_fault(leaf), *about = "";
	char name[CERT_NAME_MAX + 1];
	int error;
	bool ok = store && ctx;

	/* As identity_load, which would refuse it later. */
	if (!fault && !cert_name(leaf, name))
		fault = "it names no device";
	if (!fault && sk_X509_num(chain) > CERT_CHAIN_MAX)
		fault = "more than 4 certificates";
	if (!fault)
		fault = cert_usage_fault(leaf, true, true);
	for (int i = 0; ok && i < sk_X509_num(anchors); i++)
		ok = X509_STORE_add_cert(store, sk_X509_value(anchors, i));
	ok = ok && X509_STORE_CTX_init(ctx, store, leaf, chain) &&
	     !fault && X509_verify_cert(ctx) == 1;
	if (!ok && !fault) {
		error = X509_STORE_CTX_get_error(ctx);
		fault = X509_verify_cert_error_string(error);
		if (error == X509_V_ERR_CERT_NOT_YET_VALID ||
		    error == X509_V_ERR_CERT_HAS_EXPIRED)
			about = "; is the clock here right?";
	}
	if (!ok)
		diag_error("the certificate is refused: %s%s", fault, about);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	return ok ? STATUS_OK : STATUS_IDENTITY;
}

static enum status write_certs(const struct enrol *enrol, const char *name,
			       STACK_OF(X509) *certs)
{
	FILE *file = create(enrol, name, 0644);
	bool ok = true;

	if (!file)
		return STATUS_IDENTITY;
	for (int i = 0; ok && i < sk_X509_num(certs); i++)
		ok = PEM_write_X509(file, sk_X509_value(certs, i)) == 1;
	return finish(file, name, ok);
}

static enum status copy_file(const struct enrol *enrol, int from,
			     const char *name, mode_t mode)
{
	char buffer[4096];
	FILE *file = create(enrol, name, mode & 0777);
	ssize_t n;
	bool ok = true;

	if (!file)
		return STATUS_IDENTITY;
	while (ok && (n = read(from, buffer, sizeof(buffer))) != 0)
		ok = n > 0 && fwrite(buffer, 1, (size_t)n, file) == (size_t)n;
	OPENSSL_cleanse(buffer, sizeof(buffer));
	return finish(file, name, ok);
}

static enum status copy_entry(const struct enrol *enrol, int dir,
			      const char *name)
{
	char target[PATH_MAX], *path;
	struct stat st;
	ssize_t n;
	int fd;
	enum status status;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail("look at", name);
	if (S_ISLNK(st.st_mode)) {
		n = readlinkat(dir, name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		path = text("%s/%s", enrol->next, name);
		status = n > 0 && symlink(target, path) == 0 ?
			STATUS_OK : fail("copy the link", name);
		free(path);
		return status;
	}
	if (!S_ISREG(st.st_mode)) {
		diag_error("`%s' holds `%s', which is not a file: move it away "
			   "first", enrol->dir, name);
		return STATUS_IDENTITY;
	}
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail("open", name);
	status = copy_file(enrol, fd, name, st.st_mode);
	close(fd);
	return status;
}

static bool is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* What DIR has and DIR.next lacks: a crl.pem, say, or the key itself. */
static enum status copy_rest(const struct enrol *enrol)
{
	DIR *dir = opendir(enrol->dir);
	int next = open(enrol->next, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	enum status status = STATUS_OK;

	if (!dir || next < 0)
		status = fail("open", dir ? enrol->next : enrol->dir);
	while (!status && (errno = 0, entry = readdir(dir)))
		if (is_entry(entry) && faccessat(next, entry->d_name, F_OK,
						 AT_SYMLINK_NOFOLLOW) < 0)
			status = copy_entry(enrol, dirfd(dir), entry->d_name);
	if (!status && errno)
		status = fail("read", enrol->dir);
	if (dir)
		closedir(dir);
	if (next >= 0)
		close(next);
	return status;
}

/* All of DIR.next gets the mode and the owner of DIR. */
static enum status take_over(const struct enrol *enrol, const struct stat *st)
{
	DIR *next = opendir(enrol->next);
	const struct dirent *entry;
	bool ok = next && fchmod(dirfd(next), st->st_mode & 0777) == 0;

	if (st->st_uid == geteuid() && st->st_gid == getegid())
		goto done;
	while (ok && (entry = readdir(next)))
		ok = !is_entry(entry) ||
		     fchownat(dirfd(next), entry->d_name, st->st_uid,
			      st->st_gid, AT_SYMLINK_NOFOLLOW) == 0;
	ok = ok && fchown(dirfd(next), st->st_uid, st->st_gid) == 0;
done:
	if (!ok)
		fail("set the owner of", enrol->next);
	if (next)
		closedir(next);
	return ok ? STATUS_OK : STATUS_IDENTITY;
}

static void sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

void enrol_discard(const struct enrol *enrol)
{
	remove_dir(enrol->next);
}

enum status enrol_commit(struct enrol *enrol)
{
	struct stat st;
	bool replaces = stat(enrol->dir, &st) == 0;
	enum status status = replaces ? copy_rest(enrol) : STATUS_OK;

	if (!status && replaces)
		status = take_over(enrol, &st);
	if (status)
		return status;
	sync_dir(enrol->next);
	if (renameat2(AT_FDCWD, enrol->next, AT_FDCWD, enrol->dir,
		      replaces ? RENAME_EXCHANGE : RENAME_NOREPLACE) < 0)
		return fail("put the new identity in place of", enrol->dir);
	sync_dir(enrol->parent);
	if (replaces)
		remove_dir(enrol->next);
	return STATUS_OK;
}

enum status enrol_install(struct enrol *enrol, bool next, struct key *key,
			  STACK_OF(X509) *chain, STACK_OF(X509) *anchors)
{
	enum status status;

	if (!enrol_matches(key, sk_X509_value(chain, 0))) {
		diag_error("the certificate is refused: it was made for "
			   "another key than that in `%s'", enrol->dir);
		return STATUS_IDENTITY;
	}
	status = check_chain(chain, anchors);
	if (!status && !next)
		status = fresh_next(enrol);
	if (!status)
		status = write_certs(enrol, "cert.pem", chain);
	if (!status)
		status = write_certs(enrol, "ca.pem", anchors);
	if (!status)
		status = enrol_commit(enrol);
	return status;
}
