/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identities for other machines, over the user's own ssh. */
#ifndef BLESEC_PROVISION_REMOTE_H
#define BLESEC_PROVISION_REMOTE_H

#include "provision.h"
#include "provision-step.h"

#define REASON_MAX 700

struct host {
	const char *target;		/* as the user typed it, for ssh */
	char name[CERT_NAME_MAX + 1];
	pid_t pid;			/* of its process; 0: not running */
	enum status status;
};

/* What the process of one host knows. */
struct job {
	const struct settings *settings;
	const struct host *host;
	STACK_OF(X509) *anchors;	/* of the local CA */
	bool ask;			/* ssh may prompt on the terminal */
	const char *stage;		/* "show", "csr", "sign", "install" */
	char reason[REASON_MAX];
	STACK_OF(X509) *shown, *chain;	/* the old certificates; the new ones */
	struct step step;
};

/*
 * Do everything for one host, and print a line of JSON on stdout and one of
 * text on stderr.  Returns the exit status for this host alone.
 */
enum status provision_host(struct job *job);

/* Print the line of JSON; false if it cannot be written. */
bool provision_tell(const struct host *host, const char *word, X509 *cert,
		    const char *stage, const char *reason, enum status status);

/*
 * If the step that has just ended failed, put into job->reason why, and what to
 * do about it: explain_ssh for a step on the host, explain_ca for the local CA.
 * Returns STATUS_OK if the step did not fail; warnings are passed on.
 */
enum status explain_ssh(struct job *job);
enum status explain_ca(struct job *job);

/* Set job->reason, without control characters, and in ASCII. */
void explain(struct job *job, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
