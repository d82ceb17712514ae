/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/diag.h"
#include "base/limits.h"

#define PIECE 8192

struct input {
	struct loop *loop;
	int fd;
	const char *name;
	bool raw, wanted, eof, broken, refused, skipping;
	void (*on_ready)(void *arg);
	void *arg;
	unsigned long line;
	size_t start, end;
	uint8_t data[CHANNEL_MESSAGE_MAX + 1 + PIECE];
};

struct input *input_new(struct loop *loop, int fd, const char *name, bool raw,
			void (*on_ready)(void *arg), void *arg)
{
	struct input *input = calloc(1, sizeof(*input));

	if (!input)
		die(STATUS_OTHER, "out of memory");
	input->loop = loop;
	input->fd = fd;
	input->name = name;
	input->raw = raw;
	input->on_ready = on_ready;
	input->arg = arg;
	return input;
}

void input_free(struct input *input)
{
	loop_unwatch(input->loop, input->fd);
	OPENSSL_clear_free(input, sizeof(*input));
}

static void on_fd(short ready, void *arg)
{
	struct input *input = arg;
	size_t room;
	ssize_t n;

	(void)ready;
	if (input->start) {
		memmove(input->data, input->data + input->start,
			input->end - input->start);
		input->end -= input->start;
		input->start = 0;
	}
	room = sizeof(input->data) - input->end;
	n = read(input->fd, input->data + input->end,
		 room < PIECE ? room : PIECE);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		diag_error("cannot read %s: %s", input->name,
			   strerror(errno));
		input->broken = true;
	}
	if (n <= 0) {
		input->eof = true;
		input_want(input, false);
	} else {
		input->end += (size_t)n;
	}
	input->on_ready(input->arg);
}

void input_want(struct input *input, bool want)
{
	want = want && !input->eof;
	if (want == input->wanted)
		return;
	input->wanted = want;
	if (want)
		loop_watch(input->loop, input->fd, POLLIN, on_fd, input);
	else
		loop_unwatch(input->loop, input->fd);
}

static bool input_take(struct input *input, size_t len, size_t skip,
		       const uint8_t **message, size_t *message_len)
{
	*message = input->data + input->start;
	*message_len = len;
	input->start += len + skip;
	return true;
}

static void input_refuse(struct input *input)
{
	if (!input->skipping)
		diag_error("line %lu of %s is longer than %d octets and was "
			   "not sent; send it in parts, or as a stream",
			   input->line + 1, input->name, CHANNEL_MESSAGE_MAX);
	input->skipping = input->refused = true;
}

static bool input_next_line(struct input *input, const uint8_t **message,
			    size_t *len)
{
	for (;;) {
		uint8_t *start = input->data + input->start;
		size_t held = input->end - input->start;
		uint8_t *newline = held ? memchr(start, '\n', held) : NULL;
		size_t n = newline ? (size_t)(newline - start) : held;

		if (n > CHANNEL_MESSAGE_MAX)
			input_refuse(input);
		if (!newline && input->skipping)
			input->start = input->end;
		if (!newline && (!input->eof || !held || input->skipping))
			return false;
		input->line++;
		if (!input->skipping)
			return input_take(input, n, newline ? 1 : 0, message,
					  len);
		input->skipping = false;
		input->start += n + 1;
	}
}

bool input_next(struct input *input, const uint8_t **message, size_t *len)
{
	size_t held = input->end - input->start;

	if (!input->raw)
		return input_next_line(input, message, len);
	return held && input_take(input, held, 0, message, len);
}

bool input_broken(const struct input *input)
{
	return input->broken;
}

bool input_refused(const struct input *input)
{
	return input->refused;
}

bool input_ended(const struct input *input)
{
	return input->eof && input->start == input->end;
}
