/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client discovers the server's database at every MTU; the server answers
 * every PDU without leaving its buffers. */
#include "config.h"
#include "base/bytes.h"
#include "att/gatt-client.h"
#include "att/gatt-server.h"
#include "unit.h"

static const uint8_t capability[7] = { 1, 1, 0, 0, 0, 2, 64 };
static struct gatt_db db;
static struct gatt_tunnel_handles handles;
static struct gatt_server server;

static void fresh(void)
{
	gatt_db_free(&db);
	handles = gatt_db_peripheral(&db, "sensor-7", capability, 7);
	server = (struct gatt_server){ .db = &db, .mtu = ATT_MTU_DEFAULT };
}

static int requests_to_the_tunnel(uint16_t mtu)
{
	struct gatt_client client = { 0 };
	uint8_t req[ATT_MTU_OFFERED], rsp[ATT_MTU_OFFERED];
	size_t len = gatt_client_start(&client, req), rsp_len;
	int n = 0;

	fresh();
	put_le16(req + 1, mtu);
	while (len) {
		CHECK(++n < 20);
		rsp_len = gatt_server_handle(&server, req, len, rsp);
		CHECK(rsp_len && rsp_len <= server.mtu);
		CHECK(!gatt_client_response(&client, rsp, rsp_len, req, &len));
	}
	CHECK(client.step == GATT_CLIENT_DONE);
	CHECK(client.handles.inbound == handles.inbound);
	CHECK(client.handles.outbound == handles.outbound);
	CHECK(client.handles.configuration == handles.configuration);
	CHECK(client.capability_len == 7);
	CHECK(!memcmp(client.capability, capability, 7));
	return n;
}

static uint8_t error_of(const char *pdu, size_t len)
{
	uint8_t rsp[ATT_MTU_OFFERED];
	size_t n = gatt_server_handle(&server, (const uint8_t *)pdu, len, rsp);

	if (n != 5 || rsp[0] != ATT_ERROR_RSP || rsp[1] != (uint8_t)*pdu)
		return 0;
	return rsp[4];
}

static void errors_are_the_right_ones(void)
{
	fresh();
	CHECK(error_of("\x0a\x00\x00", 3) == ATT_ECODE_INVALID_HANDLE);
	CHECK(error_of("\x0a\xff\x00", 3) == ATT_ECODE_INVALID_HANDLE);
	CHECK(error_of("\x0a\x0b\x00", 3) == ATT_ECODE_READ_NOT_PERMITTED);
	CHECK(error_of("\x0a\x0b", 2) == ATT_ECODE_INVALID_PDU);
	CHECK(error_of("\x0c\x03\x00\x09\x00", 5) == ATT_ECODE_INVALID_OFFSET);
	CHECK(error_of("\x12\x0b\x00x", 4) == ATT_ECODE_WRITE_NOT_PERMITTED);
	CHECK(error_of("\x12\x0e\x00x", 4) ==
	      ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH);
	CHECK(error_of("\x10\x01\x00\xff\xff\x03\x28", 7) ==
	      ATT_ECODE_UNSUPPORTED_GROUP_TYPE);
	CHECK(error_of("\x10\x01\x00\xff\xff\x01\x28", 7) ==
	      ATT_ECODE_ATTRIBUTE_NOT_FOUND);
	CHECK(error_of("\x04\x05\x00\x04\x00", 5) == ATT_ECODE_INVALID_HANDLE);
	CHECK(error_of("\x16\x01\x00\x00\x00", 5) ==
	      ATT_ECODE_REQUEST_NOT_SUPPORTED);
	CHECK(error_of("\x3f", 1) == ATT_ECODE_REQUEST_NOT_SUPPORTED);
}

static uint32_t seed = 1;

static uint8_t noise(void)
{
	seed = seed * 1664525 + 1013904223;
	return (uint8_t)(seed >> 24);
}

static void noise_is_answered_in_bounds(void)
{
	uint8_t *pdu, *rsp = malloc(ATT_MTU_OFFERED);
	struct gatt_client client;
	uint8_t req[ATT_MTU_DEFAULT];
	size_t req_len;

	for (int i = 0; i < 300000; i++) {
		size_t len = noise() % 30, n;

		/* A copy of exact size: the sanitizer sees overreads. */
		pdu = malloc(len ? len : 1);
		if (!(i % 1000))
			fresh();
		for (size_t k = 0; k < len; k++)
			pdu[k] = noise() & (k == 2 || k == 4 ? 0x0f : 0xff);
		if (len)
			pdu[0] &= 0x1f;
		n = gatt_server_handle(&server, pdu, len, rsp);
		CHECK(n <= server.mtu && server.mtu >= ATT_MTU_DEFAULT);
		memset(&client, 0, sizeof(client));
		client.step = (enum gatt_client_step)(noise() % 7);
		client.next = 1;
		client.end = 20;
		gatt_client_response(&client, pdu, len, req, &req_len);
		CHECK(req_len <= ATT_MTU_DEFAULT);
		free(pdu);
	}
	free(rsp);
}

int main(void)
{
	CHECK(requests_to_the_tunnel(517) == 6);
	for (uint16_t mtu = 23; mtu < 600; mtu++)
		CHECK(requests_to_the_tunnel(mtu) >= 6);
	errors_are_the_right_ones();
	noise_is_answered_in_bounds();
	gatt_db_free(&db);
	return 0;
}
