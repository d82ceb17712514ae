/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read a certificate's name, pin and addresses, and check its form. */
#ifndef BLESEC_CERT_H
#define BLESEC_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <openssl/x509.h>

#include "base/limits.h"

#define CERT_NAME_MAX 64	/* ub-common-name, RFC 5280 appendix A.1 */
#define CERT_PIN_SIZE 53	/* "sha256//", 44 base64 digits, NUL */

/*
 * True if the name is allowed in our certificates: 1 to 64 of [A-Za-z0-9._-].
 */
bool cert_name_valid(const char *name);

/*
 * The subject's name: its first dNSName, or its commonName if the certificate
 * has no subjectAltName at all (RFC 6125 section 6.4.4).  Writes a string of
 * at most CERT_NAME_MAX characters; false if there is none that is valid.
 */
bool cert_name(X509 *cert, char name[CERT_NAME_MAX + 1]);

/*
 * True if one of the names that cert_name chooses among (every dNSName, or
 * else the commonName) matches the glob(7) pattern.
 */
bool cert_name_matches(X509 *cert, const char *pattern);

/* The SHA-256 of the SubjectPublicKeyInfo, as in curl and DANE 3 1 1. */
bool cert_pin(X509 *cert, char pin[CERT_PIN_SIZE]);

/*
 * True if the certificate names this Bluetooth address ("AA:BB:CC:DD:EE:FF")
 * in a subjectAltName URI "urn:bdaddr:AA-BB-CC-DD-EE-FF".
 */
bool cert_has_address(X509 *cert, const char *address);

/* The checks on a certificate's encoding alone. */
enum cert_check {
	CERT_SIZE,		/* at most CERT_DER_MAX octets */
	CERT_VERSION,		/* 3 */
	CERT_CURVE,		/* P-256 or P-384, as a named curve */
	CERT_SIGNATURE,		/* ECDSA with SHA-2, by its identifier */
	CERT_NOT_A_CA,
	CERT_KEY_USAGE,		/* digitalSignature */
	CERT_EXTENDED_KEY_USAGE,	/* clientAuth for a central, serverAuth
				 * for a peripheral, whichever is asked for */
	CERT_FORM_FIRST = CERT_SIZE,
	CERT_FORM_LAST = CERT_SIGNATURE,
	CERT_USAGE_FIRST = CERT_NOT_A_CA,
	CERT_USAGE_LAST = CERT_EXTENDED_KEY_USAGE,
};

/*
 * Returns NULL, or a static text that says what is wrong.  central and
 * peripheral only matter for CERT_EXTENDED_KEY_USAGE; with both set, either
 * usage is enough.
 */
const char *cert_fault(X509 *cert, enum cert_check check, bool central,
		       bool peripheral);

/* True if certificates and CRLs may be signed with this algorithm. */
bool cert_signature_valid(int nid);

/*
 * NULL if the form is one we accept: version 3, at most CERT_DER_MAX octets, an
 * EC key on P-256 or P-384 given as a named curve, signed with ECDSA and
 * SHA-2.  Else what is wrong, in words.  This reads the encoding only, so it
 * can run before any public-key operation on data from the peer.
 */
const char *cert_form_fault(X509 *cert);

#define CERT_TIME_SIZE 32

/*
 * Whole days until the time, negative if it has passed.  False if the time is
 * malformed.
 */
bool cert_days_left(const ASN1_TIME *end, long *days);

/* Write the time in UTC in the form of RFC 3339; "" if it is malformed. */
void cert_time(const ASN1_TIME *time, char text[CERT_TIME_SIZE]);

/*
 * Read all certificates of a PEM file, in order.  Returns NULL after diag_error
 * if the file cannot be read, has no certificate, or has one that cannot be
 * read; the others are not used then.  cert_read takes an open file, which it
 * does not close, and a name for messages.
 */
STACK_OF(X509) *cert_read_file(const char *path);
STACK_OF(X509) *cert_read(FILE *file, const char *name);

/*
 * Call this after a PEM reader has returned NULL: true if there was no more,
 * false if there is an object that cannot be read.
 */
bool cert_pem_ended(void);

/*
 * A password callback for PEM_read_... that refuses encrypted objects.  Without
 * it, OpenSSL prompts on the terminal and waits.
 */
int cert_no_password(char *text, int size, int rwflag, void *arg);

#endif
