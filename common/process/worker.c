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

#include "base/diag.h"
#include "process/child.h"

/* Octets in the socket that may wait for a slow peer. */
#define SOCKET_OCTETS (192 * 1024)
#define POST_ANSWERS 16
#define GRACE_MS 200		/* from the end of the socket to SIGKILL */

int worker_spawn(struct worker *worker, unsigned int post_max,
		 void (*run_it)(int host, const void *arg), const void *arg)
{
	const int size = SOCKET_OCTETS;
	int pair[2] = { -1, -1 };

	*worker = (struct worker){ .fd = -1, .post_max = post_max };
	/* gmtime reads the time zone's file once: before there is a sandbox. */
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

/* A message that the worker has not read yet. */
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
	/* It may be out-of-band data, which is secret. */
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

	/* Keep room for answers. */
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

int worker_dispatch(const struct worker_receiver *receiver, unsigned int state,
		    void *arg, uint8_t type, uint8_t *body, size_t len)
{
	const struct worker_message *message = type < receiver->count ?
		&receiver->messages[type] : NULL;

	if (!message || !message->name || !(message->from & receiver->from) ||
	    len < message->min || len > message->max ||
	    (message->valid && !message->valid(body, len)))
		return WORKER_REFUSED;
	if (!(message->states & state))
		return WORKER_UNTIMELY;
	if (receiver->handlers[type])
		receiver->handlers[type](arg, body, len);
	return WORKER_TAKEN;
}

int worker_receive(struct worker *worker,
		   const struct worker_receiver *receiver, unsigned int state,
		   void *arg)
{
	uint8_t type;
	struct iovec iov[] = {
		{ &type, 1 },
		{ worker->buffer, sizeof(worker->buffer) },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n = recvmsg(worker->fd, &msg, MSG_DONTWAIT);
	int result;

	/* A reset hides what is still queued, but only once. */
	if (n < 0 && (errno == EAGAIN || errno == EINTR ||
		      errno == ECONNRESET))
		return WORKER_NOTHING;
	if (n <= 0 || (msg.msg_flags & MSG_TRUNC))
		return WORKER_REFUSED;
	result = worker_dispatch(receiver, state, arg, type, worker->buffer,
				 (size_t)n - 1);
	if (result == WORKER_REFUSED)
		diag_warn("a peer's process sends an invalid message");
	return result;
}

static int send_packet(int fd, uint8_t type, const void *body, size_t len)
{
	struct iovec iov[] = { { &type, 1 }, { (void *)body, len } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };

	if (sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 1;
	return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -1;
}

int worker_send(struct worker *worker, uint8_t type, const void *body,
		size_t len)
{
	return send_packet(worker->fd, type, body, len);
}

void worker_stop(struct worker *worker, struct loop *loop)
{
	if (worker->fd >= 0)
		close(worker->fd);
	worker->fd = -1;
	while (worker->posted)
		drop_posted(worker, &worker->posted);
	if (worker->pid > 0)
		child_leave(loop, worker->pid, GRACE_MS);
	worker->pid = 0;
}

void worker_tell(int host, uint8_t type, const void *body, size_t len)
{
	struct pollfd polled = { .fd = host, .events = POLLOUT };

	while (send_packet(host, type, body, len) == 0)
		poll(&polled, 1, 1000);
}

/* Where log_sink sends log lines. */
static struct {
	int host;
	uint8_t type;
} log_to;

static void log_sink(enum diag_level level, const char *text, void *arg)
{
	uint8_t body[WORKER_LOG_MAX];
	int n = snprintf((char *)body + 1, sizeof(body) - 1, "%s", text);
	size_t len = n < 0 ? 0 : (size_t)n;

	(void)arg;
	if (len > sizeof(body) - 2)
		len = sizeof(body) - 2;
	body[0] = (uint8_t)level;
	body[1 + len] = '\0';
	/* Rather drop the line than wait. */
	send_packet(log_to.host, log_to.type, body, len + 2);
}

void worker_diag(int host, uint8_t type)
{
	log_to.host = host;
	log_to.type = type;
	diag_sink(log_sink, NULL);
}

bool worker_log_valid(uint8_t *body, size_t len)
{
	return body[0] <= DIAG_DEBUG && !body[len - 1];
}

void worker_on_log(void *arg, const uint8_t *body, size_t len)
{
	(void)arg;
	(void)len;
	diag_say((enum diag_level)body[0], (const char *)body + 1);
}
