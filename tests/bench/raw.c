/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * raw att|coc send|receive OWN-ADDRESS PEER-ADDRESS OCTETS
 *
 * Measure the kernel's L2CAP alone: send packets of the tunnel's size as fast
 * as the socket takes them.  The central
 * connects and prints nothing, the peripheral (which is "receive", or with the
 * environment variable LISTEN=1 "send") listens.  The receiver prints the
 * seconds from the first packet to the last.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>

#include <bluetooth/bluetooth.h>
#include <bluetooth/l2cap.h>

#define PSM 0xe0
#define ATT_SIZE 514		/* 512 octets behind a write command's header */
#define SDU_SIZE 2048

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct sockaddr_l2 address(const char *text, int coc, int remote)
{
	struct sockaddr_l2 l2 = {
		.l2_family = AF_BLUETOOTH,
		.l2_psm = coc && remote ? htobs(PSM) : 0,
		.l2_cid = coc ? 0 : htobs(4),
		.l2_bdaddr_type = BDADDR_LE_PUBLIC,
	};

	if (str2ba(text, &l2.l2_bdaddr) < 0)
		fail(text);
	return l2;
}

static int open_link(int coc, int listens, const char *own, const char *peer)
{
	struct sockaddr_l2 from = address(own, coc, listens);
	struct sockaddr_l2 to = address(peer, coc, 1);
	int fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_L2CAP);
	const int size = 512 * 1024;
	const uint16_t mtu = SDU_SIZE;

	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		fail("bind");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (coc && setsockopt(fd, SOL_BLUETOOTH, BT_RCVMTU, &mtu,
			      sizeof(mtu)) < 0)
		fail("BT_RCVMTU");
	if (listens) {
		if (listen(fd, 1) < 0)
			fail("listen");
		fprintf(stderr, "listening\n");
		fd = accept(fd, NULL, NULL);
	} else if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		fail("connect");
	}
	if (fd < 0)
		fail("accept");
	return fd;
}

int main(int argc, char **argv)
{
	static uint8_t packet[SDU_SIZE];
	const int coc = argc == 6 && !strcmp(argv[1], "coc");
	const int sends = argc == 6 && !strcmp(argv[2], "send");
	const int listens = getenv("LISTEN") != NULL;
	const size_t size = coc ? SDU_SIZE : ATT_SIZE;
	long left;
	double start = 0;
	int fd;

	if (argc != 6)
		return 2;
	left = atol(argv[5]);
	fd = open_link(coc, listens, argv[3], argv[4]);
	if (listens && sends)
		poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 5000);
	while (left > 0) {
		struct pollfd polled = { fd, sends ? POLLOUT : POLLIN, 0 };
		ssize_t n;

		if (poll(&polled, 1, 30000) != 1)
			fail("poll");
		n = sends ? send(fd, packet, size, MSG_DONTWAIT) :
			    recv(fd, packet, sizeof(packet), MSG_DONTWAIT);
		if (n <= 0 && sends)
			continue;
		if (n <= 0)
			break;
		if (start == 0)
			start = now();
		left -= n;
	}
	if (!sends)
		printf("%.3f %ld\n", now() - start, atol(argv[5]) - left);
	/* Do not cut off data that is on its way. */
	if (sends)
		poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 20000);
	return left > 0 && !sends;
}
