/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "verify/verify.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "pki/identity.h"
#include "pki/policy.h"
#include "pki/trust.h"

/* How OpenSSL is asked in a handshake; see ssl_verify_cert_chain. */
static X509_STORE_CTX *verify_context(const struct verify_settings *set,
				      STACK_OF(X509) *chain)
{
	X509 *leaf = sk_X509_value(chain, 0);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	const bool central = set->central && (!set->peripheral ||
		!cert_fault(leaf, CERT_EXTENDED_KEY_USAGE, true, false));

	if (!ctx || X509_STORE_CTX_init(ctx, set->ca.store, leaf, chain) != 1)
		die(STATUS_OTHER, "out of memory");
	X509_STORE_CTX_set_default(ctx, central ? "ssl_client" : "ssl_server");
	return ctx;
}

static int run_policy(const struct verify_settings *set, STACK_OF(X509) *chain,
		      int check, char fault[TRUST_FAULT_MAX])
{
	struct policy policy = {
		.role = set->central ? ROLE_PERIPHERAL : ROLE_CENTRAL,
		.either_role = set->central && set->peripheral,
		.anchors = set->ca.anchors,
		.crls = set->ca.crls,
		.names = set->names,
		.name_count = set->name_count,
		.pins = set->pins,
		.pin_count = set->pin_count,
		.address = set->address,
	};
	X509_STORE_CTX *ctx = verify_context(set, chain);
	int ok = policy_check(ctx, &policy, check);

	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	snprintf(fault, TRUST_FAULT_MAX, "%s", policy.fault);
	return ok;
}

static void check_policy(const struct verify_settings *set,
			 STACK_OF(X509) *chain, struct verdict *verdict,
			 const char *name, int which)
{
	char fault[TRUST_FAULT_MAX];
	int ok = run_policy(set, chain, which, fault);

	verdict_check(verdict, name, ok, STATUS_PEER, "%s", ok < 0 ?
		      "the chain is not good" : fault);
}

static void warn_of_ca_end(const struct verify_settings *set, X509 *cert,
			   struct verdict *verdict)
{
	char name[128] = "";
	int days, seconds;

	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) !=
	    1 || days >= set->warn_days)
		return;
	X509_NAME_oneline(X509_get_subject_name(cert), name, sizeof(name));
	verdict_warn(verdict, "the CA certificate `%s' %s %d days", name,
		     days < 0 || seconds < 0 ? "has expired since" :
		     "is valid for only", days < 0 ? -days : days);
}

static void check_dates(const struct verify_settings *set,
			STACK_OF(X509) *chain, struct verdict *verdict)
{
	char fault[TRUST_FAULT_MAX];
	int ok = run_policy(set, chain, POLICY_DATES, fault);

	if (ok && (!verdict->dated || verdict->days_left < set->min_days)) {
		ok = 0;
		snprintf(fault, sizeof(fault), "it is valid for %ld days only, "
			 "and %ld are demanded: renew it",
			 verdict->days_left, set->min_days);
	} else if (ok && verdict->days_left < set->warn_days) {
		verdict_warn(verdict, "the certificate is valid for only %ld "
			     "days: renew it", verdict->days_left);
	}
	verdict_check(verdict, "dates", ok, STATUS_PEER, "%s", fault);
	for (int i = 1; i < sk_X509_num(chain); i++)
		warn_of_ca_end(set, sk_X509_value(chain, i), verdict);
	for (int i = 0; i < sk_X509_num(set->ca.anchors); i++)
		warn_of_ca_end(set, sk_X509_value(set->ca.anchors, i), verdict);
}

static void warn_of_crl(const struct verify_settings *set,
			struct verdict *verdict)
{
	char end[CERT_TIME_SIZE];
	long left;
	const X509_CRL *crl = trust_next_stale(set->ca.crls, true, &left);

	if (!crl)
		return;
	cert_time(X509_CRL_get0_nextUpdate(crl), end);
	verdict_warn(verdict, "a CRL %s to be replaced before %s: "
		     "blesec-provision --fetch-crl", left ? "is" : "was", end);
}

static void check_crl(const struct verify_settings *set, STACK_OF(X509) *chain,
		      struct verdict *verdict)
{
	char fault[TRUST_FAULT_MAX];

	if (!set->ca.crls)
		verdict_check(verdict, "crl", -1, STATUS_OK,
			      "there is no CRL");
	else if (!trust_check_crls(set->ca.crls, set->ca.anchors, chain,
				   fault))
		verdict_check(verdict, "crl", 0, STATUS_PEER, "%s", fault);
	else
		check_policy(set, chain, verdict, "crl", POLICY_CRL);
	warn_of_crl(set, verdict);
}

static void check_name(const struct verify_settings *set,
		       STACK_OF(X509) *chain, struct verdict *verdict)
{
	char name[CERT_NAME_MAX + 1];
	const char *fault = identity_chain_fault(chain, name);

	if (fault)
		verdict_check(verdict, "name", 0, STATUS_PEER,
			      "the certificate %s", fault);
	else if (set->name_count)
		check_policy(set, chain, verdict, "name", POLICY_NAME);
	else
		verdict_check(verdict, "name", 1, STATUS_OK, "none was asked "
			      "for, and it has one");
}

static void check_if(bool asked, const struct verify_settings *set,
		     STACK_OF(X509) *chain, struct verdict *verdict,
		     const char *name, int which)
{
	if (asked)
		check_policy(set, chain, verdict, name, which);
	else
		verdict_check(verdict, name, -1, STATUS_OK, "not asked for");
}

static void check_index(const struct verify_settings *set, X509 *cert,
			bool request, struct verdict *verdict)
{
	char fault[300] = "";
	int ok = verify_index(&set->ca, cert, request, fault);

	verdict_check(verdict, "index", ok, STATUS_PEER, "%s", ok < 0 ?
		      "the CA is not a directory with an index.txt" : fault);
}

/* Who it is, and whether that is the one that was asked for. */
static void check_who(const struct verify_settings *set, STACK_OF(X509) *chain,
		      struct verdict *verdict)
{
	check_name(set, chain, verdict);
	check_if(set->address, set, chain, verdict, "address", POLICY_ADDRESS);
	check_if(set->pin_count, set, chain, verdict, "pin", POLICY_PIN);
}

void verify_wish(const struct verify_settings *set, X509 *cert,
		 struct verdict *verdict)
{
	STACK_OF(X509) *alone = sk_X509_new_null();

	if (!alone || !sk_X509_push(alone, cert))
		die(STATUS_OTHER, "out of memory");
	verdict_describe(verdict, cert, true);
	check_policy(set, alone, verdict, "curve", CERT_CURVE);
	check_who(set, alone, verdict);
	check_index(set, cert, true, verdict);
	sk_X509_free(alone);
}

void verify_chain(const struct verify_settings *set, STACK_OF(X509) *chain,
		  struct verdict *verdict)
{
	static const char *const names[] = {
		[CERT_SIZE] = "size",
		[CERT_VERSION] = "version",
		[CERT_CURVE] = "curve",
		[CERT_SIGNATURE] = "signature_algorithm",
		[CERT_NOT_A_CA] = "basic_constraints",
		[CERT_KEY_USAGE] = "key_usage",
		[CERT_EXTENDED_KEY_USAGE] = "extended_key_usage",
	};

	verdict_describe(verdict, sk_X509_value(chain, 0), false);
	for (int i = 0; i < (int)(sizeof(names) / sizeof(*names)); i++)
		check_policy(set, chain, verdict, names[i], i);
	check_policy(set, chain, verdict, "chain", POLICY_CHAIN);
	check_dates(set, chain, verdict);
	check_crl(set, chain, verdict);
	check_who(set, chain, verdict);
	check_index(set, sk_X509_value(chain, 0), false, verdict);
}
