/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that come later: what is asked, in which order, and how the answer is
 * used; multiple reads of all kinds of values. */
#include "config.h"
#include "ask.h"

enum { SERVICE = 1, LOCAL, FIRST, SECOND, THIRD };

static uint8_t long_value[ATT_VALUE_MAX + 1];

static void fresh(uint16_t mtu)
{
	const struct gatt_uuid one = gatt_uuid16(0x2a01);
	const struct gatt_uuid other = gatt_uuid16(0x2a02);
	const uint8_t access = GATT_READ | GATT_WRITE | GATT_WRITE_COMMAND;

	for (size_t i = 0; i < sizeof(long_value); i++)
		long_value[i] = (uint8_t)(i * 7 + i / 256);
	gatt_db_free(&db);
	CHECK(gatt_db_service(&db, &one) == SERVICE);
	CHECK(gatt_db_descriptor(&db, &one, access, "local", 5) == LOCAL);
	CHECK(gatt_db_descriptor(&db, &other, access, NULL, 0) == FIRST);
	CHECK(gatt_db_descriptor(&db, &one, access, "12", 2) == SECOND);
	CHECK(gatt_db_descriptor(&db, &one, access, NULL, 0) == THIRD);
	CHECK(gatt_db_set_length(&db, THIRD, 4, true));
	for (uint16_t handle = FIRST; handle <= THIRD; handle++)
		gatt_db_find(&db, handle)->external = true;
	serve(mtu);
}

static bool waits(size_t n)
{
	return !n && server.pending && !server.fault;
}

static void reading(void)
{
	fresh(23);
	CHECK(!GIVE("unasked"));
	CHECK(waits(ASK("\x0a\x03\x00")));
	CHECK(asked_for(GATT_EXTERNAL_READ, FIRST, 0, ""));
	CHECK(IS(GIVE("value"), "\x0bvalue") && !server.pending);
	CHECK(!GIVE("again"));
	CHECK(waits(ASK("\x0a\x03\x00")) && IS(GIVE(""), "\x0b"));
	CHECK(waits(ASK("\x0a\x03\x00")));
	CHECK(IS(complete(0x80, NULL, 0), "\x01\x0a\x03\x00\x80"));
	CHECK(waits(ASK("\x0a\x03\x00")));
	CHECK(complete(0, long_value, 512) == 23);
	CHECK(waits(ASK("\x0a\x03\x00")));
	CHECK(IS(complete(0, long_value, 513), "\x01\x0a\x03\x00\x0e"));
	/* refused at once, or nobody to ask */
	asked.refuse = 0x11;
	CHECK(IS(ASK("\x0a\x03\x00"), "\x01\x0a\x03\x00\x11"));
	server.external = NULL;
	CHECK(IS(ASK("\x0a\x03\x00"), "\x01\x0a\x03\x00\x0e"));
	CHECK(IS(ASK("\x12\x03\x00x"), "\x01\x12\x03\x00\x0e"));
	CHECK(!server.pending);
	/* permission comes first */
	server.external = on_external;
	gatt_db_find(&db, FIRST)->read.level = 2;
	CHECK(IS(ASK("\x0a\x03\x00"), "\x01\x0a\x03\x00\x05"));
}

/* A long value is read as it was when its beginning was read. */
static void blobs(void)
{
	uint8_t got[ATT_VALUE_MAX], blob[] = { 0x0c, FIRST, 0, 0, 0 };
	size_t len = 0, n;

	fresh(100);
	CHECK(waits(ASK("\x0a\x03\x00")));
	n = complete(0, long_value, 512);
	while (n > 1) {
		memcpy(got + len, rsp + 1, n - 1);
		len += n - 1;
		put_le16(blob + 3, (uint16_t)len);
		n = ask(blob, 5);
	}
	CHECK(len == 512 && !memcmp(got, long_value, 512) && n == 1);
	CHECK(asked.times == 1);
	put_le16(blob + 3, 513);
	CHECK(IS(ask(blob, 5), "\x01\x0c\x03\x00\x07"));
	/* reading from the start asks again */
	CHECK(waits(ASK("\x0c\x03\x00\x00\x00")) && IS(GIVE("ab"), "\x0d""ab"));
	CHECK(IS(ASK("\x0c\x03\x00\x01\x00"), "\x0d""b"));
	CHECK(IS(ASK("\x0c\x03\x00\x03\x00"), "\x01\x0c\x03\x00\x07"));
	/* another value, or one written since, is not known */
	CHECK(waits(ASK("\x0c\x05\x00\x01\x00")) && IS(GIVE("cd"), "\x0d""d"));
	CHECK(waits(ASK("\x0c\x03\x00\x03\x00")));
	CHECK(IS(GIVE("ab"), "\x01\x0c\x03\x00\x07"));
	CHECK(!ASK("\x52\x03\x00x") && waits(ASK("\x0c\x03\x00\x01\x00")));
	CHECK(IS(GIVE("xy"), "\x0dy"));
	/* permission is checked every time */
	gatt_db_find(&db, FIRST)->read.level = 2;
	CHECK(IS(ASK("\x0c\x03\x00\x01\x00"), "\x01\x0c\x03\x00\x05"));
}

static void by_type(void)
{
	fresh(23);
	/* up to the first that is external; then that one alone */
	CHECK(IS(ASK("\x08\x01\x00\xff\xff\x01\x2a"), "\x09\x07\x02\x00local"));
	CHECK(waits(ASK("\x08\x03\x00\xff\xff\x01\x2a")));
	CHECK(asked_for(GATT_EXTERNAL_READ, SECOND, 0, ""));
	CHECK(IS(GIVE("12"), "\x09\x04\x04\x00""12"));
	CHECK(waits(ASK("\x08\x05\x00\xff\xff\x01\x2a")));
	CHECK(complete(0, long_value, 512) == 23 && rsp[1] == 21);
	/* the rest can be read */
	CHECK(ASK("\x0c\x05\x00\x13\x00") == 23 &&
	      !memcmp(rsp + 1, long_value + 19, 22));
	server.mtu = 517;
	CHECK(waits(ASK("\x08\x05\x00\xff\xff\x01\x2a")));
	CHECK(complete(0, long_value, 512) == 257 && rsp[1] == 255);
	CHECK(waits(ASK("\x08\x05\x00\xff\xff\x01\x2a")));
	CHECK(IS(complete(0x81, NULL, 0), "\x01\x08\x05\x00\x81"));
	/* nothing can be said of its value */
	CHECK(IS(ASK("\x06\x03\x00\xff\xff\x01\x2a""12"),
		 "\x01\x06\x03\x00\x0a"));
}

static void multiple(void)
{
	fresh(23);
	CHECK(IS(ASK("\x0e\x02\x00\x01\x00"), "\x0flocal\x01\x2a"));
	CHECK(IS(ASK("\x20\x02\x00\x01\x00"),
		 "\x21\x05\x00local\x02\x00\x01\x2a"));
	CHECK(IS(ASK("\x0e\x02\x00"), "\x01\x0e\x00\x00\x04"));
	CHECK(IS(ASK("\x20\x02\x00\x01\x00\x02"), "\x01\x20\x00\x00\x04"));
	CHECK(IS(ASK("\x0e\x02\x00\x09\x00"), "\x01\x0e\x09\x00\x01"));
	CHECK(waits(ASK("\x0e\x03\x00\x02\x00\x04\x00\x05\x00")));
	CHECK(asked_for(GATT_EXTERNAL_READ, FIRST, 0, ""));
	CHECK(waits(GIVE("a")));
	CHECK(asked_for(GATT_EXTERNAL_READ, SECOND, 0, ""));
	CHECK(waits(GIVE("12")));
	CHECK(asked_for(GATT_EXTERNAL_READ, THIRD, 0, ""));
	CHECK(IS(GIVE(""), "\x0f""alocal12"));
	CHECK(waits(ASK("\x20\x03\x00\x02\x00\x05\x00")) && waits(GIVE("")));
	CHECK(IS(GIVE("z"), "\x21\x00\x00\x05\x00local\x01\x00z"));
	CHECK(waits(ASK("\x20\x03\x00\x05\x00")) && waits(GIVE("a")));
	CHECK(IS(complete(0x80, NULL, 0), "\x01\x20\x05\x00\x80"));
	/* Values that do not fit are not asked for, but must be readable. */
	asked.times = 0;
	CHECK(waits(ASK("\x0e\x03\x00\x03\x00\x02\x00")));
	CHECK(complete(0, long_value, 22) == 23 && asked.times == 1);
	CHECK(waits(ASK("\x20\x03\x00\x03\x00\x02\x00")));
	CHECK(complete(0, long_value, 19) == 22 && asked.times == 2);
	CHECK(waits(ASK("\x20\x03\x00\x03\x00\x02\x00")));
	CHECK(waits(complete(0, long_value, 18)) && asked.times == 4);
	CHECK(GIVE("abc") == 23 && !memcmp(rsp + 21, "\x03\x00", 2));
	CHECK(waits(ASK("\x20\x03\x00\x02\x00")));
	CHECK(complete(0, long_value, 512) == 23 &&
	      !memcmp(rsp, "\x21\x00\x02\x00\x07", 5));
	gatt_db_find(&db, LOCAL)->access = 0;
	CHECK(waits(ASK("\x0e\x03\x00\x02\x00")));
	CHECK(IS(complete(0, long_value, 22), "\x01\x0e\x02\x00\x02"));
	/* as many handles as a request can have */
	server.mtu = 517;
	memset(rsp, 0, sizeof(rsp));
	{
		uint8_t request[517] = { 0x0e };

		for (size_t i = 1; i < sizeof(request); i += 2)
			put_le16(request + i, SERVICE);
		CHECK(ask(request, 517) == 517 && ask(request, 515) == 515);
		server.mtu = 516;
		CHECK(IS(ask(request, 517), "\x01\x0e\x00\x00\x04"));
	}
}

static void writing(void)
{
	fresh(23);
	CHECK(waits(ASK("\x12\x03\x00new")));
	CHECK(asked_for(GATT_EXTERNAL_WRITE, FIRST, 0, "new"));
	CHECK(IS(GIVE(""), "\x13") && !server.pending);
	CHECK(waits(ASK("\x12\x03\x00")) && IS(GIVE("ignored"), "\x13"));
	CHECK(waits(ASK("\x12\x03\x00x")));
	CHECK(IS(complete(0x13, NULL, 0), "\x01\x12\x03\x00\x13"));
	CHECK(waits(ASK("\x12\x04\x00xy")) && IS(GIVE(""), "\x13"));
	CHECK(IS(ASK("\x12\x04\x00x"), "\x01\x12\x04\x00\x0d"));
	CHECK(waits(ASK("\x12\x05\x00")) && IS(GIVE(""), "\x13"));
	CHECK(waits(ASK("\x12\x05\x00""1234")) && IS(GIVE(""), "\x13"));
	CHECK(IS(ASK("\x12\x05\x00""12345"), "\x01\x12\x05\x00\x0d"));
	asked.refuse = 0x80;
	CHECK(IS(ASK("\x12\x03\x00x"), "\x01\x12\x03\x00\x80"));
}

static void meanwhile(void)
{
	fresh(23);
	gatt_server_indicate(&server, FIRST, "i", 1, rsp);
	CHECK(waits(ASK("\x0a\x03\x00")));
	/* commands and confirmations are not part of the sequence */
	CHECK(waits(ASK("\x52\x02\x00other")) && VALUE_IS(LOCAL, "other"));
	CHECK(waits(ASK("\x52\x04\x00""34")));
	CHECK(asked_for(GATT_EXTERNAL_COMMAND, SECOND, 0, "34"));
	CHECK(waits(ASK("\x7f")) && waits(ASK("\x0b")) && waits(ASK("")));
	CHECK(server.indicated && waits(ASK("\x1e")) && !server.indicated);
	CHECK(IS(GIVE("value"), "\x0bvalue"));
	/* a request is */
	CHECK(waits(ASK("\x12\x03\x00x")));
	CHECK(!ASK("\x02\x64\x00") && server.fault && server.mtu == 23);
	CHECK(server.pending && IS(GIVE(""), "\x13"));
	/* a command never becomes pending */
	fresh(23);
	CHECK(!ASK("\x52\x03\x00x") && !server.pending && asked.times == 1);
	CHECK(!GIVE("") && IS(ASK("\x0a\x02\x00"), "\x0blocal"));
}

int main(void)
{
	reading();
	blobs();
	by_type();
	multiple();
	writing();
	meanwhile();
	gatt_db_free(&db);
	return 0;
}
