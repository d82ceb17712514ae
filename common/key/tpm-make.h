/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a key in the TPM, or taking one in. */
#ifndef BLESEC_TPM_MAKE_H
#define BLESEC_TPM_MAKE_H

#include <stdint.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/limits.h"

/* TCG, "Registry of Reserved TPM 2.0 Handles": the storage root key. */
#define TPM_KEY_PARENT 0x81000001U

/* How to make a key.  Pointers are borrowed. */
struct tpm_key_wish {
	uint32_t parent;	/* persistent handle; made if nothing is there */
	uint32_t persistent;	/* put the key there too; 0: nowhere */
	const char *auth;	/* password of the key; NULL: none */
	const char *owner_auth;	/* of the owner hierarchy; NULL: none */
	const char *import;	/* a PEM file with the key; NULL: a new one */
};

/*
 * Make an ECDSA P-256 key under the parent, or take one in, and write it to
 * file as tpm_key_write does.  An encrypted file to take in has the password that
 * the key gets.
 *
 * The key signs only.  It has dictionary-attack protection if it has a password;
 * otherwise not: a few dozen power cuts would lock a device out of its own key.
 * Returns STATUS_OK, or STATUS_TPM, STATUS_IDENTITY (a password, a file to take
 * in) or STATUS_OTHER, having said why; nothing is left in the TPM then but the
 * parent.
 */
enum status tpm_key_make(const struct tpm_key_wish *wish, FILE *file);

/* Remove what tpm_key_make has put at wish->persistent, if anything. */
void tpm_key_evict(const struct tpm_key_wish *wish);

#endif
