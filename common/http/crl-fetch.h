/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the CRLs of certificates are to be had, and getting them over http or
 * https; only if there are newer ones.
 */
#ifndef BLESEC_CRL_FETCH_H
#define BLESEC_CRL_FETCH_H

#include <stdbool.h>

#include "pki/crl.h"
#include "base/diag.h"
#include "http/http.h"

#define CRL_URLS_MAX 8
#define CRL_URL_MAX 1024	/* characters, the NUL among them */

/* Places of the same CRL have the same point. */
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
 * The places that the certificates name in their CRL distribution points (RFC
 * 5280 section 4.2.1.13), in order, each once.  Of the points, those of one
 * issuer for all reasons; of the places, URLs that crl_url_fault takes.
 * Returns how many, at most CRL_URLS_MAX.
 */
int crl_urls(const STACK_OF(X509) *certs, struct crl_url urls[CRL_URLS_MAX]);

/* What a server said of its answer (RFC 9110 sections 8.8.2, 8.8.3). */
struct crl_validators {
	char etag[HTTP_FIELD_MAX], modified[64];	/* "": none */
};

/*
 * Get what is at the URL within so many seconds, redirects included; https is
 * left for no other protocol.  The server of https is believed if it chains to
 * a CA of the PEM file, or to one of the system if that is NULL.
 *
 * With validators, *crls may become NULL: the server has nothing else than what
 * came with them.  Else these are the CRLs, which the caller frees; nothing in
 * them is checked yet.  The validators become those of the answer.
 *
 * Returns STATUS_OK, or having said why STATUS_IDENTITY (what came is of no
 * use), STATUS_PEER, STATUS_LINK or STATUS_TIMEOUT.
 */
enum status crl_fetch(const char *url, const char *ca_file, long seconds,
		      struct crl_validators *validators,
		      STACK_OF(X509_CRL) **crls);

#endif
