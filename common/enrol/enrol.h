/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Make identities: keys, requests, and the replacement of an identity as a set.
 *
 * The next identity is staged in the sibling "DIR.new" and exchanged with DIR
 * in one step: whatever happens, DIR is the old identity or the new one.  A new
 * key waits for its certificate in "DIR.next".
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
	const char *key;	/* key of DIR if it is not key.pem; or NULL */
	struct tpm_key_wish made;	/* its persistent key goes with
					 * DIR.next */
};

/*
 * Take DIR.lock against other provisioners, waiting at most 30 seconds.
 * Returns STATUS_OK, or STATUS_IDENTITY after saying why; call enrol_end in
 * either case.
 */
enum status enrol_begin(const char *dir, struct enrol *enrol);
void enrol_end(struct enrol *enrol);

/* True if DIR, or DIR.next if next is set, has a key. */
bool enrol_has_key(const struct enrol *enrol, bool next);

#define ENROL_WAITING_MAX 600
/* Describe DIR.next, which has a key, as the beginning of a sentence. */
void enrol_waiting(const struct enrol *enrol, char words[ENROL_WAITING_MAX]);

/*
 * Create DIR.next anew with a new key: in the TPM, or in software (P-256, as
 * PKCS#8, encrypted if wish has a password).  Warns if this replaces a key.
 * What wish points to is borrowed until enrol_end.  Returns STATUS_OK, or
 * STATUS_TPM or STATUS_IDENTITY after saying why.
 */
enum status enrol_make_key(struct enrol *enrol, bool tpm,
			   const struct tpm_key_wish *wish);

/* Load the key of DIR, or of DIR.next; returns the status of key_load. */
enum status enrol_load_key(const struct enrol *enrol, bool next,
			   const struct secret *auth, struct key **key);

/*
 * Make a PKCS#10 request (RFC 2986) for this name, signed by the key.  sans has
 * more subjectAltNames in the form of X509V3_EXT_nconf ("DNS:a,URI:b"), or is
 * empty.  Returns STATUS_OK and a request that the caller frees, or NULL and
 * STATUS_USAGE, STATUS_TPM or STATUS_OTHER after saying why.
 */
enum status enrol_request(struct key *key, const char *name, const char *sans,
			  X509_REQ **req);

/* True if the certificate is for this key. */
bool enrol_matches(const struct key *key, X509 *cert);

/*
 * Put a certificate chain (leaf first) into the identity with this key, in DIR
 * or DIR.next, and make it the identity in DIR.  If the certificate is for
 * another key, or enrol_check_chain refuses the chain with the CRLs there, it
 * is refused and nothing changes.  The key in DIR.next stays until it is in
 * DIR, and also if it is not the key used.
 */
enum status enrol_install(struct enrol *enrol, bool next, struct key *key,
			  STACK_OF(X509) *chain, STACK_OF(X509) *anchors);

/* Remove DIR.next and the key that enrol_make_key made persistent for it. */
void enrol_discard(struct enrol *enrol);

/* Make DIR.next, as it is, the identity in DIR. */
enum status enrol_commit(struct enrol *enrol);

#endif
