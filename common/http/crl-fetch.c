/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/crl-fetch.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

const char *crl_url_fault(const char *text)
{
	static const char wanted[] = "http://HOST[:PORT][/PATH] or https://... "
				     "is wanted";
	const char *fault = NULL;
	CURLU *url;

	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~')
			return wanted;
	if (strlen(text) >= CRL_URL_MAX ||
	    (strncasecmp(text, "http://", 7) &&
	     strncasecmp(text, "https://", 8)))
		return wanted;
	url = curl_url();
	if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    http_url_has(url, CURLUPART_FRAGMENT))
		fault = wanted;
	else if (http_url_has(url, CURLUPART_USER) ||
		 http_url_has(url, CURLUPART_PASSWORD))
		fault = "a CRL is public: leave out the user";
	curl_url_cleanup(url);
	return fault;
}

static bool is_known(const struct crl_url *urls, int count, const char *text)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(urls[i].text, text))
			return true;
	return false;
}

/* The places of one distribution point. */
static int take_point(const DIST_POINT *point, int number,
		      struct crl_url urls[CRL_URLS_MAX], int count)
{
	const GENERAL_NAMES *names;

	if (point->reasons || point->CRLissuer || !point->distpoint ||
	    point->distpoint->type != 0)
		return count;
	names = point->distpoint->name.fullname;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *uri = name->d.ia5;
		char text[CRL_URL_MAX];

		if (name->type != GEN_URI || count == CRL_URLS_MAX ||
		    ASN1_STRING_length(uri) >= CRL_URL_MAX)
			continue;
		snprintf(text, sizeof(text), "%.*s", ASN1_STRING_length(uri),
			 (const char *)ASN1_STRING_get0_data(uri));
		if (strlen(text) != (size_t)ASN1_STRING_length(uri) ||
		    crl_url_fault(text) || is_known(urls, count, text))
			continue;
		strcpy(urls[count].text, text);
		urls[count++].point = number;
	}
	return count;
}

int crl_urls(const STACK_OF(X509) *certs, struct crl_url urls[CRL_URLS_MAX])
{
	int count = 0, number = 0;

	for (int i = 0; i < sk_X509_num(certs); i++) {
		CRL_DIST_POINTS *points = X509_get_ext_d2i(
			sk_X509_value(certs, i), NID_crl_distribution_points,
			NULL, NULL);

		for (int j = 0; j < sk_DIST_POINT_num(points); j++)
			count = take_point(sk_DIST_POINT_value(points, j),
					   number++, urls, count);
		CRL_DIST_POINTS_free(points);
	}
	ERR_clear_error();
	return count;
}

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
	diag_error("libcurl does not accept the limits on redirects");
	return STATUS_OTHER;
}

/* Add a field to the request header; false if out of memory. */
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

	/*
	 * With an ETag, the server ignores the date (RFC 9110 section 13.1.3).
	 */
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
			   ", it has no CRL there" : "");
		return STATUS_IDENTITY;
	}
	*crls = crl_parse(answer->body ? answer->body : "", answer->len);
	if (!*crls) {
		diag_error("`%s' is not a CRL (DER or PEM), or was truncated",
			   url);
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
