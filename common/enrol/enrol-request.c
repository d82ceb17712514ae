/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "enrol/enrol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

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
