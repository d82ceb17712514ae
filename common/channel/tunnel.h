/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tunnel of blesec-protocol(7): an octet stream in each direction over
 * attribute values, with a window so that no value is dropped.  A pure state
 * machine without I/O.
 */
#ifndef BLESEC_TUNNEL_H
#define BLESEC_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

#define TUNNEL_VERSION 1
#define TUNNEL_HEADER 2
#define TUNNEL_VALUE_MIN 20
/*
 * Our receive window.  A default Linux socket of 212,992 octets held 222 PDUs
 * while its reader slept; this window leaves room for other PDUs.
 */
#define TUNNEL_WINDOW 64

/* Bearer bits, in the capability and in READY. */
#define TUNNEL_BEARER_ATT 1
#define TUNNEL_BEARER_COC 2

/* The first octets of the capability value. */
struct tunnel_capability {
	uint8_t versions;
	uint8_t bearers;
	uint16_t psm;
	uint16_t value_max;
	uint8_t window;
};

#define TUNNEL_CAPABILITY_SIZE 7

void tunnel_capability_write(const struct tunnel_capability *capability,
			     uint8_t value[TUNNEL_CAPABILITY_SIZE]);

/*
 * Parse the value read over this bearer.  Returns NULL, or what is wrong with
 * it.
 */
const char *tunnel_capability_read(const uint8_t *value, size_t len,
				   uint8_t bearer,
				   struct tunnel_capability *capability);

struct tunnel {
	/* Sender. */
	uint16_t value_max;	/* octets in a value that we send */
	uint8_t peer_window;	/* 0: not known yet, nothing may be sent */
	uint8_t next;	/* sequence number of the next segment with payload */
	uint8_t acked;	/* the peer has consumed every segment before this */
	/* Receiver: a ring of the segments not yet consumed. */
	uint8_t window;
	uint8_t expected;	/* sequence number of the peer's next segment */
	uint8_t consumed;	/* the acknowledgement that we send */
	uint8_t ack_sent;
	uint16_t lens[TUNNEL_WINDOW_MAX + 1];
	uint8_t segments[TUNNEL_WINDOW_MAX + 1]
			[TUNNEL_VALUE_MAX - TUNNEL_HEADER];
	/* Statistics. */
	uint64_t octets_out, octets_in;
	uint32_t pdus_out, pdus_in;
};

/*
 * value_max: octets in a value that we send; window: our own, 1 to 127;
 * peer_window: the peer's, 0 while it is not known.
 */
void tunnel_init(struct tunnel *tunnel, uint16_t value_max, uint8_t window,
		 uint8_t peer_window);

/*
 * Handle a value from the peer; its payload, if any, is kept for tunnel_peek.
 * Returns NULL, or the fault that ends the session.
 */
const char *tunnel_receive(struct tunnel *tunnel, const uint8_t *value,
			   size_t len);

/*
 * Return the oldest payload not yet consumed, or NULL if there is none.
 * tunnel_consume drops it and opens the peer's window by one.
 */
const uint8_t *tunnel_peek(const struct tunnel *tunnel, size_t *len);
void tunnel_consume(struct tunnel *tunnel);

/* Octets of payload that fit in the next segment; 0: the window is closed. */
size_t tunnel_room(const struct tunnel *tunnel);

/*
 * Write a segment with this payload of at most tunnel_room octets, or with
 * none.  value has room for value_max octets.  Returns the length of the
 * segment.
 */
size_t tunnel_send(struct tunnel *tunnel, const uint8_t *payload, size_t len,
		   uint8_t *value);

/* True if we must send the peer an acknowledgement now. */
bool tunnel_ack_due(const struct tunnel *tunnel);

/* True if the peer has acknowledged all that we sent. */
bool tunnel_idle(const struct tunnel *tunnel);

#endif
