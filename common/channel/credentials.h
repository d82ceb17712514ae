/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What makes this device who it is: an identity, the TLS context with its
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
	const char *dir, *key;		/* as identity_load takes them */
	struct secret *key_auth;	/* the key's password */
	const char *groups;
	bool keylog;
	struct policy *policy;		/* kept; credentials_use sets its
					 * anchors and whether it has CRLs */
};

struct credentials {
	struct identity identity;
	uint8_t key[32];		/* SHA-256 of its file; zero: none */
	struct channel_context *context;
	struct signer signer;
};

/* What differs between two sets of credentials. */
enum {
	CREDENTIALS_CERT = 1,
	CREDENTIALS_CA = 2,
	CREDENTIALS_CRL = 4,
	CREDENTIALS_KEY = 8,		/* or what is in its file */
	CREDENTIALS_ALL = 15,
};

/*
 * Read the certificates.  Returns STATUS_OK, or STATUS_IDENTITY having said
 * why, with nothing to be freed.
 */
enum status credentials_read(const struct credentials_settings *settings,
			     struct credentials *credentials);

/*
 * Keep the old credentials, with the CRL that is there now: for when the rest
 * of a new set is not usable.  Free with credentials_free.  Returns STATUS_OK,
 * or STATUS_IDENTITY having said why.
 */
enum status credentials_read_crl(const struct credentials *old,
				 struct credentials *credentials);

/* Returns which parts differ: CREDENTIALS_... */
unsigned int credentials_changes(const struct credentials *old,
				 const struct credentials *new);

/*
 * Make the context, and if the key is among the changes, start the signer.
 * Waits as signer_start does.
 * Returns STATUS_OK, or what channel_context_new or signer_start does.
 */
enum status credentials_open(const struct credentials_settings *settings,
			     struct credentials *credentials,
			     unsigned int changes);

/* Make the policy use these anchors and CRLs from now on. */
void credentials_use(const struct credentials_settings *settings,
		     const struct credentials *credentials);

/* All zero is fine. */
void credentials_free(struct credentials *credentials);

#endif
