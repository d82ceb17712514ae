/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parsers of text, of advertising, and of requests to the signer. */
#include "config.h"
#include "bluetooth/advert.h"
#include "att/att.h"
#include "base/bytes.h"
#include "pki/cert.h"
#include "bluetooth/link.h"
#include "pki/policy.h"
#include "key/signer-request.h"
#include "unit.h"

static void addresses(void)
{
	struct link_address a;

	CHECK(!link_parse("00:aa:01:01:00:01", &a));
	CHECK(a.kind == LINK_DEVICE && a.bdaddr_type == BDADDR_LE_PUBLIC);
	CHECK(!strcmp(a.text, "00:AA:01:01:00:01"));
	CHECK(!link_parse("C0:AA:01:01:00:01,random", &a));
	CHECK(a.bdaddr_type == BDADDR_LE_RANDOM);
	CHECK(!strcmp(link_type_name(&a), "random"));
	CHECK(link_number(&a) == 0x0101000101aac002);
	CHECK(!link_parse("hci12", &a) && a.index == 12);
	CHECK(!link_parse("unix:/a b", &a) && !strcmp(a.text, "/a b"));
	CHECK(!link_parse("name:x", &a) && a.kind == LINK_NAME);
	CHECK(link_parse("", &a) && link_parse("hci", &a));
	CHECK(link_parse("hci-1", &a) && link_parse("hci1x", &a));
	CHECK(link_parse("00:AA:01:01:00", &a) && link_parse("unix:", &a));
	CHECK(link_parse("00:AA:01:01:00:0G", &a));
	CHECK(link_parse("00:AA:01:01:00:01,static", &a));
}

static void names_and_pins(void)
{
	CHECK(cert_name_valid("sensor-7.example_1"));
	CHECK(!cert_name_valid("") && !cert_name_valid("a b"));
	CHECK(!cert_name_valid("a\n") && !cert_name_valid("\xc3\xa4"));
	CHECK(policy_pin_valid("sha256//"
		"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
	CHECK(!policy_pin_valid("sha256//"));
	CHECK(!policy_pin_valid("sha1//"
		"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
	CHECK(!policy_pin_valid("sha256//"
		"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=x"));
}

static void only_a_certificate_verify_is_signed(void)
{
	uint8_t tbs[SIGNER_REQUEST_MAX + 10] = { 0 };
	const char *server = "TLS 1.3, server CertificateVerify";

	memset(tbs, ' ', 64);
	memcpy(tbs + 64, server, strlen(server) + 1);
	CHECK(signer_request_valid(ROLE_PERIPHERAL, tbs, 98 + 32));
	CHECK(signer_request_valid(ROLE_PERIPHERAL, tbs, 98 + 48));
	CHECK(!signer_request_valid(ROLE_CENTRAL, tbs, 98 + 32));
	for (size_t len = 0; len < sizeof(tbs); len++)
		CHECK(signer_request_valid(ROLE_PERIPHERAL, tbs, len) ==
		      (len == 130 || len == 146));
	for (size_t i = 0; i < 98; i++) {
		tbs[i] ^= 1;
		CHECK(!signer_request_valid(ROLE_PERIPHERAL, tbs, 130));
		tbs[i] ^= 1;
	}
}

static bool found(const uint8_t *data, size_t len, const char *name)
{
	uint8_t *event = calloc(1, 14 + len);
	struct link_address address;
	bool yes;

	event[6] = BDADDR_LE_PUBLIC;
	put_le16(event + 12, (uint16_t)len);
	if (len)
		memcpy(event + 14, data, len);
	yes = advert_found(event, 14 + len, name, &address);
	free(event);
	return yes;
}

static void advertising(void)
{
	uint8_t data[40] = { 2, 0x01, 6, 17, 0x07 };
	const size_t len = 21 + 7;

	memcpy(data + 5, tunnel_uuid_service.value, 16);
	memcpy(data + 21, "\x06\x09" "node1", 7);
	CHECK(found(data, len, "node1"));
	CHECK(!found(data, len, "node2") && !found(data, len, "node"));
	/* no prefix of it is valid, and none is read past its end */
	for (size_t n = 0; n < len; n++)
		CHECK(!found(data, n, "node1"));
	data[5] ^= 1;
	CHECK(!found(data, len, "node1"));
	for (int i = 0; i < 256; i++) {
		data[21] = (uint8_t)i;
		CHECK(!found(data, len, "node1"));
	}
}

int main(void)
{
	diag_verbosity(-9);
	addresses();
	names_and_pins();
	only_a_certificate_verify_is_signed();
	advertising();
	return 0;
}
