/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/est.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "base/loop.h"
#include "channel/alert.h"
#include "http/est-connect.h"
#include "key/signer-provider.h"

#define REQUEST_S 60		/* for a single request */
#define RETRY_S 10		/* if the server gives no time */
#define PKCS7_TYPE "application/pkcs7-mime"
#define CSRATTRS_TYPE "application/csrattrs"
#define WORDS_MAX 120		/* of the server's own text */

/* Seconds until the deadline, rounded down; 0 if it has passed. */
static long est_time_left(const struct est *est)
{
	uint64_t now = loop_now();

	if (now >= est->deadline)
		return 0;
	return (long)((est->deadline - now) / 1000000);
}

/* A TLS 1.2 server that requires a certificate sends handshake_failure. */
static bool est_alert_refuses(int alert)
{
	return alert == SSL_AD_HANDSHAKE_FAILURE || alert_refuses(alert);
}

/* Report why no answer came. */
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
		return est_alert_refuses(est->alert) ? STATUS_PEER : STATUS_LINK;
	}
	/* A reset may have swallowed an alert that came before it. */
	return http_no_answer(&est->http, code, response, est->settings->key ?
			      "; does it accept our certificate?" : "");
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
		diag_error("the EST server `%s' did not finish in time",
			   est->base);
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
				left < REQUEST_S ? left : REQUEST_S,
				response);
	curl_slist_free_all(fields);
	return code ? est_no_answer(est, code, response) : STATUS_OK;
}

/* Scheme, host and port, including a default port; the caller frees it. */
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

/*
 * True for redirects that keep the method.  For 301 and 302, EST cannot mean a
 * change of method.
 */
static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 307 || status == 308;
}

/* Put the next URL into *url, which the caller frees. */
static enum status est_redirect(struct est *est,
				const struct http_answer *response, char **url)
{
	char *next = NULL;

	curl_easy_getinfo(est->http.curl, CURLINFO_REDIRECT_URL, &next);
	if (!next) {
		diag_error("the EST server answers with HTTP status %ld, but "
			   "without a Location", response->status);
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

/*
 * GET the operation, or POST the request (base64, a string) to it, following
 * redirects within the origin.  Returns STATUS_OK if the server has answered,
 * whatever the HTTP status; then call http_answer_free.
 */
static enum status est_ask(struct est *est, const char *operation,
			   const char *post, struct http_answer *response)
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

/* Copy the first line of a text from the server, if it is printable. */
static void own_words(const struct http_answer *response, char *words)
{
	size_t len = 0;

	words[0] = '\0';
	if (!est_type_is(response->type, "text/plain"))
		return;
	while (len < response->len && len < WORDS_MAX &&
	       response->body[len] >= ' ' && response->body[len] < 0x7f)
		len++;
	/* If anything but the end of the line follows, it is not text. */
	if (len < response->len && len < WORDS_MAX &&
	    response->body[len] != '\r' && response->body[len] != '\n')
		return;
	memcpy(words, response->body ? response->body : "", len);
	words[len] = '\0';
}

/* Report what the HTTP status means for us, and the server's own text. */
static enum status est_refused(const char *operation,
			       const struct http_answer *response)
{
	char words[WORDS_MAX + 1];
	const char *meaning = "";

	own_words(response, words);
	if (response->status == 401)
		meaning = ", it requires a user and a password, or those given "
			  "are wrong";
	else if (response->status == 403)
		meaning = ", access is denied";
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

enum status est_open(const struct est_settings *settings, struct est **out)
{
	const long limit = settings->timeout_s ? settings->timeout_s
					       : EST_TIMEOUT_S;
	struct est *est;
	enum status status;

	*out = NULL;
	if (limit < 1 || limit > EST_TIMEOUT_MAX_S) {
		diag_error("bad --est-timeout `%ld': 1 to %d seconds are "
			   "wanted", limit, EST_TIMEOUT_MAX_S);
		return STATUS_USAGE;
	}
	est = calloc(1, sizeof(*est));
	if (!est)
		die(STATUS_OTHER, "out of memory");
	est->settings = settings;
	est->alert = -1;
	est->deadline = loop_now() + (uint64_t)limit * 1000000;
	status = est_connect(est);
	if (status)
		est_close(est);
	else
		*out = est;
	return status;
}

void est_close(struct est *est)
{
	if (!est)
		return;
	http_close(&est->http);
	signer_provider_use(NULL);
	free(est->base);
	free(est);
}

static enum status est_useless(const char *operation, const char *why)
{
	diag_error("the EST server's answer to %s is unusable: %s",
		   operation, why);
	return STATUS_IDENTITY;
}

/* Decode the body of an answer of this type; the caller frees the result. */
static enum status decode_answer(const char *operation, const char *type,
				 const struct http_answer *response,
				 uint8_t **der, size_t *len)
{
	struct est_fault fault;
	char words[200];

	if (!est_type_is(response->type, type)) {
		snprintf(words, sizeof(words), "its type is `%s', not `%s'",
			 response->type, type);
		return est_useless(operation, words);
	}
	*der = est_base64(response->body ? response->body : "", response->len,
			  len, &fault);
	return *der ? STATUS_OK : est_useless(operation, fault.text);
}

static enum status take_certificates(const char *operation,
				     const struct http_answer *response,
				     STACK_OF(X509) **certs)
{
	struct est_fault fault;
	uint8_t *der = NULL;
	size_t len = 0;
	enum status status;

	if (response->status != 200)
		return est_refused(operation, response);
	status = decode_answer(operation, PKCS7_TYPE, response, &der, &len);
	if (status)
		return status;
	*certs = est_certificates(der, len, &fault);
	free(der);
	return *certs ? STATUS_OK : est_useless(operation, fault.text);
}

enum status est_cacerts(struct est *est, STACK_OF(X509) **certs)
{
	struct http_answer response;
	enum status status = est_ask(est, "cacerts", NULL, &response);

	*certs = NULL;
	if (!status)
		status = take_certificates("cacerts", &response, certs);
	http_answer_free(&response);
	return status;
}

enum status est_anchors(STACK_OF(X509) *certs, STACK_OF(X509) **out)
{
	STACK_OF(X509) *anchors = sk_X509_new_null();
	X509 *cert;

	for (int i = 0; anchors && i < sk_X509_num(certs); i++) {
		cert = sk_X509_value(certs, i);
		if (X509_self_signed(cert, 1) == 1 &&
		    !X509_add_cert(anchors, cert, X509_ADD_FLAG_UP_REF))
			die(STATUS_OTHER, "out of memory");
	}
	ERR_clear_error();
	*out = anchors;
	if (sk_X509_num(anchors) > 0)
		return STATUS_OK;
	sk_X509_free(anchors);
	*out = NULL;
	return est_useless("cacerts", "no certificate in it is self-signed");
}

enum status est_csrattrs(struct est *est, int bits, struct est_wishes *wishes)
{
	struct http_answer response;
	struct est_fault fault;
	uint8_t *der = NULL;
	size_t len = 0;
	enum status status = est_ask(est, "csrattrs", NULL, &response);

	wishes->count = 0;
	if (!status && response.status != 204 && response.status != 404) {
		if (response.status != 200)
			status = est_refused("csrattrs", &response);
		else
			status = decode_answer("csrattrs", CSRATTRS_TYPE,
					       &response, &der, &len);
		if (!status) {
			if (!est_wishes_parse(der, len, bits, wishes, &fault))
				status = est_useless("csrattrs", fault.text);
			free(der);
		}
	}
	http_answer_free(&response);
	return status;
}

void est_csrattrs_warn(const struct est_wishes *wishes)
{
	for (size_t i = 0; i < wishes->count; i++)
		if (!wishes->list[i].given)
			diag_warn("the EST server asks for `%s' in the "
				  "request, which is not given",
				  wishes->list[i].name);
}

/*
 * Write base64 in lines: some decoders refuse long ones, all take short ones.
 */
static char *encode_request(X509_REQ *req)
{
	unsigned char *der = NULL;
	int len = i2d_X509_REQ(req, &der), n = 0, more = 0;
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	char *text = len > 0 ? malloc((size_t)len * 2 + 80) : NULL;

	if (!text || !ctx)
		die(STATUS_OTHER, "out of memory");
	EVP_EncodeInit(ctx);
	EVP_EncodeUpdate(ctx, (unsigned char *)text, &n, der, len);
	EVP_EncodeFinal(ctx, (unsigned char *)text + n, &more);
	EVP_ENCODE_CTX_free(ctx);
	OPENSSL_free(der);
	return text;
}

/* Wait after a 202 for as long as the server asks, if the time limit allows. */
static enum status wait_for_it(struct est *est,
			       const struct http_answer *response)
{
	long s = est_retry_after(response->retry, time(NULL));
	const long left = est_time_left(est);

	if (s < 0) {
		diag_warn("the EST server says to wait, but not how long (its "
			  "Retry-After is `%s'): waiting %d s", response->retry,
			  RETRY_S);
		s = RETRY_S;
	}
	/* Always pause before asking again. */
	if (s < 1)
		s = 1;
	if (s >= left) {
		diag_error("the EST server has not decided yet and says to ask "
			   "again in %ld s; %ld s are left (--est-timeout)", s,
			   left);
		return STATUS_TIMEOUT;
	}
	diag_info("the EST server has not decided yet; asking again in %ld s",
		  s);
	for (unsigned int rest = (unsigned int)s; rest; )
		rest = sleep(rest);
	return STATUS_OK;
}

static enum status take_chain(const char *operation,
			      const struct http_answer *response,
			      X509_REQ *req, STACK_OF(X509) *anchors,
			      STACK_OF(X509) *more, STACK_OF(X509) **out)
{
	STACK_OF(X509) *certs = NULL, *chain;
	struct est_fault fault;
	enum status status = take_certificates(operation, response, &certs);

	if (status)
		return status;
	chain = est_chain(certs, more, X509_REQ_get0_pubkey(req), &fault);
	sk_X509_pop_free(certs, X509_free);
	if (chain && est_chain_valid(chain, anchors, &fault)) {
		*out = chain;
		return STATUS_OK;
	}
	sk_X509_pop_free(chain, X509_free);
	return est_useless(operation, fault.text);
}

enum status est_enrol(struct est *est, bool again, X509_REQ *req,
		      STACK_OF(X509) *anchors, STACK_OF(X509) *more,
		      STACK_OF(X509) **chain)
{
	const char *operation = again ? "simplereenroll" : "simpleenroll";
	char *text = encode_request(req);
	struct http_answer response;
	enum status status;

	*chain = NULL;
	while (!(status = est_ask(est, operation, text, &response)) &&
	       response.status == 202) {
		status = wait_for_it(est, &response);
		http_answer_free(&response);
		if (status)
			break;
	}
	if (!status)
		status = take_chain(operation, &response, req, anchors, more,
				    chain);
	http_answer_free(&response);
	free(text);
	return status;
}
