/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links: addresses, and open SOCK_SEQPACKET sockets: of ATT PDUs over L2CAP's
 * fixed channel 4 or an AF_UNIX socket, or of SDUs over an LE credit-based
 * channel.
 */
#ifndef BLESEC_LINK_H
#define BLESEC_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <bluetooth/bluetooth.h>

#include "base/diag.h"

#define LINK_TEXT_MAX 128
#define LINK_SDU_MAX 2048	/* on a credit-based channel */

/* Dynamic PSMs of LE (Vol 3 Part A 4.22), and the one of ours. */
#define LINK_PSM_MIN 0x80
#define LINK_PSM_MAX 0xff
#define LINK_PSM 0xd2

enum link_kind {
	LINK_UNIX,		/* unix:PATH */
	LINK_ADAPTER,		/* hciN */
	LINK_DEVICE,		/* AA:BB:CC:DD:EE:FF[,public|random] */
	LINK_NAME,		/* name:NAME */
};

struct link_address {
	enum link_kind kind;
	char text[LINK_TEXT_MAX];	/* path, name, "hci0", "AA:..." */
	uint16_t index;			/* LINK_ADAPTER */
	bdaddr_t bdaddr;		/* LINK_DEVICE */
	uint8_t bdaddr_type;		/* BDADDR_LE_PUBLIC or _RANDOM */
	uint16_t psm;			/* LINK_DEVICE: 0 is ATT */
	bool enhanced;			/* with psm: as link_connect says */
};

/* Returns STATUS_OK, or STATUS_USAGE having said what text should be. */
enum status link_parse(const char *text, struct link_address *address);

/* What link_parse takes, but for the type: "unix:PATH", "AA:BB:...". */
#define LINK_NAME_MAX (LINK_TEXT_MAX + 5)
void link_name(const struct link_address *address, char text[LINK_NAME_MAX]);

/* That of a device as a number, with its type; 0 for others. */
uint64_t link_number(const struct link_address *address);

/* "public", "random" or "unix". */
const char *link_type_name(const struct link_address *address);

/*
 * Listen on a path, or on the adapter that has the address in bdaddr (kind
 * LINK_DEVICE) as ATT server or at its PSM.  Returns STATUS_OK and a non-blocking socket, or
 * STATUS_LINK having said why, with *fd -1.  A socket file that nobody listens
 * on is replaced.
 */
enum status link_listen(const struct link_address *address, int *fd);

/*
 * Accept one link.  Returns the socket and who it is, or -1 if there is none.
 */
int link_accept(int fd, const struct link_address *listening,
		struct link_address *peer);

/*
 * Start to connect; adapter (kind LINK_DEVICE, may be NULL for unix) is where
 * from.  Returns STATUS_OK and a non-blocking socket that becomes writable
 * when link_connected can be asked; STATUS_LINK having said why; STATUS_REFUSED
 * if another program here has the channel.
 *
 * With address->enhanced, the request for a credit-based channel is the enhanced
 * one (Vol 3 Part A 4.25), where this kernel has that (bluetooth.enable_ecred);
 * a peer without answers ECONNREFUSED.  Who listens needs nothing of the kind:
 * the kernel takes both requests on one socket.
 */
enum status link_connect(const struct link_address *address,
			 const struct link_address *adapter, int *fd);

/* The address of the adapter that a socket of a link is bound to; all zero if
 * it is not of Bluetooth. */
void link_own_address(int fd, bdaddr_t *own);

/* 0, or the errno with which link_connect has failed. */
int link_connected(int fd);

/* Octets that one SDU to the peer of a credit-based channel may have. */
uint16_t link_sdu_max(int fd);

/*
 * The level of LE security mode 1 (Vol 3 Part C 10.2.1) that a socket's link is
 * at, and the octets of its key; -1: it is not of Bluetooth, or gone.
 */
int link_security(int fd, uint8_t *key_size);

/*
 * Have the link of a peripheral's ATT socket brought to that level: a Security
 * Request is sent (Vol 3 Part H 2.4.6).  Until that has an end, the socket may
 * refuse to send with ENOTCONN.  Returns 0, or an errno.
 */
int link_request_security(int fd, uint8_t level);

/*
 * The level of LE security mode 1 (Vol 3 Part C 10.2.1) that a link to this
 * device is at, and the octets of its key; 0 octets: it is gone.  Asked of *fd,
 * a socket of the link, or, if that is -1, of a new one, which stays open: a
 * link without a socket is taken down after two seconds.  -1 if it cannot be
 * asked, since another program has the channel, say.
 */
int link_level(const struct link_address *address,
	       const struct link_address *adapter, int *fd, uint8_t *key_size);

#endif
