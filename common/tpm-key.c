/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "tpm-key.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <tss2/tss2_mu.h>

#include "tpm.h"

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

static enum status write_file(FILE *file, const TPM2B_PUBLIC *public,
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
		content->empty_auth = 0xff;
		ok = content->type &&
		     ASN1_INTEGER_set_uint64(content->parent,
					     TPM_KEY_PARENT) &&
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

static enum status check_parent(ESYS_CONTEXT *esys, ESYS_TR parent)
{
	TPM2B_PUBLIC *public = NULL;
	TSS2_RC rc = Esys_ReadPublic(esys, parent, ESYS_TR_NONE, ESYS_TR_NONE,
				     ESYS_TR_NONE, &public, NULL, NULL);
	TPMA_OBJECT wanted = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
	bool storage = !rc && (public->publicArea.objectAttributes & wanted) ==
			      wanted;

	Esys_Free(public);
	if (rc)
		return tpm_fail("show what is at 0x81000001", rc);
	if (storage)
		return STATUS_OK;
	diag_error("what is at 0x81000001 in the TPM is not a storage key: it "
		   "must be moved away (tpm2_evictcontrol) first");
	return STATUS_TPM;
}

static enum status make_parent(ESYS_CONTEXT *esys, ESYS_TR *parent)
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
		return tpm_fail("make a storage key", rc);
	rc = Esys_EvictControl(esys, ESYS_TR_RH_OWNER, primary,
			       ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
			       TPM_KEY_PARENT, parent);
	Esys_FlushContext(esys, primary);
	return rc ? tpm_fail("keep a storage key at 0x81000001", rc)
		  : STATUS_OK;
}

static bool parent_exists(ESYS_CONTEXT *esys)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	bool there = !Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE,
					 ESYS_TR_NONE, TPM2_CAP_HANDLES,
					 TPM_KEY_PARENT, 1, NULL, &data) &&
		     data->data.handles.count > 0 &&
		     data->data.handles.handle[0] == TPM_KEY_PARENT;

	Esys_Free(data);
	return there;
}

static enum status find_parent(ESYS_CONTEXT *esys, ESYS_TR *parent)
{
	TSS2_RC rc;

	if (!parent_exists(esys))
		return make_parent(esys, parent);
	rc = Esys_TR_FromTPMPublic(esys, TPM_KEY_PARENT, ESYS_TR_NONE,
				   ESYS_TR_NONE, ESYS_TR_NONE, parent);
	return rc ? tpm_fail("use the storage key at 0x81000001", rc)
		  : check_parent(esys, *parent);
}

enum status tpm_key_make(FILE *file)
{
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	TPM2B_PUBLIC *public = NULL;
	TPM2B_PRIVATE *private = NULL;
	ESYS_CONTEXT *esys;
	ESYS_TR parent = ESYS_TR_NONE;
	TSS2_RC rc;
	enum status status = tpm_open(&esys, true);

	if (status)
		return status;
	status = find_parent(esys, &parent);
	if (!status) {
		rc = Esys_Create(esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
				 ESYS_TR_NONE, &sensitive, &key_template,
				 &outside, &pcrs, &private, &public, NULL,
				 NULL, NULL);
		if (rc)
			status = tpm_fail("make a key", rc);
	}
	if (!status)
		status = write_file(file, public, private);
	Esys_Free(private);
	Esys_Free(public);
	tpm_close(&esys);
	return status;
}
