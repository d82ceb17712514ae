/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that give the values of a profile, or take them, as text. */
#ifndef BLESEC_GATT_COMMAND_H
#define BLESEC_GATT_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"

struct peer;
struct command_variable;

/* Programs that are run once for one question. */
struct gatt_runs;

/*
 * done is called for each that has ended: with 0 and, if it was to read, the
 * first line of its output; or with an ATT error.  peer is NULL if none waits.
 */
struct gatt_runs *gatt_runs_new(struct loop *loop,
				void (*done)(struct peer *peer, void *of,
					     bool write, uint8_t error,
					     const char *text));
void gatt_runs_free(struct gatt_runs *runs);

/* Nobody waits any more for what is run for this peer. */
void gatt_runs_forget(struct gatt_runs *runs, const struct peer *peer);

/* For whom a program is run. */
struct gatt_asker {
	struct peer *peer;
	bool waits;		/* for the answer: else done has no peer */
	bool stranger;		/* not secured: there is less for all of them */
	/* For the environment; as command_run. */
	const struct command_variable *variables;
};

/*
 * Run it, with that text on its stdin (NULL: to read, none).  It has 10
 * seconds.  Returns STATUS_OK, or STATUS_OTHER having said why: also if the
 * asker, or all of them, have as many running as they may.
 */
enum status gatt_run(struct gatt_runs *runs, const struct gatt_asker *asker,
		     void *of, char *const argv[], const char *text);

/* A program that is kept running, and started again a second after its end. */
struct gatt_process;

/* on_line is called for each line that it writes.  Never NULL. */
struct gatt_process *gatt_process_start(struct loop *loop, char *const argv[],
					void (*on_line)(void *of,
							const char *text),
					void *of);
/* NULL is fine. */
void gatt_process_stop(struct gatt_process *process);
/* False if it does not run, or takes no more. */
bool gatt_process_write(struct gatt_process *process, const char *text);

#endif
