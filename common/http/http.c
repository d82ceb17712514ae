/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki/cert.h"

#define CONNECT_S 20

/* The data received so far, and the limit. */
struct arrival {
	struct http_answer *answer;
	size_t max;
};

bool http_url_has(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return there;
}

enum status http_open(struct http *http, const char *protocols)
{
	CURL *curl = NULL;

	memset(http, 0, sizeof(*http));
	if (!curl_global_init(CURL_GLOBAL_DEFAULT))
		curl = curl_easy_init();
	http->curl = curl;
	if (curl &&
	    !curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->error) &&
	    !curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) &&
	    !curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) &&
	    !curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
	    !curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
			      CURL_HTTP_VERSION_1_1) &&
	    !curl_easy_setopt(curl, CURLOPT_SSLVERSION,
			      CURL_SSLVERSION_TLSv1_2) &&
	    !curl_easy_setopt(curl, CURLOPT_USERAGENT,
			      "blesec/" PACKAGE_VERSION))
		return STATUS_OK;
	diag_error("cannot use libcurl");
	return STATUS_OTHER;
}

void http_close(struct http *http)
{
	if (!http->curl)
		return;
	curl_easy_cleanup(http->curl);
	curl_global_cleanup();
	http->curl = NULL;
}

enum status http_trust(struct http *http, const char *ca_file, bool system)
{
	CURL *curl = http->curl;
	STACK_OF(X509) *certs;
	CURLcode bad = CURLE_OK;

	if (ca_file) {
		/*
		 * Read the file now, so that a later failure cannot be about
		 * it.
		 */
		certs = cert_read_file(ca_file);
		if (!certs)
			return STATUS_IDENTITY;
		sk_X509_pop_free(certs, X509_free);
	}
	if (!system) {
		bad |= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
		bad |= curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	}
	if (ca_file)
		bad |= curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
	if (!bad)
		return STATUS_OK;
	diag_error("libcurl does not accept the CAs to trust");
	return STATUS_OTHER;
}

void http_answer_free(struct http_answer *answer)
{
	free(answer->body);
	memset(answer, 0, sizeof(*answer));
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct http_answer *answer = arg;

	(void)data;
	answer->headers += size * count;
	if (answer->headers <= HTTP_HEADERS_MAX)
		return size * count;
	answer->too_much = true;
	return 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct arrival *arrival = arg;
	struct http_answer *answer = arrival->answer;
	size_t len = size * count;
	char *body;

	if (len > arrival->max - answer->len) {
		answer->too_much = true;
		return 0;
	}
	body = realloc(answer->body, answer->len + len + 1);
	if (!body)
		return 0;
	memcpy(body + answer->len, data, len);
	answer->len += len;
	body[answer->len] = '\0';
	answer->body = body;
	return len;
}

/* Ignore a field that does not fit. */
static void take_field(CURL *curl, const char *name, char *text, size_t size)
{
	struct curl_header *header;

	if (!curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) &&
	    strlen(header->value) < size)
		strcpy(text, header->value);
}

static void take_fields(CURL *curl, struct http_answer *answer)
{
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	take_field(curl, "Content-Type", answer->type, sizeof(answer->type));
	take_field(curl, "Retry-After", answer->retry, sizeof(answer->retry));
	take_field(curl, "ETag", answer->etag, sizeof(answer->etag));
	take_field(curl, "Last-Modified", answer->modified,
		   sizeof(answer->modified));
}

CURLcode http_ask(struct http *http, const char *url,
		  struct curl_slist *fields, long seconds,
		  struct http_answer *answer)
{
	struct arrival arrival = { .answer = answer, .max = http->max };
	CURL *curl = http->curl;
	CURLcode code;

	memset(answer, 0, sizeof(*answer));
	http->error[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &arrival);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	code = curl_easy_setopt(curl, CURLOPT_URL, url);
	if (!code)
		code = curl_easy_perform(curl);
	if (!code)
		take_fields(curl, answer);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	return code;
}

enum status http_no_answer(const struct http *http, CURLcode code,
			   const struct http_answer *answer, const char *more)
{
	const char *why = http->error[0] ? http->error
					 : curl_easy_strerror(code);
	const char *kind = http->kind, *url = http->url;

	if (answer->too_much) {
		diag_error("the %s server sends too much: more than %d octets "
			   "of headers or %zu octets of body", kind,
			   HTTP_HEADERS_MAX, http->max);
		return STATUS_IDENTITY;
	}
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_ISSUER_ERROR:
		diag_error("the %s server `%s' is not the expected one: %s",
			   kind, url, why);
		return STATUS_PEER;
	case CURLE_OPERATION_TIMEDOUT:
		diag_error("the %s server `%s' does not answer in time: %s",
			   kind, url, why);
		return STATUS_TIMEOUT;
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		diag_error("libcurl does not accept the certificates: %s", why);
		return STATUS_IDENTITY;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_BAD_CONTENT_ENCODING:
		diag_error("the answer of the %s server `%s' is not HTTP: %s",
			   kind, url, why);
		return STATUS_IDENTITY;
	case CURLE_TOO_MANY_REDIRECTS:
		diag_error("the %s server `%s' has redirected %d times", kind,
			   url, HTTP_REDIRECTS_MAX);
		return STATUS_IDENTITY;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		diag_error("the connection to the %s server `%s' is lost: "
			   "%s%s", kind, url, why, more);
		return STATUS_LINK;
	default:
		diag_error("no connection to the %s server `%s': %s", kind,
			   url, why);
		return STATUS_LINK;
	}
}
