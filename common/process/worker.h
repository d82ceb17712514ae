/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A child process, its parent, and the socket between them.  Each packet is one
 * message: one octet for its type, then the body.  The caller has a table of
 * the types (message.h).
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
	const char *name;	/* NULL: no such type */
	uint8_t from;	/* bits for who may send it, defined by the caller */
	uint8_t states;	/* bits for the states in which it is accepted */
	uint32_t min, max;	/* octets of the body */
	/*
	 * Checks the body beyond its size; may clean text in it.  May be NULL.
	 */
	bool (*valid)(uint8_t *body, size_t len);
};

/* Handles one message; the body is aligned for a struct. */
typedef void (*worker_handler)(void *arg, const uint8_t *body, size_t len);

/* What one end of a socket accepts. */
struct worker_receiver {
	const struct worker_message *messages;	/* by type */
	const worker_handler *handlers;		/* by type; NULL: ignored */
	size_t count;				/* entries in each table */
	uint8_t from;				/* bit of the other end */
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
	struct posted *posted;	/* the oldest; NULL: none is waiting */
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
/*
 * Send waiting messages, as far as the socket takes them.  Returns true if none
 * is left.
 */
bool worker_flush(struct worker *worker);

/*
 * Close the socket, which makes the process end; otherwise it is killed.  The
 * loop reaps it (child_leave).
 */
void worker_stop(struct worker *worker, struct loop *loop);

/* For the child process: host is the socket to its parent. */

/* Send to the parent, which is trusted and will read it. */
void worker_tell(int host, uint8_t type, const void *body, size_t len);
/* Send diag.h's messages to the parent, in messages of this type. */
void worker_diag(int host, uint8_t type);

/* The log message, for the table and for the parent's handlers. */
#define WORKER_LOG_MIN 3
#define WORKER_LOG_MAX 1100
bool worker_log_valid(uint8_t *body, size_t len);
void worker_on_log(void *arg, const uint8_t *body, size_t len);

#endif
