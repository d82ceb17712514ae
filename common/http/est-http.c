/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/est-http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>

#include "base/loop.h"
#include "key/signer-provider.h"

#define WORDS_MAX 120		/* of what a server says itself */

long est_time_left(const struct est *est)
{
	uint64_t now = loop_now();

	if (now >= est->deadline)
		return 0;
	return (long)((est->deadline - now) / 1000000);
}

/* A server's refusal of us or of our certificate (RFC 8446 section 6.2). */
static bool alert_refuses(int alert)
{
	return alert == SSL_AD_HANDSHAKE_FAILURE ||
	       (alert >= SSL_AD_BAD_CERTIFICATE &&
		alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
	       alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_ACCESS_DENIED ||
	       alert == SSL_AD_DECRYPT_ERROR ||
	       alert == SSL_AD_CERTIFICATE_REQUIRED;
}

/* Why nothing came, in words. */
static enum status est_no_answer(const struct est *est, CURLcode code,
				 const struct http_answer *response)
{
	enum status key = est->settings->key ? signer_provider_result(NULL)
					     : STATUS_OK;

	if (!response->too_much && key) {
		diag_error("the key for the EST server does not sign");
		return key;
	}
	if (!response->too_much && est->alert >= 0) {
		diag_error("the EST server `%s' refuses us: it sends the alert "
			   "`%s'", est->base,
			   SSL_alert_desc_string_long(est->alert));
		return alert_refuses(est->alert) ? STATUS_PEER : STATUS_LINK;
	}
	/* With a reset, an alert that came before it may be lost. */
	return http_no_answer(&est->http, code, response, est->settings->key ?
			      "; does it take our certificate?" : "");
}

static enum status est_exchange(struct est *est, const char *url,
				const char *post, struct http_answer *response)
{
	struct curl_slist *fields = curl_slist_append(NULL, "Expect:");
	CURL *curl = est->http.curl;
	long left = est_time_left(est);
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (left <= 0) {
		curl_slist_free_all(fields);
		diag_error("the time for the EST server `%s' is up", est->base);
		return STATUS_TIMEOUT;
	}
	if (fields && post)
		curl_slist_append(fields, "Content-Type: application/pkcs10");
	est->alert = -1;
	signer_provider_use(est->settings->key);
	curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	if (post) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE,
				 (long)strlen(post));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
	}
	if (fields)
		code = http_ask(&est->http, url, fields,
				left < EST_REQUEST_S ? left : EST_REQUEST_S,
				response);
	curl_slist_free_all(fields);
	return code ? est_no_answer(est, code, response) : STATUS_OK;
}

/* Scheme, host and port, the default one included; the caller frees. */
static char *url_origin(const char *text)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *result = NULL;

	if (!url || curl_url_set(url, CURLUPART_URL, text, 0) ||
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) ||
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ||
	    asprintf(&result, "%s://%s:%s", scheme, host, port) < 0)
		result = NULL;
	for (char *p = result; p && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	return result;
}

static bool same_origin(const char *a, const char *b)
{
	char *one = url_origin(a), *two = url_origin(b);
	bool same = one && two && !strcmp(one, two);

	free(one);
	free(two);
	return same;
}

/* Those that keep the method, or, in EST, cannot be meant to change it. */
static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 307 || status == 308;
}

/* The URL to ask next in *url, which the caller frees. */
static enum status est_redirect(struct est *est,
				const struct http_answer *response, char **url)
{
	char *next = NULL;

	curl_easy_getinfo(est->http.curl, CURLINFO_REDIRECT_URL, &next);
	if (!next) {
		diag_error("the EST server answers %ld and does not say where "
			   "to", response->status);
		return STATUS_IDENTITY;
	}
	if (!same_origin(est->base, next)) {
		diag_error("the EST server `%s' points to another one, `%s', "
			   "which is not followed", est->base, next);
		return STATUS_PEER;
	}
	free(*url);
	*url = strdup(next);
	return *url ? STATUS_OK : STATUS_OTHER;
}

enum status est_ask(struct est *est, const char *operation, const char *post,
		    struct http_answer *response)
{
	enum status status = STATUS_OK;
	char *url;

	memset(response, 0, sizeof(*response));
	if (asprintf(&url, "%s/%s", est->base, operation) < 0)
		die(STATUS_OTHER, "out of memory");
	for (int n = 0; !status; n++) {
		diag_info("asking %s", url);
		status = est_exchange(est, url, post, response);
		if (status || !is_redirect(response->status))
			break;
		if (n == HTTP_REDIRECTS_MAX) {
			diag_error("the EST server `%s' has redirected %d "
				   "times", est->base, HTTP_REDIRECTS_MAX);
			status = STATUS_IDENTITY;
		} else {
			status = est_redirect(est, response, &url);
		}
		http_answer_free(response);
	}
	free(url);
	if (status)
		http_answer_free(response);
	return status;
}

/* The first line of a text of the server, if it can be shown. */
static void own_words(const struct http_answer *response, char *words)
{
	size_t len = 0;

	words[0] = '\0';
	if (!est_type_is(response->type, "text/plain"))
		return;
	while (len < response->len && len < WORDS_MAX &&
	       response->body[len] >= ' ' && response->body[len] < 0x7f)
		len++;
	/* What goes on otherwise than with the end of the line is no text. */
	if (len < response->len && len < WORDS_MAX &&
	    response->body[len] != '\r' && response->body[len] != '\n')
		return;
	memcpy(words, response->body ? response->body : "", len);
	words[len] = '\0';
}

enum status est_refused(const char *operation,
			const struct http_answer *response)
{
	char words[WORDS_MAX + 1];
	const char *meaning = "";

	own_words(response, words);
	if (response->status == 401)
		meaning = ", it wants a user and a password, or others";
	else if (response->status == 403)
		meaning = ", we may not";
	else if (response->status == 404)
		meaning = ", there is no such EST service";
	else if (response->status == 503)
		meaning = ", it is out of service now";
	diag_error("the EST server answers %s with HTTP status %ld%s%s%s",
		   operation, response->status, meaning, *words ? ": " : "",
		   words);
	return response->status == 401 || response->status == 403 ?
		STATUS_PEER : STATUS_IDENTITY;
}
