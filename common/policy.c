/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "policy.h"

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

static int refuse(X509_STORE_CTX *ctx, struct policy *policy, int error,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int refuse(X509_STORE_CTX *ctx, struct policy *policy, int error,
		  const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(policy->fault, sizeof(policy->fault), fmt, ap);
	va_end(ap);
	X509_STORE_CTX_set_error(ctx, error);
	return 0;
}

/* Before any public-key operation. */
static int check_form(X509_STORE_CTX *ctx, struct policy *policy)
{
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(ctx);
	const char *fault = cert_form_fault(X509_STORE_CTX_get0_cert(ctx));

	if (sk_X509_num(sent) > CERT_CHAIN_MAX)
		return refuse(ctx, policy, X509_V_ERR_CERT_CHAIN_TOO_LONG,
			      "it sends a chain of more than %d certificates",
			      CERT_CHAIN_MAX);
	for (int i = 0; !fault && i < sk_X509_num(sent); i++)
		fault = cert_form_fault(sk_X509_value(sent, i));
	if (fault)
		return refuse(ctx, policy, X509_V_ERR_INVALID_PURPOSE,
			      "its certificate is not acceptable: %s", fault);
	return 1;
}

static int check_usage(X509_STORE_CTX *ctx, struct policy *policy)
{
	bool central = policy->role == ROLE_PERIPHERAL;
	const char *fault = cert_usage_fault(X509_STORE_CTX_get0_cert(ctx),
					     central, !central);

	if (fault)
		return refuse(ctx, policy, X509_V_ERR_INVALID_PURPOSE,
			      "its certificate is not acceptable: %s", fault);
	return 1;
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
	return refuse(ctx, policy, error, "its certificate %s %s; the clock "
		      "here says %s", early ? "is not valid before" :
		      "was valid until", limit, now);
}

static int refuse_issuer(X509_STORE_CTX *ctx, struct policy *policy, int error)
{
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	char issuer[128] = "";

	X509_NAME_oneline(X509_get_issuer_name(cert), issuer, sizeof(issuer));
	return refuse(ctx, policy, error, "its certificate is of the CA `%s', "
		      "which is not one of those in ca.pem here", issuer);
}

static int check_chain(X509_STORE_CTX *ctx, struct policy *policy)
{
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);
	STACK_OF(X509) *alone = NULL;
	int ok, error;

	X509_STORE_CTX_set_depth(ctx, CERT_CHAIN_MAX);
	if (!policy->anchors) {
		/* Its pin has matched: the certificate is its own anchor. */
		alone = sk_X509_new_null();
		if (!alone || !sk_X509_push(alone, cert)) {
			sk_X509_free(alone);
			return 0;
		}
		X509_STORE_CTX_set0_trusted_stack(ctx, alone);
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
	}
	ok = X509_verify_cert(ctx) == 1;
	sk_X509_free(alone);
	if (ok)
		return 1;
	error = X509_STORE_CTX_get_error(ctx);
	if (error == X509_V_ERR_CERT_NOT_YET_VALID ||
	    error == X509_V_ERR_CERT_HAS_EXPIRED)
		return refuse_dates(ctx, policy, error);
	if (error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	    error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	    error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
	    error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
	    error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
		return refuse_issuer(ctx, policy, error);
	return refuse(ctx, policy, error, "its certificate: %s",
		      X509_verify_cert_error_string(error));
}

static int check_name(X509_STORE_CTX *ctx, struct policy *policy)
{
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	if (policy->address && !cert_has_address(cert, policy->address))
		return refuse(ctx, policy, X509_V_ERR_HOSTNAME_MISMATCH,
			      "`%s' has no certificate for the address %s; name "
			      "it with --peer-name, pin it with --pin, or take "
			      "any with --any-peer", policy->peer,
			      policy->address);
	if (!policy->name_count)
		return 1;
	for (size_t i = 0; i < policy->name_count; i++)
		if (cert_name_matches(cert, policy->names[i]))
			return 1;
	return refuse(ctx, policy, X509_V_ERR_HOSTNAME_MISMATCH,
		      "its name is `%s', not `%s'%s", policy->peer,
		      policy->names[0], policy->name_count > 1 ?
		      " or another that was given" : "");
}

static int check_pin(X509_STORE_CTX *ctx, struct policy *policy)
{
	for (size_t i = 0; i < policy->pin_count; i++)
		if (!strcmp(policy->pin, policy->pins[i]))
			return 1;
	if (policy->anchors && !policy->pin_count)
		return 1;
	return refuse(ctx, policy, X509_V_ERR_CERT_REJECTED,
		      "its pin is %s, not the one given", policy->pin);
}

int policy_verify(X509_STORE_CTX *ctx, void *arg)
{
	struct policy *policy = arg;
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	policy->fault[0] = policy->peer[0] = policy->pin[0] = '\0';
	if (!cert)
		return refuse(ctx, policy, X509_V_ERR_UNSPECIFIED,
			      "it sends no certificate");
	if (!check_form(ctx, policy))
		return 0;
	if (!cert_name(cert, policy->peer))
		policy->peer[0] = '\0';
	if (!cert_pin(cert, policy->pin))
		return refuse(ctx, policy, X509_V_ERR_UNSPECIFIED,
			      "its certificate has no pin");
	return (policy->anchors || check_pin(ctx, policy)) &&
	       check_usage(ctx, policy) && check_chain(ctx, policy) &&
	       check_name(ctx, policy) && check_pin(ctx, policy);
}
