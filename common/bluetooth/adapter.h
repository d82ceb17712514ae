/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An adapter (controller) made ready for LE, and put back as it was found. */
#ifndef BLESEC_ADAPTER_H
#define BLESEC_ADAPTER_H

#include "bluetooth/link.h"
#include "bluetooth/mgmt.h"

struct adapter {
	struct mgmt *mgmt;
	uint16_t index;
	struct link_address address;	/* its own, to bind to */
	bdaddr_t controller;		/* its public address, or all zero */
	uint16_t manufacturer;		/* company identifier */
	char name[249];
	uint32_t supported;		/* settings, MGMT_SETTING_* */
	uint32_t found;			/* settings before */
	uint32_t settings;		/* now */
};

/*
 * Open hciN (NULL: the first there is) and ask what it is; change nothing.
 * Its address is the public one, all zero if it has none.  As adapter_open.
 */
enum status adapter_find(const struct link_address *which,
			 struct adapter *adapter);

/* True if bluetoothd runs on this machine. */
bool adapter_bluetoothd(void);

/*
 * LE on, and powered, with the bonds that are kept for it, if it was off and
 * bluetoothd does not see to that.  STATUS_OK, or STATUS_REFUSED having said
 * why.
 */
enum status adapter_power(struct adapter *adapter);

/*
 * Its own address, if that is a static random one.  The kernel tells it only
 * beside out-of-band data, of which what was read before is void then.  As
 * adapter_power.
 */
enum status adapter_read_address(struct adapter *adapter);

/*
 * Set one of the settings to value (0, 1).  Returns the mgmt status; settings
 * says what is so then.
 */
int adapter_set(struct adapter *adapter, uint16_t opcode, uint8_t value);

/*
 * Open hciN (NULL: the first there is), with LE on and powered; only what must
 * be changed is.  Returns STATUS_OK; STATUS_LINK if there is no such adapter or
 * no Bluetooth, STATUS_REFUSED if the kernel refuses, having said why.
 */
enum status adapter_open(const struct link_address *which,
			 struct adapter *adapter);

/*
 * Read Local OOB Extended Data of LE into reply: types, length, structures.
 * Returns the mgmt status.  What was read before is void.
 */
int adapter_read_local_oob(struct adapter *adapter, uint8_t *reply,
			   size_t *len);

/* Close the management socket; the adapter stays as it is now. */
void adapter_leave(struct adapter *adapter);

/* Undo what adapter_open changed; close the management socket. */
void adapter_close(struct adapter *adapter);

#endif
