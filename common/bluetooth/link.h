/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Link addresses, and the SOCK_SEQPACKET sockets of links: ATT PDUs over
 * L2CAP's fixed channel 4 or AF_UNIX, or SDUs over an LE credit-based channel.
 */
#ifndef BLESEC_LINK_H
#define BLESEC_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <bluetooth/bluetooth.h>

#include "base/diag.h"

#define LINK_TEXT_MAX 128
#define LINK_SDU_MAX 2048	/* octets, on a credit-based channel */

/* The range of dynamic PSMs for LE (Core 5.4 Vol 3 Part A 4.22), and the one
 * that blesec uses by default. */
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
	uint16_t psm;			/* LINK_DEVICE: 0 means ATT */
	bool enhanced;			/* with psm: see link_connect */
};

/* Returns STATUS_OK, or STATUS_USAGE after printing what is expected. */
enum status link_parse(const char *text, struct link_address *address);

/* Write the address as link_parse takes it, without the type: "unix:PATH",
 * "AA:BB:...". */
#define LINK_NAME_MAX (LINK_TEXT_MAX + 5)
void link_name(const struct link_address *address, char text[LINK_NAME_MAX]);

/* A device's address and type as one number; 0 for other kinds. */
uint64_t link_number(const struct link_address *address);

/* "public", "random" or "unix". */
const char *link_type_name(const struct link_address *address);

/*
 * Listen on a path, or, with kind LINK_DEVICE, on the adapter that has the
 * address bdaddr: for ATT, or at address->psm unless it is 0.  A socket file on
 * which nobody listens is replaced.  Returns STATUS_OK and in *fd a
 * non-blocking socket, which the caller closes, or STATUS_LINK after printing
 * the reason, with *fd -1.
 */
enum status link_listen(const struct link_address *address, int *fd);

/*
 * Accept one link; listening is the address that fd listens on.  Returns a
 * non-blocking socket, which the caller closes, and the peer's address; or -1
 * with errno, EAGAIN if no link is waiting.
 */
int link_accept(int fd, const struct link_address *listening,
		struct link_address *peer);

/*
 * Start to connect from adapter (kind LINK_DEVICE; may be NULL for unix).
 * Returns STATUS_OK and in *fd a non-blocking socket, which the caller closes:
 * once it is writable, link_connected tells the result.  Returns STATUS_LINK
 * after printing the reason, or STATUS_REFUSED, without a message, if another
 * program on this machine uses the channel; *fd is -1 then.
 *
 * With address->enhanced, a credit-based channel is requested with the enhanced
 * request (Core 5.4 Vol 3 Part A 4.25) if the kernel supports that
 * (bluetooth.enable_ecred).  If the peer does not, link_connected returns
 * ECONNREFUSED.  A listening socket accepts both requests.
 */
enum status link_connect(const struct link_address *address,
			 const struct link_address *adapter, int *fd);

/* Get the address of the adapter that a link's socket is bound to; all zero if
 * it is not a Bluetooth socket. */
void link_own_address(int fd, bdaddr_t *own);

/* Returns 0, or the errno with which the connection failed. */
int link_connected(int fd);

/* The longest SDU, in octets, that can be sent on a credit-based channel; 0 if
 * that cannot be found out. */
uint16_t link_sdu_max(int fd);

/*
 * Returns the level of LE security mode 1 (Core 5.4 Vol 3 Part C 10.2.1) of a
 * socket's link, and in *key_size the length of its key in octets.  Returns -1
 * if it is not a Bluetooth socket or the link is gone.
 */
int link_security(int fd, uint8_t *key_size);

/*
 * Ask for a security level on the link of a peripheral's ATT socket: the kernel
 * sends a Security Request (Core 5.4 Vol 3 Part H 2.4.6).  Until the procedure
 * ends, sending on the socket may fail with ENOTCONN.  Returns 0 or an errno.
 */
int link_request_security(int fd, uint8_t level);

/*
 * Returns the level of LE security mode 1 (Core 5.4 Vol 3 Part C 10.2.1) of the
 * link to a device, and in *key_size the length of its key in octets, 0 if the
 * link is gone.  *fd is a socket of the link.  If it is -1, a new socket is
 * opened and stays open, because the kernel closes a link without a socket
 * after two seconds; the caller closes it.  Returns -1, with *fd closed and -1,
 * if the level cannot be found out, for example because another program uses
 * the channel.
 */
int link_level(const struct link_address *address,
	       const struct link_address *adapter, int *fd, uint8_t *key_size);

#endif
