/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of blesec-verify, each with its own verdict.  Checks that a
 * handshake makes too come from pki/policy; those that a tool makes at startup
 * come from pki/identity, pki/trust and key/key.
 */
#ifndef BLESEC_VERIFY_H
#define BLESEC_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "pki/cert.h"
#include "base/secret.h"
#include "verify/verdict.h"
#include "verify/verify-ca.h"

struct verify_settings {
	struct verify_ca ca;
	bool central, peripheral;	/* roles; one must be allowed */
	const char *const *names;	/* glob(7) patterns; one must match */
	size_t name_count;
	const char *const *pins;	/* one must match */
	size_t pin_count;
	const char *address;		/* "AA:BB:..."; NULL: not asked for */
	long warn_days, min_days;
	bool need_tpm;			/* a key in a file fails */
	bool allow_imported;		/* a key imported into the TPM passes */
	const char *key;		/* replaces key.pem; NULL: key.pem */
	struct secret key_auth;		/* password of the identity's key */
};

/* Check a chain of at least one certificate, leaf first. */
void verify_chain(const struct verify_settings *settings,
		  STACK_OF(X509) *chain, struct verdict *verdict);

/*
 * Check an identity directory: its chain, key, modes and TPM.  Returns
 * STATUS_OK, or STATUS_IDENTITY without a verdict after saying why.
 */
enum status verify_identity(const struct verify_settings *settings,
			    const char *dir, struct verdict *verdict);

/* Check a request for a certificate; returns as verify_identity. */
enum status verify_request(const struct verify_settings *settings,
			   const char *path, struct verdict *verdict);

#endif
