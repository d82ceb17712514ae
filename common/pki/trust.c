/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pki/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/read-file.h"
#include "pki/cert.h"

#define DATES_MAX 128
#define CRL_NEAR_END 10	/* a tenth of its lifetime */

X509 *trust_adopt(OSSL_LIB_CTX *libctx, X509 *cert)
{
	X509 *copy = X509_new_ex(libctx, NULL);
	unsigned char *der = NULL;
	const unsigned char *p;
	int len = i2d_X509(cert, &der);

	p = der;
	if (!copy || len < 0 || !d2i_X509(&copy, &p, len)) {
		X509_free(copy);
		copy = NULL;
	}
	OPENSSL_free(der);
	return copy;
}

static X509_CRL *adopt_crl(OSSL_LIB_CTX *libctx, X509_CRL *crl)
{
	X509_CRL *copy = X509_CRL_new_ex(libctx, NULL);
	unsigned char *der = NULL;
	const unsigned char *p;
	int len = i2d_X509_CRL(crl, &der);

	p = der;
	if (!copy || len < 0 || !d2i_X509_CRL(&copy, &p, len)) {
		X509_CRL_free(copy);
		copy = NULL;
	}
	OPENSSL_free(der);
	return copy;
}

bool trust_fill(X509_STORE *store, OSSL_LIB_CTX *libctx,
		const STACK_OF(X509) *anchors,
		const STACK_OF(X509_CRL) *crls)
{
	bool ok = true;

	for (int i = 0; ok && i < sk_X509_num(anchors); i++) {
		X509 *anchor = trust_adopt(libctx, sk_X509_value(anchors, i));

		ok = anchor && X509_STORE_add_cert(store, anchor) == 1;
		X509_free(anchor);
	}
	for (int i = 0; ok && i < sk_X509_CRL_num(crls); i++) {
		X509_CRL *crl = adopt_crl(libctx, sk_X509_CRL_value(crls, i));

		ok = crl && X509_STORE_add_crl(store, crl) == 1;
		X509_CRL_free(crl);
	}
	return ok;
}

STACK_OF(X509_CRL) *trust_read_crls(const char *path)
{
	FILE *file = read_file_open(path, "a PEM file of CRLs");
	STACK_OF(X509_CRL) *crls;
	X509_CRL *crl;

	if (!file)
		return NULL;
	crls = sk_X509_CRL_new_null();
	while ((crl = PEM_read_X509_CRL(file, NULL, cert_no_password, NULL)))
		sk_X509_CRL_push(crls, crl);
	fclose(file);
	if (sk_X509_CRL_num(crls) > 0 && cert_pem_ended()) {
		ERR_clear_error();
		return crls;
	}
	if (sk_X509_CRL_num(crls) < 1)
		diag_openssl("`%s' holds no PEM CRL (X509 CRL)", path);
	else
		diag_openssl("`%s' holds a PEM CRL that cannot be read, number "
			     "%d; a file of whole ones is wanted", path,
			     sk_X509_CRL_num(crls) + 1);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	return NULL;
}

/* 1: it has signed; 0: it is another CA; -1: it has signed, but must not. */
static int signed_by(X509_CRL *crl, X509 *ca)
{
	EVP_PKEY *key = X509_get0_pubkey(ca);
	bool ok;

	if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(ca)))
		return 0;
	ok = key && X509_CRL_verify(crl, key) == 1;
	ERR_clear_error();
	if (!ok)
		return 0;
	return X509_check_ca(ca) && (X509_get_key_usage(ca) & KU_CRL_SIGN) ?
		1 : -1;
}

X509 *trust_crl_signer(X509_CRL *crl, const STACK_OF(X509) *cas)
{
	for (int i = 0; i < sk_X509_num(cas); i++)
		if (signed_by(crl, sk_X509_value(cas, i)))
			return sk_X509_value(cas, i);
	return NULL;
}

static int signed_by_one(X509_CRL *crl, const STACK_OF(X509) *cas)
{
	int best = 0;

	for (int i = 0; best < 1 && i < sk_X509_num(cas); i++) {
		int got = signed_by(crl, sk_X509_value(cas, i));

		if (got)
			best = got;
	}
	return best;
}

static const char *form_fault(X509_CRL *crl)
{
	if (X509_CRL_get_ext_by_critical(crl, 1, -1) >= 0)
		return "has a critical extension, so it may cover only some "
		       "certificates; a complete one is wanted";
	if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0)
		return "is a delta CRL; a complete one is wanted";
	if (!cert_signature_valid(X509_CRL_get_signature_nid(crl)))
		return "is not signed with ECDSA and SHA-2";
	if (!X509_CRL_get0_nextUpdate(crl))
		return "has no nextUpdate, so it would never become stale";
	return NULL;
}

static bool date_fault(X509_CRL *crl, char text[DATES_MAX])
{
	const ASN1_TIME *from = X509_CRL_get0_lastUpdate(crl);
	const ASN1_TIME *to = X509_CRL_get0_nextUpdate(crl);
	const bool stale = X509_cmp_current_time(to) <= 0;
	char limit[CERT_TIME_SIZE], now[CERT_TIME_SIZE] = "";
	ASN1_TIME *clock;

	if (!stale && X509_cmp_current_time(from) < 0)
		return false;
	clock = ASN1_TIME_set(NULL, time(NULL));
	cert_time(stale ? to : from, limit);
	if (clock)
		cert_time(clock, now);
	ASN1_TIME_free(clock);
	snprintf(text, DATES_MAX, "%s %s; the clock here says %s", stale ?
		 "was to be replaced before" : "is not valid before", limit,
		 now);
	return true;
}

bool trust_check_crls(const STACK_OF(X509_CRL) *crls,
		      const STACK_OF(X509) *anchors,
		      const STACK_OF(X509) *others,
		      char fault[TRUST_FAULT_MAX])
{
	for (int i = 0; i < sk_X509_CRL_num(crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(crls, i);
		char issuer[128] = "", dates[DATES_MAX];
		const char *what = form_fault(crl);
		int by = 1;

		if (!what && date_fault(crl, dates))
			what = dates;
		if (!what)
			by = signed_by_one(crl, anchors);
		if (by < 1) {
			int more = signed_by_one(crl, others);

			by = more ? more : by;
		}
		if (by < 0)
			what = "is of a CA that may not sign CRLs: its key "
			       "usage lacks cRLSign";
		else if (!by)
			what = "is not signed by a CA that is known here";
		if (!what)
			continue;
		X509_NAME_oneline(X509_CRL_get_issuer(crl), issuer,
				  sizeof(issuer));
		snprintf(fault, TRUST_FAULT_MAX, "the CRL of `%s' %s", issuer,
			 what);
		return false;
	}
	return true;
}

/* Seconds from one time to the other; NULL: now.  The first may be later. */
static bool seconds_between(const ASN1_TIME *from, const ASN1_TIME *to,
			    long *seconds)
{
	int days, rest;

	if (!to || ASN1_TIME_diff(&days, &rest, from, to) != 1)
		return false;
	*seconds = 86400L * days + rest;
	return true;
}

const X509_CRL *trust_next_stale(const STACK_OF(X509_CRL) *crls, bool near_end,
				 long *seconds)
{
	const X509_CRL *first = NULL;

	for (int i = 0; i < sk_X509_CRL_num(crls); i++) {
		const X509_CRL *crl = sk_X509_CRL_value(crls, i);
		const ASN1_TIME *end = X509_CRL_get0_nextUpdate(crl);
		long left, whole;

		if (!seconds_between(NULL, end, &left) ||
		    !seconds_between(X509_CRL_get0_lastUpdate(crl), end,
				     &whole) ||
		    (near_end && left >= whole / CRL_NEAR_END) ||
		    (first && left >= *seconds))
			continue;
		first = crl;
		*seconds = left > 0 ? left : 0;
	}
	return first;
}

const char *trust_revocation_reason(const X509_REVOKED *entry)
{
	static const char *const names[] = {
		"unspecified", "keyCompromise", "cACompromise",
		"affiliationChanged", "superseded", "cessationOfOperation",
		"certificateHold", "7", "removeFromCRL", "privilegeWithdrawn",
		"aACompromise",
	};
	ASN1_ENUMERATED *code = X509_REVOKED_get_ext_d2i(entry,
		NID_crl_reason, NULL, NULL);
	long n = code ? ASN1_ENUMERATED_get(code) : 0;

	ASN1_ENUMERATED_free(code);
	return n >= 0 && n < (long)(sizeof(names) / sizeof(*names)) ?
		names[n] : "unknown";
}

static bool trust_hash(const X509_NAME *name, uint32_t *hash)
{
	int ok = 0;

	*hash = (uint32_t)X509_NAME_hash_ex(name, NULL, NULL, &ok);
	return ok;
}

bool trust_cert_id(const X509 *cert, struct trust_id *id)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
	const int len = ASN1_STRING_length(serial);

	memset(id, 0, sizeof(*id));
	if (len < 0 || len > (int)sizeof(id->serial) ||
	    !trust_hash(X509_get_issuer_name(cert), &id->issuer))
		return false;
	memcpy(id->serial, ASN1_STRING_get0_data(serial), (size_t)len);
	id->len = (uint8_t)len;
	id->negative = ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER;
	return true;
}

/* The entry of the certificate in the CRL, or NULL. */
static X509_REVOKED *entry_of(X509_CRL *crl, const struct trust_id *id)
{
	ASN1_INTEGER *serial = ASN1_STRING_type_new(id->negative ?
		V_ASN1_NEG_INTEGER : V_ASN1_INTEGER);
	X509_REVOKED *entry = NULL;
	uint32_t issuer;

	if (!serial || !ASN1_STRING_set(serial, id->serial, id->len) ||
	    !trust_hash(X509_CRL_get_issuer(crl), &issuer))
		die(STATUS_OTHER, "out of memory");
	if (issuer != id->issuer ||
	    X509_CRL_get0_by_serial(crl, &entry, serial) != 1)
		entry = NULL;
	ASN1_INTEGER_free(serial);
	return entry;
}

bool trust_revoked(const STACK_OF(X509_CRL) *crls, const struct trust_id *ids,
		   size_t count, char words[TRUST_FAULT_MAX])
{
	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < sk_X509_CRL_num(crls); k++) {
			X509_REVOKED *entry = entry_of(
				sk_X509_CRL_value(crls, k), &ids[i]);
			char when[CERT_TIME_SIZE];

			if (!entry)
				continue;
			cert_time(X509_REVOKED_get0_revocationDate(entry),
				  when);
			snprintf(words, TRUST_FAULT_MAX,
				 "%s was revoked %s (%s)", i ?
				 "the certificate of its CA" :
				 "its certificate", when,
				 trust_revocation_reason(entry));
			return true;
		}
	return false;
}

enum status trust_load_crls(const char *path, const STACK_OF(X509) *anchors,
			    const STACK_OF(X509) *others,
			    STACK_OF(X509_CRL) **crls)
{
	char fault[TRUST_FAULT_MAX];

	*crls = NULL;
	/* A dangling link does not mean that no CRL is wanted. */
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT)
		return STATUS_OK;
	*crls = trust_read_crls(path);
	if (!*crls)
		return STATUS_IDENTITY;
	if (!anchors)
		diag_error("`%s' cannot be checked without a ca.pem beside it; "
			   "put that there, or remove the CRL", path);
	else if (!trust_check_crls(*crls, anchors, others, fault))
		diag_error("no peer is accepted with `%s': %s; fetch a new CRL "
			   "(blesec-provision --fetch-crl), or remove it to "
			   "run without one", path, fault);
	else
		return STATUS_OK;
	sk_X509_CRL_pop_free(*crls, X509_CRL_free);
	*crls = NULL;
	return STATUS_IDENTITY;
}
