/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/tpm-key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <tss2/tss2_mu.h>

#include "pki/cert.h"
#include "key/tpm.h"
#include "key/tpm-import.h"

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

/* TPMKey of the draft "ASN.1 Specification for TPM 2.0 Key Files". */
typedef struct {
	ASN1_OBJECT *type;
	ASN1_BOOLEAN empty_auth;
	ASN1_INTEGER *parent;
	ASN1_OCTET_STRING *pubkey;
	ASN1_OCTET_STRING *privkey;
} TPM_KEY_FILE;

ASN1_SEQUENCE(TPM_KEY_FILE) = {
	ASN1_SIMPLE(TPM_KEY_FILE, type, ASN1_OBJECT),
	ASN1_EXP_OPT(TPM_KEY_FILE, empty_auth, ASN1_BOOLEAN, 0),
	ASN1_SIMPLE(TPM_KEY_FILE, parent, ASN1_INTEGER),
	ASN1_SIMPLE(TPM_KEY_FILE, pubkey, ASN1_OCTET_STRING),
	ASN1_SIMPLE(TPM_KEY_FILE, privkey, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(TPM_KEY_FILE)

static enum status write_key_file(FILE *file, const struct tpm_key_wish *wish,
				  const TPM2B_PUBLIC *public,
				  const TPM2B_PRIVATE *private)
{
	TPM_KEY_FILE *content = (TPM_KEY_FILE *)ASN1_item_new(
		ASN1_ITEM_rptr(TPM_KEY_FILE));
	uint8_t pub[sizeof(*public)], priv[sizeof(*private)];
	size_t pub_len = 0, priv_len = 0;
	unsigned char *der = NULL;
	int len;
	bool ok;

	ok = content &&
	     !Tss2_MU_TPM2B_PUBLIC_Marshal(public, pub, sizeof(pub),
					   &pub_len) &&
	     !Tss2_MU_TPM2B_PRIVATE_Marshal(private, priv, sizeof(priv),
					    &priv_len);
	if (ok) {
		ASN1_OBJECT_free(content->type);
		content->type = OBJ_txt2obj("2.23.133.10.1.3", 1);
		content->empty_auth = wish->auth ? 0 : 0xff;
		ok = content->type &&
		     ASN1_INTEGER_set_uint64(content->parent,
					     wish->parent) &&
		     ASN1_OCTET_STRING_set(content->pubkey, pub,
					   (int)pub_len) &&
		     ASN1_OCTET_STRING_set(content->privkey, priv,
					   (int)priv_len);
	}
	len = ok ? ASN1_item_i2d((ASN1_VALUE *)content, &der,
				 ASN1_ITEM_rptr(TPM_KEY_FILE)) : -1;
	ok = len > 0 && PEM_write(file, "TSS2 PRIVATE KEY", "", der, len);
	OPENSSL_free(der);
	ASN1_item_free((ASN1_VALUE *)content, ASN1_ITEM_rptr(TPM_KEY_FILE));
	if (ok)
		return STATUS_OK;
	diag_openssl("cannot write the key's file");
	return STATUS_OTHER;
}

/* What the owner hierarchy was asked for has failed. */
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
		return tpm_fail(esys, rc, "the TPM refuses to show what is at "
				"0x%08x", handle);
	if ((is & wanted) != wanted)
		diag_error("what is at 0x%08x in the TPM is not a storage key: "
			   "name another handle with --parent, or move it away "
			   "with tpm2_evictcontrol first", handle);
	else if (!(is & TPMA_OBJECT_USERWITHAUTH))
		diag_error("what is at 0x%08x in the TPM has a policy of its "
			   "own, as an endorsement key has: name another "
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

/* For the owner hierarchy, of which ESYS knows nothing by itself. */
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

/* What can be known before anything is done. */
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
		status = tpm_import(esys, parent, wish, &template, private);
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
		status = write_key_file(file, wish, public, private);
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
		diag_warn("the key that is given up stays in the TPM at "
			  "0x%08x: remove it with tpm2_evictcontrol -c 0x%08x",
			  wish->persistent, wish->persistent);
	tpm_close(&esys);
}

struct loadable {
	TPM2B_PUBLIC public;
	TPM2B_PRIVATE private;
	uint64_t parent;
};

/* The two halves of the key in the file, and its parent. */
static bool parse_key_file(FILE *file, struct loadable *key)
{
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	const unsigned char *p;
	TPM_KEY_FILE *content = NULL;
	size_t at = 0, also_at = 0;
	long len = 0;
	bool ok = PEM_read(file, &name, &header, &der, &len) == 1 &&
		  !strcmp(name, "TSS2 PRIVATE KEY");

	memset(key, 0, sizeof(*key));
	p = der;
	if (ok)
		content = (TPM_KEY_FILE *)ASN1_item_d2i(NULL, &p, len,
			ASN1_ITEM_rptr(TPM_KEY_FILE));
	ok = content &&
	     ASN1_INTEGER_get_uint64(&key->parent, content->parent) == 1 &&
	     key->parent <= UINT32_MAX &&
	     !Tss2_MU_TPM2B_PUBLIC_Unmarshal(
			ASN1_STRING_get0_data(content->pubkey),
			(size_t)ASN1_STRING_length(content->pubkey), &at,
			&key->public) &&
	     !Tss2_MU_TPM2B_PRIVATE_Unmarshal(
			ASN1_STRING_get0_data(content->privkey),
			(size_t)ASN1_STRING_length(content->privkey), &also_at,
			&key->private);
	ASN1_item_free((ASN1_VALUE *)content, ASN1_ITEM_rptr(TPM_KEY_FILE));
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	ERR_clear_error();
	return ok;
}

static enum status read_key_file(const char *path, struct loadable *key)
{
	FILE *file = cert_open(path, "a key's file");
	bool ok;

	if (!file)
		return STATUS_IDENTITY;
	ok = parse_key_file(file, key);
	fclose(file);
	if (ok && key->parent >> 24 == TPM2_HT_PERSISTENT)
		return STATUS_OK;
	if (ok)
		diag_error("the parent 0x%08x of the key is not a persistent "
			   "one", (unsigned int)key->parent);
	else
		diag_error("the key's file is not a `TSS2 PRIVATE KEY' as "
			   "blesec-provision writes it");
	return STATUS_IDENTITY;
}

static TSS2_RC load_loadable(ESYS_CONTEXT *esys, const struct loadable *file,
			     ESYS_TR *key)
{
	ESYS_TR parent;
	TSS2_RC rc = Esys_TR_FromTPMPublic(esys, (TPM2_HANDLE)file->parent,
					   ESYS_TR_NONE, ESYS_TR_NONE,
					   ESYS_TR_NONE, &parent);

	/* It refuses a public half that is not the one of the private half. */
	return rc ? rc : Esys_Load(esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
				   ESYS_TR_NONE, &file->private, &file->public,
				   key);
}

TSS2_RC tpm_key_try(const char *path)
{
	FILE *file = fopen(path, "re");
	struct loadable loadable;
	ESYS_CONTEXT *esys;
	ESYS_TR key;
	TSS2_RC rc = TSS2_RC_SUCCESS;
	bool ok = file && parse_key_file(file, &loadable) &&
		  loadable.parent >> 24 == TPM2_HT_PERSISTENT;

	if (file)
		fclose(file);
	if (!ok || tpm_open(&esys, false))
		return rc;
	rc = load_loadable(esys, &loadable, &key);
	if (!rc)
		Esys_FlushContext(esys, key);
	tpm_close(&esys);
	return rc;
}

static void judge_public(const TPMT_PUBLIC *shown,
			 char fault[TPM_KEY_FAULT_MAX], bool *imported)
{
	static const struct {
		TPMA_OBJECT bit;
		const char *lacks;
	} wanted[] = {
		{ TPMA_OBJECT_FIXEDTPM, " fixedTPM" },
		{ TPMA_OBJECT_FIXEDPARENT, " fixedParent" },
		{ TPMA_OBJECT_SENSITIVEDATAORIGIN, " sensitiveDataOrigin" },
	};
	char lacks[80] = "";

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (!(shown->objectAttributes & wanted[i].bit))
			strcat(lacks, wanted[i].lacks);
	fault[0] = '\0';
	if (lacks[0])
		snprintf(fault, TPM_KEY_FAULT_MAX, "the TPM holds it, but it "
			 "was made elsewhere, or may leave: it lacks%s", lacks);
	/* To leave, it would need a policy that says so (TPM2_Duplicate). */
	*imported = !(shown->objectAttributes & TPMA_OBJECT_SENSITIVEDATAORIGIN) &&
		    !shown->authPolicy.size;
}

enum status tpm_key_judge(const char *where, char fault[TPM_KEY_FAULT_MAX],
			  bool *imported)
{
	const bool kept = !strncmp(where, "handle:", 7);
	struct loadable loadable;
	TPM2B_PUBLIC *shown = NULL;
	ESYS_CONTEXT *esys = NULL;
	ESYS_TR key = ESYS_TR_NONE;
	TSS2_RC rc;
	enum status status = kept ? STATUS_OK : read_key_file(where, &loadable);

	if (!status)
		status = tpm_open(&esys, true);
	if (status)
		return status;
	rc = kept ? Esys_TR_FromTPMPublic(esys,
			(TPM2_HANDLE)strtoul(where + 7, NULL, 0), ESYS_TR_NONE,
			ESYS_TR_NONE, ESYS_TR_NONE, &key)
		  : load_loadable(esys, &loadable, &key);
	if (!rc)
		rc = Esys_ReadPublic(esys, key, ESYS_TR_NONE, ESYS_TR_NONE,
				     ESYS_TR_NONE, &shown, NULL, NULL);
	if (!rc)
		judge_public(&shown->publicArea, fault, imported);
	else
		status = tpm_fail(esys, rc, "the TPM refuses to load and show "
				  "the key");
	Esys_Free(shown);
	if (!kept && key != ESYS_TR_NONE)
		Esys_FlushContext(esys, key);
	tpm_close(&esys);
	return status;
}
