/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's requests octet for octet, with servers that answer in another
 * order, in small pieces, in the long form, or wrongly. */
#include "config.h"
#include "base/bytes.h"
#include "att/gatt-client.h"
#include "unit.h"

static struct gatt_client client;
static uint8_t req[ATT_MTU_DEFAULT];
static size_t req_len;

static const char *answer(const void *pdu, size_t len)
{
	/* A copy of exact size, so that the sanitizer sees overreads. */
	uint8_t *copy = malloc(len ? len : 1);
	const char *fault;

	memcpy(copy, pdu, len);
	memset(req, 0xee, sizeof(req));
	fault = gatt_client_response(&client, copy, len, req, &req_len);
	free(copy);
	CHECK(req_len <= ATT_MTU_DEFAULT && !(fault && req_len));
	return fault;
}

#define ANSWER(text) answer(text, sizeof(text) - 1)
#define ASKS(text)                                                            \
	(req_len == sizeof(text) - 1 && !memcmp(req, text, sizeof(text) - 1))

static void to_service(void)
{
	memset(&client, 0, sizeof(client));
	req_len = gatt_client_start(&client, req);
	CHECK(ASKS("\x02\x05\x02"));
	CHECK(!ANSWER("\x03\x05\x02") && client.mtu == 517);
	CHECK(req_len == 23 &&
	      !memcmp(req, "\x06\x01\x00\xff\xff\x00\x28", 7) &&
	      !memcmp(req + 7, tunnel_uuid_service.value, 16));
}

static void to_characteristics(void)
{
	to_service();
	CHECK(!ANSWER("\x07\x10\x00\x20\x00"));
	CHECK(ASKS("\x08\x10\x00\x20\x00\x03\x28"));
}

static size_t declare(uint8_t *p, uint16_t handle, const struct gatt_uuid *uuid)
{
	put_le16(p, handle);
	p[2] = 2;
	put_le16(p + 3, (uint16_t)(handle + 1));
	memcpy(p + 5, uuid->value, 16);
	return 21;
}

static void to_descriptor(void)
{
	uint8_t pdu[2 + 3 * 21] = { 0x09, 21 };

	to_characteristics();
	declare(pdu + 2, 0x11, &tunnel_uuid_capability);
	declare(pdu + 23, 0x13, &tunnel_uuid_inbound);
	declare(pdu + 44, 0x15, &tunnel_uuid_outbound);
	CHECK(!answer(pdu, sizeof(pdu)));
	CHECK(ASKS("\x04\x17\x00\x20\x00"));
}

static void to_capability(void)
{
	to_descriptor();
	CHECK(!ANSWER("\x05\x01\x17\x00\x02\x29"));
	CHECK(ASKS("\x0a\x12\x00"));
}

static void to_enable(void)
{
	to_capability();
	CHECK(!ANSWER("\x0b\x01\x01\x00\x00\x00\x02\x40"));
	CHECK(ASKS("\x12\x17\x00\x01\x00"));
}

static void good(void)
{
	to_enable();
	CHECK(!ANSWER("\x13") && !req_len);
	CHECK(client.step == GATT_CLIENT_DONE);
	CHECK(client.handles.capability == 0x12);
	CHECK(client.handles.inbound == 0x14);
	CHECK(client.handles.outbound == 0x16);
	CHECK(client.handles.configuration == 0x17);
	CHECK(ANSWER("\x13") && ANSWER(""));
}

/* One characteristic, one descriptor at a time; others in between. */
static void piecemeal(void)
{
	uint8_t pdu[23] = { 0x09, 21 };
	const struct gatt_uuid *order[] = { &tunnel_uuid_outbound,
		&tunnel_uuid_service, &tunnel_uuid_capability,
		&tunnel_uuid_inbound };

	memset(&client, 0, sizeof(client));
	gatt_client_start(&client, req);
	CHECK(!ANSWER("\x01\x02\x00\x00\x06") && client.mtu == 23);
	/* a second one is not ours */
	CHECK(!ANSWER("\x07\x10\x00\x20\x00\x30\x00\x40\x00"));
	CHECK(client.next == 0x10 && client.end == 0x20);
	CHECK(!ANSWER("\x09\x07\x11\x00\x02\x12\x00\x00\x2a"));
	CHECK(ASKS("\x08\x13\x00\x20\x00\x03\x28"));
	for (uint16_t i = 0; i < 4; i++) {
		declare(pdu + 2, (uint16_t)(0x13 + 2 * i), order[i]);
		CHECK(!answer(pdu, sizeof(pdu)));
	}
	CHECK(ASKS("\x04\x15\x00\x20\x00"));
	memcpy(pdu, "\x05\x02\x15\x00", 4);
	memcpy(pdu + 4, tunnel_uuid_inbound.value, 16);
	CHECK(!answer(pdu, 20));
	CHECK(ASKS("\x04\x16\x00\x20\x00"));
	/* the long form of 0x2902 counts too */
	memcpy(pdu + 4, "\xfb\x34\x9b\x5f\x80\x00\x00\x80\x00\x10\x00\x00"
	       "\x02\x29\0", 16);
	pdu[2] = 0x17;
	CHECK(!answer(pdu, 20) && client.handles.configuration == 0x17);
}

static void mtus(void)
{
	uint8_t pdu[3] = { 0x03 };

	for (uint32_t mtu = 0; mtu < 0x10000; mtu++) {
		memset(&client, 0, sizeof(client));
		gatt_client_start(&client, req);
		put_le16(pdu + 1, (uint16_t)mtu);
		CHECK(!answer(pdu, 3) == (mtu >= 23));
		if (mtu >= 23)
			CHECK(client.mtu == (mtu < 517 ? mtu : 517));
	}
}

static void start(void)
{
	memset(&client, 0, sizeof(client));
	gatt_client_start(&client, req);
}

struct wrong {
	void (*to)(void);
	const char *pdu;
	size_t len;
};

#define WRONG(to, text) { to, text, sizeof(text) - 1 }

static const struct wrong wrong[] = {
	WRONG(start, ""), WRONG(start, "\x03"), WRONG(start, "\x03\x17"),
	WRONG(start, "\x03\x17\x00\x00"), WRONG(start, "\x01\x02\x00\x00"),
	WRONG(start, "\x01\x02\x00\x00\x06\x00"), WRONG(start, "\x01"),
	/* no error, an error of another request */
	WRONG(start, "\x01\x02\x00\x00\x00"),
	WRONG(start, "\x01\x04\x00\x00\x06"),
	WRONG(start, "\x0b"), WRONG(start, "\x1b\x01\x00"),
	WRONG(to_service, "\x07"), WRONG(to_service, "\x07\x10\x00\x20"),
	WRONG(to_service, "\x07\x10\x00\x20\x00\x00"),
	WRONG(to_service, "\x07\x00\x00\x20\x00"),
	WRONG(to_service, "\x07\x20\x00\x10\x00"),
	WRONG(to_service, "\x01\x06\x01\x00\x0a"),
	WRONG(to_service, "\x03\x17\x00"),
	WRONG(to_characteristics, "\x09"), WRONG(to_characteristics, "\x09\x07"),
	WRONG(to_characteristics, "\x09\x00"),
	WRONG(to_characteristics, "\x09\x01\x00"),
	WRONG(to_characteristics, "\x09\x08\x11\x00\x02\x12\x00\x00\x2a\x00"),
	WRONG(to_characteristics, "\x09\x07\x11\x00\x02\x12\x00\x00"),
	WRONG(to_characteristics, "\x09\x07\x11\x00\x02\x12\x00\x00\x2a\x00"),
	/* before the range, after it, a value not after its declaration */
	WRONG(to_characteristics, "\x09\x07\x0f\x00\x02\x12\x00\x00\x2a"),
	WRONG(to_characteristics, "\x09\x07\x1f\x00\x02\x21\x00\x00\x2a"),
	WRONG(to_characteristics, "\x09\x07\x11\x00\x02\x11\x00\x00\x2a"),
	WRONG(to_characteristics, "\x09\x07\x11\x00\x02\x00\x00\x00\x2a"),
	/* the same twice, backwards */
	WRONG(to_characteristics, "\x09\x07\x11\x00\x02\x12\x00\x00\x2a"
	      "\x11\x00\x02\x12\x00\x00\x2a"),
	/* the last one, and ours was not found */
	WRONG(to_characteristics, "\x09\x07\x1f\x00\x02\x20\x00\x00\x2a"),
	WRONG(to_characteristics, "\x01\x08\x10\x00\x0a"),
	WRONG(to_descriptor, "\x05"), WRONG(to_descriptor, "\x05\x01"),
	WRONG(to_descriptor, "\x05\x01\x17\x00\x02"),
	WRONG(to_descriptor, "\x05\x01\x17\x00\x02\x29\x00"),
	WRONG(to_descriptor, "\x05\x02\x17\x00\x02\x29"),
	/* a form that does not exist */
	WRONG(to_descriptor, "\x05\x03\x17\x00\x88\x0b\xa4\x8c\xc8\x1e"
	      "\x4d\xbf\xbe\x48\xcf\x08\x03\x00\x92\x92"),
	WRONG(to_descriptor, "\x05\x01\x16\x00\x02\x29"),
	WRONG(to_descriptor, "\x05\x01\x21\x00\x02\x29"),
	WRONG(to_descriptor, "\x05\x01\x20\x00\x01\x29"),
	WRONG(to_descriptor, "\x01\x04\x17\x00\x0a"),
	WRONG(to_capability, "\x0b"), WRONG(to_capability, "\x0b\x01\x01\0\0\0"),
	WRONG(to_capability, "\x01\x0a\x12\x00\x02"),
	WRONG(to_enable, "\x13\x00"), WRONG(to_enable, "\x01\x12\x17\x00\x03"),
	WRONG(to_enable, "\x0b"),
};

static void faults(void)
{
	uint8_t pdu[2 + CAPABILITY_MAX] = { 0x0b };
	uint16_t handle;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		wrong[i].to();
		if (!answer(wrong[i].pdu, wrong[i].len)) {
			fprintf(stderr, "wrong answer %zu is taken\n", i);
			exit(1);
		}
	}
	for (size_t len = 1; len <= sizeof(pdu); len++) {
		to_capability();
		CHECK(!answer(pdu, len) == (len >= 8 && len <= 65));
	}
	/* Discovery ends even if the server never stops answering. */
	to_characteristics();
	for (handle = 0x10; handle < 0x30; handle += 2) {
		uint8_t one[9] = "\x09\x07\0\0\x02\0\0\0\x2a";

		put_le16(one + 2, handle);
		put_le16(one + 5, (uint16_t)(handle + 1));
		if (answer(one, 9))
			break;
	}
	CHECK(handle >= 0x1e && handle < 0x30);
}

int main(void)
{
	good();
	piecemeal();
	mtus();
	faults();
	return 0;
}
