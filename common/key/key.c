/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "base/read-file.h"
#include "key/tpm.h"
#include "key/tpm-key.h"

#define DIGEST_MAX 48
#define URI_MAX 4096
#define TPM2 "tpm2"
#define OBJECTS_MAX 16

struct key {
	OSSL_LIB_CTX *libctx;
	OSSL_PROVIDER *base, *own;
	const char *provider;	/* NULL: OpenSSL's default provider */
	EVP_PKEY *private;
	EVP_PKEY *public;
	bool p384;
	char *where;
	const struct secret *auth;	/* borrowed by key_load */
	bool asked;			/* OpenSSL has asked for a password */
};

bool key_in_tpm(const struct key *key)
{
	return key->provider && !strcmp(key->provider, TPM2);
}

EVP_PKEY *key_public(const struct key *key)
{
	return key->public;
}

/* Free everything that uses the TPM, so that others can use it. */
static void key_unload(struct key *key)
{
	EVP_PKEY_free(key->private);
	if (key->own)
		OSSL_PROVIDER_unload(key->own);
	if (key->base)
		OSSL_PROVIDER_unload(key->base);
	OSSL_LIB_CTX_free(key->libctx);
	key->private = NULL;
	key->own = key->base = NULL;
	key->libctx = NULL;
}

void key_free(struct key *key)
{
	if (!key)
		return;
	tpm_await();
	key_unload(key);
	tpm_answered();
	EVP_PKEY_free(key->public);
	free(key->where);
	free(key);
}

/* A store URI has a scheme of two letters or more; a path has none. */
static bool is_uri(const char *where)
{
	size_t n = strspn(where, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

	return n > 1 && where[n] == ':';
}

const char *key_path(const char *where)
{
	if (!strncmp(where, "file:", 5))
		where += 5;
	return is_uri(where) ? NULL : where;
}

const char *key_mode_fault(unsigned int mode, char text[KEY_FAULT_MAX])
{
	if (!(mode & 077))
		return NULL;
	snprintf(text, KEY_FAULT_MAX, "is open to others (mode %04o) and is "
		 "not used; chmod 600 it, and consider whether it is still "
		 "secret", mode & 07777);
	return text;
}

/* Read enough to recognise the file; the key itself is read later. */
static enum status key_check_file(const char *path, const char **provider)
{
	char text[4096], fault[KEY_FAULT_MAX];
	enum status status = STATUS_IDENTITY;
	struct stat st;
	ssize_t n = read_file(path, text, sizeof(text) - 1, &st);

	text[n > 0 ? n : 0] = '\0';
	if (!st.st_mode) {
		diag_error("cannot open the key `%s': %s", path,
			   strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		diag_error("the key `%s' is not a file; a PEM file is wanted",
			   path);
	} else if (key_mode_fault(st.st_mode, fault)) {
		diag_error("the key `%s' %s", path, fault);
	} else if (n <= 0) {
		diag_error("the key `%s' is empty", path);
	} else if (!strstr(text, "PRIVATE KEY-----")) {
		diag_error("the key `%s' is not a PEM private key", path);
	} else {
		if (strstr(text, "BEGIN TSS2 PRIVATE KEY"))
			*provider = TPM2;
		status = STATUS_OK;
	}
	OPENSSL_cleanse(text, sizeof(text));
	return status;
}

/* True if this is the number in "handle:0x81000002?pass". */
static bool is_handle(const char *text)
{
	size_t n = strncmp(text, "0x", 2) ? 0 :
		   strspn(text + 2, "0123456789abcdefABCDEF");

	return n >= 1 && n <= 8 && (!text[2 + n] || text[2 + n] == '?');
}

/*
 * Accept a scheme that a provider has a store for; for others, OpenSSL's own
 * message says less.
 */
static enum status key_check_uri(const char *uri, const char **provider)
{
	const bool handle = !strncmp(uri, "handle:", 7);

	if (!strncmp(uri, "pkcs11:", 7)) {
		*provider = "pkcs11";
		return STATUS_OK;
	}
	*provider = TPM2;
	if (handle ? is_handle(uri + 7) : !strncmp(uri, "object:", 7))
		return STATUS_OK;
	if (handle)
		diag_error("bad key `%s': a handle of the TPM is wanted, such "
			   "as handle:0x81000002; tpm2_getcap "
			   "handles-persistent shows those that are taken", uri);
	else
		diag_error("bad key `%s': its scheme is not known; a file is "
			   "wanted (./NAME if there is a colon in its name), "
			   "handle:0x81... or pkcs11:...", uri);
	return STATUS_IDENTITY;
}

static const char *key_properties(const struct key *key)
{
	if (!key->provider)
		return NULL;
	return key_in_tpm(key) ? "?provider=" TPM2 : "?provider=pkcs11";
}

static enum status key_load_providers(struct key *key)
{
	/* Otherwise the TSS prints lines of its own. */
	setenv("TSS2_LOG", "all+NONE", 0);
	setenv("TPM2OPENSSL_TCTI", tpm_tcti(), 1);
	key->libctx = OSSL_LIB_CTX_new();
	key->base = OSSL_PROVIDER_load(key->libctx, "default");
	if (!key->base) {
		diag_openssl("cannot load OpenSSL's default provider");
		return STATUS_OTHER;
	}
	if (!key->provider)
		return STATUS_OK;
	key->own = OSSL_PROVIDER_load(key->libctx, key->provider);
	if (key->own)
		return STATUS_OK;
	if (!key_in_tpm(key)) {
		diag_openssl("the key `%s' needs OpenSSL's provider `%s', "
			     "which does not load; install it", key->where,
			     key->provider);
		return STATUS_IDENTITY;
	}
	diag_openssl("no TPM answers at `%s' for the key `%s' (is tpm2-openssl "
		     "installed, may this user open it, is --tcti right?)",
		     tpm_tcti(), key->where);
	return STATUS_TPM;
}

/* Report why the key cannot be used, and release the TPM. */
static enum status key_fail(struct key *key, const char *what)
{
	const bool tpm = key_in_tpm(key), given = secret_text(key->auth);
	const bool unloaded = !key->private, unread = key->asked && unloaded;
	TSS2_RC rc = tpm ? tpm_openssl_rc() : TSS2_RC_SUCCESS;
	enum status status = STATUS_IDENTITY;

	key_unload(key);
	if (tpm && !rc && unloaded && key_path(key->where))
		rc = tpm_key_try(key->where);
	if ((tpm_auth_failed(rc) || (unread && !rc)) && !given) {
		diag_error("the key `%s' has a password: give it with "
			   "--key-auth ask, file:FILE or env:VARIABLE",
			   key->where);
	} else if (tpm_auth_failed(rc)) {
		diag_error("the password of --key-auth is not that of the key "
			   "`%s'; it was tried only once, because a TPM locks "
			   "after a few wrong ones", key->where);
	} else if (unread && !tpm) {
		diag_error("the password of --key-auth is not that of the key "
			   "`%s', or the file is damaged", key->where);
	} else if (rc) {
		status = tpm_fail(NULL, rc, "the TPM at `%s' %s the key `%s'",
				  tpm_tcti(), what, key->where);
	} else if (tpm) {
		diag_openssl("the TPM at `%s' %s the key `%s'", tpm_tcti(),
			     what, key->where);
		status = STATUS_TPM;
	} else {
		diag_openssl("OpenSSL %s the key `%s'", what, key->where);
	}
	ERR_clear_error();
	return status;
}

static int key_on_password(char *text, int size, int rwflag, void *arg)
{
	struct key *key = arg;
	const char *known = secret_text(key->auth);
	size_t n = known ? strlen(known) : 0;

	(void)rwflag;
	key->asked = true;
	if (!n || n > (size_t)size)
		return -1;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): OpenSSL's way */
	memcpy(text, known, n);
	return (int)n;
}

static enum status load_private(struct key *key)
{
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(key_on_password, 0);
	/*
	 * For an object without a file, tpm2-openssl asks for a password only
	 * if told to.
	 */
	const bool pass = key_in_tpm(key) && secret_text(key->auth) &&
			  !key_path(key->where) && !strchr(key->where, '?');
	char uri[URI_MAX];
	OSSL_STORE_CTX *store;
	OSSL_STORE_INFO *info;

	snprintf(uri, sizeof(uri), "%s%s", key->where, pass ? "?pass" : "");
	store = OSSL_STORE_open_ex(uri, key->libctx, key_properties(key), ui,
				   key, NULL, NULL, NULL);
	if (store)
		OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
	/*
	 * A store with an object that cannot be read, as without memory, never
	 * ends.
	 */
	for (int i = 0; store && !key->private && !OSSL_STORE_eof(store) &&
	     i < OBJECTS_MAX; i++) {
		info = OSSL_STORE_load(store);
		if (!info)
			continue;
		if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			key->private = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	UI_destroy_method(ui);
	return key->private ? STATUS_OK : key_fail(key, "does not load");
}

/*
 * A TPM checks the password when it signs, and counts wrong ones: try the
 * password once now, not in each session.  For an object without a file, only
 * this shows whether it has a password.
 */
static enum status try_password(struct key *key)
{
	uint8_t sig[KEY_SIGNATURE_MAX];
	size_t len;

	if (!key_in_tpm(key) || (!key->asked && key_path(key->where)))
		return STATUS_OK;
	return key_sign(key, "", 0, sig, &len);
}

/* Load the public half as a key of the default provider. */
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

	/* This also asks the TPM, which may have just gone away. */
	if (!ok && key_in_tpm(key) && EVP_PKEY_is_a(key->private, "EC"))
		return key_fail(key, "does not show");
	/* One provider's "prime256v1" is another's "P-256". */
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

enum status key_load(const char *where, const struct secret *auth,
		     struct key **out)
{
	struct key *key = calloc(1, sizeof(*key));
	const char *path = key_path(where);
	enum status status = STATUS_OK;

	if (key)
		key->where = strdup(path ? path : where);
	if (!key || !key->where)
		die(STATUS_OTHER, "out of memory");
	tpm_await();
	key->auth = auth;
	if (path)
		status = key_check_file(path, &key->provider);
	else
		status = key_check_uri(where, &key->provider);
	if (!status)
		status = key_load_providers(key);
	if (!status)
		status = load_private(key);
	if (!status)
		status = load_public(key);
	if (!status)
		status = try_password(key);
	if (status) {
		key_free(key);
		key = NULL;
	}
	tpm_answered();
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
	enum status status = STATUS_OK;
	bool ok;

	tpm_await();
	*sig_len = KEY_SIGNATURE_MAX;
	ctx = EVP_PKEY_CTX_new_from_pkey(key->libctx, key->private,
					 key_properties(key));
	ok = ctx && EVP_Q_digest(NULL, md, NULL, tbs, tbs_len, digest,
				 &digest_len) &&
	     EVP_PKEY_sign_init_ex(ctx, params) > 0 &&
	     EVP_PKEY_sign(ctx, sig, sig_len, digest, digest_len) > 0;
	EVP_PKEY_CTX_free(ctx);
	if (!ok)
		status = key_fail(key, "does not sign with");
	tpm_answered();
	return status;
}

enum status key_prove(struct key *key, EVP_PKEY *public)
{
	uint8_t challenge[32], sig[KEY_SIGNATURE_MAX];
	size_t len;
	EVP_MD_CTX *ctx;
	enum status status;
	bool ok;

	if (RAND_bytes(challenge, sizeof(challenge)) != 1) {
		diag_openssl("no random numbers");
		return STATUS_OTHER;
	}
	status = key_sign(key, challenge, sizeof(challenge), sig, &len);
	if (status)
		return status;
	ctx = EVP_MD_CTX_new();
	ok = ctx && public &&
	     EVP_DigestVerifyInit(ctx, NULL, key->p384 ? EVP_sha384() :
				  EVP_sha256(), NULL, public) == 1 &&
	     EVP_DigestVerify(ctx, sig, len, challenge,
			      sizeof(challenge)) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	if (ok)
		return STATUS_OK;
	diag_error("the key `%s' is not that of the certificate: what it signs "
		   "does not verify", key->where);
	return STATUS_IDENTITY;
}
