/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "process/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <openssl/crypto.h>

#include "process/child.h"
#include "session/session.h"

/* Of the socket: this much may wait for a peer that is slow. */
#define SOCKET_OCTETS (192 * 1024)
#define PEER_POST_MAX 256
#define POST_ANSWERS 16

static void run(int host, const void *arg)
{
	struct session_settings session = *(const struct session_settings *)arg;
	const int fds[] = { host, session.link, session.signer };

	session.host = CHILD_FD;
	session.link = CHILD_FD + 1;
	session.signer = CHILD_FD + 2;
	child_settle("blesec-peer", fds, 3);
	session_run(&session);
}

int worker_spawn(struct worker *worker, unsigned int post_max,
		 void (*run_it)(int host, const void *arg), const void *arg)
{
	const int size = SOCKET_OCTETS;
	int pair[2] = { -1, -1 };

	*worker = (struct worker){ .fd = -1, .post_max = post_max };
	/* gmtime reads the time zone's file the first time: now, not there. */
	tzset();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		goto fail;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	worker->pid = fork();
	if (worker->pid == 0) {
		run_it(pair[1], arg);
		child_exit(0);
	}
	if (worker->pid < 0)
		goto fail;
	close(pair[1]);
	worker->fd = pair[0];
	return 0;
fail:
	diag_error("cannot start a process: %s", strerror(errno));
	if (pair[0] >= 0) {
		close(pair[0]);
		close(pair[1]);
	}
	worker->pid = 0;
	return -1;
}

int worker_start(struct worker *worker,
		 const struct session_settings *settings)
{
	int result = worker_spawn(worker, PEER_POST_MAX, run, settings);

	close(settings->link);
	close(settings->signer);
	return result;
}

/* What the worker did not take yet. */
struct posted {
	struct posted *next;
	uint8_t type;
	size_t len;
	uint8_t body[];
};

static void drop_posted(struct worker *worker, struct posted **at)
{
	struct posted *posted = *at;

	*at = posted->next;
	worker->post_count--;
	/* It may be out-of-band data. */
	OPENSSL_clear_free(posted, sizeof(*posted) + posted->len);
}

bool worker_flush(struct worker *worker)
{
	while (worker->posted &&
	       worker_send(worker, worker->posted->type, worker->posted->body,
			   worker->posted->len) != 0)
		drop_posted(worker, &worker->posted);
	return !worker->posted;
}

bool worker_post(struct worker *worker, uint8_t type,
		 const void *body, size_t len)
{
	struct posted *posted, **at = &worker->posted;

	if (worker->post_count == worker->post_max)
		return false;
	posted = OPENSSL_malloc(sizeof(*posted) + len);
	if (!posted)
		die(STATUS_OTHER, "out of memory");
	*posted = (struct posted){ .type = type, .len = len };
	if (len)
		memcpy(posted->body, body, len);
	while (*at)
		at = &(*at)->next;
	*at = posted;
	worker->post_count++;
	worker_flush(worker);
	return true;
}

void worker_post_latest(struct worker *worker, uint8_t type,
			const void *body, size_t len, size_t key)
{
	struct posted **at = &worker->posted, **last = NULL;

	/* There is room left for answers. */
	if (worker->post_count < worker->post_max - POST_ANSWERS) {
		worker_post(worker, type, body, len);
		return;
	}
	for (; *at; at = &(*at)->next)
		if ((*at)->type == type && (*at)->len >= key &&
		    !memcmp((*at)->body, body, key))
			last = at;
	if (!last)
		return;
	drop_posted(worker, last);
	worker_post(worker, type, body, len);
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
	if (*len > CHANNEL_MESSAGE_MAX || !message_valid(type, worker->buffer, *len)) {
		diag_warn("the process of a peer sends what it may not");
		return -1;
	}
	return type;
}

int worker_send(struct worker *worker, uint8_t type,
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
	while (worker->posted)
		drop_posted(worker, &worker->posted);
	if (worker->pid > 0)
		child_reap(worker->pid, 200);
	worker->pid = 0;
}

void worker_tell(int host, uint8_t type, const void *body,
		 size_t len)
{
	struct worker parent = { .fd = host };
	struct pollfd polled = { .fd = host, .events = POLLOUT };

	while (worker_send(&parent, type, body, len) == 0)
		poll(&polled, 1, 1000);
}

static void log_sink(enum diag_level level, const char *text, void *arg)
{
	struct worker parent = { .fd = (int)(intptr_t)arg };
	uint8_t body[1100];
	int n = snprintf((char *)body + 1, sizeof(body) - 1, "%s", text);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (len > sizeof(body) - 2)
		len = sizeof(body) - 2;
	body[0] = (uint8_t)level;
	body[1 + len] = '\0';
	/* Better lost than in the way. */
	worker_send(&parent, WORKER_LOG, body, len + 2);
}

void worker_diag(int host)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): a number, to no memory */
	diag_sink(log_sink, (void *)(intptr_t)host);
}
