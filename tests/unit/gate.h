/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gateway with three centrals.  Behind it is a real server, or the test
 * plays the peripheral. */
#ifndef BLESEC_GATE_H
#define BLESEC_GATE_H

#include "explore.h"
#include "gateway/gateway.h"

#define CENTRALS 3
#define KEPT 64

struct kept {
	size_t len;
	uint8_t pdu[ATT_MTU_OFFERED];
};

struct queue {
	struct kept kept[KEPT];
	size_t first, count;
};

static struct gateway *gate;
static struct gateway_settings gate_settings;
static uint64_t now;
static bool by_hand;		/* the test is the peripheral */
static bool stuck;		/* the link accepts nothing */
static uint16_t offered = ATT_MTU_OFFERED;	/* by an explorer */
static struct queue sent;	/* to the peripheral */
static const char *faulted;
static unsigned int readies;
static uint16_t ready_mtu;
static struct {
	struct queue got;
	unsigned int given, taken;
	const char *dropped;
} centrals[CENTRALS];

static inline void keep(struct queue *queue, const uint8_t *pdu, size_t len)
{
	struct kept *kept = &queue->kept[queue->count++];

	CHECK(queue->count <= KEPT && len && len <= sizeof(kept->pdu));
	kept->len = len;
	memcpy(kept->pdu, pdu, len);
}

static inline const struct kept *take(struct queue *queue)
{
	if (queue->first == queue->count) {
		queue->first = queue->count = 0;
		return NULL;
	}
	return &queue->kept[queue->first++];
}

static inline bool on_to_peripheral(const uint8_t *pdu, size_t len, void *arg)
{
	CHECK(arg == &gate && !faulted);
	if (stuck)
		return false;
	keep(&sent, pdu, len);
	return true;
}

static inline void on_to_central(uint32_t central, const uint8_t *pdu,
				 size_t len, void *arg)
{
	CHECK(arg == &gate && central < CENTRALS);
	CHECK(!centrals[central].dropped);
	keep(&centrals[central].got, pdu, len);
}

static inline void on_taken(uint32_t central, void *arg)
{
	CHECK(arg == &gate && central < CENTRALS);
	CHECK(++centrals[central].taken <= centrals[central].given);
}

static inline void on_ready(uint16_t mtu, void *arg)
{
	CHECK(arg == &gate);
	ready_mtu = mtu;
	readies++;
}

static inline void on_drop(uint32_t central, bool at_fault, const char *words,
			   void *arg)
{
	CHECK(at_fault == !(strstr(words, "the peripheral") ||
			    strstr(words, "a subscription")));
	CHECK(arg == &gate && central < CENTRALS);
	CHECK(!centrals[central].dropped && strlen(words) > 10);
	centrals[central].dropped = words;
}

static inline void on_fault(const char *words, void *arg)
{
	CHECK(arg == &gate && !faulted && strlen(words) > 10);
	faulted = words;
}

/* Pass on a PDU from the peripheral, in a copy of exact size. */
static inline void say(const void *pdu, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	memcpy(copy, pdu, len);
	gateway_peripheral(gate, copy, len, now);
	free(copy);
}

#define SAY(text) say(text, sizeof(text) - 1)

/* Get the answer from the server, or from the owner of the value. */
static inline size_t answer(const uint8_t *request, size_t len)
{
	uint8_t pdu[ATT_MTU_OFFERED];
	size_t n;

	memcpy(pdu, request, len);
	if (pdu[0] == ATT_EXCHANGE_MTU_REQ)
		put_le16(pdu + 1, limit);
	n = ask(pdu, len);
	if (pdu[0] == ATT_EXCHANGE_MTU_REQ)
		put_le16(rsp + 1, limit);
	while (server.pending && asked.what.operation == GATT_EXTERNAL_WRITE)
		n = complete(0, NULL, 0);
	if (server.pending)
		n = complete(0, octets, 300);
	return n;
}

/* Let the peripheral take one PDU and answer it. */
static inline bool run_once(void)
{
	const struct kept *kept = take(&sent);
	struct kept request;
	size_t n;

	if (!kept)
		return false;
	request = *kept;
	n = answer(request.pdu, request.len);
	if (n)
		say(rsp, n);
	return true;
}

static inline void run(void)
{
	while (!by_hand && run_once())
		;
}

static inline void give(uint32_t central, const void *pdu, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	memcpy(copy, pdu, len);
	centrals[central].given++;
	gateway_central(gate, central, copy, len, now);
	free(copy);
	run();
}

#define GIVE_TO(central, text) give(central, text, sizeof(text) - 1)

static inline bool is_next(struct queue *queue, const void *pdu, size_t len)
{
	const struct kept *kept = take(queue);

	if (kept && kept->len == len && !memcmp(kept->pdu, pdu, len))
		return true;
	fprintf(stderr, "instead:");
	for (size_t i = 0; kept && i < kept->len; i++)
		fprintf(stderr, " %02x", kept->pdu[i]);
	fprintf(stderr, "\n");
	return false;
}

/* Check what the central got next, and what the peripheral got. */
#define GOT(central, text)                                                    \
	is_next(&centrals[central].got, text, sizeof(text) - 1)
#define SENT(text) is_next(&sent, text, sizeof(text) - 1)
#define NOTHING_SENT (!take(&sent))
#define GOT_NOTHING(central) (!take(&centrals[central].got))
/* Send a request and check its answer. */
#define ANSWERS(central, request, response)                                   \
	(GIVE_TO(central, request), GOT(central, response))

static inline void leave(uint32_t central)
{
	gateway_remove(gate, central, now);
	memset(&centrals[central], 0, sizeof(centrals[central]));
	run();
}

static inline void come(uint32_t central)
{
	leave(central);
	CHECK(gateway_add(gate, central));
}

/* Start without a link. */
static inline void build(const struct gatt_uuid *expose, size_t count,
			 bool read_only)
{
	gateway_free(gate);
	gate_settings = (struct gateway_settings){
		.expose = expose, .expose_count = count,
		.read_only = read_only, .arg = &gate,
		.to_peripheral = on_to_peripheral,
		.to_central = on_to_central, .taken = on_taken,
		.ready = on_ready, .drop = on_drop, .fault = on_fault,
	};
	gate = gateway_new(&gate_settings);
	CHECK(gate);
	by_hand = stuck = false;
	faulted = NULL;
	readies = 0;
	memset(&sent, 0, sizeof(sent));
	memset(centrals, 0, sizeof(centrals));
	for (uint32_t i = 0; i < CENTRALS; i++)
		CHECK(gateway_add(gate, i));
}

static inline void link_up(void)
{
	const unsigned int before = readies;

	faulted = NULL;
	memset(&sent, 0, sizeof(sent));
	/* Forget what earlier clients have written. */
	server.configured = 0;
	server.queue.count = server.queue.used = 0;
	server.indicated = 0;
	gateway_up(gate, now);
	while (readies == before && run_once())
		;
	run();
}

static inline void link_down(void)
{
	gateway_down(gate, now);
	memset(&sent, 0, sizeof(sent));
}

/* Start with a full server and a link to it. */
static inline void gateway_to(uint16_t mtu, const struct gatt_uuid *expose,
			      size_t count, bool read_only)
{
	fresh(mtu);
	build(expose, count, read_only);
	link_up();
	CHECK(readies == 1 && ready_mtu == (mtu < 517 ? mtu : 517) &&
	      !faulted);
}

static inline void later(uint64_t ms)
{
	now += ms;
	gateway_tick(gate, now);
	run();
}

/* Check that no central was dropped or forgotten. */
static inline void all_is_well(void)
{
	CHECK(!faulted && NOTHING_SENT);
	for (uint32_t i = 0; i < CENTRALS; i++) {
		CHECK(!centrals[i].dropped && GOT_NOTHING(i));
		CHECK(centrals[i].taken == centrals[i].given);
	}
}

/* What the explorer does, as this central, with the MTU that is offered. */
static inline const char *explore_as(uint32_t central)
{
	uint8_t pdu[ATT_MTU_OFFERED];
	const char *fault = NULL;
	const struct kept *kept;
	size_t n;

	while (!fault && (n = next(pdu))) {
		CHECK(++requests < 2000);
		if (pdu[0] == ATT_EXCHANGE_MTU_REQ)
			put_le16(pdu + 1, offered);
		give(central, pdu, n);
		while (!fault && (kept = take(&centrals[central].got))) {
			struct kept copy = *kept;

			if (copy.pdu[0] == ATT_EXCHANGE_MTU_RSP &&
			    get_le16(copy.pdu + 1) > offered)
				put_le16(copy.pdu + 1, offered);
			fault = receive(copy.pdu, copy.len);
		}
	}
	return fault;
}

#define RUN_AS(central, ...)                                                  \
	do {                                                                  \
		static struct gatt_op ops_[8];                                \
		const struct gatt_op these[] = { __VA_ARGS__ };               \
		const char *fault_;                                           \
		memcpy(ops_, these, sizeof(these));                           \
		explore(ops_, COUNT(these));                                  \
		fault_ = explore_as(central);                                 \
		if (fault_)                                                   \
			fprintf(stderr, "%s\n", fault_);                      \
		CHECK(!fault_ && explorer.finished);                          \
	} while (0)

#endif
