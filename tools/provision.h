/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of blesec-provision. */
#ifndef BLESEC_PROVISION_H
#define BLESEC_PROVISION_H

#include <stdbool.h>
#include <stdio.h>

#include <openssl/x509.h>

#include "pki/cert.h"
#include "base/diag.h"
#include "enrol/enrol.h"
#include "http/est.h"

#define REMOTE_WORDS_MAX 6000

struct settings {
	const char *dir, *ca, *tcti, *key;
	struct secret key_auth, owner_auth;
	struct tpm_key_wish wish;
	const char *making;	/* an option that applies to a new key only */
	char name[CERT_NAME_MAX + 1];
	char sans[2048];	/* "URI:...,DNS:..." */
	bool tpm, no_tpm, no_address, address, san, force;
	bool csr, install, show, fetch_crl;
	/* For --fetch-crl. */
	const char *crl_url, *crl_ca;	/* NULL: not given */
	/* For the form with hosts. */
	bool remote, renew, sudo;
	long renew_before;	/* days */
	long timeout;		/* seconds; also for --fetch-crl */
	bool timed;		/* timeout was given */
	long jobs;
	struct est_settings est;	/* est.url: NULL without --est */
	const char *est_cert;	/* directory of the client's identity, or
				 * NULL */
	/* Options for the remote blesec-provision: for every run, for --csr. */
	char there[REMOTE_WORDS_MAX], ask[REMOTE_WORDS_MAX];
};

/* Parse all options; optind is then the index of the first argument. */
void provision_options(int argc, char **argv, struct settings *settings);

/* Add "URI:..." or "DNS:..."; exits if there are too many. */
void provision_add_san(struct settings *settings, const char *san);

/* Add the subjectAltName for "AA:BB:CC:DD:EE:FF"; exits likewise. */
void provision_add_address(struct settings *settings, const char *address);

/* Decide what to request where the options do not say. */
enum status provision_complete_request(struct settings *settings,
				       const struct enrol *enrol);

/*
 * Make a key in DIR.next, in the TPM or in a file as the options say, asking
 * for passwords.  Returns the status of enrol_make_key, or STATUS_TPM with
 * nothing done if no TPM answers.
 */
enum status provision_make_key(struct settings *settings, struct enrol *enrol);

/*
 * Load a key with its password.  Returns the status of enrol_load_key, or
 * STATUS_IDENTITY if options for a new key were given and the key exists
 * already.
 */
enum status provision_load_key(struct settings *settings,
			       const struct enrol *enrol, bool next,
			       struct key **key);

#define PROVISION_WHY_MAX (ENROL_WAITING_MAX + 500)
/*
 * Load the key of DIR.next that waits for its certificate.  Prints nothing: why
 * gets a description of DIR.next and what to do.
 */
enum status provision_load_waiting(struct settings *settings,
				   const struct enrol *enrol, struct key **key,
				   char why[PROVISION_WHY_MAX]);

/* The CA's certificates that --ca or the identity names. */
STACK_OF(X509) *provision_read_anchors(const struct settings *settings,
				       const struct enrol *enrol);

/* Print the event "provisioned". */
enum status provision_report(const struct enrol *enrol, const struct key *key,
			     X509 *cert);

/* --est: get a first certificate, or renew one. */
enum status provision_est(struct settings *settings, struct enrol *enrol);

/* --fetch-crl: takes the lock itself; call it without. */
enum status provision_fetch_crl(const struct settings *settings);

/* The options for --est; their values are above all letters. */
enum { PROVISION_EST = 300, PROVISION_LABEL, PROVISION_USER,
       PROVISION_PASSWORD_FILE, PROVISION_CERT, PROVISION_EST_CA,
       PROVISION_EST_PIN, PROVISION_EST_SYSTEM, PROVISION_EST_TIMEOUT };

#define PROVISION_EST_LONG                                                    \
	{ "est", required_argument, NULL, PROVISION_EST },                    \
	{ "label", required_argument, NULL, PROVISION_LABEL },                \
	{ "user", required_argument, NULL, PROVISION_USER },                  \
	{ "password-file", required_argument, NULL,                           \
	  PROVISION_PASSWORD_FILE },                                          \
	{ "cert", required_argument, NULL, PROVISION_CERT },                  \
	{ "est-ca", required_argument, NULL, PROVISION_EST_CA },              \
	{ "est-pin", required_argument, NULL, PROVISION_EST_PIN },            \
	{ "est-system", no_argument, NULL, PROVISION_EST_SYSTEM },            \
	{ "est-timeout", required_argument, NULL, PROVISION_EST_TIMEOUT }

extern const char provision_est_help[], provision_key_help[];

/* The options for the key. */
enum { PROVISION_KEY_AUTH = 400, PROVISION_OWNER_AUTH, PROVISION_PARENT,
       PROVISION_PERSISTENT, PROVISION_IMPORT };

#define PROVISION_KEY_LONG                                                    \
	{ "key", required_argument, NULL, 'k' },                              \
	{ "key-auth", required_argument, NULL, PROVISION_KEY_AUTH },          \
	{ "owner-auth", required_argument, NULL, PROVISION_OWNER_AUTH },      \
	{ "parent", required_argument, NULL, PROVISION_PARENT },              \
	{ "persistent", required_argument, NULL, PROVISION_PERSISTENT },      \
	{ "import", required_argument, NULL, PROVISION_IMPORT }

/* Like the two functions below. */
bool provision_key_option(struct settings *settings, int c);
void provision_key_complete(struct settings *settings, bool host);

/* False if it is not one of these options. */
bool provision_est_option(struct settings *settings, int c);
/* Exits if the options do not go together. */
void provision_est_complete(const struct settings *settings);

/* The certificates of a CA's directory or of a file; NULL after saying why. */
STACK_OF(X509) *provision_anchors(const char *ca);

/*
 * Certificates as --show prints them and --install --ca - reads them: the CA's
 * come first, so that truncated input is not taken for the whole.  Moves the
 * CA's certificates to a separate list.  Returns NULL after saying why.
 */
STACK_OF(X509) *provision_split(STACK_OF(X509) *certs);

/* Print such a list; false if it cannot be written. */
bool provision_print(FILE *file, STACK_OF(X509) *anchors,
		     STACK_OF(X509) *chain);

/* Identities for other machines; see provision-remote.h. */
enum status provision_hosts(const struct settings *settings, int count,
			    char **targets);

struct step;
/*
 * Have the CA in settings->ca sign the request for this name with "blesec-ca
 * sign", within this many seconds.  Returns like step_run: the output is in
 * step.
 */
bool provision_sign(const struct settings *settings, const char *name,
		    X509_REQ *req, struct step *step, long seconds);

/* The PEM certificates in a text, called name in errors; NULL if none. */
STACK_OF(X509) *provision_read_text(const char *text, const char *name);

#endif
