/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explorer with a server that lies, refuses, or never stops. */
#include "config.h"
#include "explore.h"

/* Fail the Nth reallocation from now; 0: none. */
static unsigned int allocations;

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_realloc(void *old, size_t size)
{
	if (allocations && !--allocations)
		return NULL;
	return __real_realloc(old, size);
}

#define LIE(opcode, type, answer, fault)                                      \
	{ opcode, type, answer, sizeof(answer) - 1, fault }

static const struct {
	uint8_t opcode, type;
	const char *answer;
	size_t len;
	const char *fault;
} lies[] = {
	LIE(0x02, 0, "", "its PDU is empty"),
	LIE(0x02, 0, "\x03\x17", "its Exchange MTU Response is malformed"),
	LIE(0x02, 0, "\x03\x17\x00\x00",
	    "its Exchange MTU Response is malformed"),
	LIE(0x02, 0, "\x03\x16\x00", "it offers an MTU below 23"),
	LIE(0x02, 0, "\x05\x17\x00", "it sends a response that was not "
				     "requested"),
	LIE(0x02, 0, "\x01\x02\x00\x00", "its Error Response is malformed"),
	LIE(0x02, 0, "\x01\x02\x00\x00\x00",
	    "its Error Response is malformed"),
	LIE(0x02, 0, "\x01\x08\x00\x00\x06",
	    "its Error Response is to another request"),
	LIE(0x02, 0, "\x1b\x00\x00", "its notification is malformed"),
	LIE(0x02, 0, "\x1b\x01", "its notification is malformed"),
	LIE(0x02, 0, "\x1d\x01", "its indication is malformed"),
	LIE(0x02, 0, "\x23\x01\x00\x02\x00x", "its notification is malformed"),
	LIE(0x02, 0, "\x23\x01\x00\x02", "its notification is malformed"),
	LIE(0x02, 0, "\x1b\x01\x00---------+---------+-",
	    "its PDU is longer than the MTU"),
	LIE(0x10, 0, "\x11", "its Read By Group Type Response is malformed"),
	LIE(0x10, 0, "\x11\x06",
	    "its Read By Group Type Response is malformed"),
	LIE(0x10, 0, "\x11\x00",
	    "its Read By Group Type Response is malformed"),
	LIE(0x10, 0, "\x11\x05\x01\x00\x01\x00x",
	    "its Read By Group Type Response is malformed"),
	LIE(0x10, 0, "\x11\x06\x01\x00\x01\x00\x00\x18\x02",
	    "its Read By Group Type Response is malformed"),
	LIE(0x10, 0, "\x11\x06\x00\x00\x01\x00\x00\x18",
	    "its services are out of order"),
	LIE(0x10, 0, "\x11\x06\x02\x00\x01\x00\x00\x18",
	    "its services are out of order"),
	LIE(0x10, 0, "\x11\x06\x01\x00\x01\x00\x00\x18"
	    "\x01\x00\x02\x00\x00\x18", "its services are out of order"),
	/* the same again and again must not loop */
	LIE(0x10, 0, "\x11\x06\x01\x00\x01\x00\x00\x18",
	    "its services are out of order"),
	LIE(0x10, 0, "\x11\x06\x01\x00\xff\xff\x00\x18"
	    "\x01\x00\x02\x00\x00\x18", "its services are out of order"),
	LIE(0x10, 0x01, "\x11\x06\x05\x00\xff\xff\x00\x18",
	    "its services overlap"),
	LIE(0x08, 0x02, "\x09\x08", "its Read By Type Response is malformed"),
	LIE(0x08, 0x02, "\x09\x07\x02\x00\x01\x00\x01\x00x",
	    "its Read By Type Response is malformed"),
	LIE(0x08, 0x02, "\x09\x06\x01\x00\x01\x00\x01\x00",
	    "its includes are out of order"),
	LIE(0x08, 0x02, "\x09\x06\x04\x00\x01\x00\x01\x00",
	    "its includes are out of order"),
	LIE(0x08, 0x02, "\x09\x06\x02\x00\x01\x00\x01\x00",
	    "it gives one handle to two attributes"),
	LIE(0x08, 0x02, "\x09\x06\x02\x00\x00\x00\x01\x00",
	    "its included service has an impossible range of handles"),
	LIE(0x08, 0x02, "\x09\x06\x02\x00\x02\x00\x01\x00",
	    "its included service has an impossible range of handles"),
	LIE(0x0a, 0, "\x0b", "its included service has no UUID"),
	LIE(0x0a, 0, "\x0bxxx", "its included service has no UUID"),
	LIE(0x08, 0x03, "\x09", "its Read By Type Response is malformed"),
	LIE(0x08, 0x03, "\x09\x07\x02\x00\x02\x03\x00\x00",
	    "its Read By Type Response is malformed"),
	LIE(0x08, 0x03, "\x09\x07\x01\x00\x02\x03\x00\x00\x2a",
	    "its characteristics are out of order"),
	LIE(0x08, 0x03, "\x09\x07\x02\x00\x02\x02\x00\x00\x2a",
	    "its characteristics are out of order"),
	LIE(0x08, 0x03, "\x09\x07\x02\x00\x02\x04\x00\x00\x2a",
	    "its characteristics are out of order"),
	LIE(0x08, 0x03, "\x09\x07\x02\x00\x02\x03\x00\x00\x2a"
	    "\x03\x00\x02\x04\x00\x00\x2a",
	    "its characteristics are out of order"),
	LIE(0x04, 0, "\x05", "its Find Information Response is malformed"),
	LIE(0x04, 0, "\x05\x01", "its Find Information Response is malformed"),
	LIE(0x04, 0, "\x05\x03\x0a\x00\x01\x29",
	    "its Find Information Response is malformed"),
	LIE(0x04, 0, "\x05\x01\x0a\x00\x01",
	    "its Find Information Response is malformed"),
	LIE(0x04, 0, "\x05\x01\x09\x00\x01\x29",
	    "its descriptors are out of order"),
	LIE(0x04, 0, "\x05\x01\x0b\x00\x01\x29",
	    "its descriptors are out of order"),
	LIE(0x04, 0, "\x05\x01\x0a\x00\x03\x28",
	    "it hides a declaration among descriptors"),
	LIE(0x12, 0, "\x13x", "its Write Response is malformed"),
	LIE(0x12, 0, "\x19", "it sends a response that was not requested"),
	LIE(0x18, 0, "\x19x", "its Execute Write Response is malformed"),
};

static void lying(void)
{
	const struct gatt_op ops[] = {
		{ .kind = GATT_OP_DISCOVER },
		VALUE(WRITE, name, "x", 1),
		VALUE(WRITE, name, octets, 512),
	};

	for (size_t i = 0; i < COUNT(lies); i++) {
		const char *fault;

		fresh(64);
		lie.opcode = lies[i].opcode;
		lie.type = lies[i].type;
		lie.answer = lies[i].answer;
		lie.len = lies[i].len;
		lie.once = lie.opcode != ATT_READ_BY_GROUP_TYPE_REQ;
		explore(ops, 3);
		fault = go_on();
		if (!fault || strcmp(fault, lies[i].fault)) {
			fprintf(stderr, "lie %zu: %s\n", i,
				fault ? fault : "believed");
			exit(1);
		}
	}
}

/* Lies that need an honest beginning. */
static void lying_later(void)
{
	const struct gatt_op read[] = { OP(READ, name) };
	const struct gatt_op reliably[] = {
		VALUE(RELIABLE_WRITE, reliable, octets, 4),
	};
	const struct gatt_op all[] = { { .kind = GATT_OP_DISCOVER } };
	char endless[64] = "\x0d";

	fresh(64);
	CHECK(gatt_db_set_value(&db, NAME_VALUE, octets, 512));
	lie.opcode = ATT_READ_BLOB_REQ;
	lie.answer = endless;
	lie.len = 64;
	explore(read, 1);
	CHECK(!strcmp(go_on(), "its value is longer than 512 octets"));
	lie.opcode = ATT_READ_REQ;
	lie.answer = "\x0b\x01\x00\x00";
	lie.len = 4;
	explore(reliably, 1);
	CHECK(!strcmp(go_on(), "its extended properties are not two octets"));
	lie.opcode = 0;
	explore(NULL, 0);
	CHECK(!strcmp(RECEIVE("\x03\x17\x00"),
		      "it sends a response that was not requested"));
	CHECK(!RECEIVE("\x1d\x01\x00"));
	CHECK(!strcmp(RECEIVE("\x1d\x01\x00"),
		      "it does not wait for a confirmation"));
	CHECK(!RECEIVE("\x0a\x01\x00"));
	CHECK(!strcmp(RECEIVE("\x0a\x01\x00"),
		      "it does not wait for a response"));
	/* an include and a characteristic at one handle */
	fresh(64);
	lie.opcode = ATT_READ_BY_TYPE_REQ;
	lie.type = 0x02;
	lie.answer = "\x09\x08\x02\x00\x04\x00\x04\x00\x10\x18";
	lie.len = 10;
	lie.once = true;
	explore(all, 1);
	CHECK(!strcmp(go_on(), "it gives one handle to two attributes"));
	/* a misplaced include is not a descriptor */
	lie.opcode = ATT_FIND_INFORMATION_REQ;
	lie.type = 0;
	lie.answer = "\x05\x01\x0a\x00\x02\x28";
	lie.len = 6;
	explore(all, 1);
	CHECK(!go_on() && !strstr(told, "d10 "));
}

/* One service with an include at each handle, answered 64 at a time. */
static const char *endless(unsigned int fail_at)
{
	uint8_t pdu[ATT_MTU_OFFERED], answer[ATT_MTU_OFFERED];
	const struct gatt_op all[] = { { .kind = GATT_OP_DISCOVER } };
	const char *fault;

	explore(all, 1);
	CHECK(next(pdu) == 3 && !RECEIVE("\x03\x05\x02"));
	CHECK(next(pdu) == 7);
	allocations = fail_at;
	fault = RECEIVE("\x11\x06\x01\x00\xff\xff\x00\x18");
	if (fault)
		return fault;
	CHECK(next(pdu) == 7 && !RECEIVE("\x01\x10\x01\x00\x0a"));
	for (uint32_t handle = 2; handle <= 0xffff;) {
		size_t n = 2;

		CHECK(next(pdu) == 7 && get_le16(pdu + 1) == handle);
		CHECK(get_le16(pdu + 3) == 0xffff);
		memcpy(answer, "\x09\x08", 2);
		for (; n + 8 < 517 && handle <= 0xffff; n += 8) {
			put_le16(answer + n, (uint16_t)handle++);
			memcpy(answer + n + 2, "\1\0\1\0\0\x18", 6);
		}
		fault = receive(answer, n);
		if (fault)
			return fault;
	}
	CHECK(explorer.used == 0xffff && next(pdu) == 7 && pdu[5] == 3);
	return RECEIVE("\x09\x07\x02\x00\x02\x03\x00\x00\x2a");
}

static void running_out(void)
{
	CHECK(!strcmp(endless(0),
		      "it has more attributes than there are handles"));
	/* the table doubles from 32 entries to 65,536 */
	for (unsigned int n = 1; n <= 12; n++)
		CHECK(!strcmp(endless(n), "out of memory"));
	CHECK(strcmp(endless(13), "out of memory"));
	allocations = 0;
}

/* If one part cannot be discovered, the rest still is. */
static void refusing(void)
{
	fresh(23);
	lie.opcode = ATT_EXCHANGE_MTU_REQ;
	lie.answer = "\x01\x02\x00\x00\x06";
	lie.len = 5;
	RUN(OP(READ, name), OP(READ, absent));
	CHECK(explorer.mtu == 23);
	CHECK(told_is("0@9=0 6:sensor\n1@0=-1\ndone\n"));
	lie.opcode = ATT_READ_BY_GROUP_TYPE_REQ;
	lie.type = 0x01;
	lie.answer = "\x01\x10\x01\x00\x10";
	RUN(OP(READ, name), OP(READ, absent));
	CHECK(told_is("0@9=0 6:sensor\n1@0=-1\ndone\n"));
	lie.type = 0;
	lie.answer = "\x01\x10\x01\x00\x05";
	RUN({ .kind = GATT_OP_DISCOVER }, OP(READ, name));
	CHECK(told_is("0@0=5\n1@0=5\ndone\n"));
	lie.opcode = ATT_FIND_INFORMATION_REQ;
	lie.answer = "\x01\x04\x01\x00\x05";
	RUN(OP(READ, name), OP(READ, text), OP(NOTIFY, twin));
	CHECK(told_is("0@9=0 6:sensor\n1@0=5\n2@14=-2\n2@18=-2\ndone\n"));
	lie.opcode = ATT_READ_REQ;
	lie.answer = "\x01\x0a\x01\x00\x05";
	RUN({ .kind = GATT_OP_DISCOVER }, OP(READ, name));
	CHECK(strstr(told, "i6 0:0000 1-3 00\n"));
	CHECK(strstr(told, "0@0=0\n1@9=5\ndone\n"));
}

int main(void)
{
	lying();
	lying_later();
	running_out();
	refusing();
	gatt_explorer_free(&explorer);
	gatt_db_free(&db);
	return 0;
}
