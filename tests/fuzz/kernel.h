/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replaces the management socket by a socket pair, on whose other end the
 * harness plays the kernel.  The harness must be linked with
 * -Wl,--wrap=socket,--wrap=bind,--wrap=mkdir.
 */
#ifndef BLESEC_FUZZ_KERNEL_H
#define BLESEC_FUZZ_KERNEL_H

#include <sys/socket.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "fuzz.h"
#include "bluetooth/mgmt.h"
#include "pairing/oob-mgmt.h"

#define HEADER 6
#define INDEX 1

static int kernel, tool;

int __wrap_socket(int domain, int type, int protocol);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_mkdir(const char *path, mode_t mode);

int __wrap_socket(int domain, int type, int protocol)
{
	int pair[2];

	must(domain == AF_BLUETOOTH && type & SOCK_NONBLOCK && protocol == 1);
	must(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair));
	kernel = pair[0];
	tool = pair[1];
	return tool;
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len)
{
	must(fd == tool && address && len == 6);
	return 0;
}

/* Do not create the directory of the notes and the lock; other directories are
 * the fuzzer's own. */
int __wrap_mkdir(const char *path, mode_t mode)
{
	return strcmp(path, OOB_NOTES) ? __real_mkdir(path, mode) : 0;
}

/* Write the header in front of len octets.  Returns the packet's length. */
static size_t head(uint8_t *packet, uint16_t event, uint16_t index, size_t len)
{
	put_le16(packet, event);
	put_le16(packet + 2, index);
	put_le16(packet + 4, (uint16_t)len);
	return HEADER + len;
}

/* Send a packet; false if the tool has closed its end. */
static bool say(const uint8_t *packet, size_t len)
{
	return send(kernel, packet, len, MSG_NOSIGNAL) == (ssize_t)len;
}

#endif
