/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A peer's process, which the peer may control, sends messages to its parent:
 * the parent takes each as meant or gives the process up.  Input: messages,
 * each with its type, its length, and its octets.  Or, after 0xff, what the
 * parent sends to a process that reads slowly or not at all: messages arrive in
 * order, and one that is not queued is reported.
 *
 * sources: process/worker.c process/message.c
 * options: -max_len=4000 -len_control=20
 * runs: 20000
 * long: 5000000
 */
#include "config.h"
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "att/gatt-explorer.h"
#include "att/gatt-server.h"
#include "pairing/pair-exchange.h"
#include "base/reason.h"
#include "channel/channel.h"
#include "process/child.h"
#include "process/message.h"
#include "process/worker.h"

static struct loop *loop;
static unsigned int said;

static void hear(enum diag_level level, const char *text, void *arg)
{
	must(level <= DIAG_DEBUG && !arg);
	must(strlen(text) <= CHANNEL_MESSAGE_MAX);
	said++;
}

/* The last message that was handed over. */
static struct {
	const uint8_t *body;
	size_t len;
} last;

static void keep(void *arg, const uint8_t *body, size_t len)
{
	must(!arg);
	last.body = body;
	last.len = len;
}

/* Receive from a process that may send messages of this type. */
static int receive(struct worker *worker, uint8_t type)
{
	static worker_handler handlers[MESSAGE_COUNT];
	const struct worker_receiver receiver = {
		messages, handlers, MESSAGE_COUNT,
		type < GATEWAY_PDU ? MESSAGE_FROM_PEER : MESSAGE_FROM_GATEWAY,
	};

	memset(handlers, 0, sizeof(handlers));
	if (type < MESSAGE_COUNT)
		handlers[type] = keep;
	last.body = NULL;
	return worker_receive(worker, &receiver, 0xff, NULL);
}

static bool text(const char *s, size_t size)
{
	if (!memchr(s, '\0', size))
		return false;
	while (*s)
		must(*s >= ' ' && *s++ <= '~');
	return true;
}

static bool is_uuid(const struct gatt_uuid *uuid)
{
	return uuid->len <= 16 && (uuid->len <= 2 || uuid->len == 16);
}

/* Read it as the parent does; the sanitizer reports invalid values. */
static void read_as(int type, const uint8_t *body, size_t len)
{
	const struct worker_secured *secured = (const void *)body;
	const struct worker_closed *closed = (const void *)body;
	const struct worker_notified *notified = (const void *)body;
	const struct gatt_found *found = (const void *)body;

	switch (type) {
	case WORKER_SECURED:
		must(text(secured->peer, sizeof(secured->peer)));
		must(text(secured->pin, sizeof(secured->pin)));
		must(text(secured->cipher, sizeof(secured->cipher)));
		must(text(secured->group, sizeof(secured->group)));
		must(secured->chain_count > 0 &&
		     secured->chain_count <= TRUST_CHAIN_MAX);
		for (int i = 0; i < secured->chain_count; i++)
			must(secured->chain[i].len <=
			     sizeof(secured->chain[i].serial));
		break;
	case WORKER_CLOSED:
		must(text(closed->words, sizeof(closed->words)));
		must(reason_name((enum reason)closed->reason) != NULL);
		must(closed->heard + closed->bye <= 2);
		break;
	case WORKER_FOUND:
		must(len == sizeof(*found) && is_uuid(&found->uuid));
		must(found->kind <= GATT_FOUND_DESCRIPTOR);
		break;
	case WORKER_RESULT:
		must(len - sizeof(struct worker_result) <= ATT_VALUE_MAX);
		must(is_uuid(&((const struct worker_result *)body)->uuid));
		break;
	case WORKER_NOTIFIED:
		must(len - sizeof(*notified) <= ATT_VALUE_MAX);
		must(is_uuid(&notified->uuid));
		must(notified->indication + 1 <= 2);
		break;
	case WORKER_GATT:
		must(len - sizeof(struct worker_gatt) <= ATT_VALUE_MAX);
		must(*body <= GATT_EXTERNAL_COMMAND);
		break;
	case WORKER_OOB:
		must(pair_message_valid(body, len));
		must(len >= 1 && len <= PAIR_MESSAGE_MAX);
		break;
	case WORKER_LOG:
		diag_say((enum diag_level)body[0], (const char *)body + 1);
		break;
	case GATEWAY_DROP:
		must(text((const char *)body + sizeof(struct gateway_drop),
			  len - sizeof(struct gateway_drop)));
		break;
	case GATEWAY_LOST:
		must(text((const char *)body, len));
		break;
	default:
		must(len <= CHANNEL_MESSAGE_MAX);
	}
}

/* A valid or nearly valid message: octets of the input after a good head. */
static size_t make(uint8_t *packet, uint8_t how)
{
	static const size_t sizes[] = {
		[WORKER_CONNECTED] = sizeof(struct worker_connected),
		[WORKER_SECURED] = sizeof(struct worker_secured),
		[WORKER_OOB] = PAIR_MESSAGE_MAX,
		[WORKER_GATT] = sizeof(struct worker_gatt),
		[WORKER_SIGNED] = sizeof(uint32_t),
		[WORKER_FOUND] = sizeof(struct gatt_found),
		[WORKER_RESULT] = sizeof(struct worker_result),
		[WORKER_NOTIFIED] = sizeof(struct worker_notified),
		[WORKER_PERIPHERAL] = 1,
		[WORKER_CLOSED] = sizeof(struct worker_closed),
		[GATEWAY_PDU] = sizeof(uint32_t),
		[GATEWAY_TAKEN] = sizeof(uint32_t),
		[GATEWAY_DROP] = sizeof(struct gateway_drop),
		[GATEWAY_READY] = sizeof(uint16_t),
	};
	size_t n = packet[0] < sizeof(sizes) / sizeof(*sizes) ?
		sizes[packet[0]] : 0;

	/* With a possible number of certificates. */
	if (packet[0] == WORKER_SECURED)
		packet[1 + offsetof(struct worker_secured, chain_count)] =
			1 + (how >> 4) % TRUST_CHAIN_MAX;
	if (how & 1)
		n += next();
	if (how & 2)
		n = next() * 4U;
	if (how & 4)
		n = CHANNEL_MESSAGE_MAX + next() % 3U;
	if (how & 8)
		fill(packet + 1, n < 700 ? n : 700);
	for (unsigned int i = how >> 4; i && n; i--)
		packet[1 + next() % n] = next();
	return 1 + n;
}

/* Messages queued and not read yet; the last ones wait in the worker. */
#define POST_MAX 24
#define LATEST_MAX (POST_MAX - 16)	/* of them by worker_post_latest */

static struct {
	uint8_t type, first, second;
	size_t len;
} due[1000];
static size_t dues;

static void let_in(uint8_t type, const uint8_t *body, size_t len)
{
	must(dues < sizeof(due) / sizeof(*due));
	due[dues].type = type;
	due[dues].first = len > 0 ? body[0] : 0;
	due[dues].second = len > 1 ? body[1] : 0;
	due[dues++].len = len;
}

static void read_one(int fd)
{
	static uint8_t packet[70000];
	const ssize_t n = recv(fd, packet, sizeof(packet), MSG_DONTWAIT);

	if (n < 0)
		return;
	must(dues && n == (ssize_t)(1 + due[0].len));
	must(packet[0] == due[0].type && (n < 2 || packet[1] == due[0].first));
	must(n < 3 || packet[2] == due[0].second);
	memmove(due, due + 1, --dues * sizeof(*due));
}

static void post_latest(struct worker *worker, uint8_t type,
			const uint8_t *body, size_t len)
{
	const size_t first = dues - worker->post_count;
	const bool full = worker->post_count >= LATEST_MAX;
	size_t at = dues;

	for (size_t i = first; full && i < dues; i++)
		if (due[i].type == type && due[i].len >= 2 &&
		    due[i].first == body[0] && due[i].second == body[1])
			at = i;
	worker_post_latest(worker, (uint8_t)type, body, len, 2);
	if (at < dues)
		memmove(due + at, due + at + 1,
			(--dues - at) * sizeof(*due));
	else if (full)
		return;
	let_in(type, body, len);
}

static void posts(void)
{
	const int size = 1;		/* as small as possible */
	struct worker worker = { .fd = -1, .post_max = POST_MAX };
	int pair[2];
	bool room, sent;

	must(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	must(!setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
	worker.fd = pair[0];
	dues = 0;
	while (left && dues < sizeof(due) / sizeof(*due)) {
		const uint8_t how = next(), type = HOST_NOTIFY + (how >> 6);
		const size_t len = how & 32 ? 2U : 500U + next();
		uint8_t body[800] = { next() % 4U, 0 };

		switch (how % 8) {
		case 0:
		case 1:
			room = worker.post_count < POST_MAX;
			sent = worker_post(&worker, (uint8_t)type,
					   body, how & 16 ? len : 0);
			must(sent == room);
			if (sent)
				let_in(type, body, how & 16 ? len : 0);
			break;
		case 2:
		case 3:
		case 4:
			post_latest(&worker, type, body, len);
			break;
		case 5:
			must(worker_flush(&worker) == !worker.posted);
			break;
		default:
			for (unsigned int i = how >> 3; i; i--)
				read_one(pair[1]);
		}
		must(worker.post_count <= POST_MAX && dues >= worker.post_count);
	}
	if (next() & 1) {
		worker_stop(&worker, loop);
		must(!worker.posted && !worker.post_count);
		close(pair[1]);
		return;
	}
	while (dues) {
		const size_t before = dues;

		worker_flush(&worker);
		read_one(pair[1]);
		must(dues < before);
	}
	/* When the other end is closed, nothing stays queued for it. */
	must(worker_post(&worker, HOST_NOTIFY, "abc", 3));
	close(pair[1]);
	worker_post(&worker, HOST_NOTIFY, "abc", 3);
	must(worker_flush(&worker) && !worker.post_count);
	worker_stop(&worker, loop);
	must(worker.fd < 0);
}

/* Text that a process asks its parent to print. */
static void logged(struct worker *worker, int fd)
{
	char *text_of = malloc(left + 1);

	for (size_t i = 0; i < left; i++)
		text_of[i] = input[i] ? (char)input[i] : ' ';
	text_of[left] = '\0';
	worker_diag(fd, WORKER_LOG);
	diag_warn("%s", text_of);
	diag_sink(hear, NULL);
	said = 0;
	if (receive(worker, WORKER_LOG) == WORKER_REFUSED) {
		must(!*text_of && said == 1);
	} else {
		must(last.body && last.body[0] == DIAG_WARN &&
		     !last.body[last.len - 1]);
		must(!strncmp((const char *)last.body + 1, text_of,
			      last.len - 2));
	}
	free(text_of);
}

static void run(int host, const void *arg)
{
	if (!arg)
		worker_tell(host, WORKER_DATA, "x", 1);
}

/* A process that sends one message, and one that sends none. */
static void processes(void)
{
	struct worker worker;
	int result;

	must(!worker_spawn(&worker, POST_MAX, run, NULL) && worker.pid > 0);
	while (!(result = receive(&worker, WORKER_DATA)))
		usleep(1000);
	must(result == WORKER_TAKEN && last.len == 1 && *last.body == 'x');
	worker_stop(&worker, loop);
	must(!worker.pid && worker.fd < 0);
	must(!worker_spawn(&worker, POST_MAX, run, ""));
	while (!(result = receive(&worker, WORKER_DATA)))
		usleep(1000);
	must(result == WORKER_REFUSED && !last.body);
	worker_stop(&worker, loop);
	child_leave_end(1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t packet[CHANNEL_MESSAGE_MAX + 8];
	static struct worker worker = { .fd = -1 };
	static int pair[2];
	size_t n;
	int result;

	if (worker.fd < 0) {
		const int size = 1 << 18;

		must(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
		must(!setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size,
				 sizeof(size)));
		worker.fd = pair[0];
		loop = loop_new();
		diag_sink(hear, NULL);
		diag_verbosity(3);
		processes();
	}
	input = data;
	left = len;
	if (left && *data == 0xff) {
		next();
		if (next() & 1)
			logged(&worker, pair[1]);
		else
			posts();
		return 0;
	}
	while (left) {
		memset(packet, 0, 700);
		packet[0] = next();
		if (packet[0] & 0xc0)
			packet[0] &= 31;
		n = make(packet, next());
		worker_tell(pair[1], (uint8_t)packet[0], packet + 1,
			    n - 1);
		/* The octets of the last message must not help this one. */
		memset(worker.buffer, 0xff, 700);
		said = 0;
		result = receive(&worker, packet[0]);
		must(result == WORKER_TAKEN ||
		     (result == WORKER_REFUSED &&
		      (said == 1 || n > 1 + CHANNEL_MESSAGE_MAX)));
		if (result == WORKER_REFUSED)
			continue;
		must(last.body && last.len == n - 1);
		must(packet[0] < HOST_DATA);
		read_as(packet[0], last.body, last.len);
	}
	must(receive(&worker, WORKER_DATA) == WORKER_NOTHING);
	return 0;
}
