/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each request's answer octet for octet, at and around the limits that the MTU
 * sets; every opcode with every length. */
#include "config.h"
#include "ask.h"

static const uint8_t capability[7] = { 1, 1, 0, 0, 0, 2, 64 };
static struct gatt_tunnel_handles handles;

static void fresh(uint16_t mtu, const char *name)
{
	gatt_db_free(&db);
	handles = gatt_db_peripheral(&db, name, capability, 7);
	server = (struct gatt_server){ .db = &db, .mtu = mtu };
}

static void layout(void)
{
	fresh(23, "sensor-7");
	CHECK(db.count == 14);
	CHECK(handles.capability == 9 && handles.inbound == 11);
	CHECK(handles.outbound == 13 && handles.configuration == 14);
}

static void exchange(void)
{
	fresh(23, "n");
	CHECK(IS(ASK("\x02\x17\x00"), "\x03\x05\x02") && server.mtu == 23);
	CHECK(IS(ASK("\x02\x00\x00"), "\x03\x05\x02") && server.mtu == 23);
	CHECK(IS(ASK("\x02\x18\x00"), "\x03\x05\x02") && server.mtu == 24);
	CHECK(IS(ASK("\x02\x04\x02"), "\x03\x05\x02") && server.mtu == 516);
	CHECK(IS(ASK("\x02\x05\x02"), "\x03\x05\x02") && server.mtu == 517);
	CHECK(IS(ASK("\x02\xff\xff"), "\x03\x05\x02") && server.mtu == 517);
	CHECK(IS(ASK("\x02\x17"), "\x01\x02\x00\x00\x04"));
	CHECK(IS(ASK("\x02\x17\x00\x00"), "\x01\x02\x00\x00\x04"));
}

static void discovery(void)
{
	uint8_t request[23] = "\x06\x01\x00\xff\xff\x00\x28";

	fresh(23, "sensor-7");
	/* the service by its UUID, as our client asks */
	memcpy(request + 7, tunnel_uuid_service.value, 16);
	CHECK(IS(ask(request, 23), "\x07\x07\x00\x0e\x00"));
	CHECK(IS(ask(request, 22), "\x01\x06\x01\x00\x0a"));
	put_le16(request + 1, 8);
	CHECK(IS(ask(request, 23), "\x01\x06\x08\x00\x0a"));
	put_le16(request + 1, 7);
	put_le16(request + 3, 7);
	CHECK(IS(ask(request, 23), "\x07\x07\x00\x0e\x00"));
	CHECK(IS(ASK("\x06\x01\x00\xff\xff\x00\x28\x00\x18"),
		 "\x07\x01\x00\x05\x00"));
	CHECK(IS(ASK("\x06\x00\x00\xff\xff\x00\x28\x00\x18"),
		 "\x01\x06\x00\x00\x01"));
	CHECK(IS(ASK("\x06\x01\x00\xff\xff\x00"), "\x01\x06\x00\x00\x04"));

	/* primary services: only those of one length per answer */
	CHECK(IS(ASK("\x10\x01\x00\xff\xff\x00\x28"),
		 "\x11\x06\x01\x00\x05\x00\x00\x18\x06\x00\x06\x00\x01\x18"));
	CHECK(ASK("\x10\x07\x00\xff\xff\x00\x28") == 22 &&
	      !memcmp(rsp, "\x11\x14\x07\x00\x0e\x00", 6) &&
	      !memcmp(rsp + 6, tunnel_uuid_service.value, 16));
	CHECK(IS(ASK("\x10\x08\x00\xff\xff\x00\x28"),
		 "\x01\x10\x08\x00\x0a"));
	CHECK(IS(ASK("\x10\x01\x00\xff\xff\x02\x28"),
		 "\x01\x10\x01\x00\x10"));
	/* the long form of the type means the same */
	memcpy(request, "\x10\x01\x00\xff\xff"
	       "\xfb\x34\x9b\x5f\x80\x00\x00\x80\x00\x10\x00\x00\x00\x28\0",
	       21);
	CHECK(ask(request, 21) == 14);

	/* characteristics: one of 21 octets fits, and the ends of the range */
	CHECK(IS(ASK("\x08\x01\x00\x05\x00\x03\x28"),
		 "\x09\x07\x02\x00\x02\x03\x00\x00\x2a"
		 "\x04\x00\x02\x05\x00\x01\x2a"));
	CHECK(IS(ASK("\x08\x01\x00\x03\x00\x03\x28"),
		 "\x09\x07\x02\x00\x02\x03\x00\x00\x2a"));
	CHECK(ASK("\x08\x07\x00\xff\xff\x03\x28") == 23 && rsp[1] == 21);
	server.mtu = 43;
	CHECK(ASK("\x08\x07\x00\xff\xff\x03\x28") == 23);
	server.mtu = 44;
	CHECK(ASK("\x08\x07\x00\xff\xff\x03\x28") == 44);
	server.mtu = 517;
	CHECK(ASK("\x08\x07\x00\xff\xff\x03\x28") == 65);
	CHECK(IS(ASK("\x08\x01\x00\xff\xff\x00\x2a"),
		 "\x09\x0a\x03\x00sensor-7"));
	/* an unreadable attribute is an error with its handle */
	memcpy(request, "\x08\x01\x00\xff\xff", 5);
	memcpy(request + 5, tunnel_uuid_inbound.value, 16);
	CHECK(IS(ask(request, 21), "\x01\x08\x0b\x00\x02"));
	for (size_t len = 8; len < 21; len++)
		CHECK(IS(ask(request, len), "\x01\x08\x00\x00\x04"));

	/* descriptors: short ones, then long ones */
	server.mtu = 23;
	CHECK(ASK("\x04\x01\x00\xff\xff") == 22 && rsp[1] == 1);
	CHECK(IS(ASK("\x04\x0e\x00\xff\xff"), "\x05\x01\x0e\x00\x02\x29"));
	CHECK(ASK("\x04\x0d\x00\xff\xff") == 20 && rsp[1] == 2 &&
	      !memcmp(rsp + 4, tunnel_uuid_outbound.value, 16));
	CHECK(IS(ASK("\x04\x0f\x00\xff\xff"), "\x01\x04\x0f\x00\x0a"));
	CHECK(IS(ASK("\x04\xff\xff\xff\xff"), "\x01\x04\xff\xff\x0a"));
	CHECK(IS(ASK("\x04\x02\x00\x01\x00"), "\x01\x04\x02\x00\x01"));
	for (server.mtu = 23; server.mtu < 60; server.mtu++) {
		size_t entries = (server.mtu - 2U) / 4;

		CHECK(ASK("\x04\x01\x00\x08\x00") ==
		      2 + 4 * (entries < 8 ? entries : 8));
	}
}

/* A name of n octets, read at each MTU and offset. */
static void reading(void)
{
	char name[100] = "";
	uint8_t blob[5] = { 0x0c, 3, 0 }, type[7] = "\x08\x01\x00\xff\xff\x00";

	type[6] = 0x2a;
	memset(name, 'n', 64);
	for (uint16_t mtu = 23; mtu < 80; mtu++) {
		size_t fits = mtu - 1U < 64 ? mtu - 1U : 64;

		fresh(mtu, name);
		CHECK(ASK("\x0a\x03\x00") == 1 + fits && rsp[0] == 0x0b);
		CHECK(ask(type, 7) == 4 + (mtu - 4U < 64 ? mtu - 4U : 64));
		for (uint16_t offset = 0; offset < 70; offset++) {
			size_t rest = offset > 64 ? 0 : 64U - offset;
			size_t n;

			put_le16(blob + 3, offset);
			n = ask(blob, 5);
			if (offset > 64)
				CHECK(IS(n, "\x01\x0c\x03\x00\x07"));
			else
				CHECK(rsp[0] == 0x0d && n == 1 +
				      (rest < mtu - 1U ? rest : mtu - 1U));
		}
	}
	fresh(23, "n");
	CHECK(IS(ASK("\x0a\x09\x00"), "\x0b\x01\x01\x00\x00\x00\x02\x40"));
	CHECK(IS(ASK("\x0a\x0e\x00"), "\x0b\x00\x00"));
	CHECK(IS(ASK("\x0a\x0d\x00"), "\x01\x0a\x0d\x00\x02"));
	CHECK(IS(ASK("\x0a\x0f\x00"), "\x01\x0a\x0f\x00\x01"));
	CHECK(IS(ASK("\x0a\x00\x00"), "\x01\x0a\x00\x00\x01"));
	CHECK(IS(ASK("\x0a"), "\x01\x0a\x00\x00\x04"));
}

static size_t written;
static uint16_t written_to;
static uint8_t answer;

static uint8_t on_write(uint16_t handle, const uint8_t *value, size_t len,
			void *arg)
{
	CHECK(arg == &written && (value || !len));
	written = len;
	written_to = handle;
	return answer;
}

static void writing(void)
{
	uint8_t command[ATT_PDU_MAX] = { 0x52, 11, 0 };

	fresh(23, "n");
	server.write = on_write;
	server.arg = &written;
	answer = 0;
	CHECK(IS(ASK("\x12\x0e\x00\x01\x00"), "\x13") && written_to == 14);
	CHECK(IS(ASK("\x0a\x0e\x00"), "\x0b\x01\x00"));
	answer = 0x13;
	CHECK(IS(ASK("\x12\x0e\x00\x02\x00"), "\x01\x12\x0e\x00\x13"));
	CHECK(IS(ASK("\x0a\x0e\x00"), "\x0b\x01\x00"));
	answer = 0;
	written_to = 0;
	CHECK(IS(ASK("\x12\x0e\x00\x02"), "\x01\x12\x0e\x00\x0d"));
	CHECK(IS(ASK("\x12\x0e\x00\x02\x00\x00"), "\x01\x12\x0e\x00\x0d"));
	CHECK(IS(ASK("\x12\x0e\x00"), "\x01\x12\x0e\x00\x0d"));
	CHECK(IS(ASK("\x12\x03\x00x"), "\x01\x12\x03\x00\x03"));
	CHECK(IS(ASK("\x12\x0b\x00x"), "\x01\x12\x0b\x00\x03"));
	CHECK(IS(ASK("\x12\x0f\x00x"), "\x01\x12\x0f\x00\x01"));
	CHECK(IS(ASK("\x12\x0e"), "\x01\x12\x00\x00\x04"));
	CHECK(!written_to);
	/* commands are never answered, and only the inbound value takes one */
	for (size_t len = 3; len <= sizeof(command); len++) {
		written_to = 0;
		CHECK(!ask(command, len));
		CHECK(written_to == 11 && written == len - 3);
	}
	written_to = 0;
	CHECK(!ASK("\x52\x0e\x00\x02\x00") && !ASK("\x52\x03\x00x"));
	CHECK(!ASK("\x52\x0b") && !ASK("\x52") && !ASK("\x52\xff\xff\x00"));
	answer = 0x13;
	CHECK(!written_to && !ASK("\x52\x0b\x00x") && written_to == 11);
}

static bool reply(int opcode)
{
	static const uint8_t replies[] = {
		0x01, 0x03, 0x05, 0x07, 0x09, 0x0b, 0x0d, 0x0f, 0x11, 0x13,
		0x17, 0x19, 0x1b, 0x1d, 0x21, 0x23,
	};

	return memchr(replies, opcode, sizeof(replies));
}

static void everything(void)
{
	uint32_t seed = 1;
	uint8_t pdu[600];

	fresh(23, "sensor-7");
	for (int opcode = 0; opcode < 256; opcode++)
		for (size_t len = 0; len <= sizeof(pdu); len += 1 + len / 64) {
			size_t n;

			for (size_t i = 0; i < len; i++) {
				seed = seed * 1664525 + 1013904223;
				pdu[i] = (uint8_t)(seed >> 24);
				if (i < 5 && seed & 0x10000)
					pdu[i] &= i & 1 ? 0x0f : 0x00;
			}
			pdu[0] = (uint8_t)opcode;
			n = ask(pdu, len);
			CHECK(server.mtu >= 23 && server.mtu <= 517);
			CHECK(gatt_server_takes((uint8_t)opcode) ==
			      !reply(opcode));
			if (!len || opcode & 0x40 || reply(opcode) ||
			    opcode == ATT_HANDLE_VALUE_CFM)
				CHECK(!n);
			else
				CHECK(n && (rsp[0] == opcode + 1 ||
				      (n == 5 && rsp[0] == 1 &&
				       rsp[1] == opcode && rsp[4])));
		}
}

/* The longest value, and the length octet of an entry. */
static void long_value(void)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);
	uint8_t octets[ATT_VALUE_MAX + 1] = { 0 };

	gatt_db_free(&db);
	CHECK(!gatt_db_descriptor(&db, &uuid, GATT_READ, octets,
				  sizeof(octets)));
	CHECK(gatt_db_descriptor(&db, &uuid, GATT_READ, octets,
				 ATT_VALUE_MAX) == 1);
	server = (struct gatt_server){ .db = &db, .mtu = 517 };
	CHECK(ASK("\x0a\x01\x00") == 513);
	CHECK(ASK("\x08\x01\x00\xff\xff\x00\x2a") == 257 && rsp[1] == 255);
}

int main(void)
{
	layout();
	exchange();
	discovery();
	reading();
	writing();
	everything();
	long_value();
	gatt_db_free(&db);
	return 0;
}
