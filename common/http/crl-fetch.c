/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/crl-fetch.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static enum status follow_redirects(struct http *http, const char *url)
{
	const char *protocols = strncasecmp(url, "https:", 6) ? "http,https"
							      : "https";

	if (!curl_easy_setopt(http->curl, CURLOPT_FOLLOWLOCATION, 1L) &&
	    !curl_easy_setopt(http->curl, CURLOPT_MAXREDIRS,
			      (long)HTTP_REDIRECTS_MAX) &&
	    !curl_easy_setopt(http->curl, CURLOPT_REDIR_PROTOCOLS_STR,
			      protocols))
		return STATUS_OK;
	diag_error("libcurl cannot be told where to");
	return STATUS_OTHER;
}

/* A field of ours; false if there is no memory. */
static bool add_field(struct curl_slist **fields, const char *name,
		      const char *value)
{
	char text[HTTP_FIELD_MAX + 40];
	struct curl_slist *more;

	if (!*value)
		return true;
	snprintf(text, sizeof(text), "%s: %s", name, value);
	more = curl_slist_append(*fields, text);
	if (more)
		*fields = more;
	return more;
}

static enum status ask_for_crl(struct http *http, const char *url, long seconds,
			       const struct crl_validators *validators,
			       struct http_answer *answer)
{
	struct curl_slist *fields = NULL;
	CURLcode code = CURLE_OUT_OF_MEMORY;

	/* RFC 9110 section 13.1.3: with an ETag, the date is not looked at. */
	if (add_field(&fields, "If-None-Match", validators->etag) &&
	    add_field(&fields, "If-Modified-Since", validators->modified) &&
	    add_field(&fields, "Accept", "application/pkix-crl, */*;q=0.5"))
		code = http_ask(http, url, fields, seconds, answer);
	curl_slist_free_all(fields);
	return code ? http_no_answer(http, code, answer, "") : STATUS_OK;
}

static enum status take_crls(const char *url, const struct http_answer *answer,
			     struct crl_validators *validators,
			     STACK_OF(X509_CRL) **crls)
{
	const bool asked = *validators->etag || *validators->modified;

	if (answer->status == 304 && asked)
		return STATUS_OK;
	if (answer->status != 200) {
		diag_error("the CRL server answers `%s' with HTTP status %ld%s",
			   url, answer->status, answer->status == 404 ?
			   ", there is none" : "");
		return STATUS_IDENTITY;
	}
	*crls = crl_parse(answer->body ? answer->body : "", answer->len);
	if (!*crls) {
		diag_error("what is at `%s' is no CRL, in DER or in PEM, or "
			   "was cut short", url);
		return STATUS_IDENTITY;
	}
	strcpy(validators->etag, answer->etag);
	strcpy(validators->modified, answer->modified);
	return STATUS_OK;
}

enum status crl_fetch(const char *url, const char *ca_file, long seconds,
		      struct crl_validators *validators,
		      STACK_OF(X509_CRL) **crls)
{
	struct http_answer answer = { 0 };
	struct http http;
	enum status status = http_open(&http, "http,https");

	*crls = NULL;
	http.kind = "CRL";
	http.url = url;
	http.max = CRL_BODY_MAX;
	if (!status)
		status = http_trust(&http, ca_file, !ca_file);
	if (!status)
		status = follow_redirects(&http, url);
	diag_info("asking %s", url);
	if (!status)
		status = ask_for_crl(&http, url, seconds, validators, &answer);
	if (!status)
		status = take_crls(url, &answer, validators, crls);
	http_answer_free(&answer);
	http_close(&http);
	return status;
}
