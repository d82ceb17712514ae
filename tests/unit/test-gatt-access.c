/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every requirement at every security of the link, for each way to read and to
 * write; the order of the checks; signatures. */
#include "config.h"
#include "ask.h"

#define EVERY                                                                 \
	(GATT_READ | GATT_WRITE | GATT_WRITE_COMMAND | GATT_WRITE_SIGNED)

static struct gatt_attribute *a;
static bool authorized, genuine;
static unsigned int authorizations, verifications;

static void fresh(uint8_t access)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);

	gatt_db_free(&db);
	CHECK(gatt_db_service(&db, &uuid) == 1);
	CHECK(gatt_db_descriptor(&db, &uuid, access, "x", 1) == 2);
	a = gatt_db_find(&db, 2);
	serve(23);
}

/* 0, or the error that comes with the attribute's handle. */
static uint8_t result(size_t n, uint8_t opcode)
{
	if (n && rsp[0] == opcode + 1)
		return 0;
	CHECK(n == 5 && rsp[0] == 1 && rsp[1] == opcode && rsp[4]);
	CHECK(get_le16(rsp + 2) == 2);
	return rsp[4];
}

static void reads_are(uint8_t error)
{
	CHECK(gatt_db_set_value(&db, 2, "x", 1));
	CHECK(result(ASK("\x0a\x02\x00"), 0x0a) == error);
	CHECK(result(ASK("\x0c\x02\x00\x00\x00"), 0x0c) == error);
	CHECK(result(ASK("\x0c\x02\x00\x09\x00"), 0x0c) ==
	      (error ? error : ATT_ECODE_INVALID_OFFSET));
	CHECK(result(ASK("\x08\x01\x00\xff\xff\x00\x2a"), 0x08) == error);
	CHECK(result(ASK("\x0e\x01\x00\x02\x00"), 0x0e) == error);
	CHECK(result(ASK("\x20\x01\x00\x02\x00"), 0x20) == error);
	/* a value that cannot be read cannot be searched for either */
	if (error)
		CHECK(IS(ASK("\x06\x01\x00\xff\xff\x00\x2ax"),
			 "\x01\x06\x01\x00\x0a"));
	else
		CHECK(IS(ASK("\x06\x01\x00\xff\xff\x00\x2ax"),
			 "\x07\x02\x00\x02\x00"));
	/* nobody needs permission to see that it exists */
	CHECK(ASK("\x04\x02\x00\x02\x00") == 6);
}

static void writes_are(uint8_t error)
{
	CHECK(gatt_db_set_value(&db, 2, "x", 1));
	CHECK(result(ASK("\x12\x02\x00y"), 0x12) == error);
	CHECK(VALUE_IS(2, "y") == !error);
	CHECK(result(ASK("\x12\x02\x00yz"), 0x12) ==
	      (error ? error : ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH));
	CHECK(gatt_db_set_value(&db, 2, "x", 1));
	CHECK(!ASK("\x52\x02\x00y") && VALUE_IS(2, "y") == !error);
	CHECK(gatt_db_set_value(&db, 2, "x", 1));
	CHECK(result(ASK("\x16\x02\x00\x00\x00y"), 0x16) == error);
	CHECK(IS(ASK("\x18\x01"), "\x19") && VALUE_IS(2, "y") == !error);
}

/* Vol 3 Part C 10.3.1, written out again for comparison. */
static uint8_t wanted(unsigned int level, unsigned int key_size,
		      const struct gatt_server *link)
{
	unsigned int has = link->level ? link->level : 1;

	if (level < 2)
		return 0;
	if (has == 1)
		return link->ltk ? 0x0f : 0x05;
	if (has < level)
		return 0x05;
	if (level == 4)
		key_size = 16;
	return link->key_size < key_size ? 0x0c : 0;
}

static void require(uint8_t level, uint8_t key_size)
{
	const struct gatt_requirement requirement = { level, key_size, 0 };
	const struct gatt_requirement other = { 4, 16, 7 };
	uint8_t error;

	for (uint8_t has = 0; has <= 4; has++)
		for (uint8_t size = 0; size <= 16; size++)
			for (int ltk = 0; ltk < 2; ltk++) {
				server.level = has;
				server.key_size = size;
				server.ltk = ltk;
				error = wanted(level, key_size, &server);
				a->read = requirement;
				a->write = other;
				reads_are(error);
				a->read = other;
				a->write = requirement;
				writes_are(error);
			}
}

static void matrix(void)
{
	fresh(EVERY);
	for (uint8_t level = 0; level <= 4; level++)
		for (uint8_t key_size = 6; key_size <= 16; key_size++)
			require(level, key_size == 6 ? 0 : key_size);
	/* permission is checked before the link's security */
	for (uint8_t level = 0; level <= 4; level++) {
		a->read.level = a->write.level = 4;
		server.level = level;
		server.key_size = 16;
		a->access = EVERY & ~GATT_READ;
		reads_are(0x02);
		a->access = GATT_READ;
		writes_are(0x03);
	}
}

static bool on_authorize(uint32_t authorization, uint16_t handle, bool writing,
			 void *arg)
{
	CHECK(authorization == (writing ? 0x87654321 : 70000));
	CHECK(handle == 2 && !arg);
	authorizations++;
	return authorized;
}

static void authorization(void)
{
	fresh(EVERY);
	a->read.authorization = 70000;
	a->write.authorization = 0x87654321;
	reads_are(0x08);
	writes_are(0x08);
	server.authorize = on_authorize;
	reads_are(0x08);
	writes_are(0x08);
	authorized = true;
	reads_are(0);
	writes_are(0);
	/* an insecure link is not asked about */
	authorizations = 0;
	a->read.level = a->write.level = 2;
	reads_are(0x05);
	writes_are(0x05);
	a->access = 0;
	reads_are(0x02);
	writes_are(0x03);
	CHECK(!authorizations);
}

static bool on_verify(const uint8_t *message, size_t len,
		      const uint8_t signature[ATT_SIGNATURE_SIZE], void *arg)
{
	CHECK(len == 4 && !memcmp(message, "\xd2\x02\x00y", 4));
	CHECK(!memcmp(signature, "123456789012", 12) && !arg);
	verifications++;
	return genuine;
}

static bool signed_write(void)
{
	CHECK(gatt_db_set_value(&db, 2, "x", 1));
	CHECK(!ASK("\xd2\x02\x00y" "123456789012"));
	return VALUE_IS(2, "y");
}

static void signatures(void)
{
	fresh(EVERY);
	CHECK(!signed_write());
	server.verify = on_verify;
	CHECK(!signed_write() && verifications == 1);
	genuine = true;
	CHECK(signed_write());
	/* instead of encryption, but not of authentication */
	a->write.level = 2;
	a->write.key_size = 16;
	CHECK(signed_write());
	a->write.level = 3;
	CHECK(!signed_write());
	server.level = 3;
	server.key_size = 16;
	CHECK(signed_write());
	a->write.authorization = 0x87654321;
	CHECK(!signed_write());
	server.authorize = on_authorize;
	authorized = true;
	CHECK(signed_write());
	a->access = EVERY & ~GATT_WRITE_SIGNED;
	CHECK(!signed_write());
	/* cut short */
	a->access = EVERY;
	verifications = 0;
	CHECK(!ASK("\xd2\x02\x00" "12345678901") && !ASK("\xd2"));
	CHECK(!verifications);
}

int main(void)
{
	matrix();
	authorization();
	signatures();
	gatt_db_free(&db);
	return 0;
}
