/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "child.h"
#include "gatt-server.h"
#include "pair-exchange.h"
#include "session.h"

/* Of the socket: this much may wait for a peer that is slow. */
#define SOCKET_OCTETS (192 * 1024)

_Noreturn static void run(const struct worker_settings *settings, int fd)
{
	const int fds[] = { fd, settings->link, settings->signer };
	const struct session_settings session = {
		.host = CHILD_FD,
		.link = CHILD_FD + 1,
		.signer = CHILD_FD + 2,
		.context = settings->context,
		.policy = settings->policy,
		.name = settings->name,
		.timeout_ms = settings->timeout_ms,
		.sdu_max = settings->sdu_max,
		.psm = settings->psm,
		.profile = settings->profile,
		.ops = settings->ops,
		.op_count = settings->op_count,
		.look_for_coc = settings->look_for_coc,
		.need_coc = settings->need_coc,
	};

	child_settle("blesec-peer", fds, 3);
	session_run(&session);
	child_exit(0);
}

int worker_start(struct worker *worker, const struct worker_settings *settings)
{
	const int size = SOCKET_OCTETS;
	int pair[2] = { -1, -1 };

	/* gmtime reads the time zone's file the first time: now, not there. */
	tzset();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		goto fail;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	worker->pid = fork();
	if (worker->pid == 0)
		run(settings, pair[1]);
	if (worker->pid < 0)
		goto fail;
	close(pair[1]);
	close(settings->link);
	close(settings->signer);
	worker->fd = pair[0];
	return 0;
fail:
	diag_error("cannot start a process for the peer: %s", strerror(errno));
	if (pair[0] >= 0) {
		close(pair[0]);
		close(pair[1]);
	}
	close(settings->link);
	close(settings->signer);
	worker->pid = 0;
	worker->fd = -1;
	return -1;
}

/* Printable ASCII, terminated. */
static bool clean(char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		return false;
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return true;
}

static bool uuid_valid(const struct gatt_uuid *uuid)
{
	return uuid->len == 0 || uuid->len == 2 || uuid->len == 16;
}

static bool valid(int type, uint8_t *body, size_t len)
{
	struct worker_secured *secured = (struct worker_secured *)body;
	struct worker_closed *closed = (struct worker_closed *)body;

	switch (type) {
	case WORKER_CONNECTED:
		return len == sizeof(struct worker_connected);
	case WORKER_SECURED:
		return len == sizeof(*secured) &&
		       clean(secured->peer, sizeof(secured->peer)) &&
		       clean(secured->pin, sizeof(secured->pin)) &&
		       clean(secured->cipher, sizeof(secured->cipher)) &&
		       clean(secured->group, sizeof(secured->group));
	case WORKER_DATA:
		return true;
	case WORKER_END:
	case WORKER_EXPLORED:
	case WORKER_BYE:
		return len == 0;
	case WORKER_CLOSED:
		return len == sizeof(*closed) &&
		       closed->reason < REASON_COUNT &&
		       clean(closed->words, sizeof(closed->words));
	case WORKER_FOUND:
		return len == sizeof(struct gatt_found) &&
		       ((const struct gatt_found *)body)->kind <=
		       GATT_FOUND_DESCRIPTOR &&
		       uuid_valid(&((const struct gatt_found *)body)->uuid);
	case WORKER_RESULT:
		return len >= sizeof(struct worker_result) &&
		       len <= sizeof(struct worker_result) + ATT_VALUE_MAX &&
		       uuid_valid(&((const struct worker_result *)body)->uuid);
	case WORKER_NOTIFIED:
		return len >= sizeof(struct worker_notified) &&
		       len <= sizeof(struct worker_notified) + ATT_VALUE_MAX &&
		       uuid_valid(&((const struct worker_notified *)body)->
				  uuid);
	case WORKER_GATT:
		return len >= sizeof(struct worker_gatt) &&
		       len <= sizeof(struct worker_gatt) + ATT_VALUE_MAX &&
		       body[0] <= GATT_EXTERNAL_COMMAND;
	case WORKER_OOB:
		return pair_message_valid(body, len);
	case WORKER_LOG:
		return len > 2 && body[0] <= DIAG_DEBUG && !body[len - 1];
	default:
		return false;
	}
}

int worker_receive(struct worker *worker, const uint8_t **body, size_t *len)
{
	/* The body is aligned for the structs. */
	uint8_t type;
	struct iovec iov[] = {
		{ &type, 1 },
		{ worker->buffer, sizeof(worker->buffer) },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n = recvmsg(worker->fd, &msg, MSG_DONTWAIT);

	/* A reset hides what is still queued, but only once. */
	if (n < 0 && (errno == EAGAIN || errno == EINTR ||
		      errno == ECONNRESET))
		return 0;
	if (n <= 0 || (msg.msg_flags & MSG_TRUNC))
		return -1;
	*body = worker->buffer;
	*len = (size_t)n - 1;
	if (*len > CHANNEL_MESSAGE_MAX || !valid(type, worker->buffer, *len)) {
		diag_warn("the process of a peer sends what it may not");
		return -1;
	}
	return type;
}

int worker_send(struct worker *worker, enum worker_type type,
		const void *body, size_t len)
{
	uint8_t octet = (uint8_t)type;
	struct iovec iov[] = { { &octet, 1 }, { (void *)body, len } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };

	if (sendmsg(worker->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 1;
	return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -1;
}

void worker_stop(struct worker *worker)
{
	if (worker->fd >= 0)
		close(worker->fd);
	worker->fd = -1;
	if (worker->pid > 0)
		child_reap(worker->pid, 200);
	worker->pid = 0;
}
