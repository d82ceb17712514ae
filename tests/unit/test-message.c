/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of messages between a parent and its processes: who may send what,
 * how long, and when.
 */
#include "config.h"
#include "process/message.h"
#include "unit.h"

#define ANY_STATE 0xff
#define ANYBODY 0xff

static unsigned int taken;

static void take(void *arg, const uint8_t *body, size_t len)
{
	CHECK(arg == &taken && body);
	(void)len;
	taken++;
}

/* The verdict on such a message. */
static int say(uint8_t from, unsigned int state, int type, size_t len)
{
	static _Alignas(8) uint8_t body[WORKER_BODY_MAX + 1];
	worker_handler handlers[MESSAGE_COUNT] = { 0 };
	const struct worker_receiver receiver = {
		messages, handlers, MESSAGE_COUNT, from,
	};
	const unsigned int before = taken;
	int result;

	memset(body, 0, 1200);
	if (type < MESSAGE_COUNT)
		handlers[type] = take;
	/* The least that is right inside. */
	if (type == WORKER_SECURED)
		((struct worker_secured *)body)->chain_count = 1;
	if (type == WORKER_OOB)
		body[0] = 4;
	result = worker_dispatch(&receiver, state, &taken, (uint8_t)type, body,
				 len);
	CHECK(taken - before == (result == WORKER_TAKEN));
	return result;
}

/* Each message has a sender, a state and bounds; all else is refused. */
static void every_type(void)
{
	for (int type = 1; type < MESSAGE_COUNT; type++) {
		const struct worker_message *message = &messages[type];

		CHECK(message->name && message->from && message->states);
		CHECK(message->min <= message->max);
		CHECK(message->max <= WORKER_BODY_MAX);
		CHECK(say(ANYBODY, ANY_STATE, type, message->max + 1) ==
		      WORKER_REFUSED);
		CHECK(!message->min || say(ANYBODY, ANY_STATE, type,
					   message->min - 1) == WORKER_REFUSED);
		for (uint8_t from = 1; from <= MESSAGE_FROM_HOST; from *= 2)
			CHECK(message->from & from ||
			      say(from, ANY_STATE, type, message->min) ==
			      WORKER_REFUSED);
		for (uint8_t state = 1; state <= MESSAGE_SERVING; state *= 2)
			if (!message->valid || type == WORKER_SECURED ||
			    type == WORKER_CLOSED)
				CHECK(say(message->from, state, type,
					  message->min) ==
				      (message->states & state ? WORKER_TAKEN :
				       WORKER_UNTIMELY));
	}
	CHECK(say(ANYBODY, ANY_STATE, 0, 0) == WORKER_REFUSED);
	CHECK(say(ANYBODY, ANY_STATE, MESSAGE_COUNT, 0) == WORKER_REFUSED);
	CHECK(say(ANYBODY, ANY_STATE, 255, 0) == WORKER_REFUSED);
}

/* What a process that is under a peer's control might try. */
static void of_a_peer(void)
{
	const uint8_t peer = MESSAGE_FROM_PEER;

	CHECK(say(peer, MESSAGE_UNSECURED, WORKER_DATA, 5) == WORKER_UNTIMELY);
	CHECK(say(peer, MESSAGE_SECURED, WORKER_DATA, 5) == WORKER_TAKEN);
	CHECK(say(peer, MESSAGE_SECURED, WORKER_SECURED,
		  sizeof(struct worker_secured)) == WORKER_UNTIMELY);
	CHECK(say(peer, MESSAGE_UNSECURED, WORKER_ATT, 5) == WORKER_UNTIMELY);
	CHECK(say(peer, MESSAGE_CLOSING, WORKER_ATT, 5) == WORKER_UNTIMELY);
	CHECK(say(peer, MESSAGE_CLOSING, WORKER_SIGNED, 4) == WORKER_UNTIMELY);
	CHECK(say(peer, MESSAGE_UNSECURED, WORKER_END, 0) == WORKER_UNTIMELY);
	CHECK(say(peer, MESSAGE_SERVING, GATEWAY_READY, 2) == WORKER_REFUSED);
	CHECK(say(peer, MESSAGE_SECURED, HOST_CLOSE,
		  sizeof(struct host_close)) == WORKER_REFUSED);
}

static void of_a_gateway(void)
{
	const uint8_t gateway = MESSAGE_FROM_GATEWAY;

	CHECK(say(gateway, MESSAGE_UNLINKED, GATEWAY_READY, 2) ==
	      WORKER_UNTIMELY);
	CHECK(say(gateway, MESSAGE_LINKED, GATEWAY_READY, 2) == WORKER_TAKEN);
	CHECK(say(gateway, MESSAGE_SERVING, GATEWAY_READY, 2) ==
	      WORKER_UNTIMELY);
	CHECK(say(gateway, MESSAGE_UNLINKED, GATEWAY_LOST, 1) ==
	      WORKER_UNTIMELY);
	CHECK(say(gateway, MESSAGE_SERVING, WORKER_DATA, 1) == WORKER_REFUSED);
	CHECK(say(gateway, MESSAGE_SERVING, WORKER_CLOSED,
		  sizeof(struct worker_closed)) == WORKER_REFUSED);
}

int main(void)
{
	every_type();
	of_a_peer();
	of_a_gateway();
	return 0;
}
