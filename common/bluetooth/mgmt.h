/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's Bluetooth management socket (BlueZ, mgmt-api.txt): send
 * commands, read their replies, and receive events.
 */
#ifndef BLESEC_MGMT_H
#define BLESEC_MGMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bluetooth/bluetooth.h>

#include "base/diag.h"
#include "base/loop.h"

#define MGMT_INDEX_NONE 0xffff

enum mgmt_opcode {
	MGMT_READ_INDEX_LIST = 0x0003,
	MGMT_READ_INFO = 0x0004,
	MGMT_SET_POWERED = 0x0005,
	MGMT_SET_BONDABLE = 0x0009,
	MGMT_SET_SIMPLE_PAIRING = 0x000b,
	MGMT_SET_LE = 0x000d,
	MGMT_LOAD_LONG_TERM_KEYS = 0x0013,
	MGMT_DISCONNECT = 0x0014,
	MGMT_SET_IO_CAPABILITY = 0x0018,
	MGMT_PAIR_DEVICE = 0x0019,
	MGMT_CANCEL_PAIR_DEVICE = 0x001a,
	MGMT_UNPAIR_DEVICE = 0x001b,
	MGMT_USER_CONFIRMATION_REPLY = 0x001c,
	MGMT_USER_CONFIRMATION_NEGATIVE_REPLY = 0x001d,
	MGMT_USER_PASSKEY_REPLY = 0x001e,
	MGMT_USER_PASSKEY_NEGATIVE_REPLY = 0x001f,
	MGMT_ADD_REMOTE_OOB_DATA = 0x0021,
	MGMT_REMOVE_REMOTE_OOB_DATA = 0x0022,
	MGMT_START_DISCOVERY = 0x0023,
	MGMT_STOP_DISCOVERY = 0x0024,
	MGMT_SET_SECURE_CONNECTIONS = 0x002d,
	MGMT_LOAD_IDENTITY_RESOLVING_KEYS = 0x0030,
	MGMT_LOAD_CONNECTION_PARAMETERS = 0x0035,
	MGMT_READ_LOCAL_OOB_EXTENDED_DATA = 0x003b,
	MGMT_READ_ADVERTISING_FEATURES = 0x003d,
	MGMT_ADD_ADVERTISING = 0x003e,
	MGMT_REMOVE_ADVERTISING = 0x003f,
};

enum mgmt_event {
	MGMT_EV_COMMAND_COMPLETE = 0x0001,
	MGMT_EV_COMMAND_STATUS = 0x0002,
	MGMT_EV_INDEX_REMOVED = 0x0005,
	MGMT_EV_NEW_SETTINGS = 0x0006,
	MGMT_EV_NEW_LONG_TERM_KEY = 0x000a,
	MGMT_EV_DEVICE_CONNECTED = 0x000b,
	MGMT_EV_DEVICE_DISCONNECTED = 0x000c,
	MGMT_EV_CONNECT_FAILED = 0x000d,
	MGMT_EV_USER_CONFIRMATION_REQUEST = 0x000f,
	MGMT_EV_USER_PASSKEY_REQUEST = 0x0010,
	MGMT_EV_AUTHENTICATION_FAILED = 0x0011,
	MGMT_EV_DEVICE_FOUND = 0x0012,
	MGMT_EV_PASSKEY_NOTIFY = 0x0017,
	MGMT_EV_NEW_IDENTITY_RESOLVING_KEY = 0x0018,
	MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY = 0x0019,
};

/* Status of a reply; only those that are used by name. */
enum mgmt_status {
	MGMT_STATUS_SUCCESS = 0x00,
	MGMT_STATUS_NOT_CONNECTED = 0x02,
	MGMT_STATUS_CONNECT_FAILED = 0x04,
	MGMT_STATUS_AUTH_FAILED = 0x05,
	MGMT_STATUS_NOT_PAIRED = 0x06,
	MGMT_STATUS_TIMEOUT = 0x08,
	MGMT_STATUS_REJECTED = 0x0b,
	MGMT_STATUS_DISCONNECTED = 0x0e,
	MGMT_STATUS_CANCELLED = 0x10,
	MGMT_STATUS_RFKILLED = 0x12,
	MGMT_STATUS_ALREADY_PAIRED = 0x13,
	MGMT_STATUS_PERMISSION_DENIED = 0x14,
};

/* Bits of the settings in Read Controller Information. */
#define MGMT_SETTING_POWERED (1U << 0)
#define MGMT_SETTING_BONDABLE (1U << 4)
#define MGMT_SETTING_SIMPLE_PAIRING (1U << 6)
#define MGMT_SETTING_BREDR (1U << 7)
#define MGMT_SETTING_LE (1U << 9)
#define MGMT_SETTING_SECURE_CONNECTIONS (1U << 11)
#define MGMT_SETTING_DEBUG_KEYS (1U << 12)
#define MGMT_SETTING_PRIVACY (1U << 13)
#define MGMT_SETTING_STATIC_ADDRESS (1U << 15)

/*
 * Octets of struct mgmt_addr_info, with which many commands and events begin.
 */
#define MGMT_ADDRESS_SIZE 7

struct mgmt;

/*
 * Open the socket.  Returns STATUS_OK, or STATUS_LINK after printing the
 * reason. The caller closes it with mgmt_close, which takes NULL too.
 */
enum status mgmt_open(struct mgmt **mgmt);
void mgmt_close(struct mgmt *mgmt);

/*
 * Send a command and wait at most 10 seconds for its reply; events that arrive
 * in the meantime are queued.  *len is the size of reply before the call and
 * the number of octets stored after it; reply and len may both be NULL.
 * Returns the reply's status (0: success), or -1 if there was no reply.
 */
int mgmt_command(struct mgmt *mgmt, uint16_t opcode, uint16_t index,
		 const void *params, size_t params_len, void *reply,
		 size_t *len);

/*
 * Send a command without waiting for its reply, which arrives as a Command
 * Complete or Command Status event: opcode (2 octets), status (1 octet) and the
 * command's own data.  Returns false if it could not be sent.
 */
bool mgmt_send(struct mgmt *mgmt, uint16_t opcode, uint16_t index,
	       const void *params, size_t len);

/* "Permission Denied" and so on. */
const char *mgmt_status_name(int status);

/* "; " and a hint what to do about the status, or "". */
const char *mgmt_status_help(int status);

/* Write the address and its type, with which many commands begin. */
static inline void mgmt_put_address(uint8_t p[MGMT_ADDRESS_SIZE],
				    const bdaddr_t *bdaddr, uint8_t type)
{
	memcpy(p, bdaddr, sizeof(*bdaddr));
	p[6] = type;
}

/*
 * Call fn from the loop for each event of this controller, or of none, in the
 * order of their arrival; data belongs to the caller of fn.
 */
typedef void (*mgmt_event_fn)(uint16_t event, const uint8_t *data, size_t len,
			      void *arg);
void mgmt_watch(struct mgmt *mgmt, struct loop *loop, uint16_t index,
		mgmt_event_fn fn, void *arg);

#endif
