/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enrolment over Secure Transport (RFC 7030, RFC 8951), the client.
 *
 * The server is believed because of a trust anchor or a pin that the caller
 * names, never otherwise.  Every function that can fail says why and returns
 *
 *	STATUS_USAGE	the settings are not meant like that
 *	STATUS_IDENTITY	a file of ours, or what the server gave, is of no use
 *	STATUS_PEER	the server is not who it must be, or refuses us
 *	STATUS_LINK	no connection
 *	STATUS_TPM	the key does not sign
 *	STATUS_TIMEOUT	it takes too long, or would
 */
#ifndef BLESEC_EST_H
#define BLESEC_EST_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "base/diag.h"
#include "base/limits.h"
#include "http/est-answer.h"
#include "key/key.h"

#define EST_TIMEOUT_MAX_S 604800

struct est_settings {
	const char *url;	/* https://HOST[:PORT][/PATH] */
	const char *label;	/* NULL: no label */
	const char *user;	/* HTTP user name; NULL: none */
	const char *password_file;
	struct key *key;	/* key of the TLS client; NULL: none */
	STACK_OF(X509) *chain;	/* for that key, leaf first */
	const char *ca_file;	/* the server's anchors, PEM, or NULL */
	const char *pin;	/* of the server's key; NULL: none */
	bool system;		/* also trust the system's anchors */
	long timeout_s;		/* 0: EST_TIMEOUT_S */
};

struct est;

/* What settings points to must live until est_close.  One handle at a time. */
enum status est_open(const struct est_settings *settings, struct est **est);
void est_close(struct est *est);

/* /cacerts: get certificates, which the caller frees. */
enum status est_cacerts(struct est *est, STACK_OF(X509) **certs);

/*
 * Copy the self-signed ones into a new stack; STATUS_IDENTITY if there are
 * none.
 */
enum status est_anchors(STACK_OF(X509) *certs, STACK_OF(X509) **anchors);

/*
 * /csrattrs: get what the server wants in a request for a key of this size,
 * which may be nothing.  est_csrattrs_warn warns about what a request lacks.
 */
enum status est_csrattrs(struct est *est, int bits, struct est_wishes *wishes);
void est_csrattrs_warn(const struct est_wishes *wishes);

/*
 * /simpleenroll, or /simplereenroll if again is set: have the request signed,
 * waiting as long as the server asks, within the time limit.  Returns a chain
 * for the request's key, leaf first, that leads to one of the anchors and is
 * valid now; it is completed from more (the answer of /cacerts; may be NULL).
 */
enum status est_enrol(struct est *est, bool again, X509_REQ *req,
		      STACK_OF(X509) *anchors, STACK_OF(X509) *more,
		      STACK_OF(X509) **chain);

#endif
