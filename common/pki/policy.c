/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pki/policy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

bool policy_pin_valid(const char *pin)
{
	static const char base64[] = "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789+/";

	return !strncmp(pin, "sha256//", 8) && strspn(pin + 8, base64) == 43 &&
	       !strcmp(pin + 51, "=");
}

static int policy_refuse(X509_STORE_CTX *ctx, struct policy *policy, int error,
			 const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int policy_refuse(X509_STORE_CTX *ctx, struct policy *policy, int error,
			 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(policy->fault, sizeof(policy->fault), fmt, ap);
	va_end(ap);
	X509_STORE_CTX_set_error(ctx, error);
	return 0;
}

static int unacceptable(X509_STORE_CTX *ctx, struct policy *policy,
			const char *fault)
{
	return policy_refuse(ctx, policy, X509_V_ERR_INVALID_PURPOSE,
			     "its certificate is not acceptable: %s", fault);
}

/* Do this before any public-key operation. */
static int check_form(X509_STORE_CTX *ctx, struct policy *policy,
		      enum cert_check check)
{
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(ctx);
	const char *fault = cert_fault(X509_STORE_CTX_get0_cert(ctx), check,
				       true, true);

	if (check == CERT_SIZE && sk_X509_num(sent) > CERT_CHAIN_MAX)
		return policy_refuse(
			ctx, policy, X509_V_ERR_CERT_CHAIN_TOO_LONG,
			"it sends a chain of more than %d certificates",
			CERT_CHAIN_MAX);
	for (int i = 0; !fault && i < sk_X509_num(sent); i++)
		fault = cert_fault(sk_X509_value(sent, i), check, true, true);
	return fault ? unacceptable(ctx, policy, fault) : 1;
}

static int policy_check_usage(X509_STORE_CTX *ctx, struct policy *policy,
			      enum cert_check check)
{
	bool central = policy->role == ROLE_PERIPHERAL;
	const char *fault = cert_fault(X509_STORE_CTX_get0_cert(ctx), check,
				       central || policy->either_role,
				       !central || policy->either_role);

	return fault ? unacceptable(ctx, policy, fault) : 1;
}

static int refuse_dates(X509_STORE_CTX *ctx, struct policy *policy, int error)
{
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	bool early = error == X509_V_ERR_CERT_NOT_YET_VALID;
	char limit[CERT_TIME_SIZE], now[CERT_TIME_SIZE] = "";
	ASN1_TIME *clock = ASN1_TIME_set(NULL, time(NULL));

	cert_time(early ? X509_get0_notBefore(cert) : X509_get0_notAfter(cert),
		  limit);
	if (clock)
		cert_time(clock, now);
	ASN1_TIME_free(clock);
	return policy_refuse(ctx, policy, error,
			     "its certificate %s %s; the clock "
			     "here says %s",
			     early ? "is not valid before" : "was valid until",
			     limit, now);
}

static int refuse_issuer(X509_STORE_CTX *ctx, struct policy *policy, int error)
{
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	char issuer[128] = "";

	X509_NAME_oneline(X509_get_issuer_name(cert), issuer, sizeof(issuer));
	return policy_refuse(ctx, policy, error,
			     "its certificate is of the CA `%s', "
			     "which is not one of those in ca.pem here",
			     issuer);
}

/* The check that an error of X509_verify_cert belongs to. */
static int kind_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return POLICY_DATES;
	case X509_V_ERR_CERT_REVOKED:
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
	case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
	case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
	case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
	case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
	case X509_V_ERR_DIFFERENT_CRL_SCOPE:
	case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
		return POLICY_CRL;
	default:
		return POLICY_CHAIN;
	}
}

/* The context has the CRL only while it is in use. */
static int note_revoked(int ok, X509_STORE_CTX *ctx)
{
	struct policy *policy = X509_STORE_CTX_get_app_data(ctx);
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	X509_CRL *crl = X509_STORE_CTX_get0_current_crl(ctx);
	char when[CERT_TIME_SIZE] = "", name[128] = "";
	X509_REVOKED *entry = NULL;

	if (ok || X509_STORE_CTX_get_error(ctx) != X509_V_ERR_CERT_REVOKED)
		return ok;
	if (crl && X509_CRL_get0_by_cert(crl, &entry, cert) == 1)
		cert_time(X509_REVOKED_get0_revocationDate(entry), when);
	X509_NAME_oneline(X509_get_subject_name(cert), name, sizeof(name));
	return policy_refuse(ctx, policy, X509_V_ERR_CERT_REVOKED,
			     "%s `%s' was revoked %s (%s)",
			     X509_STORE_CTX_get_error_depth(ctx)
				     ? "the certificate of its CA"
				     : "its certificate",
			     name, when,
			     entry ? trust_revocation_reason(entry)
				   : "unspecified");
}

/* A bad CRL of ours is not the peer's fault. */
static int refuse_crl(X509_STORE_CTX *ctx, struct policy *policy, int error)
{
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	char issuer[128] = "";

	if (error == X509_V_ERR_CERT_REVOKED && policy->fault[0])
		return 0;
	X509_NAME_oneline(X509_get_issuer_name(cert), issuer, sizeof(issuer));
	if (error == X509_V_ERR_UNABLE_TO_GET_CRL)
		return policy_refuse(
			ctx, policy, X509_V_ERR_UNSPECIFIED,
			"there is a crl.pem here, without the CRL of its "
			"CA `%s'",
			issuer);
	return policy_refuse(
		ctx, policy, X509_V_ERR_UNSPECIFIED,
		"the CRL here of its CA `%s' is not good: %s; put a new "
		"crl.pem in its place",
		issuer, X509_verify_cert_error_string(error));
}

/*
 * Have OpenSSL verify the chain for all of POLICY_CHAIN, POLICY_DATES and
 * POLICY_CRL (POLICY_ALL), or for one of them.  Returns false with OpenSSL's
 * error.
 */
static bool policy_judge(X509_STORE_CTX *ctx, struct policy *policy, int what,
			 int *error)
{
	STACK_OF(X509) *alone = NULL;
	bool ok;

	X509_STORE_CTX_set_depth(ctx, CERT_CHAIN_MAX);
	/*
	 * Require 112 bits, whatever OpenSSL's build or the caller's settings
	 * say.
	 */
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(ctx), 2);
	X509_STORE_CTX_set_app_data(ctx, policy);
	X509_STORE_CTX_set_verify_cb(ctx, note_revoked);
	if (what == POLICY_CHAIN || what == POLICY_CRL)
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_NO_CHECK_TIME);
	if (policy->crls && (what == POLICY_ALL || what == POLICY_CRL))
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_CRL_CHECK |
					 X509_V_FLAG_CRL_CHECK_ALL);
	if (!policy->anchors) {
		/* The pin has matched: the certificate is its own anchor. */
		alone = sk_X509_new_null();
		if (!alone || !sk_X509_push(alone,
					    X509_STORE_CTX_get0_cert(ctx))) {
			sk_X509_free(alone);
			*error = X509_V_ERR_OUT_OF_MEM;
			return false;
		}
		X509_STORE_CTX_set0_trusted_stack(ctx, alone);
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
	}
	ok = X509_verify_cert(ctx) == 1;
	sk_X509_free(alone);
	*error = X509_STORE_CTX_get_error(ctx);
	return ok;
}

/* Without a chain, OpenSSL has not checked the dates. */
static int check_own_dates(X509_STORE_CTX *ctx, struct policy *policy)
{
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);
	int error = X509_V_OK;

	if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
		error = X509_V_ERR_CERT_NOT_YET_VALID;
	else if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		error = X509_V_ERR_CERT_HAS_EXPIRED;
	if (error == X509_V_OK)
		return 1;
	X509_STORE_CTX_set_current_cert(ctx, cert);
	return refuse_dates(ctx, policy, error);
}

/* The parent needs these if one is revoked while the peer is connected. */
static int note_chain(X509_STORE_CTX *ctx, struct policy *policy)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);

	if (sk_X509_num(chain) > TRUST_CHAIN_MAX)
		return policy_refuse(ctx, policy,
				     X509_V_ERR_CERT_CHAIN_TOO_LONG,
				     "its chain has more than %d certificates",
				     TRUST_CHAIN_MAX);
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (!trust_cert_id(sk_X509_value(chain, i), &policy->chain[i]))
			return unacceptable(ctx, policy, "a serial number in "
					    "its chain has more than 20 "
					    "octets");
	policy->chain_count = (uint8_t)sk_X509_num(chain);
	return 1;
}

static int check_chain(X509_STORE_CTX *ctx, struct policy *policy, int what)
{
	int error;

	if (policy_judge(ctx, policy, what, &error))
		return 1;
	if (what == POLICY_DATES && kind_of(error) != what)
		return check_own_dates(ctx, policy);
	if (what != POLICY_ALL && kind_of(error) != what)
		return -1;
	switch (kind_of(error)) {
	case POLICY_DATES:
		return refuse_dates(ctx, policy, error);
	case POLICY_CRL:
		return refuse_crl(ctx, policy, error);
	}
	if (error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	    error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	    error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
	    error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
	    error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
		return refuse_issuer(ctx, policy, error);
	return policy_refuse(ctx, policy, error, "its certificate: %s",
			     X509_verify_cert_error_string(error));
}

static int check_address(X509_STORE_CTX *ctx, struct policy *policy)
{
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	if (!policy->address || cert_has_address(cert, policy->address))
		return 1;
	return policy_refuse(ctx, policy, X509_V_ERR_HOSTNAME_MISMATCH,
			     "`%s' has no certificate for the address %s%s",
			     policy->peer, policy->address,
			     policy->advice ? policy->advice : "");
}

static int policy_check_name(X509_STORE_CTX *ctx, struct policy *policy)
{
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	if (!policy->name_count)
		return 1;
	for (size_t i = 0; i < policy->name_count; i++)
		if (cert_name_matches(cert, policy->names[i]))
			return 1;
	return policy_refuse(
		ctx, policy, X509_V_ERR_HOSTNAME_MISMATCH,
		"its name is `%s', not `%s'%s", policy->peer, policy->names[0],
		policy->name_count > 1 ? " or another that was given" : "");
}

static int check_pin(X509_STORE_CTX *ctx, struct policy *policy)
{
	for (size_t i = 0; i < policy->pin_count; i++)
		if (!strcmp(policy->pin, policy->pins[i]))
			return 1;
	if (policy->anchors && !policy->pin_count)
		return 1;
	return policy_refuse(ctx, policy, X509_V_ERR_CERT_REJECTED,
			     "its pin is %s, not the one given", policy->pin);
}

/* Read what is needed before the checks; the form comes first, for the pin. */
static int policy_begin(X509_STORE_CTX *ctx, struct policy *policy)
{
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	policy->fault[0] = policy->peer[0] = policy->pin[0] = '\0';
	policy->chain_count = 0;
	if (!cert)
		return policy_refuse(ctx, policy, X509_V_ERR_UNSPECIFIED,
				     "it sends no certificate");
	return 1;
}

static int take_names(X509_STORE_CTX *ctx, struct policy *policy)
{
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	if (!cert_name(cert, policy->peer))
		policy->peer[0] = '\0';
	if (!cert_pin(cert, policy->pin))
		return policy_refuse(ctx, policy, X509_V_ERR_UNSPECIFIED,
				     "its certificate has no pin");
	return 1;
}

static int check_one(X509_STORE_CTX *ctx, struct policy *policy, int check)
{
	switch (check) {
	case POLICY_ALL:
	case POLICY_CHAIN:
	case POLICY_DATES:
	case POLICY_CRL:
		return check_chain(ctx, policy, check);
	case POLICY_NAME:
		return policy_check_name(ctx, policy);
	case POLICY_ADDRESS:
		return check_address(ctx, policy);
	case POLICY_PIN:
		return check_pin(ctx, policy);
	}
	return check <= CERT_FORM_LAST ?
		check_form(ctx, policy, (enum cert_check)check) :
		policy_check_usage(ctx, policy, (enum cert_check)check);
}

int policy_check(X509_STORE_CTX *ctx, struct policy *policy, int check)
{
	return policy_begin(ctx, policy) && take_names(ctx, policy)
		       ? check_one(ctx, policy, check)
		       : 0;
}

int policy_verify(X509_STORE_CTX *ctx, void *arg)
{
	static const int last[] = {
		POLICY_ALL, POLICY_ADDRESS, POLICY_NAME, POLICY_PIN,
	};
	struct policy *policy = arg;
	int ok = policy_begin(ctx, policy);

	if (ok == 1 && policy->look)
		policy->look(X509_STORE_CTX_get0_untrusted(ctx), policy);
	for (int i = CERT_FORM_FIRST; ok == 1 && i <= CERT_FORM_LAST; i++)
		ok = check_one(ctx, policy, i);
	if (ok == 1)
		ok = take_names(ctx, policy);
	/* It stands for the chain. */
	if (ok == 1 && !policy->anchors)
		ok = check_pin(ctx, policy);
	for (int i = CERT_USAGE_FIRST; ok == 1 && i <= CERT_USAGE_LAST; i++)
		ok = check_one(ctx, policy, i);
	for (size_t i = 0; ok == 1 && i < sizeof(last) / sizeof(*last); i++)
		ok = check_one(ctx, policy, last[i]);
	if (ok == 1)
		ok = note_chain(ctx, policy);
	return ok == 1;
}
