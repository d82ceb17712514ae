/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run a command in its own process group, with pipes to it and from it. */
#ifndef BLESEC_COMMAND_H
#define BLESEC_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/loop.h"

struct command_process {
	pid_t pid;		/* 0: not running */
	int pidfd;		/* readable when the command has ended */
	int to, from;		/* its stdin and stdout; -1 when closed */
};

/* A variable for the command's environment. */
struct command_variable {
	const char *name, *value;
};

/*
 * Check that argv[0] can be run; it is searched for as by execvp(3).  Returns 0
 * or an errno.
 */
int command_check(char *const argv[]);

/*
 * Run argv with these variables added to the environment; the last one has no
 * name.  The command shares our stderr.  It gets SIGTERM when this process ends
 * in any way.  Returns STATUS_OK, or STATUS_OTHER after saying why.
 */
enum status command_run(struct command_process *process, char *const argv[],
			const struct command_variable *variables);

/* Close one of the two pipes, if it is open. */
void command_close_input(struct command_process *process);
void command_close_output(struct command_process *process);

/* Send a signal to the command's process group. */
void command_signal(const struct command_process *process, int signal);

/*
 * Wait at most ms milliseconds for the command to end, then kill its group;
 * close everything.  Returns the wait status, or 0 if pid is 0.
 */
int command_reap(struct command_process *process, int ms);

/*
 * Kill the group and close everything without waiting; the loop reaps the
 * command.
 */
void command_kill(struct command_process *process, struct loop *loop);

/* A wait status in words, in a static buffer: "status 3", "signal SIGKILL". */
const char *command_status_words(int status);

#endif
