/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The signer: a process of its own that holds the private key.
 *
 * It signs the CertificateVerify of its own role and knows no other command.
 * Each session gets a connection of its own, good for one signature.  Sessions
 * are served in turn, as often as sign-limit.h says.
 */
#ifndef BLESEC_SIGNER_H
#define BLESEC_SIGNER_H

#include <stdbool.h>
#include <sys/types.h>

#include <openssl/x509.h>

#include "base/diag.h"
#include "base/role.h"
#include "base/secret.h"

struct loop;

struct signer {
	enum role role;
	const char *key;	/* as key_load takes it; borrowed */
	struct secret *auth;	/* the key's password; borrowed */
	X509 *cert;		/* borrowed */
	pid_t pid;		/* 0: not running */
	int control;
	bool refused;		/* the key: it is not tried again */
};

/*
 * Start the process and wait until it has loaded the key and the key is found
 * to be that of cert.  At most 30 seconds, after auth, the key's password, has
 * been read, which is forgotten here, so that the new process alone has it.
 * Returns STATUS_OK, STATUS_IDENTITY, STATUS_TPM or STATUS_TIMEOUT, having
 * said why.
 */
enum status signer_start(struct signer *signer, enum role role,
			 const char *key, struct secret *auth, X509 *cert);

/*
 * A new connection, for signer_provider_connect; the caller closes it.  from is
 * the peer's address as a number, 0 for none.  Starts the process again if it
 * has ended, as it does if the key does not sign and it may not load it again;
 * its password is then that of a file, or not known any more.  What is refused
 * with STATUS_IDENTITY is so from then on.
 * Returns STATUS_OK or as signer_start.
 */
enum status signer_open(struct signer *signer, uint64_t from, int *fd);

/* End the process and wait for it. */
void signer_stop(struct signer *signer);

/*
 * Open no more connections, but let those that are open have their signature;
 * the process ends with the last of them.  It goes into the list, and out of it
 * by itself; signer_stop_retired ends all that are in it still.
 */
struct signer_retired;
void signer_retire(struct signer *signer, struct loop *loop,
		   struct signer_retired **list);
void signer_stop_retired(struct signer_retired **list);

#endif
