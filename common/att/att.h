/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Attribute Protocol (Core 5.4 Vol 3 Part F): its numbers and the forms of
 * its PDUs; and the UUIDs of the tunnel's service (blesec-protocol(7)) and of
 * the gateway's service.
 */
#ifndef BLESEC_ATT_H
#define BLESEC_ATT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATT_MTU_DEFAULT 23	/* Vol 3 Part G 5.2.1 */
#define ATT_MTU_OFFERED 517	/* a value of 512 octets and its header */
#define ATT_PDU_MAX 672		/* what Linux carries on CID 4 */
#define ATT_VALUE_MAX 512	/* Vol 3 Part F 3.2.9 */

/* Vol 3 Part F 3.4.8 */
enum att_opcode {
	ATT_ERROR_RSP = 0x01,
	ATT_EXCHANGE_MTU_REQ = 0x02,
	ATT_EXCHANGE_MTU_RSP = 0x03,
	ATT_FIND_INFORMATION_REQ = 0x04,
	ATT_FIND_INFORMATION_RSP = 0x05,
	ATT_FIND_BY_TYPE_VALUE_REQ = 0x06,
	ATT_FIND_BY_TYPE_VALUE_RSP = 0x07,
	ATT_READ_BY_TYPE_REQ = 0x08,
	ATT_READ_BY_TYPE_RSP = 0x09,
	ATT_READ_REQ = 0x0a,
	ATT_READ_RSP = 0x0b,
	ATT_READ_BLOB_REQ = 0x0c,
	ATT_READ_BLOB_RSP = 0x0d,
	ATT_READ_MULTIPLE_REQ = 0x0e,
	ATT_READ_MULTIPLE_RSP = 0x0f,
	ATT_READ_BY_GROUP_TYPE_REQ = 0x10,
	ATT_READ_BY_GROUP_TYPE_RSP = 0x11,
	ATT_WRITE_REQ = 0x12,
	ATT_WRITE_RSP = 0x13,
	ATT_PREPARE_WRITE_REQ = 0x16,
	ATT_PREPARE_WRITE_RSP = 0x17,
	ATT_EXECUTE_WRITE_REQ = 0x18,
	ATT_EXECUTE_WRITE_RSP = 0x19,
	ATT_HANDLE_VALUE_NTF = 0x1b,
	ATT_HANDLE_VALUE_IND = 0x1d,
	ATT_HANDLE_VALUE_CFM = 0x1e,
	ATT_READ_MULTIPLE_VARIABLE_REQ = 0x20,
	ATT_READ_MULTIPLE_VARIABLE_RSP = 0x21,
	ATT_MULTIPLE_HANDLE_VALUE_NTF = 0x23,
	ATT_WRITE_CMD = 0x52,
	ATT_SIGNED_WRITE_CMD = 0xd2,
};

#define ATT_COMMAND_FLAG 0x40	/* no response is ever sent to these */
#define ATT_SIGNATURE_SIZE 12	/* Vol 3 Part F 3.3.1: Signed Write Command */

/* Vol 3 Part F 3.4.1.1 */
enum att_error {
	ATT_ECODE_NONE = 0,
	ATT_ECODE_INVALID_HANDLE = 0x01,
	ATT_ECODE_READ_NOT_PERMITTED = 0x02,
	ATT_ECODE_WRITE_NOT_PERMITTED = 0x03,
	ATT_ECODE_INVALID_PDU = 0x04,
	ATT_ECODE_INSUFFICIENT_AUTHENTICATION = 0x05,
	ATT_ECODE_REQUEST_NOT_SUPPORTED = 0x06,
	ATT_ECODE_INVALID_OFFSET = 0x07,
	ATT_ECODE_INSUFFICIENT_AUTHORIZATION = 0x08,
	ATT_ECODE_PREPARE_QUEUE_FULL = 0x09,
	ATT_ECODE_ATTRIBUTE_NOT_FOUND = 0x0a,
	ATT_ECODE_ATTRIBUTE_NOT_LONG = 0x0b,
	ATT_ECODE_ENCRYPTION_KEY_SIZE_TOO_SHORT = 0x0c,
	ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH = 0x0d,
	ATT_ECODE_UNLIKELY_ERROR = 0x0e,
	ATT_ECODE_INSUFFICIENT_ENCRYPTION = 0x0f,
	ATT_ECODE_UNSUPPORTED_GROUP_TYPE = 0x10,
	ATT_ECODE_INSUFFICIENT_RESOURCES = 0x11,
	ATT_ECODE_VALUE_NOT_ALLOWED = 0x13,
};

/* "Read Not Permitted" and so on, for messages. */
const char *att_error_name(uint8_t code);

/*
 * Check the form of a request or command (Vol 3 Part F 3.4) of at least one
 * octet.  Returns 0, or the ATT error that refuses it: Request Not Supported if
 * the opcode is unknown, Invalid PDU if the length is wrong.
 */
uint8_t att_form_error(const uint8_t *pdu, size_t len);

/*
 * Check that a PDU of at least one octet answers a request of that opcode.
 * Returns NULL if it is the response to it or a well-formed Error Response,
 * otherwise what is wrong with the server, in words.
 */
const char *att_response_fault(uint8_t request, const uint8_t *pdu,
			       size_t len);

/*
 * The entries of a response to Find Information, Find By Type Value, Read By
 * Type or Read By Group Type.  Returns the offset of the first entry; each has
 * *each octets and begins with a handle.  Returns 0 if the PDU is another one,
 * or does not consist of whole entries, at least one.
 */
size_t att_list(const uint8_t *pdu, size_t len, size_t *each);

/* True if a request of that opcode is answered with a list (att_list). */
bool att_asks_for_list(uint8_t opcode);

/*
 * True if a Handle Value Notification or Indication (3.4.7.1, 3.4.7.2) is
 * well-formed: it has a handle, and its value is not too long.
 */
bool att_has_value(const uint8_t *pdu, size_t len);

/*
 * Call fn for each value of a Handle Value Notification or a Multiple Handle
 * Value Notification (3.4.7.4).  Returns false if the PDU is malformed; fn has
 * then been called for the values before the malformed part.
 */
bool att_each_value(const uint8_t *pdu, size_t len,
		    void (*fn)(uint16_t handle, const uint8_t *value,
			       size_t len, void *arg),
		    void *arg);

/* Assigned numbers, GATT declarations. */
#define GATT_PRIMARY_SERVICE 0x2800
#define GATT_SECONDARY_SERVICE 0x2801
#define GATT_INCLUDE 0x2802
#define GATT_CHARACTERISTIC 0x2803
#define GATT_EXTENDED_PROPERTIES 0x2900
#define GATT_CLIENT_CONFIGURATION 0x2902

#define GATT_SERVICE_CHANGED 0x2a05	/* a characteristic, Part G 7.1 */

/* Vol 3 Part G 3.3.1.1 */
#define GATT_PROPERTY_READ 0x02
#define GATT_PROPERTY_WRITE_CMD 0x04
#define GATT_PROPERTY_WRITE 0x08
#define GATT_PROPERTY_NOTIFY 0x10
#define GATT_PROPERTY_INDICATE 0x20
#define GATT_PROPERTY_SIGNED_WRITE 0x40
#define GATT_PROPERTY_EXTENDED 0x80

/* Client Characteristic Configuration, Vol 3 Part G 3.3.3.3 */
#define GATT_CONFIGURATION_NOTIFY 0x0001
#define GATT_CONFIGURATION_INDICATE 0x0002

/* The octets are in their order on the air. */
struct gatt_uuid {
	uint8_t len;		/* 2 or 16 */
	uint8_t value[16];
};

struct gatt_uuid gatt_uuid16(uint16_t number);
/* From 2 or 16 octets of a PDU.  With any other length, len is 0. */
struct gatt_uuid gatt_uuid_from(const uint8_t *value, size_t len);
/* A 16-bit UUID equals its 128-bit form (Vol 3 Part B 2.5.1). */
bool gatt_uuid_equal(const struct gatt_uuid *a, const struct gatt_uuid *b);

extern const struct gatt_uuid tunnel_uuid_service;
extern const struct gatt_uuid tunnel_uuid_capability;
extern const struct gatt_uuid tunnel_uuid_inbound;
extern const struct gatt_uuid tunnel_uuid_outbound;
extern const struct gatt_uuid gateway_uuid_service;
extern const struct gatt_uuid gateway_uuid_advertising;

#endif
