/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prepare Write and Execute Write: all or nothing, in order, within bounds. */
#include "config.h"
#include "ask.h"

enum { SERVICE = 1, FIXED, VARIABLE, LONG, SINK, EXTERNAL, OTHER, CLOSED };

static char written[100];
static uint16_t refused;

static uint8_t on_write(uint16_t handle, const uint8_t *value, size_t len,
			void *arg)
{
	size_t n = strlen(written);

	CHECK(!arg && (value || !len));
	snprintf(written + n, sizeof(written) - n, "%u=%.*s ", handle,
		 len > 40 ? 1 : (int)len, (const char *)value);
	return handle == refused ? 0x80 : 0;
}

static void fresh(void)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);
	const uint8_t access = GATT_READ | GATT_WRITE;

	gatt_db_free(&db);
	CHECK(gatt_db_service(&db, &uuid) == SERVICE);
	CHECK(gatt_db_descriptor(&db, &uuid, access, "fixed", 5) == FIXED);
	CHECK(gatt_db_descriptor(&db, &uuid, access, "abcd", 4) == VARIABLE);
	CHECK(gatt_db_descriptor(&db, &uuid, access, NULL, 0) == LONG);
	CHECK(gatt_db_descriptor(&db, &uuid, access, NULL, 0) == SINK);
	CHECK(gatt_db_descriptor(&db, &uuid, access, "", 0) == EXTERNAL);
	CHECK(gatt_db_descriptor(&db, &uuid, access, "12", 2) == OTHER);
	CHECK(gatt_db_descriptor(&db, &uuid, GATT_READ |
				 GATT_WRITE_COMMAND, "x", 1) == CLOSED);
	CHECK(gatt_db_set_length(&db, VARIABLE, 8, true));
	CHECK(gatt_db_set_length(&db, LONG, 512, true));
	gatt_db_find(&db, EXTERNAL)->external = true;
	gatt_db_find(&db, OTHER)->external = true;
	serve(23);
	server.write = on_write;
	written[0] = '\0';
	refused = 0;
}

static bool prepare(uint16_t handle, uint16_t offset, const void *value,
		    size_t len)
{
	uint8_t pdu[ATT_MTU_OFFERED] = { 0x16 };

	put_le16(pdu + 1, handle);
	put_le16(pdu + 3, offset);
	memcpy(pdu + 5, value, len);
	if (ask(pdu, 5 + len) != 5 + len)
		return false;
	pdu[0] = 0x17;
	return !memcmp(rsp, pdu, 5 + len);
}

#define PREPARE(handle, offset, text)                                         \
	prepare(handle, offset, text, sizeof(text) - 1)
#define EXECUTE() ASK("\x18\x01")

static void preparing(void)
{
	fresh();
	CHECK(PREPARE(FIXED, 0, "FIXED") && PREPARE(FIXED, 0, ""));
	CHECK(PREPARE(VARIABLE, 0xffff, "x"));
	CHECK(VALUE_IS(FIXED, "fixed") && !*written);
	CHECK(IS(ASK("\x16\x09\x00\x00\x00x"), "\x01\x16\x09\x00\x01"));
	CHECK(IS(ASK("\x16\x08\x00\x00\x00x"), "\x01\x16\x08\x00\x03"));
	CHECK(IS(ASK("\x16\x02\x00\x00"), "\x01\x16\x00\x00\x04"));
	CHECK(IS(ASK("\x18"), "\x01\x18\x00\x00\x04"));
	CHECK(IS(ASK("\x18\x02"), "\x01\x18\x00\x00\x04"));
	CHECK(IS(ASK("\x18\x01\x00"), "\x01\x18\x00\x00\x04"));
	CHECK(server.queue.count == 3);
	CHECK(IS(ASK("\x18\x00"), "\x19") && !server.queue.count);
	CHECK(IS(EXECUTE(), "\x19") && VALUE_IS(FIXED, "fixed") && !*written);
	/* an answer has the request's length, at most ATT_MTU */
	CHECK(PREPARE(LONG, 0, "123456789012345678"));
	CHECK(IS(ASK("\x16\x04\x00\x00\x00" "1234567890123456789"),
		 "\x01\x16\x00\x00\x04"));
	server.optional = false;
	CHECK(IS(ASK("\x16\x02\x00\x00\x00x"), "\x01\x16\x00\x00\x06"));
	CHECK(IS(ASK("\x18\x01"), "\x01\x18\x00\x00\x06"));
	CHECK(IS(ASK("\x0e\x02\x00\x02\x00"), "\x01\x0e\x00\x00\x06"));
}

static void executing(void)
{
	fresh();
	CHECK(PREPARE(VARIABLE, 0, "AB") && PREPARE(FIXED, 2, "XE"));
	CHECK(PREPARE(VARIABLE, 2, "CDEF") && PREPARE(SINK, 0, "s"));
	CHECK(IS(EXECUTE(), "\x19") && !server.queue.count);
	CHECK(VALUE_IS(VARIABLE, "ABCDEF") && VALUE_IS(FIXED, "fiXEd"));
	CHECK(!strcmp(written, "3=AB 2=fiXEd 3=ABCDEF 5=s "));
	/* consecutive parts are one write; its length is their sum */
	written[0] = '\0';
	CHECK(PREPARE(VARIABLE, 0, "12") && PREPARE(VARIABLE, 2, "") &&
	      PREPARE(VARIABLE, 2, "34") && PREPARE(SINK, 0, "ab") &&
	      PREPARE(SINK, 2, "cd"));
	CHECK(IS(EXECUTE(), "\x19") && VALUE_IS(VARIABLE, "1234"));
	CHECK(!strcmp(written, "3=1234 5=abcd "));
	CHECK(PREPARE(VARIABLE, 4, "5678") && IS(EXECUTE(), "\x19"));
	CHECK(VALUE_IS(VARIABLE, "12345678"));
	CHECK(PREPARE(VARIABLE, 8, "") && IS(EXECUTE(), "\x19"));
	CHECK(PREPARE(VARIABLE, 0, "") && IS(EXECUTE(), "\x19"));
	CHECK(VALUE_IS(VARIABLE, ""));
	CHECK(PREPARE(FIXED, 5, "") && IS(EXECUTE(), "\x19"));
	CHECK(VALUE_IS(FIXED, "fiXEd"));
}

/* Each of these fails, and the write before it is not done either. */
static void all_or_nothing(void)
{
	static const struct {
		uint16_t handle, offset;
		const char *value;
		uint8_t error;
	} bad[] = {
		{ FIXED, 1, "ixed!", 0x0d }, { FIXED, 6, "", 0x07 },
		{ FIXED, 6, "x", 0x07 }, { FIXED, 5, "x", 0x0d },
		{ VARIABLE, 5, "", 0x07 }, { VARIABLE, 4, "efghi", 0x0d },
		{ VARIABLE, 0, "abcdefghi", 0x0d }, { SINK, 1, "x", 0x07 },
		{ LONG, 0xffff, "x", 0x07 }, { EXTERNAL, 513, "x", 0x07 },
		{ EXTERNAL, 512, "x", 0x0d }, { OTHER, 1, "xy", 0x0d },
		{ OTHER, 3, "", 0x07 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fresh();
		CHECK(PREPARE(LONG, 0, "long"));
		CHECK(prepare(bad[i].handle, bad[i].offset, bad[i].value,
			      strlen(bad[i].value)));
		CHECK(EXECUTE() == 5 && rsp[0] == 1 && rsp[1] == 0x18);
		CHECK(get_le16(rsp + 2) == bad[i].handle);
		CHECK(rsp[4] == bad[i].error);
		CHECK(VALUE_IS(LONG, "") && !*written && !asked.times);
		CHECK(!server.queue.count && IS(EXECUTE(), "\x19"));
	}
	/* an offset is checked against what earlier parts write */
	fresh();
	CHECK(PREPARE(VARIABLE, 0, "a") && PREPARE(FIXED, 0, "F") &&
	      PREPARE(VARIABLE, 2, "c"));
	CHECK(IS(EXECUTE(), "\x01\x18\x03\x00\x07"));
	CHECK(VALUE_IS(FIXED, "fixed"));
	/* permission and the link's security are checked again */
	CHECK(PREPARE(LONG, 0, "x") && PREPARE(FIXED, 0, "F"));
	gatt_db_find(&db, FIXED)->write.level = 2;
	CHECK(IS(EXECUTE(), "\x01\x18\x02\x00\x05") && VALUE_IS(LONG, ""));
	/* the owner of a value can refuse only then */
	gatt_db_find(&db, FIXED)->write.level = 1;
	refused = FIXED;
	CHECK(PREPARE(LONG, 0, "x") && PREPARE(FIXED, 0, "F") &&
	      PREPARE(VARIABLE, 0, "V"));
	CHECK(IS(EXECUTE(), "\x01\x18\x02\x00\x80"));
	CHECK(VALUE_IS(LONG, "x") && VALUE_IS(FIXED, "fixed") &&
	      VALUE_IS(VARIABLE, "abcd"));
}

static void bounds(void)
{
	uint8_t value[ATT_VALUE_MAX];
	size_t n = 0;

	fresh();
	while (PREPARE(FIXED, 0, ""))
		n++;
	CHECK(n == GATT_QUEUE_PARTS && rsp[4] == 0x09);
	CHECK(get_le16(rsp + 2) == FIXED);
	CHECK(IS(EXECUTE(), "\x19"));
	/* a value of 512 octets at each MTU */
	for (uint16_t mtu = 23; mtu <= 517; mtu++) {
		server.mtu = mtu;
		memset(value, mtu & 0xff, sizeof(value));
		for (size_t at = 0; at < sizeof(value); at += n) {
			n = sizeof(value) - at;
			if (n > mtu - 5U)
				n = mtu - 5U;
			CHECK(prepare(LONG, (uint16_t)at, value + at, n));
		}
		CHECK(IS(EXECUTE(), "\x19"));
		CHECK(value_is(LONG, (char *)value, sizeof(value)));
	}
	for (n = 0; n < 4; n++)
		CHECK(prepare(LONG, 0, value, 512));
	CHECK(!PREPARE(LONG, 0, "x") && rsp[4] == 0x09);
	CHECK(PREPARE(LONG, 0, ""));
	CHECK(IS(ASK("\x18\x00"), "\x19"));
	CHECK(prepare(LONG, 0, value, 512) && prepare(LONG, 512, "x", 1));
	CHECK(IS(EXECUTE(), "\x01\x18\x04\x00\x0d"));
}

static void external(void)
{
	fresh();
	CHECK(PREPARE(EXTERNAL, 7, "ab") && PREPARE(EXTERNAL, 9, "cd") &&
	      PREPARE(FIXED, 0, "F") && PREPARE(OTHER, 1, "3") &&
	      PREPARE(VARIABLE, 0, "V"));
	CHECK(!EXECUTE() && server.pending);
	CHECK(asked_for(GATT_EXTERNAL_WRITE, EXTERNAL, 7, "abcd"));
	CHECK(VALUE_IS(FIXED, "fixed"));
	CHECK(!GIVE("") && server.pending && VALUE_IS(FIXED, "Fixed"));
	CHECK(asked_for(GATT_EXTERNAL_WRITE, OTHER, 1, "3"));
	CHECK(IS(GIVE(""), "\x19") && VALUE_IS(VARIABLE, "V"));
	CHECK(!server.pending && !server.queue.count);
	/* whatever the error, the rest is not written, now or later */
	for (unsigned int error = 1; error < 256; error++) {
		CHECK(PREPARE(EXTERNAL, 0, "a") && PREPARE(OTHER, 0, "12") &&
		      PREPARE(VARIABLE, 0, "W"));
		CHECK(!EXECUTE() && !GIVE(""));
		CHECK(complete((uint8_t)error, NULL, 0) == 5);
		CHECK(!memcmp(rsp, "\x01\x18\x07\x00", 4) && rsp[4] == error);
		CHECK(VALUE_IS(VARIABLE, "V") && IS(EXECUTE(), "\x19"));
	}
	asked.refuse = 0x11;
	CHECK(PREPARE(VARIABLE, 0, "X") && PREPARE(OTHER, 0, "12"));
	CHECK(IS(EXECUTE(), "\x01\x18\x07\x00\x11") && !server.pending);
	CHECK(!server.queue.count);
}

/* Between the parts, a command or the link may change what was checked. */
static void changing(void)
{
	fresh();
	gatt_db_find(&db, VARIABLE)->access |= GATT_WRITE_COMMAND;
	CHECK(PREPARE(EXTERNAL, 0, "a") && PREPARE(VARIABLE, 4, "e"));
	CHECK(!EXECUTE() && !ASK("\x52\x03\x00""12") && server.pending);
	CHECK(IS(GIVE(""), "\x01\x18\x03\x00\x07"));
	CHECK(VALUE_IS(VARIABLE, "12"));
	CHECK(PREPARE(EXTERNAL, 0, "a") && PREPARE(VARIABLE, 0, "x"));
	server.level = 2;
	gatt_db_find(&db, VARIABLE)->write.level = 2;
	CHECK(!EXECUTE());
	server.level = 1;
	CHECK(IS(GIVE(""), "\x01\x18\x03\x00\x05"));
	CHECK(VALUE_IS(VARIABLE, "12"));
	CHECK(!server.queue.count && !server.pending);
}

int main(void)
{
	preparing();
	executing();
	all_or_nothing();
	bounds();
	external();
	changing();
	gatt_db_free(&db);
	return 0;
}
