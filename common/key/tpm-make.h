/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Create a key in the TPM, or import one. */
#ifndef BLESEC_TPM_MAKE_H
#define BLESEC_TPM_MAKE_H

#include <stdint.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/limits.h"

/* TCG, "Registry of Reserved TPM 2.0 Handles": the storage root key. */
#define TPM_KEY_PARENT 0x81000001U

/* How to create a key.  Pointers are borrowed. */
struct tpm_key_wish {
	uint32_t parent;	/* persistent handle; created if nothing is
				 * there */
	uint32_t persistent;	/* also store the key there; 0: nowhere */
	const char *auth;	/* password of the key; NULL: none */
	const char *owner_auth;	/* of the owner hierarchy; NULL: none */
	const char *import;	/* PEM file to import; NULL: create a key */
};

/*
 * Create an ECDSA P-256 key under the parent, or import one, and write it to
 * file with tpm_key_write.  The password of an encrypted file to import is also
 * the password that the key gets.
 *
 * The key can only sign.  It has dictionary-attack protection only if it has a
 * password; without one, a few dozen power cuts would lock a device out of its
 * own key.  Returns STATUS_OK; after saying why, STATUS_TPM, STATUS_IDENTITY (a
 * password, the file to import) or STATUS_OTHER, with nothing left in the TPM
 * but the parent.
 */
enum status tpm_key_make(const struct tpm_key_wish *wish, FILE *file);

/* Remove the key that tpm_key_make stored at wish->persistent, if any. */
void tpm_key_evict(const struct tpm_key_wish *wish);

#endif
