/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request and its answer over libcurl, bounded in size and in time. */
#ifndef BLESEC_HTTP_H
#define BLESEC_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#include "base/diag.h"
#include "base/limits.h"

#define HTTP_HEADERS_MAX 16384	/* octets */
#define HTTP_FIELD_MAX 256

struct http {
	CURL *curl;
	const char *kind;	/* of server, for messages: "EST" */
	const char *url;	/* what the server is called in them */
	size_t max;		/* octets of an answer's body */
	char error[CURL_ERROR_SIZE];
};

struct http_answer {
	long status;		/* HTTP's */
	char type[128];		/* Content-Type; all "" if there is none */
	char retry[64];		/* Retry-After */
	char etag[HTTP_FIELD_MAX];	/* ETag, as it came; "" if too long */
	char modified[64];	/* Last-Modified */
	char *body;		/* len octets and a NUL, or NULL */
	size_t len;
	size_t headers;		/* octets of them */
	bool too_much;		/* of either came */
};

/*
 * Make the handle, for these protocols ("https", "http,https"), with TLS 1.2 or
 * later and without redirects.  Returns STATUS_OK, or STATUS_OTHER having said
 * why; call http_close in either case.  The caller sets kind, url and max.
 */
enum status http_open(struct http *http, const char *protocols);
void http_close(struct http *http);

/*
 * Set whom to trust: the CAs of a PEM file, which is read now, those of the
 * system, or none (the caller has a pin).  Returns STATUS_OK, STATUS_IDENTITY
 * or STATUS_OTHER having said why.
 */
enum status http_trust(struct http *http, const char *ca_file, bool system);

/*
 * Ask for the URL, with these header fields (may be NULL), within so many
 * seconds.  Returns CURLE_OK if the server has answered, whatever the status. 
 * Call http_answer_free in either case.
 */
CURLcode http_ask(struct http *http, const char *url,
		  struct curl_slist *fields, long seconds,
		  struct http_answer *answer);
void http_answer_free(struct http_answer *answer);

/*
 * Say why no answer came, adding more, and return the status for that:
 * STATUS_PEER, STATUS_TIMEOUT, STATUS_IDENTITY or STATUS_LINK.
 */
enum status http_no_answer(const struct http *http, CURLcode code,
			   const struct http_answer *answer, const char *more);

/* True if the URL has that part. */
bool http_url_has(CURLU *url, CURLUPart part);

#endif
