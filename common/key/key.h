/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A private key, in the TPM or in a file: load it, sign with it.
 *
 * Only the signer process, blesec-provision and blesec-verify use this part.
 * The key lives in an OpenSSL library context of its own, so that nothing else
 * is ever sent to the TPM.
 */
#ifndef BLESEC_KEY_H
#define BLESEC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "base/diag.h"
#include "base/secret.h"

struct key;

/* A DER ECDSA-Sig-Value on P-384 is at most this long. */
#define KEY_SIGNATURE_MAX 104

#define KEY_FAULT_MAX 160

/*
 * Load the key that where names: a path to a PEM file (TSS2 PRIVATE KEY or
 * PKCS#8), or an OpenSSL store URI such as "handle:0x81000002" (of
 * tpm2-openssl) or "pkcs11:..." (of the provider of that name).  A file that
 * others than its owner can read is refused, as is any key but an EC key on
 * P-256 or P-384.
 *
 * auth is the key's password, already read, or NULL for none.  It is borrowed
 * for the life of the key, and tried here once if the key is in a TPM.
 *
 * Returns STATUS_OK and a key that the caller frees with key_free; after saying
 * why, STATUS_IDENTITY (no such key, an unusable key, a wrong password) or
 * STATUS_TPM (the TPM does not answer or refuses).
 */
enum status key_load(const char *where, const struct secret *auth,
		     struct key **key);
void key_free(struct key *key);

/* The path of the file if where names one; NULL for any other store URI. */
const char *key_path(const char *where);

/*
 * Check the mode of a key file.  Returns NULL if key_load accepts it, else what
 * is wrong and what to do, as the end of a sentence about the key.
 */
const char *key_mode_fault(unsigned int mode, char text[KEY_FAULT_MAX]);

/* True if the private half is in a TPM. */
bool key_in_tpm(const struct key *key);

/*
 * The public half, which any OpenSSL function can use; borrowed for the life of
 * the key.
 */
EVP_PKEY *key_public(const struct key *key);

/*
 * Sign tbs: hash it in software (SHA-256 for P-256, SHA-384 for P-384) and have
 * the key sign the digest.  sig takes KEY_SIGNATURE_MAX octets and gets a DER
 * ECDSA-Sig-Value (RFC 3279 section 2.2.3).  Returns STATUS_OK, or STATUS_TPM
 * or STATUS_IDENTITY having said why; then the key can only be freed.
 */
enum status key_sign(struct key *key, const void *tbs, size_t tbs_len,
		     uint8_t *sig, size_t *sig_len);

/*
 * Have the key sign a fresh random challenge, and verify the signature with the
 * public key of a certificate.  Returns STATUS_OK, STATUS_IDENTITY if it does
 * not verify, or the status of key_sign, after saying why.
 */
enum status key_prove(struct key *key, EVP_PKEY *public);

#endif
