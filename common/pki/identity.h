/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An identity directory: key.pem, cert.pem (leaf first), ca.pem, crl.pem.
 */
#ifndef BLESEC_IDENTITY_H
#define BLESEC_IDENTITY_H

#include <openssl/x509.h>

#include "pki/cert.h"
#include "base/diag.h"

struct identity {
	char *dir;
	char *key;			/* as for key_load */
	STACK_OF(X509) *chain;		/* leaf first */
	STACK_OF(X509) *anchors;	/* NULL if there is no ca.pem */
	STACK_OF(X509_CRL) *crls;	/* checked; NULL if there is no crl.pem */
	char name[CERT_NAME_MAX + 1];
};

/*
 * Returns dir, else $BLESEC_DIR, else /etc/blesec; never NULL; do not free it.
 */
const char *identity_dir(const char *dir);

/* Returns DIR/FILE; the caller frees it. */
char *identity_path(const char *dir, const char *file);

/*
 * Returns STATUS_OK if dir is a directory, else STATUS_IDENTITY after saying
 * what is wrong and what to do.
 */
enum status identity_check_dir(const char *dir);

/*
 * Read the certificates of an identity, not its key.  key, if not NULL, is a
 * path or store URI to use instead of key.pem.  Returns STATUS_OK, or
 * STATUS_IDENTITY after saying why.
 */
enum status identity_load(const char *dir, const char *key,
			  struct identity *identity);
void identity_free(struct identity *identity);

/*
 * Returns NULL and writes the name if a device can use the certificates (leaf
 * first).  Otherwise returns what is wrong, as the end of a sentence about
 * them.
 */
const char *identity_chain_fault(const STACK_OF(X509) *chain,
				 char name[CERT_NAME_MAX + 1]);

#endif
