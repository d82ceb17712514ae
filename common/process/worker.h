/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One confined process per peer, seen from its parent, and the messages
 * between the two: one packet each, an octet that says which, then the body.
 */
#ifndef BLESEC_WORKER_H
#define BLESEC_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "channel/channel.h"
#include "process/message.h"

#define WORKER_MESSAGE_MAX (1 + CHANNEL_MESSAGE_MAX)

struct posted;

struct worker {
	pid_t pid;
	int fd;
	struct posted *posted;	/* the oldest; NULL: none waits */
	unsigned int post_count, post_max;
	uint8_t buffer[WORKER_MESSAGE_MAX];
};

struct session_settings;

/*
 * Start a process that runs this, with the socket to its parent; post_max is
 * as in worker_post.  What it is not to have open, it closes (child_settle).
 * Returns 0, or -1 having said why.
 */
int worker_spawn(struct worker *worker, unsigned int post_max,
		 void (*run)(int host, const void *arg), const void *arg);

/*
 * Start a process that runs the session; takes link and signer over, whatever
 * comes out, and sets "host" of its own.  Returns 0, or -1 having said why.
 */
int worker_start(struct worker *worker,
		 const struct session_settings *settings);

/*
 * Read the next message without waiting.  Returns its type, 0 if there is
 * none now, -1 if the worker has ended or sends what it may not: a worker is
 * what a hostile peer may have taken over.  Strings in structs are terminated.
 */
int worker_receive(struct worker *worker, const uint8_t **body, size_t *len);

/* Returns 1, 0 if the worker is too busy to take it now, -1 if it has gone. */
int worker_send(struct worker *worker, uint8_t type,
		const void *body, size_t len);

/*
 * Send it now or, in order, when it takes it: for what is short and seldom.
 * False if post_max messages wait already.
 */
bool worker_post(struct worker *worker, uint8_t type,
		 const void *body, size_t len);
/*
 * The same for what the next one makes void, if its first key octets are the
 * same: of what does not fit any more, the last of each is kept.
 */
void worker_post_latest(struct worker *worker, uint8_t type,
			const void *body, size_t len, size_t key);
/* What waits, as far as it is taken.  True if nothing is left. */
bool worker_flush(struct worker *worker);

/* End the process, if it has not, and wait for it. */
void worker_stop(struct worker *worker);

/* In the process itself: host is the socket to its parent. */

/* To the parent, which is trusted and will take it. */
void worker_tell(int host, uint8_t type, const void *body,
		 size_t len);
/* Let it have what is to be said (diag.h), as WORKER_LOG. */
void worker_diag(int host);

#endif
