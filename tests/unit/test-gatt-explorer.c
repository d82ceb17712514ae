/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explorer with the real server, at several MTUs: every operation, long
 * values, errors, values that come later; then with one that lies. */
#include "config.h"
#include "ask.h"
#include "gatt-explorer.h"

#include <stdarg.h>

#define EVERY (GATT_READ | GATT_WRITE | GATT_WRITE_COMMAND)

/* What is to be found, in the order of handles. */
enum {
	SECONDARY_LONG = 1, INNER, INNER_VALUE,
	SECONDARY_SHORT,
	PRIMARY, INCLUDE_LONG, INCLUDE_SHORT,
	NAME, NAME_VALUE, NAME_TEXT,
	EXTERNAL, EXTERNAL_VALUE,
	TWIN, TWIN_VALUE, TWIN_CONFIGURATION, TWIN_TEXT,
	OTHER, OTHER_VALUE, OTHER_CONFIGURATION,
	RELIABLE, RELIABLE_VALUE, RELIABLE_EXTENDED,
	UNRELIABLE, UNRELIABLE_VALUE, UNRELIABLE_EXTENDED,
	EMPTY,
	LAST, MUTE, MUTE_VALUE, SECRET, SECRET_VALUE, COMMAND, COMMAND_VALUE,
	END = COMMAND_VALUE,
};

static const struct gatt_uuid name = { 2, { 0x00, 0x2a } };
static const struct gatt_uuid outer = { 2, { 0x01, 0x2a } };
static const struct gatt_uuid twin = { 2, { 0x37, 0x2a } };
static const struct gatt_uuid reliable = { 2, { 0x03, 0x2a } };
static const struct gatt_uuid unreliable = { 2, { 0x04, 0x2a } };
static const struct gatt_uuid mute = { 2, { 0x05, 0x2a } };
static const struct gatt_uuid secret = { 2, { 0x06, 0x2a } };
static const struct gatt_uuid commanded = { 2, { 0x07, 0x2a } };
static const struct gatt_uuid text = { 2, { 0x01, 0x29 } };
static const struct gatt_uuid absent = { 2, { 0xff, 0x2a } };

static uint8_t octets[ATT_VALUE_MAX + 1];
static struct gatt_explorer explorer;
static uint16_t limit;		/* the MTU that is agreed upon */

/* All that happened, a line each. */
static char told[8192];
static size_t told_len;
static struct {
	uint8_t value[ATT_VALUE_MAX];
	size_t len;
} last;

/* The answer that a lying server gives to one request. */
static struct {
	uint8_t opcode;		/* 0: none */
	uint8_t type;		/* and low octet of the attribute type */
	bool once;
	const char *answer;
	size_t len;
} lie;

static unsigned int requests;

/* Reallocations before one fails, that one included; 0: none does. */
static unsigned int allocations;

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_realloc(void *old, size_t size)
{
	if (allocations && !--allocations)
		return NULL;
	return __real_realloc(old, size);
}

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(told + told_len, sizeof(told) - told_len, format, args);
	va_end(args);
	CHECK(n > 0 && (size_t)n < sizeof(told) - told_len);
	told_len += (size_t)n;
}

static unsigned int number(const struct gatt_uuid *uuid)
{
	return uuid->len ? get_le16(uuid->value + uuid->len - 2) : 0;
}

static void on_found(const struct gatt_found *found, void *arg)
{
	static const char kinds[] = "psicd";

	CHECK(arg == &explorer && !explorer.finished);
	tell("%c%u %u:%04x %u-%u %02x\n", kinds[found->kind], found->handle,
	     found->uuid.len, number(&found->uuid), found->value, found->end,
	     found->properties);
}

static void on_result(const struct gatt_result *result, void *arg)
{
	CHECK(arg == &explorer && !explorer.finished);
	CHECK(result->op < explorer.count);
	tell("%zu@%u=%d", result->op, result->handle, result->status);
	if (result->len)
		tell(" %zu:%.*s", result->len,
		     (int)(result->len < 20 ? result->len : 0),
		     (const char *)result->value);
	tell("\n");
	if (result->len)
		memcpy(last.value, result->value, result->len);
	last.len = result->len;
}

static void on_notified(uint16_t handle, const struct gatt_uuid *uuid,
			bool indication, const uint8_t *value, size_t len,
			void *arg)
{
	CHECK(arg == &explorer);
	tell("%s %u %04x %.*s\n", indication ? "indicated" : "notified",
	     handle, uuid ? number(uuid) : 0, (int)len, (const char *)value);
}

static void on_done(void *arg)
{
	CHECK(arg == &explorer && explorer.finished);
	tell("done\n");
}

static uint16_t add(const struct gatt_uuid *uuid, uint8_t properties,
		    const void *value, size_t len)
{
	return gatt_db_characteristic(&db, uuid, properties, EVERY, value,
				      len);
}

static uint16_t add_descriptor(uint16_t type, const void *value, size_t len)
{
	const struct gatt_uuid uuid = gatt_uuid16(type);

	return gatt_db_descriptor(&db, &uuid, GATT_READ | GATT_WRITE, value,
				  len);
}

static void fresh(uint16_t mtu)
{
	const struct gatt_uuid one = gatt_uuid16(0x1800);
	const struct gatt_uuid other = gatt_uuid16(0x1810);

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7 + i / 256);
	gatt_db_free(&db);
	CHECK(gatt_db_secondary_service(&db, &tunnel_uuid_service) == 1);
	CHECK(add(&tunnel_uuid_capability, 0x02, "inner", 5) == INNER_VALUE);
	CHECK(gatt_db_secondary_service(&db, &other) == SECONDARY_SHORT);
	CHECK(gatt_db_service(&db, &one) == PRIMARY);
	CHECK(gatt_db_include(&db, SECONDARY_LONG) == INCLUDE_LONG);
	CHECK(gatt_db_include(&db, SECONDARY_SHORT) == INCLUDE_SHORT);
	CHECK(add(&name, 0x0a, "sensor", 6) == NAME_VALUE);
	CHECK(gatt_db_set_length(&db, NAME_VALUE, 512, true));
	CHECK(gatt_db_set_value(&db, NAME_VALUE, "sensor", 6));
	CHECK(add_descriptor(0x2901, "its name", 8) == NAME_TEXT);
	CHECK(add(&outer, 0x0a, NULL, 0) == EXTERNAL_VALUE);
	gatt_db_find(&db, EXTERNAL_VALUE)->external = true;
	CHECK(gatt_db_set_length(&db, EXTERNAL_VALUE, 512, true));
	CHECK(add(&twin, 0x32, "one", 3) == TWIN_VALUE);
	CHECK(add_descriptor(0x2902, "\0", 2) == TWIN_CONFIGURATION);
	CHECK(add_descriptor(0x2901, "twin", 4) == TWIN_TEXT);
	CHECK(add(&twin, 0x12, "other", 5) == OTHER_VALUE);
	CHECK(add_descriptor(0x2902, "\0", 2) == OTHER_CONFIGURATION);
	CHECK(add(&reliable, 0x88, NULL, 0) == RELIABLE_VALUE);
	CHECK(gatt_db_set_length(&db, RELIABLE_VALUE, 512, true));
	CHECK(add_descriptor(0x2900, "\1", 2) == RELIABLE_EXTENDED);
	CHECK(add(&unreliable, 0x80, NULL, 0) == UNRELIABLE_VALUE);
	CHECK(add_descriptor(0x2900, "\2", 2) == UNRELIABLE_EXTENDED);
	CHECK(gatt_db_service(&db, &tunnel_uuid_service) == EMPTY);
	CHECK(gatt_db_service(&db, &one) == LAST);
	CHECK(add(&mute, 0x10, "x", 1) == MUTE_VALUE);
	CHECK(add(&secret, 0x0a, "x", 1) == SECRET_VALUE);
	gatt_db_find(&db, SECRET_VALUE)->read.level = 2;
	gatt_db_find(&db, SECRET_VALUE)->write.level = 2;
	CHECK(add(&commanded, 0x04, "x", 1) == COMMAND_VALUE);
	CHECK(db.count == END);
	serve(23);
	limit = mtu;
	memset(&lie, 0, sizeof(lie));
}

/* Exactly as long as it is, for the sanitizer to see. */
static const char *receive(const void *pdu, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *fault;

	memcpy(copy, pdu, len);
	fault = gatt_explorer_receive(&explorer, copy, len);
	free(copy);
	return fault;
}

#define RECEIVE(pdu) receive(pdu, sizeof(pdu) - 1)

static size_t next(uint8_t *pdu)
{
	size_t n = gatt_explorer_next(&explorer, pdu);

	CHECK(n <= explorer.mtu);
	return n;
}

/* Let the server, or whoever has the value, answer. */
static const char *respond(uint8_t *pdu, size_t len)
{
	size_t n;

	if (lie.opcode == pdu[0] && (!lie.type || lie.type == pdu[5])) {
		if (lie.once)
			lie.opcode = 0;
		return receive(lie.answer, lie.len);
	}
	if (pdu[0] == ATT_EXCHANGE_MTU_REQ)
		put_le16(pdu + 1, limit);
	n = ask(pdu, len);
	if (pdu[0] == ATT_EXCHANGE_MTU_REQ)
		put_le16(rsp + 1, limit);
	while (server.pending && asked.what.operation == GATT_EXTERNAL_WRITE) {
		CHECK(!memcmp(asked.value, octets, asked.what.len));
		n = complete(0, NULL, 0);
	}
	if (server.pending)
		n = complete(0, octets, 300);
	if (!n) {
		CHECK(pdu[0] & ATT_COMMAND_FLAG);
		return NULL;
	}
	return receive(rsp, n);
}

static void explore(const struct gatt_op *ops, size_t count)
{
	gatt_explorer_free(&explorer);
	explorer = (struct gatt_explorer){
		.ops = ops, .count = count, .arg = &explorer,
		.found = on_found, .result = on_result,
		.notified = on_notified, .done = on_done,
	};
	told_len = 0;
	*told = '\0';
	requests = 0;
}

/* Until it is done, or the server is found out. */
static const char *go_on(void)
{
	uint8_t pdu[ATT_MTU_OFFERED];
	const char *fault = NULL;
	size_t n;

	while (!fault && (n = next(pdu))) {
		CHECK(++requests < 2000);
		/* one request at a time */
		CHECK(explorer.asked == !(pdu[0] & ATT_COMMAND_FLAG));
		CHECK(!explorer.asked || !next(rsp));
		fault = respond(pdu, n);
	}
	return fault;
}

static bool told_is(const char *expected)
{
	if (!strcmp(told, expected))
		return true;
	fprintf(stderr, "%s", told);
	return false;
}

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define RUN(...)                                                              \
	do {                                                                  \
		static struct gatt_op ops_[8];                                \
		const struct gatt_op these[] = { __VA_ARGS__ };               \
		memcpy(ops_, these, sizeof(these));                           \
		explore(ops_, COUNT(these));                                  \
		CHECK(!go_on() && explorer.finished);                         \
	} while (0)
#define OP(kind, uuid) { GATT_OP_##kind, uuid, NULL, 0 }
#define VALUE(kind, uuid, v, len)                                             \
	{ GATT_OP_##kind, uuid, (const uint8_t *)(v), len }

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
		"c11 2:2a01 12-12 0a\n"
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
	/* all lengths, those that fill their last PDU among them */
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

/* The queue is too short, or the queueing is unknown, or refused at the end. */
static void writing_in_vain(void)
{
	const struct gatt_op any = VALUE(WRITE, name, octets, 512);

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
	/* what is queued is not what was sent */
	explore(&any, 1);
	lie.opcode = ATT_PREPARE_WRITE_REQ;
	lie.answer = "\x17\x09\x00\x00\x00x";
	lie.len = 6;
	CHECK(!go_on() && told_is("0@9=-4\ndone\n"));
	lie.opcode = 0;
}

static void subscribing(void)
{
	uint8_t pdu[ATT_MTU_OFFERED];

	RUN(OP(NOTIFY, twin), OP(INDICATE, twin), OP(NOTIFY, mute),
	    OP(NOTIFY, name), OP(INDICATE, absent), OP(NOTIFY, text));
	CHECK(told_is("0@14=0\n0@18=0\n1@14=0\n1@18=-2\n2@29=-2\n3@9=-2\n"
		      "4@0=-1\n5@0=-1\ndone\n"));
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

/* At any time: confirmed at once, and no request the less. */
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
	LIE(0x02, 0, "\x05\x17\x00", "it answers what was not asked"),
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
	/* the same again, and again: no loop */
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
	    "its includes are out of order"),
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
	LIE(0x12, 0, "\x19", "it answers what was not asked"),
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
		explore(ops, 3);
		fault = go_on();
		if (!fault || strcmp(fault, lies[i].fault)) {
			fprintf(stderr, "lie %zu: %s\n", i,
				fault ? fault : "believed");
			exit(1);
		}
	}
}

/* Lies that take an honest beginning. */
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
		      "it answers what was not asked"));
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

/* Whatever cannot be discovered, the rest is. */
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
	lying();
	lying_later();
	running_out();
	refusing();
	gatt_explorer_free(&explorer);
	gatt_db_free(&db);
	return 0;
}
