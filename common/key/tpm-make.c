/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/tpm-make.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include "base/read-file.h"
#include "key/tpm.h"
#include "key/tpm-key.h"
#include "pki/cert.h"

#define PARENT_ATTRIBUTES                                                     \
	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                     \
	 TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |         \
	 TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

static const TPM2B_PUBLIC parent_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = PARENT_ATTRIBUTES,
		.parameters.eccDetail = {
			.symmetric = {
				.algorithm = TPM2_ALG_AES,
				.keyBits.aes = 128,
				.mode.aes = TPM2_ALG_CFB,
			},
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
	},
};

static const TPM2B_PUBLIC key_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes =
			TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN |
			TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
			TPMA_OBJECT_SIGN_ENCRYPT,
		.parameters.eccDetail = {
			.symmetric.algorithm = TPM2_ALG_NULL,
			.scheme = {
				.scheme = TPM2_ALG_ECDSA,
				.details.ecdsa.hashAlg = TPM2_ALG_SHA256,
			},
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
	},
};

struct password {
	const char *text;	/* NULL: no cause is known */
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
		diag_error("`%s' is not imported: it is encrypted; give its "
			   "password with --key-auth ask, file:FILE or "
			   "env:VARIABLE", path);
	else if (password->asked)
		diag_error("`%s' is not imported: --key-auth is not its "
			   "password, or it is damaged", path);
	else if (is_tss2(file))
		diag_error("`%s' is not imported: it is a key of a TPM "
			   "already; use it where it is, with --key %s", path,
			   path);
	else
		diag_error("`%s' is not imported: it is not a PEM private key",
			   path);
	ERR_clear_error();
}

static EVP_PKEY *import_read(const struct tpm_key_wish *wish)
{
	struct password password = { .text = wish->auth };
	FILE *file = read_file_open(wish->import, "a private key's file");
	struct stat st;
	EVP_PKEY *pkey;

	if (!file)
		return NULL;
	pkey = PEM_read_PrivateKey(file, NULL, import_on_password, &password);
	if (!pkey)
		import_explain(wish->import, file, &password);
	else if (fstat(fileno(file), &st) == 0 && (st.st_mode & 077))
		diag_warn("`%s' is open to others (mode %04o): assume that "
			  "they know the key, and make a new one instead",
			  wish->import, (unsigned int)st.st_mode & 07777);
	fclose(file);
	return pkey;
}

/* False if the key is not on one of the two curves. */
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

/*
 * Have the TPM wrap the EC key (P-256 or P-384) of the PEM file wish->import
 * under the parent (TCG, "TPM 2.0 Library, Part 3", TPM2_Import).  public comes
 * with the attributes of the key to be made; what is of this key is filled in.
 *
 * Returns STATUS_OK and a private half that Esys_Free frees; STATUS_IDENTITY
 * (the file) or STATUS_TPM, having said why.
 */
static enum status import_key(ESYS_CONTEXT *esys, ESYS_TR parent,
			      const struct tpm_key_wish *wish,
			      TPM2B_PUBLIC *public, TPM2B_PRIVATE **private)
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
		diag_error("`%s' is not imported: it is not an EC key on P-256 "
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
		status = tpm_fail(esys, rc, "the TPM does not import the key "
				  "of `%s'", wish->import);
done:
	OPENSSL_cleanse(&sensitive, sizeof(sensitive));
	OPENSSL_cleanse(&plain, sizeof(plain));
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return status;
}

/* Report why a command that needs the owner hierarchy failed. */
static enum status owner_fail(ESYS_CONTEXT *esys, TSS2_RC rc,
			      const struct tpm_key_wish *wish, const char *what,
			      TPM2_HANDLE handle)
{
	if (!tpm_auth_failed(rc))
		return tpm_fail(esys, rc, "the TPM refuses to %s 0x%08x", what,
				handle);
	diag_error("the TPM refuses to %s 0x%08x: its owner has %s password: "
		   "give it with --owner-auth ask, file:FILE or env:VARIABLE",
		   what, handle, wish->owner_auth ? "another" : "a");
	return STATUS_IDENTITY;
}

static enum status check_parent(ESYS_CONTEXT *esys, ESYS_TR parent,
				TPM2_HANDLE handle)
{
	TPM2B_PUBLIC *public = NULL;
	TSS2_RC rc = Esys_ReadPublic(esys, parent, ESYS_TR_NONE, ESYS_TR_NONE,
				     ESYS_TR_NONE, &public, NULL, NULL);
	TPMA_OBJECT wanted = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
	TPMA_OBJECT is = rc ? 0 : public->publicArea.objectAttributes;

	Esys_Free(public);
	if (rc)
		return tpm_fail(esys, rc, "the TPM refuses to show the object "
				"at 0x%08x", handle);
	if ((is & wanted) != wanted)
		diag_error("the object at 0x%08x in the TPM is not a storage "
			   "key: name another handle with --parent, or move it "
			   "away with tpm2_evictcontrol first", handle);
	else if (!(is & TPMA_OBJECT_USERWITHAUTH))
		diag_error("the object at 0x%08x in the TPM has a policy of "
			   "its own, as an endorsement key has: name another "
			   "handle with --parent", handle);
	else
		return STATUS_OK;
	return STATUS_TPM;
}

static enum status make_parent(ESYS_CONTEXT *esys,
			       const struct tpm_key_wish *wish, ESYS_TR *parent)
{
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	ESYS_TR primary;
	TSS2_RC rc = Esys_CreatePrimary(esys, ESYS_TR_RH_OWNER,
					ESYS_TR_PASSWORD, ESYS_TR_NONE,
					ESYS_TR_NONE, &sensitive,
					&parent_template, &outside, &pcrs,
					&primary, NULL, NULL, NULL, NULL);

	if (rc)
		return owner_fail(esys, rc, wish, "make a storage key for",
				  wish->parent);
	rc = Esys_EvictControl(esys, ESYS_TR_RH_OWNER, primary,
			       ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
			       wish->parent, parent);
	Esys_FlushContext(esys, primary);
	return rc ? owner_fail(esys, rc, wish, "keep a storage key at",
			       wish->parent) : STATUS_OK;
}

static bool handle_exists(ESYS_CONTEXT *esys, TPM2_HANDLE handle)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	bool there = !Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE,
					 ESYS_TR_NONE, TPM2_CAP_HANDLES,
					 handle, 1, NULL, &data) &&
		     data->data.handles.count > 0 &&
		     data->data.handles.handle[0] == handle;

	Esys_Free(data);
	return there;
}

static enum status find_parent(ESYS_CONTEXT *esys,
			       const struct tpm_key_wish *wish, ESYS_TR *parent)
{
	TSS2_RC rc;

	if (!handle_exists(esys, wish->parent))
		return make_parent(esys, wish, parent);
	rc = Esys_TR_FromTPMPublic(esys, wish->parent, ESYS_TR_NONE,
				   ESYS_TR_NONE, ESYS_TR_NONE, parent);
	return rc ? tpm_fail(esys, rc, "the TPM refuses to use the storage "
			     "key at 0x%08x", wish->parent)
		  : check_parent(esys, *parent, wish->parent);
}

/*
 * Give ESYS the password of the owner hierarchy; it does not know it by itself.
 */
static void set_owner_auth(ESYS_CONTEXT *esys, const struct tpm_key_wish *wish)
{
	TPM2B_AUTH auth = { 0 };

	if (!wish->owner_auth)
		return;
	auth.size = (UINT16)strlen(wish->owner_auth);
	memcpy(auth.buffer, wish->owner_auth, auth.size);
	Esys_TR_SetAuth(esys, ESYS_TR_RH_OWNER, &auth);
	OPENSSL_cleanse(&auth, sizeof(auth));
}

/* Check what can be checked before anything is changed. */
static enum status check_wish(ESYS_CONTEXT *esys,
			      const struct tpm_key_wish *wish)
{
	if ((wish->auth && strlen(wish->auth) > TPM_KEY_AUTH_MAX) ||
	    (wish->owner_auth &&
	     strlen(wish->owner_auth) > TPM_KEY_AUTH_MAX)) {
		diag_error("a password in the TPM has at most %d octets",
			   TPM_KEY_AUTH_MAX);
		return STATUS_IDENTITY;
	}
	if (!wish->persistent || !handle_exists(esys, wish->persistent))
		return STATUS_OK;
	diag_error("the handle 0x%08x is taken: name another one with "
		   "--persistent (tpm2_getcap handles-persistent lists them), "
		   "or remove what is there with tpm2_evictcontrol -c 0x%08x",
		   wish->persistent, wish->persistent);
	return STATUS_TPM;
}

static enum status create_key(ESYS_CONTEXT *esys, ESYS_TR parent,
			      const struct tpm_key_wish *wish,
			      TPM2B_PUBLIC **public, TPM2B_PRIVATE **private)
{
	TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	TPM2B_AUTH *auth = &sensitive.sensitive.userAuth;
	TPM2B_PUBLIC template = key_template;
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	enum status status;
	TSS2_RC rc;

	if (wish->auth)
		template.publicArea.objectAttributes &=
			~(TPMA_OBJECT)TPMA_OBJECT_NODA;
	if (wish->import) {
		status = import_key(esys, parent, wish, &template, private);
		*public = status ? NULL : malloc(sizeof(template));
		if (*public)
			**public = template;
		return status;
	}
	if (wish->auth) {
		auth->size = (UINT16)strlen(wish->auth);
		memcpy(auth->buffer, wish->auth, auth->size);
	}
	rc = Esys_Create(esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
			 ESYS_TR_NONE, &sensitive, &template, &outside, &pcrs,
			 private, public, NULL, NULL, NULL);
	OPENSSL_cleanse(&sensitive, sizeof(sensitive));
	if (!tpm_auth_failed(rc))
		return rc ? tpm_fail(esys, rc, "the TPM refuses to make a key")
			  : STATUS_OK;
	diag_error("the storage key at 0x%08x has a password of its own: name "
		   "another handle with --parent", wish->parent);
	return STATUS_TPM;
}

static enum status persist_key(ESYS_CONTEXT *esys, ESYS_TR parent,
			       const struct tpm_key_wish *wish,
			       const TPM2B_PUBLIC *public,
			       const TPM2B_PRIVATE *private)
{
	ESYS_TR key, kept;
	TSS2_RC rc = Esys_Load(esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
			       ESYS_TR_NONE, private, public, &key);

	if (rc)
		return tpm_fail(esys, rc, "the TPM refuses to load the key it "
				"made");
	rc = Esys_EvictControl(esys, ESYS_TR_RH_OWNER, key, ESYS_TR_PASSWORD,
			       ESYS_TR_NONE, ESYS_TR_NONE, wish->persistent,
			       &kept);
	Esys_FlushContext(esys, key);
	return rc ? owner_fail(esys, rc, wish, "keep the key at",
			       wish->persistent) : STATUS_OK;
}

enum status tpm_key_make(const struct tpm_key_wish *wish, FILE *file)
{
	TPM2B_PUBLIC *public = NULL;
	TPM2B_PRIVATE *private = NULL;
	ESYS_CONTEXT *esys;
	ESYS_TR parent = ESYS_TR_NONE;
	enum status status = tpm_open(&esys, true);

	if (status)
		return status;
	set_owner_auth(esys, wish);
	status = check_wish(esys, wish);
	if (!status)
		status = find_parent(esys, wish, &parent);
	if (!status)
		status = create_key(esys, parent, wish, &public, &private);
	if (!status)
		status = tpm_key_write(file, wish->parent, wish->auth, public,
				       private);
	if (!status && wish->persistent)
		status = persist_key(esys, parent, wish, public, private);
	Esys_Free(private);
	Esys_Free(public);
	tpm_close(&esys);
	return status;
}

void tpm_key_evict(const struct tpm_key_wish *wish)
{
	ESYS_CONTEXT *esys;
	ESYS_TR key, none;

	if (!wish->persistent || tpm_open(&esys, false))
		return;
	set_owner_auth(esys, wish);
	if (Esys_TR_FromTPMPublic(esys, wish->persistent, ESYS_TR_NONE,
				  ESYS_TR_NONE, ESYS_TR_NONE, &key) ||
	    Esys_EvictControl(esys, ESYS_TR_RH_OWNER, key, ESYS_TR_PASSWORD,
			      ESYS_TR_NONE, ESYS_TR_NONE, 0, &none))
		diag_warn("the discarded key stays in the TPM at 0x%08x: "
			  "remove it with tpm2_evictcontrol -c 0x%08x",
			  wish->persistent, wish->persistent);
	tpm_close(&esys);
}
