/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stdin or the output of a command as messages: lines without their newline, or
 * raw pieces.
 */
#ifndef BLESEC_INPUT_H
#define BLESEC_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

struct input;

/*
 * Call on_ready when input_next or input_ended may have news.  name is the
 * source's name in error messages, such as "stdin".
 */
struct input *input_new(struct loop *loop, int fd, const char *name, bool raw,
			void (*on_ready)(void *arg), void *arg);
void input_free(struct input *input);

/* Start or stop reading; an input is created stopped. */
void input_want(struct input *input, bool want);

/*
 * The next message, valid until the next call.  A line longer than
 * CHANNEL_MESSAGE_MAX octets is left out, with an error that names it.
 */
bool input_next(struct input *input, const uint8_t **message, size_t *len);

/* Reading failed before the end of the input. */
bool input_broken(const struct input *input);

/* A line that was too long was left out. */
bool input_refused(const struct input *input);

/* The input has ended and every message has been returned. */
bool input_ended(const struct input *input);

#endif
