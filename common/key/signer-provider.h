/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The delegating provider: an OpenSSL provider in the process that speaks TLS. 
 * It has the public half of the certificate's key; its one private operation
 * asks the signer process or, in blesec-provision, a key.
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

/*
 * Set the signer's socket of this process, and how long to wait for an answer.
 */
void signer_provider_connect(int fd, int timeout_ms);

/*
 * Sign with this key instead of a signer process, whatever TLS has to sign: for
 * a client of a server that is no peer.  NULL ends that.  Forgets the result of
 * the last signature.
 */
void signer_provider_use(struct key *key);

/*
 * The result of the last signature: STATUS_OK, also if there was none, or why
 * it failed (STATUS_TPM, STATUS_REFUSED, STATUS_TIMEOUT, STATUS_OTHER). 
 * microseconds is what the key took, as the signer measured it.
 */
enum status signer_provider_result(uint32_t *microseconds);

#endif
