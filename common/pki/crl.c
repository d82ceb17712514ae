/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pki/crl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"
#include "base/diag.h"
#include "pki/trust.h"

#define BEGIN_CRL "-----BEGIN X509 CRL-----"

static bool crl_push(STACK_OF(X509_CRL) *crls, X509_CRL *crl)
{
	if (!crl)
		return false;
	if (sk_X509_CRL_num(crls) < CRL_COUNT_MAX &&
	    sk_X509_CRL_push(crls, crl) > 0)
		return true;
	X509_CRL_free(crl);
	return false;
}

static bool parse_pem(const char *data, size_t len, STACK_OF(X509_CRL) *crls)
{
	BIO *bio = BIO_new_mem_buf(data, (int)len);
	int begun = 0;
	bool ok = bio;

	for (const char *p = data;
	     (p = memmem(p, len - (size_t)(p - data), BEGIN_CRL,
			 strlen(BEGIN_CRL))); p++)
		begun++;
	/*
	 * Count the CRLs: the reader skips one that is truncated or malformed.
	 */
	for (int i = 0; ok && i < begun; i++)
		ok = crl_push(crls, PEM_read_bio_X509_CRL(bio, NULL,
							  cert_no_password,
							  NULL));
	BIO_free(bio);
	return ok && begun;
}

STACK_OF(X509_CRL) *crl_parse(const char *data, size_t len)
{
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	const unsigned char *p = (const unsigned char *)data;
	bool ok = false;

	/* A SEQUENCE is DER, and must end where the data ends. */
	if (crls && len > 0 && len <= CRL_BODY_MAX)
		ok = *p == 0x30 ?
			crl_push(crls, d2i_X509_CRL(NULL, &p, (long)len)) &&
				p == (const unsigned char *)data + len :
			parse_pem(data, len, crls);
	ERR_clear_error();
	if (ok)
		return crls;
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	return NULL;
}

void crl_number(X509_CRL *crl, char text[64])
{
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL,
						    NULL);
	BIGNUM *value = number ? ASN1_INTEGER_to_BN(number, NULL) : NULL;
	char *hex = value ? BN_bn2hex(value) : NULL;

	snprintf(text, 64, "%s", hex ? hex : "");
	OPENSSL_free(hex);
	BN_free(value);
	ASN1_INTEGER_free(number);
}

/* The CRL numbers decide; if one is missing or they are equal, the dates do. */
static bool is_older(X509_CRL *crl, X509_CRL *than)
{
	ASN1_INTEGER *a = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *b = X509_CRL_get_ext_d2i(than, NID_crl_number, NULL,
					       NULL);
	int order = a && b ? ASN1_INTEGER_cmp(a, b) : 0;

	if (!order)
		order = ASN1_TIME_compare(X509_CRL_get0_lastUpdate(crl),
					  X509_CRL_get0_lastUpdate(than));
	ASN1_INTEGER_free(a);
	ASN1_INTEGER_free(b);
	return order < 0;
}

static void tell_older(X509_CRL *crl, X509_CRL *there,
		       char fault[CRL_FAULT_MAX])
{
	char number[64], other[64], from[CERT_TIME_SIZE];
	char since[CERT_TIME_SIZE], issuer[128] = "";

	X509_NAME_oneline(X509_CRL_get_issuer(crl), issuer, sizeof(issuer));
	crl_number(crl, number);
	crl_number(there, other);
	cert_time(X509_CRL_get0_lastUpdate(crl), from);
	cert_time(X509_CRL_get0_lastUpdate(there), since);
	snprintf(fault, CRL_FAULT_MAX, "the CRL of `%s' is older (number %s, "
		 "of %s) than the existing one (number %s, of %s)", issuer,
		 *number ? number : "none", from, *other ? other : "none",
		 since);
}

/* The place of the CRL with the same name and key, or -1. */
static int place_of(X509_CRL *crl, const STACK_OF(X509_CRL) *there,
		    const STACK_OF(X509) *anchors,
		    const STACK_OF(X509) *others)
{
	X509 *ca = trust_crl_signer(crl, anchors);
	EVP_PKEY *key = X509_get0_pubkey(ca ? ca :
					 trust_crl_signer(crl, others));

	for (int i = 0; key && i < sk_X509_CRL_num(there); i++) {
		X509_CRL *old = sk_X509_CRL_value(there, i);

		/* One key may belong to a CA with two names. */
		if (!X509_NAME_cmp(X509_CRL_get_issuer(old),
				   X509_CRL_get_issuer(crl)) &&
		    X509_CRL_verify(old, key) == 1)
			return i;
	}
	return -1;
}

/* True if it is new; if the same CRL came twice, the newer one is kept. */
static bool put_into(STACK_OF(X509_CRL) *there, int place, X509_CRL *crl)
{
	X509_CRL *old = place < 0 ? NULL : sk_X509_CRL_value(there, place);

	if (old && (!X509_CRL_match(old, crl) || is_older(crl, old)))
		return false;
	X509_CRL_up_ref(crl);
	if (old)
		sk_X509_CRL_set(there, place, crl);
	else if (!sk_X509_CRL_push(there, crl))
		die(STATUS_OTHER, "out of memory");
	X509_CRL_free(old);
	return true;
}

static bool drop_strangers(STACK_OF(X509_CRL) *there,
			   const STACK_OF(X509) *anchors,
			   const STACK_OF(X509) *others)
{
	bool dropped = false;

	for (int i = sk_X509_CRL_num(there) - 1; i >= 0; i--) {
		X509_CRL *crl = sk_X509_CRL_value(there, i);

		if (trust_crl_signer(crl, anchors) ||
		    trust_crl_signer(crl, others))
			continue;
		X509_CRL_free(sk_X509_CRL_delete(there, i));
		dropped = true;
	}
	return dropped;
}

enum crl_change crl_merge(STACK_OF(X509_CRL) *there,
			  const STACK_OF(X509_CRL) *came,
			  const STACK_OF(X509) *anchors,
			  const STACK_OF(X509) *others,
			  char fault[CRL_FAULT_MAX])
{
	const int count = sk_X509_CRL_num(came);
	bool changed = false;

	for (int i = 0; i < count; i++) {
		X509_CRL *crl = sk_X509_CRL_value(came, i);
		int place = place_of(crl, there, anchors, others);

		if (place < 0 || !is_older(crl, sk_X509_CRL_value(there, place)))
			continue;
		tell_older(crl, sk_X509_CRL_value(there, place), fault);
		ERR_clear_error();
		return CRL_REFUSED;
	}
	for (int i = 0; i < count; i++) {
		X509_CRL *crl = sk_X509_CRL_value(came, i);
		int place = place_of(crl, there, anchors, others);

		changed = put_into(there, place, crl) || changed;
	}
	changed = drop_strangers(there, anchors, others) || changed;
	ERR_clear_error();
	return changed ? CRL_CHANGED : CRL_SAME;
}
