/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/est-answer.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"

__attribute__((format(printf, 2, 3)))
static void est_say(struct est_fault *fault, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
	va_end(ap);
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/=";

/*
 * Count the digits, including the padding.  Returns 0 with the fault if there
 * are none, or if there is anything else.
 */
static size_t count_digits(const char *text, size_t len, size_t *padding,
			   struct est_fault *fault)
{
	size_t digits = 0;

	*padding = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] && strchr(" \t\r\n", text[i]))
			continue;
		if (!text[i] || !strchr(base64, text[i])) {
			est_say(fault, "its base64 has 0x%02x at octet %zu",
				(unsigned int)(uint8_t)text[i], i);
			return 0;
		}
		digits++;
		*padding += text[i] == '=';
	}
	if (!digits)
		est_say(fault, "it is empty");
	return digits;
}

uint8_t *est_base64(const char *text, size_t len, size_t *octets,
		    struct est_fault *fault)
{
	size_t padding, digits = count_digits(text, len, &padding, fault);
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	uint8_t *out = len <= INT_MAX ? malloc(len / 4 * 3 + 3) : NULL;
	int used = 0, rest = 0;

	if (!out || !ctx) {
		est_say(fault, "out of memory");
		digits = 0;
	}
	if (digits) {
		EVP_DecodeInit(ctx);
		if (EVP_DecodeUpdate(ctx, out, &used,
				     (const unsigned char *)text,
				     (int)len) < 0 ||
		    EVP_DecodeFinal(ctx, out + used, &rest) < 0) {
			est_say(fault, "its base64 ends after %zu digits, %zu "
				"of them '='", digits, padding);
			digits = 0;
		}
	}
	EVP_ENCODE_CTX_free(ctx);
	*octets = (size_t)used + (size_t)rest;
	if (digits)
		return out;
	free(out);
	return NULL;
}

/* Returns NULL with the fault unless this is a plain bag of certificates. */
static const STACK_OF(X509) *certs_only(const PKCS7 *p7,
					struct est_fault *fault)
{
	const PKCS7_SIGNED *bag;
	char name[80] = "";
	int count;

	if (!PKCS7_type_is_signed(p7)) {
		OBJ_obj2txt(name, sizeof(name), p7->type, 0);
		est_say(fault, "its PKCS#7 is not certs-only: its type is `%s'",
			name);
		return NULL;
	}
	bag = p7->d.sign;
	if (!bag || !bag->contents || PKCS7_get_detached((PKCS7 *)p7) != 1) {
		est_say(fault,
			"its PKCS#7 is not certs-only: it has a content");
		return NULL;
	}
	count = sk_PKCS7_SIGNER_INFO_num(bag->signer_info);
	if (count > 0) {
		est_say(fault,
			"its PKCS#7 is not certs-only: it has %d signature(s)",
			count);
		return NULL;
	}
	count = sk_X509_num(bag->cert);
	if (count < 1 || count > EST_CERTS_MAX) {
		est_say(fault, "it has %d certificates, 1 to %d are wanted",
			count < 0 ? 0 : count, EST_CERTS_MAX);
		return NULL;
	}
	return bag->cert;
}

STACK_OF(X509) *est_certificates(const uint8_t *der, size_t len,
				 struct est_fault *fault)
{
	const unsigned char *p = der;
	PKCS7 *p7 = len <= EST_BODY_MAX ? d2i_PKCS7(NULL, &p, (long)len) : NULL;
	const STACK_OF(X509) *bag;
	STACK_OF(X509) *certs = NULL;

	ERR_clear_error();
	if (!p7) {
		est_say(fault, "it is not a PKCS#7, of %zu octets", len);
		return NULL;
	}
	if ((size_t)(p - der) != len) {
		est_say(fault, "%zu octets follow its PKCS#7",
			len - (size_t)(p - der));
	} else {
		bag = certs_only(p7, fault);
		if (bag)
			certs = X509_chain_up_ref((STACK_OF(X509) *)bag);
		if (bag && !certs)
			est_say(fault, "out of memory");
	}
	PKCS7_free(p7);
	ERR_clear_error();
	return certs;
}

/* Skip the blanks before a token. */
static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

bool est_type_is(const char *type, const char *wanted)
{
	const char *p = type ? skip_blanks(type) : "", *value;
	size_t len = strlen(wanted);

	if (strncasecmp(p, wanted, len))
		return false;
	p = skip_blanks(p + len);
	while (*p == ';') {
		p = skip_blanks(p + 1);
		if (!strncasecmp(p, "smime-type=", 11)) {
			value = p + 11 + (p[11] == '"');
			if (strncasecmp(value, "certs-only", 10) ||
			    (value[10] && !strchr("\"; \t", value[10])))
				return false;
		}
		p += strcspn(p, ";");
	}
	return !*p;
}

long est_retry_after(const char *value, time_t now)
{
	const size_t digits = strspn(value, "0123456789");
	time_t then;

	if (*value && !value[digits]) {
		const unsigned long number = strtoul(value, NULL, 10);

		return number > EST_RETRY_MAX ? EST_RETRY_MAX : (long)number;
	}
	then = curl_getdate(value, NULL);
	if (then == -1)
		return -1;
	if (then <= now)
		return 0;
	return then - now > EST_RETRY_MAX ? EST_RETRY_MAX : (long)(then - now);
}

static void subject_of(X509 *cert, char *text, int size)
{
	text[0] = '\0';
	X509_NAME_oneline(X509_get_subject_name(cert), text, size);
}

static bool is_self_issued(X509 *cert)
{
	return !X509_NAME_cmp(X509_get_subject_name(cert),
			      X509_get_issuer_name(cert));
}

static X509 *find_issuer(STACK_OF(X509) *certs, X509 *cert)
{
	X509 *issuer;

	for (int i = 0; i < sk_X509_num(certs); i++) {
		issuer = sk_X509_value(certs, i);
		if (!is_self_issued(issuer) &&
		    X509_check_issued(issuer, cert) == X509_V_OK)
			return issuer;
	}
	return NULL;
}

static bool push_cert(STACK_OF(X509) *chain, X509 *cert)
{
	return X509_add_cert(chain, cert, X509_ADD_FLAG_UP_REF) == 1;
}

STACK_OF(X509) *est_chain(STACK_OF(X509) *certs, STACK_OF(X509) *more,
			  EVP_PKEY *public, struct est_fault *fault)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *cert = NULL;
	char name[100];

	for (int i = 0; !cert && i < sk_X509_num(certs); i++)
		if (EVP_PKEY_eq(public, X509_get0_pubkey(
				sk_X509_value(certs, i))) == 1)
			cert = sk_X509_value(certs, i);
	if (!cert) {
		subject_of(sk_X509_value(certs, 0), name, sizeof(name));
		snprintf(fault->text, sizeof(fault->text), "the certificate "
			 "of `%s' is for another key than ours", name);
	}
	/* Take one more than allowed, so that the excess is detected. */
	while (cert && chain && sk_X509_num(chain) <= CERT_CHAIN_MAX) {
		if (!push_cert(chain, cert)) {
			sk_X509_pop_free(chain, X509_free);
			chain = NULL;
			snprintf(fault->text, sizeof(fault->text),
				 "out of memory");
			break;
		}
		if (is_self_issued(cert))
			break;
		cert = find_issuer(certs, sk_X509_value(chain,
				   sk_X509_num(chain) - 1));
		if (!cert)
			cert = find_issuer(more, sk_X509_value(chain,
					   sk_X509_num(chain) - 1));
	}
	ERR_clear_error();
	if (sk_X509_num(chain) > 0)
		return chain;
	sk_X509_free(chain);
	return NULL;
}

bool est_chain_valid(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
		     struct est_fault *fault)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *leaf = sk_X509_value(chain, 0);
	bool ok = store && ctx;
	char name[100], end[CERT_TIME_SIZE];
	int error;

	for (int i = 0; ok && i < sk_X509_num(anchors); i++)
		ok = X509_STORE_add_cert(store, sk_X509_value(anchors, i));
	ok = ok && X509_STORE_CTX_init(ctx, store, leaf, chain) &&
	     X509_verify_cert(ctx) == 1;
	if (!ok) {
		error = ctx ? X509_STORE_CTX_get_error(ctx) :
			X509_V_ERR_OUT_OF_MEM;
		subject_of(leaf, name, sizeof(name));
		cert_time(error == X509_V_ERR_CERT_NOT_YET_VALID ?
			  X509_get0_notBefore(leaf) : X509_get0_notAfter(leaf),
			  end);
		if (error == X509_V_ERR_CERT_HAS_EXPIRED ||
		    error == X509_V_ERR_CERT_NOT_YET_VALID)
			snprintf(fault->text, sizeof(fault->text), "%s (%s); "
				 "is the clock here right?",
				 X509_verify_cert_error_string(error), end);
		else
			snprintf(fault->text, sizeof(fault->text), "`%s' does "
				 "not chain to the CA: %s", name,
				 X509_verify_cert_error_string(error));
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	return ok;
}

/* True if enrol_request puts this into a request for a key of that size. */
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
	/* A long name is truncated. */
	OBJ_obj2txt(wish->name, sizeof(wish->name), oid, 0);
	wish->given = is_given(OBJ_obj2nid(oid), bits);
	return true;
}

/* Add the extensions of an extensionRequest. */
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

/* Add a type and those of its values that are OIDs. */
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
