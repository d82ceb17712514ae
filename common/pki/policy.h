/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a peer is acceptable: form, usage, chain, dates, revocation, address,
 * name, pin.  Fails closed.
 */
#ifndef BLESEC_POLICY_H
#define BLESEC_POLICY_H

#include <openssl/x509.h>

#include "pki/cert.h"
#include "base/role.h"
#include "pki/trust.h"

#define POLICY_REPORT_MAX 32768

/*
 * Whom to accept.  One of each kind that is given must match.  Strings are
 * borrowed.
 */
struct policy {
	enum role role;			/* ours; the peer has the other one */
	bool either_role;		/* it may have any of the two */
	const STACK_OF(X509) *anchors;	/* NULL: pins alone decide whom */
	bool crls;			/* the store has CRLs: that of each CA
					 * is needed */
	const char *const *names;	/* glob(7) patterns */
	size_t name_count;
	const char *const *pins;	/* "sha256//..." */
	size_t pin_count;
	const char *address;		/* "AA:BB:..." to be in the certificate */
	const char *advice;		/* what to do if it is not; or NULL */

	/*
	 * If not NULL, this is shown what a peer sends before that is judged,
	 * in the confined process, and may leave a report for the parent.
	 */
	void (*look)(const STACK_OF(X509) *sent, struct policy *policy);
	void *look_arg;
	char report[POLICY_REPORT_MAX];	/* of JSON; empty: none */

	/* The verdict on the last peer. */
	char peer[CERT_NAME_MAX + 1];	/* empty if it has no valid name */
	char pin[CERT_PIN_SIZE];
	/* The verified chain, leaf first. */
	struct trust_id chain[TRUST_CHAIN_MAX];
	uint8_t chain_count;
	char fault[400];		/* empty if it was accepted */
};

/* True if pin has the form that cert_pin writes. */
bool policy_pin_valid(const char *pin);

/*
 * For SSL_CTX_set_cert_verify_callback, with the policy as its argument.
 * Returns 1, or 0 with the error that makes OpenSSL send the alert of
 * blesec-protocol(7).
 */
int policy_verify(X509_STORE_CTX *ctx, void *policy);

/* What a peer's certificate is checked for besides enum cert_check. */
enum {
	POLICY_CHAIN = CERT_USAGE_LAST + 1,
	POLICY_DATES,
	POLICY_CRL,
	POLICY_ALL,		/* these three */
	POLICY_ADDRESS,
	POLICY_NAME,
	POLICY_PIN,
};

/*
 * Do only this one of the checks that policy_verify does: an enum cert_check or
 * one of the above.  The context is good for one call.  Returns 1, 0 with the
 * fault, or -1 if another fault prevents the check.
 */
int policy_check(X509_STORE_CTX *ctx, struct policy *policy, int check);

#endif
