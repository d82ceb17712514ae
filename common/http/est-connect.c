/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/est-connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>

#include "http/est-answer.h"
#include "pki/policy.h"
#include "base/secret.h"
#include "key/signer-provider.h"

#define WELL_KNOWN "/.well-known/est"
#define LABEL_MAX 64
#define PASSWORD_MAX 1024

static const char *const operations[] = {
	"cacerts", "csrattrs", "fullcmc", "serverkeygen", "simpleenroll",
	"simplereenroll",
};

/* RFC 7030 section 3.2.2: a label must not be the name of an operation. */
static bool label_valid(const char *label)
{
	size_t n = strspn(label, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-");

	if (!n || n > LABEL_MAX || label[n] || !strcmp(label, ".") ||
	    !strcmp(label, ".."))
		return false;
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (!strcmp(label, operations[i]))
			return false;
	return true;
}

/* The path without trailing "/", followed by /.well-known/est. */
static bool set_path(CURLU *url, const char *label)
{
	char *path = NULL, *whole = NULL;
	size_t len;
	bool ok = curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK;

	if (!ok)
		return false;
	for (len = strlen(path); len && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	ok = asprintf(&whole, "%s%s%s%s", path,
		      strstr(path, WELL_KNOWN) ? "" : WELL_KNOWN,
		      label ? "/" : "", label ? label : "") > 0 &&
	     curl_url_set(url, CURLUPART_PATH, whole, 0) == CURLUE_OK;
	free(whole);
	curl_free(path);
	return ok;
}

/*
 * The URL with /.well-known/est and the label, which the caller frees; NULL
 * after saying why.
 */
static char *est_base_url(const char *text, const char *label)
{
	CURLU *url = curl_url();
	char *whole = NULL, *copy = NULL;

	if (label && !label_valid(label)) {
		diag_error("bad --label `%s': 1 to %d letters, digits, '.', "
			   "'_', '~', '-' are wanted, but not the name of an "
			   "operation", label, LABEL_MAX);
	} else if (!url || strncmp(text, "https://", 8) ||
		   curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
		   http_url_has(url, CURLUPART_QUERY) ||
		   http_url_has(url, CURLUPART_FRAGMENT)) {
		diag_error("bad --est `%s': https://HOST[:PORT][/PATH] is "
			   "wanted", text);
	} else if (http_url_has(url, CURLUPART_USER) ||
		   http_url_has(url, CURLUPART_PASSWORD)) {
		/* Do not print the URL: it may contain the password. */
		diag_error("bad --est: the user goes into --user, the password "
			   "into a file");
	} else if (!set_path(url, label) ||
		   curl_url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK) {
		diag_error("out of memory");
	}
	if (whole)
		copy = strdup(whole);
	curl_free(whole);
	curl_url_cleanup(url);
	return copy;
}

static enum status use_password(struct est *est)
{
	const struct est_settings *settings = est->settings;
	char password[PASSWORD_MAX + 1];
	enum status status;

	if (!settings->user && !settings->password_file)
		return STATUS_OK;
	if (!settings->user || !settings->password_file) {
		diag_error("--user and --password-file belong together");
		return STATUS_USAGE;
	}
	status = secret_read_file(settings->password_file, password,
				  sizeof(password));
	/*
	 * The password is sent when the server asks for it (RFC 7030 section
	 * 3.2.3).
	 */
	if (!status &&
	    (curl_easy_setopt(est->http.curl, CURLOPT_HTTPAUTH,
			      CURLAUTH_BASIC | CURLAUTH_DIGEST) ||
	     curl_easy_setopt(est->http.curl, CURLOPT_USERNAME, settings->user) ||
	     curl_easy_setopt(est->http.curl, CURLOPT_PASSWORD, password))) {
		diag_error("out of memory");
		status = STATUS_OTHER;
	}
	OPENSSL_cleanse(password, sizeof(password));
	return status;
}

static void on_info(const SSL *ssl, int where, int value)
{
	struct est *est = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0);

	if (est && (where & SSL_CB_READ) && (where & SSL_CB_ALERT) &&
	    value >> 8 == SSL3_AL_FATAL)
		est->alert = value & 0xff;
}

/*
 * ssl belongs to OpenSSL's default library context, the only one libcurl uses.
 */
static bool est_use_identity(SSL_CTX *ssl, const struct est_settings *settings)
{
	X509 *leaf = sk_X509_value(settings->chain, 0);
	EVP_PKEY *pkey = signer_provider_key(NULL, leaf);
	const char *algorithm = EVP_PKEY_get_bits(key_public(settings->key)) ==
		384 ? "ECDSA+SHA384" : "ECDSA+SHA256";
	bool ok = pkey && SSL_CTX_use_certificate(ssl, leaf) == 1 &&
		  SSL_CTX_use_PrivateKey(ssl, pkey) == 1 &&
		  SSL_CTX_set1_client_sigalgs_list(ssl, algorithm) == 1;

	EVP_PKEY_free(pkey);
	for (int i = 1; ok && i < sk_X509_num(settings->chain); i++)
		ok = SSL_CTX_add1_chain_cert(ssl,
			sk_X509_value(settings->chain, i)) == 1;
	return ok;
}

static CURLcode on_ssl_ctx(CURL *curl, void *ctx, void *arg)
{
	struct est *est = arg;

	(void)curl;
	/* Slot 0 is application data, which libcurl leaves to us. */
	SSL_CTX_set_ex_data(ctx, 0, est);
	SSL_CTX_set_info_callback(ctx, on_info);
	if (est->settings->key && !est_use_identity(ctx, est->settings))
		return CURLE_SSL_CERTPROBLEM;
	return CURLE_OK;
}

static OSSL_PROVIDER *base, *signer;

static void unload_providers(void)
{
	if (signer)
		OSSL_PROVIDER_unload(signer);
	if (base)
		OSSL_PROVIDER_unload(base);
}

/*
 * Load the provider into the default library context, as libcurl's SSL_CTX is
 * there; OpenSSL's own provider does everything but our key's signature.  The
 * provider stays until the process ends, as others use that context too.
 */
static enum status est_load_providers(const struct est_settings *settings)
{
	signer_provider_use(settings->key);
	if (signer || !settings->key)
		return STATUS_OK;
	if (!base && atexit(unload_providers) == 0)
		base = OSSL_PROVIDER_load(NULL, "default");
	if (base && EVP_set_default_properties(NULL, "?provider=default"))
		signer = signer_provider_load(NULL);
	if (signer)
		return STATUS_OK;
	diag_openssl("cannot load OpenSSL's providers");
	return STATUS_OTHER;
}

/* Set whom to trust: the anchors, the pin, or both.  One of them is needed. */
static enum status use_trust(struct est *est)
{
	const struct est_settings *settings = est->settings;
	const bool anchors = settings->ca_file || settings->system;
	CURL *curl = est->http.curl;
	CURLcode bad = CURLE_OK;
	enum status status;

	if (!anchors && !settings->pin) {
		diag_error("nothing says how to trust the EST server: name its "
			   "CA's certificate with --est-ca, or its key with "
			   "--est-pin");
		return STATUS_USAGE;
	}
	if (settings->pin && !policy_pin_valid(settings->pin)) {
		diag_error("bad --est-pin `%s': sha256// and 44 digits of "
			   "base64 are wanted", settings->pin);
		return STATUS_USAGE;
	}
	status = http_trust(&est->http, settings->ca_file, settings->system);
	if (status)
		return status;
	if (settings->pin)
		bad |= curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY,
					settings->pin);
	/* A pin alone names the key: neither chain nor name add to it. */
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, anchors ? 1L : 0);
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, anchors ? 2L : 0);
	if (!bad)
		return STATUS_OK;
	diag_error("libcurl does not accept the CAs to trust");
	return STATUS_OTHER;
}

enum status est_connect(struct est *est)
{
	const struct est_settings *settings = est->settings;
	enum status status;

	est->base = est_base_url(settings->url, settings->label);
	if (!est->base)
		return STATUS_USAGE;
	status = http_open(&est->http, "https");
	if (status)
		return status;
	est->http.kind = "EST";
	est->http.url = est->base;
	est->http.max = EST_BODY_MAX;
	if (curl_easy_setopt(est->http.curl, CURLOPT_SSL_CTX_FUNCTION,
			     on_ssl_ctx) ||
	    curl_easy_setopt(est->http.curl, CURLOPT_SSL_CTX_DATA, est)) {
		diag_error("cannot use libcurl: was it built with OpenSSL?");
		return STATUS_OTHER;
	}
	status = use_trust(est);
	if (!status)
		status = use_password(est);
	if (!status && settings->key && sk_X509_num(settings->chain) < 1) {
		diag_error("the key for the EST server has no certificate");
		status = STATUS_IDENTITY;
	}
	if (!status)
		status = est_load_providers(settings);
	return status;
}
