/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ATT server of one link or channel: it answers every request and command
 * of Core 5.4 Vol 3 Part F 3.4 from a database, and makes notifications and
 * indications.  PDU in, PDU out, no I/O; it allocates no memory.
 *
 * An answer may come later: gatt_server_handle then returns 0, and "pending" is
 * true until gatt_server_complete makes the response.  A client must not send
 * another request in the meantime (3.3.2): if it does, that request is ignored
 * and "fault" becomes true; the caller should then end the link.  Commands and
 * confirmations do not belong to that sequence and are handled at once, also
 * while a request is pending.
 */
#ifndef BLESEC_GATT_SERVER_H
#define BLESEC_GATT_SERVER_H

#include "att/gatt-db.h"

#define GATT_QUEUE_PARTS 128	/* Prepare Write Requests in the queue, */
#define GATT_QUEUE_OCTETS 2048	/* and their octets: four long values */
#define GATT_CONFIGURATIONS 256	/* of one client, other than 0 */

enum gatt_operation {
	GATT_EXTERNAL_READ,
	GATT_EXTERNAL_WRITE,
	GATT_EXTERNAL_COMMAND,	/* a write without a response */
};

/* What the owner of an external value is asked to do. */
struct gatt_external {
	enum gatt_operation operation;
	uint16_t handle;
	uint16_t offset;	/* of a prepared write; else 0 */
	const uint8_t *value;	/* to be written; valid during the call */
	size_t len;		/* offset + len is at most the maximum */
};

/* One Prepare Write Request; the queue has the octets of all, in order. */
struct gatt_prepared {
	uint16_t handle, offset, len;
};

struct gatt_queue {
	struct gatt_prepared parts[GATT_QUEUE_PARTS];
	uint8_t octets[GATT_QUEUE_OCTETS];
	size_t count, used;
	size_t next, next_octet;	/* while it is executed */
};

/* Set db and mtu, and other members as wanted; the rest is 0. */
struct gatt_server {
	struct gatt_db *db;	/* the caller's; others may use it as well */
	uint16_t mtu;		/* ATT_MTU in force, 23 to ATT_MTU_OFFERED */
	bool optional;		/* also serve the requests that are optional
				 * (Part G 4.2) and of no use to the tunnel:
				 * Read Multiple, Read Multiple Variable,
				 * Prepare and Execute Write; otherwise they get
				 * Request Not Supported */

	/* The link's security: the caller keeps it current. */
	uint8_t level;		/* enum gatt_level; 0 is GATT_LEVEL_OPEN */
	uint8_t key_size;	/* octets; counts if level is above that */
	bool ltk;		/* there is a key to encrypt the link with,
				 * so the error is Insufficient Encryption,
				 * not Insufficient Authentication (Part C
				 * 10.3.1) */

	/*
	 * All callbacks may be NULL; "arg" is passed to them.  None may call
	 * gatt_server_handle or gatt_server_complete.
	 */
	void *arg;
	/*
	 * Called before a permitted write changes the value of an attribute
	 * that is not external, or a client configuration, with the whole new
	 * value.  Returns 0, or an ATT error to refuse it.
	 */
	uint8_t (*write)(uint16_t handle, const uint8_t *value, size_t len,
			 void *arg);
	/*
	 * Whether this client has that authorization, which is not 0.  Called
	 * last, when the link is secure enough.  If NULL, it has none.
	 */
	bool (*authorize)(uint32_t authorization, uint16_t handle,
			  bool writing, void *arg);
	/*
	 * Whether that is the message's authentication signature, with a new
	 * sign counter (Part C 10.4.2).  The message is the PDU without the
	 * signature.  If NULL, no signature is accepted.
	 */
	bool (*verify)(const uint8_t *message, size_t len,
		       const uint8_t signature[ATT_SIGNATURE_SIZE], void *arg);
	/*
	 * Asked for all of an external value, or to write one.  The caller
	 * answers by gatt_server_complete, after gatt_server_handle or the
	 * previous gatt_server_complete has returned; a GATT_EXTERNAL_COMMAND
	 * is not answered.  Returns 0, or an ATT error to refuse it at once.
	 * If NULL, the error is Unlikely Error.
	 */
	uint8_t (*external)(struct gatt_server *server,
			    const struct gatt_external *what, void *arg);

	/* To be read by the caller. */
	bool pending;		/* gatt_server_complete must be called */
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
 * Handle a request, command or confirmation.  rsp has room for ATT_MTU_OFFERED
 * octets.  Returns the length of the response, or 0 if there is none to send
 * now.
 */
size_t gatt_server_handle(struct gatt_server *server, const uint8_t *pdu,
			  size_t len, uint8_t *rsp);

/*
 * Answer what gatt_server.external was last asked: with an ATT error, or with 0
 * and, for a read, all of the value (more than ATT_VALUE_MAX octets are an
 * Unlikely Error).  rsp has room for ATT_MTU_OFFERED octets.  Returns the
 * length of the response; 0 if nothing was pending, or if another answer is
 * pending now: Read Multiple and Execute Write ask for one value after the
 * other.
 */
size_t gatt_server_complete(struct gatt_server *server, uint8_t error,
			    const void *value, size_t len, uint8_t *rsp);

/* True if a server handles this opcode: no response, and no notification. */
bool gatt_server_takes(uint8_t opcode);

/*
 * The value that this client has given the Client Characteristic Configuration
 * at the handle, 0 if none (Part G 3.3.3.3).
 */
uint16_t gatt_server_configuration(const struct gatt_server *server,
				   uint16_t handle);
/*
 * Set one, for a bonded client that returns.  The bits are not checked against
 * the properties.  False if GATT_CONFIGURATIONS are set already.
 */
bool gatt_server_configure(struct gatt_server *server, uint16_t handle,
			   uint16_t bits);

/*
 * Whether to notify or indicate the value at the handle to this client: it has
 * asked for that, and the link is now as secure as reading the value and
 * writing the configuration require.
 */
bool gatt_server_notifies(const struct gatt_server *server, uint16_t handle);
bool gatt_server_indicates(const struct gatt_server *server, uint16_t handle);

/*
 * Make a Handle Value Notification or Indication (Part F 3.4.7) of the first
 * ATT_MTU - 3 octets of the value, whether the client wants it or not.  pdu has
 * room for ATT_MTU_OFFERED octets.  Returns the length of the PDU; for an
 * indication, 0 if the one before, with the handle server->indicated, is
 * unconfirmed.
 */
size_t gatt_server_notify(const struct gatt_server *server, uint16_t handle,
			  const void *value, size_t len, uint8_t *pdu);
size_t gatt_server_indicate(struct gatt_server *server, uint16_t handle,
			    const void *value, size_t len, uint8_t *pdu);

#endif
