/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where CRLs can be downloaded, and the download over http or https if there
 * are newer ones.
 */
#ifndef BLESEC_CRL_FETCH_H
#define BLESEC_CRL_FETCH_H

#include <stdbool.h>

#include "pki/crl.h"
#include "base/diag.h"
#include "http/http.h"

#define CRL_URLS_MAX 8
#define CRL_URL_MAX 1024	/* characters, including the NUL */

/* A place of a CRL.  Places of the same CRL have the same point. */
struct crl_url {
	char text[CRL_URL_MAX];
	int point;
};

/*
 * Returns NULL if the URL is http or https, in printable ASCII, without a user
 * name; else what is expected, in words.
 */
const char *crl_url_fault(const char *url);

/*
 * List the places that the certificates name in their CRL distribution points
 * (RFC 5280 section 4.2.1.13), in order, each once.  Only points of one issuer
 * and for all reasons count, and only URLs that crl_url_fault accepts.  Returns
 * how many there are, at most CRL_URLS_MAX.
 */
int crl_urls(const STACK_OF(X509) *certs, struct crl_url urls[CRL_URLS_MAX]);

/* The validators in a server's answer (RFC 9110 sections 8.8.2, 8.8.3). */
struct crl_validators {
	char etag[HTTP_FIELD_MAX], modified[64];	/* "": none */
};

/*
 * Download the URL within this many seconds.  Follow redirects, but not from
 * https to another protocol.  An https server is trusted if its chain ends at a
 * CA in the PEM file, or at one of the system's CAs if ca_file is NULL.
 *
 * With validators, *crls is NULL if the server has nothing newer.  Otherwise
 * *crls gets the CRLs, unchecked, which the caller frees, and the validators
 * become those of the answer.
 *
 * Returns STATUS_OK; after saying why, STATUS_IDENTITY (the answer is
 * unusable), STATUS_PEER, STATUS_LINK or STATUS_TIMEOUT.
 */
enum status crl_fetch(const char *url, const char *ca_file, long seconds,
		      struct crl_validators *validators,
		      STACK_OF(X509_CRL) **crls);

#endif
