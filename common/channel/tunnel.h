/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tunnel of blesec-protocol(7): a stream of octets each way over attribute
 * values, with a window so that nothing is dropped.  A pure state machine:
 * values in, values out.
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
 * Ours.  A default Linux socket of 212,992 octets held 222 PDUs when its
 * reader slept; this many leave room for what else comes in.
 */
#define TUNNEL_WINDOW 64

/* Bits of a capability, and in READY. */
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

/* NULL, or what is wrong with the value that was read over this bearer. */
const char *tunnel_capability_read(const uint8_t *value, size_t len,
				   uint8_t bearer,
				   struct tunnel_capability *capability);

struct tunnel {
	/* Sending. */
	uint16_t value_max;	/* octets in a value that we send */
	uint8_t peer_window;	/* 0: not known yet, nothing may be sent */
	uint8_t next;		/* seq of the next segment with payload */
	uint8_t acked;		/* the peer has consumed all before this */
	/* Receiving: segments not yet consumed, a ring. */
	uint8_t window;
	uint8_t expected;	/* seq of the next one from the peer */
	uint8_t consumed;	/* = our ack */
	uint8_t ack_sent;
	uint16_t lens[TUNNEL_WINDOW_MAX + 1];
	uint8_t segments[TUNNEL_WINDOW_MAX + 1]
			[TUNNEL_VALUE_MAX - TUNNEL_HEADER];
	/* For figures. */
	uint64_t octets_out, octets_in;
	uint32_t pdus_out, pdus_in;
};

/*
 * value_max: octets in a value that goes out; window: ours, 1 to 127;
 * peer_window: the peer's, 0 while it is not known.
 */
void tunnel_init(struct tunnel *tunnel, uint16_t value_max, uint8_t window,
		 uint8_t peer_window);

/*
 * Take a value from the peer; its payload, if any, is kept for tunnel_peek. 
 * Returns NULL, or the fault that ends the session.
 */
const char *tunnel_receive(struct tunnel *tunnel, const uint8_t *value,
			   size_t len);

/*
 * The oldest payload not yet consumed, NULL if there is none; tunnel_consume
 * lets it go and opens the peer's window by one.
 */
const uint8_t *tunnel_peek(const struct tunnel *tunnel, size_t *len);
void tunnel_consume(struct tunnel *tunnel);

/* Octets of payload that the next segment may carry; 0: window closed. */
size_t tunnel_room(const struct tunnel *tunnel);

/*
 * Write a segment with that payload, at most tunnel_room octets, or without
 * any.  value takes value_max octets.  Returns its length.
 */
size_t tunnel_send(struct tunnel *tunnel, const uint8_t *payload, size_t len,
		   uint8_t *value);

/* True if the peer must be told now what has been consumed. */
bool tunnel_ack_due(const struct tunnel *tunnel);

/* True if the peer has acknowledged all that was sent. */
bool tunnel_idle(const struct tunnel *tunnel);

#endif
