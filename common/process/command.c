/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "process/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "process/child.h"

static int command_check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(path, X_OK) < 0 ? errno : 0;
}

int command_check(char *const argv[])
{
	const char *path = getenv("PATH");
	int result = ENOENT;

	if (strchr(argv[0], '/'))
		return command_check_file(argv[0]);
	for (const char *p = path ? path : "/bin:/usr/bin"; argv[0][0] && p;) {
		size_t len = strcspn(p, ":");
		char file[4096];
		int error;

		snprintf(file, sizeof(file), "%.*s%s%s", (int)len, p,
			 len ? "/" : "", argv[0]);
		error = command_check_file(file);
		if (!error)
			return 0;
		if (error == EACCES)
			result = error;
		p = p[len] ? p + len + 1 : NULL;
	}
	return result;
}

_Noreturn static void command_child(char *const argv[],
				    const struct command_variable *variables,
				    const int fds[2], int report)
{
	sigset_t none;
	int error;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (; variables->name; variables++)
		setenv(variables->name, variables->value, 1);
	if (dup2(fds[0], STDIN_FILENO) >= 0 && dup2(fds[1], STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

static void command_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void command_close_input(struct command_process *process)
{
	command_close_fd(&process->to);
}

void command_close_output(struct command_process *process)
{
	command_close_fd(&process->from);
}

void command_signal(const struct command_process *process, int signal)
{
	if (process->pid > 0)
		kill(-process->pid, signal);
}

static void command_close_all(struct command_process *process)
{
	process->pid = 0;
	command_close_fd(&process->pidfd);
	command_close_input(process);
	command_close_output(process);
}

int command_reap(struct command_process *process, int ms)
{
	int status = 0;

	if (process->pid > 0) {
		status = child_reap(process->pid, ms);
		/* Processes that the command left behind. */
		kill(-process->pid, SIGKILL);
	}
	command_close_all(process);
	return status;
}

void command_kill(struct command_process *process, struct loop *loop)
{
	if (process->pid > 0) {
		kill(-process->pid, SIGKILL);
		child_leave(loop, process->pid, 0);
	}
	command_close_all(process);
}

const char *command_status_words(int status)
{
	static char words[40];

	if (WIFSIGNALED(status))
		snprintf(words, sizeof(words), "signal SIG%s",
			 sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(words, sizeof(words), "status %d",
			 WEXITSTATUS(status));
	return words;
}

enum status command_run(struct command_process *process, char *const argv[],
			const struct command_variable *variables)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 }, report[2] = { -1, -1 };
	int error = 0;

	*process = (struct command_process){ 0, -1, -1, -1 };
	if (child_pipe(to) || child_pipe(from) || child_pipe(report)) {
		error = errno;
	} else {
		const int fds[2] = { to[0], from[1] };

		process->pid = child_fork(&process->pidfd);
		if (process->pid == 0)
			command_child(argv, variables, fds, report[1]);
		error = process->pid < 0 ? errno : 0;
	}
	for (int *fd = (int[]){ to[0], from[1], report[1], -2 }; *fd != -2;
	     fd++)
		if (*fd >= 0)
			close(*fd);
	/*
	 * exec closes this pipe; if an octet arrives, the command could not be
	 * run.
	 */
	if (!error && read(report[0], &error, sizeof(error)) < 0)
		error = errno;
	close(report[0]);
	process->to = to[1];
	process->from = from[0];
	if (!error) {
		setpgid(process->pid, process->pid);
		return STATUS_OK;
	}
	diag_error("cannot start `%s': %s", argv[0], strerror(error));
	command_reap(process, 0);
	return STATUS_OTHER;
}
