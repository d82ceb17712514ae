/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The signer: a process of its own that holds the private key.
 *
 * It signs the CertificateVerify of its own role and knows no other command.
 * Each session gets a connection of its own, good for one signature.  All
 * sessions together get 10 signatures a second after a burst of 32; they are
 * served in turn.
 */
#ifndef BLESEC_SIGNER_H
#define BLESEC_SIGNER_H

#include <sys/types.h>

#include <openssl/x509.h>

#include "diag.h"
#include "role.h"

struct signer {
	enum role role;
	const char *key;	/* as key_load takes it; borrowed */
	X509 *cert;		/* borrowed */
	pid_t pid;		/* 0: not running */
	int control;
};

/*
 * Start the process and wait until it has loaded the key and the key is found
 * to be that of cert.  At most 30 seconds.
 * Returns STATUS_OK, STATUS_IDENTITY, STATUS_TPM or STATUS_TIMEOUT, having
 * said why.
 */
enum status signer_start(struct signer *signer, enum role role,
			 const char *key, X509 *cert);

/*
 * A new connection, for signer_provider_connect; the caller closes it.  Starts
 * the process again if it has ended, as it does when the TPM fails.
 * Returns STATUS_OK or as signer_start.
 */
enum status signer_open(struct signer *signer, int *fd);

/* End the process and wait for it. */
void signer_stop(struct signer *signer);

#endif
