/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The delegating provider: an OpenSSL provider in the process that does TLS.
 * It has the public half of the certificate's key.  Its one private operation
 * asks the signer process or, in blesec-provision, uses a key.
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
 * Make a key for SSL_CTX_use_PrivateKey, with the certificate's public half;
 * the signer does the rest.  Returns NULL with an OpenSSL error.
 */
EVP_PKEY *signer_provider_key(OSSL_LIB_CTX *libctx, X509 *cert);

/* Set the socket to the signer and the time to wait for an answer. */
void signer_provider_connect(int fd, int timeout_ms);

/*
 * Sign with this key instead of a signer process, whatever TLS has to sign; for
 * a TLS client of a server that is not a peer.  NULL ends this.  Clears the
 * result of the last signature.
 */
void signer_provider_use(struct key *key);

/*
 * The result of the last signature: STATUS_OK, also if there was none, or why
 * it failed (STATUS_TPM, STATUS_REFUSED, STATUS_TIMEOUT, STATUS_OTHER).
 * microseconds is the time the key took, as measured by the signer.
 */
enum status signer_provider_result(uint32_t *microseconds);

#endif
