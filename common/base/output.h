/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Write to stdout without waiting for its reader: a queue, and the events of
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
 * Call on_change when output_full, output_empty or output_broken may have
 * changed.  Never returns NULL.
 */
struct output *output_new(struct loop *loop, int fd,
			  void (*on_change)(void *arg), void *arg);

/*
 * Wait at most ms milliseconds for the queue to be written.  Returns false if
 * part of it was not written, after saying so unless ms is 0.
 */
bool output_free(struct output *output, int ms);

void output_write(struct output *output, const void *data, size_t len);

/* True if the queue is so long that no more should be read from peers. */
bool output_full(const struct output *output);

/* True if everything has been written, or never will be. */
bool output_empty(const struct output *output);

/* True if the reader has closed the pipe, or the disk is full. */
bool output_broken(const struct output *output);

/*
 * Write one line: {"event":NAME,"time":...}, then the members of more in their
 * order.  Takes the reference to more.
 */
void output_event(struct output *output, const char *event, json_t *more);

/*
 * Write one line: {"event":"message"}, the members of more, and the message as
 * exactly one of "json" (if it is a JSON text), "text" (if it is UTF-8) and
 * "base64".
 */
void output_message(struct output *output, json_t *more, const uint8_t *body,
		    size_t len);

#endif
