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

#include "cert.h"
#include "channel.h"
#include "gatt-explorer.h"
#include "reason.h"

enum worker_type {
	/* From the worker. */
	WORKER_CONNECTED = 1,	/* struct worker_connected */
	WORKER_SECURED,		/* struct worker_secured */
	WORKER_DATA,		/* octets of a message */
	WORKER_END,		/* the peer will send no more */
	WORKER_OOB,		/* a valid message of pair-exchange */
	WORKER_GATT,		/* struct worker_gatt, value: HOST_GATT is
				 * awaited, but not to a command */
	WORKER_FOUND,		/* struct gatt_found */
	WORKER_RESULT,		/* struct worker_result, value */
	WORKER_NOTIFIED,	/* struct worker_notified, value */
	WORKER_EXPLORED,	/* all operations have their results */
	WORKER_BYE,		/* it said goodbye: HOST_CLOSE is awaited */
	WORKER_CLOSED,		/* struct worker_closed; the last one */
	WORKER_LOG,		/* level, then text */
	/* To the worker. */
	HOST_DATA,		/* octets of a message */
	HOST_END,		/* we will send no more */
	HOST_OOB,		/* a message of pair-exchange */
	HOST_GATT,		/* an ATT error or 0, then the value if read */
	HOST_NOTIFY,		/* handle, then the value that it has now */
	HOST_CLOSE,		/* struct host_close: say goodbye */
};

#define WORKER_MESSAGE_MAX (1 + CHANNEL_MESSAGE_MAX)

struct worker_connected {
	uint16_t mtu;
};

struct worker_secured {
	char peer[CERT_NAME_MAX + 1];
	char pin[CERT_PIN_SIZE];
	char cipher[32];
	char group[32];
	uint64_t microseconds;
	uint64_t sign_microseconds;
	/* Attribute values of the tunnel, headers included. */
	uint64_t octets_out, octets_in;
	uint32_t pdus_out, pdus_in;
};

struct worker_closed {
	uint8_t reason;		/* enum reason */
	bool heard;		/* the peer has sent at least one PDU */
	bool bye;		/* it said goodbye, having taken: */
	uint32_t taken;		/* so many data messages, modulo 2^32 */
	uint16_t psm;		/* not 0: no session, go on there */
	char words[300];	/* may be empty */
};

/* An external value of the profile is read or written. */
struct worker_gatt {
	uint8_t operation;	/* enum gatt_operation */
	uint16_t handle, offset;
};

struct worker_result {
	uint32_t op;
	int32_t status;		/* as in struct gatt_result */
	uint16_t handle;
	struct gatt_uuid uuid;
};

struct worker_notified {
	uint16_t handle;
	bool indication;
	struct gatt_uuid uuid;	/* its len is 0 if it is not known */
};

struct host_close {
	uint8_t reason;		/* enum reason */
	uint32_t taken;		/* data messages of the peer */
};

struct gatt_profile;

/* What a worker is given. */
struct worker_settings {
	struct channel_context *context;
	struct policy *policy;
	int link;		/* a connected SOCK_SEQPACKET */
	int signer;		/* from signer_open */
	const char *name;	/* of this device, for its GAP service */
	uint32_t timeout_ms;	/* from now until secured */
	uint16_t sdu_max;	/* of a credit-based channel; 0: ATT */
	uint16_t psm;		/* offered to a central on ATT; 0: none */
	const struct gatt_profile *profile;	/* of a peripheral, or NULL */
	const struct gatt_op *ops;	/* of a central */
	size_t op_count;
	bool look_for_coc;	/* a central: see session.h */
	bool need_coc;
};

struct worker {
	pid_t pid;
	int fd;
	uint8_t buffer[WORKER_MESSAGE_MAX];
};

/*
 * Start a process that runs the session; takes link and signer over, whatever
 * comes out.  Returns 0, or -1 having said why.
 */
int worker_start(struct worker *worker,
		 const struct worker_settings *settings);

/*
 * Read the next message without waiting.  Returns its type, 0 if there is
 * none now, -1 if the worker has ended or sends what it may not: a worker is
 * what a hostile peer may have taken over.  Strings in structs are terminated.
 */
int worker_receive(struct worker *worker, const uint8_t **body, size_t *len);

/* Returns 1, 0 if the worker is too busy to take it now, -1 if it has gone. */
int worker_send(struct worker *worker, enum worker_type type,
		const void *body, size_t len);

/* End the process, if it has not, and wait for it. */
void worker_stop(struct worker *worker);

#endif
