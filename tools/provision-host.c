/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One host: show its certificate, get a request, sign it, install the result.
 */
#include "config.h"
#include "provision-remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/uio.h>

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "enrol/enrol-check.h"
#include "verify/verify-ca.h"

#define DAY 86400L

struct remote_command {
	const struct job *job;
	char text[2 * REMOTE_WORDS_MAX + 200];
};

/*
 * Like scp(1), ignore configuration of the user's that is for logins, and give
 * the device neither the agent nor the display.
 */
static void run_ssh(const void *arg)
{
	const struct remote_command *command = arg;
	const char *const argv[] = {
		"ssh", "-T", "-a", "-x",
		"-oPermitLocalCommand=no", "-oClearAllForwardings=yes",
		"-oRemoteCommand=none",
		command->job->ask ? "-T" : "-oBatchMode=yes",
		"--", command->job->host->target, command->text, NULL,
	};

	execvp(argv[0], (char *const *)argv);
}

/* Begin the next step for this host. */
static void host_step(struct job *job, const char *stage)
{
	diag_info("%s: %s", job->host->target, stage);
	job->stage = stage;
}

static enum status host_no_process(struct job *job)
{
	explain(job, "cannot start a process: %s", strerror(errno));
	return STATUS_OTHER;
}

/* The arguments are our own words, or quoted for the remote shell. */
static enum status run_there(struct job *job, const char *stage,
			     const char *options, const char *more,
			     const char *input)
{
	const struct settings *settings = job->settings;
	struct remote_command command = { .job = job };

	snprintf(command.text, sizeof(command.text),
		 "%sblesec-provision %s%s%s", settings->sudo ?
		 "env LC_ALL=C sudo -n " : "", options, more, settings->there);
	host_step(job, stage);
	job->step.aloud = job->ask && diag_wants(DIAG_WARN);
	if (!step_run(&job->step, run_ssh, &command, input, settings->timeout))
		return host_no_process(job);
	return explain_ssh(job);
}

/* Capture the errors that other parts report. */
static void host_take_line(enum diag_level level, const char *text, void *arg)
{
	struct job *job = arg;

	if (level == DIAG_ERROR)
		explain(job, "%s", text);
}

static STACK_OF(X509) *read_certs(const char *text)
{
	return strstr(text, "-----BEGIN CERTIFICATE-----") ?
		provision_read_text(text, "its answer") : NULL;
}

static bool trusted(STACK_OF(X509) *anchors, STACK_OF(X509) *wanted)
{
	for (int i = 0; i < sk_X509_num(wanted); i++) {
		bool found = false;

		for (int j = 0; !found && j < sk_X509_num(anchors); j++)
			found = !X509_cmp(sk_X509_value(anchors, j),
					  sk_X509_value(wanted, i));
		if (!found)
			return false;
	}
	return true;
}

/*
 * Check the CA's index, as crl.pem may be older.  A revocation was somebody's
 * decision and is only undone on request.  The name is checked, too: a host may
 * hide its certificate (leaf is NULL) or show an older one.
 */
static enum status check_revoked(struct job *job, X509 *leaf, bool *revoked)
{
	struct verify_ca ca;
	struct verify_revocation by = { .compromised = false };
	enum status status = verify_ca_load(job->settings->ca, NULL, NULL, &ca);

	*revoked = !status && leaf && verify_revoked(&ca, leaf, &by);
	if (!status && !by.compromised &&
	    verify_name_revoked(&ca, job->host->name, &by))
		*revoked = true;
	verify_ca_free(&ca);
	if (!*revoked)
		return status;
	if (!by.compromised && job->settings->renew) {
		explain(job, "it was revoked (%s)", by.reason);
		return STATUS_OK;
	}
	explain(job, "the certificate with the serial number %s was revoked "
		"%s (%s): %s", by.serial, by.time, by.reason, by.compromised ?
		"its key is not to be used any more, --force makes a new one" :
		"--renew gives it a new one, or leave this host out");
	return STATUS_IDENTITY;
}

/* True if the current certificate may stay; else job->reason says why not. */
static bool may_stay(struct job *job, STACK_OF(X509) *anchors)
{
	X509 *leaf = sk_X509_value(job->shown, 0);
	time_t limit = time(NULL) + job->settings->renew_before * DAY;
	char name[CERT_NAME_MAX + 1] = "", end[CERT_TIME_SIZE];

	if (enrol_check_chain(job->shown, job->anchors, NULL))
		return false;
	cert_name(leaf, name);
	cert_time(X509_get0_notAfter(leaf), end);
	if (strcmp(name, job->host->name))
		explain(job, "it was named `%s'", name);
	else if (!anchors || !trusted(anchors, job->anchors))
		explain(job, "it did not trust this CA");
	else if (X509_cmp_time(X509_get0_notAfter(leaf), &limit) <= 0)
		explain(job, "it was about to expire, on %s", end);
	else if (job->settings->renew)
		explain(job, "--renew");
	else
		return true;
	return false;
}

/* --show; sets *kept if there is nothing to do. */
static enum status host_look(struct job *job, bool *kept)
{
	STACK_OF(X509) *anchors = NULL;
	enum status status = run_there(job, "show", "--show",
		job->settings->tpm ? " --tpm" : "", "");
	bool revoked;

	*kept = false;
	if (status)
		return status;
	diag_sink(host_take_line, job);
	job->shown = read_certs(job->step.out);
	if (job->shown)
		anchors = provision_split(job->shown);
	if (job->shown && !sk_X509_num(job->shown)) {
		sk_X509_free(job->shown);
		job->shown = NULL;
	}
	status = check_revoked(job, job->shown ?
			       sk_X509_value(job->shown, 0) : NULL, &revoked);
	if (!status && !revoked && job->shown)
		*kept = may_stay(job, anchors);
	sk_X509_pop_free(anchors, X509_free);
	diag_sink(NULL, NULL);
	ERR_clear_error();
	return status;
}

/* Unless the key is to change, the request must be for the current key. */
static bool host_has_key_of(const struct job *job, X509_REQ *req)
{
	bool same = !job->shown ||
		EVP_PKEY_eq(X509_REQ_get0_pubkey(req),
			    X509_get0_pubkey(sk_X509_value(job->shown, 0))) == 1;

	ERR_clear_error();
	return same;
}

/* --csr; returns the request for the CA, which the caller frees. */
static enum status host_ask(struct job *job, X509_REQ **out)
{
	const struct settings *settings = job->settings;
	char more[REMOTE_WORDS_MAX + 100], name[CERT_NAME_MAX + 1] = "";
	X509_REQ *req;
	BIO *bio;
	enum status status;

	if (job->shown)
		cert_name(sk_X509_value(job->shown, 0), name);
	/* Without a name, request all the names in the current certificate. */
	if (strcmp(name, job->host->name))
		snprintf(more, sizeof(more), " --name '%s'%s", job->host->name,
			 settings->ask);
	else
		snprintf(more, sizeof(more), "%s", settings->ask);
	status = run_there(job, "csr", "--csr", more, "");
	if (status)
		return status;
	bio = BIO_new_mem_buf(job->step.out, (int)job->step.out_len);
	req = PEM_read_bio_X509_REQ(bio, NULL, cert_no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (!req) {
		explain(job, "it sent no certificate request");
		return STATUS_OTHER;
	}
	if (!host_has_key_of(job, req)) {
		explain(job, "the request is for another key than a moment "
			"ago; is somebody else provisioning that host?");
		X509_REQ_free(req);
		return STATUS_IDENTITY;
	}
	*out = req;
	return STATUS_OK;
}

/* Have the local CA sign. */
static enum status host_sign(struct job *job, X509_REQ *request)
{
	enum status status;

	host_step(job, "sign");
	job->step.aloud = false;
	if (!provision_sign(job->settings, job->host->name, request,
			    &job->step, job->settings->timeout))
		return host_no_process(job);
	status = explain_ca(job);
	if (status)
		return status;
	diag_sink(host_take_line, job);
	job->chain = read_certs(job->step.out);
	diag_sink(NULL, NULL);
	if (job->chain)
		return STATUS_OK;
	explain(job, "the CA in `%s' sent no certificate", job->settings->ca);
	return STATUS_IDENTITY;
}

/* --install, which takes all of its input or none of it. */
static enum status host_install(struct job *job)
{
	char *text = NULL, pin[CERT_PIN_SIZE] = "";
	size_t size;
	FILE *file = open_memstream(&text, &size);
	bool ok = file && provision_print(file, job->anchors, job->chain);
	enum status status;

	if (file)
		fclose(file);
	if (!ok)
		die(STATUS_OTHER, "out of memory");
	status = run_there(job, "install", "--install --ca -", "", text);
	free(text);
	cert_pin(sk_X509_value(job->chain, 0), pin);
	if (status || strstr(job->step.out, pin))
		return status;
	explain(job, "blesec-provision there does not say that it has "
		"installed the certificate");
	return STATUS_OTHER;
}

bool provision_tell(const struct host *host, const char *word, X509 *cert,
		    const char *stage, const char *reason, enum status status)
{
	char pin[CERT_PIN_SIZE] = "", end[CERT_TIME_SIZE] = "";
	BIGNUM *number = cert ?
		ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL) : NULL;
	char *serial = number ? BN_bn2hex(number) : NULL, *text;
	json_t *line;
	bool ok;

	if (cert) {
		cert_pin(cert, pin);
		cert_time(X509_get0_notAfter(cert), end);
	}
	line = json_pack("{s:s, s:s, s:b, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, "
			 "s:i}", "host", host->target, "name", host->name, "ok",
			 status == STATUS_OK, "status", word, "pin",
			 cert ? pin : NULL, "serial", serial, "not_after",
			 cert ? end : NULL, "step", stage, "reason", reason,
			 "exit", (int)status);
	text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	/*
	 * Write each line at once, so that the lines of several hosts do not
	 * mix.
	 */
	ok = text && writev(STDOUT_FILENO, (struct iovec[]){
		{ text, strlen(text) }, { (void *)"\n", 1 } }, 2) > 0;
	free(text);
	json_decref(line);
	OPENSSL_free(serial);
	BN_free(number);
	return ok;
}

/* Report the certificate there now, as far as it is known. */
static enum status host_conclude(const struct job *job, const char *word,
				 enum status status)
{
	STACK_OF(X509) *certs = !status && job->chain ? job->chain
						      : job->shown;
	X509 *cert = certs ? sk_X509_value(certs, 0) : NULL;
	const char *reason = job->reason[0] ? job->reason : NULL;
	char end[CERT_TIME_SIZE] = "";

	if (cert)
		cert_time(X509_get0_notAfter(cert), end);
	if (status)
		diag_error("%s: %s: %s", job->host->target, job->stage,
			   reason);
	else if (diag_wants(DIAG_WARN))
		fprintf(stderr, "blesec-provision: %s: %s as %s until %s%s%s\n",
			job->host->target, word, job->host->name, end,
			reason ? ": " : "", reason ? reason : "");
	if (provision_tell(job->host, word, cert, job->stage, reason, status))
		return status;
	diag_error("cannot write to stdout: %s", strerror(errno));
	return status ? status : STATUS_OTHER;
}

enum status provision_host(struct job *job)
{
	X509_REQ *request = NULL;
	bool kept = false;
	enum status status = STATUS_OK;
	const char *word;

	/* With --force, the user knows about the certificate there. */
	if (!job->settings->force)
		status = host_look(job, &kept);
	if (!status && !kept)
		status = host_ask(job, &request);
	if (!status && !kept)
		status = host_sign(job, request);
	if (!status && !kept)
		status = host_install(job);
	word = status ? "failed" : kept ? "kept" :
	       job->shown ? "renewed" : "installed";
	status = host_conclude(job, word, status);
	X509_REQ_free(request);
	sk_X509_pop_free(job->shown, X509_free);
	sk_X509_pop_free(job->chain, X509_free);
	return status;
}
