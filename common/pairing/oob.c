/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/oob.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "value/ad.h"
#include "base/hex.h"

static const char media_type[] = "application/vnd.bluetooth.le.oob";
#define MEDIA_TYPE_LEN (sizeof(media_type) - 1)

/* The first octet of a record (NFC Forum, NDEF 1.0, section 3.2). */
#define NDEF_BEGIN 0x80
#define NDEF_END 0x40
#define NDEF_CHUNK 0x20
#define NDEF_SHORT 0x10
#define NDEF_ID 0x08
#define NDEF_TNF 0x07
#define NDEF_TNF_MEDIA 0x02

static const char *const roles[] = {
	"peripheral", "central", "prefer-peripheral", "prefer-central",
};

static const char *oob_role_name(uint8_t role)
{
	return role < sizeof(roles) / sizeof(*roles) ? roles[role] : "unknown";
}

static uint8_t oob_role_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if (!strcmp(name, roles[i]))
			return (uint8_t)i;
	return OOB_ROLE_UNKNOWN;
}

bool oob_format_parse(const char *name, enum oob_format *format)
{
	static const char *const names[] = {
		[OOB_JSON] = "json", [OOB_EIR] = "eir", [OOB_NDEF] = "ndef",
		[OOB_HEX] = "hex", [OOB_BTMGMT] = "btmgmt",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i])) {
			*format = (enum oob_format)i;
			return true;
		}
	return false;
}

void oob_clear(struct oob *oob)
{
	OPENSSL_cleanse(oob, sizeof(*oob));
}

static uint8_t *oob_put(uint8_t *p, uint8_t type, const void *data,
			uint8_t len)
{
	*p++ = (uint8_t)(len + 1);
	*p++ = type;
	memcpy(p, data, len);
	return p + len;
}

static size_t oob_encode_eir(const struct oob *oob, uint8_t *out)
{
	uint8_t address[7], *p = out;

	memcpy(address, &oob->bdaddr, 6);
	address[6] = oob->type == BDADDR_LE_RANDOM;
	p = oob_put(p, AD_LE_ADDRESS, address, sizeof(address));
	if (oob->role != OOB_ROLE_UNKNOWN)
		p = oob_put(p, AD_LE_ROLE, &oob->role, 1);
	p = oob_put(p, AD_LE_SC_CONFIRM, oob->confirm, OOB_VALUE);
	p = oob_put(p, AD_LE_SC_RANDOM, oob->random, OOB_VALUE);
	return (size_t)(p - out);
}

static size_t oob_encode_ndef(const struct oob *oob, uint8_t *out)
{
	size_t len = oob_encode_eir(oob, out + 3 + MEDIA_TYPE_LEN);

	out[0] = NDEF_BEGIN | NDEF_END | NDEF_SHORT | NDEF_TNF_MEDIA;
	out[1] = MEDIA_TYPE_LEN;
	out[2] = (uint8_t)len;
	memcpy(out + 3, media_type, MEDIA_TYPE_LEN);
	return 3 + MEDIA_TYPE_LEN + len;
}

static size_t oob_encode_text(const struct oob *oob, bool json, char *out)
{
	char address[18], confirm[2 * OOB_VALUE + 1], random[2 * OOB_VALUE + 1];
	bool is_random = oob->type == BDADDR_LE_RANDOM;
	int n;

	ba2str(&oob->bdaddr, address);
	hex_encode(oob->confirm, OOB_VALUE, HEX_LOWER, confirm);
	hex_encode(oob->random, OOB_VALUE, HEX_LOWER, random);
	if (json)
		n = snprintf(out, OOB_ENCODED_MAX, "{\"address\":\"%s\","
			     "\"type\":\"%s\",\"role\":\"%s\","
			     "\"confirm\":\"%s\",\"rand\":\"%s\"}\n", address,
			     is_random ? "random" : "public",
			     oob_role_name(oob->role), confirm, random);
	else
		n = snprintf(out, OOB_ENCODED_MAX,
			     "remote-oob -t %d -R %s -H %s %s\n",
			     is_random ? BDADDR_LE_RANDOM : BDADDR_LE_PUBLIC,
			     random, confirm, address);
	OPENSSL_cleanse(random, sizeof(random));
	return (size_t)n;
}

size_t oob_encode(const struct oob *oob, enum oob_format format,
		  uint8_t out[OOB_ENCODED_MAX])
{
	uint8_t eir[64];
	size_t len;

	switch (format) {
	case OOB_EIR:
		return oob_encode_eir(oob, out);
	case OOB_NDEF:
		return oob_encode_ndef(oob, out);
	case OOB_HEX:
		len = oob_encode_eir(oob, eir);
		hex_encode(eir, len, HEX_UPPER, (char *)out);
		OPENSSL_cleanse(eir, sizeof(eir));
		return 2 * len;
	default:
		return oob_encode_text(oob, format == OOB_JSON, (char *)out);
	}
}

struct seen {
	bool address, role, confirm, random;
};

static const char *oob_take_once(bool *seen, size_t len, size_t wanted)
{
	if (*seen)
		return "it holds a field twice";
	*seen = true;
	return len == wanted ? NULL : "a structure has a wrong length";
}

static const char *oob_take_structure(const uint8_t *data, size_t len,
				      uint8_t type, struct seen *seen,
				      struct oob *oob)
{
	const char *fault = NULL;

	switch (type) {
	case AD_LE_ADDRESS:
		fault = oob_take_once(&seen->address, len, 7);
		if (fault)
			break;
		memcpy(&oob->bdaddr, data, 6);
		if (data[6] & ~1)
			return "its address is of an unknown type";
		oob->type = data[6] ? BDADDR_LE_RANDOM : BDADDR_LE_PUBLIC;
		break;
	case AD_LE_ROLE:
		fault = oob_take_once(&seen->role, len, 1);
		if (!fault && data[0] <= OOB_ROLE_PREFER_CENTRAL)
			oob->role = data[0];
		break;
	case AD_LE_SC_CONFIRM:
		fault = oob_take_once(&seen->confirm, len, OOB_VALUE);
		if (!fault)
			memcpy(oob->confirm, data, OOB_VALUE);
		break;
	case AD_LE_SC_RANDOM:
		fault = oob_take_once(&seen->random, len, OOB_VALUE);
		if (!fault)
			memcpy(oob->random, data, OOB_VALUE);
		break;
	default:
		break;
	}
	return fault;
}

const char *oob_decode_eir(const uint8_t *data, size_t len, struct oob *oob)
{
	struct seen seen = { 0 };
	const uint8_t *end = data + len;
	struct ad ad;

	memset(oob, 0, sizeof(*oob));
	oob->role = OOB_ROLE_UNKNOWN;
	while (ad_next(&data, end, &ad)) {
		const char *fault = oob_take_structure(ad.data, ad.len, ad.type,
						       &seen, oob);

		if (fault)
			return fault;
	}
	if (data < end && *data)
		return "a structure is longer than the data";
	/* After an early end, all octets must be 0. */
	while (data < end)
		if (*data++)
			return "something follows the end of the data";
	if (!seen.address)
		return "it holds no address";
	if (!seen.confirm || !seen.random)
		return "it holds no confirm or no random value";
	return NULL;
}

/* Find the record of our type in a message that may have several. */
static const char *oob_decode_ndef(const uint8_t *data, size_t len,
				   struct oob *oob)
{
	for (bool first = true;; first = false) {
		uint8_t flags, type_len, id_len = 0;
		size_t payload, head = 2;

		if (len < 3)
			return "the NDEF message is cut short";
		flags = data[0];
		type_len = data[1];
		if (!(flags & NDEF_BEGIN) != !first || (flags & NDEF_CHUNK))
			return "the NDEF message is malformed or in chunks";
		if (flags & NDEF_SHORT) {
			payload = data[head++];
		} else {
			if (len < 6 || data[2] || data[3])
				return "the NDEF message is cut short";
			payload = (size_t)data[4] << 8 | data[5];
			head += 4;
		}
		if (flags & NDEF_ID) {
			if (len <= head)
				return "the NDEF message is cut short";
			id_len = data[head++];
		}
		if (len - head < (size_t)type_len + id_len + payload)
			return "the NDEF message is cut short";
		data += head;
		len -= head;
		if ((flags & NDEF_TNF) == NDEF_TNF_MEDIA &&
		    type_len == MEDIA_TYPE_LEN &&
		    !memcmp(data, media_type, MEDIA_TYPE_LEN))
			return oob_decode_eir(data + type_len + id_len, payload,
					      oob);
		if (flags & NDEF_END)
			return "no record of the NDEF message is "
			       "application/vnd.bluetooth.le.oob";
		data += (size_t)type_len + id_len + payload;
		len -= (size_t)type_len + id_len + payload;
	}
}

static const char *oob_take_address(const char *text, struct oob *oob)
{
	if (!text || strlen(text) != 17 || bachk(text) < 0)
		return "its address is not AA:BB:CC:DD:EE:FF";
	str2ba(text, &oob->bdaddr);
	return NULL;
}

static const char *oob_decode_json(const char *text, size_t len,
				   struct oob *oob)
{
	const char *address = NULL, *type = NULL, *confirm = NULL, *rand = NULL;
	const char *role = NULL, *fault = NULL;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	if (!json)
		return "it is not JSON";
	if (json_unpack(json, "{s:s, s:s, s:s, s:s, s?s}", "address", &address,
			"type", &type, "confirm", &confirm, "rand", &rand,
			"role", &role) < 0)
		fault = "it lacks one of address, type, confirm and rand";
	else if (strcmp(type, "public") && strcmp(type, "random"))
		fault = "its type is neither public nor random";
	else if (role && strcmp(role, "unknown") &&
		 oob_role_parse(role) == OOB_ROLE_UNKNOWN)
		fault = "its role is none of peripheral, central, "
			"prefer-peripheral, prefer-central, unknown";
	else if (!hex_decode(confirm, oob->confirm, OOB_VALUE) ||
		 !hex_decode(rand, oob->random, OOB_VALUE))
		fault = "its confirm or rand is not 32 hexadecimal digits";
	else
		fault = oob_take_address(address, oob);
	if (!fault) {
		oob->type = !strcmp(type, "random") ? BDADDR_LE_RANDOM
						    : BDADDR_LE_PUBLIC;
		oob->role = role ? oob_role_parse(role) : OOB_ROLE_UNKNOWN;
	}
	json_decref(json);
	return fault;
}

/*
 * Parse an option's value in "[btmgmt] remote-oob -t 1 -R ... -H ... ADDRESS".
 */
static const char *oob_take_option(char letter, const char *value,
				   struct oob *oob, struct seen *seen)
{
	switch (letter) {
	case 't':
		if (strcmp(value, "1") && strcmp(value, "2"))
			return "its type (-t) is neither 1 nor 2";
		oob->type = value[0] == '2' ? BDADDR_LE_RANDOM
					    : BDADDR_LE_PUBLIC;
		return NULL;
	case 'R':
		seen->random = hex_decode(value, oob->random, OOB_VALUE);
		return seen->random ? NULL : "its random value (-R) is not 32 "
					     "hexadecimal digits";
	case 'H':
		seen->confirm = hex_decode(value, oob->confirm, OOB_VALUE);
		return seen->confirm ? NULL : "its confirm value (-H) is not "
					      "32 hexadecimal digits";
	default:
		return "it has an option other than -t, -R and -H";
	}
}

static const char *oob_decode_btmgmt(char *text, struct oob *oob)
{
	struct seen seen = { 0 };
	char *save, *word = strtok_r(text, " \t\r\n", &save);
	const char *fault = NULL;

	oob->type = 0xff;
	oob->role = OOB_ROLE_UNKNOWN;
	if (word && !strcmp(word, "btmgmt"))
		word = strtok_r(NULL, " \t\r\n", &save);
	if (!word || strcmp(word, "remote-oob") != 0)
		return "it is in no known format";
	while (!fault && (word = strtok_r(NULL, " \t\r\n", &save))) {
		char *value;

		if (word[0] != '-') {
			fault = seen.address ? "it has more than one address"
					     : oob_take_address(word, oob);
			seen.address = true;
			continue;
		}
		value = strtok_r(NULL, " \t\r\n", &save);
		if (!word[1] || word[2] || !value)
			return "it has an option other than -t, -R and -H";
		fault = oob_take_option(word[1], value, oob, &seen);
	}
	if (!fault && (!seen.address || !seen.confirm || !seen.random))
		fault = "it lacks an address, -R or -H";
	if (!fault && oob->type == 0xff)
		fault = "it lacks the address type, -t 1 or -t 2";
	return fault;
}

/* Convert text of only hexadecimal digits and white space: the content of a QR
 * code, or a dump of a binary format. */
static bool oob_all_hex(const char *text, uint8_t *out, size_t *len)
{
	int high = -1;

	*len = 0;
	for (; *text; text++) {
		int value = hex_digit(*text);

		if (isspace((unsigned char)*text))
			continue;
		if (value < 0)
			return false;
		if (high < 0) {
			high = value;
		} else {
			out[(*len)++] = (uint8_t)(high << 4 | value);
			high = -1;
		}
	}
	return *len && high < 0;
}

static const char *oob_decode_binary(const uint8_t *data, size_t len,
				     struct oob *oob)
{
	/* Bit 7 begins an NDEF message; no structure is 128 octets long. */
	if (len && (data[0] & NDEF_BEGIN))
		return oob_decode_ndef(data, len, oob);
	return oob_decode_eir(data, len, oob);
}

static const char *oob_decode_any(const uint8_t *data, size_t len, char *text,
				  uint8_t *binary, struct oob *oob)
{
	size_t n;

	memcpy(text, data, len);
	text[len] = '\0';
	if (strlen(text) != len)
		return oob_decode_binary(data, len, oob);
	for (n = 0; isspace((unsigned char)text[n]); n++)
		;
	if (text[n] == '{')
		return oob_decode_json(text, len, oob);
	if (oob_all_hex(text, binary, &n))
		return oob_decode_binary(binary, n, oob);
	for (n = 0; text[n]; n++)
		if (!isprint((unsigned char)text[n]) &&
		    !isspace((unsigned char)text[n]))
			return oob_decode_binary(data, len, oob);
	return oob_decode_btmgmt(text, oob);
}

const char *oob_decode(const uint8_t *data, size_t len, struct oob *oob)
{
	char text[4096];
	uint8_t binary[sizeof(text) / 2];
	const char *fault;

	memset(oob, 0, sizeof(*oob));
	if (!len)
		return "it is empty";
	if (len >= 4 && (!memcmp(data, "\x89PNG", 4) ||
			 !memcmp(data, "\xff\xd8\xff", 3)))
		return "it is a picture: zbarimg --quiet --raw reads the code "
		       "in it";
	if (len >= sizeof(text))
		return "it is longer than such data can be";
	fault = oob_decode_any(data, len, text, binary, oob);
	OPENSSL_cleanse(text, sizeof(text));
	OPENSSL_cleanse(binary, sizeof(binary));
	return fault;
}
