/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process of our own, its parent, and the socket between them.  Each packet
 * is one message: an octet that is its type, then the body.  The types are in a
 * table of the caller's (message.h).
 */
#ifndef BLESEC_WORKER_H
#define BLESEC_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/loop.h"

#define WORKER_BODY_MAX 65536

/* One type of message. */
struct worker_message {
	const char *name;	/* NULL: there is no such type */
	uint8_t from;		/* who may send it: bits of the caller's */
	uint8_t states;		/* of the receiver that takes it: bits */
	uint32_t min, max;	/* octets of the body */
	/* Checks the body beyond its size, may clean text in it; or NULL. */
	bool (*valid)(uint8_t *body, size_t len);
};

/* Takes one message; the body is aligned for a struct. */
typedef void (*worker_handler)(void *arg, const uint8_t *body, size_t len);

/* What one end of a socket takes. */
struct worker_receiver {
	const struct worker_message *messages;	/* by type */
	const worker_handler *handlers;		/* by type; NULL: ignored */
	size_t count;				/* of either */
	uint8_t from;				/* the other end: one bit */
};

enum {
	WORKER_REFUSED = -1,
	WORKER_NOTHING,
	WORKER_TAKEN,
	WORKER_UNTIMELY,
};

struct posted;

struct worker {
	pid_t pid;
	int fd;
	struct posted *posted;	/* the oldest; NULL: none waits */
	unsigned int post_count, post_max;
	_Alignas(8) uint8_t buffer[WORKER_BODY_MAX];
};

/*
 * Start a process that calls run with the socket to its parent.  run closes the
 * descriptors that the process is not to have (child_settle).  post_max is as
 * in worker_post.  Returns 0, or -1 having said why.
 */
int worker_spawn(struct worker *worker, unsigned int post_max,
		 void (*run)(int host, const void *arg), const void *arg);

/*
 * Give a message to its handler if the sender may send it, it is what the table
 * says and it may come in this state (one bit).  Returns WORKER_TAKEN;
 * WORKER_UNTIMELY if it may not come in this state; WORKER_REFUSED if the
 * sender may not send it at all.
 */
int worker_dispatch(const struct worker_receiver *receiver, unsigned int state,
		    void *arg, uint8_t type, uint8_t *body, size_t len);

/*
 * Read the next message without waiting and dispatch it; its handler may free
 * the worker.  Returns what worker_dispatch does, WORKER_NOTHING if there is
 * none now, or WORKER_REFUSED also if the other end has gone: a process of ours
 * is what a hostile peer may have taken over.
 */
int worker_receive(struct worker *worker,
		   const struct worker_receiver *receiver, unsigned int state,
		   void *arg);

/* Send without waiting.  Returns 1, 0 if it is busy, -1 if it has gone. */
int worker_send(struct worker *worker, uint8_t type,
		const void *body, size_t len);

/*
 * Send a message now or, in order, as soon as it is taken; for short and rare
 * messages.  Returns false if post_max of them wait already.
 */
bool worker_post(struct worker *worker, uint8_t type, const void *body,
		 size_t len);
/*
 * The same for a message that makes those obsolete whose first key octets are
 * the same: when too many wait, it replaces the last one of them.
 */
void worker_post_latest(struct worker *worker, uint8_t type,
			const void *body, size_t len, size_t key);
/* Send what waits, as far as it is taken.  Returns true if nothing is left. */
bool worker_flush(struct worker *worker);

/*
 * Close the socket, which makes the process end; else it is killed.  The loop
 * reaps it (child_leave).
 */
void worker_stop(struct worker *worker, struct loop *loop);

/* In the process itself: host is the socket to its parent. */

/* To the parent, which is trusted and will take it. */
void worker_tell(int host, uint8_t type, const void *body, size_t len);
/* Send what is said by diag.h to the parent, in messages of this type. */
void worker_diag(int host, uint8_t type);

/* Such a message, for the table, and for the handlers of the parent. */
#define WORKER_LOG_MIN 3
#define WORKER_LOG_MAX 1100
bool worker_log_valid(uint8_t *body, size_t len);
void worker_on_log(void *arg, const uint8_t *body, size_t len);

#endif
