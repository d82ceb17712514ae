/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway to a real server: discovery, the MTU, turns, deadlines, what
 * centrals can see, and the gateway's own service. */
/* takes: 12 s with valgrind */
#include "config.h"
#include "gate.h"

#define OWN_FOUND                                                             \
	"p65520 16:9292 0-65523 00\n"                                         \
	"c65521 16:9292 65522-65523 02\n"                                     \
	"d65523 2:2901 0-0 00\n"

static void own_found(char *expected, size_t room, const char *direct)
{
	const char *end = strstr(direct, "0@0=0");

	CHECK(end);
	snprintf(expected, room, "%.*s%s%s", (int)(end - direct), direct,
		 OWN_FOUND, end);
}

/* Through the gateway a central finds the server's services and the gateway's
 * own. */
static void discovering(uint16_t mtu)
{
	static char direct[8192], expected[8192];
	const uint16_t mine = limit;

	RUN({ .kind = GATT_OP_DISCOVER });
	memcpy(direct, told, sizeof(direct));
	/* The last service ends where the gateway's begins, at the latest. */
	own_found(expected, sizeof(expected), direct);
	gateway_to(mine, NULL, 0, false);
	for (uint32_t i = 0; i < CENTRALS; i++) {
		RUN_AS(i, { .kind = GATT_OP_DISCOVER });
		CHECK(explorer.mtu == mine);
		CHECK(told_is(expected));
	}
	/* and with an MTU of its own */
	offered = mtu;
	RUN_AS(0, { .kind = GATT_OP_DISCOVER });
	offered = ATT_MTU_OFFERED;
	CHECK(explorer.mtu == (mtu < mine ? mtu : mine));
	CHECK(told_is(expected));
	all_is_well();
}

/* Values of every length, with various pairs of MTUs. */
static void reading(uint16_t mine, uint16_t mtu)
{
	const struct gatt_op any = OP(READ, name);

	gateway_to(mine, NULL, 0, false);
	offered = mtu;
	for (size_t len = 0; len <= 512; len += len < 70 ? 1 : 17) {
		CHECK(gatt_db_set_value(&db, NAME_VALUE, octets, len));
		for (int fixed = 0; fixed < 2; fixed++) {
			gatt_db_find(&db, NAME_VALUE)->not_long = fixed;
			gatt_db_find(&db, NAME_VALUE)->variable = !fixed;
			gatt_db_find(&db, NAME_VALUE)->max =
				(uint16_t)(fixed ? len ? len : 1 : 512);
			explore(&any, 1);
			CHECK(!explore_as(0) && last.len == len);
			CHECK(!memcmp(last.value, octets, len));
		}
		gatt_db_find(&db, NAME_VALUE)->max = 512;
		gatt_db_find(&db, NAME_VALUE)->not_long = false;
		gatt_db_find(&db, NAME_VALUE)->variable = true;
	}
	offered = ATT_MTU_OFFERED;
	all_is_well();
}

static void operating(void)
{
	gateway_to(100, NULL, 0, false);
	RUN_AS(1, VALUE(WRITE, name, "thermometer", 11),
	       VALUE(WRITE, outer, octets, 512),
	       VALUE(WRITE_COMMAND, commanded, "c", 1),
	       VALUE(RELIABLE_WRITE, reliable, octets, 300),
	       OP(READ, name), OP(READ, secret), OP(READ, twin));
	CHECK(told_is("0@9=0\n1@12=0\n2@33=0\n3@21=0\n4@9=0 11:thermometer\n"
		      "5@31=5\n6@14=0 3:one\n6@18=0 5:other\ndone\n"));
	CHECK(VALUE_IS(COMMAND_VALUE, "c"));
	CHECK(value_is(RELIABLE_VALUE, (const char *)octets, 300));
	all_is_well();
}

/* A central that connects before the link is ready waits for it. */
static void waiting(void)
{
	fresh(64);
	build(NULL, 0, false);
	GIVE_TO(0, "\x02\x40\x00");
	GIVE_TO(1, "\x0a\x09\x00");
	GIVE_TO(1, "\x52\x21\x00k");
	GIVE_TO(2, "\x0a\x02\xff");
	CHECK(GOT_NOTHING(0) && GOT_NOTHING(1) && GOT_NOTHING(2));
	CHECK(NOTHING_SENT && !centrals[1].taken);
	now += 19999;
	link_up();
	CHECK(GOT(0, "\x03\x40\x00") && GOT(1, "\x0b""sensor"));
	CHECK(GOT(2, "\x01\x0a\x02\xff\x01"));
	CHECK(VALUE_IS(COMMAND_VALUE, "k"));
	all_is_well();
	/* the MTU of the last link, and the gateway's own, are known */
	link_down();
	CHECK(ANSWERS(0, "\x02\x00\x02", "\x03\x40\x00"));
	CHECK(ANSWERS(0, "\x0a\xf2\xff", "\x0b"));
	/* and nothing else */
	CHECK(gateway_tick(gate, now) == GATEWAY_NEVER);
	GIVE_TO(1, "\x0a\x09\x00");
	now += 5000;
	GIVE_TO(1, "\x52\x21\x00l");
	CHECK(gateway_tick(gate, now) == now + 15000);
	later(14999);
	CHECK(GOT_NOTHING(1));
	later(1);
	CHECK(GOT(1, "\x01\x0a\x09\x00\x0e") && centrals[1].taken == 3);
	later(5000);
	CHECK(centrals[1].taken == 4);
	link_up();
	CHECK(VALUE_IS(COMMAND_VALUE, "k"));
	all_is_well();
	/* never any link */
	build(NULL, 0, false);
	GIVE_TO(0, "\x02\x40\x00");
	GIVE_TO(1, "\x0a\xf2\xff");
	later(20000);
	CHECK(GOT(0, "\x01\x02\x00\x00\x0e"));
	CHECK(GOT(1, "\x01\x0a\xf2\xff\x0e"));
}

/* One request at a time, the centrals in turn, with commands in between. */
static void taking_turns(void)
{
	gateway_to(64, NULL, 0, false);
	by_hand = true;
	GIVE_TO(0, "\x0a\x09\x00");
	CHECK(SENT("\x0a\x09\x00") && NOTHING_SENT);
	GIVE_TO(1, "\x0a\x0e\x00");
	GIVE_TO(2, "\x0a\x12\x00");
	GIVE_TO(0, "\x52\x21\x00""0");
	GIVE_TO(1, "\x52\x21\x00""1");
	GIVE_TO(2, "\xd2\x21\x00""123456789012");
	/* those of 1 and 2 are after requests */
	CHECK(SENT("\x52\x21\x00""0") && NOTHING_SENT);
	CHECK(centrals[0].taken == 1 && !centrals[1].taken);
	SAY("\x0b""A");
	CHECK(GOT(0, "\x0b""A") && centrals[0].taken == 2);
	CHECK(SENT("\x0a\x0e\x00") && SENT("\x52\x21\x00""1") && NOTHING_SENT);
	GIVE_TO(0, "\x0a\x09\x00");
	SAY("\x0b""B");
	CHECK(GOT(1, "\x0b""B"));
	GIVE_TO(1, "\x0a\x0e\x00");
	CHECK(SENT("\x0a\x12\x00") && SENT("\xd2\x21\x00""123456789012"));
	CHECK(NOTHING_SENT);
	SAY("\x01\x0a\x12\x00\x05");
	CHECK(GOT(2, "\x01\x0a\x12\x00\x05"));
	GIVE_TO(2, "\x0a\x12\x00");
	CHECK(SENT("\x0a\x09\x00") && NOTHING_SENT);
	/* the answer for a central that has left is dropped */
	leave(0);
	CHECK(NOTHING_SENT);
	SAY("\x0b""C");
	CHECK(GOT_NOTHING(0) && SENT("\x0a\x0e\x00") && NOTHING_SENT);
	leave(2);
	SAY("\x0b""D");
	CHECK(GOT(1, "\x0b""D"));
	all_is_well();
}

/* Nothing is lost or sent twice when the link is busy. */
static void being_busy(void)
{
	gateway_to(64, NULL, 0, false);
	by_hand = stuck = true;
	GIVE_TO(0, "\x0a\x09\x00");
	GIVE_TO(1, "\x52\x21\x00""1");
	GIVE_TO(1, "\x52\x21\x00""2");
	SAY("\x1d\x0e\x00x");
	SAY("\x0a\x01\x00");
	SAY("\x90\x01\x00");
	CHECK(NOTHING_SENT && !centrals[1].taken);
	gateway_writable(gate, now);
	CHECK(NOTHING_SENT);
	stuck = false;
	gateway_writable(gate, now);
	CHECK(SENT("\x1e") && SENT("\x01\x0a\x01\x00\x01"));
	CHECK(SENT("\x01\x90\x00\x00\x06"));
	CHECK(SENT("\x0a\x09\x00"));
	CHECK(SENT("\x52\x21\x00""1") && SENT("\x52\x21\x00""2"));
	CHECK(NOTHING_SENT && centrals[1].taken == 2);
	SAY("\x0b");
	CHECK(GOT(0, "\x0b"));
	all_is_well();
	/* not for ever */
	stuck = true;
	GIVE_TO(0, "\x0a\x09\x00");
	later(20000);
	CHECK(GOT(0, "\x01\x0a\x09\x00\x0e"));
	for (unsigned int i = 0; i < 4; i++)
		SAY("\x0a\x01\x00");
	CHECK(!faulted);
	SAY("\x0a\x01\x00");
	CHECK(faulted);
	/* a confirmation that was not sent does not count */
	stuck = false;
	link_up();
	stuck = true;
	SAY("\x1d\x0e\x00x");
	CHECK(!faulted);
	SAY("\x1d\x0e\x00x");
	CHECK(faulted);
	/* discovery, too */
	stuck = by_hand = false;
	fresh(64);
	build(NULL, 0, false);
	stuck = true;
	link_up();
	CHECK(NOTHING_SENT && !readies);
	stuck = false;
	gateway_writable(gate, now);
	run();
	CHECK(readies == 1);
	/* no answer may come before its request is sent */
	stuck = true;
	gateway_up(gate, now);
	SAY("\x03\x40\x00");
	CHECK(faulted && NOTHING_SENT);
}

static void falling(void)
{
	gateway_to(64, NULL, 0, false);
	by_hand = true;
	GIVE_TO(0, "\x12\x09\x00x");
	GIVE_TO(1, "\x0a\x09\x00");
	CHECK(SENT("\x12\x09\x00x"));
	link_down();
	/* nobody knows whether it was done, so it is not repeated */
	CHECK(GOT(0, "\x01\x12\x09\x00\x0e") && GOT_NOTHING(1));
	link_up();
	CHECK(SENT("\x0a\x09\x00") && NOTHING_SENT);
	SAY("\x0b""1");
	CHECK(GOT(1, "\x0b""1"));
	all_is_well();
	/* a peripheral that stays silent is given up */
	GIVE_TO(0, "\x0a\x09\x00");
	later(1);
	GIVE_TO(1, "\x0a\x09\x00");
	CHECK(SENT("\x0a\x09\x00") && NOTHING_SENT);
	later(19998);
	CHECK(GOT_NOTHING(1));
	later(2);
	CHECK(GOT(1, "\x01\x0a\x09\x00\x0e") && GOT_NOTHING(0));
	CHECK(gateway_tick(gate, now) == now + 9999);
	later(9998);
	CHECK(!faulted);
	later(1);
	CHECK(faulted && strstr(faulted, "30 s"));
	CHECK(GOT(0, "\x01\x0a\x09\x00\x0e"));
	SAY("\x0b""2");
	gateway_writable(gate, now);
	CHECK(GOT_NOTHING(0) && NOTHING_SENT);
	/* also during discovery */
	link_down();
	faulted = NULL;
	gateway_up(gate, now);
	CHECK(SENT("\x02\x05\x02"));
	CHECK(gateway_tick(gate, now) == now + 30000);
	later(30000);
	CHECK(faulted);
	/* gateway_up without gateway_down starts anew */
	link_up();
	gateway_up(gate, now);
	CHECK(SENT("\x02\x05\x02") && NOTHING_SENT);
}

static void coming_back_changed(void)
{
	gateway_to(64, NULL, 0, false);
	link_down();
	link_up();
	CHECK(readies == 2);
	all_is_well();
	link_down();
	CHECK(add(&absent, 0x02, "x", 1));
	GIVE_TO(1, "\x0a\x09\x00");
	link_up();
	CHECK(readies == 3);
	for (uint32_t i = 0; i < CENTRALS; i++) {
		CHECK(centrals[i].dropped && GOT_NOTHING(i));
		CHECK(strstr(centrals[i].dropped, "changed"));
	}
	CHECK(centrals[1].taken == 1);
	GIVE_TO(1, "\x0a\x09\x00");
	CHECK(GOT_NOTHING(1) && centrals[1].taken == 2);
	come(1);
	CHECK(ANSWERS(1, "\x0a\x09\x00", "\x0b""sensor"));
	/* the same number of attributes, but one differs */
	link_down();
	gatt_db_find(&db, LAST)->value[0] ^= 1;
	link_up();
	CHECK(centrals[1].dropped && readies == 4);
}

static void asking_badly(void)
{
	static uint8_t long_write[65] = "\x12\x09\x00";
	static uint8_t long_read[64] = "\x0e";

	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x02\x17", "\x01\x02\x00\x00\x04"));
	CHECK(ANSWERS(0, "\x04\x01\x00\xff", "\x01\x04\x01\x00\x04"));
	CHECK(ANSWERS(0, "\x08\x01\x00\xff\xff\x00\x28\x00",
		      "\x01\x08\x01\x00\x04"));
	CHECK(ANSWERS(0, "\x0a\x01", "\x01\x0a\x00\x00\x04"));
	CHECK(ANSWERS(0, "\x0e\x01\x00", "\x01\x0e\x01\x00\x04"));
	CHECK(ANSWERS(0, "\x0e\x01\x00\x02\x00\x03", "\x01\x0e\x01\x00\x04"));
	CHECK(ANSWERS(0, "\x18\x02", "\x01\x18\x00\x00\x04"));
	CHECK(ANSWERS(0, "\x18", "\x01\x18\x00\x00\x04"));
	CHECK(ANSWERS(0, "\x14", "\x01\x14\x00\x00\x06"));
	CHECK(ANSWERS(0, "\x3e\x09\x00", "\x01\x3e\x09\x00\x06"));
	CHECK(ANSWERS(0, "\x04\x00\x00\xff\xff", "\x01\x04\x00\x00\x01"));
	CHECK(ANSWERS(0, "\x10\x02\x00\x01\x00\x00\x28",
		      "\x01\x10\x02\x00\x01"));
	/* longer than the central's MTU, or the link's */
	CHECK(ANSWERS(0, "\x12\x09\x00""123456789012345678901",
		      "\x01\x12\x09\x00\x0d"));
	CHECK(ANSWERS(0, "\x16\x09\x00\x00\x00""1234567890123456789",
		      "\x01\x16\x09\x00\x0d"));
	CHECK(ANSWERS(0, "\x06\x01\x00\xff\xff\x00\x2a""12345678901234567",
		      "\x01\x06\x01\x00\x04"));
	GIVE_TO(0, "\x52\x21\x00""123456789012345678901");
	CHECK(VALUE_IS(COMMAND_VALUE, "x"));
	CHECK(ANSWERS(0, "\x02\xff\xff", "\x03\x40\x00"));
	link_down();
	limit = 40;
	link_up();
	CHECK(ready_mtu == 40);
	/* 39 octets would be taken for the whole value */
	CHECK(!strcmp(centrals[0].dropped,
		      "the peripheral has come back with a smaller MTU"));
	CHECK(!centrals[1].dropped);
	come(0);
	CHECK(ANSWERS(0, "\x02\xff\xff", "\x03\x28\x00"));
	give(0, long_write, 41);
	CHECK(GOT(0, "\x01\x12\x09\x00\x0d"));
	give(0, long_read, 41);
	CHECK(GOT(0, "\x01\x0e\x00\x00\x04"));
	give(0, long_write, 65);
	CHECK(GOT(0, "\x01\x12\x09\x00\x0d"));
	give(0, long_write, 40);
	CHECK(GOT(0, "\x13"));
	/* unknown commands, and PDUs that are not commands */
	GIVE_TO(0, "\x54\x21\x00x");
	GIVE_TO(0, "\x52\x21");
	GIVE_TO(0, "\xd2\x21\x00""12345678901");
	GIVE_TO(0, "\x1e");
	all_is_well();
}

static void being_dropped(void)
{
	static const uint8_t zero[ATT_MTU_OFFERED + 1] = { 0x12 };
	static const char *const pdus[] = { "\x01", "\x0b", "\x1b", "\x1d",
					    "\x23", "\x21" };

	gateway_to(64, NULL, 0, false);
	by_hand = true;
	GIVE_TO(0, "");
	CHECK(centrals[0].dropped && centrals[0].taken == 1);
	come(0);
	give(0, zero, sizeof(zero));
	CHECK(centrals[0].dropped && centrals[0].taken == 1);
	for (size_t i = 0; i < COUNT(pdus); i++) {
		come(0);
		give(0, pdus[i], 1);
		CHECK(centrals[0].dropped);
	}
	come(0);
	GIVE_TO(0, "\x0a\x09\x00");
	GIVE_TO(0, "\x0a\x09\x00");
	CHECK(!strcmp(centrals[0].dropped,
		      "it sends a request before the last one is answered"));
	CHECK(centrals[0].taken == 2);
	CHECK(SENT("\x0a\x09\x00") && NOTHING_SENT);
	SAY("\x0b");
	stuck = true;
	for (size_t i = 0; i < GATEWAY_HELD; i++)
		GIVE_TO(1, "\x52\x21\x00x");
	CHECK(!centrals[1].dropped && !centrals[1].taken);
	GIVE_TO(1, "\x52\x21\x00x");
	CHECK(centrals[1].dropped && centrals[1].taken == GATEWAY_HELD + 1);
	CHECK(!centrals[2].dropped && !faulted);
	/* centrals that do not exist are ignored */
	gateway_remove(gate, 77, now);
	gateway_central(gate, 77, zero, 3, now);
	gateway_remove(gate, 0, now);
	gateway_remove(gate, 0, now);
}

/* Expose a service, or a characteristic and the service it is in. */
static void seeing(void)
{
	static const struct gatt_uuid some[] = { { 2, { 0x37, 0x2a } },
						 { 2, { 0x10, 0x18 } } };
	const struct gatt_uuid other = gatt_uuid16(0x1812);

	gateway_to(64, some, 2, false);
	RUN_AS(0, { .kind = GATT_OP_DISCOVER });
	CHECK(told_is("s4 2:1810 0-4 00\n"
		      "p5 2:1800 0-25 00\n"
		      "c13 2:2a37 14-16 32\n"
		      "d15 2:2902 0-0 00\n"
		      "d16 2:2901 0-0 00\n"
		      "c17 2:2a37 18-25 12\n"
		      "d19 2:2902 0-0 00\n"
		      OWN_FOUND "0@0=0\ndone\n"));
	/* one request that makes several to the peripheral */
	by_hand = true;
	come(0);
	GIVE_TO(0, "\x04\x01\x00\x0f\x00");
	CHECK(SENT("\x04\x01\x00\x0f\x00"));
	SAY("\x05\x01\x01\x00\x01\x28\x02\x00\x03\x28");
	CHECK(GOT_NOTHING(0) && SENT("\x04\x03\x00\x0f\x00"));
	SAY("\x05\x02\x03\x00""1234567890123456");
	CHECK(GOT_NOTHING(0) && SENT("\x04\x04\x00\x0f\x00"));
	SAY("\x05\x01\x04\x00\x01\x28\x05\x00\x00\x28\x06\x00\x02\x28"
	    "\x0d\x00\x03\x28");
	CHECK(GOT(0, "\x05\x01\x04\x00\x01\x28\x05\x00\x00\x28"
		     "\x0d\x00\x03\x28"));
	/* errors for hidden attributes are skipped, others are not */
	GIVE_TO(0, "\x08\x07\x00\xff\xff\x00\x2a");
	CHECK(SENT("\x08\x07\x00\xef\xff\x00\x2a"));
	SAY("\x01\x08\x09\x00\x05");
	CHECK(GOT_NOTHING(0) && SENT("\x08\x0a\x00\xef\xff\x00\x2a"));
	SAY("\x01\x08\x0a\x00\x02");
	CHECK(GOT_NOTHING(0) && SENT("\x08\x0b\x00\xef\xff\x00\x2a"));
	SAY("\x01\x08\x0e\x00\x02");
	CHECK(GOT(0, "\x01\x08\x0e\x00\x02"));
	GIVE_TO(0, "\x10\x01\x00\xff\xff\x03\x28");
	CHECK(SENT("\x10\x01\x00\xef\xff\x03\x28"));
	SAY("\x01\x10\x01\x00\x10");
	CHECK(GOT(0, "\x01\x10\x01\x00\x10"));
	/* until nothing is left */
	GIVE_TO(0, "\x10\x01\x00\xff\xff\x00\x28");
	CHECK(SENT("\x10\x01\x00\xef\xff\x00\x28"));
	SAY("\x11\x06\x1a\x00\x1a\x00\x00\x18");
	CHECK(SENT("\x10\x1b\x00\xef\xff\x00\x28"));
	SAY("\x01\x10\x1b\x00\x0a");
	CHECK(take(&centrals[0].got)->pdu[0] == 0x11 && GOT_NOTHING(0));
	GIVE_TO(0, "\x10\x01\x00\x1c\x00\x00\x28");
	CHECK(SENT("\x10\x01\x00\x1c\x00\x00\x28"));
	SAY("\x11\x06\x1a\x00\xff\xff\x00\x18");
	CHECK(GOT(0, "\x01\x10\x01\x00\x0a") && NOTHING_SENT);
	by_hand = false;
	/* accesses; a hidden error tells nothing */
	CHECK(ANSWERS(0, "\x0a\x0e\x00", "\x0b""one"));
	CHECK(ANSWERS(0, "\x0a\x09\x00", "\x01\x0a\x09\x00\x01"));
	CHECK(ANSWERS(0, "\x0a\xcc\x00", "\x01\x0a\xcc\x00\x01"));
	CHECK(ANSWERS(0, "\x0c\x09\x00\x00\x00", "\x01\x0c\x09\x00\x01"));
	CHECK(ANSWERS(0, "\x12\x09\x00x", "\x01\x12\x09\x00\x01"));
	CHECK(ANSWERS(0, "\x16\x09\x00\x00\x00x", "\x01\x16\x09\x00\x01"));
	CHECK(ANSWERS(0, "\x0e\x0e\x00\x09\x00", "\x01\x0e\x09\x00\x01"));
	CHECK(ANSWERS(0, "\x20\x0e\x00\x12\x00",
		      "\x21\x03\x00one\x05\x00other"));
	CHECK(ANSWERS(0, "\x06\x01\x00\xff\xff\x00\x28\x00\x18",
		      "\x07\x05\x00\x19\x00"));
	CHECK(ANSWERS(0, "\x06\x06\x00\xff\xff\x00\x28\x00\x18",
		      "\x01\x06\x06\x00\x0a"));
	GIVE_TO(0, "\x52\x21\x00y");
	CHECK(VALUE_IS(COMMAND_VALUE, "x"));
	SAY("\x1b\x09\x00n");
	all_is_well();
	/* nothing at all */
	gateway_to(64, &other, 1, false);
	CHECK(ANSWERS(0, "\x10\x01\x00\xff\xff\x01\x28",
		      "\x01\x10\x01\x00\x0a"));
	RUN_AS(0, { .kind = GATT_OP_DISCOVER });
	CHECK(told_is(OWN_FOUND "0@0=0\ndone\n"));
	all_is_well();
}

static void only_reading(void)
{
	gateway_to(64, NULL, 0, true);
	CHECK(ANSWERS(0, "\x0a\x09\x00", "\x0b""sensor"));
	CHECK(ANSWERS(0, "\x12\x09\x00x", "\x01\x12\x09\x00\x03"));
	CHECK(ANSWERS(0, "\x16\x09\x00\x00\x00x", "\x01\x16\x09\x00\x03"));
	CHECK(ANSWERS(0, "\x18\x01", "\x19"));
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x00", "\x13"));
	CHECK(gatt_server_configuration(&server, TWIN_CONFIGURATION) == 1);
	GIVE_TO(0, "\x52\x21\x00y");
	CHECK(VALUE_IS(COMMAND_VALUE, "x") && !server.queue.count);
	all_is_well();
}

static void own_service(void)
{
	static uint8_t much[300];
	const struct gatt_op any = OP(READ, gateway_uuid_advertising);

	gateway_to(64, NULL, 0, false);
	gateway_advertising(gate, (const uint8_t *)"\x02\x01\x06", 3);
	CHECK(ANSWERS(0, "\x0a\xf2\xff", "\x0b\x02\x01\x06"));
	memset(much, 'm', sizeof(much));
	gateway_advertising(gate, much, sizeof(much));
	explore(&any, 1);
	CHECK(!explore_as(0) && last.len == GATEWAY_ADVERTISING_MAX);
	CHECK(!memcmp(last.value, much, last.len));
	gateway_advertising(gate, NULL, 0);
	link_down();
	come(0);
	/* also without a link */
	CHECK(ANSWERS(0, "\x0a\xf2\xff", "\x0b"));
	CHECK(ANSWERS(0, "\x0a\xf4\xff", "\x01\x0a\xf4\xff\x01"));
	CHECK(ANSWERS(0, "\x0a\xff\xff", "\x01\x0a\xff\xff\x01"));
	CHECK(ANSWERS(0, "\x12\xf2\xff", "\x01\x12\xf2\xff\x03"));
	CHECK(ANSWERS(0, "\x16\xf2\xff\x00\x00", "\x01\x16\xf2\xff\x03"));
	CHECK(ANSWERS(0, "\x0c\xf2\xff\x01\x00", "\x01\x0c\xf2\xff\x07"));
	CHECK(ANSWERS(0, "\x0e\xf2\xff\xf0\xff",
		      "\x0f\x88\x0b\xa4\x8c\xc8\x1e\x4d\xbf\xbe\x48\xcf\x08"
		      "\x05\x00\x92\x92"));
	CHECK(ANSWERS(0, "\x04\xf1\xff\xff\xff", "\x05\x01\xf1\xff\x03\x28"));
	CHECK(ANSWERS(0, "\x04\xf4\xff\xff\xff", "\x01\x04\xf4\xff\x0a"));
	CHECK(ANSWERS(0, "\x08\xf0\xff\xff\xff\x03\x28",
		      "\x09\x15\xf1\xff\x02\xf2\xff\x88\x0b\xa4\x8c\xc8\x1e"
		      "\x4d\xbf\xbe\x48\xcf\x08\x06\x00\x92\x92"));
	CHECK(ANSWERS(0, "\x10\xf0\xff\xf0\xff\x00\x28",
		      "\x11\x14\xf0\xff\xf3\xff\x88\x0b\xa4\x8c\xc8\x1e"
		      "\x4d\xbf\xbe\x48\xcf\x08\x05\x00\x92\x92"));
	CHECK(ANSWERS(0, "\x06\xf0\xff\xff\xff\x01\x29x",
		      "\x01\x06\xf0\xff\x0a"));
	link_up();
	/* after what the peripheral has, and not together with it */
	CHECK(ANSWERS(0, "\x04\x22\x00\xff\xff", "\x05\x01\xf0\xff\x00\x28"
		      "\xf1\xff\x03\x28"));
	CHECK(ANSWERS(0, "\x04\x22\x00\xef\xff", "\x01\x04\x22\x00\x0a"));
	CHECK(ANSWERS(0, "\x0e\xf2\xff\x09\x00", "\x01\x0e\xf2\xff\x06"));
	GIVE_TO(0, "\x52\xf2\xffx");
	all_is_well();
}

/* The test answers as the peripheral until discovery is done: one service that
 * ends at the last handle, with one characteristic. */
static void discovered_by_hand(const char *value_handle)
{
	uint8_t list[9] = "\x09\x07\x02\x00\x02\x03\x00\x37\x2a";

	by_hand = true;
	gateway_up(gate, now);
	CHECK(SENT("\x02\x05\x02"));
	SAY("\x03\x17\x00");
	CHECK(SENT("\x10\x01\x00\xff\xff\x00\x28"));
	SAY("\x11\x06\x01\x00\xff\xff\x00\x18");
	CHECK(SENT("\x10\x01\x00\xff\xff\x01\x28"));
	SAY("\x01\x10\x01\x00\x0a");
	CHECK(SENT("\x08\x02\x00\xff\xff\x02\x28"));
	SAY("\x01\x08\x02\x00\x0a");
	CHECK(SENT("\x08\x02\x00\xff\xff\x03\x28"));
	memcpy(list + 5, value_handle, 2);
	say(list, 9);
	SAY("\x01\x08\x04\x00\x0a");
	SAY("\x01\x04\x04\x00\x0a");
	CHECK(readies == 1 && !faulted);
	memset(&sent, 0, sizeof(sent));
}

static void own_service_at_the_end(void)
{
	build(NULL, 0, false);
	discovered_by_hand("\x03\x00");
	/* groups end before it */
	GIVE_TO(0, "\x10\x01\x00\xff\xff\x00\x28");
	CHECK(SENT("\x10\x01\x00\xef\xff\x00\x28"));
	SAY("\x11\x06\x01\x00\xff\xff\x00\x18");
	CHECK(GOT(0, "\x11\x06\x01\x00\xef\xff\x00\x18"));
	GIVE_TO(0, "\x06\x01\x00\xff\xff\x00\x28\x00\x18");
	CHECK(SENT("\x06\x01\x00\xef\xff\x00\x28\x00\x18"));
	SAY("\x07\x01\x00\xff\xff");
	CHECK(GOT(0, "\x07\x01\x00\xef\xff"));
	GIVE_TO(0, "\x08\x01\x00\xff\xff\x02\x28");
	CHECK(SENT("\x08\x01\x00\xef\xff\x02\x28"));
	SAY("\x09\x08\x02\x00\x01\x00\xff\xff\x00\x18");
	CHECK(GOT(0, "\x09\x08\x02\x00\x01\x00\xef\xff\x00\x18"));
	all_is_well();
	/* which is not there if the peripheral is */
	build(NULL, 0, false);
	discovered_by_hand("\xf5\xff");
	GIVE_TO(0, "\x0a\xf2\xff");
	CHECK(SENT("\x0a\xf2\xff"));
	SAY("\x0b");
	CHECK(GOT(0, "\x0b"));
	GIVE_TO(0, "\x10\x01\x00\xff\xff\x00\x28");
	CHECK(SENT("\x10\x01\x00\xff\xff\x00\x28"));
	SAY("\x11\x06\x01\x00\xff\xff\x00\x18");
	CHECK(GOT(0, "\x11\x06\x01\x00\xff\xff\x00\x18"));
	GIVE_TO(0, "\x10\x02\x00\xff\xff\x00\x28");
	CHECK(SENT("\x10\x02\x00\xff\xff\x00\x28"));
	SAY("\x01\x10\x02\x00\x0a");
	CHECK(GOT(0, "\x01\x10\x02\x00\x0a"));
	all_is_well();
}

int main(void)
{
	static const uint16_t mtus[] = { 23, 24, 25, 40, 48, 64, 185, 247,
					 256, 257, 258, 512, 516, 517 };

	for (size_t i = 0; i < COUNT(mtus); i++)
		for (uint16_t mtu = 23; mtu <= 517; mtu =
		     (uint16_t)(mtu + (mtu < 60 ? 1 : 31))) {
			fresh(mtus[i]);
			discovering(mtu);
		}
	for (size_t i = 0; i < COUNT(mtus); i++)
		for (size_t j = 0; j <= i; j++)
			reading(mtus[i], mtus[j]);
	operating();
	waiting();
	taking_turns();
	being_busy();
	falling();
	coming_back_changed();
	asking_badly();
	being_dropped();
	seeing();
	only_reading();
	own_service();
	own_service_at_the_end();
	gateway_free(gate);
	gatt_explorer_free(&explorer);
	gatt_db_free(&db);
	return 0;
}
