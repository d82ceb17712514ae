/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explorer with the real server at several MTUs: every operation, long
 * values, errors, values that arrive later. */
#include "config.h"
#include "explore.h"

static void discovering(void)
{
	RUN({ .kind = GATT_OP_DISCOVER });
	CHECK(explorer.mtu == limit && told_is(
		"s1 16:9292 0-3 00\n"
		"c2 16:9292 3-3 02\n"
		"s4 2:1810 0-4 00\n"
		"p5 2:1800 0-25 00\n"
		"i6 16:9292 1-3 00\n"
		"i7 2:1810 4-4 00\n"
		"c8 2:2a00 9-10 0a\n"
		"d10 2:2901 0-0 00\n"
		"c11 2:2a01 12-12 1a\n"
		"c13 2:2a37 14-16 32\n"
		"d15 2:2902 0-0 00\n"
		"d16 2:2901 0-0 00\n"
		"c17 2:2a37 18-19 12\n"
		"d19 2:2902 0-0 00\n"
		"c20 2:2a03 21-22 88\n"
		"d22 2:2900 0-0 00\n"
		"c23 2:2a04 24-25 80\n"
		"d25 2:2900 0-0 00\n"
		"p26 16:9292 0-26 00\n"
		"p27 2:1800 0-33 00\n"
		"c28 2:2a05 29-29 10\n"
		"c30 2:2a06 31-31 0a\n"
		"c32 2:2a07 33-33 04\n"
		"0@0=0\ndone\n"));
	explore(NULL, 0);
	CHECK(!go_on() && told_is("done\n") && requests == 1);
}

static void reading(void)
{
	const struct gatt_op any = OP(READ, name);

	RUN(OP(READ, name), OP(READ, twin), OP(READ, text), OP(READ, absent),
	    OP(READ, mute), OP(READ, secret),
	    OP(READ, tunnel_uuid_capability), OP(READ, tunnel_uuid_service));
	CHECK(told_is("0@9=0 6:sensor\n"
		      "1@14=0 3:one\n1@18=0 5:other\n"
		      "2@10=0 8:its name\n2@16=0 4:twin\n"
		      "3@0=-1\n4@29=-2\n5@31=5\n6@3=0 5:inner\n7@0=-1\n"
		      "done\n"));
	RUN(OP(READ, outer));
	CHECK(told_is("0@12=0 300:\ndone\n"));
	CHECK(!memcmp(last.value, octets, 300));
	/* all lengths, including those that fill the last PDU */
	for (size_t len = 0; len <= 512; len++) {
		CHECK(gatt_db_set_value(&db, NAME_VALUE, octets, len));
		explore(&any, 1);
		CHECK(!go_on() && explorer.finished && last.len == len);
		CHECK(!memcmp(last.value, octets, len));
	}
	CHECK(gatt_db_set_length(&db, NAME_VALUE, limit - 1U < 512 ?
				 limit - 1U : 512, false));
	gatt_db_find(&db, NAME_VALUE)->not_long = true;
	explore(&any, 1);
	CHECK(!go_on() && last.len == (limit - 1U < 512 ? limit - 1U : 512));
}

static void writing(void)
{
	struct gatt_op any = VALUE(WRITE, name, octets, 0);

	RUN(VALUE(WRITE, name, "thermometer", 11),
	    VALUE(WRITE, text, "same", 4), VALUE(WRITE, twin, "x", 1),
	    VALUE(WRITE, secret, "y", 1), VALUE(WRITE, absent, "y", 1),
	    VALUE(WRITE, name, octets, 513), VALUE(WRITE, outer, octets, 512),
	    OP(READ, name));
	CHECK(told_is("0@9=0\n1@10=13\n1@16=0\n2@14=-2\n2@18=-2\n3@31=5\n"
		      "4@0=-1\n5@9=-3\n6@12=0\n7@9=0 11:thermometer\n"
		      "done\n"));
	for (any.len = 0; any.len <= 512; any.len++) {
		explore(&any, 1);
		CHECK(!go_on() && told_is("0@9=0\ndone\n"));
		CHECK(value_is(NAME_VALUE, (const char *)octets, any.len));
		CHECK(!server.queue.count);
	}
	RUN(VALUE(RELIABLE_WRITE, reliable, octets, 512),
	    VALUE(RELIABLE_WRITE, unreliable, octets, 4),
	    VALUE(RELIABLE_WRITE, name, octets, 4),
	    VALUE(RELIABLE_WRITE, text, octets, 4));
	CHECK(told_is("0@21=0\n1@24=-2\n2@9=-2\n3@0=-1\ndone\n"));
	CHECK(value_is(RELIABLE_VALUE, (const char *)octets, 512));
	RUN(VALUE(RELIABLE_WRITE, reliable, "", 0));
	CHECK(told_is("0@21=0\ndone\n") && VALUE_IS(RELIABLE_VALUE, ""));
	RUN(VALUE(WRITE_COMMAND, commanded, "c", 1),
	    VALUE(WRITE_COMMAND, commanded, octets, limit - 2U),
	    VALUE(WRITE_COMMAND, name, "c", 1));
	CHECK(told_is("0@33=0\n1@33=-3\n2@9=-2\ndone\n"));
	CHECK(VALUE_IS(COMMAND_VALUE, "c"));
}

/* The queue is too short, or queued writes are unknown or refused at last. */
static void writing_in_vain(void)
{
	const struct gatt_op any = VALUE(WRITE, name, octets, 512);
	static const char changed[64] = "\x17\x09\x00\x00\x00x";

	server.queue.count = GATT_QUEUE_PARTS - 1;
	explore(&any, 1);
	CHECK(!go_on() && explorer.finished);
	CHECK(!server.queue.count == (limit < 517));
	server.queue.count = 0;
	CHECK(told_is(limit < 517 ? "0@9=9\ndone\n" : "0@9=0\ndone\n"));
	server.optional = false;
	explore(&any, 1);
	CHECK(!go_on());
	CHECK(told_is(limit < 517 ? "0@9=6\ndone\n" : "0@9=0\ndone\n"));
	server.optional = true;
	CHECK(gatt_db_set_length(&db, NAME_VALUE, 511, true));
	explore(&any, 1);
	CHECK(!go_on() && told_is("0@9=13\ndone\n") && !server.queue.count);
	if (limit > 64)
		return;
	/* the server echoes something else than was sent */
	explore(&any, 1);
	lie.opcode = ATT_PREPARE_WRITE_REQ;
	lie.answer = changed;
	lie.len = 6;
	CHECK(!go_on() && told_is("0@9=-4\ndone\n"));
	lie.len = limit;
	lie.once = true;
	explore(&any, 1);
	CHECK(!go_on() && told_is("0@9=-4\ndone\n"));
	/* a value that fits is not queued */
	lie.opcode = ATT_PREPARE_WRITE_REQ;
	lie.once = false;
	lie.answer = "\x01\x16\x09\x00\x06";
	lie.len = 5;
	RUN(VALUE(WRITE, name, octets, limit - 3U),
	    VALUE(WRITE, name, octets, limit - 2U));
	CHECK(told_is("0@9=0\n1@9=6\ndone\n"));
	lie.opcode = 0;
}

static void subscribing(void)
{
	uint8_t pdu[ATT_MTU_OFFERED];

	RUN(OP(NOTIFY, twin), OP(INDICATE, twin), OP(NOTIFY, mute),
	    OP(NOTIFY, name), OP(INDICATE, absent), OP(NOTIFY, text),
	    OP(NOTIFY, outer));
	CHECK(told_is("0@14=0\n0@18=0\n1@14=0\n1@18=-2\n2@29=-2\n3@9=-2\n"
		      "4@0=-1\n5@0=-1\n6@12=-2\ndone\n"));
	CHECK(gatt_server_configuration(&server, TWIN_CONFIGURATION) == 3);
	CHECK(gatt_server_configuration(&server, OTHER_CONFIGURATION) == 1);
	told_len = 0;
	CHECK(!receive(pdu, gatt_server_notify(&server, TWIN_VALUE, "n", 1,
					       pdu)) && !next(pdu));
	CHECK(!receive(pdu, gatt_server_indicate(&server, TWIN_VALUE, "i", 1,
						 pdu)));
	CHECK(next(pdu) == 1 && pdu[0] == 0x1e && !ask(pdu, 1));
	CHECK(!server.indicated && !next(pdu));
	CHECK(!RECEIVE("\x1b\x0d\x00?") && !RECEIVE("\x1b\x10\x00?"));
	CHECK(!RECEIVE("\x1b\xff\xff") && !RECEIVE("\x23"));
	CHECK(!RECEIVE("\x23\x0e\x00\x01\x00""a\x12\x00\x01\x00""b"));
	CHECK(told_is("notified 14 2a37 n\nindicated 14 2a37 i\n"
		      "notified 13 0000 ?\nnotified 16 0000 ?\n"
		      "notified 65535 0000 \n"
		      "notified 14 2a37 a\nnotified 18 2a37 b\n"));
}

/* Indications at any time are confirmed at once and cost no request. */
static void meanwhile(void)
{
	const struct gatt_op ops[] = { OP(READ, name) };
	uint8_t pdu[ATT_MTU_OFFERED], other[ATT_MTU_OFFERED];
	size_t n;

	explore(ops, 1);
	CHECK(!RECEIVE("\x1d\x09\x00""early"));
	CHECK(next(pdu) == 1 && pdu[0] == 0x1e);
	while ((n = next(pdu))) {
		CHECK(!RECEIVE("\x1d\x0e\x00!") && !RECEIVE("\x02\x17\x00"));
		CHECK(!RECEIVE("\x52\x01\x00") && !RECEIVE("\x1e"));
		CHECK(next(other) == 1 && other[0] == 0x1e);
		CHECK(next(other) == 5 &&
		      !memcmp(other, "\x01\x02\x00\x00\x06", 5));
		CHECK(!next(other) && !respond(pdu, n));
	}
	CHECK(explorer.finished);
	CHECK(strstr(told, "indicated 9 0000 early\nindicated 14 0000 !\n"));
	CHECK(strstr(told, "indicated 14 2a37 !\n0@9=0 6:sensor\ndone\n"));
}

/* The explorer does not ask for what it knows is not there. */
static void asking_no_more(void)
{
	fresh(513);
	lie.opcode = ATT_READ_BLOB_REQ;
	lie.answer = "\x01\x0c\x09\x00\x05";
	lie.len = 5;
	CHECK(gatt_db_set_value(&db, NAME_VALUE, octets, 512));
	RUN(OP(READ, name));
	CHECK(told_is("0@9=0 512:\ndone\n"));
	CHECK(gatt_db_set_value(&db, NAME_VALUE, octets, 511));
	RUN(OP(READ, name));
	CHECK(told_is("0@9=0 511:\ndone\n"));
	fresh(600);
	RUN(OP(READ, name));
	CHECK(explorer.mtu == 517);
}

int main(void)
{
	static const uint16_t mtus[] = { 23, 64, 517 };

	for (size_t i = 0; i < COUNT(mtus); i++) {
		fresh(mtus[i]);
		discovering();
		writing();
		fresh(mtus[i]);
		reading();
		fresh(mtus[i]);
		writing_in_vain();
		fresh(mtus[i]);
		subscribing();
		fresh(mtus[i]);
		meanwhile();
	}
	asking_no_more();
	gatt_explorer_free(&explorer);
	gatt_db_free(&db);
	return 0;
}
