/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Identity directories in the making: keys, requests, and the replacement of
 * an identity as a set.
 *
 * The next identity is staged in the sibling "DIR.new" and exchanged with DIR in
 * one step: whatever happens, DIR is the old identity or the new one.  A new key
 * waits for its certificate in "DIR.next".
 */
#ifndef BLESEC_ENROL_H
#define BLESEC_ENROL_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "key/key.h"
#include "key/tpm-make.h"

struct enrol {
	char *dir;		/* absolute */
	char *next;		/* dir + ".next" */
	char *parent;
	int lock;		/* dir + ".lock"; -1: not held */
	const char *key;	/* of DIR, not its key.pem; or NULL */
	struct tpm_key_wish made;	/* persistent: to evict with DIR.next */
};

/*
 * Lock DIR against other provisioners, by DIR.lock, waiting at most 30
 * seconds.  Returns STATUS_OK, or STATUS_IDENTITY having said why; call
 * enrol_end in either case.
 */
enum status enrol_begin(const char *dir, struct enrol *enrol);
void enrol_end(struct enrol *enrol);

/* Whether DIR, or DIR.next if next, has a key. */
bool enrol_has_key(const struct enrol *enrol, bool next);

#define ENROL_WAITING_MAX 600
/* Describe DIR.next, which has a key, as the beginning of a sentence. */
void enrol_waiting(const struct enrol *enrol, char words[ENROL_WAITING_MAX]);

/*
 * Start DIR.next anew with a new key: in the TPM, or in software (P-256, as
 * PKCS#8, encrypted if wish has a password).  If this replaces a key, a warning
 * says so.  What wish points to is borrowed until enrol_end.  Returns
 * STATUS_OK, else STATUS_TPM or STATUS_IDENTITY having said why.
 */
enum status enrol_make_key(struct enrol *enrol, bool tpm,
			   const struct tpm_key_wish *wish);

/* Load the key of DIR, or of DIR.next; as key_load. */
enum status enrol_load_key(const struct enrol *enrol, bool next,
			   const struct secret *auth, struct key **key);

/*
 * A PKCS#10 request (RFC 2986) for this name, signed by the key.  sans: more
 * subjectAltNames as X509V3_EXT_nconf takes them ("DNS:a,URI:b"), may be
 * empty.  Returns STATUS_OK and a request that the caller frees, else
 * STATUS_USAGE, STATUS_TPM or STATUS_OTHER having said why, and NULL.
 */
enum status enrol_request(struct key *key, const char *name, const char *sans,
			  X509_REQ **req);

/* True if the certificate is for this key. */
bool enrol_matches(const struct key *key, X509 *cert);

/*
 * Put a certificate chain (leaf first) into the identity that has this key, in
 * DIR or DIR.next, and make it the identity in DIR.  It is refused, and nothing
 * changes, if it is for another key, or if enrol_check_chain refuses it with
 * the CRLs that are there.  The key in DIR.next stays until it is in DIR, and
 * also if it is not the one used.
 */
enum status enrol_install(struct enrol *enrol, bool next, struct key *key,
			  STACK_OF(X509) *chain, STACK_OF(X509) *anchors);

/* Remove DIR.next, and the key that enrol_make_key made persistent for it. */
void enrol_discard(struct enrol *enrol);

/* Make DIR.next, as it is, the identity in DIR. */
enum status enrol_commit(struct enrol *enrol);

#endif
