/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "bluetooth/mgmt.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include <bluetooth/hci.h>

#include "base/bytes.h"

#define HEADER 6		/* opcode or event, index, length */
#define PACKET_MAX (HEADER + 1024)
#define REPLY_MS 10000

struct kept {
	struct kept *next;
	size_t len;
	uint8_t packet[];
};

struct mgmt {
	int fd;
	struct kept *first, **last;
	struct loop *loop;
	struct loop_timer soon;
	uint16_t index;
	mgmt_event_fn fn;
	void *arg;
};

static const char *const status_names[] = {
	"Success", "Unknown Command", "Not Connected", "Failed",
	"Connect Failed", "Authentication Failed", "Not Paired",
	"No Resources", "Timeout", "Already Connected", "Busy", "Rejected",
	"Not Supported", "Invalid Parameters", "Disconnected", "Not Powered",
	"Cancelled", "Invalid Index", "RFKilled", "Already Paired",
	"Permission Denied",
};

const char *mgmt_status_name(int status)
{
	if (status < 0)
		return "no reply";
	if ((size_t)status < sizeof(status_names) / sizeof(*status_names))
		return status_names[status];
	return "unknown status";
}

const char *mgmt_status_help(int status)
{
	if (status == MGMT_STATUS_PERMISSION_DENIED)
		return "; this needs root or CAP_NET_ADMIN";
	if (status == MGMT_STATUS_RFKILLED)
		return "; rfkill unblock bluetooth";
	return "";
}

enum status mgmt_open(struct mgmt **out)
{
	struct {
		sa_family_t family;
		uint16_t dev, channel;
	} address = { AF_BLUETOOTH, HCI_DEV_NONE, HCI_CHANNEL_CONTROL };
	struct mgmt *mgmt = calloc(1, sizeof(*mgmt));

	if (!mgmt)
		die(STATUS_OTHER, "out of memory");
	mgmt->last = &mgmt->first;
	mgmt->fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			  BTPROTO_HCI);
	if (mgmt->fd >= 0 && bind(mgmt->fd, (struct sockaddr *)&address,
				  sizeof(address)) == 0) {
		*out = mgmt;
		return STATUS_OK;
	}
	diag_error("cannot reach Bluetooth: %s; %s", strerror(errno),
		   errno == EAFNOSUPPORT ?
		   "this kernel has none: unix:PATH works without it" :
		   "is the module loaded?");
	mgmt_close(mgmt);
	return STATUS_LINK;
}

void mgmt_close(struct mgmt *mgmt)
{
	struct kept *kept;

	if (!mgmt)
		return;
	if (mgmt->loop) {
		loop_unwatch(mgmt->loop, mgmt->fd);
		loop_cancel(mgmt->loop, &mgmt->soon);
	}
	while ((kept = mgmt->first)) {
		mgmt->first = kept->next;
		free(kept);
	}
	if (mgmt->fd >= 0)
		close(mgmt->fd);
	free(mgmt);
}

/* Read one packet.  Returns its length, 0 if there is none or if its header
 * does not match its length. */
static size_t mgmt_receive(struct mgmt *mgmt, uint8_t packet[PACKET_MAX])
{
	ssize_t n = read(mgmt->fd, packet, PACKET_MAX);

	if (n < HEADER || (size_t)n != HEADER + (size_t)get_le16(packet + 4))
		return 0;
	return (size_t)n;
}

static void mgmt_keep(struct mgmt *mgmt, const uint8_t *packet, size_t len)
{
	struct kept *kept = malloc(sizeof(*kept) + len);

	if (!kept)
		die(STATUS_OTHER, "out of memory");
	kept->next = NULL;
	kept->len = len;
	memcpy(kept->packet, packet, len);
	*mgmt->last = kept;
	mgmt->last = &kept->next;
}

static void mgmt_dispatch(struct mgmt *mgmt, const uint8_t *packet, size_t len)
{
	uint16_t index = get_le16(packet + 2);

	if (mgmt->fn && (index == mgmt->index || index == MGMT_INDEX_NONE))
		mgmt->fn(get_le16(packet), packet + HEADER, len - HEADER,
			 mgmt->arg);
}

static void mgmt_dispatch_kept(void *arg)
{
	struct mgmt *mgmt = arg;

	while (mgmt->first) {
		struct kept *kept = mgmt->first;

		mgmt->first = kept->next;
		if (!mgmt->first)
			mgmt->last = &mgmt->first;
		mgmt_dispatch(mgmt, kept->packet, kept->len);
		free(kept);
	}
}

static void mgmt_on_ready(short ready, void *arg)
{
	struct mgmt *mgmt = arg;
	uint8_t packet[PACKET_MAX];
	size_t len = mgmt_receive(mgmt, packet);

	(void)ready;
	/*
	 * Queue it to keep the order: a handler may send a command, which
	 * queues more events.
	 */
	if (len)
		mgmt_keep(mgmt, packet, len);
	mgmt_dispatch_kept(mgmt);
}

void mgmt_watch(struct mgmt *mgmt, struct loop *loop, uint16_t index,
		mgmt_event_fn fn, void *arg)
{
	mgmt->loop = loop;
	mgmt->index = index;
	mgmt->fn = fn;
	mgmt->arg = arg;
	loop_watch(loop, mgmt->fd, POLLIN, mgmt_on_ready, mgmt);
	/* Events that are queued must not wait for the next one to arrive. */
	if (mgmt->first)
		loop_after(loop, &mgmt->soon, 0, mgmt_dispatch_kept, mgmt);
}

/* True if the packet is the reply to this command. */
static bool mgmt_is_reply(const uint8_t *packet, size_t len, uint16_t opcode,
			  uint16_t index)
{
	uint16_t event = get_le16(packet);

	return (event == MGMT_EV_COMMAND_COMPLETE ||
		event == MGMT_EV_COMMAND_STATUS) && len >= HEADER + 3 &&
	       get_le16(packet + 2) == index &&
	       get_le16(packet + HEADER) == opcode;
}

bool mgmt_send(struct mgmt *mgmt, uint16_t opcode, uint16_t index,
	       const void *params, size_t len)
{
	uint8_t packet[PACKET_MAX];

	if (len > PACKET_MAX - HEADER)
		return false;
	put_le16(packet, opcode);
	put_le16(packet + 2, index);
	put_le16(packet + 4, (uint16_t)len);
	if (len)
		memcpy(packet + HEADER, params, len);
	/* write(2) returns 0 for some commands that the kernel refuses in its
	 * reply: that is no error. */
	return write(mgmt->fd, packet, HEADER + len) >= 0;
}

int mgmt_command(struct mgmt *mgmt, uint16_t opcode, uint16_t index,
		 const void *params, size_t params_len, void *reply,
		 size_t *len)
{
	uint64_t end = loop_now() + REPLY_MS * 1000ULL;
	struct pollfd polled = { .fd = mgmt->fd, .events = POLLIN };
	uint8_t packet[PACKET_MAX];
	size_t n, size = len ? *len : 0;

	if (len)
		*len = 0;
	if (!mgmt_send(mgmt, opcode, index, params, params_len))
		return -1;
	while (loop_now() < end) {
		if (poll(&polled, 1, 100) <= 0)
			continue;
		n = mgmt_receive(mgmt, packet);
		if (!n)
			continue;
		if (!mgmt_is_reply(packet, n, opcode, index)) {
			mgmt_keep(mgmt, packet, n);
			continue;
		}
		if (mgmt->loop && mgmt->first)
			loop_after(mgmt->loop, &mgmt->soon, 0,
				   mgmt_dispatch_kept, mgmt);
		n -= HEADER + 3;
		if (len) {
			*len = n < size ? n : size;
			memcpy(reply, packet + HEADER + 3, *len);
		}
		return packet[HEADER + 2];
	}
	return -1;
}
