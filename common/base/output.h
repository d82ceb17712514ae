/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing to stdout without ever waiting for its reader: a queue, and the
 * events of blesec(7) as JSON Lines.
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
 * changed.  Never returns NULL.
 */
struct output *output_new(struct loop *loop, int fd,
			  void (*on_change)(void *arg), void *arg);

/*
 * Wait at most ms milliseconds for the queue to be written.  Returns false if
 * something was not written, having said so unless ms is 0.
 */
bool output_free(struct output *output, int ms);

void output_write(struct output *output, const void *data, size_t len);

/* True if so much is queued that nothing more should be taken from peers. */
bool output_full(const struct output *output);

/* True if all is written, or never will be. */
bool output_empty(const struct output *output);

/* True if the reader has gone, or the disk is full. */
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
