/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step towards a host's identity: a command, and all that it says. */
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
 * Call run in a child process, where it becomes a command; give that this
 * input, and take its output.  It is ended after so many seconds, when it says
 * more than fits, or with this process.  A process that still holds its stderr
 * is not waited for.  False, with errno, if it could not be started; everything
 * else is in step.
 */
bool step_run(struct step *step, void (*run)(const void *arg), const void *arg,
	      const char *input, long seconds);

#endif
