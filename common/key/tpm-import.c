/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/tpm-import.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <tss2/tss2_mu.h>

#include "pki/cert.h"
#include "key/tpm.h"

struct password {
	const char *text;	/* NULL: none is known */
	bool asked;
};

static int import_on_password(char *text, int size, int rwflag, void *arg)
{
	struct password *password = arg;
	size_t n = password->text ? strlen(password->text) : 0;

	(void)rwflag;
	password->asked = true;
	if (!n || n > (size_t)size)
		return -1;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): OpenSSL's way */
	memcpy(text, password->text, n);
	return (int)n;
}

static bool is_tss2(FILE *file)
{
	char *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	long len = 0;
	bool is;

	rewind(file);
	is = PEM_read(file, &name, &header, &data, &len) == 1 &&
	     !strcmp(name, "TSS2 PRIVATE KEY");
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_clear_free(data, len > 0 ? (size_t)len : 0);
	return is;
}

static void import_explain(const char *path, FILE *file,
			   const struct password *password)
{
	if (password->asked && !password->text)
		diag_error("`%s' is not taken in: it is encrypted; give its "
			   "password with --key-auth ask, file:FILE or "
			   "env:VARIABLE", path);
	else if (password->asked)
		diag_error("`%s' is not taken in: --key-auth is not its "
			   "password, or it is damaged", path);
	else if (is_tss2(file))
		diag_error("`%s' is not taken in: it is a key of a TPM "
			   "already; use it where it is, with --key %s", path,
			   path);
	else
		diag_error("`%s' is not taken in: it is not a PEM private key",
			   path);
	ERR_clear_error();
}

static EVP_PKEY *import_read(const struct tpm_key_wish *wish)
{
	struct password password = { .text = wish->auth };
	FILE *file = cert_open(wish->import, "a private key's file");
	struct stat st;
	EVP_PKEY *pkey;

	if (!file)
		return NULL;
	pkey = PEM_read_PrivateKey(file, NULL, import_on_password, &password);
	if (!pkey)
		import_explain(wish->import, file, &password);
	else if (fstat(fileno(file), &st) == 0 && (st.st_mode & 077))
		diag_warn("`%s' is open to others (mode %04o): take it that "
			  "they know the key, and have a new one made instead",
			  wish->import, (unsigned int)st.st_mode & 07777);
	fclose(file);
	return pkey;
}

/* False if it is not on one of the two curves. */
static bool import_fill(const EVP_PKEY *pkey, TPM2B_PUBLIC *public,
			TPMT_SENSITIVE *sensitive)
{
	TPMS_ECC_PARMS *ecc = &public->publicArea.parameters.eccDetail;
	TPMS_ECC_POINT *unique = &public->publicArea.unique.ecc;
	uint8_t point[97];
	char group[32] = "";
	BIGNUM *d = NULL;
	size_t len = 0, n;
	bool p384, ok;

	ok = EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL);
	p384 = ok && OBJ_sn2nid(group) == NID_secp384r1;
	n = p384 ? 48 : 32;
	ok = ok && (p384 || OBJ_sn2nid(group) == NID_X9_62_prime256v1) &&
	     EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY,
					     point, sizeof(point), &len) &&
	     len == 1 + 2 * n && point[0] == 4 &&
	     EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) &&
	     BN_bn2binpad(d, sensitive->sensitive.ecc.buffer, (int)n) == (int)n;
	BN_clear_free(d);
	if (!ok)
		return false;
	sensitive->sensitiveType = TPM2_ALG_ECC;
	sensitive->sensitive.ecc.size = (UINT16)n;
	unique->x.size = unique->y.size = (UINT16)n;
	memcpy(unique->x.buffer, point + 1, n);
	memcpy(unique->y.buffer, point + 1 + n, n);
	if (p384) {
		ecc->curveID = TPM2_ECC_NIST_P384;
		ecc->scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA384;
	}
	public->publicArea.objectAttributes &= ~(TPMA_OBJECT)(
		TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
		TPMA_OBJECT_SENSITIVEDATAORIGIN);
	return true;
}

enum status tpm_import(ESYS_CONTEXT *esys, ESYS_TR parent,
		       const struct tpm_key_wish *wish, TPM2B_PUBLIC *public,
		       TPM2B_PRIVATE **private)
{
	const TPMT_SYM_DEF_OBJECT no_cipher = { .algorithm = TPM2_ALG_NULL };
	const TPM2B_ENCRYPTED_SECRET no_seed = { 0 };
	const TPM2B_DATA no_key = { 0 };
	TPM2B_SENSITIVE sensitive = { 0 };
	TPM2B_PRIVATE plain = { 0 };
	size_t len = 0;
	TSS2_RC rc;
	enum status status = STATUS_OK;
	EVP_PKEY *pkey = import_read(wish);

	if (!pkey)
		return STATUS_IDENTITY;
	if (!import_fill(pkey, public, &sensitive.sensitiveArea)) {
		diag_error("`%s' is not taken in: it is not an EC key on P-256 "
			   "or P-384", wish->import);
		status = STATUS_IDENTITY;
		goto done;
	}
	if (wish->auth) {
		TPM2B_AUTH *auth = &sensitive.sensitiveArea.authValue;

		auth->size = (UINT16)strlen(wish->auth);
		memcpy(auth->buffer, wish->auth, auth->size);
	}
	rc = Tss2_MU_TPM2B_SENSITIVE_Marshal(&sensitive, plain.buffer,
					     sizeof(plain.buffer), &len);
	plain.size = (UINT16)len;
	if (!rc)
		rc = Esys_Import(esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
				 ESYS_TR_NONE, &no_key, public, &plain,
				 &no_seed, &no_cipher, private);
	if (rc)
		status = tpm_fail(esys, rc, "the TPM does not take in the key "
				  "of `%s'", wish->import);
done:
	OPENSSL_cleanse(&sensitive, sizeof(sensitive));
	OPENSSL_cleanse(&plain, sizeof(plain));
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return status;
}
