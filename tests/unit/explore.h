/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An explorer, a server with everything it can find, and a record of what it
 * reports.  The server can be made to lie. */
#ifndef BLESEC_EXPLORE_H
#define BLESEC_EXPLORE_H

#include "ask.h"
#include "att/gatt-explorer.h"

#include <stdarg.h>

#define EVERY (GATT_READ | GATT_WRITE | GATT_WRITE_COMMAND)

/* What the explorer must find, in the order of handles. */
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
static uint16_t limit;		/* the agreed MTU */

/* All events, one per line. */
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

__attribute__((format(printf, 1, 2)))
static inline void tell(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(told + told_len, sizeof(told) - told_len, format, args);
	va_end(args);
	CHECK(n > 0 && (size_t)n < sizeof(told) - told_len);
	told_len += (size_t)n;
}

static inline unsigned int number(const struct gatt_uuid *uuid)
{
	return uuid->len ? get_le16(uuid->value + uuid->len - 2) : 0;
}

static inline void on_found(const struct gatt_found *found, void *arg)
{
	static const char kinds[] = "psicd";

	CHECK(arg == &explorer && !explorer.finished);
	tell("%c%u %u:%04x %u-%u %02x\n", kinds[found->kind], found->handle,
	     found->uuid.len, number(&found->uuid), found->value, found->end,
	     found->properties);
}

static inline void on_result(const struct gatt_result *result, void *arg)
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

static inline void on_notified(uint16_t handle, const struct gatt_uuid *uuid,
			       bool indication, const uint8_t *value,
			       size_t len, void *arg)
{
	CHECK(arg == &explorer);
	tell("%s %u %04x %.*s\n", indication ? "indicated" : "notified",
	     handle, uuid ? number(uuid) : 0, (int)len, (const char *)value);
}

static inline void on_done(void *arg)
{
	CHECK(arg == &explorer && explorer.finished);
	tell("done\n");
}

static inline uint16_t add(const struct gatt_uuid *uuid, uint8_t properties,
			   const void *value, size_t len)
{
	return gatt_db_characteristic(&db, uuid, properties, EVERY, value,
				      len);
}

static inline uint16_t add_descriptor(uint16_t type, const void *value,
				      size_t len)
{
	const struct gatt_uuid uuid = gatt_uuid16(type);

	return gatt_db_descriptor(&db, &uuid, GATT_READ | GATT_WRITE, value,
				  len);
}

static inline void fresh(uint16_t mtu)
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
	CHECK(add(&outer, 0x1a, NULL, 0) == EXTERNAL_VALUE);
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

/* A copy of exact size, so that the sanitizer sees overreads. */
static inline const char *receive(const void *pdu, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *fault;

	memcpy(copy, pdu, len);
	fault = gatt_explorer_receive(&explorer, copy, len);
	free(copy);
	return fault;
}

#define RECEIVE(pdu) receive(pdu, sizeof(pdu) - 1)

static inline size_t next(uint8_t *pdu)
{
	size_t n = gatt_explorer_next(&explorer, pdu);

	CHECK(n <= explorer.mtu);
	return n;
}

/* Let the server answer, or the owner of the value. */
static inline const char *respond(uint8_t *pdu, size_t len)
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

static inline void explore(const struct gatt_op *ops, size_t count)
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

/* Run until the operation ends or the explorer notices a lie. */
static inline const char *go_on(void)
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

static inline bool told_is(const char *expected)
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

#endif
