/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "provision-remote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "process/command.h"

#define TARGET_MAX 500

/* Refuse arguments that ssh would take for options, here or through %h. */
static void check_target(const char *target)
{
	const char *at = strrchr(target, '@');

	if (!*target || strlen(target) > TARGET_MAX || *target == '-' ||
	    (at && at[1] == '-') || !strncmp(target, "ssh://-", 7))
		die(STATUS_USAGE, "bad host `%s': [USER@]NAME or "
		    "ssh://[USER@]NAME[:PORT] is wanted", target);
	for (const char *p = target; *p; p++)
		if (*p <= ' ' || *p > '~')
			die(STATUS_USAGE, "bad host `%s': it has blanks or "
			    "non-ASCII characters", target);
}

/* The host as the user typed it, without user and port. */
static void name_of(const char *target, char name[CERT_NAME_MAX + 1])
{
	const char *at = strrchr(target, '@'), *start = target;
	bool uri = !strncasecmp(target, "ssh://", 6);
	size_t n;

	if (at)
		start = at + 1;
	else if (uri)
		start = target + 6;
	n = uri ? strcspn(start, ":/") : strlen(start);
	if (n <= CERT_NAME_MAX)
		snprintf(name, CERT_NAME_MAX + 1, "%.*s", (int)n, start);
	if (!cert_name_valid(name))
		die(STATUS_USAGE, "bad host `%s': it cannot be the name of a "
		    "device, which is 1 to %d letters, digits, '.', '_', '-'; "
		    "give one with --name", target, CERT_NAME_MAX);
}

static struct host *take_targets(const struct settings *settings, int count,
				 char **targets)
{
	struct host *hosts = calloc((size_t)count, sizeof(*hosts));

	if (!hosts)
		die(STATUS_OTHER, "out of memory");
	for (int i = 0; i < count; i++) {
		check_target(targets[i]);
		hosts[i].target = targets[i];
		if (settings->name[0])
			strcpy(hosts[i].name, settings->name);
		else
			name_of(targets[i], hosts[i].name);
		for (int j = 0; j < i; j++)
			if (!strcasecmp(hosts[i].name, hosts[j].name))
				die(STATUS_USAGE, "`%s' and `%s' would get the "
				    "same name", targets[j], targets[i]);
	}
	return hosts;
}

/* Report local errors once, before connecting to any host. */
static STACK_OF(X509) *check_here(const struct settings *settings)
{
	char *const ssh[] = { (char *)"ssh", NULL };
	struct stat st;
	int error = command_check(ssh);
	STACK_OF(X509) *anchors;

	if (error)
		die(STATUS_IDENTITY, "cannot run ssh: %s; install the package "
		    "openssh-client", strerror(error));
	if (stat(settings->ca, &st) < 0 || !S_ISDIR(st.st_mode))
		die(STATUS_IDENTITY, "`%s' is not a CA's directory; blesec-ca "
		    "init makes one", settings->ca);
	anchors = provision_anchors(settings->ca);
	if (!anchors)
		exit(STATUS_IDENTITY);
	for (int i = 0; i < sk_X509_num(anchors); i++)
		if (X509_self_signed(sk_X509_value(anchors, i), 1) != 1)
			die(STATUS_IDENTITY, "the CA in `%s' trusts a "
			    "certificate that is not a root's", settings->ca);
	return anchors;
}

static bool open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void start_job(struct host *host, const struct job *template)
{
	pid_t parent = getpid();
	struct job *job;

	host->pid = fork();
	if (host->pid > 0)
		return;
	if (host->pid < 0) {
		diag_error("%s: cannot start a process: %s", host->target,
			   strerror(errno));
		host->pid = 0;
		host->status = STATUS_OTHER;
		provision_tell(host, "failed", NULL, NULL,
			       "cannot start a process", STATUS_OTHER);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	job = malloc(sizeof(*job));
	if (!job || getppid() != parent)
		_exit(STATUS_OTHER);
	*job = *template;
	job->host = host;
	host->status = provision_host(job);
	free(job);
	exit((int)host->status);
}

/* Wait until one of the processes ends. */
static void finish_job(struct host *hosts, int count)
{
	int state;
	pid_t pid = wait(&state);

	for (int i = 0; pid > 0 && i < count; i++) {
		if (hosts[i].pid != pid)
			continue;
		hosts[i].pid = 0;
		if (WIFEXITED(state)) {
			hosts[i].status = (enum status)WEXITSTATUS(state);
			continue;
		}
		hosts[i].status = STATUS_OTHER;
		diag_error("%s: its process was killed", hosts[i].target);
		provision_tell(&hosts[i], "failed", NULL, NULL,
			       "its process was killed", STATUS_OTHER);
	}
}

enum status provision_hosts(const struct settings *settings, int count,
			    char **targets)
{
	static struct job template;
	struct host *hosts = take_targets(settings, count, targets);
	int running = 0, next = 0;
	enum status status = STATUS_OK;

	template.settings = settings;
	template.anchors = check_here(settings);
	template.ask = (settings->jobs == 1 || count == 1) && open_terminal();
	while (next < count || running > 0) {
		if (next < count && running < settings->jobs) {
			start_job(&hosts[next], &template);
			running += hosts[next++].pid > 0;
		} else {
			finish_job(hosts, count);
			running--;
		}
	}
	for (int i = 0; !status && i < count; i++)
		status = hosts[i].status;
	sk_X509_pop_free(template.anchors, X509_free);
	free(hosts);
	return status;
}
