/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CA to verify against, and its index of issued certificates. */
#ifndef BLESEC_VERIFY_CA_H
#define BLESEC_VERIFY_CA_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "base/diag.h"
#include "pki/cert.h"

/* Whom to trust: a file of CA certificates, or a directory of blesec-ca. */
struct verify_ca {	/* all NULL: no CA; enough for a request */
	STACK_OF(X509) *anchors;
	STACK_OF(X509_CRL) *crls;	/* unchecked; NULL: none */
	X509_STORE *store;		/* of the two above */
	char *dir;			/* NULL if the CA is a file */
	char *index;			/* text of index.txt; NULL: none */
};

/*
 * Load the CA that --ca names (path) and the CRLs.  The CRLs come from the file
 * crl; if crl is NULL, from crl.pem in the CA's directory, or else from the
 * file default_crl if it exists.  Returns STATUS_OK, or STATUS_IDENTITY after
 * saying why; call verify_ca_free in either case.
 */
enum status verify_ca_load(const char *path, const char *crl,
			   const char *default_crl, struct verify_ca *ca);
void verify_ca_free(struct verify_ca *ca);

/*
 * Check the CA's index.  Returns 0, with the fault in words, if the index has a
 * valid certificate of this name with another key, or lists this certificate as
 * revoked; -1 if the CA is a file; else 1.
 */
int verify_index(const struct verify_ca *ca, X509 *cert, bool request,
		 char fault[300]);

struct verify_revocation {
	char serial[64];		/* hexadecimal */
	char time[CERT_TIME_SIZE];
	char reason[64];		/* name as in openssl-ca(1ssl) */
	bool compromised;		/* others may have the key */
};

/* True if the CA is a directory and its index lists this one as revoked. */
bool verify_revoked(const struct verify_ca *ca, X509 *cert,
		    struct verify_revocation *revocation);

/*
 * The same for a name, whichever certificate its owner shows: true if its
 * certificates were revoked and none is valid now.  revocation then is the
 * latest one; otherwise it is not changed.
 */
bool verify_name_revoked(const struct verify_ca *ca, const char *name,
			 struct verify_revocation *revocation);

#endif
