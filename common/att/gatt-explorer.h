/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT client (Core 5.4 Vol 3 Part G 4) for a server that it knows nothing
 * about.  It exchanges the MTU, discovers the server, and performs operations
 * one after the other, each on all attributes of a UUID: read, write,
 * subscribe.  PDU in, PDU out, no I/O.
 *
 * What is discovered is kept, at most one entry for each of 65,535 handles;
 * each answer must go beyond the one before.  A Service Changed (2a05)
 * indication is reported like any other: nothing is discovered again.
 */
#ifndef BLESEC_GATT_EXPLORER_H
#define BLESEC_GATT_EXPLORER_H

#include "att/att.h"

enum gatt_op_kind {
	GATT_OP_DISCOVER,	/* everything; no UUID */
	/* Characteristics and descriptors */
	GATT_OP_READ,		/* however long (4.8.1, 4.8.3, 4.12.1-2) */
	GATT_OP_WRITE,		/* however long (4.9.3-4, 4.12.3-4) */
	/* Characteristics only */
	GATT_OP_WRITE_COMMAND,	/* 4.9.1 */
	GATT_OP_RELIABLE_WRITE,	/* 4.9.5 */
	GATT_OP_NOTIFY,		/* 4.10: until the link ends */
	GATT_OP_INDICATE,	/* 4.11: likewise */
};

struct gatt_op {
	enum gatt_op_kind kind;
	struct gatt_uuid uuid;
	const uint8_t *value;	/* to be written; the caller's */
	size_t len;
};

/* The result of an operation: 0, an ATT error (att_error_name), or: */
enum gatt_op_status {
	GATT_OP_NOT_FOUND = -1,	/* no attribute of the UUID */
	GATT_OP_NOT_SUPPORTED = -2,	/* the properties do not permit it, or
					 * there is no client configuration;
					 * nothing was sent */
	GATT_OP_TOO_LONG = -3,	/* more than ATT_VALUE_MAX octets, or too long
				 * for a Write Command; nothing was sent */
	GATT_OP_DIFFERENT = -4,	/* a prepared write came back changed and was
				 * cancelled; nothing was written */
};

/* One operation on one attribute, or on none. */
struct gatt_result {
	size_t op;		/* its index */
	int status;
	uint16_t handle;	/* of the value; 0 for GATT_OP_DISCOVER, and if
				 * nothing was found */
	struct gatt_uuid uuid;	/* as the server has it */
	const uint8_t *value;	/* what was read; valid during the call */
	size_t len;
};

enum gatt_found_kind {
	GATT_FOUND_PRIMARY,
	GATT_FOUND_SECONDARY,
	GATT_FOUND_INCLUDE,
	GATT_FOUND_CHARACTERISTIC,
	GATT_FOUND_DESCRIPTOR,
};

struct gatt_found {
	enum gatt_found_kind kind;
	struct gatt_uuid uuid;	/* of an include, the service's; its len is 0 if
				 * the server does not say */
	uint16_t handle;	/* of the declaration, or the descriptor */
	uint16_t value;		/* handle of a characteristic's value or of an
				 * included service; else 0 */
	uint16_t end;		/* the last handle of the service, included
				 * service or characteristic; else 0 */
	uint8_t properties;	/* of a characteristic */
};

/* Set the first members; all others are 0. */
struct gatt_explorer {
	const struct gatt_op *ops;	/* the caller's */
	size_t count;

	/*
	 * All callbacks may be NULL; "arg" is passed to them.  None may call a
	 * function of this header.
	 */
	void *arg;
	/* For each GATT_OP_DISCOVER, before its result: in order of handles. */
	void (*found)(const struct gatt_found *found, void *arg);
	/*
	 * Each operation has at least one result.  If discovery was refused
	 * with an ATT error, this error is the status of GATT_OP_DISCOVER, and
	 * is reported instead of GATT_OP_NOT_FOUND.
	 */
	void (*result)(const struct gatt_result *result, void *arg);
	/*
	 * The server notifies or indicates a value, asked to or not. uuid is
	 * the characteristic's, or NULL if no characteristic with that handle
	 * is known, for example because discovery has not finished.
	 */
	void (*notified)(uint16_t handle, const struct gatt_uuid *uuid,
			 bool indication, const uint8_t *value, size_t len,
			 void *arg);
	/*
	 * Called once, when every operation has its results.  Notifications and
	 * indications are still taken afterwards.
	 */
	void (*done)(void *arg);

	/* To be read by the caller. */
	bool finished;		/* done was called */
	uint16_t mtu;		/* ATT_MTU in force, 0 before the start */

	/* The rest is the explorer's own. */
	unsigned int step;
	bool asked;		/* the step's request is unanswered */
	bool confirm;		/* an indication is to be confirmed, */
	uint8_t refuse;		/* a request is to be refused */
	struct gatt_entry *table;	/* what was found */
	size_t used, room, services;
	bool sorted;
	uint8_t refusal;	/* ATT error that refused discovery, or 0 */
	size_t at;		/* the current entry */
	uint16_t next;		/* and the first handle not yet known */
	size_t op;
	bool matched;		/* the operation has found an attribute */
	int status;		/* to be reported, when it is cancelled */
	size_t len;		/* of the value that was read or prepared */
	uint8_t value[ATT_VALUE_MAX];
};

/*
 * Write the next PDU to send; pdu has room for ATT_MTU_OFFERED octets.  Returns
 * its length, or 0 if there is none now.  Call it until it returns 0, at the
 * start and after each gatt_explorer_receive, and send the PDUs in order.
 */
size_t gatt_explorer_next(struct gatt_explorer *explorer, uint8_t *pdu);

/*
 * Take what the server sent: a response, a notification, an indication; also a
 * request, which is refused with Request Not Supported, or a command, which is
 * ignored.  There is no clock here: the caller must give up a server that does
 * not answer within 30 s (Part F 3.3.3).  Returns NULL, or what is wrong with
 * the server, in words; the explorer cannot be used any more then.
 */
const char *gatt_explorer_receive(struct gatt_explorer *explorer,
				  const uint8_t *pdu, size_t len);

/* Free what the explorer holds. */
void gatt_explorer_free(struct gatt_explorer *explorer);

#endif
