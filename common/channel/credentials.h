/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The credentials of this device: an identity, the TLS context with its
 * certificates, CAs and CRLs, and the signer with its key.
 */
#ifndef BLESEC_CREDENTIALS_H
#define BLESEC_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "channel/channel.h"
#include "pki/identity.h"
#include "key/signer.h"

struct credentials_settings {
	const char *dir, *key;		/* as for identity_load */
	struct secret *key_auth;	/* the password of the key */
	const char *groups;
	bool keylog;
	struct policy *policy;		/* kept; credentials_use sets its
					 * anchors and whether it has CRLs */
};

struct credentials {
	struct identity identity;
	uint8_t key[32];	/* SHA-256 of the key file; zero: no file */
	struct channel_context *context;
	struct signer signer;
};

/* The parts in which two sets of credentials may differ. */
enum {
	CREDENTIALS_CERT = 1,
	CREDENTIALS_CA = 2,
	CREDENTIALS_CRL = 4,
	CREDENTIALS_KEY = 8,		/* the path of the key, or the
					 * content of the file */
	CREDENTIALS_ALL = 15,
};

/*
 * Read the certificates.  Returns STATUS_OK, or STATUS_IDENTITY after saying
 * why; there is nothing to free then.
 */
enum status credentials_read(const struct credentials_settings *settings,
			     struct credentials *credentials);

/*
 * Copy the old credentials but take the CRL that is there now, for when the
 * rest of a new set cannot be used.  The caller frees the copy with
 * credentials_free.  Returns STATUS_OK, or STATUS_IDENTITY after saying why.
 */
enum status credentials_read_crl(const struct credentials *old,
				 struct credentials *credentials);

/* Returns the parts that differ: CREDENTIALS_... */
unsigned int credentials_changes(const struct credentials *old,
				 const struct credentials *new);

/*
 * Create the TLS context and, if the key is among the changes, start the
 * signer, which waits like signer_start.  Returns STATUS_OK, or the status of
 * channel_context_new or signer_start.
 */
enum status credentials_open(const struct credentials_settings *settings,
			     struct credentials *credentials,
			     unsigned int changes);

/* Make the policy use these anchors and CRLs. */
void credentials_use(const struct credentials_settings *settings,
		     const struct credentials *credentials);

/* Accepts an all-zero structure. */
void credentials_free(struct credentials *credentials);

#endif
