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
 * Load what --ca names (path) and the CRLs: from the file crl, or, if that is
 * NULL, from crl.pem in the CA's directory, or else from the file default_crl
 * if it exists.  Returns STATUS_OK, or STATUS_IDENTITY having said why; call
 * verify_ca_free in either case.
 */
enum status verify_ca_load(const char *path, const char *crl,
			   const char *default_crl, struct verify_ca *ca);
void verify_ca_free(struct verify_ca *ca);

/*
 * Check the CA's index: 0, with the fault in words, if the CA has given this
 * name to another key in a valid certificate, or calls this certificate
 * revoked; else 1; -1 if the CA is a file.
 */
int verify_index(const struct verify_ca *ca, X509 *cert, bool request,
		 char fault[300]);

struct verify_revocation {
	char serial[64];		/* hexadecimal */
	char time[CERT_TIME_SIZE];
	char reason[64];		/* by its name in openssl-ca(1ssl) */
	bool compromised;		/* the key, which others may have */
};

/* True if the index of a CA that is a directory calls this one revoked. */
bool verify_revoked(const struct verify_ca *ca, X509 *cert,
		    struct verify_revocation *revocation);

/*
 * The same for a name, whatever its owner shows: true if its certificates were
 * revoked and none of them is valid now.  revocation then is the latest one;
 * otherwise it is left alone.
 */
bool verify_name_revoked(const struct verify_ca *ca, const char *name,
			 struct verify_revocation *revocation);

#endif
