/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/diag.h"

#define FULL (128 * 1024)

struct output {
	struct loop *loop;
	int fd;
	void (*on_change)(void *arg);
	void *arg;
	char *data;
	size_t start, end, size;
	bool full, broken;
};

struct output *output_new(struct loop *loop, int fd,
			  void (*on_change)(void *arg), void *arg)
{
	struct output *output = calloc(1, sizeof(*output));

	if (!output)
		die(STATUS_OTHER, "out of memory");
	output->loop = loop;
	output->fd = fd;
	output->on_change = on_change;
	output->arg = arg;
	return output;
}

/*
 * poll(2) promises that a pipe takes PIPE_BUF octets, so this write never
 * blocks.  The descriptor may be shared with other processes and is not made
 * non-blocking.
 */
static void write_some(struct output *output)
{
	size_t n = output->end - output->start;
	ssize_t written;

	if (n > PIPE_BUF)
		n = PIPE_BUF;
	written = write(output->fd, output->data + output->start, n);
	if (written > 0) {
		output->start += (size_t)written;
	} else if (written < 0 && errno != EAGAIN && errno != EINTR) {
		if (errno != EPIPE)
			diag_error("cannot write to stdout: %s",
				   strerror(errno));
		output->broken = true;
		output->start = output->end;
	}
	if (output->start == output->end)
		output->start = output->end = 0;
}

static void output_on_ready(short ready, void *arg)
{
	struct output *output = arg;
	bool full = output->full, broken = output->broken;

	(void)ready;
	write_some(output);
	if (!output->end)
		loop_unwatch(output->loop, output->fd);
	output->full = output->end - output->start >= FULL;
	if (full != output->full || broken != output->broken || !output->end)
		output->on_change(output->arg);
}

void output_write(struct output *output, const void *data, size_t len)
{
	bool full = output->full;

	if (output->broken || !len)
		return;
	if (output->start && output->size - output->end < len) {
		memmove(output->data, output->data + output->start,
			output->end - output->start);
		output->end -= output->start;
		output->start = 0;
	}
	if (output->size - output->end < len) {
		output->size = 2 * (output->end + len);
		output->data = realloc(output->data, output->size);
		if (!output->data)
			die(STATUS_OTHER, "out of memory");
	}
	memcpy(output->data + output->end, data, len);
	output->end += len;
	loop_watch(output->loop, output->fd, POLLOUT, output_on_ready, output);
	output->full = output->end - output->start >= FULL;
	if (full != output->full)
		output->on_change(output->arg);
}

bool output_full(const struct output *output)
{
	return output->full;
}

bool output_empty(const struct output *output)
{
	return !output->end;
}

bool output_broken(const struct output *output)
{
	return output->broken;
}

bool output_free(struct output *output, int ms)
{
	uint64_t end = loop_now() + (uint64_t)ms * 1000;
	struct pollfd polled = { .fd = output->fd, .events = POLLOUT };
	bool whole;

	while (output->end && !output->broken && loop_now() < end)
		if (poll(&polled, 1, 50) > 0)
			write_some(output);
	whole = !output->end && !output->broken;
	if (output->end && ms)
		diag_error("nobody reads stdout: the last %zu octets are lost",
			   output->end - output->start);
	loop_unwatch(output->loop, output->fd);
	free(output->data);
	free(output);
	return whole;
}

static void write_line(struct output *output, json_t *line,
		       const char *verbatim, size_t verbatim_len)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(12));
	size_t len;

	json_decref(line);
	if (!text)
		die(STATUS_OTHER, "out of memory");
	len = strlen(text);
	if (verbatim) {
		/* more goes before the closing brace. */
		output_write(output, text, len - 1);
		output_write(output, ",\"json\":", 8);
		output_write(output, verbatim, verbatim_len);
		output_write(output, "}\n", 2);
	} else {
		text[len] = '\n';
		output_write(output, text, len + 1);
	}
	free(text);
}

static json_t *output_begin(const char *event, json_t *more)
{
	struct timespec ts;
	struct tm tm;
	char seconds[24], text[40];
	json_t *line;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%03ldZ", seconds,
		 ts.tv_nsec / 1000000);
	line = json_pack("{s:s, s:s}", "event", event, "time", text);
	if (more)
		json_object_update(line, more);
	json_decref(more);
	return line;
}

void output_event(struct output *output, const char *event, json_t *more)
{
	write_line(output, output_begin(event, more), NULL, 0);
}

static json_t *base64(const uint8_t *body, size_t len)
{
	char *text = malloc(4 * ((len + 2) / 3) + 1);
	json_t *json;

	if (!text)
		die(STATUS_OTHER, "out of memory");
	EVP_EncodeBlock((unsigned char *)text, body, (int)len);
	json = json_string(text);
	free(text);
	return json;
}

/* Copy the peer's text, so that no number is rounded. */
static bool is_json_line(const uint8_t *body, size_t len)
{
	json_t *json;

	if (!len || memchr(body, '\n', len) || memchr(body, '\r', len))
		return false;
	json = json_loadb((const char *)body, len,
			  JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	json_decref(json);
	return json != NULL;
}

void output_message(struct output *output, json_t *more, const uint8_t *body,
		    size_t len)
{
	json_t *line = output_begin("message", more), *text;

	if (is_json_line(body, len)) {
		write_line(output, line, (const char *)body, len);
		return;
	}
	text = json_stringn((const char *)body, len);
	if (text)
		json_object_set_new(line, "text", text);
	else
		json_object_set_new(line, "base64", base64(body, len));
	write_line(output, line, NULL, 0);
}
