/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The central discovers the tunnel's service: on a peripheral that answers
 * anything; or on an honest one that has the service among others, where it
 * must find all handles.  Input: which of them, then the answers or the
 * peripheral's database.
 *
 * sources: att/gatt-client.c
 * options: -max_len=1000 -len_control=20
 * runs: 200000
 * long: 10000000
 */
#include "config.h"
#include "fuzz.h"
#include "base/bytes.h"
#include "att/gatt-client.h"
#include "att/gatt-server.h"

#define EXCHANGES_MAX 200000	/* each handle twice, at most */

static struct gatt_client client;
static uint8_t *request;	/* ATT_MTU_DEFAULT octets */
static size_t request_len;

static void sound(void)
{
	const struct gatt_tunnel_handles *h = &client.handles;

	must(client.step <= GATT_CLIENT_DONE);
	must(request_len <= ATT_MTU_DEFAULT);
	must(client.mtu >= ATT_MTU_DEFAULT && client.mtu <= ATT_MTU_OFFERED);
	if (client.step > GATT_CLIENT_CHARACTERISTICS)
		must(h->capability && h->inbound && h->outbound);
	if (client.step > GATT_CLIENT_DESCRIPTOR)
		must(h->configuration > h->outbound);
	if (client.step > GATT_CLIENT_CAPABILITY)
		must(client.capability_len >= CAPABILITY_MIN &&
		     client.capability_len <= CAPABILITY_MAX);
	must(!request_len == (client.step == GATT_CLIENT_DONE));
}

/* Each request must ask for later handles, or discovery would never end. */
static bool respond(const uint8_t *pdu, size_t len)
{
	uint8_t *copy = exactly(pdu, len), before[ATT_MTU_DEFAULT] = { 0 };
	const size_t before_len = request_len;
	const char *fault;

	memcpy(before, request, request_len);
	fault = gatt_client_response(&client, copy, len, request, &request_len);
	free(copy);
	if (fault) {
		must(strlen(fault) > 10 && !request_len);
		return false;
	}
	sound();
	if (request_len == before_len && request[0] == before[0])
		must(get_le16(request + 1) > get_le16(before + 1));
	return true;
}

/* Something like a correct answer. */
static size_t list(uint8_t *pdu, uint8_t how)
{
	static const uint8_t widths[] = { 7, 21, 4, 18, 6 };
	const struct gatt_uuid *uuids[] = {
		&tunnel_uuid_capability, &tunnel_uuid_inbound,
		&tunnel_uuid_outbound, &tunnel_uuid_service,
	};
	const size_t each = widths[next() % 5];
	size_t len = request[0] == ATT_FIND_BY_TYPE_VALUE_REQ ? 1 : 2;
	uint16_t handle = (uint16_t)(get_le16(request + 1) -
				     (how & 8 ? 4 : 0));

	pdu[1] = (uint8_t)(request[0] != ATT_FIND_INFORMATION_REQ ? each :
			   each == 4 ? 1 : 2);
	for (unsigned int i = how % 8U; i && len + each < 200; i--) {
		const uint8_t gap = next();
		const struct gatt_uuid *uuid = uuids[gap >> 6];

		handle = (uint16_t)(handle + (gap & 3));
		memset(pdu + len, gap, each);
		put_le16(pdu + len, handle);
		if (len == 1 || each == 7 || each == 21)
			handle = (uint16_t)(handle + (gap >> 2 & 7));
		put_le16(pdu + len + 2, handle);
		if (each == 7 || each == 21)
			put_le16(pdu + len + 3, handle);
		if (each >= 18)
			memcpy(pdu + len + each - 16, uuid->value, 16);
		if (each == 4 && len == 2)
			put_le16(pdu + len + 2, (uint16_t)(0x2900 + (gap & 3)));
		len += each;
		handle++;
	}
	return len;
}

static void anything(void)
{
	uint8_t pdu[ATT_MTU_OFFERED];
	size_t n = 0;
	bool good = true;

	while (left && good) {
		const uint8_t how = next();

		memset(pdu, how, sizeof(pdu));
		pdu[0] = (uint8_t)(request[0] + 1);
		switch (how >> 5) {
		case 0:
			pdu[0] = ATT_ERROR_RSP;
			n = how & 1 ? 5 : how % 8;
			break;
		case 1:
		case 2:
		case 3:
			n = list(pdu, how);
			break;
		case 4:		/* the MTU; the capability; that it is written */
			n = request[0] == ATT_WRITE_REQ ? 1 :
				how & 1 ? 3 : 1 + next();
			fill(pdu + 1, n - 1);
			break;
		case 5:		/* the service */
			n = 5;
			put_le16(pdu + 1, 1 + how % 8);
			put_le16(pdu + 3, 0xffff);
			break;
		default:
			n = next();
			fill(pdu, n);
		}
		good = respond(pdu, n);
	}
}

/* Other services before, after and between; an empty one has no
 * characteristic. */
static void add_others(struct gatt_db *db)
{
	/* Not quite one of the tunnel's. */
	struct gatt_uuid similar = tunnel_uuid_inbound;

	similar.value[0] ^= 0x80;
	for (unsigned int i = next() % 8; i; i--) {
		const uint8_t what = next();
		const struct gatt_uuid uuid = what & 1 ? similar :
			gatt_uuid16((uint16_t)(0x2900 + (what & 6)));

		if (what & 8)
			must(gatt_db_service(db, &uuid));
		else if (db->service && what & 16)
			must(gatt_db_descriptor(db, &uuid, GATT_READ, "x", 1));
		else if (db->service)
			must(gatt_db_characteristic(db, &uuid, 2, GATT_READ,
						    "xyz", what >> 6));
	}
}

static void good_one(void)
{
	struct gatt_db db = { 0 };
	uint8_t capability[CAPABILITY_MAX], rsp[ATT_MTU_OFFERED];
	const size_t len = CAPABILITY_MIN +
			   next() % (CAPABILITY_MAX - CAPABILITY_MIN + 1U);
	struct gatt_tunnel_handles is;
	struct gatt_server server = { .db = &db, .mtu = ATT_MTU_DEFAULT };
	size_t n, answered = 0;

	fill(capability, len);
	add_others(&db);
	is = gatt_db_tunnel(&db, capability, len);
	must(is.configuration);
	/* Also in the same service: what is there must be enough. */
	add_others(&db);
	while (client.step != GATT_CLIENT_DONE) {
		must(++answered < EXCHANGES_MAX);
		n = gatt_server_handle(&server, request, request_len, rsp);
		must(n && n <= server.mtu);
		must(respond(rsp, n));
	}
	must(client.mtu == server.mtu);
	must(client.handles.capability == is.capability &&
	     client.handles.inbound == is.inbound &&
	     client.handles.outbound == is.outbound &&
	     client.handles.configuration == is.configuration);
	/* ATT cuts what does not fit into one response. */
	n = len < client.mtu - 1U ? len : client.mtu - 1U;
	must(client.capability_len == n &&
	     !memcmp(client.capability, capability, n));
	gatt_db_free(&db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	input = data;
	left = len;
	client = (struct gatt_client){ 0 };
	request = malloc(ATT_MTU_DEFAULT);
	request_len = gatt_client_start(&client, request);
	sound();
	if (next() & 1)
		good_one();
	else
		anything();
	free(request);
	return 0;
}
