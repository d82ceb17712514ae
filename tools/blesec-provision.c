/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-provision: make an identity. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include <openssl/pem.h>

#include "enrol/enrol.h"
#include "pki/identity.h"
#include "provision-step.h"
#include "provision.h"
#include "key/tpm.h"

/* The operator may have to type the password of the CA's key. */
#define SIGN_S 86400L

/* True if there is a certificate whose key is elsewhere: do not replace it. */
static bool key_elsewhere(const struct settings *settings,
			  const struct enrol *enrol)
{
	char *cert = identity_path(enrol->dir, "cert.pem");
	const bool is = !settings->force && !enrol_has_key(enrol, false) &&
			access(cert, F_OK) == 0;

	free(cert);
	if (is)
		diag_error("`%s' has a certificate, and no key.pem: name its "
			   "key with --key, or make a new one with --force",
			   enrol->dir);
	return is;
}

/* --csr */
static enum status make_request(struct settings *settings, struct enrol *enrol)
{
	bool next = settings->force && enrol_has_key(enrol, false);
	bool make = settings->force || !enrol_has_key(enrol, false);
	struct key *key = NULL;
	X509_REQ *req = NULL;
	enum status status = key_elsewhere(settings, enrol) ? STATUS_IDENTITY :
			     provision_complete_request(settings, enrol);

	if (!status && make) {
		status = provision_make_key(settings, enrol);
		/* If there is no identity, the key takes its place at once. */
		if (!status && !next) {
			status = enrol_commit(enrol);
			if (status)
				enrol_discard(enrol);
		}
		settings->making = NULL;
	}
	if (!status)
		status = provision_load_key(settings, enrol, next, &key);
	if (!status)
		status = enrol_request(key, settings->name, settings->sans,
				       &req);
	if (!status && (!PEM_write_X509_REQ(stdout, req) || fflush(stdout))) {
		diag_error("cannot write to stdout: %s", strerror(errno));
		status = STATUS_OTHER;
	}
	X509_REQ_free(req);
	key_free(key);
	return status;
}

static void keep_if_of(struct key **key, X509 *cert)
{
	if (!*key || enrol_matches(*key, cert))
		return;
	key_free(*key);
	*key = NULL;
}

/* Find the key that the certificate is for, in DIR.next or in DIR. */
static enum status find_key(struct settings *settings,
			    const struct enrol *enrol, X509 *cert, bool *next,
			    struct key **key)
{
	char why[PROVISION_WHY_MAX] = "";
	enum status waiting = STATUS_OK, status = STATUS_OK;

	*key = NULL;
	/* Try the newer one first: its password is more likely to be given. */
	if (enrol_has_key(enrol, true) && !settings->key)
		waiting = provision_load_waiting(settings, enrol, key, why);
	keep_if_of(key, cert);
	*next = *key;
	if (!*key && enrol_has_key(enrol, false))
		status = provision_load_key(settings, enrol, false, key);
	keep_if_of(key, cert);
	if (status || *key)
		return status;
	diag_error("the certificate is refused: it was made for another key "
		   "than that in `%s'%s%s", enrol->dir, *why ? "; " : "", why);
	return waiting ? waiting : STATUS_IDENTITY;
}

/* --install, with a chain that was read before taking the lock. */
static enum status install_certs(struct settings *settings, struct enrol *enrol,
				 STACK_OF(X509) *chain)
{
	STACK_OF(X509) *anchors;
	struct key *key;
	bool next;
	enum status status;

	if (!enrol_has_key(enrol, false) && !enrol_has_key(enrol, true)) {
		diag_error("`%s' has no key.pem: start with --csr", enrol->dir);
		return STATUS_IDENTITY;
	}
	anchors = settings->ca && !strcmp(settings->ca, "-") ?
		provision_split(chain) :
		provision_read_anchors(settings, enrol);
	if (!anchors)
		return STATUS_IDENTITY;
	status = find_key(settings, enrol, sk_X509_value(chain, 0), &next,
			  &key);
	if (!status)
		status = enrol_install(enrol, next, key, chain, anchors);
	if (!status)
		status = provision_report(enrol, key, sk_X509_value(chain, 0));
	key_free(key);
	sk_X509_pop_free(anchors, X509_free);
	return status;
}

/* --show, but only certificates that a session could use. */
static enum status show_identity(struct settings *settings,
				 const struct enrol *enrol)
{
	STACK_OF(X509) *chain, *anchors = NULL;
	struct key *key = NULL;
	char path[PATH_MAX];
	enum status status;

	snprintf(path, sizeof(path), "%s/cert.pem", enrol->dir);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		diag_info("there is no certificate in `%s' yet", enrol->dir);
		return STATUS_OK;
	}
	chain = cert_read_file(path);
	if (chain)
		anchors = provision_read_anchors(settings, enrol);
	status = anchors ? provision_load_key(settings, enrol, false, &key)
			 : STATUS_IDENTITY;
	if (!status && !enrol_matches(key, sk_X509_value(chain, 0))) {
		diag_error("cert.pem and key.pem in `%s' do not belong "
			   "together; --force makes both anew", enrol->dir);
		status = STATUS_IDENTITY;
	}
	if (!status && settings->tpm && !key_in_tpm(key)) {
		diag_error("the key in `%s' is not in the TPM; --force makes a "
			   "new one there", enrol->dir);
		status = STATUS_IDENTITY;
	}
	if (!status && !provision_print(stdout, anchors, chain)) {
		diag_error("cannot write to stdout: %s", strerror(errno));
		status = STATUS_OTHER;
	}
	key_free(key);
	sk_X509_pop_free(chain, X509_free);
	sk_X509_pop_free(anchors, X509_free);
	return status;
}

/* Have the local CA sign; it reports its own errors. */
static enum status sign_here(const struct settings *settings, X509_REQ *req,
			     STACK_OF(X509) **chain)
{
	struct step *step = calloc(1, sizeof(*step));
	enum status status = STATUS_OTHER;

	if (!step)
		die(STATUS_OTHER, "out of memory");
	step->aloud = true;
	if (!provision_sign(settings, settings->name, req, step, SIGN_S)) {
		diag_error("cannot start a process: %s", strerror(errno));
	} else if (!WIFEXITED(step->state) || WEXITSTATUS(step->state)) {
		diag_error("the CA in `%s' did not sign", settings->ca);
		if (WIFEXITED(step->state))
			status = (enum status)WEXITSTATUS(step->state);
	} else {
		*chain = provision_read_text(step->out,
					     "the output of blesec-ca");
		status = *chain ? STATUS_OK : STATUS_IDENTITY;
	}
	free(step);
	return status;
}

/* --ca */
static enum status all_in_one(struct settings *settings, struct enrol *enrol)
{
	STACK_OF(X509) *chain = NULL, *anchors = NULL;
	X509_REQ *req = NULL;
	struct key *key = NULL;
	const bool there = enrol_has_key(enrol, false);
	const bool make = !settings->key && !(there && settings->renew);
	bool made, installed;
	enum status status;

	if (make && there && !settings->force) {
		diag_error("`%s' has a key.pem already: --renew gets a new "
			   "certificate for it, --force makes a new key",
			   enrol->dir);
		return STATUS_IDENTITY;
	}
	if (make && key_elsewhere(settings, enrol))
		return STATUS_IDENTITY;
	anchors = provision_read_anchors(settings, enrol);
	status = anchors ? provision_complete_request(settings, enrol)
			 : STATUS_IDENTITY;
	if (!status && make)
		status = provision_make_key(settings, enrol);
	made = !status && make;
	if (!status)
		status = provision_load_key(settings, enrol, make, &key);
	if (!status)
		status = enrol_request(key, settings->name, settings->sans,
				       &req);
	if (!status)
		status = sign_here(settings, req, &chain);
	if (!status)
		status = enrol_install(enrol, make, key, chain, anchors);
	installed = !status;
	if (!status)
		status = provision_report(enrol, key, sk_X509_value(chain, 0));
	/* Free this first, as it may hold the TPM. */
	key_free(key);
	if (made && !installed)
		enrol_discard(enrol);
	X509_REQ_free(req);
	sk_X509_pop_free(chain, X509_free);
	sk_X509_pop_free(anchors, X509_free);
	return status;
}

int main(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct enrol enrol;
	STACK_OF(X509) *chain = NULL;
	enum status status;

	diag_init(argv[0]);
	signal(SIGPIPE, SIG_IGN);
	provision_options(argc, argv, &settings);
	tpm_wait_at_most(TPM_WAIT_S);
	if (optind < argc)
		return (int)provision_hosts(&settings, argc - optind,
					    argv + optind);
	if (settings.fetch_crl)
		return (int)provision_fetch_crl(&settings);
	/* In a pipe, --csr on the left must not find the lock already taken. */
	if (settings.install) {
		chain = cert_read(stdin, "stdin");
		if (!chain)
			return STATUS_IDENTITY;
	}
	status = enrol_begin(identity_dir(settings.dir), &enrol);
	enrol.key = settings.key;
	if (!status && settings.csr)
		status = make_request(&settings, &enrol);
	else if (!status && settings.install)
		status = install_certs(&settings, &enrol, chain);
	else if (!status && settings.show)
		status = show_identity(&settings, &enrol);
	else if (!status && settings.est.url)
		status = provision_est(&settings, &enrol);
	else if (!status)
		status = all_in_one(&settings, &enrol);
	enrol_end(&enrol);
	secret_forget(&settings.key_auth);
	secret_forget(&settings.owner_auth);
	sk_X509_pop_free(chain, X509_free);
	return (int)status;
}
