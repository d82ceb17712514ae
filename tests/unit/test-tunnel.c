/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "channel/tunnel.h"
#include "unit.h"

static struct tunnel a, b;

static void meet(uint8_t window)
{
	tunnel_init(&a, 22, window, window);
	tunnel_init(&b, 22, window, window);
}

/* One segment from a to b. */
static const char *pass(const char *payload)
{
	uint8_t value[TUNNEL_VALUE_MAX];
	size_t len = tunnel_send(&a, (const uint8_t *)payload, strlen(payload),
				 value);

	return tunnel_receive(&b, value, len);
}

static void acknowledge(void)
{
	uint8_t value[TUNNEL_VALUE_MAX];
	size_t len = tunnel_send(&b, NULL, 0, value);

	CHECK(len == TUNNEL_HEADER);
	CHECK(!tunnel_receive(&a, value, len));
}

static void in_order_past_the_wrap(void)
{
	char text[16];
	const uint8_t *payload;
	size_t len;

	meet(64);
	for (int i = 0; i < 1000; i++) {
		CHECK(tunnel_room(&a) == 20);
		snprintf(text, sizeof(text), "%d", i);
		CHECK(!pass(text));
		payload = tunnel_peek(&b, &len);
		CHECK(payload && len == strlen(text));
		CHECK(!memcmp(payload, text, len));
		tunnel_consume(&b);
		CHECK(!tunnel_peek(&b, &len));
		if (tunnel_ack_due(&b))
			acknowledge();
	}
	acknowledge();
	CHECK(tunnel_idle(&a));
}

static void window_closes_and_opens(uint8_t window)
{
	size_t len;

	meet(window);
	for (int i = 0; i < window; i++) {
		CHECK(tunnel_room(&a));
		CHECK(!pass("x"));
	}
	CHECK(!tunnel_room(&a));
	CHECK(!tunnel_idle(&a));
	CHECK(!tunnel_ack_due(&b));
	for (int i = 0; i < (window > 1 ? window / 2 : 1); i++) {
		CHECK(tunnel_peek(&b, &len));
		tunnel_consume(&b);
	}
	CHECK(tunnel_ack_due(&b));
	acknowledge();
	CHECK(tunnel_room(&a));
	CHECK(!tunnel_ack_due(&b));
}

static void faults_are_told(void)
{
	uint8_t value[TUNNEL_VALUE_MAX + 1] = { 0 };

	meet(4);
	CHECK(tunnel_receive(&b, value, 0));
	CHECK(tunnel_receive(&b, value, 1));
	CHECK(tunnel_receive(&b, value, TUNNEL_VALUE_MAX + 1));
	/* an acknowledgement of what was not sent */
	value[1] = 1;
	CHECK(tunnel_receive(&b, value, 3));
	value[1] = 255;
	CHECK(tunnel_receive(&b, value, 3));
	/* not the first, a repeated one, one left out */
	value[0] = 1;
	value[1] = 0;
	CHECK(tunnel_receive(&b, value, 3));
	value[0] = 0;
	CHECK(!tunnel_receive(&b, value, 3));
	CHECK(tunnel_receive(&b, value, 3));
	value[0] = 2;
	CHECK(tunnel_receive(&b, value, 3));
	/* beyond the window, consumed or not */
	for (value[0] = 1; value[0] < 4; value[0]++) {
		CHECK(!tunnel_receive(&b, value, 3));
		tunnel_consume(&b);
	}
	CHECK(tunnel_receive(&b, value, 3));
}

static void capabilities(void)
{
	struct tunnel_capability c = { 1, 1, 0x1234, 512, 64 }, d;
	uint8_t value[TUNNEL_CAPABILITY_SIZE];

	tunnel_capability_write(&c, value);
	CHECK(!memcmp(value, "\x01\x01\x34\x12\x00\x02\x40", 7));
	CHECK(!tunnel_capability_read(value, 7, TUNNEL_BEARER_ATT, &d));
	CHECK(d.psm == 0x1234 && d.value_max == 512 && d.window == 64);
	CHECK(tunnel_capability_read(value, 6, TUNNEL_BEARER_ATT, &d));
	value[6] = 0;
	CHECK(tunnel_capability_read(value, 7, TUNNEL_BEARER_ATT, &d));
	value[6] = 128;
	CHECK(tunnel_capability_read(value, 7, TUNNEL_BEARER_ATT, &d));
	value[6] = 127;
	value[4] = 19;
	value[5] = 0;
	CHECK(tunnel_capability_read(value, 7, TUNNEL_BEARER_ATT, &d));
	value[4] = 20;
	CHECK(!tunnel_capability_read(value, 7, TUNNEL_BEARER_ATT, &d));
	value[4] = 1;
	value[5] = 2;
	CHECK(tunnel_capability_read(value, 7, TUNNEL_BEARER_ATT, &d));
	CHECK(!tunnel_capability_read(value, 7, TUNNEL_BEARER_COC, &d));
	value[5] = 8;
	CHECK(tunnel_capability_read(value, 7, TUNNEL_BEARER_COC, &d));
	value[4] = 20;
	value[5] = 0;
	value[0] = 2;
	CHECK(tunnel_capability_read(value, 7, TUNNEL_BEARER_ATT, &d));
}

int main(void)
{
	in_order_past_the_wrap();
	window_closes_and_opens(1);
	window_closes_and_opens(2);
	window_closes_and_opens(127);
	faults_are_told();
	capabilities();
	return 0;
}
