/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explain why a step failed, from its status and its stderr. */
#include "config.h"
#include "provision-remote.h"

#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#define TEXT_MAX 480
#define OURS "blesec-provision: "
#define WARNING "warning: "

void explain(struct job *job, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(job->reason, sizeof(job->reason), fmt, ap);
	va_end(ap);
	for (char *p = job->reason; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

/* The next line of the output, without its end; false if there is none. */
static bool explain_next_line(const char **rest, char line[TEXT_MAX])
{
	size_t n;

	*rest += strspn(*rest, "\r\n");
	n = strcspn(*rest, "\r\n");
	if (!n)
		return false;
	snprintf(line, TEXT_MAX, "%.*s", (int)n, *rest);
	*rest += n;
	return true;
}

/*
 * The last line that begins with prefix and is not a warning, without the
 * prefix; with first set, the first such line.  False if there is none.
 */
static bool find_line(const struct step *step, const char *prefix, bool first,
		      char line[TEXT_MAX])
{
	const char *rest = step->err;
	size_t n = strlen(prefix);
	char each[TEXT_MAX];
	bool found = false;

	while (!(found && first) && explain_next_line(&rest, each)) {
		if (strncmp(each, prefix, n) ||
		    !strncmp(each + n, WARNING, strlen(WARNING)))
			continue;
		snprintf(line, TEXT_MAX, "%s", each + n);
		found = true;
	}
	return found;
}

static void pass_warnings(const struct job *job, const char *program)
{
	const char *rest = job->step.err;
	char line[TEXT_MAX], prefix[60];
	int n = snprintf(prefix, sizeof(prefix), "%s" WARNING, program);

	while (explain_next_line(&rest, line)) {
		if (!strncmp(line, prefix, (size_t)n))
			diag_warn("%s: %s", job->host->target, line + n);
		else if (!job->step.aloud)
			diag_info("%s: %s", job->host->target, line);
	}
}

/* The step did not end by itself. */
static enum status explain_cut(struct job *job)
{
	const char *after = !strcmp(job->stage, "install") ?
		": run this again to see whether it was installed" : "";

	if (job->step.too_much) {
		explain(job, "too much output on stdout; does a shell start-up "
			"file print something?");
		return STATUS_OTHER;
	}
	explain(job, "not done within %ld s (--timeout): is it awake, and does "
		"`ssh %s true' end%s", job->settings->timeout,
		job->host->target, *after ? after : "?");
	return STATUS_TIMEOUT;
}

/* 255: ssh itself has failed, and has reported why. */
static enum status explain_connection(struct job *job)
{
	const char *help = "";
	char line[TEXT_MAX];
	bool refused;

	if (!find_line(&job->step, "ssh: ", true, line) &&
	    !find_line(&job->step, "", false, line)) {
		explain(job, "ssh ended without a message: the connection "
			"broke, or the remote program was killed");
		return STATUS_LINK;
	}
	refused = strstr(line, "Permission denied") ||
		  strstr(line, "verification failed") ||
		  strstr(line, "Too many authentication failures");
	if (refused && !job->ask)
		help = "; `ssh HOST true' must work without a question, or use "
		       "-j 1 on a terminal";
	explain(job, "ssh: %s%s", line, help);
	return refused ? STATUS_PEER : STATUS_LINK;
}

static enum status explain_missing(struct job *job, bool sudo)
{
	if (sudo)
		explain(job, "there is no sudo there: install it, or let ssh "
			"log in as root and leave out --sudo");
	else
		explain(job, "there is no blesec-provision there, or not in the "
			"PATH that ssh gives: install the package blesec");
	return STATUS_IDENTITY;
}

static enum status explain_sudo(struct job *job, const char *line)
{
	if (strstr(line, "password") || strstr(line, "terminal") ||
	    strstr(line, "interactive")) {
		explain(job, "sudo there asks for a password, which cannot be "
			"given: permit blesec-provision with NOPASSWD in "
			"sudoers(5), or let ssh log in as root");
		return STATUS_IDENTITY;
	}
	if (strstr(line, "command not found"))
		return explain_missing(job, false);
	explain(job, "sudo there refuses: %s", line);
	return STATUS_IDENTITY;
}

/* Blame the version if the other side does not know an option. */
static bool explain_version(struct job *job)
{
	const char *rest = job->step.err, *option;
	char line[TEXT_MAX];

	while (explain_next_line(&rest, line)) {
		option = strstr(line, "unrecognized option");
		if (!option)
			option = strstr(line, "invalid option");
		if (!option)
			continue;
		option += strcspn(option, "'`");
		explain(job, "blesec-provision there is of another version, and "
			"does not know %s: install %s there too",
			*option ? option : "an option", PACKAGE_STRING);
		return true;
	}
	return false;
}

enum status explain_ssh(struct job *job)
{
	const struct step *step = &job->step;
	int code = WIFEXITED(step->state) ? WEXITSTATUS(step->state) : 255;
	char line[TEXT_MAX];
	const char *help = "";

	if (step->timed_out || step->too_much)
		return explain_cut(job);
	if (!code) {
		pass_warnings(job, OURS);
		return STATUS_OK;
	}
	if (code == 255)
		return explain_connection(job);
	if (code == STATUS_USAGE && explain_version(job))
		return STATUS_IDENTITY;
	if (find_line(step, OURS, false, line)) {
		if (strstr(line, "Permission denied") && !job->settings->sudo)
			help = "; --sudo may help";
		explain(job, "%s%s", line, help);
		return code <= STATUS_REFUSED ? (enum status)code
					      : STATUS_OTHER;
	}
	if (code == 127)
		return explain_missing(job, job->settings->sudo);
	if (!find_line(step, "", false, line))
		snprintf(line, sizeof(line), "it printed no message");
	if (job->settings->sudo && code == 1)
		return explain_sudo(job, line);
	if (code > 128)
		explain(job, "the remote program was killed by signal %d",
			code - 128);
	else
		explain(job, "the remote program ended with status %d: %s",
			code, line);
	return STATUS_OTHER;
}

enum status explain_ca(struct job *job)
{
	const struct step *step = &job->step;
	int code = WIFEXITED(step->state) ? WEXITSTATUS(step->state) : 1;
	char line[TEXT_MAX];

	if (step->timed_out || step->too_much) {
		explain(job, "blesec-ca has not signed within %ld s",
			job->settings->timeout);
		return STATUS_TIMEOUT;
	}
	if (!code) {
		pass_warnings(job, "blesec-ca: ");
		return STATUS_OK;
	}
	if (!find_line(step, "blesec-ca: ", false, line) &&
	    !find_line(step, "", false, line))
		snprintf(line, sizeof(line), "status %d", code);
	explain(job, "the CA in `%s' did not sign: %s", job->settings->ca,
		line);
	return code <= STATUS_REFUSED ? (enum status)code : STATUS_OTHER;
}
