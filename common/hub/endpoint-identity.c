/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endpoint's identity: load it, warn before it expires, replace it. */
#include "config.h"
#include "hub/endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "pki/trust.h"

#define DAY_MS (24 * 3600 * 1000)
#define WHY_MAX 1024
#define CRL_LOOK_S 3600		/* at least this often: the clock may be set */

static struct credentials_settings settings_of(struct endpoint *endpoint)
{
	return (struct credentials_settings){
		.dir = endpoint->dir, .key = endpoint->key,
		.key_auth = &endpoint->key_auth,
		.groups = endpoint->groups, .keylog = endpoint->keylog,
		.policy = &endpoint->policy,
	};
}

static void on_changed(void *arg)
{
	endpoint_reload(arg, false);
}

/* "." stays the old directory when its path is given to a new one. */
static void resolve(struct endpoint *endpoint)
{
	const char *dir = identity_dir(endpoint->dir);
	const char *slash = strrchr(dir, '/'), *last = slash ? slash + 1 : dir;

	if ((!strcmp(last, ".") || !strcmp(last, "..") || !*last) &&
	    realpath(dir, endpoint->path))
		endpoint->dir = endpoint->path;
}

enum status endpoint_identity_start(struct endpoint *endpoint)
{
	struct credentials_settings settings;
	struct credentials *credentials = &endpoint->credentials;
	enum status status;
	int error = 0;

	/* Watch before reading, so that no change is missed. */
	if (endpoint->reloads) {
		resolve(endpoint);
		endpoint->watch = dir_watch_start(endpoint->loop,
						  identity_dir(endpoint->dir),
						  on_changed, endpoint);
		error = endpoint->watch ? 0 : errno;
	}
	settings = settings_of(endpoint);
	status = credentials_read(&settings, credentials);
	if (!status)
		status = credentials_open(&settings, credentials,
					  CREDENTIALS_ALL);
	if (status)
		return status;
	if (error)
		diag_warn("cannot watch `%s': %s; changes there are read on "
			  "SIGHUP only", credentials->identity.dir,
			  strerror(error));
	credentials_use(&settings, credentials);
	endpoint->hub_settings.session.context = credentials->context;
	memcpy(endpoint->name, credentials->identity.name,
	       sizeof(endpoint->name));
	return STATUS_OK;
}

/* Once a day, as long as it runs. */
static void identity_warn_of_end(void *arg)
{
	struct endpoint *endpoint = arg;
	const struct identity *identity = &endpoint->credentials.identity;
	const ASN1_TIME *end =
		X509_get0_notAfter(sk_X509_value(identity->chain, 0));
	char text[CERT_TIME_SIZE];
	long days;

	loop_after(endpoint->loop, &endpoint->daily, DAY_MS,
		   identity_warn_of_end, endpoint);
	if (!cert_days_left(end, &days) || days >= IDENTITY_WARN_DAYS)
		return;
	cert_time(end, text);
	hub_event(endpoint->hub, "expires",
		  json_pack("{s:s, s:s, s:I}", "dir", identity->dir,
			    "not_after", text, "days_left", (json_int_t)days));
	if (days >= 0)
		diag_warn("the certificate in `%s' is good until %s: %ld days; "
			  "blesec-provision --csr renews it", identity->dir,
			  text, days);
}

static void tell_crl(struct endpoint *endpoint, const char *end, long left)
{
	const char *dir = endpoint->credentials.identity.dir;

	hub_event(endpoint->hub, "crl_expires",
		  json_pack("{s:s, s:s, s:I}", "dir", dir, "next_update", end,
			    "seconds_left", (json_int_t)left));
	diag_warn("the crl.pem in `%s' %s to be replaced before %s: %s is "
		  "accepted without a new one (blesec-provision --fetch-crl)",
		  dir, left ? "is" : "was", end, left ?
		  "no peer after that" : "no peer");
}

/* Once when the end of a CRL is near, and once when it is reached. */
static void identity_warn_of_crl(void *arg)
{
	struct endpoint *endpoint = arg;
	const STACK_OF(X509_CRL) *crls = endpoint->credentials.identity.crls;
	char end[CERT_TIME_SIZE] = "";
	const X509_CRL *crl;
	long left = 0;

	loop_cancel(endpoint->loop, &endpoint->crl_timer);
	if (!trust_next_stale(crls, false, &left))
		return;
	loop_after(endpoint->loop, &endpoint->crl_timer,
		   1000 * (uint64_t)(left && left < CRL_LOOK_S ? left :
				     CRL_LOOK_S),
		   identity_warn_of_crl, endpoint);
	crl = trust_next_stale(crls, true, &left);
	if (crl)
		cert_time(X509_CRL_get0_nextUpdate(crl), end);
	if (crl && (strcmp(end, endpoint->crl_end) != 0 ||
		    endpoint->crl_stale != !left))
		tell_crl(endpoint, end, left);
	endpoint->crl_stale = crl && !left;
	memcpy(endpoint->crl_end, end, sizeof(end));
}

void endpoint_identity_watch(struct endpoint *endpoint)
{
	identity_warn_of_end(endpoint);
	identity_warn_of_crl(endpoint);
}

static void tell_refused(struct endpoint *endpoint, const char *why)
{
	const char *dir = endpoint->credentials.identity.dir;

	diag_warn("the identity read before from `%s' stays in use: %s",
		  dir, why);
	hub_event(endpoint->hub, "not_reloaded",
		  json_pack("{s:s, s:s}", "dir", dir, "reason", why));
}

static void tell_reloaded(struct endpoint *endpoint, unsigned int changes)
{
	static const char *const names[] = { "cert", "ca", "crl", "key" };
	const struct identity *identity = &endpoint->credentials.identity;
	X509 *leaf = sk_X509_value(identity->chain, 0);
	json_t *changed = json_array();
	char end[CERT_TIME_SIZE], pin[CERT_PIN_SIZE] = "";

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (changes & 1U << i)
			json_array_append_new(changed, json_string(names[i]));
	cert_time(X509_get0_notAfter(leaf), end);
	cert_pin(leaf, pin);
	hub_event(endpoint->hub, "reloaded",
		  json_pack("{s:s, s:s, s:s, s:s, s:o}", "dir", identity->dir,
			    "name", identity->name, "pin", pin, "not_after",
			    end, "changed", changed));
	if ((changes & CREDENTIALS_CERT) &&
	    strcmp(identity->name, endpoint->name) != 0)
		diag_warn("the certificate in `%s' is now for `%s'; `%s' is "
			  "still advertised until a restart",
			  identity->dir, identity->name,
			  endpoint->name);
}

static void put_in_use(struct endpoint *endpoint, struct credentials *new,
		       unsigned int changes)
{
	const struct credentials_settings settings = settings_of(endpoint);
	struct credentials *credentials = &endpoint->credentials;
	struct credentials old = *credentials;

	*credentials = *new;
	if (changes & CREDENTIALS_KEY) {
		signer_retire(&old.signer, endpoint->loop, &endpoint->retired);
	} else {
		credentials->signer = old.signer;
		credentials->signer.key = new->identity.key;
		credentials->signer.cert = sk_X509_value(new->identity.chain,
							 0);
		memset(&old.signer, 0, sizeof(old.signer));
	}
	credentials_use(&settings, credentials);
	endpoint->hub_settings.session.context = credentials->context;
	identity_warn_of_crl(endpoint);
	hub_revoke(endpoint->hub, credentials->identity.crls);
	credentials_free(&old);
}

/*
 * Returns why a new identity is not taken without SIGHUP, or NULL: a file is
 * missing and may be on its way, or the key was refused before, and a TPM
 * counts wrong passwords.
 */
static const char *not_by_itself(const struct endpoint *endpoint,
				 const struct credentials *new,
				 unsigned int changes)
{
	const struct identity *old = &endpoint->credentials.identity;

	if (old->crls && !new->identity.crls)
		return "crl.pem is gone; send SIGHUP to go on without it";
	if (old->anchors && !new->identity.anchors)
		return "ca.pem is gone; send SIGHUP to go on without it";
	if ((changes & CREDENTIALS_KEY) && endpoint->key_refused &&
	    !memcmp(endpoint->refused, new->key, sizeof(new->key)))
		return "its key was refused before; send SIGHUP to try it "
		       "again";
	return NULL;
}

static enum status read_again(struct endpoint *endpoint, bool always,
			      struct credentials *new, unsigned int *changes)
{
	const struct credentials_settings settings = settings_of(endpoint);
	enum status status = credentials_read(&settings, new);
	const char *fault;

	if (status)
		return status;
	*changes = credentials_changes(&endpoint->credentials, new);
	if (always && endpoint->credentials.signer.refused)
		*changes |= CREDENTIALS_KEY;
	fault = always ? NULL : not_by_itself(endpoint, new, *changes);
	if (fault) {
		diag_error("%s", fault);
		return STATUS_IDENTITY;
	}
	if (!*changes)
		return STATUS_OK;
	status = credentials_open(&settings, new, *changes);
	if (*changes & CREDENTIALS_KEY) {
		endpoint->key_refused = status == STATUS_IDENTITY;
		memcpy(endpoint->refused, new->key, sizeof(new->key));
	}
	return status;
}

/* A new CRL counts even if something else of the new identity is wrong. */
static void reload_crl(struct endpoint *endpoint)
{
	const struct credentials_settings settings = settings_of(endpoint);
	struct credentials new;
	char why[WHY_MAX];
	bool ok;

	/* The reason was already reported, or changes nothing. */
	diag_capture(why, sizeof(why));
	ok = !credentials_read_crl(&endpoint->credentials, &new) &&
	     new.identity.crls &&
	     credentials_changes(&endpoint->credentials, &new) &&
	     !credentials_open(&settings, &new, CREDENTIALS_CRL);
	diag_capture(NULL, 0);
	if (!ok) {
		credentials_free(&new);
		return;
	}
	put_in_use(endpoint, &new, CREDENTIALS_CRL);
	tell_reloaded(endpoint, CREDENTIALS_CRL);
}

void endpoint_reload(struct endpoint *endpoint, bool always)
{
	struct credentials new;
	unsigned int changes = 0;
	char why[WHY_MAX];
	enum status status;

	diag_capture(why, sizeof(why));
	status = read_again(endpoint, always, &new, &changes);
	diag_capture(NULL, 0);
	if (status) {
		tell_refused(endpoint, why);
		credentials_free(&new);
		reload_crl(endpoint);
		return;
	}
	if (changes)
		put_in_use(endpoint, &new, changes);
	else
		credentials_free(&new);
	if (changes || always)
		tell_reloaded(endpoint, changes);
	if (changes & CREDENTIALS_CERT)
		identity_warn_of_end(endpoint);
}

void endpoint_identity_stop(struct endpoint *endpoint)
{
	if (endpoint->loop) {
		loop_cancel(endpoint->loop, &endpoint->daily);
		loop_cancel(endpoint->loop, &endpoint->crl_timer);
	}
	dir_watch_stop(endpoint->watch);
	signer_stop_retired(&endpoint->retired);
	credentials_free(&endpoint->credentials);
}
