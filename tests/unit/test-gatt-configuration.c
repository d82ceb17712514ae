/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Client Characteristic Configurations: each client has its own, within what
 * the properties permit; notifications, indications; short and long values. */
#include "config.h"
#include "ask.h"

static uint16_t value[4], configuration[4];

/* Characteristics that can be notified, indicated, both or neither. */
static void fresh(void)
{
	static const uint8_t properties[4] = { 0x10, 0x20, 0x32, 0x02 };
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);
	const struct gatt_uuid ccc = gatt_uuid16(GATT_CLIENT_CONFIGURATION);

	gatt_db_free(&db);
	CHECK(gatt_db_service(&db, &uuid));
	for (int i = 0; i < 4; i++) {
		value[i] = gatt_db_characteristic(&db, &uuid, properties[i],
						  GATT_READ, "v", 1);
		CHECK(gatt_db_descriptor(&db, &uuid, GATT_READ, "d", 1));
		configuration[i] = gatt_db_descriptor(&db, &ccc,
			GATT_READ | GATT_WRITE | GATT_WRITE_COMMAND, "\0", 2);
	}
	CHECK(gatt_db_characteristic(&db, &uuid, 0x30, GATT_READ, "v", 1));
	serve(23);
}

static uint8_t set(uint16_t handle, uint16_t bits)
{
	uint8_t pdu[5] = { 0x12 };
	size_t n;

	put_le16(pdu + 1, handle);
	put_le16(pdu + 3, bits);
	n = ask(pdu, 5);
	return IS(n, "\x13") ? 0 : rsp[4];
}

static void bits(void)
{
	static const uint16_t allowed[4] = { 1, 2, 3, 0 };

	fresh();
	for (int i = 0; i < 4; i++)
		for (unsigned int b = 0; b < 0x10000; b += b < 8 ? 1 : 1021) {
			bool good = !(b & ~allowed[i]);
			uint16_t was = gatt_server_configuration(&server,
				configuration[i]);

			CHECK(set(configuration[i], (uint16_t)b) ==
			      (good ? 0 : 0x13));
			CHECK(gatt_server_configuration(&server,
				configuration[i]) == (good ? b : was));
			if (!good)
				continue;
			CHECK(gatt_server_notifies(&server, value[i]) ==
			      !!(b & 1));
			CHECK(gatt_server_indicates(&server, value[i]) ==
			      !!(b & 2));
		}
	CHECK(!gatt_server_notifies(&server, 0));
	CHECK(!gatt_server_notifies(&server, 0xffff));
	CHECK(!gatt_server_notifies(&server, (uint16_t)db.count));
}

static void own(void)
{
	struct gatt_server other;

	fresh();
	CHECK(IS(ASK("\x12\x05\x00\x01"), "\x01\x12\x05\x00\x0d"));
	CHECK(IS(ASK("\x12\x05\x00\x01\x00\x00"), "\x01\x12\x05\x00\x0d"));
	CHECK(IS(ASK("\x12\x05\x00\x01\x00"), "\x13") && configuration[0] == 5);
	CHECK(IS(ASK("\x0a\x05\x00"), "\x0b\x01\x00"));
	CHECK(IS(ASK("\x06\x01\x00\xff\xff\x02\x29\x01\x00"),
		 "\x07\x05\x00\x05\x00"));
	CHECK(IS(ASK("\x08\x01\x00\x0a\x00\x02\x29"),
		 "\x09\x04\x05\x00\x01\x00\x09\x00\x00\x00"));
	CHECK(VALUE_IS(5, "\0\0"));
	other = server;
	serve(23);
	CHECK(IS(ASK("\x0a\x05\x00"), "\x0b\x00\x00"));
	CHECK(gatt_server_notifies(&other, value[0]) &&
	      !gatt_server_notifies(&server, value[0]));
	/* by a command, prepared, and never external */
	CHECK(!ASK("\x52\x05\x00\x01\x00"));
	CHECK(gatt_server_notifies(&server, value[0]));
	gatt_db_find(&db, 5)->external = true;
	CHECK(ASK("\x16\x05\x00\x00\x00\x00\x00") == 7);
	CHECK(IS(ASK("\x18\x01"), "\x19"));
	CHECK(!gatt_server_notifies(&server, value[0]) && !asked.times);
	CHECK(ASK("\x16\x05\x00\x00\x00\x02\x00") == 7);
	CHECK(IS(ASK("\x18\x01"), "\x01\x18\x05\x00\x13"));
	CHECK(ASK("\x16\x05\x00\x00\x00\x01\x00\x00") == 8);
	CHECK(IS(ASK("\x18\x01"), "\x01\x18\x05\x00\x0d"));
}

/* A configuration of nothing; one whose value has no octets here. */
static void stray(void)
{
	const struct gatt_uuid ccc = gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);

	gatt_db_free(&db);
	CHECK(gatt_db_descriptor(&db, &ccc, GATT_WRITE, NULL, 0) == 1);
	CHECK(gatt_db_service(&db, &uuid) == 2);
	CHECK(gatt_db_descriptor(&db, &ccc, GATT_WRITE, NULL, 0) == 3);
	CHECK(gatt_db_characteristic(&db, &uuid, 0x10, 0, NULL, 0) == 5);
	CHECK(gatt_db_descriptor(&db, &ccc, GATT_WRITE, NULL, 0) == 6);
	serve(23);
	CHECK(set(1, 1) == 0x13 && set(3, 1) == 0x13 && set(6, 1) == 0);
	CHECK(gatt_server_notifies(&server, 5));
	CHECK(!gatt_server_notifies(&server, 2));
	CHECK(ASK("\x16\x06\x00\x00\x00\x01") == 6);
	CHECK(IS(ASK("\x18\x01"), "\x01\x18\x06\x00\x0d"));
}

static void security(void)
{
	fresh();
	CHECK(gatt_server_configure(&server, configuration[2], 3));
	CHECK(gatt_server_notifies(&server, value[2]));
	gatt_db_find(&db, value[2])->read.level = 2;
	CHECK(!gatt_server_notifies(&server, value[2]));
	server.level = 2;
	server.key_size = 7;
	CHECK(gatt_server_notifies(&server, value[2]));
	gatt_db_find(&db, configuration[2])->write.level = 3;
	CHECK(!gatt_server_indicates(&server, value[2]));
	CHECK(set(configuration[2], 0) == 0x05);
	server.level = 3;
	CHECK(gatt_server_indicates(&server, value[2]));
}

static void room(void)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);
	const struct gatt_uuid ccc = gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	uint16_t last = 0;

	gatt_db_free(&db);
	for (int i = 0; i <= GATT_CONFIGURATIONS; i++) {
		gatt_db_characteristic(&db, &uuid, 0x10, 0, NULL, 0);
		last = gatt_db_descriptor(&db, &ccc, GATT_WRITE, "\0", 2);
	}
	serve(23);
	for (uint16_t handle = 3; handle < last; handle += 3)
		CHECK(set(handle, 1) == 0);
	CHECK(set(last, 1) == 0x11 && set(last, 0) == 0);
	CHECK(set(3, 1) == 0 && set(3, 0) == 0 && set(last, 1) == 0);
	CHECK(!gatt_server_notifies(&server, 2));
	for (uint16_t handle = 6; handle <= last; handle += 3)
		CHECK(gatt_server_notifies(&server, (uint16_t)(handle - 1)));
	/* up to the last handle */
	gatt_db_free(&db);
	while (db.count < 0xfffd)
		gatt_db_descriptor(&db, &uuid, GATT_READ, "d", 1);
	CHECK(gatt_db_characteristic(&db, &uuid, 0x10, 0, NULL, 0) == 0xffff);
	serve(23);
	CHECK(!gatt_server_notifies(&server, 0xffff));
	CHECK(IS(ASK("\x04\xff\xff\xff\xff"), "\x05\x01\xff\xff\x00\x2a"));
	CHECK(IS(ASK("\x0a\xff\xff"), "\x01\x0a\xff\xff\x02"));
	CHECK(IS(ASK("\x08\xfd\xff\xff\xff\x00\x2a"),
		 "\x09\x03\xfd\xff""d"));
	CHECK(IS(ASK("\x08\xff\xff\xff\xff\x00\x2a"), "\x01\x08\xff\xff\x02"));
	CHECK(IS(ASK("\x10\x01\x00\xff\xff\x00\x28"), "\x01\x10\x01\x00\x0a"));
}

static void sending(void)
{
	uint8_t octets[ATT_VALUE_MAX], pdu[ATT_MTU_OFFERED];

	memset(octets, 'o', sizeof(octets));
	for (uint16_t mtu = 23; mtu <= 517; mtu++)
		for (size_t len = 0; len <= 512; len += len < 30 ? 1 : 241) {
			size_t n = len < mtu - 3U ? len : mtu - 3U;

			serve(mtu);
			CHECK(gatt_server_notify(&server, 0x1234, octets, len,
						 pdu) == 3 + n);
			CHECK(!memcmp(pdu, "\x1b\x34\x12", 3));
			CHECK(!memcmp(pdu + 3, octets, n));
			CHECK(gatt_server_indicate(&server, 0x1234, octets,
						   len, pdu) == 3 + n);
			CHECK(!memcmp(pdu, "\x1d\x34\x12", 3));
		}
	/* one at a time */
	CHECK(server.indicated == 0x1234);
	CHECK(!gatt_server_indicate(&server, 5, octets, 1, pdu));
	CHECK(gatt_server_notify(&server, 5, NULL, 0, pdu) == 3);
	CHECK(!ASK("\x1e\x00") && server.indicated);
	CHECK(!ASK("\x1e") && !server.indicated && !ASK("\x1e"));
	CHECK(gatt_server_indicate(&server, 5, octets, 1, pdu) == 4);
}

/* Values of 0 and 512 octets, fixed and variable; Attribute Not Long. */
static void lengths(void)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);
	const uint8_t access = GATT_READ | GATT_WRITE;
	uint8_t write[3 + 513] = { 0x12, 1, 0 };

	gatt_db_free(&db);
	CHECK(gatt_db_descriptor(&db, &uuid, access, "", 0) == 1);
	CHECK(gatt_db_set_length(&db, 1, 512, true));
	serve(517);
	CHECK(IS(ASK("\x0a\x01\x00"), "\x0b"));
	CHECK(IS(ASK("\x0c\x01\x00\x00\x00"), "\x0d"));
	CHECK(IS(ASK("\x0c\x01\x00\x01\x00"), "\x01\x0c\x01\x00\x07"));
	CHECK(IS(ASK("\x08\x01\x00\xff\xff\x00\x2a"), "\x09\x02\x01\x00"));
	CHECK(IS(ASK("\x06\x01\x00\xff\xff\x00\x2a"),
		 "\x07\x01\x00\x01\x00"));
	memset(write + 3, 'w', 513);
	CHECK(IS(ask(write, 3 + 512), "\x13"));
	CHECK(value_is(1, (char *)write + 3, 512));
	CHECK(IS(ask(write, 3 + 513), "\x01\x12\x01\x00\x0d"));
	CHECK(ASK("\x0a\x01\x00") == 513);
	CHECK(IS(ask(write, 3), "\x13") && VALUE_IS(1, ""));
	CHECK(gatt_db_set_length(&db, 1, 512, false));
	CHECK(IS(ask(write, 3 + 511), "\x01\x12\x01\x00\x0d"));
	CHECK(IS(ask(write, 3 + 512), "\x13"));
	/* only where it is said to be so, and Read shows all */
	gatt_db_find(&db, 1)->not_long = true;
	CHECK(IS(ASK("\x0c\x01\x00\x00\x00"), "\x01\x0c\x01\x00\x0b"));
	server.mtu = 513;
	CHECK(IS(ASK("\x0c\x01\x00\x00\x00"), "\x01\x0c\x01\x00\x0b"));
	server.mtu = 512;
	CHECK(ASK("\x0c\x01\x00\x00\x00") == 512);
	gatt_db_find(&db, 1)->read.level = 2;
	server.mtu = 517;
	CHECK(IS(ASK("\x0c\x01\x00\x00\x00"), "\x01\x0c\x01\x00\x05"));
}

static void structure(void)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x180f);

	gatt_db_free(&db);
	for (int i = 0; i < 9; i++)
		CHECK(gatt_db_service(&db, &uuid));
	for (uint16_t mtu = 23; mtu < 50; mtu++) {
		size_t fits = (mtu - 1U) / 4 < 9 ? (mtu - 1U) / 4 : 9;

		serve(mtu);
		CHECK(ASK("\x06\x01\x00\xff\xff\x00\x28\x0f\x18") ==
		      1 + 4 * fits);
	}
	gatt_db_free(&db);
	CHECK(gatt_db_secondary_service(&db, &uuid) == 1);
	CHECK(gatt_db_secondary_service(&db, &tunnel_uuid_service) == 2);
	CHECK(gatt_db_service(&db, &uuid) == 3);
	CHECK(gatt_db_include(&db, 1) == 4 && gatt_db_include(&db, 2) == 5);
	CHECK(gatt_db_characteristic(&db, &uuid, 2, GATT_READ, "v", 1) == 7);
	CHECK(gatt_db_descriptor(&db, &uuid, GATT_READ, "d", 1) == 8);
	serve(23);
	CHECK(IS(ASK("\x10\x01\x00\xff\xff\x01\x28"),
		 "\x11\x06\x01\x00\x01\x00\x0f\x18"));
	CHECK(IS(ASK("\x10\x01\x00\xff\xff\x00\x28"),
		 "\x11\x06\x03\x00\x08\x00\x0f\x18"));
	CHECK(IS(ASK("\x08\x01\x00\xff\xff\x02\x28"),
		 "\x09\x08\x04\x00\x01\x00\x01\x00\x0f\x18"));
	CHECK(IS(ASK("\x08\x05\x00\xff\xff\x02\x28"),
		 "\x09\x06\x05\x00\x02\x00\x02\x00"));
	/* a characteristic is also a group (Part G 2.5.3) */
	CHECK(IS(ASK("\x06\x01\x00\xff\xff\x03\x28\x02\x07\x00\x0f\x18"),
		 "\x07\x06\x00\x08\x00"));
}

int main(void)
{
	bits();
	own();
	stray();
	security();
	room();
	sending();
	lengths();
	structure();
	gatt_db_free(&db);
	return 0;
}
