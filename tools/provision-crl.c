/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --fetch-crl: get the CRLs of the CAs in ca.pem into crl.pem. */
#include "config.h"
#include "provision.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>

#include <jansson.h>
#include <openssl/pem.h>

#include "enrol/enrol-dir.h"
#include "http/crl-fetch.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/lock-file.h"
#include "base/read-file.h"
#include "pki/identity.h"
#include "pki/trust.h"

#define HASH_SIZE 65

/*
 * The identity's trust anchors, and the paths of its files.  crl.json holds the
 * SHA-256 of crl.pem as it was written, and the validators that the server of
 * each URL gave.  If crl.pem has another hash, crl.json is ignored.
 */
struct place {
	const struct settings *settings;
	const char *dir;
	char *crl, *state;		/* paths */
	STACK_OF(X509) *chain, *anchors;
};

static enum status open_place(const struct settings *settings,
			      struct place *place)
{
	const char *dir = identity_dir(settings->dir);
	char *cert = identity_path(dir, "cert.pem");
	char *ca = identity_path(dir, "ca.pem");
	enum status status = identity_check_dir(dir);
	struct stat st;

	*place = (struct place) { .settings = settings, .dir = dir };
	place->crl = identity_path(dir, "crl.pem");
	place->state = identity_path(dir, "crl.json");
	if (!status && lstat(place->crl, &st) == 0 && S_ISLNK(st.st_mode)) {
		diag_error("`%s' is a link, which is not replaced: fetch into "
			   "the directory that it leads to, or remove it",
			   place->crl);
		status = STATUS_IDENTITY;
	}
	if (!status)
		place->anchors = cert_read_file(ca);
	if (place->anchors && access(cert, F_OK) == 0)
		place->chain = cert_read_file(cert);
	else if (place->anchors)
		place->chain = sk_X509_new_null();
	free(cert);
	free(ca);
	return place->chain ? STATUS_OK : STATUS_IDENTITY;
}

static void close_place(struct place *place)
{
	sk_X509_pop_free(place->chain, X509_free);
	sk_X509_pop_free(place->anchors, X509_free);
	free(place->crl);
	free(place->state);
}

/* Read crl.pem; the list is empty if there is no such file. */
static enum status read_there(const struct place *place,
			      STACK_OF(X509_CRL) **there)
{
	*there = access(place->crl, F_OK) < 0 && errno == ENOENT ?
		sk_X509_CRL_new_null() : trust_read_crls(place->crl);
	return *there ? STATUS_OK : STATUS_IDENTITY;
}

/* Encode as PEM; the caller frees the text. */
static char *crls_text(const STACK_OF(X509_CRL) *crls, size_t *size)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, size);
	bool ok = file;

	for (int i = 0; ok && i < sk_X509_CRL_num(crls); i++)
		ok = PEM_write_X509_CRL(file, sk_X509_CRL_value(crls, i)) == 1;
	if (!ok || fclose(file))
		die(STATUS_OTHER, "out of memory");
	return text;
}

static void crl_hash(const STACK_OF(X509_CRL) *crls, char hash[HASH_SIZE])
{
	unsigned char digest[32];
	size_t size;
	char *text = crls_text(crls, &size);

	if (!EVP_Q_digest(NULL, "SHA256", NULL, text, size, digest, NULL))
		die(STATUS_OTHER, "cannot hash");
	hex_encode(digest, sizeof(digest), HEX_LOWER, hash);
	free(text);
}

/* The member "urls" of crl.json; empty if crl.json is not for these CRLs. */
static json_t *read_state(const struct place *place,
			  const STACK_OF(X509_CRL) *there)
{
	FILE *file = access(place->state, F_OK) == 0 ?
		read_file_open(place->state, "a file of ours") : NULL;
	json_t *state = file ? json_loadf(file, 0, NULL) : NULL;
	json_t *urls = json_object_get(state, "urls");
	const char *of = json_string_value(json_object_get(state, "sha256"));
	char hash[HASH_SIZE];

	crl_hash(there, hash);
	urls = json_is_object(urls) && of && !strcmp(of, hash) ?
		json_incref(urls) : json_object();
	json_decref(state);
	if (file)
		fclose(file);
	return urls;
}

static void take_validator(const json_t *entry, const char *key, char *text,
			   size_t size)
{
	const char *value = json_string_value(json_object_get(entry, key));

	if (value && strlen(value) < size && !strpbrk(value, "\r\n"))
		strcpy(text, value);
}

/*
 * Over http, an attacker can send an older CRL with the ETag of a newer one, so
 * its validators are used for a limited time only.
 */
static bool still_believed(const char *url, const json_t *entry)
{
	const json_int_t since =
		json_integer_value(json_object_get(entry, "since"));
	const json_int_t now = (json_int_t)time(NULL);

	return !strncasecmp(url, "https:", 6) ||
	       (since <= now && now - since < CRL_BELIEVED_S);
}

/* Use validators only if the CRLs are good: if one is stale, fetch in full. */
static void known_validators(const struct place *place, const char *url,
			     const STACK_OF(X509_CRL) *there,
			     struct crl_validators *validators)
{
	char fault[TRUST_FAULT_MAX];
	json_t *urls, *entry;

	memset(validators, 0, sizeof(*validators));
	if (sk_X509_CRL_num(there) < 1 ||
	    !trust_check_crls(there, place->anchors, place->chain, fault))
		return;
	urls = read_state(place, there);
	entry = json_object_get(urls, url);
	if (still_believed(url, entry)) {
		take_validator(entry, "etag", validators->etag,
			       sizeof(validators->etag));
		take_validator(entry, "last_modified", validators->modified,
			       sizeof(validators->modified));
	}
	json_decref(urls);
}

/* Takes the reference to urls.  Validators that are not text are dropped. */
static enum status write_state(const struct place *place, json_t *urls,
			       const char *url,
			       const struct crl_validators *validators,
			       const STACK_OF(X509_CRL) *crls)
{
	char hash[HASH_SIZE], fault[500];
	json_t *entry = json_pack("{s:s, s:s, s:I}", "etag", validators->etag,
				  "last_modified", validators->modified,
				  "since", (json_int_t)time(NULL));
	json_t *state;
	char *text;
	enum status status;

	crl_hash(crls, hash);
	if (!entry)
		json_object_del(urls, url);
	else
		json_object_set_new(urls, url, entry);
	state = json_pack("{s:s, s:o}", "sha256", hash, "urls", urls);
	text = state ? json_dumps(state, JSON_COMPACT) : NULL;
	if (!text)
		die(STATUS_OTHER, "out of memory");
	diag_capture(fault, sizeof(fault));
	status = enrol_put_file(place->dir, "crl.json", text, strlen(text));
	diag_capture(NULL, 0);
	if (status)
		diag_error("%s; `%s' is up to date; the next run fetches it in "
			   "full", fault, place->crl);
	free(text);
	json_decref(state);
	return status;
}

static enum status put_crls(const struct place *place,
			    const STACK_OF(X509_CRL) *crls)
{
	size_t size;
	char *text = crls_text(crls, &size);
	enum status status = enrol_put_file(place->dir, "crl.pem", text,
					    size);

	free(text);
	return status;
}

/* With the lock held, merge the new CRLs into crl.pem as it is now. */
static enum status merge_crls(const struct place *place, const char *url,
			      const STACK_OF(X509_CRL) *came,
			      const struct crl_validators *validators,
			      bool *changed)
{
	STACK_OF(X509_CRL) *there;
	char fault[CRL_FAULT_MAX];
	enum crl_change change;
	enum status status = read_there(place, &there);
	json_t *urls;

	if (status)
		return status;
	urls = read_state(place, there);
	change = crl_merge(there, came, place->anchors, place->chain, fault);
	*changed = change == CRL_CHANGED;
	if (change == CRL_REFUSED) {
		diag_error("the CRL from `%s' is refused: %s", url, fault);
		status = STATUS_IDENTITY;
	}
	if (*changed)
		status = put_crls(place, there);
	if (status) {
		*changed = false;
		json_decref(urls);
	} else {
		status = write_state(place, urls, url, validators, there);
	}
	if (!status &&
	    !trust_check_crls(there, place->anchors, place->chain, fault))
		diag_warn("no peer is accepted yet with `%s': %s", place->crl,
			  fault);
	sk_X509_CRL_pop_free(there, X509_CRL_free);
	return status;
}

static enum status install_crls(const struct place *place, const char *url,
				const STACK_OF(X509_CRL) *came,
				const struct crl_validators *validators,
				bool *changed)
{
	char fault[TRUST_FAULT_MAX];
	enum status status;
	int lock;

	if (!trust_check_crls(came, place->anchors, place->chain, fault)) {
		diag_error("the CRL from `%s' is refused: %s", url, fault);
		return STATUS_IDENTITY;
	}
	status = enrol_lock_files(place->dir, &lock);
	if (!status)
		status = merge_crls(place, url, came, validators, changed);
	lock_file_drop(lock);
	return status;
}

static json_t *describe_crl(X509_CRL *crl)
{
	char issuer[128] = "", number[64], from[CERT_TIME_SIZE] = "";
	char to[CERT_TIME_SIZE] = "";
	/* If nothing is revoked, the list is NULL and its count is -1. */
	int revoked = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));

	X509_NAME_oneline(X509_CRL_get_issuer(crl), issuer, sizeof(issuer));
	crl_number(crl, number);
	cert_time(X509_CRL_get0_lastUpdate(crl), from);
	if (X509_CRL_get0_nextUpdate(crl))
		cert_time(X509_CRL_get0_nextUpdate(crl), to);
	return json_pack("{s:s, s:s?, s:s, s:s?, s:i}", "issuer", issuer,
			 "number", *number ? number : NULL, "this_update",
			 from, "next_update", *to ? to : NULL, "revoked",
			 revoked < 0 ? 0 : revoked);
}

/* Print the event "crl" with what crl.pem holds now. */
static enum status report_crls(const struct place *place, const char *url,
			       const char *word, enum status status)
{
	STACK_OF(X509_CRL) *there = NULL;
	json_t *crls = json_array(), *line;
	char *text;
	bool ok;

	if (!read_there(place, &there))
		for (int i = 0; i < sk_X509_CRL_num(there); i++)
			json_array_append_new(
				crls,
				describe_crl(sk_X509_CRL_value(there, i)));
	sk_X509_CRL_pop_free(there, X509_CRL_free);
	line = json_pack("{s:s, s:s, s:s, s:s, s:i, s:o}", "event", "crl",
			 "dir", place->dir, "url", url, "status", word, "exit",
			 (int)status, "crls", crls);
	text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	ok = text && puts(text) >= 0 && !fflush(stdout);
	free(text);
	json_decref(line);
	if (ok)
		return status;
	diag_error("cannot write to stdout: %s", strerror(errno));
	return status ? status : STATUS_OTHER;
}

static enum status fetch_crls(const struct place *place, const char *url)
{
	const struct settings *settings = place->settings;
	STACK_OF(X509_CRL) *there, *came = NULL;
	struct crl_validators validators;
	bool changed = false;
	enum status status = read_there(place, &there);

	/* Fail now, before fetching anything. */
	if (status)
		return status;
	known_validators(place, url, there, &validators);
	sk_X509_CRL_pop_free(there, X509_CRL_free);
	status = crl_fetch(url, settings->crl_ca, settings->timeout,
			   &validators, &came);
	if (!status && came)
		status = install_crls(place, url, came, &validators, &changed);
	sk_X509_CRL_pop_free(came, X509_CRL_free);
	return report_crls(place, url, changed ? "installed" :
			   status ? "failed" : "unchanged", status);
}

/* For each distribution point, one place that works is enough. */
static enum status fetch_all(const struct place *place,
			     const struct crl_url *urls, int count)
{
	enum status status = STATUS_OK, point = STATUS_OK;

	for (int i = 0; i < count; i++) {
		const bool first = i == 0 ||
			urls[i].point != urls[i - 1].point;

		if (first || point)
			point = fetch_crls(place, urls[i].text);
		if (!status && (i + 1 == count ||
				urls[i + 1].point != urls[i].point))
			status = point;
	}
	return status;
}

enum status provision_fetch_crl(const struct settings *settings)
{
	struct crl_url urls[CRL_URLS_MAX];
	struct place place;
	int count = 0;
	enum status status = open_place(settings, &place);

	if (!status && settings->crl_url) {
		status = fetch_crls(&place, settings->crl_url);
	} else if (!status) {
		count = crl_urls(place.chain, urls);
		status = fetch_all(&place, urls, count);
	}
	if (!status && !settings->crl_url && !count) {
		diag_error("the certificates in `%s' name no http or https URL "
			   "of a CRL: give one with --crl-url",
			   place.dir);
		status = STATUS_IDENTITY;
	}
	close_place(&place);
	return status;
}
