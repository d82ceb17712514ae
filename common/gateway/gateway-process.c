/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "gateway/gateway-process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "process/child.h"
#include "process/message.h"
#include "base/loop.h"
#include "process/sandbox.h"

#define POST_MAX 16384		/* messages waiting for it, of all centrals */
#define PDUS_A_TURN 64

struct start {
	const struct gateway_settings *settings;
	int links;
};

struct process {
	struct gateway *gateway;
	struct loop *loop;
	struct worker host;
	int links, link;		/* link is -1 if there is none */
	bool reset;			/* the peer has reset the link */
	struct loop_timer due;
	const char *fault;		/* why the link is to be closed */
};

static uint64_t now(void)
{
	return loop_now() / 1000;
}

/* To the parent, which is trusted and will take it. */
static void tell(struct process *p, uint8_t type, const void *body,
		 size_t len)
{
	worker_tell(p->host.fd, type, body, len);
}

static void tell_words(struct process *p, uint8_t type,
		       const void *head, size_t head_len, const char *words)
{
	uint8_t body[sizeof(struct gateway_drop) + MESSAGE_WORDS_MAX];
	int n;

	memcpy(body, head, head_len);
	n = snprintf((char *)body + head_len, MESSAGE_WORDS_MAX, "%s", words);
	if (n >= MESSAGE_WORDS_MAX)
		n = MESSAGE_WORDS_MAX - 1;
	tell(p, type, body, head_len + (size_t)n + 1);
}

static bool to_peripheral(const uint8_t *pdu, size_t len, void *arg)
{
	struct process *p = arg;

	if (p->link < 0 ||
	    send(p->link, pdu, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	/* Other errors are reported when the link is read. */
	if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS &&
	    errno != ENOMEM)
		return true;
	loop_events(p->loop, p->link, POLLIN | POLLOUT);
	return false;
}

static void to_central(uint32_t central, const uint8_t *pdu, size_t len,
		       void *arg)
{
	uint8_t body[sizeof(central) + ATT_MTU_OFFERED];

	memcpy(body, &central, sizeof(central));
	memcpy(body + sizeof(central), pdu, len);
	tell(arg, GATEWAY_PDU, body, sizeof(central) + len);
}

static void taken(uint32_t central, void *arg)
{
	tell(arg, GATEWAY_TAKEN, &central, sizeof(central));
}

static void ready(uint16_t mtu, void *arg)
{
	tell(arg, GATEWAY_READY, &mtu, sizeof(mtu));
}

static void drop(uint32_t central, bool at_fault, const char *words, void *arg)
{
	const struct gateway_drop head = { central, at_fault };

	tell_words(arg, GATEWAY_DROP, &head, sizeof(head), words);
}

static void fault(const char *words, void *arg)
{
	struct process *p = arg;

	p->fault = words;
}

static void on_due(void *arg);

/* After every event: close the link if it must be, and set the clock. */
static void settle(struct process *p)
{
	uint64_t next;

	if (p->fault && p->link >= 0) {
		loop_unwatch(p->loop, p->link);
		close(p->link);
		p->link = -1;
		gateway_down(p->gateway, now());
		tell_words(p, GATEWAY_LOST, "", 0, p->fault);
	}
	p->fault = NULL;
	next = gateway_tick(p->gateway, now());
	if (p->fault) {
		settle(p);
		return;
	}
	if (next == GATEWAY_NEVER)
		loop_cancel(p->loop, &p->due);
	else
		loop_after(p->loop, &p->due, next > now() ? next - now() : 0,
			   on_due, p);
}

static void on_due(void *arg)
{
	settle(arg);
}

static void on_link_event(short ready_for, void *arg)
{
	struct process *p = arg;
	uint8_t pdu[ATT_PDU_MAX + 1];

	if (ready_for & POLLOUT) {
		loop_events(p->loop, p->link, POLLIN);
		gateway_writable(p->gateway, now());
	}
	for (int i = 0; i < PDUS_A_TURN && !p->fault; i++) {
		ssize_t n = recv(p->link, pdu, sizeof(pdu),
				 MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && !p->reset &&
		    (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0 && !p->reset)
			/*
			 * The error comes before what is still queued, and only
			 * once.
			 */
			p->reset = true;
		else if (n <= 0)
			p->fault = "";
		else if ((size_t)n > sizeof(pdu))
			p->fault = "it sends a PDU of an impossible length";
		else
			gateway_peripheral(p->gateway, pdu, (size_t)n, now());
	}
	settle(p);
}

static void on_new_link(short ready_for, void *arg)
{
	struct process *p = arg;
	uint64_t unused;
	int fd = child_receive_fd(p->links, &unused);

	(void)ready_for;
	if (fd < 0) {
		loop_stop(p->loop, 0);
		return;
	}
	if (p->link >= 0) {
		p->fault = "a new link replaces it";
		settle(p);
	}
	p->link = fd;
	p->reset = false;
	loop_watch(p->loop, p->link, POLLIN, on_link_event, p);
	gateway_up(p->gateway, now());
	settle(p);
}

static uint32_t central_of(const uint8_t *body)
{
	uint32_t central;

	memcpy(&central, body, sizeof(central));
	return central;
}

static void on_central(void *arg, const uint8_t *body, size_t len)
{
	struct process *p = arg;

	(void)len;
	if (!gateway_add(p->gateway, central_of(body)))
		drop(central_of(body), false, "out of memory", p);
}

static void on_central_pdu(void *arg, const uint8_t *body, size_t len)
{
	const struct process *p = arg;

	gateway_central(p->gateway, central_of(body), body + sizeof(uint32_t),
			len - sizeof(uint32_t), now());
}

static void on_central_gone(void *arg, const uint8_t *body, size_t len)
{
	const struct process *p = arg;

	(void)len;
	gateway_remove(p->gateway, central_of(body), now());
}

static void on_advertising(void *arg, const uint8_t *body, size_t len)
{
	const struct process *p = arg;

	gateway_advertising(p->gateway, body, len);
}

static const worker_handler process_handlers[MESSAGE_COUNT] = {
	[HOST_CENTRAL] = on_central,
	[HOST_CENTRAL_PDU] = on_central_pdu,
	[HOST_CENTRAL_GONE] = on_central_gone,
	[HOST_ADVERTISING] = on_advertising,
};

static const struct worker_receiver process_receiver = {
	messages, process_handlers, MESSAGE_COUNT, MESSAGE_FROM_HOST,
};

static void on_host_event(short ready_for, void *arg)
{
	struct process *p = arg;

	(void)ready_for;
	if (worker_receive(&p->host, &process_receiver, p->link < 0 ?
			   MESSAGE_UNLINKED : MESSAGE_LINKED, p) ==
	    WORKER_REFUSED)
		loop_stop(p->loop, 0);
	settle(p);
}

static void run(int host, const void *arg)
{
	const struct start *start = arg;
	const int fds[] = { host, start->links };
	struct gateway_settings settings = *start->settings;
	struct process p = {
		.host = { .fd = CHILD_FD }, .links = CHILD_FD + 1, .link = -1,
	};

	child_settle("blesec-gateway", fds, 2);
	p.loop = loop_new();
	worker_diag(p.host.fd, WORKER_LOG);
	settings.arg = &p;
	settings.to_peripheral = to_peripheral;
	settings.to_central = to_central;
	settings.taken = taken;
	settings.ready = ready;
	settings.drop = drop;
	settings.fault = fault;
	p.gateway = gateway_new(&settings);
	if (p.gateway && sandbox_enter(SANDBOX_PEER)) {
		loop_watch(p.loop, p.host.fd, POLLIN, on_host_event, &p);
		loop_watch(p.loop, p.links, POLLIN, on_new_link, &p);
		loop_run(p.loop);
	}
	diag_sink(NULL, NULL);
	gateway_free(p.gateway);
	loop_free(p.loop);
}

int gateway_process_start(struct worker *worker, int *links,
			  const struct gateway_settings *settings)
{
	int pair[2], result;
	struct start start = { .settings = settings };

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		diag_error("cannot start a process: %s", strerror(errno));
		return -1;
	}
	start.links = pair[1];
	/* The parent never blocks. */
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	result = worker_spawn(worker, POST_MAX, run, &start);
	close(pair[1]);
	*links = pair[0];
	if (result) {
		close(pair[0]);
		*links = -1;
	}
	return result;
}

int gateway_process_link(int links, int fd)
{
	int result = child_send_fd(links, fd, 0);

	close(fd);
	return result;
}
