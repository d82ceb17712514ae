/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CA to verify against, and its index of what it has signed. */
#ifndef BLESEC_VERIFY_CA_H
#define BLESEC_VERIFY_CA_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "base/diag.h"
#include "pki/cert.h"

/* Whom to trust: a file of CA certificates, or a directory of blesec-ca. */
struct verify_ca {			/* all NULL: none, good for a request */
	STACK_OF(X509) *anchors;
	STACK_OF(X509_CRL) *crls;	/* as they are read; NULL: none */
	X509_STORE *store;		/* of these */
	char *dir;			/* NULL if it is a file */
	char *index;			/* text of index.txt; NULL: none */
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

#endif
