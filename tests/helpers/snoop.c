/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * snoop FILE: write all traffic of the kernel's Bluetooth monitor to FILE in
 * the btsnoop format until killed.  btmon(1) can do that too, but it also
 * decodes the traffic, and BlueZ 5.66's crashes on some packets of the tests.
 */
#include "config.h"

#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>

#define DATALINK_MONITOR 2001
/* The Unix epoch in the format's time, which counts microseconds. */
#define EPOCH_US 0x00dcddb30f2f8000ULL
#define BUFFER (8 << 20)

struct file_header {
	char magic[8];
	uint32_t version, datalink;
} __attribute__((packed));

struct record_header {
	uint32_t size, len, flags, drops;
	uint64_t us;
} __attribute__((packed));

/* The kernel's struct hci_mon_hdr, little endian. */
struct monitor_header {
	uint16_t opcode, index, len;
} __attribute__((packed));

static int open_monitor(void)
{
	struct sockaddr_hci addr = {
		.hci_family = AF_BLUETOOTH,
		.hci_dev = HCI_DEV_NONE,
		.hci_channel = HCI_CHANNEL_MONITOR,
	};
	const int size = BUFFER;
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		err(1, "cannot open the monitor");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		err(1, "cannot have a larger buffer");
	return fd;
}

static void record(int file, const struct monitor_header *header, void *data,
		   size_t len)
{
	struct record_header head = {
		.size = htonl((uint32_t)len),
		.len = htonl((uint32_t)len),
		.flags = htonl((uint32_t)le16toh(header->index) << 16 |
			       le16toh(header->opcode)),
	};
	struct iovec parts[] = {
		{ &head, sizeof(head) },
		{ data, len },
	};
	struct timeval now;

	gettimeofday(&now, NULL);
	head.us = htobe64(EPOCH_US + (uint64_t)now.tv_sec * 1000000 +
			  (uint64_t)now.tv_usec);
	if (writev(file, parts, 2) != (ssize_t)(sizeof(head) + len))
		err(1, "cannot write");
}

int main(int argc, char **argv)
{
	const struct file_header head = {
		"btsnoop", htonl(1), htonl(DATALINK_MONITOR),
	};
	static uint8_t data[1 << 16];
	struct monitor_header header;
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ data, sizeof(data) },
	};
	int file, fd;

	if (argc != 2)
		errx(2, "the name of a file is wanted");
	file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (file < 0 || write(file, &head, sizeof(head)) != sizeof(head))
		err(1, "cannot write %s", argv[1]);
	fd = open_monitor();
	for (;;) {
		ssize_t len = readv(fd, parts, 2);

		if (len < 0 && errno != EINTR)
			err(1, "cannot read");
		if (len >= (ssize_t)sizeof(header))
			record(file, &header, data,
			       (size_t)len - sizeof(header));
	}
}
