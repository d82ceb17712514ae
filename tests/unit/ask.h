/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server with external values; the test gives the answers. */
#ifndef BLESEC_ASK_H
#define BLESEC_ASK_H

#include "base/bytes.h"
#include "att/gatt-server.h"
#include "unit.h"

static struct gatt_db db;
static struct gatt_server server;
static uint8_t rsp[ATT_MTU_OFFERED];

/* What the server last asked for, and how often; what it is told at once. */
static struct {
	struct gatt_external what;
	uint8_t value[ATT_VALUE_MAX];
	unsigned int times;
	uint8_t refuse;
} asked;

static inline uint8_t on_external(struct gatt_server *of,
				  const struct gatt_external *what, void *arg)
{
	CHECK(of == &server && arg == server.arg && what->len <= ATT_VALUE_MAX);
	asked.what = *what;
	asked.what.value = NULL;
	if (what->len)
		memcpy(asked.value, what->value, what->len);
	asked.times++;
	return asked.refuse;
}

static inline bool asked_for(enum gatt_operation operation, uint16_t handle,
			     uint16_t offset, const char *value)
{
	return asked.what.operation == operation &&
	       asked.what.handle == handle && asked.what.offset == offset &&
	       asked.what.len == strlen(value) &&
	       !memcmp(asked.value, value, asked.what.len);
}

static inline void serve(uint16_t mtu)
{
	server = (struct gatt_server){
		.db = &db, .mtu = mtu, .optional = true,
		.external = on_external,
	};
	memset(&asked, 0, sizeof(asked));
}

static inline size_t ask(const void *pdu, size_t len)
{
	/* A copy of exact size, so that the sanitizer sees overreads. */
	uint8_t *copy = malloc(len ? len : 1);
	size_t n;

	memcpy(copy, pdu, len);
	memset(rsp, 0xee, sizeof(rsp));
	n = gatt_server_handle(&server, copy, len, rsp);
	free(copy);
	CHECK(n <= server.mtu && n <= sizeof(rsp));
	return n;
}

static inline size_t complete(uint8_t error, const void *value, size_t len)
{
	size_t n;

	memset(rsp, 0xee, sizeof(rsp));
	n = gatt_server_complete(&server, error, value, len, rsp);
	CHECK(n <= server.mtu && n <= sizeof(rsp));
	return n;
}

#define ASK(text) ask(text, sizeof(text) - 1)
#define GIVE(text) complete(0, text, sizeof(text) - 1)
#define IS(n, text)                                                           \
	((n) == sizeof(text) - 1 && !memcmp(rsp, text, sizeof(text) - 1))

static inline bool value_is(uint16_t handle, const char *value, size_t len)
{
	const struct gatt_attribute *a = gatt_db_find(&db, handle);

	return a->len == len && (!len || !memcmp(a->value, value, len));
}

#define VALUE_IS(handle, text) value_is(handle, text, sizeof(text) - 1)

#endif
