/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session/session-link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "att/att.h"

#define PDUS_A_TURN 64

void session_link_put(struct session_link *link, const uint8_t *pdu, size_t len)
{
	if (!len || link->s->state == STATE_OVER)
		return;
	if (!link->queued) {
		if (send(link->fd, pdu, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return;
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS &&
		    errno != ENOMEM && !(errno == ENOTCONN && link->securing)) {
			diag_debug("link: send: %s", strerror(errno));
			link->ops->gone(link->arg);
			return;
		}
	}
	if (link->queued == SESSION_QUEUE) {
		session_abandon(link->s, REASON_PROTOCOL,
				"it sends a request before the last one is "
				"answered");
		return;
	}
	memcpy(link->queue[link->queued], pdu, len);
	link->queue_lens[link->queued++] = len;
}

bool session_link_flush(struct session_link *link)
{
	size_t n = link->queued;

	if (!n)
		return true;
	link->queued = 0;
	for (size_t i = 0; i < n && link->s->state != STATE_OVER; i++) {
		if (link->queued) {
			memmove(link->queue[link->queued], link->queue[i],
				link->queue_lens[i]);
			link->queue_lens[link->queued++] = link->queue_lens[i];
		} else {
			uint8_t pdu[LINK_SDU_MAX];

			memcpy(pdu, link->queue[i], link->queue_lens[i]);
			session_link_put(link, pdu, link->queue_lens[i]);
		}
	}
	return !link->queued;
}

void session_link_secure(struct session_link *link, uint8_t level)
{
	int failure;

	if (link->securing)
		return;
	link->securing = true;
	failure = link_request_security(link->fd, level);
	diag_debug("link: Security Request for level %u: %s", level,
		   failure ? strerror(failure) : "sent");
}

/* Nothing was read: find out why. */
static void link_ended(struct session_link *link, short ready, ssize_t n,
		       int error)
{
	struct pollfd now = { link->fd, POLLRDHUP, 0 };

	if (n < 0 && error == ECONNRESET && !link->reset) {
		/* The error hides what is still queued, but only once. */
		link->reset = true;
		return;
	}
	if (n < 0)
		diag_debug("link: receive: %s", strerror(error));
	if (n < 0 || (ready & (POLLHUP | POLLRDHUP))) {
		link->ops->gone(link->arg);
		return;
	}
	/* A packet of no octets looks like the end. */
	poll(&now, 1, 0);
	if (now.revents & (POLLHUP | POLLRDHUP))
		link->ops->gone(link->arg);
	else
		session_abandon(link->s, REASON_PROTOCOL,
				"it sends an empty PDU");
}

static void link_on_socket(short ready, void *arg)
{
	struct session_link *link = arg;
	const ssize_t max = link->s->set->sdu_max ? LINK_SDU_MAX
						  : ATT_MTU_OFFERED;
	uint8_t pdu[LINK_SDU_MAX];

	for (int i = 0; i < PDUS_A_TURN && link->s->state != STATE_OVER; i++) {
		ssize_t n = recv(link->fd, pdu, sizeof(pdu),
				 MSG_DONTWAIT | MSG_TRUNC);
		const int error = errno;

		/* Bluetooth's sockets tell their end only once. */
		if (n < 0 && error == EAGAIN &&
		    (link->reset || (ready & POLLHUP))) {
			link->ops->gone(link->arg);
			break;
		}
		if (n < 0 && (error == EAGAIN || error == EINTR))
			break;
		if (n <= 0 || n > max)
			link->ops->take(link->arg);
		if (n <= 0) {
			link_ended(link, ready, n, error);
		} else if (n > max) {
			session_abandon(link->s, REASON_PROTOCOL,
					"it sends a PDU longer than the MTU");
		} else {
			link->heard = true;
			link->ops->receive(link->arg, pdu, (size_t)n);
		}
	}
	link->ops->take(link->arg);
	link->ops->done(link->arg);
}

void session_link_start(struct session_link *link)
{
	loop_watch(link->s->loop, link->fd, POLLIN, link_on_socket, link);
}

/*
 * A unix socket that is closed with octets unread resets its peer, which then
 * may not see the alert or the goodbye that we sent.
 */
void session_link_close(struct session_link *link)
{
	uint8_t pdu[LINK_SDU_MAX];

	shutdown(link->fd, SHUT_RDWR);
	for (int i = 0; i < 1024; i++)
		if (recv(link->fd, pdu, sizeof(pdu), MSG_DONTWAIT) <= 0)
			break;
	close(link->fd);
}
