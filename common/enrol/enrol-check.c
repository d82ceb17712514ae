/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "enrol/enrol-check.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"
#include "pki/identity.h"
#include "pki/policy.h"
#include "pki/trust.h"

/* Name both times, since either clock may be wrong. */
static void chain_date_fault(X509 *cert, char *words, size_t size)
{
	const ASN1_TIME *start = X509_get0_notBefore(cert);
	bool early = X509_cmp_current_time(start) > 0;
	ASN1_TIME *now = ASN1_TIME_set(NULL, time(NULL));
	char limit[CERT_TIME_SIZE], clock[CERT_TIME_SIZE] = "", host[65] = "";

	gethostname(host, sizeof(host) - 1);
	cert_time(early ? start : X509_get0_notAfter(cert), limit);
	if (now)
		cert_time(now, clock);
	ASN1_TIME_free(now);
	snprintf(words, size, "%s %s, and the clock of `%s' says %s; set the "
		 "clock that is wrong", early ?
		 "it is not valid before" :
		 "it has expired: it was valid until", limit, host, clock);
}

/* Check the chain as a peer does in a handshake; the policy gets the fault. */
static int judge_chain(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
		       const STACK_OF(X509_CRL) *crls, struct policy *policy)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *leaf = sk_X509_value(chain, 0);
	const bool central = !cert_fault(leaf, CERT_EXTENDED_KEY_USAGE, true,
					 false);
	int error;

	if (!store || !ctx || !trust_fill(store, NULL, anchors, crls) ||
	    X509_STORE_CTX_init(ctx, store, leaf, chain) != 1)
		die(STATUS_OTHER, "out of memory");
	X509_STORE_CTX_set_default(ctx, central ? "ssl_client" : "ssl_server");
	*policy = (struct policy) {
		.either_role = true, .anchors = anchors, .crls = crls,
	};
	error = policy_verify(ctx, policy) ? X509_V_OK
					   : X509_STORE_CTX_get_error(ctx);
	if (error == X509_V_ERR_CERT_NOT_YET_VALID ||
	    error == X509_V_ERR_CERT_HAS_EXPIRED)
		chain_date_fault(X509_STORE_CTX_get_current_cert(ctx),
				 policy->fault, sizeof(policy->fault));
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	return error;
}

enum status enrol_check_chain(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
			      const STACK_OF(X509_CRL) *crls)
{
	struct policy policy;
	char name[CERT_NAME_MAX + 1];
	/* identity_load would refuse this later. */
	const char *fault = cert_form_fault(sk_X509_value(chain, 0));

	if (!fault)
		fault = identity_chain_fault(chain, name);
	if (fault) {
		diag_error("the certificate is refused: it %s", fault);
		return STATUS_IDENTITY;
	}
	if (judge_chain(chain, anchors, NULL, &policy) == X509_V_OK &&
	    (!crls || judge_chain(chain, anchors, crls, &policy) !=
			      X509_V_ERR_CERT_REVOKED))
		return STATUS_OK;
	diag_error("the certificate is refused, because a peer would refuse "
		   "it: %s",
		   policy.fault);
	return STATUS_IDENTITY;
}

enum status enrol_check_own_crls(const struct enrol *enrol,
				 STACK_OF(X509) *chain,
				 STACK_OF(X509) *anchors,
				 STACK_OF(X509_CRL) **crls)
{
	char *path = identity_path(enrol->dir, "crl.pem");
	char fault[TRUST_FAULT_MAX];
	enum status status = STATUS_OK;

	*crls = NULL;
	if (access(path, F_OK) == 0) {
		*crls = trust_read_crls(path);
		status = *crls ? STATUS_OK : STATUS_IDENTITY;
	}
	/*
	 * A bad CRL is no reason to keep the old certificate: a new CRL can
	 * follow.
	 */
	if (*crls && !trust_check_crls(*crls, anchors, chain, fault)) {
		diag_warn("no peer will be accepted with `%s': %s", path,
			  fault);
		sk_X509_CRL_pop_free(*crls, X509_CRL_free);
		*crls = NULL;
	}
	free(path);
	return status;
}

static bool has_key_of(STACK_OF(X509) *certs, X509 *other)
{
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (EVP_PKEY_eq(X509_get0_pubkey(sk_X509_value(certs, i)),
				X509_get0_pubkey(other)) == 1)
			return true;
	return false;
}

bool enrol_same_ca(const struct enrol *enrol, STACK_OF(X509) *anchors)
{
	char *path = identity_path(enrol->dir, "ca.pem");
	FILE *file = fopen(path, "re");
	bool any = false, same = false;
	X509 *cert;

	while (file && (cert = PEM_read_X509(file, NULL, cert_no_password,
					     NULL))) {
		any = true;
		same = same || has_key_of(anchors, cert);
		X509_free(cert);
	}
	ERR_clear_error();
	if (file)
		fclose(file);
	free(path);
	return same || !any;
}
