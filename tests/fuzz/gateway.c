/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three centrals and a peripheral that send anything, valid or not, in any
 * order, while the link comes and goes, is busy, and time passes.  Input: the
 * settings, then events: an octet for the kind, and its parameters.
 *
 * sources: gateway/gateway.c gateway/gateway-central.c gateway/gateway-link.c
 * sources: gateway/gateway-share.c gateway/gateway-view.c
 * sources: att/gatt-explorer.c att/gatt-explorer-discover.c att/gatt-explorer-operate.c
 * options: -max_len=3000 -len_control=20
 * runs: 15000
 * long: 10000000
 */
#include "config.h"
#include "fuzz.h"
#include "base/bytes.h"
#include "gateway/gateway.h"
#include "att/gatt-server.h"

#define CENTRALS 3
#define STEPS_MAX 3000

static struct gateway *gate;
static uint64_t now;
static uint16_t limit;		/* the MTU that the peripheral offers */
static struct gatt_db dbs[2];
static struct gatt_server server;

/* The state as the callbacks see it. */
static struct {
	bool up, busy, asked;
	uint16_t mtu;
	unsigned int indicated;	/* that are unconfirmed */
	size_t len;
	uint8_t request[ATT_MTU_OFFERED];
} wire;

static struct {
	bool there, dropped, asking, confirming;
	uint16_t mtu, offered;
	unsigned int given, taken;
} centrals[CENTRALS];

static bool on_to_peripheral(const uint8_t *pdu, size_t len, void *arg)
{
	must(!arg && wire.up && len && len <= wire.mtu);
	if (wire.busy)
		return false;
	if (pdu[0] == ATT_HANDLE_VALUE_CFM) {
		must(len == 1 && wire.indicated-- == 1);
	} else if (pdu[0] & ATT_COMMAND_FLAG) {
		must(pdu[0] == ATT_WRITE_CMD || pdu[0] == ATT_SIGNED_WRITE_CMD);
	} else if (!(pdu[0] & 1)) {
		must(!wire.asked);
		wire.asked = true;
		wire.len = len;
		memcpy(wire.request, pdu, len);
	} else {
		must(pdu[0] == ATT_ERROR_RSP || pdu[0] == ATT_EXCHANGE_MTU_RSP);
	}
	return true;
}

static void on_to_central(uint32_t n, const uint8_t *pdu, size_t len, void *arg)
{
	must(!arg && n < CENTRALS && centrals[n].there);
	must(!centrals[n].dropped && len && len <= centrals[n].mtu);
	switch (pdu[0]) {
	case ATT_HANDLE_VALUE_IND:
		must(!centrals[n].confirming);
		centrals[n].confirming = true;
		/* fall through */
	case ATT_HANDLE_VALUE_NTF:
		must(len >= 3 && wire.up);
		return;
	case ATT_EXCHANGE_MTU_RSP:
		must(len == 3 && get_le16(pdu + 1) >= ATT_MTU_DEFAULT);
		centrals[n].mtu = centrals[n].offered < get_le16(pdu + 1) ?
			centrals[n].offered : get_le16(pdu + 1);
		if (centrals[n].mtu < ATT_MTU_DEFAULT)
			centrals[n].mtu = ATT_MTU_DEFAULT;
		break;
	case ATT_ERROR_RSP:
		must(len == 5 && pdu[4]);
		break;
	default:
		must((pdu[0] & 1) && !gatt_server_takes(pdu[0]));
	}
	must(centrals[n].asking);
	centrals[n].asking = false;
}

static void on_taken(uint32_t n, void *arg)
{
	must(!arg && n < CENTRALS && centrals[n].there);
	must(++centrals[n].taken <= centrals[n].given);
}

static void on_ready(uint16_t mtu, void *arg)
{
	must(!arg && wire.up && mtu == wire.mtu);
}

static void on_drop(uint32_t n, bool at_fault, const char *words, void *arg)
{
	(void)at_fault;
	must(!arg && n < CENTRALS && centrals[n].there && strlen(words) > 10);
	must(!centrals[n].dropped);
	centrals[n].dropped = true;
	must(centrals[n].given - centrals[n].taken <= 1);
}

static void fall(void)
{
	wire.up = wire.busy = wire.asked = false;
	wire.indicated = 0;
}

static void on_fault(const char *words, void *arg)
{
	must(!arg && wire.up && strlen(words) > 10);
	fall();
}

/* A copy of exact size, so that the sanitizer sees overreads. */
static uint8_t *exact(const uint8_t *pdu, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	memcpy(copy, pdu, len);
	return copy;
}

static void say(const uint8_t *pdu, size_t len)
{
	uint8_t *copy = exact(pdu, len);
	const bool was_asked = wire.asked;

	if (wire.up && len && len <= wire.mtu && !gatt_server_takes(pdu[0])) {
		if (pdu[0] == ATT_HANDLE_VALUE_IND)
			wire.indicated++;
		else if (pdu[0] != ATT_HANDLE_VALUE_NTF &&
			 pdu[0] != ATT_MULTIPLE_HANDLE_VALUE_NTF)
			wire.asked = false;
		if (pdu[0] == ATT_EXCHANGE_MTU_RSP && len == 3 && was_asked &&
		    wire.request[0] == ATT_EXCHANGE_MTU_REQ &&
		    get_le16(pdu + 1) >= ATT_MTU_DEFAULT)
			wire.mtu = get_le16(pdu + 1) < ATT_MTU_OFFERED ?
				get_le16(pdu + 1) : ATT_MTU_OFFERED;
	}
	gateway_peripheral(gate, copy, len, now);
	free(copy);
}

/* A correct answer to the request. */
static void answer(void)
{
	uint8_t rsp[ATT_MTU_OFFERED];
	size_t n;

	if (!wire.asked)
		return;
	if (wire.request[0] == ATT_EXCHANGE_MTU_REQ)
		put_le16(wire.request + 1, limit);
	n = gatt_server_handle(&server, wire.request, wire.len, rsp);
	if (wire.request[0] == ATT_EXCHANGE_MTU_REQ)
		put_le16(rsp + 1, limit);
	must(n);
	say(rsp, n);
}

static void answer_all(void)
{
	for (unsigned int i = 0; wire.asked && i < 200; i++)
		answer();
}

static void connect_to(unsigned int which)
{
	fall();
	server = (struct gatt_server){
		.db = &dbs[which % 2], .mtu = ATT_MTU_DEFAULT,
		.optional = true,
	};
	wire.up = true;
	wire.mtu = ATT_MTU_DEFAULT;
	gateway_up(gate, now);
}

/* Any handle, mostly one that exists. */
static uint16_t handle(void)
{
	const uint8_t n = next();

	return (uint16_t)(n < 0xe0 ? n % 24 : 0xff00 + n);
}

static size_t tail(uint8_t *pdu, size_t len)
{
	const uint8_t n = next();

	for (size_t i = 0; i < n % 32U; i++)
		pdu[len++] = next();
	if (n & 0x80)
		for (; len < 20U + (n & 0x60) * 5U; len++)
			pdu[len] = n;
	return len;
}

static uint16_t type(void)
{
	static const uint16_t types[] = { 0x2800, 0x2801, 0x2802, 0x2803,
					  0x2902, 0x2901, 0x2a00, 0x2a37 };

	return types[next() % 8];
}

/* A request from a central, valid or nearly so. */
static size_t request(uint8_t *pdu)
{
	static const uint8_t opcodes[] = {
		0x02, 0x04, 0x06, 0x08, 0x0a, 0x0c, 0x0e, 0x10, 0x12, 0x12,
		0x16, 0x18, 0x20, 0x52, 0xd2, 0x1e,
	};
	const uint8_t opcode = opcodes[next() % sizeof(opcodes)];
	size_t n = 3;

	pdu[0] = opcode;
	put_le16(pdu + 1, handle());
	switch (opcode) {
	case ATT_EXCHANGE_MTU_REQ:
		put_le16(pdu + 1, (uint16_t)(next() * 3));
		return 3;
	case ATT_FIND_INFORMATION_REQ:
	case ATT_READ_BY_TYPE_REQ:
	case ATT_READ_BY_GROUP_TYPE_REQ:
	case ATT_FIND_BY_TYPE_VALUE_REQ:
		put_le16(pdu + 3, (uint16_t)(next() & 1 ? 0xffff : handle()));
		if (opcode == ATT_FIND_INFORMATION_REQ)
			return 5;
		put_le16(pdu + 5, type());
		return opcode == ATT_FIND_BY_TYPE_VALUE_REQ ? tail(pdu, 7) : 7;
	case ATT_READ_BLOB_REQ:
		put_le16(pdu + 3, next());
		return 5;
	case ATT_READ_MULTIPLE_REQ:
	case ATT_READ_MULTIPLE_VARIABLE_REQ:
		do {
			put_le16(pdu + n, handle());
			n += 2;
		} while (n < 9 && next() & 1);
		return n;
	case ATT_WRITE_REQ:
		put_le16(pdu + 3, next() & 3);
		return pdu[3] < 3 ? 5 : tail(pdu, 3);
	case ATT_PREPARE_WRITE_REQ:
		put_le16(pdu + 3, next());
		return tail(pdu, 5);
	case ATT_EXECUTE_WRITE_REQ:
		pdu[1] &= 3;
		return 2;
	case ATT_HANDLE_VALUE_CFM:
		return 1;
	case ATT_SIGNED_WRITE_CMD:
		memset(pdu + 3, 0, 12);
		return tail(pdu, 15);
	default:
		return opcode == ATT_WRITE_CMD ? tail(pdu, 3) : 3;
	}
}

/* A list of handles in or near the requested range. */
static size_t list(uint8_t *pdu)
{
	static const uint8_t widths[] = { 4, 18, 6, 20, 7, 21, 2, 30 };
	size_t each = widths[next() % 8], n = next() % 6U + 1;
	size_t len = pdu[0] == ATT_FIND_BY_TYPE_VALUE_RSP ? 1 : 2;
	uint16_t at = get_le16(wire.request + 1);

	if (len == 1)
		each = 4;
	pdu[1] = (uint8_t)(pdu[0] != ATT_FIND_INFORMATION_RSP ? each :
			   each == 4 ? 1 : 2);
	for (; n-- && len + each <= wire.mtu; len += each) {
		const uint8_t gap = next();

		at = (uint16_t)(at + (gap & 7));
		memset(pdu + len, gap, each);
		put_le16(pdu + len, at);
		if (gap & 0x40)
			at = (uint16_t)(at + (gap >> 4));
		if (each >= 4)
			put_le16(pdu + len + 2, gap & 0x80 ? 0xffff : at);
		at++;
	}
	return len;
}

/* Something not quite right from the peripheral. */
static void lie(void)
{
	uint8_t pdu[700] = { 0 };
	const uint8_t how = next();
	size_t n = 5;

	pdu[0] = (uint8_t)(wire.request[0] + 1);
	switch (how % 8) {
	case 0:
		pdu[0] = ATT_ERROR_RSP;
		pdu[1] = wire.request[0];
		put_le16(pdu + 2, handle());
		pdu[4] = next();
		break;
	case 1:
	case 2:
		n = list(pdu);
		break;
	case 3:
	case 4:
		pdu[0] = how & 0x40 ? ATT_HANDLE_VALUE_NTF :
				      ATT_HANDLE_VALUE_IND;
		put_le16(pdu + 1, handle());
		n = tail(pdu, 3);
		break;
	case 5:
		pdu[0] = ATT_MULTIPLE_HANDLE_VALUE_NTF;
		put_le16(pdu + 1, handle());
		n = tail(pdu, 5);
		put_le16(pdu + 3, (uint16_t)(n - 5 + (how >> 7)));
		break;
	case 6:
		n = how & 0x40 ? wire.mtu + (how >> 7) : tail(pdu, 1);
		break;
	case 7:
		n = how & 0x40 ? request(pdu) : tail(pdu, 0);
		break;
	}
	say(pdu, n);
}

static void give(uint32_t n, const uint8_t *pdu, size_t len)
{
	uint8_t *copy;

	if (!centrals[n].there)
		return;
	copy = exact(pdu, len);
	centrals[n].given++;
	if (len && gatt_server_takes(pdu[0]) && !(pdu[0] & ATT_COMMAND_FLAG) &&
	    pdu[0] != ATT_HANDLE_VALUE_CFM)
		centrals[n].asking = true;
	if (len == 1 && pdu[0] == ATT_HANDLE_VALUE_CFM)
		centrals[n].confirming = false;
	if (len == 3 && pdu[0] == ATT_EXCHANGE_MTU_REQ)
		centrals[n].offered = get_le16(pdu + 1);
	gateway_central(gate, n, copy, len, now);
	/* None is held for one that is dropped. */
	if (centrals[n].dropped)
		must(centrals[n].given == centrals[n].taken);
	must(centrals[n].given - centrals[n].taken <= GATEWAY_HELD);
	free(copy);
}

static void leave(uint32_t n)
{
	if (!centrals[n].there)
		return;
	gateway_remove(gate, n, now);
	must(centrals[n].given == centrals[n].taken);
	memset(&centrals[n], 0, sizeof(centrals[n]));
}

static void come(uint32_t n)
{
	leave(n);
	must(gateway_add(gate, n));
	centrals[n].there = true;
	centrals[n].mtu = ATT_MTU_DEFAULT;
}

static void wait_for(uint64_t ms)
{
	uint64_t due;

	now += ms;
	due = gateway_tick(gate, now);
	must(due > now);
	/* What is held is given up in the end. */
	if (due == GATEWAY_NEVER)
		for (uint32_t i = 0; i < CENTRALS; i++)
			must(centrals[i].given == centrals[i].taken);
}

static void step(void)
{
	static const uint16_t times[] = { 1, 1000, 9999, 10000, 15000, 20000,
					  30000, 5000 };
	const uint8_t what = next();
	const uint32_t n = (what >> 4) % CENTRALS;
	uint8_t pdu[700] = { 0 };

	switch (what % 16) {
	case 0:
	case 1:
	case 2:
	case 3:
		give(n, pdu, request(pdu));
		return;
	case 4:
		give(n, pdu, tail(pdu, 0));
		return;
	case 5:
	case 6:
		answer();
		return;
	case 7:
		answer_all();
		return;
	case 8:
	case 9:
		lie();
		return;
	case 10:
		wait_for(times[(what >> 4) % 8]);
		return;
	case 11:
		wire.busy = wire.up && what & 0x10;
		if (!wire.busy)
			gateway_writable(gate, now);
		return;
	case 12:
		if (what & 0x10)
			connect_to(what >> 5);
		else if (what & 0x20) {
			fall();
			gateway_down(gate, now);
		}
		return;
	case 13:
		if (what & 0x80)
			leave(n);
		else
			come(n);
		return;
	case 14:
		gateway_advertising(gate, pdu, what * 2U);
		return;
	case 15:
		pdu[0] = ATT_HANDLE_VALUE_CFM;
		give(n, pdu, 1);
		return;
	}
}

/* Two UUIDs that differ only at the end. */
static void fill_db(struct gatt_db *db, bool more)
{
	const struct gatt_uuid one = gatt_uuid16(0x1800);
	const struct gatt_uuid other = gatt_uuid16(0x180d);
	const struct gatt_uuid value = gatt_uuid16(0x2a00);
	const struct gatt_uuid rate = gatt_uuid16(0x2a37);
	const struct gatt_uuid configuration =
		gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	const struct gatt_uuid changed = gatt_uuid16(GATT_SERVICE_CHANGED);
	static const uint8_t octets[200];
	uint16_t long_value;

	gatt_db_secondary_service(db, &tunnel_uuid_service);
	gatt_db_service(db, &one);
	gatt_db_include(db, 1);
	long_value = gatt_db_characteristic(db, &value, 0x0e,
		GATT_READ | GATT_WRITE | GATT_WRITE_COMMAND, octets, 200);
	gatt_db_find(db, long_value)->not_long = true;
	gatt_db_service(db, &other);
	for (unsigned int i = 0; i < 3; i++) {
		gatt_db_characteristic(db, &rate, 0x3a, GATT_READ | GATT_WRITE,
				       octets, 30);
		gatt_db_descriptor(db, &configuration, GATT_READ | GATT_WRITE,
				   octets, 2);
	}
	gatt_db_characteristic(db, &tunnel_uuid_inbound, 0x02, 0, octets, 3);
	gatt_db_characteristic(db, &changed, GATT_PROPERTY_INDICATE, 0, octets,
			       4);
	gatt_db_descriptor(db, &configuration, GATT_READ | GATT_WRITE, octets,
			   2);
	if (more)
		gatt_db_service(db, &one);
	must(db->count == 20U + more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct gatt_uuid exposed[] = {
		{ 2, { 0x37, 0x2a } }, { 2, { 0x00, 0x18 } },
	};
	uint8_t settings;

	input = data;
	left = len;
	now = 1;
	settings = next();
	limit = (uint16_t)(23 + next() * 2);
	if (!dbs[0].count) {
		fill_db(&dbs[0], false);
		fill_db(&dbs[1], true);
	}
	gate = gateway_new(&(struct gateway_settings){
		.expose = exposed, .expose_count = settings & 3U ?
			(settings & 3U) - 1 : 0,
		.read_only = settings & 4,
		.to_peripheral = on_to_peripheral,
		.to_central = on_to_central, .taken = on_taken,
		.ready = on_ready, .drop = on_drop, .fault = on_fault,
	});
	must(!!gate);
	memset(centrals, 0, sizeof(centrals));
	fall();
	for (uint32_t i = 0; i < CENTRALS; i++)
		come(i);
	if (settings & 8) {
		connect_to(0);
		answer_all();
	}
	for (unsigned int i = 0; left && i < STEPS_MAX; i++)
		step();
	/* In the end, everything must finish. */
	for (unsigned int i = 0; i < 3; i++)
		wait_for(30000);
	for (uint32_t i = 0; i < CENTRALS; i++) {
		must(centrals[i].given == centrals[i].taken);
		must(centrals[i].dropped || !centrals[i].asking);
		leave(i);
	}
	gateway_free(gate);
	return 0;
}
