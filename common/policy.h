/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this peer acceptable: form, chain, dates, usage, name, pin, address.
 * Fails closed.
 */
#ifndef BLESEC_POLICY_H
#define BLESEC_POLICY_H

#include <openssl/x509.h>

#include "cert.h"
#include "role.h"

/*
 * Whom to accept.  Of each kind that is given one must match; where several
 * kinds are given, each must.  Strings are borrowed.
 */
struct policy {
	enum role role;			/* ours; the peer has the other one */
	const STACK_OF(X509) *anchors;	/* NULL: pins alone decide whom */
	const char *const *names;	/* glob(7) patterns */
	size_t name_count;
	const char *const *pins;	/* "sha256//..." */
	size_t pin_count;
	const char *address;		/* "AA:BB:..." to be in the certificate */

	/* The verdict on the last peer. */
	char peer[CERT_NAME_MAX + 1];	/* empty if it has no valid name */
	char pin[CERT_PIN_SIZE];
	char fault[256];		/* empty if it was accepted */
};

/* True if pin has the form that cert_pin writes. */
bool policy_pin_valid(const char *pin);

/*
 * For SSL_CTX_set_cert_verify_callback, with the policy as its argument.
 * Returns 1, or 0 with the error that makes OpenSSL send the alert of
 * blesec-protocol(7).
 */
int policy_verify(X509_STORE_CTX *ctx, void *policy);

#endif
