/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request and its answer over libcurl, with limits on size and time. */
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
	const char *kind;	/* kind of server, for messages: "EST" */
	const char *url;	/* name of the server in messages */
	size_t max;		/* most octets in an answer's body */
	char error[CURL_ERROR_SIZE];
};

struct http_answer {
	long status;		/* HTTP status */
	char type[128];		/* Content-Type; each field is "" if absent */
	char retry[64];		/* Retry-After */
	char etag[HTTP_FIELD_MAX];	/* ETag as received; "" if too long */
	char modified[64];	/* Last-Modified */
	char *body;		/* len octets and a NUL, or NULL */
	size_t len;
	size_t headers;		/* octets of the header */
	bool too_much;		/* header or body exceeded the limit */
};

/*
 * Create the handle for these protocols ("https", "http,https"), with TLS 1.2
 * or later and without redirects.  Returns STATUS_OK, or STATUS_OTHER after
 * saying why; call http_close in either case.  The caller sets kind, url and
 * max.
 */
enum status http_open(struct http *http, const char *protocols);
void http_close(struct http *http);

/*
 * Set whom to trust: the CAs in a PEM file, which is read now, the CAs of the
 * system, or none if the caller has a pin.  Returns STATUS_OK, or
 * STATUS_IDENTITY or STATUS_OTHER after saying why.
 */
enum status http_trust(struct http *http, const char *ca_file, bool system);

/*
 * Request the URL with these header fields (may be NULL) within this many
 * seconds.  Returns CURLE_OK if the server has answered, whatever the HTTP
 * status.  Call http_answer_free in either case.
 */
CURLcode http_ask(struct http *http, const char *url,
		  struct curl_slist *fields, long seconds,
		  struct http_answer *answer);
void http_answer_free(struct http_answer *answer);

/*
 * Report why no answer came, followed by more, and return the matching status:
 * STATUS_PEER, STATUS_TIMEOUT, STATUS_IDENTITY or STATUS_LINK.
 */
enum status http_no_answer(const struct http *http, CURLcode code,
			   const struct http_answer *answer, const char *more);

/* True if the URL has this part. */
bool http_url_has(CURLU *url, CURLUPart part);

#endif
