/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ATT server of one link or channel: answers every request and command of
 * Core 5.4 Vol 3 Part F 3.4 from a database, and makes what a server sends of
 * its own.  PDU in, PDU out, no I/O, and no
 * memory of its own to be freed.
 *
 * An answer may come later: gatt_server_handle then returns 0 and "pending" is
 * true until gatt_server_complete makes the response.  A client may not send
 * another request meanwhile (3.3.2): if it does, that one is ignored and
 * "fault" is true, and the link is best ended.  Commands and confirmations are
 * no part of that sequence and are handled at once, also while pending.
 */
#ifndef BLESEC_GATT_SERVER_H
#define BLESEC_GATT_SERVER_H

#include "att/gatt-db.h"

#define GATT_QUEUE_PARTS 128	/* Prepare Write Requests at a time, */
#define GATT_QUEUE_OCTETS 2048	/* and what they hold: four long values */
#define GATT_CONFIGURATIONS 256	/* of one client that are not 0 */

enum gatt_operation {
	GATT_EXTERNAL_READ,
	GATT_EXTERNAL_WRITE,
	GATT_EXTERNAL_COMMAND,	/* a write that nobody waits for */
};

/* What is asked of whoever has an external value. */
struct gatt_external {
	enum gatt_operation operation;
	uint16_t handle;
	uint16_t offset;	/* of a write that was prepared; else 0 */
	const uint8_t *value;	/* to write; valid during the call only */
	size_t len;		/* offset + len is at most the maximum */
};

/* One Prepare Write Request; the octets are in the queue, one after another. */
struct gatt_prepared {
	uint16_t handle, offset, len;
};

struct gatt_queue {
	struct gatt_prepared parts[GATT_QUEUE_PARTS];
	uint8_t octets[GATT_QUEUE_OCTETS];
	size_t count, used;
	size_t next, next_octet;	/* while it is executed */
};

/* Set db and mtu, and what else is wanted; all other members are 0. */
struct gatt_server {
	struct gatt_db *db;	/* the caller's; others may use it as well */
	uint16_t mtu;		/* ATT_MTU in force, 23 to ATT_MTU_OFFERED */
	bool optional;		/* serve also what a server need not (Part G
				 * 4.2), and the tunnel has no use for: Read
				 * Multiple, Read Multiple Variable, Prepare
				 * and Execute Write; else Request Not
				 * Supported */

	/* The link's security: the caller keeps it current. */
	uint8_t level;		/* enum gatt_level; 0 is GATT_LEVEL_OPEN */
	uint8_t key_size;	/* octets; counts if level is above that */
	bool ltk;		/* there is a key to encrypt the link with:
				 * what is wanting is encryption (0x0f), not
				 * authentication (0x05), Part C 10.3.1 */

	/*
	 * All callbacks may be NULL; "arg" is passed to them.  None may call
	 * gatt_server_handle or gatt_server_complete.
	 */
	void *arg;
	/*
	 * Called for a permitted write to an attribute that is not external,
	 * or to a client configuration, before the value changes: with all of
	 * the new value.  Returns an ATT error to refuse it, or 0.
	 */
	uint8_t (*write)(uint16_t handle, const uint8_t *value, size_t len,
			 void *arg);
	/*
	 * Whether this client may do what requires that authorization, not 0.
	 * Asked last, when the link is secure enough.  NULL: it may not.
	 */
	bool (*authorize)(uint32_t authorization, uint16_t handle,
			  bool writing, void *arg);
	/*
	 * Whether that is the message's authentication signature, the sign
	 * counter being new (Part C 10.4.2).  The message is the PDU without
	 * the signature.  NULL: it never is.
	 */
	bool (*verify)(const uint8_t *message, size_t len,
		       const uint8_t signature[ATT_SIGNATURE_SIZE], void *arg);
	/*
	 * Ask for an external value, all of it, or to write one.  The answer
	 * is given by gatt_server_complete, after gatt_server_handle or the
	 * previous gatt_server_complete has returned; none is wanted to a
	 * GATT_EXTERNAL_COMMAND.  Returns 0, or an ATT error to refuse it at
	 * once.  NULL: Unlikely Error.
	 */
	uint8_t (*external)(struct gatt_server *server,
			    const struct gatt_external *what, void *arg);

	/* To be read by the caller. */
	bool pending;		/* gatt_server_complete is waited for */
	bool fault;		/* a request came while pending */
	uint16_t indicated;	/* handle whose indication is unconfirmed */

	/* The rest is the server's own. */
	uint8_t opcode;		/* of the pending request */
	uint16_t handle, offset;
	struct {
		uint16_t handle;	/* 0: none */
		size_t len;
		uint8_t value[ATT_VALUE_MAX];
	} snapshot;		/* the external value last read */
	struct {
		size_t len, next, used;
		uint8_t req[ATT_MTU_OFFERED], rsp[ATT_MTU_OFFERED];
	} multiple;		/* a Read Multiple Request under way */
	struct gatt_queue queue;
	struct {
		uint16_t handle, bits;
	} configurations[GATT_CONFIGURATIONS];
	size_t configured;
};

/*
 * Handle a request, command or confirmation.  rsp takes ATT_MTU_OFFERED
 * octets.  Returns the length of the response, 0 if there is none to send now.
 */
size_t gatt_server_handle(struct gatt_server *server, const uint8_t *pdu,
			  size_t len, uint8_t *rsp);

/*
 * Answer what gatt_server.external was last asked: with an ATT error, or with
 * 0 and, for a read, all of the value (more than ATT_VALUE_MAX octets are an
 * Unlikely Error).  rsp takes ATT_MTU_OFFERED octets.  Returns the length of
 * the response; 0 if nothing was pending, or if something is again: Read
 * Multiple and Execute Write ask for one value after the other.
 */
size_t gatt_server_complete(struct gatt_server *server, uint8_t error,
			    const void *value, size_t len, uint8_t *rsp);

/* True if a server handles this opcode: not a response, or a notification. */
bool gatt_server_takes(uint8_t opcode);

/*
 * The Client Characteristic Configuration that this client gave the descriptor
 * at the handle, 0 if none (Part G 3.3.3.3).
 */
uint16_t gatt_server_configuration(const struct gatt_server *server,
				   uint16_t handle);
/*
 * Set one, for a bonded client that comes back.  The bits are not compared
 * with the properties.  False if GATT_CONFIGURATIONS are set already.
 */
bool gatt_server_configure(struct gatt_server *server, uint16_t handle,
			   uint16_t bits);

/*
 * Whether the characteristic whose value is at the handle is to be notified or
 * indicated to this client: it has asked for that, and the link is, now, as
 * secure as reading the value and writing the configuration require.
 */
bool gatt_server_notifies(const struct gatt_server *server, uint16_t handle);
bool gatt_server_indicates(const struct gatt_server *server, uint16_t handle);

/*
 * Make a Handle Value Notification or Indication (Part F 3.4.7) of the first
 * ATT_MTU - 3 octets of the value.  pdu takes ATT_MTU_OFFERED octets.  Whether
 * the client wants it is not asked here.  Returns the length of the PDU, for
 * an indication 0 if the server is busy: the one before is unconfirmed, and
 * its handle in server->indicated.
 */
size_t gatt_server_notify(const struct gatt_server *server, uint16_t handle,
			  const void *value, size_t len, uint8_t *pdu);
size_t gatt_server_indicate(struct gatt_server *server, uint16_t handle,
			    const void *value, size_t len, uint8_t *pdu);

#endif
