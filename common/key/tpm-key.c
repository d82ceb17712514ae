/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/tpm-key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include "base/read-file.h"
#include "key/tpm.h"
#include "pki/cert.h"

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

enum status tpm_key_write(FILE *file, uint32_t parent, bool has_auth,
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
		content->empty_auth = has_auth ? 0 : 0xff;
		ok = content->type &&
		     ASN1_INTEGER_set_uint64(content->parent, parent) &&
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

struct loadable {
	TPM2B_PUBLIC public;
	TPM2B_PRIVATE private;
	uint64_t parent;
};

/* The two halves of the key in the file, and the handle of its parent. */
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
	FILE *file = read_file_open(path, "a key's file");
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

	/*
	 * The TPM refuses a public half that does not match the private half.
	 */
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
			 "was made elsewhere, or can be exported: it lacks%s",
			 lacks);
	/*
	 * A key could leave the TPM only with a policy that allows it
	 * (TPM2_Duplicate).
	 */
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
