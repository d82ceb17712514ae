/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "bluetooth/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <bluetooth/l2cap.h>

#define ATT_CID 4		/* Core 5.4 Vol 3 Part A 2.1 */
#define RECEIVE_OCTETS (512 * 1024)
#define BACKLOG 64

static enum status link_usage(const char *text, const char *why)
{
	diag_error("bad address `%s': %s", text, why);
	return STATUS_USAGE;
}

static enum status link_parse_device(const char *text,
				     struct link_address *address)
{
	const char *comma = strchr(text, ',');
	size_t len = comma ? (size_t)(comma - text) : strlen(text);
	char plain[18];

	if (len != 17)
		return link_usage(text, "an adapter is hciN; a peer is "
				  "AA:BB:CC:DD:EE:FF[,public|random] or "
				  "name:NAME; both may be unix:PATH");
	memcpy(plain, text, len);
	plain[len] = '\0';
	if (bachk(plain) < 0)
		return link_usage(text, "a Bluetooth address is six octets in "
				  "hexadecimal, such as AA:BB:CC:DD:EE:FF");
	str2ba(plain, &address->bdaddr);
	ba2str(&address->bdaddr, address->text);
	address->kind = LINK_DEVICE;
	address->bdaddr_type = BDADDR_LE_PUBLIC;
	if (!comma || !strcmp(comma, ",public"))
		return STATUS_OK;
	if (strcmp(comma, ",random"))
		return link_usage(text, "the type after the comma must be "
				  "public or random");
	address->bdaddr_type = BDADDR_LE_RANDOM;
	return STATUS_OK;
}

static enum status link_parse_adapter(const char *text,
				      struct link_address *address)
{
	char *end;
	unsigned long index = strtoul(text + 3, &end, 10);

	if (text[3] < '0' || text[3] > '9' || *end || index >= 0xffff)
		return link_usage(text, "an adapter is hci and a number, such "
				  "as hci0");
	address->kind = LINK_ADAPTER;
	address->index = (uint16_t)index;
	snprintf(address->text, sizeof(address->text), "hci%lu", index);
	return STATUS_OK;
}

enum status link_parse(const char *text, struct link_address *address)
{
	memset(address, 0, sizeof(*address));
	if (!strncmp(text, "hci", 3))
		return link_parse_adapter(text, address);
	if (strncmp(text, "unix:", 5) && strncmp(text, "name:", 5))
		return link_parse_device(text, address);
	address->kind = text[0] == 'u' ? LINK_UNIX : LINK_NAME;
	if (!text[5])
		return link_usage(text, "nothing follows the colon");
	/* sun_path is shorter than address->text. */
	if (strlen(text + 5) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return link_usage(text, "longer than 107 octets");
	strcpy(address->text, text + 5);
	return STATUS_OK;
}

void link_name(const struct link_address *address, char text[LINK_NAME_MAX])
{
	snprintf(text, LINK_NAME_MAX, "%s%s",
		 address->kind == LINK_UNIX ? "unix:" :
		 address->kind == LINK_NAME ? "name:" : "", address->text);
}

uint64_t link_number(const struct link_address *address)
{
	uint64_t number = address->kind == LINK_DEVICE;

	for (size_t i = 0; number && i < sizeof(address->bdaddr); i++)
		number = number << 8 | address->bdaddr.b[i];
	return number ? number << 8 | address->bdaddr_type : 0;
}

const char *link_type_name(const struct link_address *address)
{
	if (address->kind == LINK_UNIX)
		return "unix";
	return address->bdaddr_type == BDADDR_LE_RANDOM ? "random" : "public";
}

/* Print errno with a hint.  Closes *fd, unless it is -1, and sets it to -1. */
static enum status link_fail(const struct link_address *address,
			     const char *what, int *fd)
{
	const char *hint = "";
	struct stat st;

	if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)
		hint = "; this kernel has no Bluetooth: unix:PATH works "
		       "without it";
	else if (errno == EADDRINUSE && address->kind == LINK_UNIX)
		hint = lstat(address->text, &st) || S_ISSOCK(st.st_mode) ?
			"; another process listens there" :
			"; that file is not a socket";
	diag_error("cannot %s `%s': %s%s", what, address->text,
		   strerror(errno), hint);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return STATUS_LINK;
}

static socklen_t link_unix_address(const struct link_address *address,
				   struct sockaddr_un *sun)
{
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path, address->text, sizeof(sun->sun_path) - 1);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			   strlen(sun->sun_path) + 1);
}

static struct sockaddr_l2 link_l2_address(const struct link_address *address,
					  uint16_t psm)
{
	struct sockaddr_l2 l2 = {
		.l2_family = AF_BLUETOOTH,
		.l2_cid = psm ? 0 : htobs(ATT_CID),
		.l2_psm = htobs(psm),
		.l2_bdaddr_type = address->bdaddr_type,
	};

	bacpy(&l2.l2_bdaddr, &address->bdaddr);
	return l2;
}

static int link_open_socket(const struct link_address *address)
{
	const int flags = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;
	const int size = RECEIVE_OCTETS;
	int fd = address->kind == LINK_UNIX ?
		socket(AF_UNIX, flags, 0) :
		socket(AF_BLUETOOTH, flags, BTPROTO_L2CAP);

	/* More than the tunnel's window needs; the kernel may set less. */
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

/* The kernel accepts BT_RCVMTU only after bind(2) has made it an LE socket. */
static int link_bind_l2(int fd, const struct link_address *own, uint16_t psm,
			bool coc)
{
	const uint16_t mtu = LINK_SDU_MAX;
	struct sockaddr_l2 l2 = link_l2_address(own, psm);

	if (coc)
		l2.l2_cid = 0;
	if (bind(fd, (struct sockaddr *)&l2, sizeof(l2)) < 0)
		return -1;
	return !coc ? 0 : setsockopt(fd, SOL_BLUETOOTH, BT_RCVMTU, &mtu,
				     sizeof(mtu));
}

/* Remove a leftover socket file: one on which nobody listens. */
static void link_remove_stale(const struct link_address *address)
{
	struct sockaddr_un sun;
	socklen_t len = link_unix_address(address, &sun);
	struct stat st;
	int fd;

	if (lstat(address->text, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = link_open_socket(address);
	if (fd < 0)
		return;
	if (connect(fd, (struct sockaddr *)&sun, len) < 0 &&
	    errno == ECONNREFUSED)
		unlink(address->text);
	close(fd);
}

/*
 * Bind to a temporary name and rename it once the socket listens: a client that
 * waits for the file may connect as soon as it exists.  If the temporary name
 * would be too long, bind to the path itself.
 */
static int link_listen_unix(int fd, const struct link_address *address)
{
	struct link_address hidden = *address;
	struct sockaddr_un sun;
	socklen_t len;
	int room = (int)sizeof(sun.sun_path), error, ret;

	if (snprintf(hidden.text, (size_t)room, "%s.%d", address->text,
		     getpid()) >= room)
		hidden = *address;
	else
		/* Left by a process that had our PID and was killed here. */
		link_remove_stale(&hidden);
	len = link_unix_address(&hidden, &sun);
	if (bind(fd, (struct sockaddr *)&sun, len) < 0)
		return -1;
	ret = listen(fd, BACKLOG);
	if (!strcmp(hidden.text, address->text))
		return ret;
	if (!ret)
		ret = renameat2(AT_FDCWD, hidden.text, AT_FDCWD, address->text,
				RENAME_NOREPLACE);
	if (ret < 0) {
		error = errno == EEXIST ? EADDRINUSE : errno;
		unlink(hidden.text);
		errno = error;
	}
	return ret;
}

enum status link_listen(const struct link_address *address, int *fd)
{
	int ret;

	*fd = link_open_socket(address);
	if (*fd < 0)
		return link_fail(address, "open a socket for", fd);
	if (address->kind == LINK_UNIX) {
		link_remove_stale(address);
		ret = link_listen_unix(*fd, address);
	} else {
		ret = link_bind_l2(*fd, address, address->psm, address->psm);
		if (!ret)
			ret = listen(*fd, BACKLOG);
	}
	if (ret < 0)
		return link_fail(address, "listen on", fd);
	return STATUS_OK;
}

int link_accept(int fd, const struct link_address *listening,
		struct link_address *peer)
{
	struct sockaddr_l2 l2 = { 0 };
	socklen_t len = sizeof(l2);
	const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;

	*peer = *listening;
	if (listening->kind == LINK_UNIX)
		return accept4(fd, NULL, NULL, flags);
	fd = accept4(fd, (struct sockaddr *)&l2, &len, flags);
	if (fd < 0)
		return -1;
	bacpy(&peer->bdaddr, &l2.l2_bdaddr);
	peer->bdaddr_type = l2.l2_bdaddr_type;
	ba2str(&peer->bdaddr, peer->text);
	return fd;
}

enum status link_connect(const struct link_address *address,
			 const struct link_address *adapter, int *fd)
{
	struct sockaddr_un sun;
	struct sockaddr_l2 l2 = link_l2_address(address, address->psm);
	const uint8_t enhanced = BT_MODE_EXT_FLOWCTL;
	int result;

	*fd = link_open_socket(address);
	if (*fd < 0)
		return link_fail(address, "open a socket for", fd);
	if (address->kind == LINK_UNIX) {
		socklen_t len = link_unix_address(address, &sun);

		result = connect(*fd, (struct sockaddr *)&sun, len);
	} else {
		if (link_bind_l2(*fd, adapter, 0, address->psm) < 0)
			return link_fail(adapter, "use the adapter", fd);
		if (address->psm && address->enhanced &&
		    setsockopt(*fd, SOL_BLUETOOTH, BT_MODE, &enhanced,
			       sizeof(enhanced)) < 0)
			diag_debug("no enhanced credit-based channels: %s",
				   strerror(errno));
		result = connect(*fd, (struct sockaddr *)&l2, sizeof(l2));
	}
	if (result < 0 && errno == EBUSY) {
		close(*fd);
		*fd = -1;
		return STATUS_REFUSED;
	}
	if (result < 0 && errno != EINPROGRESS)
		return link_fail(address, "connect to", fd);
	return STATUS_OK;
}

void link_own_address(int fd, bdaddr_t *own)
{
	struct sockaddr_l2 l2 = { 0 };
	socklen_t len = sizeof(l2);

	if (getsockname(fd, (struct sockaddr *)&l2, &len) < 0 ||
	    l2.l2_family != AF_BLUETOOTH)
		memset(&l2, 0, sizeof(l2));
	bacpy(own, &l2.l2_bdaddr);
}

uint16_t link_sdu_max(int fd)
{
	uint16_t mtu = 0;
	socklen_t len = sizeof(mtu);

	if (getsockopt(fd, SOL_BLUETOOTH, BT_SNDMTU, &mtu, &len) < 0)
		return 0;
	return mtu < LINK_SDU_MAX ? mtu : LINK_SDU_MAX;
}

int link_connected(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return errno;
	return error;
}

static bool link_connect_quietly(int fd, const struct link_address *address,
				 const struct link_address *adapter)
{
	struct sockaddr_l2 to = link_l2_address(address, 0);
	struct pollfd polled = { .fd = fd, .events = POLLOUT };

	return link_bind_l2(fd, adapter, 0, false) == 0 &&
	       (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 ||
		errno == EINPROGRESS) &&
	       poll(&polled, 1, 1000) == 1 && !link_connected(fd);
}

int link_security(int fd, uint8_t *key_size)
{
	struct bt_security security = { 0 };
	socklen_t len = sizeof(security);

	if (getsockopt(fd, SOL_BLUETOOTH, BT_SECURITY, &security, &len) < 0)
		return -1;
	*key_size = security.key_size;
	return security.level;
}

int link_request_security(int fd, uint8_t level)
{
	const struct bt_security security = { .level = level };

	return setsockopt(fd, SOL_BLUETOOTH, BT_SECURITY, &security,
			  sizeof(security)) < 0 ? errno : 0;
}

int link_level(const struct link_address *address,
	       const struct link_address *adapter, int *fd, uint8_t *key_size)
{
	int level;

	if (*fd < 0) {
		*fd = link_open_socket(address);
		if (*fd < 0 || !link_connect_quietly(*fd, address, adapter))
			goto fail;
	}
	level = link_security(*fd, key_size);
	if (level >= 0)
		return level;
fail:
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return -1;
}
