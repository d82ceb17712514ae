/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step on the way to a host's identity: a command, and all that it says. */
#ifndef BLESEC_PROVISION_STEP_H
#define BLESEC_PROVISION_STEP_H

#include <stdbool.h>
#include <stddef.h>

#define STEP_OUT_MAX 65536
#define STEP_ERR_MAX 8192

struct step {
	char out[STEP_OUT_MAX], err[STEP_ERR_MAX];	/* strings */
	size_t out_len, err_len;	/* of err, the last of what it said */
	int state;			/* as waitpid(2) has it */
	bool timed_out, too_much;
	bool aloud;		/* stderr is passed on at once, too */
};

/*
 * In a child process call run, which becomes a command; give it this input,
 * take its output.  After that many seconds, or when it says more than fits,
 * it is ended; it ends with this process, too.  Its stderr may outlive it: the
 * end of the process is the end.
 * False, with errno, if that could not be started; all else is in step.
 */
bool step_run(struct step *step, void (*run)(const void *arg), const void *arg,
	      const char *input, long seconds);

#endif
