/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parse the answers of an EST server (RFC 7030, 8951).  No I/O. */
#ifndef BLESEC_EST_ANSWER_H
#define BLESEC_EST_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <openssl/x509.h>

#define EST_BODY_MAX 131072	/* octets of an answer, in base64 */
#define EST_CERTS_MAX 16	/* certificates in one answer */
#define EST_FAULT_MAX 200

/* What is wrong with an answer, in words, with the offending value. */
struct est_fault {
	char text[EST_FAULT_MAX];
};

/*
 * Decode base64 (RFC 4648), with or without line breaks anywhere.  Returns the
 * octets, which the caller frees with free, or NULL with the fault.
 */
uint8_t *est_base64(const char *text, size_t len, size_t *octets,
		    struct est_fault *fault);

/*
 * The certificates of a PKCS#7 (RFC 2315, RFC 5652) that is certs-only: no
 * content, no signature.  1 to EST_CERTS_MAX of them, which the caller frees,
 * or NULL with the fault.
 */
STACK_OF(X509) *est_certificates(const uint8_t *der, size_t len,
				 struct est_fault *fault);

/*
 * True if the content type is this media type and its parameter smime-type, if
 * present, is certs-only.  type may be NULL if there was no field.
 */
bool est_type_is(const char *type, const char *wanted);

/*
 * Parse Retry-After, a number or a date (RFC 9110 sections 5.6.7 and 10.2.3).
 * Returns the seconds, at most EST_RETRY_MAX; 0 if the date has passed; -1 if
 * it is neither.
 */
#define EST_RETRY_MAX 1000000000
long est_retry_after(const char *value, time_t now);

/*
 * Build a chain from the certificate for this key, which is among certs, and
 * its issuers, which are among certs and more (may be NULL), without the
 * self-signed one.  Returns a new stack, or NULL with the fault.
 */
STACK_OF(X509) *est_chain(STACK_OF(X509) *certs, STACK_OF(X509) *more,
			  EVP_PKEY *public, struct est_fault *fault);

/*
 * Check that the chain leads to one of the anchors and is valid now.  Returns
 * false with the fault if not.
 */
bool est_chain_valid(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
		     struct est_fault *fault);

#define EST_WISHES_MAX 32

/*
 * What the server wants in a request: an OID, or an attribute with one of its
 * values.
 */
struct est_wish {
	char name[80];		/* words if the OID is known, else dotted */
	bool given;		/* our request includes it */
};

struct est_wishes {
	size_t count;
	struct est_wish list[EST_WISHES_MAX];
};

/*
 * CsrAttrs (RFC 7030 section 4.5.2, RFC 8951 section 3.5).
 * bits: of the key that the request is for, 256 or 384, which decides what is
 * given.  False with the fault if this is not a CsrAttrs, or one of more than
 * EST_WISHES_MAX.
 */
bool est_wishes_parse(const uint8_t *der, size_t len, int bits,
		      struct est_wishes *wishes, struct est_fault *fault);

#endif
