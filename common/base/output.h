/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stdout without ever waiting for its reader: a queue, and the events of
 * blesec(7) as JSON Lines.
 */
#ifndef BLESEC_OUTPUT_H
#define BLESEC_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/loop.h"

struct output;

/*
 * on_change is called when output_full, output_empty or output_broken may have
 * changed.
 * Never NULL.
 */
struct output *output_new(struct loop *loop, int fd,
			  void (*on_change)(void *arg), void *arg);

/*
 * Waits at most ms milliseconds for what is queued to be written.  False if not
 * all that was to be written is, having said so unless ms is 0.
 */
bool output_free(struct output *output, int ms);

void output_write(struct output *output, const void *data, size_t len);

/* Much is queued: take no more from peers. */
bool output_full(const struct output *output);

/* All is written, or never will be. */
bool output_empty(const struct output *output);

/* The reader has gone, or the disk is full. */
bool output_broken(const struct output *output);

/*
 * One line: {"event":NAME,"time":...} and then the members of more, in their
 * order; takes the reference to more.
 */
void output_event(struct output *output, const char *event, json_t *more);

/*
 * One line: {"event":"message"}, the members of more, and the message as
 * exactly one of "json" (if it is a JSON text), "text" (if it is UTF-8) and
 * "base64".
 */
void output_message(struct output *output, json_t *more, const uint8_t *body,
		    size_t len);

#endif
