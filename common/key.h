/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A private key, in the TPM or in a file: load it, sign with it.
 *
 * Only the signer process and blesec-provision use this part.  The key lives
 * in an OpenSSL library context of its own, so that nothing else is ever sent
 * to the TPM.
 */
#ifndef BLESEC_KEY_H
#define BLESEC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "diag.h"

struct key;

/* A DER ECDSA-Sig-Value on P-384 is at most this long. */
#define KEY_SIGNATURE_MAX 104

/*
 * Load the key that where names: a path to a PEM file (TSS2 PRIVATE KEY or
 * PKCS#8) or an OpenSSL store URI such as "handle:0x81000002".  A file that
 * others than its owner can read is refused.  Only EC keys on P-256 and P-384
 * are taken.
 *
 * Returns STATUS_OK and a key that key_free frees, else STATUS_IDENTITY (no
 * such key, or not a usable one) or STATUS_TPM (the TPM does not answer or
 * refuses), having said why.
 */
enum status key_load(const char *where, struct key **key);
void key_free(struct key *key);

/* True if the private half is in a TPM. */
bool key_in_tpm(const struct key *key);

/* The public half, for any OpenSSL use; borrowed, lives as long as the key. */
EVP_PKEY *key_public(const struct key *key);

/*
 * Sign tbs: hash it in software (SHA-256 for P-256, SHA-384 for P-384), have
 * the key sign the digest.  sig takes KEY_SIGNATURE_MAX bytes and gets a DER
 * ECDSA-Sig-Value (RFC 3279 section 2.2.3).
 * Returns STATUS_OK, STATUS_TPM or STATUS_OTHER, having said why.
 */
enum status key_sign(struct key *key, const void *tbs, size_t tbs_len,
		     uint8_t *sig, size_t *sig_len);

#endif
