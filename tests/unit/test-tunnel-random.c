/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two tunnels that run in random order lose nothing and find no fault with each
 * other; anything else is refused or taken without leaving the buffers. */
/* takes: 9 s with valgrind */
#include "config.h"
#include "channel/tunnel.h"
#include "unit.h"

static uint32_t seed = 7;

static uint32_t noise(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 16;
}

/* Segments on their way, in order. */
struct wire {
	uint8_t values[512][TUNNEL_VALUE_MAX];
	size_t lens[512];
	unsigned int first, last;
};

struct side {
	struct tunnel tunnel;
	struct wire wire;	/* to the other */
	uint32_t sent, got;	/* octets; each is the count modulo 251 */
	uint32_t segments;
};

static struct side sides[2];

static void put(struct side *side, const uint8_t *payload, size_t len)
{
	struct wire *wire = &side->wire;
	unsigned int slot = wire->last++ % 512;
	/* A copy of exact size, so that the sanitizer sees overreads. */
	uint8_t *value = malloc(TUNNEL_HEADER + len);

	CHECK(wire->last - wire->first < 512);
	wire->lens[slot] = tunnel_send(&side->tunnel, payload, len, value);
	CHECK(wire->lens[slot] == TUNNEL_HEADER + len);
	memcpy(wire->values[slot], value, TUNNEL_HEADER + len);
	free(value);
}

static void send_some(struct side *side)
{
	uint8_t payload[TUNNEL_VALUE_MAX];
	size_t room = tunnel_room(&side->tunnel), len;

	if (!room)
		return;
	CHECK(room <= TUNNEL_VALUE_MAX - TUNNEL_HEADER);
	len = 1 + noise() % room;
	for (size_t i = 0; i < len; i++)
		payload[i] = (uint8_t)(side->sent++ % 251);
	side->segments++;
	put(side, payload, len);
}

static void arrive(struct side *to, struct side *from)
{
	struct wire *wire = &from->wire;
	unsigned int slot = wire->first % 512;

	if (wire->first == wire->last)
		return;
	wire->first++;
	CHECK(!tunnel_receive(&to->tunnel, wire->values[slot],
			      wire->lens[slot]));
}

static void consume(struct side *side)
{
	size_t len;
	const uint8_t *payload = tunnel_peek(&side->tunnel, &len);

	if (!payload)
		return;
	for (size_t i = 0; i < len; i++)
		CHECK(payload[i] == side->got++ % 251);
	tunnel_consume(&side->tunnel);
	if (tunnel_ack_due(&side->tunnel))
		put(side, NULL, 0);
}

static void converse(uint16_t value_max, uint8_t one, uint8_t other)
{
	memset(sides, 0, sizeof(sides));
	tunnel_init(&sides[0].tunnel, value_max, one, other);
	tunnel_init(&sides[1].tunnel, value_max, other, one);
	for (int i = 0; i < 60000; i++) {
		struct side *side = &sides[noise() & 1];

		switch (noise() % 3) {
		case 0:
			send_some(side);
			break;
		case 1:
			arrive(side, &sides[side == sides]);
			break;
		default:
			consume(side);
		}
	}
	/* Let everything arrive. */
	for (int i = 0; i < 2000; i++)
		for (int k = 0; k < 2; k++) {
			arrive(&sides[k], &sides[!k]);
			consume(&sides[k]);
		}
	for (int k = 0; k < 2; k++)
		put(&sides[k], NULL, 0);
	for (int k = 0; k < 2; k++) {
		arrive(&sides[k], &sides[!k]);
		CHECK(sides[k].got == sides[!k].sent && sides[k].got > 1000);
		CHECK(sides[k].segments > 200);
	}
	CHECK(tunnel_idle(&sides[0].tunnel) && tunnel_idle(&sides[1].tunnel));
}

/* A faulty segment changes nothing. */
static void any_segment(int fewer)
{
	struct tunnel tunnel;
	uint8_t *value;
	size_t len;

	tunnel_init(&tunnel, 100, 64, 64);
	for (int i = 0; i < 200000 / fewer; i++) {
		len = noise() % 4 ? noise() % 24 : noise() % 600;
		value = malloc(len ? len : 1);
		for (size_t k = 0; k < len; k++)
			value[k] = (uint8_t)noise();
		if (len && noise() % 4)
			value[0] = tunnel.expected;
		if (len > 1 && noise() % 4)
			value[1] = tunnel.acked;
		tunnel_receive(&tunnel, value, len);
		free(value);
		CHECK((uint8_t)(tunnel.expected - tunnel.consumed) <= 64);
		CHECK((uint8_t)(tunnel.next - tunnel.acked) <= 64);
		if (noise() & 1)
			tunnel_consume(&tunnel);
		if (tunnel_room(&tunnel) && noise() & 1) {
			uint8_t out[100];

			CHECK(tunnel_send(&tunnel, out + 2, 1, out) == 3);
		}
		if (tunnel_peek(&tunnel, &len))
			CHECK(len >= 1 && len <= TUNNEL_VALUE_MAX - TUNNEL_HEADER);
		if (tunnel_ack_due(&tunnel)) {
			uint8_t out[TUNNEL_HEADER];

			CHECK(tunnel_send(&tunnel, NULL, 0, out) == 2);
			CHECK(!tunnel_ack_due(&tunnel));
		}
	}
}

/* At each sequence number, only outstanding segments can be acknowledged. */
static void lying_acks(int fewer)
{
	uint8_t value[TUNNEL_HEADER + 1], segment = 0;

	for (int start = 0; start < 256; start += fewer)
		for (int sent = 0; sent <= 8; sent++)
			for (int ack = 0; ack < 256; ack++) {
				struct tunnel *tunnel = &sides[0].tunnel;
				uint8_t ahead = (uint8_t)(ack - start);

				tunnel_init(tunnel, 20, 8, 8);
				tunnel->next = tunnel->acked = (uint8_t)start;
				for (int i = 0; i < sent; i++)
					tunnel_send(tunnel, &segment, 1, value);
				CHECK(!tunnel_room(tunnel) == (sent == 8));
				value[0] = 0;
				value[1] = (uint8_t)ack;
				CHECK(!tunnel_receive(tunnel, value, 2) ==
				      (ahead <= sent));
				CHECK(tunnel_idle(tunnel) == (ahead == sent ||
				      (!sent && tunnel->acked == start)));
			}
}

int main(void)
{
	static const uint8_t windows[] = { 1, 2, 3, 64, 126, 127 };
	/* valgrind is slow: each window in at least one pair, less noise. */
	int fewer = under_valgrind() ? 5 : 1;

	for (size_t i = 0; i < sizeof(windows); i++)
		for (size_t k = 0; k < sizeof(windows); k++)
			if ((i + k) % fewer == 0)
				converse(k & 1 ? 20 : 512, windows[i],
					 windows[k]);
	any_segment(fewer);
	lying_acks(fewer);
	return 0;
}
