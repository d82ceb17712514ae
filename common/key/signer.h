/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The signer: a separate process that holds the private key.
 *
 * It signs the CertificateVerify of its own role and nothing else.  Each
 * session gets its own connection, which is good for one signature.  Sessions
 * are served in turn, within the limits of sign-limit.h.
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
	const char *key;	/* as for key_load; borrowed */
	struct secret *auth;	/* the key's password; borrowed */
	X509 *cert;		/* borrowed */
	pid_t pid;		/* 0: not running */
	int control;
	bool refused;		/* the key was refused and is not tried again */
};

/*
 * Read the key's password, start the process, and wait for at most 30 seconds
 * until it has loaded the key and checked that it belongs to cert.  The
 * password is then forgotten here: only the new process has it.  Returns
 * STATUS_OK, or STATUS_IDENTITY, STATUS_TPM or STATUS_TIMEOUT after saying why.
 */
enum status signer_start(struct signer *signer, enum role role,
			 const char *key, struct secret *auth, X509 *cert);

/*
 * Open a new connection for signer_provider_connect; the caller closes it.
 * from is the peer's address as a number, 0 for none.
 *
 * A process that has ended is started again; it ends if the key does not sign
 * and cannot be loaded again.  A restart needs a password in a file, as others
 * are forgotten.  A key that was refused with STATUS_IDENTITY is not tried
 * again.  Returns STATUS_OK or the status of signer_start.
 */
enum status signer_open(struct signer *signer, uint64_t from, int *fd);

/* End the process and wait until it has ended. */
void signer_stop(struct signer *signer);

/*
 * Open no more connections, but let the open ones get their signature; the
 * process ends with the last of them.  The signer is on the list until then;
 * signer_stop_retired ends all that are still on it.
 */
struct signer_retired;
void signer_retire(struct signer *signer, struct loop *loop,
		   struct signer_retired **list);
void signer_stop_retired(struct signer_retired **list);

#endif
