/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What centrals share: configurations, notifications, indications, the queue
 * of prepared writes. */
#include "config.h"
#include "gate.h"

static uint16_t twin_bits(void)
{
	return gatt_server_configuration(&server, TWIN_CONFIGURATION);
}

/* The peripheral's configuration is what any central wants; each central reads
 * its own. */
static void configuring(void)
{
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x00", "\x13") && twin_bits() == 1);
	CHECK(ANSWERS(1, "\x12\x0f\x00\x02\x00", "\x13") && twin_bits() == 3);
	by_hand = true;
	/* no change for the peripheral */
	CHECK(ANSWERS(2, "\x12\x0f\x00\x03\x00", "\x13") && NOTHING_SENT);
	CHECK(ANSWERS(2, "\x12\x0f\x00\x00\x00", "\x13") && NOTHING_SENT);
	CHECK(ANSWERS(0, "\x0a\x0f\x00", "\x0b\x01\x00"));
	CHECK(ANSWERS(1, "\x0a\x0f\x00", "\x0b\x02\x00"));
	CHECK(ANSWERS(2, "\x0a\x0f\x00", "\x0b\x00\x00"));
	CHECK(ANSWERS(0, "\x0c\x0f\x00\x00\x00", "\x01\x0c\x0f\x00\x0b"));
	CHECK(ANSWERS(0, "\x16\x0f\x00\x00\x00x", "\x01\x16\x0f\x00\x0b"));
	CHECK(ANSWERS(0, "\x0e\x09\x00\x0f\x00", "\x01\x0e\x09\x00\x06"));
	CHECK(ANSWERS(0, "\x20\x0f\x00\x09\x00", "\x01\x20\x0f\x00\x06"));
	GIVE_TO(0, "\x52\x0f\x00\x00\x00");
	CHECK(NOTHING_SENT);
	/* the answers of gatt-configuration.c */
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01", "\x01\x12\x0f\x00\x0d"));
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x00\x00", "\x01\x12\x0f\x00\x0d"));
	CHECK(ANSWERS(0, "\x12\x0f\x00\x04\x00", "\x01\x12\x0f\x00\x13"));
	CHECK(ANSWERS(0, "\x12\x13\x00\x02\x00", "\x01\x12\x13\x00\x13"));
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x01", "\x01\x12\x0f\x00\x13"));
	CHECK(ANSWERS(0, "\x0a\x0f\x00", "\x0b\x01\x00") && NOTHING_SENT);
	by_hand = false;
	/* in lists */
	CHECK(ANSWERS(0, "\x08\x01\x00\xff\xff\x02\x29",
		      "\x09\x04\x0f\x00\x01\x00\x13\x00\x00\x00"));
	CHECK(ANSWERS(1, "\x08\x01\x00\xff\xff\x02\x29",
		      "\x09\x04\x0f\x00\x02\x00\x13\x00\x00\x00"));
	CHECK(ANSWERS(0, "\x06\x01\x00\xff\xff\x02\x29\x01\x00",
		      "\x07\x0f\x00\x0f\x00"));
	CHECK(ANSWERS(2, "\x06\x01\x00\xff\xff\x02\x29\x00\x00",
		      "\x07\x0f\x00\x0f\x00\x13\x00\x13\x00"));
	CHECK(ANSWERS(2, "\x06\x10\x00\xff\xff\x02\x29\x03\x00",
		      "\x01\x06\x10\x00\x0a"));
	/* a central wants less */
	CHECK(ANSWERS(0, "\x12\x0f\x00\x00\x00", "\x13") && twin_bits() == 2);
	leave(1);
	CHECK(twin_bits() == 0);
	all_is_well();
}

static void configuring_in_vain(void)
{
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x00", "\x13"));
	by_hand = true;
	GIVE_TO(1, "\x12\x0f\x00\x03\x00");
	CHECK(SENT("\x12\x0f\x00\x03\x00"));
	/* one that would be answered at once waits for what becomes of it */
	GIVE_TO(2, "\x12\x0f\x00\x01\x00");
	CHECK(GOT_NOTHING(2));
	SAY("\x01\x12\x0f\x00\x05");
	CHECK(GOT(1, "\x01\x12\x0f\x00\x05") && GOT(2, "\x13"));
	CHECK(ANSWERS(1, "\x0a\x0f\x00", "\x0b\x00\x00") && NOTHING_SENT);
	/* also if it is what the peripheral has until then */
	CHECK(ANSWERS(2, "\x12\x0f\x00\x00\x00", "\x13"));
	GIVE_TO(0, "\x12\x0f\x00\x00\x00");
	CHECK(SENT("\x12\x0f\x00\x00\x00"));
	GIVE_TO(2, "\x12\x0f\x00\x01\x00");
	CHECK(GOT_NOTHING(2));
	SAY("\x13");
	CHECK(GOT(0, "\x13") && GOT_NOTHING(2));
	CHECK(SENT("\x12\x0f\x00\x01\x00"));
	SAY("\x13");
	CHECK(GOT(2, "\x13"));
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x00", "\x13") && NOTHING_SENT);
	/* nothing is configured before its turn */
	GIVE_TO(0, "\x0a\x09\x00");
	GIVE_TO(1, "\x12\x0f\x00\x03\x00");
	CHECK(SENT("\x0a\x09\x00") && NOTHING_SENT);
	SAY("\x1d\x0e\x00x");
	CHECK(SENT("\x1e") && GOT_NOTHING(1));
	SAY("\x0b");
	CHECK(GOT(0, "\x0b") && SENT("\x12\x0f\x00\x03\x00"));
	SAY("\x01\x12\x0f\x00\x05");
	CHECK(GOT(1, "\x01\x12\x0f\x00\x05"));
	/* the central leaves while it is being configured */
	GIVE_TO(1, "\x12\x0f\x00\x02\x00");
	CHECK(SENT("\x12\x0f\x00\x03\x00"));
	leave(1);
	SAY("\x13");
	CHECK(SENT("\x12\x0f\x00\x01\x00") && NOTHING_SENT);
	SAY("\x13");
	CHECK(NOTHING_SENT);
	/* or the link falls */
	GIVE_TO(2, "\x12\x0f\x00\x03\x00");
	CHECK(SENT("\x12\x0f\x00\x03\x00"));
	link_down();
	CHECK(GOT(2, "\x01\x12\x0f\x00\x0e"));
	link_up();
	CHECK(SENT("\x12\x0f\x00\x01\x00") && NOTHING_SENT);
	SAY("\x13");
	CHECK(NOTHING_SENT);
	CHECK(ANSWERS(2, "\x0a\x0f\x00", "\x0b\x01\x00"));
	/* a lowering that fails is not repeated */
	leave(0);
	leave(2);
	CHECK(SENT("\x12\x0f\x00\x00\x00"));
	SAY("\x01\x12\x0f\x00\x05");
	CHECK(NOTHING_SENT && !faulted);
}

static void restoring(void)
{
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x00", "\x13"));
	CHECK(ANSWERS(1, "\x12\x0f\x00\x02\x00", "\x13"));
	CHECK(ANSWERS(2, "\x12\x13\x00\x01\x00", "\x13"));
	link_down();
	GIVE_TO(1, "\x0a\x09\x00");
	link_up();
	CHECK(GOT(1, "\x0b""sensor") && twin_bits() == 3);
	CHECK(gatt_server_configuration(&server, OTHER_CONFIGURATION) == 1);
	all_is_well();
	/* in order, before anything else, and wanted from the beginning */
	by_hand = true;
	link_down();
	GIVE_TO(1, "\x0a\x09\x00");
	link_up();
	SAY("\x1b\x0e\x00""early");
	CHECK(GOT(0, "\x1b\x0e\x00""early") && GOT_NOTHING(1));
	CHECK(SENT("\x12\x0f\x00\x03\x00") && NOTHING_SENT);
	SAY("\x13");
	CHECK(SENT("\x12\x13\x00\x01\x00") && NOTHING_SENT);
	SAY("\x01\x12\x13\x00\x05");
	CHECK(!strcmp(centrals[2].dropped,
		      "a subscription could not be restored"));
	CHECK(!centrals[0].dropped && !centrals[1].dropped);
	/* nobody wants it then */
	CHECK(SENT("\x12\x13\x00\x00\x00"));
	SAY("\x13");
	CHECK(SENT("\x0a\x09\x00") && NOTHING_SENT);
	SAY("\x0b");
	CHECK(GOT(1, "\x0b"));
	come(2);
	all_is_well();
	/* before it is discovered, nothing is passed on */
	link_down();
	gateway_up(gate, now);
	SAY("\x1b\x0e\x00n");
	CHECK(GOT_NOTHING(0));
	SAY("\x1d\x0e\x00i");
	CHECK(SENT("\x02\x05\x02") && SENT("\x1e") && GOT_NOTHING(1));
}

static void notifying(void)
{
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x02\x40\x00", "\x03\x40\x00"));
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x00", "\x13"));
	CHECK(ANSWERS(1, "\x12\x0f\x00\x03\x00", "\x13"));
	CHECK(ANSWERS(2, "\x12\x0f\x00\x02\x00", "\x13"));
	CHECK(ANSWERS(2, "\x12\x13\x00\x01\x00", "\x13"));
	SAY("\x1b\x0e\x00""12345678901234567890123");
	CHECK(GOT(0, "\x1b\x0e\x00""12345678901234567890123"));
	CHECK(GOT(1, "\x1b\x0e\x00""12345678901234567890"));
	CHECK(GOT_NOTHING(2));
	SAY("\x1b\x0e\x00");
	CHECK(GOT(0, "\x1b\x0e\x00") && GOT(1, "\x1b\x0e\x00"));
	/* not a value, unknown, or not wanted */
	SAY("\x1b\x0f\x00x");
	SAY("\x1b\x99\x00x");
	SAY("\x1b\x1d\x00x");
	all_is_well();
	SAY("\x23\x0e\x00\x01\x00""a\x12\x00\x02\x00""bc\x0e\x00\x00\x00");
	CHECK(GOT(0, "\x1b\x0e\x00""a") && GOT(0, "\x1b\x0e\x00"));
	CHECK(GOT(1, "\x1b\x0e\x00""a") && GOT(1, "\x1b\x0e\x00"));
	CHECK(GOT(2, "\x1b\x12\x00""bc"));
	all_is_well();
}

static void indicating(void)
{
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x12\x0f\x00\x02\x00", "\x13"));
	CHECK(ANSWERS(1, "\x12\x0f\x00\x03\x00", "\x13"));
	CHECK(ANSWERS(2, "\x12\x0f\x00\x01\x00", "\x13"));
	by_hand = true;
	/* for no central */
	SAY("\x1d\x12\x00x");
	CHECK(SENT("\x1e"));
	SAY("\x1d\x77\x00x");
	CHECK(SENT("\x1e") && NOTHING_SENT);
	/* for two centrals */
	SAY("\x1d\x0e\x00""12345678901234567890123");
	CHECK(GOT(0, "\x1d\x0e\x00""12345678901234567890"));
	CHECK(GOT(1, "\x1d\x0e\x00""12345678901234567890"));
	CHECK(GOT_NOTHING(2) && NOTHING_SENT);
	GIVE_TO(2, "\x1e");
	GIVE_TO(0, "\x1e");
	GIVE_TO(0, "\x1e");
	CHECK(NOTHING_SENT);
	GIVE_TO(1, "\x1e");
	CHECK(SENT("\x1e") && NOTHING_SENT);
	all_is_well();
	/* one leaves */
	SAY("\x1d\x0e\x00x");
	CHECK(GOT(0, "\x1d\x0e\x00x") && GOT(1, "\x1d\x0e\x00x"));
	GIVE_TO(0, "\x1e");
	leave(1);
	CHECK(SENT("\x1e") && NOTHING_SENT);
	/* one does not confirm */
	SAY("\x1d\x0e\x00y");
	CHECK(GOT(0, "\x1d\x0e\x00y"));
	CHECK(gateway_tick(gate, now) == now + 10000);
	later(9999);
	CHECK(NOTHING_SENT && !centrals[0].dropped);
	later(1);
	CHECK(SENT("\x1e"));
	CHECK(!strcmp(centrals[0].dropped,
		      "it did not confirm an indication in 10 s"));
	/* two at a time */
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x12\x0f\x00\x02\x00", "\x13"));
	SAY("\x1d\x0e\x00x");
	SAY("\x1d\x0e\x00y");
	CHECK(faulted && strstr(faulted, "confirmation"));
	CHECK(GOT(0, "\x1d\x0e\x00x") && GOT_NOTHING(0));
}

/* No central is asked for two confirmations at once, even if the link falls. */
static void indicating_again(void)
{
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x12\x0f\x00\x02\x00", "\x13"));
	CHECK(ANSWERS(1, "\x12\x0f\x00\x02\x00", "\x13"));
	SAY("\x1d\x0e\x00x");
	CHECK(GOT(0, "\x1d\x0e\x00x") && GOT(1, "\x1d\x0e\x00x"));
	link_down();
	link_up();
	by_hand = true;
	GIVE_TO(1, "\x1e");
	SAY("\x1d\x0e\x00y");
	CHECK(GOT_NOTHING(0) && GOT(1, "\x1d\x0e\x00y"));
	GIVE_TO(1, "\x1e");
	CHECK(NOTHING_SENT);
	GIVE_TO(0, "\x1e");
	CHECK(GOT(0, "\x1d\x0e\x00y") && NOTHING_SENT);
	GIVE_TO(0, "\x1e");
	CHECK(SENT("\x1e") && NOTHING_SENT);
	/* a central that was sent nothing is not waited for */
	SAY("\x1d\x0e\x00x");
	CHECK(GOT(0, "\x1d\x0e\x00x") && GOT(1, "\x1d\x0e\x00x"));
	GIVE_TO(1, "\x1e");
	by_hand = false;
	link_down();
	link_up();
	CHECK(ANSWERS(0, "\x12\x0f\x00\x00\x00", "\x13"));
	by_hand = true;
	SAY("\x1d\x0e\x00y");
	CHECK(GOT(1, "\x1d\x0e\x00y") && NOTHING_SENT);
	GIVE_TO(1, "\x1e");
	CHECK(SENT("\x1e") && GOT_NOTHING(0));
	GIVE_TO(0, "\x1e");
	CHECK(NOTHING_SENT);
	CHECK(ANSWERS(0, "\x12\x0f\x00\x02\x00", "\x13"));
	/* nor for longer */
	SAY("\x1d\x0e\x00x");
	CHECK(GOT(0, "\x1d\x0e\x00x") && GOT(1, "\x1d\x0e\x00x"));
	GIVE_TO(1, "\x1e");
	by_hand = false;
	link_down();
	link_up();
	by_hand = true;
	later(9999);
	SAY("\x1d\x0e\x00y");
	CHECK(GOT(1, "\x1d\x0e\x00y"));
	GIVE_TO(1, "\x1e");
	CHECK(NOTHING_SENT);
	later(1);
	CHECK(centrals[0].dropped && SENT("\x1e") && NOTHING_SENT);
}

static void preparing(void)
{
	gateway_to(64, NULL, 0, false);
	by_hand = true;
	GIVE_TO(0, "\x16\x09\x00\x00\x00""a");
	CHECK(SENT("\x16\x09\x00\x00\x00""a"));
	SAY("\x17\x09\x00\x00\x00""a");
	CHECK(GOT(0, "\x17\x09\x00\x00\x00""a"));
	/* it has the queue to itself, and nothing else */
	GIVE_TO(1, "\x16\x09\x00\x00\x00""b");
	GIVE_TO(1, "\x52\x21\x00x");
	CHECK(NOTHING_SENT);
	CHECK(ANSWERS(2, "\x18\x01", "\x19"));
	GIVE_TO(2, "\x0a\x09\x00");
	CHECK(SENT("\x0a\x09\x00"));
	GIVE_TO(0, "\x18\x01");
	SAY("\x0b");
	CHECK(GOT(2, "\x0b") && SENT("\x18\x01") && NOTHING_SENT);
	SAY("\x19");
	CHECK(GOT(0, "\x19") && SENT("\x16\x09\x00\x00\x00""b"));
	CHECK(SENT("\x52\x21\x00x"));
	/* an error leaves nothing in it */
	GIVE_TO(0, "\x16\x09\x00\x00\x00""c");
	SAY("\x01\x16\x09\x00\x03");
	CHECK(GOT(1, "\x01\x16\x09\x00\x03"));
	CHECK(SENT("\x16\x09\x00\x00\x00""c"));
	SAY("\x17\x09\x00\x00\x00""c");
	CHECK(GOT(0, "\x17\x09\x00\x00\x00""c"));
	/* unless something is */
	GIVE_TO(0, "\x16\x09\x00\x01\x00""d");
	SAY("\x01\x16\x09\x00\x09");
	CHECK(GOT(0, "\x01\x16\x09\x00\x09"));
	CHECK(SENT("\x16\x09\x00\x01\x00""d"));
	GIVE_TO(1, "\x16\x09\x00\x00\x00""e");
	CHECK(NOTHING_SENT);
	/* a central that leaves no longer wants it */
	leave(0);
	CHECK(SENT("\x18\x00") && NOTHING_SENT);
	SAY("\x19");
	CHECK(SENT("\x16\x09\x00\x00\x00""e") && NOTHING_SENT);
	/* also at once */
	leave(1);
	GIVE_TO(2, "\x16\x09\x00\x00\x00""f");
	CHECK(NOTHING_SENT);
	SAY("\x17\x09\x00\x00\x00""e");
	CHECK(SENT("\x18\x00") && NOTHING_SENT);
	SAY("\x19");
	CHECK(SENT("\x16\x09\x00\x00\x00""f"));
	SAY("\x17\x09\x00\x00\x00""f");
	CHECK(GOT(2, "\x17\x09\x00\x00\x00""f"));
	GIVE_TO(2, "\x18\x00");
	CHECK(SENT("\x18\x00"));
	/* while it executes, there is nothing to cancel */
	leave(2);
	SAY("\x19");
	CHECK(NOTHING_SENT);
	all_is_well();
	/* what cannot be cancelled must not be executed by another */
	come(0);
	GIVE_TO(0, "\x16\x09\x00\x00\x00""g");
	SAY("\x17\x09\x00\x00\x00""g");
	leave(0);
	SAY("\x01\x18\x00\x00\x0e");
	CHECK(faulted && !strcmp(faulted,
				 "it does not cancel a prepared write"));
}

static void preparing_too_slowly(void)
{
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x16\x09\x00\x00\x00""a", "\x17\x09\x00\x00\x00""a"));
	later(9999);
	CHECK(ANSWERS(0, "\x16\x09\x00\x01\x00""b", "\x17\x09\x00\x01\x00""b"));
	CHECK(gateway_tick(gate, now) == now + 1);
	CHECK(server.queue.count == 2);
	later(1);
	CHECK(!server.queue.count);
	CHECK(ANSWERS(1, "\x16\x09\x00\x00\x00""z", "\x17\x09\x00\x00\x00""z"));
	/* a part of it would not be what was meant */
	CHECK(ANSWERS(0, "\x16\x09\x00\x02\x00""c", "\x01\x16\x09\x00\x0e"));
	CHECK(ANSWERS(0, "\x18\x01", "\x01\x18\x00\x00\x0e"));
	CHECK(ANSWERS(0, "\x18\x01", "\x19"));
	CHECK(ANSWERS(1, "\x18\x01", "\x19") && VALUE_IS(NAME_VALUE, "z"));
	/* nor when the link has fallen */
	CHECK(ANSWERS(1, "\x16\x09\x00\x00\x00""y", "\x17\x09\x00\x00\x00""y"));
	link_down();
	link_up();
	CHECK(ANSWERS(0, "\x16\x09\x00\x00\x00""x", "\x17\x09\x00\x00\x00""x"));
	CHECK(ANSWERS(1, "\x18\x00", "\x19"));
	CHECK(ANSWERS(1, "\x18\x01", "\x19") && server.queue.count == 1);
	CHECK(ANSWERS(0, "\x18\x01", "\x19") && VALUE_IS(NAME_VALUE, "x"));
	all_is_well();
	/* a waiting central gets its turn, however busy another is */
	CHECK(ANSWERS(0, "\x16\x09\x00\x00\x00""a", "\x17\x09\x00\x00\x00""a"));
	GIVE_TO(1, "\x16\x09\x00\x00\x00""b");
	later(5000);
	CHECK(ANSWERS(0, "\x16\x09\x00\x01\x00""a", "\x17\x09\x00\x01\x00""a"));
	later(5000);
	CHECK(GOT(1, "\x17\x09\x00\x00\x00""b"));
	all_is_well();
}

/* All write long values in turn; the values are not mixed. */
static void all_at_once(void)
{
	char whole[3][41];

	gateway_to(23, NULL, 0, false);
	for (uint32_t i = 0; i < 3; i++) {
		memset(whole[i], (int)('a' + i), 40);
		whole[i][40] = '\0';
	}
	for (unsigned int part = 0; part < 3; part++)
		for (uint32_t i = 0; i < 3; i++) {
			uint8_t pdu[23] = "\x16\x09\x00";

			put_le16(pdu + 3, (uint16_t)(part * 18));
			memcpy(pdu + 5, whole[i], 18);
			if (i && part)
				continue;
			give(i, pdu, part < 2 ? 23 : 9);
		}
	CHECK(server.queue.count == 3);
	while (take(&centrals[0].got))
		;
	CHECK(ANSWERS(0, "\x18\x01", "\x19"));
	CHECK(value_is(NAME_VALUE, whole[0], 40));
	CHECK(take(&centrals[1].got)->pdu[0] == 0x17 && GOT_NOTHING(1));
	CHECK(GOT_NOTHING(2) && ANSWERS(1, "\x18\x01", "\x19"));
	CHECK(value_is(NAME_VALUE, whole[1], 18));
	CHECK(take(&centrals[2].got)->pdu[0] == 0x17 && GOT_NOTHING(2));
	leave(2);
	CHECK(!server.queue.count && value_is(NAME_VALUE, whole[1], 18));
	all_is_well();
}

int main(void)
{
	configuring();
	configuring_in_vain();
	restoring();
	notifying();
	indicating();
	indicating_again();
	preparing();
	preparing_too_slowly();
	all_at_once();
	gateway_free(gate);
	gatt_db_free(&db);
	return 0;
}
