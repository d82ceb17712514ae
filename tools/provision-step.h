/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step towards a host's identity: a command and its output. */
#ifndef BLESEC_PROVISION_STEP_H
#define BLESEC_PROVISION_STEP_H

#include <stdbool.h>
#include <stddef.h>

#define STEP_OUT_MAX 65536
#define STEP_ERR_MAX 8192

struct step {
	char out[STEP_OUT_MAX], err[STEP_ERR_MAX];	/* strings */
	size_t out_len, err_len;	/* length of out, and of err: the
					 * last output */
	int state;			/* a wait status, as from waitpid(2) */
	bool timed_out, too_much;
	bool aloud;		/* also pass stderr on at once */
};

/*
 * Call run in a child process, where it executes a command; give the command
 * this input and collect its output.  It is ended after this many seconds, when
 * its output does not fit, or when this process ends.  A process that still
 * holds its stderr is not waited for.  Returns false with errno set if it could
 * not be started; everything else is in step.
 */
bool step_run(struct step *step, void (*run)(const void *arg), const void *arg,
	      const char *input, long seconds);

#endif
