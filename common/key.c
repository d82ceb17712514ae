/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/store.h>

#include "tpm.h"

#define DIGEST_MAX 48

struct key {
	OSSL_LIB_CTX *libctx;
	OSSL_PROVIDER *base, *tpm2;
	EVP_PKEY *private;
	EVP_PKEY *public;
	bool p384;
	char *where;
};

bool key_in_tpm(const struct key *key)
{
	return key->tpm2;
}

EVP_PKEY *key_public(const struct key *key)
{
	return key->public;
}

void key_free(struct key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->private);
	EVP_PKEY_free(key->public);
	if (key->tpm2)
		OSSL_PROVIDER_unload(key->tpm2);
	if (key->base)
		OSSL_PROVIDER_unload(key->base);
	OSSL_LIB_CTX_free(key->libctx);
	free(key->where);
	free(key);
}

/* A store URI has a scheme; a path has none, or is taken for a file's. */
static bool is_uri(const char *where)
{
	size_t n = strspn(where, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

	return n > 1 && where[n] == ':';
}

/* Reads what it takes to know what the file is; the key itself comes later. */
static enum status check_file(const char *path, bool *tpm)
{
	char text[4096] = "";
	enum status status = STATUS_IDENTITY;
	struct stat st;
	/* Of a FIFO, open would wait for a writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file || fstat(fd, &st) < 0) {
		diag_error("cannot open the key `%s': %s", path,
			   strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		diag_error("the key `%s' is not a file; a PEM file is wanted",
			   path);
	} else if (st.st_mode & 077) {
		diag_error("the key `%s' is open to others (mode %04o) and is "
			   "not used; chmod 600 it, and think of whether it is "
			   "still secret", path, (unsigned int)st.st_mode &
			   07777);
	} else if (!fread(text, 1, sizeof(text) - 1, file)) {
		diag_error("the key `%s' is empty", path);
	} else if (strstr(text, "ENCRYPTED")) {
		diag_error("the key `%s' is protected by a passphrase, which "
			   "is not supported", path);
	} else if (!strstr(text, "PRIVATE KEY-----")) {
		diag_error("the key `%s' is not a PEM private key", path);
	} else {
		*tpm = strstr(text, "BEGIN TSS2 PRIVATE KEY");
		status = STATUS_OK;
	}
	if (file)
		fclose(file);
	OPENSSL_cleanse(text, sizeof(text));
	return status;
}

static enum status load_providers(struct key *key, bool tpm)
{
	/* The TSS prints its own lines otherwise. */
	setenv("TSS2_LOG", "all+NONE", 0);
	setenv("TPM2OPENSSL_TCTI", tpm_tcti(), 1);
	key->libctx = OSSL_LIB_CTX_new();
	key->base = OSSL_PROVIDER_load(key->libctx, "default");
	if (!key->base) {
		diag_openssl("cannot load OpenSSL's default provider");
		return STATUS_OTHER;
	}
	if (!tpm)
		return STATUS_OK;
	key->tpm2 = OSSL_PROVIDER_load(key->libctx, "tpm2");
	if (key->tpm2)
		return STATUS_OK;
	diag_openssl("no TPM answers at `%s' for the key `%s' (is tpm2-openssl "
		     "installed, may this user open it, is --tcti right?)",
		     tpm_tcti(), key->where);
	return STATUS_TPM;
}

static enum status load_private(struct key *key)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open_ex(key->where, key->libctx,
		key->tpm2 ? "?provider=tpm2" : NULL, NULL, NULL, NULL, NULL,
		NULL);
	OSSL_STORE_INFO *info;

	if (store)
		OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
	while (store && !key->private && !OSSL_STORE_eof(store)) {
		info = OSSL_STORE_load(store);
		if (!info)
			continue;
		if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			key->private = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	if (key->private)
		return STATUS_OK;
	if (key->tpm2)
		diag_openssl("the TPM at `%s' does not load the key `%s'",
			     tpm_tcti(), key->where);
	else
		diag_openssl("cannot load the key `%s'", key->where);
	return key->tpm2 ? STATUS_TPM : STATUS_IDENTITY;
}

/* The public half as a key of the default provider. */
static enum status load_public(struct key *key)
{
	char group[32];
	uint8_t point[97];
	size_t len = 0;
	int nid;
	OSSL_PARAM params[3];
	EVP_PKEY_CTX *ctx = NULL;
	bool ok = EVP_PKEY_get_group_name(key->private, group, sizeof(group),
					  NULL) &&
		  EVP_PKEY_get_octet_string_param(key->private,
			OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len);

	/* Even this is asked of the TPM, which may have gone just now. */
	if (!ok && key->tpm2 && EVP_PKEY_is_a(key->private, "EC")) {
		diag_openssl("the TPM does not show the key `%s'", key->where);
		return STATUS_TPM;
	}
	/* "prime256v1" of one provider is the "P-256" of another. */
	nid = ok ? OBJ_sn2nid(group) : NID_undef;
	if (ok && nid == NID_undef)
		nid = EC_curve_nist2nid(group);
	key->p384 = nid == NID_secp384r1;
	ok = key->p384 || nid == NID_X9_62_prime256v1;
	if (ok) {
		params[0] = OSSL_PARAM_construct_utf8_string(
			OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
		params[1] = OSSL_PARAM_construct_octet_string(
			OSSL_PKEY_PARAM_PUB_KEY, point, len);
		params[2] = OSSL_PARAM_construct_end();
		ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
		ok = ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
		     EVP_PKEY_fromdata(ctx, &key->public, EVP_PKEY_PUBLIC_KEY,
				       params) > 0;
		EVP_PKEY_CTX_free(ctx);
	}
	ERR_clear_error();
	if (ok)
		return STATUS_OK;
	diag_error("the key `%s' is not an EC key on P-256 or P-384",
		   key->where);
	return STATUS_IDENTITY;
}

enum status key_load(const char *where, struct key **out)
{
	struct key *key = calloc(1, sizeof(*key));
	bool tpm = true;
	enum status status;

	if (!key)
		die(STATUS_OTHER, "out of memory");
	if (!strncmp(where, "file:", 5))
		where += 5;
	key->where = strdup(where);
	status = is_uri(where) ? STATUS_OK : check_file(where, &tpm);
	if (!status)
		status = load_providers(key, tpm);
	if (!status)
		status = load_private(key);
	if (!status)
		status = load_public(key);
	if (status) {
		key_free(key);
		key = NULL;
	}
	*out = key;
	return status;
}

enum status key_sign(struct key *key, const void *tbs, size_t tbs_len,
		     uint8_t *sig, size_t *sig_len)
{
	const char *md = key->p384 ? "SHA384" : "SHA256";
	OSSL_PARAM params[2] = {
		OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
						 (char *)md, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx;
	uint8_t digest[DIGEST_MAX];
	size_t digest_len;
	bool ok;

	*sig_len = KEY_SIGNATURE_MAX;
	ctx = EVP_PKEY_CTX_new_from_pkey(key->libctx, key->private,
		key->tpm2 ? "?provider=tpm2" : NULL);
	ok = ctx && EVP_Q_digest(NULL, md, NULL, tbs, tbs_len, digest,
				 &digest_len) &&
	     EVP_PKEY_sign_init_ex(ctx, params) > 0 &&
	     EVP_PKEY_sign(ctx, sig, sig_len, digest, digest_len) > 0;
	EVP_PKEY_CTX_free(ctx);
	if (ok)
		return STATUS_OK;
	diag_openssl("the key `%s' does not sign%s", key->where,
		     key->tpm2 ? ": the TPM refuses or does not answer" : "");
	return key->tpm2 ? STATUS_TPM : STATUS_OTHER;
}
