/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the GATT explorer share. */
#ifndef BLESEC_GATT_EXPLORER_STEP_H
#define BLESEC_GATT_EXPLORER_STEP_H

#include "att/gatt-explorer.h"

/* What is asked next.  The next step is always chosen before it is asked. */
enum gatt_step {
	GATT_STEP_MTU,
	/* gatt-explorer-discover.c */
	GATT_STEP_PRIMARY,
	GATT_STEP_SECONDARY,
	GATT_STEP_INCLUDES,
	GATT_STEP_INCLUDED,
	GATT_STEP_CHARACTERISTICS,
	GATT_STEP_DESCRIPTORS,
	/* gatt-explorer-operate.c */
	GATT_STEP_READ,
	GATT_STEP_READ_BLOB,
	GATT_STEP_WRITE,
	GATT_STEP_WRITE_COMMAND,
	GATT_STEP_EXTENDED,
	GATT_STEP_PREPARE,
	GATT_STEP_EXECUTE,
	GATT_STEP_CANCEL,
	GATT_STEP_CONFIGURE,
	GATT_STEP_DONE,
};

struct gatt_entry {
	struct gatt_found found;
	uint8_t configuration;	/* GATT_CONFIGURATION_... that were written */
};

/* The handlers of one step. */
struct gatt_exchange {
	/* Write the request. */
	size_t (*request)(struct gatt_explorer *explorer, uint8_t *pdu);
	uint8_t response;	/* opcode of the response; 0: there is none */
	/* Take the response, or the error, and choose the next step. */
	const char *(*take)(struct gatt_explorer *explorer, const uint8_t *pdu,
			    size_t len);
	const char *(*refused)(struct gatt_explorer *explorer, uint8_t error);
};

/*
 * The handlers of the steps from GATT_STEP_PRIMARY on, and from GATT_STEP_READ
 * on.
 */
const struct gatt_exchange *gatt_discovery_exchange(unsigned int step);
const struct gatt_exchange *gatt_operation_exchange(unsigned int step);

/* Choose the first step of discovery, or of the next operation. */
void gatt_discovery_start(struct gatt_explorer *explorer);
void gatt_operation_start(struct gatt_explorer *explorer);

/* A Write Command has been made; there is no response to wait for. */
void gatt_operation_commanded(struct gatt_explorer *explorer);

#endif
