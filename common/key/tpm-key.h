/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a key in the TPM, the file that names it, and what the TPM says of it. */
#ifndef BLESEC_TPM_KEY_H
#define BLESEC_TPM_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <tss2/tss2_common.h>

#include "base/diag.h"
#include "base/limits.h"

/* TCG, "Registry of Reserved TPM 2.0 Handles": the storage root key. */
#define TPM_KEY_PARENT 0x81000001U

/* How to make a key.  What points is borrowed. */
struct tpm_key_wish {
	uint32_t parent;	/* persistent handle; made if nothing is there */
	uint32_t persistent;	/* put the key there too; 0: nowhere */
	const char *auth;	/* password of the key; NULL: none */
	const char *owner_auth;	/* of the owner hierarchy; NULL: none */
	const char *import;	/* a PEM file with the key; NULL: a new one */
};

/*
 * Make an ECDSA P-256 key under the parent, or take one in, and write it to
 * file as a PEM "TSS2 PRIVATE KEY" (of the draft "ASN.1 Specification for TPM
 * 2.0 Key Files").
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

/*
 * What the TPM answers when it is to load the key of this file, which OpenSSL
 * does not tell; 0 if it does, or is not there, or the parent is not kept in it.
 */
TSS2_RC tpm_key_try(const char *path);

#define TPM_KEY_FAULT_MAX 300

/*
 * Is where, a path to a PEM file or "handle:0x81...", a key of this TPM?  Have
 * the TPM load it and show what it is.  *fault is empty if it was made in the
 * TPM and cannot leave it (fixedTPM, fixedParent, sensitiveDataOrigin), and else
 * says what is missing; *imported is true if it was made elsewhere and still
 * cannot leave it, as what tpm_import makes.
 * Returns STATUS_OK; STATUS_IDENTITY (no such file, or one whose parent is not
 * kept in the TPM) or STATUS_TPM, having said why.
 */
enum status tpm_key_judge(const char *where, char fault[TPM_KEY_FAULT_MAX],
			  bool *imported);

#endif
