/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The delegating provider: an OpenSSL provider in the process that speaks TLS.
 * It shows the public half of the certificate's key; its one private operation
 * asks the signer process, or, in blesec-provision, a key.
 */
#ifndef BLESEC_SIGNER_PROVIDER_H
#define BLESEC_SIGNER_PROVIDER_H

#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "base/diag.h"
#include "key/key.h"

/*
 * Load the provider into libctx; OSSL_PROVIDER_unload undoes it.  NULL with an
 * OpenSSL error.
 */
OSSL_PROVIDER *signer_provider_load(OSSL_LIB_CTX *libctx);

/*
 * A key for SSL_CTX_use_PrivateKey: the certificate's public half, and the
 * signer for the rest.  NULL with an OpenSSL error.
 */
EVP_PKEY *signer_provider_key(OSSL_LIB_CTX *libctx, X509 *cert);

/* The signer's socket of this process, and how long to wait for an answer. */
void signer_provider_connect(int fd, int timeout_ms);

/*
 * Sign with this key here instead, without a signer process, and whatever TLS
 * has to sign: for a client of a server that is no peer.  NULL ends that.
 * Forgets how the last signature went.
 */
void signer_provider_use(struct key *key);

/*
 * How the last signature went: STATUS_OK, also if there was none, or why it
 * failed (STATUS_TPM, STATUS_REFUSED, STATUS_TIMEOUT, STATUS_OTHER); and the time the key took, as the signer
 * measured it, in microseconds.
 */
enum status signer_provider_result(uint32_t *microseconds);

#endif
