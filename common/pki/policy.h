/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether to accept a peer: form, usage, chain, dates, revocation, address,
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
 * The peers to accept.  For each kind given, one entry must match.  Strings are
 * borrowed.
 */
struct policy {
	enum role role;			/* ours; the peer has the other one */
	bool either_role;		/* the peer may have either role */
	const STACK_OF(X509) *anchors;	/* NULL: only the pins decide */
	bool crls;	/* every CA in the chain needs its CRL */
	const char *const *names;	/* glob(7) patterns */
	size_t name_count;
	const char *const *pins;	/* "sha256//..." */
	size_t pin_count;
	const char *address;	/* "AA:BB:..." that the certificate must name */
	const char *advice;	/* what to do if it is not there; or NULL */

	/*
	 * If not NULL, called in the confined process with the peer's
	 * certificates before they are judged; may leave a report for the
	 * parent.
	 */
	void (*look)(const STACK_OF(X509) *sent, struct policy *policy);
	void *look_arg;
	char report[POLICY_REPORT_MAX];	/* JSON; empty: no report */

	/* The verdict on the last peer. */
	char peer[CERT_NAME_MAX + 1];	/* empty if it has no valid name */
	char pin[CERT_PIN_SIZE];
	/* The verified chain, leaf first. */
	struct trust_id chain[TRUST_CHAIN_MAX];
	uint8_t chain_count;
	char fault[400];		/* empty if it was accepted */
};

/* True if pin has the format that cert_pin writes. */
bool policy_pin_valid(const char *pin);

/*
 * A callback for SSL_CTX_set_cert_verify_callback, with the policy as its
 * argument.  Returns 1, or 0 with the error that makes OpenSSL send the alert
 * of blesec-protocol(7).
 */
int policy_verify(X509_STORE_CTX *ctx, void *policy);

/* Checks on a peer's certificate besides enum cert_check. */
enum {
	POLICY_CHAIN = CERT_USAGE_LAST + 1,
	POLICY_DATES,
	POLICY_CRL,
	POLICY_ALL,		/* the three above */
	POLICY_ADDRESS,
	POLICY_NAME,
	POLICY_PIN,
};

/*
 * Run a single check of policy_verify: an enum cert_check or one of the above.
 * The context is good for one call.  Returns 1; 0 with the fault; or -1 if
 * another fault prevents the check.
 */
int policy_check(X509_STORE_CTX *ctx, struct policy *policy, int check);

#endif
