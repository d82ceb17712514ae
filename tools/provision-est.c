/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "provision.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/est.h"

/*
 * Choose the client's credentials: --cert, or the identity in DIR if --user is
 * not given.
 */
static enum status client(struct settings *settings, const struct enrol *enrol,
			  bool *again)
{
	const char *dir = settings->est_cert;
	const char *key = dir ? NULL : settings->key;
	char path[PATH_MAX], *whole;
	enum status status;

	*again = false;
	snprintf(path, sizeof(path), "%s/cert.pem", enrol->dir);
	if (!dir && !settings->est.user && access(path, F_OK) == 0)
		dir = enrol->dir;
	if (!dir)
		return STATUS_OK;
	snprintf(path, sizeof(path), "%s/key.pem", dir);
	status = secret_get(&settings->key_auth, "the key", false);
	if (!status)
		status = key_load(key ? key : path, &settings->key_auth,
				  &settings->est.key);
	if (status)
		return status;
	snprintf(path, sizeof(path), "%s/cert.pem", dir);
	settings->est.chain = cert_read_file(path);
	if (!settings->est.chain)
		return STATUS_IDENTITY;
	whole = realpath(dir, NULL);
	*again = whole && !strcmp(whole, enrol->dir);
	free(whole);
	return STATUS_OK;
}

/*
 * Choose the key to enrol: that of the identity; without one, or with --force,
 * a key in DIR.next that still waits for the server's decision; else a new key.
 */
static enum status choose_key(struct settings *settings,
			      struct enrol *enrol, bool *next, struct key **key)
{
	char why[PROVISION_WHY_MAX];
	enum status status = STATUS_OK;

	*next = settings->force || !enrol_has_key(enrol, false);
	if (!*next)
		return provision_load_key(settings, enrol, false, key);
	if (enrol_has_key(enrol, true)) {
		status = provision_load_waiting(settings, enrol, key, why);
		if (status)
			diag_error("%s", why);
	}
	if (status)
		return status;
	if (*key && key_in_tpm(*key) != settings->no_tpm)
		return STATUS_OK;
	key_free(*key);
	*key = NULL;
	status = provision_make_key(settings, enrol);
	return status ? status : provision_load_key(settings, enrol, true, key);
}

static enum status ask_server(const struct settings *settings,
			      const struct enrol *enrol, struct key *key,
			      bool again, STACK_OF(X509) **anchors,
			      STACK_OF(X509) **chain)
{
	struct est_wishes wishes;
	STACK_OF(X509) *certs = NULL;
	X509_REQ *req = NULL;
	struct est *est;
	enum status status = est_open(&settings->est, &est);

	if (!status)
		status = est_cacerts(est, &certs);
	if (!status && settings->ca) {
		*anchors = provision_read_anchors(settings, enrol);
		status = *anchors ? STATUS_OK : STATUS_IDENTITY;
	} else if (!status) {
		status = est_anchors(certs, anchors);
	}
	if (!status)
		status = est_csrattrs(est, EVP_PKEY_get_bits(key_public(key)),
				      &wishes);
	if (!status) {
		est_csrattrs_warn(&wishes);
		status = enrol_request(key, settings->name, settings->sans,
				       &req);
	}
	if (!status)
		status = est_enrol(est, again, req, *anchors, certs, chain);
	X509_REQ_free(req);
	sk_X509_pop_free(certs, X509_free);
	est_close(est);
	return status;
}

enum status provision_est(struct settings *settings, struct enrol *enrol)
{
	STACK_OF(X509) *chain = NULL, *anchors = NULL;
	struct key *key = NULL;
	const bool named = settings->name[0] || settings->san ||
			   settings->address || settings->no_address;
	bool again, discard, next = false;
	enum status status = client(settings, enrol, &again);

	/* A renewal keeps the names of the current certificate. */
	again = again && !named;
	if (!status)
		status = provision_complete_request(settings, enrol);
	if (!status)
		status = choose_key(settings, enrol, &next, &key);
	if (!status)
		status = ask_server(settings, enrol, key, again, &anchors,
				    &chain);
	if (!status)
		status = enrol_install(enrol, next, key, chain, anchors);
	discard = status && status != STATUS_TIMEOUT && next;
	if (!status)
		status = provision_report(enrol, key, sk_X509_value(chain, 0));
	/* Free these first, as they may hold the TPM. */
	key_free(key);
	key_free(settings->est.key);
	/* If the server has not decided, the next run uses this key again. */
	if (discard)
		enrol_discard(enrol);
	sk_X509_pop_free(settings->est.chain, X509_free);
	sk_X509_pop_free(anchors, X509_free);
	sk_X509_pop_free(chain, X509_free);
	return status;
}
