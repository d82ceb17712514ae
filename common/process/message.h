/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages between a parent and its confined processes: their types, their
 * bodies, who may send them, and the states in which they are accepted.
 */
#ifndef BLESEC_MESSAGE_H
#define BLESEC_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "att/att.h"
#include "att/gatt-db.h"
#include "pki/cert.h"
#include "pki/trust.h"
#include "process/worker.h"

/* Who sends: struct worker_message, from. */
enum message_sender {
	MESSAGE_FROM_PEER = 1,		/* the process of a peer */
	MESSAGE_FROM_GATEWAY = 2,	/* the process of a gateway */
	MESSAGE_FROM_HOST = 4,		/* the parent of either */
};

/* The state of the receiver: struct worker_message, states. */
enum message_state {
	/* A session. */
	MESSAGE_UNSECURED = 1,
	MESSAGE_SECURED = 2,
	MESSAGE_GIVEN_UP = 4,		/* closing before it was secured */
	MESSAGE_CLOSING = 8,		/* closing after it was secured */
	/* A gateway. */
	MESSAGE_UNLINKED = 16,		/* no link to its peripheral */
	MESSAGE_LINKED = 32,		/* still discovering the peripheral */
	MESSAGE_SERVING = 64,
};

enum message_type {
	/* From the process of a peer. */
	WORKER_CONNECTED = 1,	/* struct worker_connected */
	WORKER_SECURED,		/* struct worker_secured */
	WORKER_DATA,		/* octets of a message */
	WORKER_END,		/* the peer will send no more */
	WORKER_OOB,		/* a valid message of pair-exchange */
	WORKER_GATT,		/* struct worker_gatt, value: HOST_GATT
				 * answers it, unless it is a command */
	WORKER_SIGNED,		/* uint32_t: the least sign counter that is
				 * accepted from now on; it comes before what
				 * was signed */
	WORKER_FOUND,		/* struct gatt_found */
	WORKER_RESULT,		/* struct worker_result, value */
	WORKER_NOTIFIED,	/* struct worker_notified, value */
	WORKER_EXPLORED,	/* all operations have their results */
	WORKER_ATT,		/* an ATT PDU, for the gateway */
	WORKER_PERIPHERAL,	/* whether the peer's gateway has its
				 * peripheral: an octet, 0 or 1 */
	WORKER_REPORT,		/* JSON: the report of the policy */
	WORKER_BYE,		/* the peer said goodbye: HOST_CLOSE answers */
	WORKER_CLOSED,		/* struct worker_closed; the last one */
	WORKER_LOG,		/* level, then text */
	/* From the process of a gateway; centrals are numbers. */
	GATEWAY_PDU,		/* uint32_t, to whom; an ATT PDU */
	GATEWAY_TAKEN,	/* uint32_t: the central whose oldest PDU is done */
	GATEWAY_DROP,		/* struct gateway_drop, text */
	GATEWAY_READY,		/* uint16_t, the MTU: it serves centrals */
	GATEWAY_LOST,		/* text: the link to its peripheral is closed */
	/* To the process of a peer. */
	HOST_DATA,		/* octets of a message */
	HOST_END,		/* we will send no more */
	HOST_OOB,		/* a message of pair-exchange */
	HOST_GATT,		/* an ATT error or 0, then the value if read */
	HOST_NOTIFY,		/* handle, then the value that it has now */
	HOST_ATT,		/* an ATT PDU of the gateway */
	HOST_PERIPHERAL,	/* as WORKER_PERIPHERAL, for the peer */
	HOST_CLOSE,		/* struct host_close: say goodbye */
	/* To the process of a gateway. */
	HOST_CENTRAL,		/* uint32_t: it has come */
	HOST_CENTRAL_PDU,	/* uint32_t, from whom; an ATT PDU */
	HOST_CENTRAL_GONE,	/* uint32_t */
	HOST_ADVERTISING,	/* AD structures, any octets */
	MESSAGE_COUNT,
};

/* By type; for struct worker_receiver. */
extern const struct worker_message messages[MESSAGE_COUNT];

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
	/* As in struct policy. */
	struct trust_id chain[TRUST_CHAIN_MAX];
	uint8_t chain_count;
};

struct worker_closed {
	uint8_t reason;		/* enum reason */
	bool heard;		/* the peer has sent at least one PDU */
	bool bye;		/* it said goodbye, with the number of: */
	uint32_t taken;		/* data messages it has taken, modulo 2^32 */
	uint16_t psm;		/* if not 0, start the session at this PSM */
	char words[400];	/* may be empty */
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
	struct gatt_uuid uuid;	/* len is 0 if the UUID is not known */
};

/* At least the size of each struct that a value follows. */
#define WORKER_HEAD_MAX 64

#define MESSAGE_WORDS_MAX 300	/* octets of a gateway's text */

struct gateway_drop {
	uint32_t central;	/* the central to drop */
	uint8_t at_fault;	/* 0: the peripheral is at fault */
};

struct host_close {
	uint8_t reason;		/* enum reason */
	uint32_t taken;		/* data messages of the peer */
};

#endif
