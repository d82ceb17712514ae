/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command in a process group of its own, with pipes to it and from it. */
#ifndef BLESEC_COMMAND_H
#define BLESEC_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/loop.h"

struct command_process {
	pid_t pid;		/* 0: none */
	int pidfd;		/* readable when it has ended */
	int to, from;		/* its stdin and stdout; -1 when closed */
};

/* A variable of its environment. */
struct command_variable {
	const char *name, *value;
};

/*
 * Whether argv[0] is something that can be run, as execvp(3) would find it.
 * Returns 0 or an errno.
 */
int command_check(char *const argv[]);

/*
 * Run argv with these variables added, up to one without a name.  Its stderr is
 * ours; it gets SIGTERM when this process ends in whatever way.
 * Returns STATUS_OK, or STATUS_OTHER having said why.
 */
enum status command_run(struct command_process *process, char *const argv[],
			const struct command_variable *variables);

/* Close what is open of the two pipes. */
void command_close_input(struct command_process *process);
void command_close_output(struct command_process *process);

/* Send its process group a signal. */
void command_signal(const struct command_process *process, int signal);

/*
 * Wait at most ms milliseconds for its end, then kill its group; close
 * everything.  Returns the wait status; 0 if pid is 0.
 */
int command_reap(struct command_process *process, int ms);

/* Kill its group now; the loop reaps it.  Close everything. */
void command_kill(struct command_process *process, struct loop *loop);

/* "status 3", "signal SIGKILL": a wait status in words, in a static buffer. */
const char *command_status_words(int status);

#endif
