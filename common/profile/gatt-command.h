/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that read or write the values of a profile, as text. */
#ifndef BLESEC_GATT_COMMAND_H
#define BLESEC_GATT_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"

struct peer;
struct command_variable;

/* Programs that are run once for each read or write. */
struct gatt_runs;

/*
 * done is called for each program that has ended: with 0 and, for a read, the
 * first line of its output, or with an ATT error.  peer is NULL if no peer
 * waits for the answer.
 */
struct gatt_runs *gatt_runs_new(struct loop *loop,
				void (*done)(struct peer *peer, void *of,
					     bool write, uint8_t error,
					     const char *text));
void gatt_runs_free(struct gatt_runs *runs);

/* The peer has gone: it waits for no answer any more. */
void gatt_runs_forget(struct gatt_runs *runs, const struct peer *peer);

/* The peer for which a program is run. */
struct gatt_asker {
	struct peer *peer;
	bool waits;		/* for the answer; otherwise done gets no
				 * peer */
	bool stranger;		/* not secured; such peers share a smaller
				 * limit */
	/* For the environment, as for command_run. */
	const struct command_variable *variables;
};

/*
 * Run a program, with that text on its stdin to write, or NULL to read.  It may
 * take GATT_RUN_MS.  Returns STATUS_OK; or STATUS_OTHER, having said why, also
 * if the asker or all askers together have too many programs running.
 */
enum status gatt_run(struct gatt_runs *runs, const struct gatt_asker *asker,
		     void *of, char *const argv[], const char *text);

/* A program that is kept running; it is restarted a second after it ends. */
struct gatt_process;

/*
 * on_line is called for each line that the program writes.  Never returns NULL.
 */
struct gatt_process *gatt_process_start(struct loop *loop, char *const argv[],
					void (*on_line)(void *of,
							const char *text),
					void *of);
/* process may be NULL. */
void gatt_process_stop(struct gatt_process *process);
/* False if the program does not run, or its pipe is full. */
bool gatt_process_write(struct gatt_process *process, const char *text);

#endif
