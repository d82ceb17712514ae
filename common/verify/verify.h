/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of blesec-verify, each with a verdict of its own.  What a
 * handshake checks, too, comes from pki/policy; what the start of a tool checks
 * from pki/identity, pki/trust and key/key.
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
	bool central, peripheral;	/* roles, of which one will do */
	const char *const *names;	/* glob(7) patterns; one must match */
	size_t name_count;
	const char *const *pins;	/* one must match */
	size_t pin_count;
	const char *address;		/* "AA:BB:..."; NULL: not asked for */
	long warn_days, min_days;
	bool need_tpm;			/* a key in a file is a fault */
	bool allow_imported;		/* one in the TPM from elsewhere is none */
	const char *key;		/* instead of key.pem; NULL: that */
	struct secret key_auth;		/* of an identity's key */
};

/* Check a chain, leaf first, with at least one certificate. */
void verify_chain(const struct verify_settings *settings,
		  STACK_OF(X509) *chain, struct verdict *verdict);

/*
 * Check an identity directory: its chain, key, modes and TPM.  Returns
 * STATUS_OK, or STATUS_IDENTITY without a verdict, having said why.
 */
enum status verify_identity(const struct verify_settings *settings,
			    const char *dir, struct verdict *verdict);

/* Check a request for a certificate; returns as verify_identity. */
enum status verify_request(const struct verify_settings *settings,
			   const char *path, struct verdict *verdict);

#endif
