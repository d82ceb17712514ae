/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of blesec-verify, each into a verdict of its own.  What a handshake
 * checks too comes from common/policy, what the start of a tool checks from
 * common/identity, common/key and common/trust.
 */
#ifndef BLESEC_VERIFY_H
#define BLESEC_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "pki/cert.h"
#include "base/secret.h"
#include "verify/verdict.h"

/* Whom to trust: a file of CA certificates, or a directory of blesec-ca. */
struct verify_ca {			/* all NULL: none, good for a request */
	STACK_OF(X509) *anchors;
	STACK_OF(X509_CRL) *crls;	/* as they are read; NULL: none */
	X509_STORE *store;		/* of these */
	char *dir;			/* NULL if it is a file */
	char *index;			/* text of index.txt; NULL: none */
};

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

/*
 * Load what --ca names (path) and the CRLs: those of the file crl, or, if that
 * is NULL, of crl.pem in the CA's directory, or else of the file default_crl,
 * where there is one.  Returns STATUS_OK, or STATUS_IDENTITY having said why;
 * free with verify_ca_free in any case.
 */
enum status verify_ca_load(const char *path, const char *crl,
			   const char *default_crl, struct verify_ca *ca);
void verify_ca_free(struct verify_ca *ca);

/*
 * Has the CA given this name to another key, in a certificate that is valid;
 * does its index call this one revoked?  -1, if the CA is a file; fault in words.
 */
int verify_index(const struct verify_ca *ca, X509 *cert, bool request,
		 char fault[300]);

struct verify_revocation {
	char serial[64];		/* hexadecimal */
	char time[CERT_TIME_SIZE];
	char reason[64];		/* by its name in openssl-ca(1ssl) */
	bool compromised;		/* the key, which others may have */
};

/* Of a CA that is a directory: whether its index calls this one revoked. */
bool verify_revoked(const struct verify_ca *ca, X509 *cert,
		    struct verify_revocation *revocation);

/*
 * Likewise for a name, whatever its owner shows: whether its certificates were
 * revoked and none of them is valid now; revocation, which else is left as it
 * is, is the latest one.
 */
bool verify_name_revoked(const struct verify_ca *ca, const char *name,
			 struct verify_revocation *revocation);

/* A chain, leaf first, with at least one certificate. */
void verify_chain(const struct verify_settings *settings,
		  STACK_OF(X509) *chain, struct verdict *verdict);

/*
 * An identity directory: its chain, and key, modes and TPM.  Returns STATUS_OK,
 * or STATUS_IDENTITY without a verdict, having said why.
 */
enum status verify_identity(const struct verify_settings *settings,
			    const char *dir, struct verdict *verdict);

/* A request for a certificate, likewise. */
enum status verify_request(const struct verify_settings *settings,
			   const char *path, struct verdict *verdict);

#endif
