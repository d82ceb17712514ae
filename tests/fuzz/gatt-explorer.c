/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All kinds of operations on a server that answers anything.  Input: the
 * number of operations, each with its kind, its UUID and the length to write,
 * then what the server sends: how it is made, and what it is made of.
 *
 * sources: att/gatt-explorer.c att/gatt-explorer-discover.c att/gatt-explorer-operate.c
 * options: -max_len=3000 -len_control=20
 * runs: 150000
 * long: 10000000
 */
#include "config.h"
#include "fuzz.h"
#include "base/bytes.h"
#include "att/gatt-explorer-step.h"

#define OPS 6
#define SENT_MAX 4000		/* PDUs by the server, then stop */

static struct gatt_explorer explorer;
static struct gatt_op ops[OPS];
static uint8_t request[ATT_MTU_OFFERED];	/* the last one */
static size_t request_len;
static size_t rank[5];		/* of the last one: see judge_request() */
static size_t reported;		/* operation of the last result, + 1 */
static uint16_t last_found;

static void on_found(const struct gatt_found *found, void *arg)
{
	must(!arg && !explorer.finished && found->handle > last_found);
	must(ops[explorer.op].kind == GATT_OP_DISCOVER);
	must(found->uuid.len || found->kind == GATT_FOUND_INCLUDE);
	if (found->end && found->kind != GATT_FOUND_INCLUDE)
		must(found->end >= found->handle && found->end >= found->value);
	last_found = found->handle;
}

/* No operation is left out or reported twice. */
static void on_result(const struct gatt_result *result, void *arg)
{
	must(!arg && !explorer.finished);
	must(result->op == reported || result->op + 1 == reported);
	reported = result->op + 1;
	last_found = 0;
	must(result->status >= GATT_OP_DIFFERENT && result->status < 256);
	must(result->len <= ATT_VALUE_MAX);
	if (ops[result->op].kind != GATT_OP_READ || result->status)
		must(!result->len);
	if (result->handle)
		must(gatt_uuid_equal(&result->uuid, &ops[result->op].uuid));
}

static void on_notified(uint16_t handle, const struct gatt_uuid *uuid,
			bool indication, const uint8_t *value, size_t len,
			void *arg)
{
	(void)value;
	(void)indication;
	must(!arg && handle && len <= ATT_VALUE_MAX && (!uuid || uuid->len));
}

static void on_done(void *arg)
{
	must(!arg && explorer.finished && reported == explorer.count);
}

/* It ends because each request is further on than all before. */
static void judge_request(unsigned int step, size_t op, size_t at, size_t from,
			  size_t part)
{
	const bool discovers = step < GATT_STEP_READ;
	const size_t now[5] = {
		!discovers, discovers ? step : op, at,
		discovers ? from : step, discovers ? 0 : part,
	};
	size_t i = 0;

	while (i < 5 && now[i] == rank[i])
		i++;
	must(step == GATT_STEP_MTU || (i < 5 && now[i] > rank[i]));
	memcpy(rank, now, sizeof(rank));
}

static void send_all(void)
{
	uint8_t *pdu = malloc(ATT_MTU_OFFERED);
	size_t n;

	for (;;) {
		const unsigned int step = explorer.step;
		const size_t op = explorer.op, at = explorer.at;
		const bool asked = explorer.asked;

		n = gatt_explorer_next(&explorer, pdu);
		if (!n)
			break;
		must(n <= explorer.mtu && explorer.mtu >= ATT_MTU_DEFAULT &&
		     explorer.mtu <= ATT_MTU_OFFERED);
		if (pdu[0] == ATT_HANDLE_VALUE_CFM || pdu[0] == ATT_ERROR_RSP)
			continue;
		/* one at a time, whatever else is sent */
		must(!asked && explorer.asked == (pdu[0] != ATT_WRITE_CMD));
		judge_request(step, op, at, explorer.next, explorer.len);
		memcpy(request, pdu, n);
		request_len = n;
	}
	must(explorer.asked == !explorer.finished);
	must(!explorer.confirm && !explorer.refuse);
	must(explorer.used <= UINT16_MAX);
	free(pdu);
}

/* A list of handles in or near the requested range. */
static size_t list(uint8_t *pdu)
{
	static const uint8_t widths[] = { 6, 20, 8, 7, 21, 4, 18 };
	size_t each = widths[next() % sizeof(widths)], n = next() % 6U + 1;
	uint16_t handle = get_le16(request + 1);

	if (n > (explorer.mtu - 2U) / each)
		n = (explorer.mtu - 2U) / each;
	pdu[1] = (uint8_t)(each == 4 ? 1 : each == 18 ? 2 : each);
	for (size_t i = 0; i < n; i++) {
		uint8_t *p = pdu + 2 + i * each;
		const uint8_t gap = next(), span = next();

		memset(p, 0, each);
		handle = (uint16_t)(handle + (gap & 0x80 ? gap & 15U : 0));
		put_le16(p, handle);
		if (each == 4 || each == 18) {
			put_le16(p + 2, (uint16_t)(0x2900 + span % 4));
		} else if (each == 7 || each == 21) {
			p[2] = gap | 0x80;
			handle = (uint16_t)(handle + 1 + (span & 0x80 ?
							  span & 7 : 0));
			put_le16(p + 3, handle);
			put_le16(p + 5, (uint16_t)(0x2a00 + span % 4));
		} else {
			handle = (uint16_t)(handle + span);
			put_le16(p + 2, handle);
			if (pdu[0] == ATT_READ_BY_TYPE_RSP)
				put_le16(p + 4, handle);
			handle = get_le16(p + 2);
		}
		handle++;
	}
	return 2 + n * each;
}

/* Anything that a server can send. */
static size_t make(uint8_t *pdu)
{
	const uint8_t how = next();
	size_t n = next();

	pdu[0] = (uint8_t)(request[0] + 1);
	switch (how % 8) {
	case 0:
		pdu[0] = ATT_ERROR_RSP;
		pdu[1] = request[0];
		memcpy(pdu + 2, request + 1, 2);
		pdu[4] = how & 0x80 ? (uint8_t)n :
				      ATT_ECODE_ATTRIBUTE_NOT_FOUND;
		return 5;
	case 1:
	case 2:
		return list(pdu);
	case 3:		/* as a Prepare Write Response has to be */
		memcpy(pdu + 1, request + 1, request_len - 1);
		if (how & 0x80)
			pdu[n % request_len] ^= 0x10;
		return request_len;
	case 4:
		memset(pdu + 1, (int)n, explorer.mtu - 1U);
		return explorer.mtu;
	case 5:
		pdu[0] = next();
		break;
	case 6:
		return 1;
	case 7:
		break;
	}
	for (size_t i = 1; i < n; i++)
		pdu[i] = next();
	return n;
}

static void choose_ops(void)
{
	static const uint8_t value[ATT_VALUE_MAX + 1] = { 1, 2, 3 };

	explorer.count = next() % (OPS + 1);
	for (size_t i = 0; i < explorer.count; i++) {
		const uint8_t kind = next(), len = next();

		ops[i] = (struct gatt_op){
			.kind = (enum gatt_op_kind)(kind % 7),
			.uuid = gatt_uuid16((uint16_t)(kind & 0x80 ?
				0x2900 + len % 4 : 0x2a00 + len % 4)),
			.value = value,
			.len = len * 3U % sizeof(value),
		};
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *fault = NULL;
	uint8_t made[ATT_MTU_OFFERED], *pdu;
	size_t n, sent = 0;

	input = data;
	left = len;
	explorer = (struct gatt_explorer){
		.ops = ops, .found = on_found, .result = on_result,
		.notified = on_notified, .done = on_done,
	};
	memset(rank, 0, sizeof(rank));
	reported = last_found = 0;
	choose_ops();
	send_all();
	while (left && !fault && sent++ < SENT_MAX) {
		n = make(made);
		/* A copy of exact size: the sanitizer sees overreads. */
		pdu = malloc(n ? n : 1);
		memcpy(pdu, made, n);
		fault = gatt_explorer_receive(&explorer, pdu, n);
		free(pdu);
		if (!fault)
			send_all();
	}
	if (fault)
		must(strlen(fault) > 10);
	gatt_explorer_free(&explorer);
	return 0;
}
