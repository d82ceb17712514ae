/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/est-attributes.h"

#include <stdio.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

/* What enrol_request makes, for a key of so many bits. */
static bool is_given(int nid, int bits)
{
	switch (nid) {
	case NID_X9_62_id_ecPublicKey:
	case NID_commonName:
	case NID_subject_alt_name:
		return true;
	case NID_X9_62_prime256v1:
	case NID_ecdsa_with_SHA256:
	case NID_sha256:
		return bits == 256;
	case NID_secp384r1:
	case NID_ecdsa_with_SHA384:
	case NID_sha384:
		return bits == 384;
	default:
		return false;
	}
}

static bool add_wish(struct est_wishes *wishes, const ASN1_OBJECT *oid,
		     int bits)
{
	struct est_wish *wish = &wishes->list[wishes->count];

	if (wishes->count == EST_WISHES_MAX)
		return false;
	wishes->count++;
	/* Of a long one, the beginning. */
	OBJ_obj2txt(wish->name, sizeof(wish->name), oid, 0);
	wish->given = is_given(OBJ_obj2nid(oid), bits);
	return true;
}

/* Extensions, of an extensionRequest. */
static bool add_extensions(struct est_wishes *wishes, const ASN1_STRING *value,
			   int bits)
{
	const unsigned char *p = ASN1_STRING_get0_data(value);
	STACK_OF(X509_EXTENSION) *list = d2i_X509_EXTENSIONS(NULL, &p,
		ASN1_STRING_length(value));
	bool ok = list;

	for (int i = 0; ok && i < sk_X509_EXTENSION_num(list); i++)
		ok = add_wish(wishes, X509_EXTENSION_get_object(
				      sk_X509_EXTENSION_value(list, i)), bits);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return ok;
}

/* A type and its values, each of which is a wish if it is an OID. */
static bool add_attribute(struct est_wishes *wishes, const ASN1_STRING *der,
			  int bits)
{
	const unsigned char *p = ASN1_STRING_get0_data(der);
	const int len = ASN1_STRING_length(der);
	X509_ATTRIBUTE *attribute = d2i_X509_ATTRIBUTE(NULL, &p, len);
	const ASN1_OBJECT *type;
	const ASN1_TYPE *value;
	bool ok = attribute && p == ASN1_STRING_get0_data(der) + len, known;

	type = ok ? X509_ATTRIBUTE_get0_object(attribute) : NULL;
	known = ok && OBJ_obj2nid(type) == NID_ext_req;
	if (ok && !known)
		ok = add_wish(wishes, type, bits);
	for (int i = 0; ok && i < X509_ATTRIBUTE_count(attribute); i++) {
		value = X509_ATTRIBUTE_get0_type(attribute, i);
		if (ASN1_TYPE_get(value) == V_ASN1_OBJECT)
			ok = add_wish(wishes, value->value.object, bits);
		else if (known)
			ok = ASN1_TYPE_get(value) == V_ASN1_SEQUENCE &&
			     add_extensions(wishes, value->value.sequence,
					    bits);
	}
	X509_ATTRIBUTE_free(attribute);
	return ok;
}

bool est_wishes_parse(const uint8_t *der, size_t len, int bits,
		      struct est_wishes *wishes, struct est_fault *fault)
{
	const unsigned char *p = der;
	ASN1_SEQUENCE_ANY *list = len <= EST_BODY_MAX ?
		d2i_ASN1_SEQUENCE_ANY(NULL, &p, (long)len) : NULL;
	bool ok = list && (size_t)(p - der) == len;
	const ASN1_TYPE *item;

	wishes->count = 0;
	for (int i = 0; ok && i < sk_ASN1_TYPE_num(list); i++) {
		item = sk_ASN1_TYPE_value(list, i);
		if (ASN1_TYPE_get(item) == V_ASN1_OBJECT)
			ok = add_wish(wishes, item->value.object, bits);
		else
			ok = ASN1_TYPE_get(item) == V_ASN1_SEQUENCE &&
			     add_attribute(wishes, item->value.sequence, bits);
	}
	sk_ASN1_TYPE_pop_free(list, ASN1_TYPE_free);
	ERR_clear_error();
	if (ok)
		return true;
	wishes->count = 0;
	snprintf(fault->text, sizeof(fault->text), "it is not a CsrAttrs, or "
		 "one of more than %d: %zu octets", EST_WISHES_MAX, len);
	return false;
}
