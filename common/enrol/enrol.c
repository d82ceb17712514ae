/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "enrol/enrol.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include "base/limits.h"
#include "base/lock-file.h"
#include "enrol/enrol-check.h"
#include "enrol/enrol-dir.h"
#include "pki/cert.h"

static bool add_sans(X509_REQ *req, const char *name, const char *sans)
{
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	X509_EXTENSION *extension;
	char *value;
	bool ok;

	if (asprintf(&value, "DNS:%s%s%s", name, *sans ? "," : "", sans) < 0)
		die(STATUS_OTHER, "out of memory");
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
					value);
	ok = extension && list && sk_X509_EXTENSION_push(list, extension);
	if (!ok)
		X509_EXTENSION_free(extension);
	ok = ok && X509_REQ_add_extensions(req, list);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	free(value);
	return ok;
}

/* Sign by hand, so that key_sign is the only use of a private key. */
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

static char *enrol_text(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

static char *enrol_text(const char *fmt, ...)
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

static enum status enrol_fail(const char *what, const char *path)
{
	diag_error("cannot %s `%s': %s", what, path, strerror(errno));
	return STATUS_IDENTITY;
}

/* Make the path absolute, even if it does not exist yet; its parent must. */
static char *resolve_dir(const char *dir)
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
		result = enrol_text("%s/%s", whole, basename(copy));
	free(whole);
	free(parent);
	free(copy);
	return result;
}

enum status enrol_begin(const char *dir, struct enrol *enrol)
{
	struct stat st;
	char *copy, *lock;
	enum status status;

	memset(enrol, 0, sizeof(*enrol));
	enrol->lock = -1;
	enrol->dir = resolve_dir(dir);
	if (!enrol->dir)
		return enrol_fail("find", dir);
	if (stat(enrol->dir, &st) < 0 && lstat(enrol->dir, &st) == 0) {
		diag_error("`%s' is a dangling link; make the directory, or "
			   "remove the link", enrol->dir);
		return STATUS_IDENTITY;
	}
	if (stat(enrol->dir, &st) == 0 && !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return enrol_fail("use", enrol->dir);
	}
	enrol->next = enrol_text("%s.next", enrol->dir);
	copy = strdup(enrol->dir);
	enrol->parent = strdup(dirname(copy));
	free(copy);
	lock = enrol_text("%s.lock", enrol->dir);
	status = lock_file_take(lock, &enrol->lock);
	free(lock);
	return status;
}

void enrol_end(struct enrol *enrol)
{
	lock_file_drop(enrol->lock);
	free(enrol->dir);
	free(enrol->next);
	free(enrol->parent);
}

bool enrol_has_key(const struct enrol *enrol, bool next)
{
	char *path = enrol_text("%s/key.pem", next ? enrol->next : enrol->dir);
	bool there = access(path, F_OK) == 0 || (!next && enrol->key);

	free(path);
	return there;
}

void enrol_waiting(const struct enrol *enrol, char words[ENROL_WAITING_MAX])
{
	char *path = enrol_text("%s/key.pem", enrol->next);
	char since[CERT_TIME_SIZE] = "";
	struct stat st;
	ASN1_TIME *made = stat(path, &st) < 0 ? NULL :
			  ASN1_TIME_set(NULL, st.st_mtime);

	if (made)
		cert_time(made, since);
	ASN1_TIME_free(made);
	free(path);
	snprintf(words, ENROL_WAITING_MAX, "`%s' has a key of %s that waits "
		 "for its certificate (of --csr --force, or --est)",
		 enrol->next, since);
}

/* Flush the file to disk, or report that this failed. */
static enum status finish_file(FILE *file, const char *name, bool ok)
{
	ok = ok && fflush(file) == 0 && fsync(fileno(file)) == 0;
	if (fclose(file) == 0 && ok)
		return STATUS_OK;
	return enrol_fail("write", name);
}

/*
 * Encrypt with PBES2 (RFC 8018); OpenSSL's default of 2048 rounds is too few.
 */
static bool write_encrypted(FILE *file, const EVP_PKEY *pkey, const char *auth)
{
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(pkey);
	X509_SIG *sealed = plain ? PKCS8_encrypt(-1, EVP_aes_256_cbc(), auth,
		(int)strlen(auth), NULL, 0, ENROL_PBKDF2_ROUNDS, plain) : NULL;
	bool ok = sealed && PEM_write_PKCS8(file, sealed) == 1;

	PKCS8_PRIV_KEY_INFO_free(plain);
	X509_SIG_free(sealed);
	return ok;
}

static enum status make_software_key(FILE *file, const char *auth)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	bool ok = pkey && (auth ? write_encrypted(file, pkey, auth) :
			   PEM_write_PrivateKey(file, pkey, NULL, NULL, 0,
						NULL, NULL) == 1);

	EVP_PKEY_free(pkey);
	if (ok)
		return STATUS_OK;
	diag_openssl("cannot make a key");
	return STATUS_OTHER;
}

enum status enrol_make_key(struct enrol *enrol, bool tpm,
			   const struct tpm_key_wish *wish)
{
	const bool had = enrol_has_key(enrol, true);
	char waiting[ENROL_WAITING_MAX];
	enum status status, written;
	FILE *file;

	if (had)
		enrol_waiting(enrol, waiting);
	status = enrol_dir_make(enrol, enrol->next);
	if (status)
		return status;
	if (had)
		diag_warn("%s; it is replaced by a new one", waiting);
	file = enrol_dir_create(enrol->next, "key.pem", 0600);
	if (!file)
		return STATUS_IDENTITY;
	status = tpm ? tpm_key_make(wish, file)
		     : make_software_key(file, wish->auth);
	if (!status && tpm)
		enrol->made = *wish;
	written = finish_file(file, "key.pem", true);
	if (status || written)
		enrol_discard(enrol);
	return status ? status : written;
}

enum status enrol_load_key(const struct enrol *enrol, bool next,
			   const struct secret *auth, struct key **key)
{
	char *path = enrol_text("%s/key.pem", next ? enrol->next : enrol->dir);
	enum status status = key_load(!next && enrol->key ? enrol->key : path,
				      auth, key);

	free(path);
	return status;
}

bool enrol_matches(const struct key *key, X509 *cert)
{
	bool match = EVP_PKEY_eq(key_public(key), X509_get0_pubkey(cert)) == 1;

	ERR_clear_error();
	return match;
}

static enum status write_certs(const char *dir, const char *name,
			       STACK_OF(X509) *certs)
{
	FILE *file = enrol_dir_create(dir, name, 0644);
	bool ok = true;

	if (!file)
		return STATUS_IDENTITY;
	for (int i = 0; ok && i < sk_X509_num(certs); i++)
		ok = PEM_write_X509(file, sk_X509_value(certs, i)) == 1;
	return finish_file(file, name, ok);
}

static enum status copy_file(int from, const char *to, const char *name,
			     mode_t mode)
{
	char buffer[4096];
	FILE *file = enrol_dir_create(to, name, mode & 0777);
	ssize_t n;
	bool ok = true;

	if (!file)
		return STATUS_IDENTITY;
	while (ok && (n = read(from, buffer, sizeof(buffer))) != 0)
		ok = n > 0 && fwrite(buffer, 1, (size_t)n, file) == (size_t)n;
	OPENSSL_cleanse(buffer, sizeof(buffer));
	return finish_file(file, name, ok);
}

static enum status copy_entry(const struct enrol *enrol, int dir,
			      const char *to, int next, const char *name)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;
	int fd;
	enum status status;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return enrol_fail("look at", name);
	if (S_ISLNK(st.st_mode)) {
		n = readlinkat(dir, name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		return n > 0 && symlinkat(target, next, name) == 0
			       ? STATUS_OK
			       : enrol_fail("copy the link", name);
	}
	if (!S_ISREG(st.st_mode)) {
		diag_error("`%s' holds `%s', which is not a file: move it away "
			   "first", enrol->dir, name);
		return STATUS_IDENTITY;
	}
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return enrol_fail("open", name);
	status = copy_file(fd, to, name, st.st_mode);
	close(fd);
	return status;
}

static bool is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/*
 * Copy the files that DIR has and the other directory lacks, such as crl.pem,
 * its lock, or the key.
 */
static enum status copy_rest(const struct enrol *enrol, const char *to)
{
	DIR *dir = enrol_dir_list(enrol->dir);
	int next = enrol_dir_open(to);
	const struct dirent *entry;
	enum status status = STATUS_OK;

	if (!dir || next < 0)
		status = enrol_fail("open", dir ? to : enrol->dir);
	while (!status && (errno = 0, entry = readdir(dir)))
		if (is_entry(entry) && faccessat(next, entry->d_name, F_OK,
						 AT_SYMLINK_NOFOLLOW) < 0)
			status = copy_entry(enrol, dirfd(dir), to, next,
					    entry->d_name);
	if (!status && errno)
		status = enrol_fail("read", enrol->dir);
	if (dir)
		closedir(dir);
	if (next >= 0)
		close(next);
	return status;
}

/* Give the directory and its files the mode and the owner of DIR. */
static enum status take_over(const char *path, const struct stat *st)
{
	DIR *dir = enrol_dir_list(path);
	const struct dirent *entry;
	bool ok = dir && fchmod(dirfd(dir), st->st_mode & 0777) == 0;

	if (st->st_uid == geteuid() && st->st_gid == getegid())
		goto done;
	while (ok && (entry = readdir(dir)))
		ok = !is_entry(entry) ||
		     fchownat(dirfd(dir), entry->d_name, st->st_uid,
			      st->st_gid, AT_SYMLINK_NOFOLLOW) == 0;
	ok = ok && fchown(dirfd(dir), st->st_uid, st->st_gid) == 0;
done:
	if (!ok)
		enrol_fail("set the owner of", path);
	if (dir)
		closedir(dir);
	return ok ? STATUS_OK : STATUS_IDENTITY;
}

static void sync_dir(const char *path)
{
	int fd = enrol_dir_open(path);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

void enrol_discard(struct enrol *enrol)
{
	tpm_key_evict(&enrol->made);
	enrol->made.persistent = 0;
	enrol_dir_remove(enrol, enrol->next);
}

/*
 * Exchange the two in one step.  replaces describes DIR; NULL if there is none.
 */
static enum status put_in_place(const struct enrol *enrol, const char *from,
				const struct stat *replaces)
{
	enum status status = replaces ? copy_rest(enrol, from) : STATUS_OK;

	if (!status && replaces)
		status = take_over(from, replaces);
	if (status)
		return status;
	sync_dir(from);
	if (renameat2(AT_FDCWD, from, AT_FDCWD, enrol->dir,
		      replaces ? RENAME_EXCHANGE : RENAME_NOREPLACE) < 0)
		return enrol_fail("put the new identity in place of",
				  enrol->dir);
	sync_dir(enrol->parent);
	return STATUS_OK;
}

static enum status commit_set(const struct enrol *enrol, const char *from)
{
	struct stat st;
	int files;
	enum status status;

	if (stat(enrol->dir, &st) < 0)
		return put_in_place(enrol, from, NULL);
	/* A crl.pem that is fetched meanwhile must not be lost. */
	status = enrol_lock_files(enrol->dir, &files);
	if (!status)
		status = put_in_place(enrol, from, &st);
	lock_file_drop(files);
	if (!status)
		enrol_dir_remove(enrol, from);
	return status;
}

enum status enrol_commit(struct enrol *enrol)
{
	return commit_set(enrol, enrol->next);
}

/* Copy the key: whatever happens, it is still in DIR.next. */
static enum status copy_next_key(const struct enrol *enrol, const char *to)
{
	int next = enrol_dir_open(enrol->next);
	int fd = next < 0 ? -1 : openat(next, "key.pem", O_RDONLY | O_NOFOLLOW |
					O_CLOEXEC);
	enum status status = fd < 0 ? enrol_fail("open the key in", enrol->next)
				    : copy_file(fd, to, "key.pem", 0600);

	if (fd >= 0)
		close(fd);
	if (next >= 0)
		close(next);
	return status;
}

/* Write the identity as a set into a directory of its own. */
static enum status prepare_set(const struct enrol *enrol, const char *dir,
			       bool next, STACK_OF(X509) *chain,
			       STACK_OF(X509) *anchors)
{
	enum status status = enrol_dir_make(enrol, dir);

	if (!status && next)
		status = copy_next_key(enrol, dir);
	if (!status)
		status = write_certs(dir, "cert.pem", chain);
	if (!status)
		status = write_certs(dir, "ca.pem", anchors);
	return status;
}

/* Remove DIR.next if DIR now has its key; else report that it stays. */
static void settle_next(const struct enrol *enrol, bool next)
{
	char waiting[ENROL_WAITING_MAX];

	if (next) {
		enrol_dir_remove(enrol, enrol->next);
	} else if (enrol_has_key(enrol, true)) {
		enrol_waiting(enrol, waiting);
		diag_warn("%s; it stays there; remove that directory if no "
			  "certificate will come for it", waiting);
	}
}

enum status enrol_install(struct enrol *enrol, bool next, struct key *key,
			  STACK_OF(X509) *chain, STACK_OF(X509) *anchors)
{
	const bool same = enrol_same_ca(enrol, anchors);
	STACK_OF(X509_CRL) *crls;
	enum status status;
	char *dir;

	if (!enrol_matches(key, sk_X509_value(chain, 0))) {
		diag_error("the certificate is refused: it was made for "
			   "another key than that in `%s'", enrol->dir);
		return STATUS_IDENTITY;
	}
	status = enrol_check_own_crls(enrol, chain, anchors, &crls);
	if (!status)
		status = enrol_check_chain(chain, anchors, crls);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	if (status)
		return status;
	dir = enrol_text("%s.new", enrol->dir);
	status = prepare_set(enrol, dir, next, chain, anchors);
	if (!status)
		status = commit_set(enrol, dir);
	if (status)
		enrol_dir_remove(enrol, dir);
	else
		settle_next(enrol, next);
	free(dir);
	if (!status && !same)
		diag_warn("`%s' trusts another CA from now on; peers with "
			  "certificates of the previous CA are refused",
			  enrol->dir);
	return status;
}
