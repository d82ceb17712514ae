/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's Bluetooth management socket (mgmt-api.txt of BlueZ): commands
 * with their replies, and events.
 */
#ifndef BLESEC_MGMT_H
#define BLESEC_MGMT_H

#include <stddef.h>
#include <stdint.h>

#include <bluetooth/bluetooth.h>

#include "diag.h"
#include "loop.h"

#define MGMT_INDEX_NONE 0xffff

enum mgmt_opcode {
	MGMT_READ_INDEX_LIST = 0x0003,
	MGMT_READ_INFO = 0x0004,
	MGMT_SET_POWERED = 0x0005,
	MGMT_SET_LE = 0x000d,
	MGMT_START_DISCOVERY = 0x0023,
	MGMT_STOP_DISCOVERY = 0x0024,
	MGMT_READ_ADVERTISING_FEATURES = 0x003d,
	MGMT_ADD_ADVERTISING = 0x003e,
	MGMT_REMOVE_ADVERTISING = 0x003f,
};

enum mgmt_event {
	MGMT_EV_COMMAND_COMPLETE = 0x0001,
	MGMT_EV_COMMAND_STATUS = 0x0002,
	MGMT_EV_INDEX_REMOVED = 0x0005,
	MGMT_EV_DEVICE_CONNECTED = 0x000b,
	MGMT_EV_DEVICE_DISCONNECTED = 0x000c,
	MGMT_EV_DEVICE_FOUND = 0x0012,
};

/* Bits of the settings in Read Controller Information. */
#define MGMT_SETTING_POWERED (1U << 0)
#define MGMT_SETTING_LE (1U << 9)

/* struct mgmt_addr_info, as it stands at the head of many events. */
#define MGMT_ADDRESS_SIZE 7

struct mgmt;

/* Returns STATUS_OK, or STATUS_LINK having said why. */
enum status mgmt_open(struct mgmt **mgmt);
void mgmt_close(struct mgmt *mgmt);

/*
 * Send a command and wait at most 10 seconds for its reply; events that come
 * in the meantime are kept.  *len is the size of reply before and its length
 * after; reply may be NULL.  Returns the status of the reply (0: success), or
 * -1 if there was none.
 */
int mgmt_command(struct mgmt *mgmt, uint16_t opcode, uint16_t index,
		 const void *params, size_t params_len, void *reply,
		 size_t *len);

/* "Permission Denied" and so on. */
const char *mgmt_status_name(int status);

/* Call fn for each event of this controller, from the loop. */
typedef void (*mgmt_event_fn)(uint16_t event, const uint8_t *data, size_t len,
			      void *arg);
void mgmt_watch(struct mgmt *mgmt, struct loop *loop, uint16_t index,
		mgmt_event_fn fn, void *arg);

#endif
