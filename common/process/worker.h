/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process of our own and its parent, and the socket between the two: one
 * message a packet, an octet that is its type, then the body.  What types there
 * are is in a table of the caller's.
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
	uint8_t states;		/* of the receiver, in which it is taken: bits */
	uint32_t min, max;	/* octets of the body */
	/* What its size does not say; it may clean text.  NULL: any octets. */
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
 * Start a process that runs this, with the socket to its parent; post_max is
 * as in worker_post.  What it is not to have open, it closes (child_settle).
 * Returns 0, or -1 having said why.
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

/* Returns 1, 0 if the worker is too busy to take it now, -1 if it has gone. */
int worker_send(struct worker *worker, uint8_t type,
		const void *body, size_t len);

/*
 * Send it now or, in order, when it takes it: for what is short and seldom.
 * False if post_max messages wait already.
 */
bool worker_post(struct worker *worker, uint8_t type, const void *body,
		 size_t len);
/*
 * The same for what the next one makes void, if its first key octets are the
 * same: of what does not fit any more, the last of each is kept.
 */
void worker_post_latest(struct worker *worker, uint8_t type,
			const void *body, size_t len, size_t key);
/* What waits, as far as it is taken.  True if nothing is left. */
bool worker_flush(struct worker *worker);

/*
 * Close the socket: the process ends by that, or is killed (child_leave).  The
 * loop reaps it.
 */
void worker_stop(struct worker *worker, struct loop *loop);

/* In the process itself: host is the socket to its parent. */

/* To the parent, which is trusted and will take it. */
void worker_tell(int host, uint8_t type, const void *body, size_t len);
/* Let it have what is to be said (diag.h), in messages of this type. */
void worker_diag(int host, uint8_t type);

/* For the table and the handlers of the parent: such a message. */
#define WORKER_LOG_MIN 3
#define WORKER_LOG_MAX 1100
bool worker_log_valid(uint8_t *body, size_t len);
void worker_on_log(void *arg, const uint8_t *body, size_t len);

#endif
