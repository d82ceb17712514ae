/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where CRLs can be had, and getting them over http or https, if there are
 * newer ones.
 */
#ifndef BLESEC_CRL_FETCH_H
#define BLESEC_CRL_FETCH_H

#include <stdbool.h>

#include "pki/crl.h"
#include "base/diag.h"
#include "http/http.h"

#define CRL_URLS_MAX 8
#define CRL_URL_MAX 1024	/* characters, the NUL among them */

/* A place of a CRL.  Places of the same CRL have the same point. */
struct crl_url {
	char text[CRL_URL_MAX];
	int point;
};

/*
 * NULL if the URL is one of http or https, in printable ASCII, without a user;
 * else what is wanted, in words.
 */
const char *crl_url_fault(const char *url);

/*
 * List the places that the certificates name in their CRL distribution points
 * (RFC 5280 section 4.2.1.13), in order, each once.  Only points of one issuer
 * and for all reasons count, and only URLs that crl_url_fault accepts.  Returns
 * how many there are, at most CRL_URLS_MAX.
 */
int crl_urls(const STACK_OF(X509) *certs, struct crl_url urls[CRL_URLS_MAX]);

/* What a server said of its answer (RFC 9110 sections 8.8.2, 8.8.3). */
struct crl_validators {
	char etag[HTTP_FIELD_MAX], modified[64];	/* "": none */
};

/*
 * Get what is at the URL within so many seconds, following redirects, but not
 * from https to another protocol.  A server of https is trusted if it chains to
 * a CA in the PEM file, or to one of the system's if ca_file is NULL.
 *
 * With validators, *crls may become NULL: the server has nothing newer. 
 * Otherwise it gets the CRLs, which are not checked yet and which the caller
 * frees, and the validators become those of the answer.
 *
 * Returns STATUS_OK, or having said why STATUS_IDENTITY (the answer is of no
 * use), STATUS_PEER, STATUS_LINK or STATUS_TIMEOUT.
 */
enum status crl_fetch(const char *url, const char *ca_file, long seconds,
		      struct crl_validators *validators,
		      STACK_OF(X509_CRL) **crls);

#endif
