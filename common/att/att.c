/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "att/att.h"

#include <string.h>

#include "base/bytes.h"

/* 9292XXXX-08cf-48be-bf4d-1ec88ca40b88 */
#define BLESEC_UUID(lo, hi)                                                   \
	{                                                                     \
		16,                                                           \
		{                                                             \
			0x88, 0x0b, 0xa4, 0x8c, 0xc8, 0x1e, 0x4d, 0xbf,       \
			0xbe, 0x48, 0xcf, 0x08, lo, hi, 0x92, 0x92            \
		}                                                             \
	}

const struct gatt_uuid tunnel_uuid_service = BLESEC_UUID(0x01, 0x00);
const struct gatt_uuid tunnel_uuid_capability = BLESEC_UUID(0x02, 0x00);
const struct gatt_uuid tunnel_uuid_inbound = BLESEC_UUID(0x03, 0x00);
const struct gatt_uuid tunnel_uuid_outbound = BLESEC_UUID(0x04, 0x00);
const struct gatt_uuid gateway_uuid_service = BLESEC_UUID(0x05, 0x00);
const struct gatt_uuid gateway_uuid_advertising = BLESEC_UUID(0x06, 0x00);

const char *att_error_name(uint8_t code)
{
	switch (code) {
	case ATT_ECODE_INVALID_HANDLE:
		return "Invalid Handle";
	case ATT_ECODE_READ_NOT_PERMITTED:
		return "Read Not Permitted";
	case ATT_ECODE_WRITE_NOT_PERMITTED:
		return "Write Not Permitted";
	case ATT_ECODE_INVALID_PDU:
		return "Invalid PDU";
	case ATT_ECODE_INSUFFICIENT_AUTHENTICATION:
		return "Insufficient Authentication";
	case ATT_ECODE_REQUEST_NOT_SUPPORTED:
		return "Request Not Supported";
	case ATT_ECODE_INVALID_OFFSET:
		return "Invalid Offset";
	case ATT_ECODE_INSUFFICIENT_AUTHORIZATION:
		return "Insufficient Authorization";
	case ATT_ECODE_PREPARE_QUEUE_FULL:
		return "Prepare Queue Full";
	case ATT_ECODE_ATTRIBUTE_NOT_FOUND:
		return "Attribute Not Found";
	case ATT_ECODE_ATTRIBUTE_NOT_LONG:
		return "Attribute Not Long";
	case ATT_ECODE_ENCRYPTION_KEY_SIZE_TOO_SHORT:
		return "Encryption Key Size Too Short";
	case ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH:
		return "Invalid Attribute Value Length";
	case ATT_ECODE_UNLIKELY_ERROR:
		return "Unlikely Error";
	case ATT_ECODE_INSUFFICIENT_ENCRYPTION:
		return "Insufficient Encryption";
	case ATT_ECODE_UNSUPPORTED_GROUP_TYPE:
		return "Unsupported Group Type";
	case ATT_ECODE_INSUFFICIENT_RESOURCES:
		return "Insufficient Resources";
	case ATT_ECODE_VALUE_NOT_ALLOWED:
		return "Value Not Allowed";
	default:
		return "another ATT error";
	}
}

uint8_t att_form_error(const uint8_t *pdu, size_t len)
{
	static const struct {
		uint8_t opcode;
		uint8_t min, max;	/* octets; max 0: no limit */
		uint8_t step;		/* of what there is beyond min */
	} forms[] = {
		{ ATT_EXCHANGE_MTU_REQ, 3, 3, 1 },
		{ ATT_FIND_INFORMATION_REQ, 5, 5, 1 },
		{ ATT_FIND_BY_TYPE_VALUE_REQ, 7, 0, 1 },
		/* a UUID of 2 or 16 octets */
		{ ATT_READ_BY_TYPE_REQ, 7, 21, 14 },
		{ ATT_READ_REQ, 3, 3, 1 },
		{ ATT_READ_BLOB_REQ, 5, 5, 1 },
		/* two handles or more */
		{ ATT_READ_MULTIPLE_REQ, 5, 0, 2 },
		{ ATT_READ_BY_GROUP_TYPE_REQ, 7, 21, 14 },
		{ ATT_WRITE_REQ, 3, 0, 1 },
		{ ATT_PREPARE_WRITE_REQ, 5, 0, 1 },
		{ ATT_EXECUTE_WRITE_REQ, 2, 2, 1 },
		{ ATT_READ_MULTIPLE_VARIABLE_REQ, 5, 0, 2 },
		{ ATT_WRITE_CMD, 3, 0, 1 },
		{ ATT_SIGNED_WRITE_CMD, 3 + ATT_SIGNATURE_SIZE, 0, 1 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (forms[i].opcode != pdu[0])
			continue;
		if (len < forms[i].min ||
		    (forms[i].max && len > forms[i].max) ||
		    (len - forms[i].min) % forms[i].step)
			return ATT_ECODE_INVALID_PDU;
		return ATT_ECODE_NONE;
	}
	return ATT_ECODE_REQUEST_NOT_SUPPORTED;
}

const char *att_response_fault(uint8_t request, const uint8_t *pdu, size_t len)
{
	if (pdu[0] == ATT_ERROR_RSP) {
		if (len != 5 || !pdu[4])
			return "its Error Response is malformed";
		if (pdu[1] != request)
			return "its Error Response is to another request";
		return NULL;
	}
	return pdu[0] == request + 1 ? NULL :
	       "it sends a response that was not requested";
}

size_t att_list(const uint8_t *pdu, size_t len, size_t *each)
{
	size_t head = 2, least = 2;

	*each = 0;
	if (len < 2)
		return 0;
	switch (pdu[0]) {
	case ATT_FIND_BY_TYPE_VALUE_RSP:
		*each = 4;
		head = 1;
		break;
	case ATT_FIND_INFORMATION_RSP:
		*each = pdu[1] == 1 ? 4 : pdu[1] == 2 ? 18 : 0;
		break;
	case ATT_READ_BY_GROUP_TYPE_RSP:
		least = 4;
		/* fall through */
	case ATT_READ_BY_TYPE_RSP:
		*each = pdu[1];
		break;
	default:
		return 0;
	}
	if (*each < least || len < head + *each || (len - head) % *each)
		return 0;
	return head;
}

bool att_asks_for_list(uint8_t opcode)
{
	return opcode == ATT_FIND_INFORMATION_REQ ||
	       opcode == ATT_FIND_BY_TYPE_VALUE_REQ ||
	       opcode == ATT_READ_BY_TYPE_REQ ||
	       opcode == ATT_READ_BY_GROUP_TYPE_REQ;
}

bool att_has_value(const uint8_t *pdu, size_t len)
{
	return len >= 3 && get_le16(pdu + 1) && len - 3 <= ATT_VALUE_MAX;
}

bool att_each_value(const uint8_t *pdu, size_t len,
		    void (*fn)(uint16_t handle, const uint8_t *value,
			       size_t len, void *arg),
		    void *arg)
{
	size_t n;

	if (pdu[0] != ATT_MULTIPLE_HANDLE_VALUE_NTF) {
		if (!att_has_value(pdu, len))
			return false;
		fn(get_le16(pdu + 1), pdu + 3, len - 3, arg);
		return true;
	}
	for (size_t i = 1; i < len; i += 4 + n) {
		if (len - i < 4 || !get_le16(pdu + i))
			return false;
		n = get_le16(pdu + i + 2);
		if (n > len - i - 4 || n > ATT_VALUE_MAX)
			return false;
		fn(get_le16(pdu + i), pdu + i + 4, n, arg);
	}
	return true;
}

struct gatt_uuid gatt_uuid16(uint16_t number)
{
	struct gatt_uuid uuid = { .len = 2 };

	put_le16(uuid.value, number);
	return uuid;
}

struct gatt_uuid gatt_uuid_from(const uint8_t *value, size_t len)
{
	struct gatt_uuid uuid = { 0 };

	if (len == 2 || len == 16) {
		uuid.len = (uint8_t)len;
		memcpy(uuid.value, value, len);
	}
	return uuid;
}

static void expand(const struct gatt_uuid *uuid, uint8_t full[16])
{
	/* The Bluetooth Base UUID. */
	static const uint8_t base[12] = { 0xfb, 0x34, 0x9b, 0x5f, 0x80, 0x00,
					  0x00, 0x80, 0x00, 0x10, 0x00, 0x00 };

	if (uuid->len == 16) {
		memcpy(full, uuid->value, 16);
		return;
	}
	memcpy(full, base, 12);
	full[12] = uuid->value[0];
	full[13] = uuid->value[1];
	full[14] = full[15] = 0;
}

bool gatt_uuid_equal(const struct gatt_uuid *a, const struct gatt_uuid *b)
{
	uint8_t full_a[16], full_b[16];

	if (!a->len || !b->len)
		return false;
	expand(a, full_a);
	expand(b, full_b);
	return !memcmp(full_a, full_b, 16);
}
