/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tunnel: arbitrary segments; two tunnels that talk to each other in any
 * order and lose nothing, whatever is inserted between their segments; and
 * capabilities.  Input: which of these, the windows and the size, then events.
 *
 * sources: channel/tunnel.c
 * options: -max_len=2000 -len_control=20
 * runs: 30000
 * long: 3000000
 */
#include "config.h"
#include "fuzz.h"
#include "channel/tunnel.h"

#define WIRE 300		/* segments on their way */

static struct side {
	struct tunnel tunnel;
	uint8_t *values[WIRE];
	size_t lens[WIRE];
	unsigned int first, last;
	uint32_t sent, got;	/* octets: each is the count modulo 251 */
} sides[2];

static uint16_t value_max;

static void sound(const struct tunnel *tunnel)
{
	size_t len = 0;
	const uint8_t *payload = tunnel_peek(tunnel, &len);

	must((uint8_t)(tunnel->expected - tunnel->consumed) <= tunnel->window);
	must((uint8_t)(tunnel->next - tunnel->acked) <= TUNNEL_WINDOW_MAX);
	must(!payload || (len && len <= TUNNEL_VALUE_MAX - TUNNEL_HEADER));
	must(tunnel_room(tunnel) <= (size_t)value_max - TUNNEL_HEADER);
	must(tunnel_idle(tunnel) == (tunnel->next == tunnel->acked));
}

/* True if the segment is taken; a refused one must change nothing. */
static bool receive(struct tunnel *tunnel, const uint8_t *value, size_t len)
{
	const uint8_t expected = tunnel->expected, acked = tunnel->acked;
	const uint8_t held = (uint8_t)(expected - tunnel->consumed);
	const uint8_t sent = (uint8_t)(tunnel->next - acked);
	uint8_t *copy = exactly(value, len);
	const char *fault = tunnel_receive(tunnel, copy, len);
	const size_t payload = len - TUNNEL_HEADER;

	free(copy);
	sound(tunnel);
	if (fault) {
		must(strlen(fault) > 10 && tunnel->expected == expected);
		return false;
	}
	must(len >= TUNNEL_HEADER && len <= TUNNEL_VALUE_MAX);
	must(value[0] == expected && tunnel->acked == value[1]);
	must((uint8_t)(value[1] - acked) <= sent);
	must(tunnel->expected == (uint8_t)(expected + !!payload));
	must(!payload || held < tunnel->window);
	must(!payload || !memcmp(tunnel->segments[expected & TUNNEL_WINDOW_MAX],
				 value + TUNNEL_HEADER, payload));
	return true;
}

/* Call tunnel_send with exactly the room that it requires. */
static uint8_t *send(struct tunnel *tunnel, const uint8_t *payload, size_t len)
{
	uint8_t *value = malloc(TUNNEL_HEADER + len);

	must(tunnel_send(tunnel, payload, len, value) == TUNNEL_HEADER + len);
	must(value[1] == tunnel->consumed && !tunnel_ack_due(tunnel));
	sound(tunnel);
	return value;
}

static void anything(void)
{
	struct tunnel *tunnel = &sides[0].tunnel;
	static const uint8_t zeros[TUNNEL_VALUE_MAX];
	uint8_t value[TUNNEL_VALUE_MAX + 8] = { 0 };
	bool good = true;

	while (left && good) {
		const uint8_t what = next(), how = next();
		size_t len = how % 24;

		switch (what % 4) {
		case 0:
			value[0] = tunnel->expected;
			value[1] = tunnel->acked;
			if (what & 0x10)
				value[0] = next();
			if (what & 0x20)
				value[1] = (uint8_t)(value[1] + next());
			if (what & 0x40)
				len = sizeof(value) - how % 16;
			good = receive(tunnel, value, len);
			break;
		case 1:
			tunnel_consume(tunnel);
			break;
		default:
			len = tunnel_room(tunnel);
			if (!len)
				break;
			len = what & 0x10 ? len : 1 + how % len;
			free(send(tunnel, zeros, len));
		}
		sound(tunnel);
	}
}

static void put(struct side *side, const uint8_t *payload, size_t len)
{
	const unsigned int slot = side->last % WIRE;

	if (side->last - side->first == WIRE)
		return;
	side->values[slot] = send(&side->tunnel, payload, len);
	side->lens[slot] = TUNNEL_HEADER + len;
	side->last++;
}

static void speak(struct side *side, size_t len)
{
	uint8_t payload[TUNNEL_VALUE_MAX];
	const size_t room = tunnel_room(&side->tunnel);

	if (!room || side->last - side->first == WIRE)
		return;
	len = 1 + len % room;
	for (size_t i = 0; i < len; i++)
		payload[i] = (uint8_t)(side->sent++ % 251);
	put(side, payload, len);
}

static void arrive(struct side *to, struct side *from)
{
	const unsigned int slot = from->first % WIRE;

	if (from->first == from->last)
		return;
	from->first++;
	must(receive(&to->tunnel, from->values[slot], from->lens[slot]));
	free(from->values[slot]);
}

static void consume(struct side *side)
{
	size_t len;
	const uint8_t *payload = tunnel_peek(&side->tunnel, &len);

	if (!payload)
		return;
	for (size_t i = 0; i < len; i++)
		must(payload[i] == side->got++ % 251);
	tunnel_consume(&side->tunnel);
	if (tunnel_ack_due(&side->tunnel))
		put(side, NULL, 0);
}

/* A sequence number one too high or too low must not be accepted. */
static void disturb(struct side *to, const struct side *from, uint8_t how)
{
	const struct tunnel *is = &to->tunnel;
	uint8_t value[TUNNEL_HEADER + 1] = { is->expected, is->acked };
	const unsigned int slot = (from->first + 1) % WIRE;

	if (how & 1 && from->last - from->first > 1) {
		/* The next segment but one, too early.  It would be in order
		 * if the next one had no payload. */
		if (from->lens[from->first % WIRE] > TUNNEL_HEADER)
			must(!receive(&to->tunnel, from->values[slot],
				      from->lens[slot]));
	} else if (how & 2) {
		value[0] = (uint8_t)(value[0] + 1 + (how >> 2));
		if (value[0] != is->expected)
			must(!receive(&to->tunnel, value, sizeof(value)));
	} else {
		value[1] = (uint8_t)(is->next + 1 + (how >> 2));
		if ((uint8_t)(value[1] - is->acked) >
		    (uint8_t)(is->next - is->acked))
			must(!receive(&to->tunnel, value, sizeof(value)));
	}
}

static void converse(void)
{
	while (left) {
		const uint8_t what = next();
		struct side *side = &sides[what & 1];
		struct side *other = &sides[!(what & 1)];

		switch (what >> 1 & 7) {
		case 0:
		case 1:
			speak(side, (size_t)next() * 3);
			break;
		case 2:
		case 3:
			arrive(side, other);
			break;
		case 4:
		case 5:
			consume(side);
			break;
		case 6:
			for (unsigned int i = what >> 4; i; i--)
				speak(side, i);
			break;
		default:
			disturb(side, other, next());
		}
	}
	/* Everything must arrive and be acknowledged. */
	for (int i = 0; i < 2 * WIRE; i++)
		for (int k = 0; k < 2; k++) {
			arrive(&sides[k], &sides[!k]);
			consume(&sides[k]);
		}
	for (int k = 0; k < 2; k++)
		put(&sides[k], NULL, 0);
	for (int k = 0; k < 2; k++) {
		arrive(&sides[k], &sides[!k]);
		must(sides[k].got == sides[!k].sent);
	}
	must(tunnel_idle(&sides[0].tunnel) && tunnel_idle(&sides[1].tunnel));
}

static void capability(void)
{
	const uint8_t bearer = next() & 1 ? TUNNEL_BEARER_ATT :
					    TUNNEL_BEARER_COC;
	const size_t len = left < 64 ? left : 64;
	uint8_t *value = exactly(input, len), again[TUNNEL_CAPABILITY_SIZE];
	struct tunnel_capability is;
	const char *fault = tunnel_capability_read(value, len, bearer, &is);

	if (fault) {
		must(strlen(fault) > 10);
	} else {
		must(is.value_max >= TUNNEL_VALUE_MIN && is.window &&
		     is.value_max <= (bearer == TUNNEL_BEARER_ATT ?
				      TUNNEL_ATT_VALUE_MAX : TUNNEL_VALUE_MAX));
		must(is.window <= TUNNEL_WINDOW_MAX && (is.versions & 1));
	}
	if (len >= sizeof(again)) {
		tunnel_capability_write(&is, again);
		must(!memcmp(again, value, sizeof(again)));
	}
	free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t which, one, other;

	input = data;
	left = len;
	which = next();
	if (which % 4 == 3) {
		capability();
		return 0;
	}
	one = (uint8_t)(1 + next() % TUNNEL_WINDOW_MAX);
	other = (uint8_t)(1 + next() % TUNNEL_WINDOW_MAX);
	value_max = (uint16_t)(TUNNEL_VALUE_MIN + next() * 8);
	if (value_max > TUNNEL_VALUE_MAX)
		value_max = TUNNEL_VALUE_MAX;
	for (int k = 0; k < 2; k++) {
		/* The tunnel is large, and initialised below. */
		sides[k].first = sides[k].last = 0;
		sides[k].sent = sides[k].got = 0;
	}
	tunnel_init(&sides[0].tunnel, value_max, one, other);
	tunnel_init(&sides[1].tunnel, value_max, other, one);
	if (which % 4 == 0)
		anything();
	else
		converse();
	for (int k = 0; k < 2; k++)
		for (; sides[k].first < sides[k].last; sides[k].first++)
			free(sides[k].values[sides[k].first % WIRE]);
	return 0;
}
