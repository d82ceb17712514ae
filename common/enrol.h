/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Identity directories in the making: keys, requests, and the replacement of
 * an identity as a set.
 *
 * The next identity is staged in the sibling "DIR.next" and exchanged with DIR
 * in one step: whatever happens, DIR is the old identity or the new one.
 */
#ifndef BLESEC_ENROL_H
#define BLESEC_ENROL_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "key.h"

struct enrol {
	char *dir;		/* absolute */
	char *next;		/* dir + ".next" */
	char *parent;
	int lock;
};

/*
 * Lock DIR against other provisioners, waiting at most 30 seconds.
 * Returns STATUS_OK, or STATUS_IDENTITY having said why; then enrol_end.
 */
enum status enrol_begin(const char *dir, struct enrol *enrol);
void enrol_end(struct enrol *enrol);

/* Whether DIR, or DIR.next if next, has a key.pem. */
bool enrol_has_key(const struct enrol *enrol, bool next);

/*
 * Start DIR.next anew with a new key: in the TPM, or in software.
 * Returns STATUS_OK, else STATUS_TPM or STATUS_IDENTITY having said why.
 */
enum status enrol_make_key(struct enrol *enrol, bool tpm);

/* Load the key of DIR, or of DIR.next; as key_load. */
enum status enrol_load_key(const struct enrol *enrol, bool next,
			   struct key **key);

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
 * Put a certificate chain (leaf first) into an identity that has this key, in
 * DIR or DIR.next, and make it the identity in DIR.  Refused, with nothing
 * changed, if it is not the key's, does not chain to one of the anchors, is not
 * valid now, or is of no use to a device (cert_usage_fault).
 */
enum status enrol_install(struct enrol *enrol, bool next, struct key *key,
			  STACK_OF(X509) *chain, STACK_OF(X509) *anchors);

/* Remove DIR.next. */
void enrol_discard(const struct enrol *enrol);

/* Make DIR.next, as it is, the identity in DIR. */
enum status enrol_commit(struct enrol *enrol);

#endif
