/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One Bluetooth adapter (controller): find it, turn on LE and power, and
 * restore the settings it had before.
 */
#ifndef BLESEC_ADAPTER_H
#define BLESEC_ADAPTER_H

#include "bluetooth/link.h"
#include "bluetooth/mgmt.h"

struct adapter {
	struct mgmt *mgmt;
	uint16_t index;
	struct link_address address;	/* own address, to bind to */
	bdaddr_t controller;		/* public address, or all zero */
	uint16_t manufacturer;		/* company identifier */
	char name[249];
	uint32_t supported;		/* settings, MGMT_SETTING_* */
	uint32_t found;			/* settings when it was opened */
	uint32_t settings;		/* current settings */
};

/*
 * Open hciN (NULL: the adapter with the lowest number) and read its
 * information without changing anything.  adapter->address is the public
 * address, all zero if there is none.  Returns as adapter_open.
 */
enum status adapter_find(const struct link_address *which,
			 struct adapter *adapter);

/* True if bluetoothd is running on this machine. */
bool adapter_bluetoothd(void);

/*
 * Turn on LE and power.  If the adapter was off and bluetoothd is not running,
 * also load the bonds that are stored for it.  Returns STATUS_OK, or
 * STATUS_REFUSED after printing the reason.
 */
enum status adapter_power(struct adapter *adapter);

/*
 * Set adapter->address to the static random address if the adapter uses one.
 * The kernel reports that address only together with new out-of-band data,
 * which makes data that was read earlier invalid.  Returns as adapter_power.
 */
enum status adapter_read_address(struct adapter *adapter);

/*
 * Send a command that sets one setting to value (0 or 1).  Returns the mgmt
 * status, as mgmt_command; adapter->settings then holds the new settings.
 */
int adapter_set(struct adapter *adapter, uint16_t opcode, uint8_t value);

/*
 * Open hciN (NULL: the adapter with the lowest number) and turn on LE and power
 * where they are off.  Returns STATUS_OK, or, after printing the reason,
 * STATUS_LINK if there is no such adapter or no Bluetooth, STATUS_REFUSED if
 * the kernel refuses.
 */
enum status adapter_open(const struct link_address *which,
			 struct adapter *adapter);

/*
 * Run Read Local OOB Extended Data for LE.  reply receives the address types,
 * the length and the EIR structures, which are secret; *len is the size of
 * reply before the call and the length after it.  Returns the mgmt status, as
 * mgmt_command.  Data that was read earlier becomes invalid.
 */
int adapter_read_local_oob(struct adapter *adapter, uint8_t *reply,
			   size_t *len);

/* Close the management socket and leave the adapter as it is now. */
void adapter_leave(struct adapter *adapter);

/* Undo what adapter_open changed and close the management socket. */
void adapter_close(struct adapter *adapter);

#endif
