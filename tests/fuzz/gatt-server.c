/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PDUs of all kinds against a database with all kinds of attributes.  Input:
 * the MTU, the link's security, then a sequence of length and PDU; a length of
 * 0xff answers what is pending instead, 0xfe changes the link.
 *
 * sources: att/att.c att/gatt-access.c att/gatt-db.c
 * sources: att/gatt-read.c att/gatt-server.c att/gatt-write.c
 * options: -max_len=3000 -len_control=20
 * runs: 35000
 * long: 5000000
 */
#include "config.h"
#include "fuzz.h"
#include "base/bytes.h"
#include "att/gatt-server.h"

static struct gatt_db db;
static struct gatt_server server;

static uint8_t on_write(uint16_t handle, const uint8_t *value, size_t len,
			void *arg)
{
	(void)arg;
	must(handle && (!len || value));
	return len && value[0] == 0xee ? 0x80 : 0;
}

static bool on_authorize(uint32_t authorization, uint16_t handle, bool writing,
			 void *arg)
{
	(void)arg;
	must(authorization == 9 && handle);
	return !writing;
}

static bool on_verify(const uint8_t *message, size_t len,
		      const uint8_t signature[ATT_SIGNATURE_SIZE], void *arg)
{
	(void)arg;
	must(len >= 3 && message[0] == 0xd2);
	return signature[0] == signature[11];
}

static uint8_t on_external(struct gatt_server *of,
			   const struct gatt_external *what, void *arg)
{
	const struct gatt_attribute *a = gatt_db_find(of->db, what->handle);

	must(!arg && of == &server && a && a->external);
	must(what->offset + what->len <= ATT_VALUE_MAX);
	if (a->max)
		must(what->offset + what->len <= a->max);
	if (what->operation != GATT_EXTERNAL_COMMAND)
		must(!of->pending);
	return what->len && what->value[0] == 0xee ? 0x80 : 0;
}

/* Values of each kind, each followed by its configuration. */
static void build(void)
{
	static const uint8_t octets[ATT_VALUE_MAX];
	const struct gatt_uuid ccc = gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	const uint8_t access = GATT_READ | GATT_WRITE | GATT_WRITE_COMMAND |
			       GATT_WRITE_SIGNED;

	gatt_db_free(&db);
	must(gatt_db_secondary_service(&db, &tunnel_uuid_service));
	for (unsigned int i = 0; i < 16; i++) {
		const struct gatt_uuid uuid = i & 4 ? tunnel_uuid_inbound :
			gatt_uuid16((uint16_t)(0x2a00 + i % 3));
		uint16_t handle;
		struct gatt_attribute *a;

		if (i % 8 == 0) {
			must(gatt_db_service(&db, &uuid));
			must(gatt_db_include(&db, 1));
		}
		handle = gatt_db_characteristic(&db, &uuid, 0x3a,
			i == 15 ? 0 : access, octets, i & 2 ? 512 : i);
		must(handle);
		if (i & 1)
			must(gatt_db_set_length(&db, handle, 40, i & 8));
		a = gatt_db_find(&db, handle);
		a->external = i % 4 == 3;
		a->not_long = i & 8;
		a->read.level = (uint8_t)(i % 5);
		a->write.level = (uint8_t)(i / 3 % 5);
		a->read.key_size = a->write.key_size = (uint8_t)(i + 1);
		a->write.authorization = i == 12 ? 9 : 0;
		must(gatt_db_descriptor(&db, &ccc, access, octets, 2));
	}
}

/* A response must match the request and fit into ATT_MTU. */
static void judge(uint8_t opcode, const uint8_t *rsp, size_t n)
{
	must(n <= server.mtu);
	must(rsp[0] == opcode + 1 ||
	     (n == 5 && rsp[0] == ATT_ERROR_RSP && rsp[1] == opcode && rsp[4]));
	if (rsp[0] == ATT_ERROR_RSP)
		must(strlen(att_error_name(rsp[4])) > 10);
}

static void request(size_t len)
{
	uint8_t *rsp = malloc(ATT_MTU_OFFERED), *pdu;
	const bool pending = server.pending;
	bool none;
	size_t n;

	if (len > left)
		len = left;
	/* A copy of exact size, so that the sanitizer sees overreads. */
	pdu = malloc(len ? len : 1);
	memcpy(pdu, input, len);
	input += len;
	left -= len;
	n = gatt_server_handle(&server, pdu, len, rsp);
	must(server.mtu >= 23 && server.mtu <= ATT_MTU_OFFERED);
	none = !len || pdu[0] & ATT_COMMAND_FLAG || pdu[0] == 0x1e ||
	       !gatt_server_takes(pdu[0]);
	if (none || pending)
		must(!n && server.pending == pending);
	else
		must(!!n != server.pending);
	if (n)
		judge(pdu[0], rsp, n);
	if (!none && pending)
		must(server.fault);
	free(pdu);
	free(rsp);
}

static void answer(void)
{
	static const uint8_t value[ATT_VALUE_MAX + 1];
	uint8_t *rsp = malloc(ATT_MTU_OFFERED), error = next();
	const bool pending = server.pending;
	const uint8_t opcode = server.opcode;
	size_t n = gatt_server_complete(&server, error > 0xf0 ? error : 0,
					value, next() * 2U + 3U, rsp);

	if (!pending)
		must(!n && !server.pending);
	else
		must(!!n != server.pending);
	if (n)
		judge(opcode, rsp, n);
	free(rsp);
}

static void send_value(void)
{
	uint8_t *pdu = malloc(ATT_MTU_OFFERED), value[ATT_VALUE_MAX] = { 0 };
	const uint16_t handle = next();
	const bool busy = server.indicated;
	size_t n;

	if (gatt_server_notifies(&server, handle)) {
		n = gatt_server_notify(&server, handle, value, 512, pdu);
		must(n >= 3 && n <= server.mtu && pdu[0] == 0x1b);
	}
	if (gatt_server_indicates(&server, handle)) {
		n = gatt_server_indicate(&server, handle, value, 9, pdu);
		must(busy ? !n : n == 12 && pdu[0] == 0x1d);
	}
	free(pdu);
}

static void change_link(void)
{
	const uint8_t security = next();

	server.level = security % 5;
	server.key_size = security / 5 % 17;
	server.ltk = security & 0x80;
	send_value();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	input = data;
	left = len;
	build();
	server = (struct gatt_server){
		.db = &db,
		.mtu = (uint16_t)(ATT_MTU_DEFAULT + 2U * next()),
		.optional = true,
		.write = on_write,
		.authorize = on_authorize,
		.verify = on_verify,
		.external = on_external,
	};
	if (server.mtu > ATT_MTU_OFFERED)
		server.mtu = ATT_MTU_OFFERED;
	change_link();
	while (left) {
		const uint8_t n = next();

		if (n == 0xff)
			answer();
		else if (n == 0xfe)
			change_link();
		else
			request(n);
	}
	for (size_t i = 0; i < db.count; i++)
		must(db.attributes[i].len <= db.attributes[i].max);
	return 0;
}
