/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One pairing, with a kernel that sends anything on its management socket, in
 * any order, or nothing; a user who answers or not; and a simulated clock.  The
 * pairing must end once, in time, and restore the adapter.  It must succeed
 * only with a key and a link that are as good as the settings ask for.
 * Input: the settings, then events.
 *
 * sources: pairing/pairing.c pairing/pairing-outcome.c pairing/pair-adapter.c
 * link: -Wl,--wrap=socket,--wrap=bind,--wrap=write,--wrap=poll,--wrap=open
 * link: -Wl,--wrap=mkdir,--wrap=link_level,--wrap=adapter_bluetoothd
 * options: -max_len=400
 * runs: 8000
 * long: 500000
 */
#include "config.h"
#include "clock.h"
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <unistd.h>
#include <sys/mman.h>

#include "bluetooth/bond.h"
#include "pairing/pair-adapter.h"
#include "pairing/pairing.h"
#include "pairing/pairing-event.h"

#define TIMEOUT_MS 20000
#define LTK_LEN (1 + MGMT_ADDRESS_SIZE + 1 + 1 + 1 + 2 + 8 + 16)
#define SUPPORTED 0xffff

/* The adapter's settings, and what happened to commands. */
static uint32_t now_set, found_set;
static bool disturbed, refused, asked_to_pair, let_go;

/* The keys that the kernel reported, and the link's level and key size. */
static struct {
	uint8_t type, size;
	bool of_peer;
} said_keys[64];
static size_t said_count;
static int level, level_before;	/* level_before: when first read */
static uint8_t level_size, size_before;
static bool level_asked, bluetoothd, has_data, identity_told;

/* The pairing, and the events and callbacks it made. */
static struct pairing *pairing;
static struct pairing_settings set;
static struct link_address peer;
static bool running, over, ended, end_at_once, asks_number, asks_passkey;
static json_t *paired, *key;	/* events: "paired", the last LTK */
static char method[32];
static uint64_t began, late;	/* late: time spent in mgmt_command */

/* Stubs of the modules below, which have harnesses of their own. */
enum status oob_prepare(struct adapter *adapter)
{
	must(adapter->settings & MGMT_SETTING_POWERED);
	return disturbed && next() == 0xfe ? STATUS_REFUSED : STATUS_OK;
}

enum status oob_clear_remote(struct adapter *adapter)
{
	must(adapter->mgmt != NULL);
	has_data = false;
	return STATUS_OK;
}

enum status oob_read_local(struct adapter *adapter, struct oob *oob)
{
	must(adapter->mgmt != NULL);
	memset(oob, 7, sizeof(*oob));
	return disturbed && next() & 1 ? STATUS_REFUSED : STATUS_OK;
}

bool oob_has_remote(uint16_t index, const bdaddr_t *bdaddr)
{
	must(index == INDEX);
	return has_data && (!bdaddr || bdaddr->b[0] < 0x80);
}

void bond_take(struct bond_keys *keys, uint16_t event, const uint8_t *data,
	       size_t len)
{
	(void)data;
	if (event == MGMT_EV_NEW_LONG_TERM_KEY && len >= LTK_LEN)
		keys->ltk_known = true;
}

enum status bond_keep(const bdaddr_t *adapter, const struct bond_keys *keys)
{
	must(adapter && keys->ltk_known && !bluetoothd);
	return disturbed && next() & 1 ? STATUS_OTHER : STATUS_OK;
}

enum status bond_forget(const bdaddr_t *adapter, const bdaddr_t *device)
{
	must(adapter && device);
	return STATUS_OK;
}

enum status bond_load(struct mgmt *mgmt, uint16_t index,
		      const bdaddr_t *adapter)
{
	must(mgmt && index == INDEX && adapter);
	return STATUS_OK;
}

bool __wrap_adapter_bluetoothd(void);
bool __wrap_adapter_bluetoothd(void)
{
	return bluetoothd;
}

int __wrap_link_level(const struct link_address *address,
		      const struct link_address *adapter, int *fd,
		      uint8_t *key_size);
int __wrap_link_level(const struct link_address *address,
		      const struct link_address *adapter, int *fd,
		      uint8_t *key_size)
{
	must(address->kind == LINK_DEVICE && adapter->kind == LINK_DEVICE);
	must(fd != NULL);
	if (!level_asked) {
		level_before = level;
		size_before = level_size;
	}
	level_asked = true;
	*key_size = level < 0 ? 0 : level_size;
	return level;
}

/* The adapter's lock file is a memfd; other files are the fuzzer's own. */
int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	if (strcmp(path, OOB_NOTES "/hci1.lock")) {
		int fd = __real_open(path, flags, va_arg(ap, int));

		va_end(ap);
		return fd;
	}
	va_end(ap);
	must(flags & O_CREAT);
	if (disturbed && next() == 0xfe) {
		errno = EACCES;
		return -1;
	}
	return memfd_create("lock", MFD_CLOEXEC);
}

/* The management socket. */
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __real_write(int fd, const void *data, size_t len);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);

/* Waiting in vain only advances the simulated clock. */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (__real_poll(fds, n, 0) > 0)
		return 1;
	now += (uint64_t)timeout * 1000;
	late += (uint64_t)timeout * 1000;
	return 0;
}

static void tell(uint16_t event, const void *data, size_t len)
{
	uint8_t packet[HEADER + 64];

	must(len <= 64);
	if (len)
		memcpy(packet + HEADER, data, len);
	/* The packet is lost if nobody reads the socket any more. */
	say(packet, head(packet, event, INDEX, len));
}

/* Write the peer's address or another one.  Returns true for the peer's. */
static bool put_address(uint8_t *p, uint8_t how)
{
	memset(p, how & 2 ? 0x90 : 0x11, 6);
	p[6] = how & 4 ? BDADDR_LE_RANDOM : how & 8 ? BDADDR_BREDR :
						     BDADDR_LE_PUBLIC;
	return !(how & 14);
}

static void say_key(uint8_t how)
{
	uint8_t data[LTK_LEN] = { how >> 7 };
	const size_t at = said_count % 64;

	said_keys[at].of_peer = put_address(data + 1, how);
	said_keys[at].type = data[8] = how & 0x40 ? next() : 3;
	said_keys[at].size = data[10] = how & 0x20 ? next() : 16;
	said_count++;
	tell(MGMT_EV_NEW_LONG_TERM_KEY, data,
	    how & 0x10 ? sizeof(data) - 1 : sizeof(data));
	if (how & 0x10)
		said_count--;
}

static void say_event(void)
{
	static const uint16_t codes[] = {
		MGMT_EV_DEVICE_CONNECTED, MGMT_EV_DEVICE_DISCONNECTED,
		MGMT_EV_USER_CONFIRMATION_REQUEST, MGMT_EV_USER_PASSKEY_REQUEST,
		MGMT_EV_PASSKEY_NOTIFY, MGMT_EV_AUTHENTICATION_FAILED,
		MGMT_EV_NEW_IDENTITY_RESOLVING_KEY,
		MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY, MGMT_EV_INDEX_REMOVED,
		MGMT_EV_NEW_SETTINGS,
	};
	const uint8_t which = next(), how = next();
	uint8_t data[64] = { 0 };

	if (which % 16 >= 12) {
		say_key(how);
		return;
	}
	if (which % 16 >= 10) {
		fill(data, sizeof(data));
		tell((uint16_t)(which >> 4 | (how & 0x10)), data, how % 64);
		said_count = 64;	/* it may be a key: expect any */
		return;
	}
	switch (codes[which % 16]) {
	case MGMT_EV_NEW_IDENTITY_RESOLVING_KEY:
		/* A private address, then the identity address. */
		memset(data + 1, how & 1 ? 0x11 : 0x90, 6);
		put_address(data + 7, how);
		identity_told = true;
		break;
	case MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY:
		put_address(data + 1, how);
		break;
	default:
		put_address(data, how);
		data[7] = how >> 4;
	}
	tell(codes[which % 16], data, how & 1 ? sizeof(data) : 7 + (how >> 4));
}

static void answer(uint16_t opcode, uint16_t index, uint8_t status,
		   const void *data, size_t len)
{
	uint8_t packet[HEADER + 3 + 300];

	put_le16(packet + HEADER, opcode);
	packet[HEADER + 2] = status;
	if (len)
		memcpy(packet + HEADER + 3, data, len);
	must(say(packet, head(packet, MGMT_EV_COMMAND_COMPLETE, index,
			      3 + len)));
}

static void change(uint32_t bit, bool on)
{
	now_set = on ? now_set | bit : now_set & ~bit;
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	const uint8_t *command = data, *body = command + HEADER;
	uint8_t reply[280] = { 0 }, how;
	size_t n = 4;
	uint16_t opcode;

	if (fd != tool)
		return __real_write(fd, data, len);
	must(len >= HEADER && len == HEADER + (size_t)get_le16(command + 4));
	opcode = get_le16(command);
	how = disturbed ? next() : 0;
	for (unsigned int i = how % 8 == 7; i; i--)
		say_event();
	if (how >= 0xf0) {
		refused = true;
		if (how >= 0xfc)
			return (ssize_t)len;
		answer(opcode, get_le16(command + 2), (how & 15) + 1, NULL, 0);
		return (ssize_t)len;
	}
	switch (opcode) {
	case MGMT_READ_INDEX_LIST:
		put_le16(reply, 1);
		put_le16(reply + 2, INDEX);
		break;
	case MGMT_READ_INFO:
		memset(reply, 0x22, 6);
		put_le32(reply + 9, SUPPORTED);
		put_le32(reply + 13, now_set);
		n = sizeof(reply);
		break;
	case MGMT_SET_POWERED:
		change(MGMT_SETTING_POWERED, *body);
		break;
	case MGMT_SET_BONDABLE:
		change(MGMT_SETTING_BONDABLE, *body);
		break;
	case MGMT_SET_LE:
		change(MGMT_SETTING_LE, *body);
		break;
	case MGMT_SET_IO_CAPABILITY:
		must(*body == set.io && !bluetoothd);
		break;
	case MGMT_PAIR_DEVICE:
		must(!asked_to_pair && body[7] == set.io);
		asked_to_pair = true;
		return (ssize_t)len;
	case MGMT_UNPAIR_DEVICE:
	case MGMT_DISCONNECT:
	case MGMT_CANCEL_PAIR_DEVICE:
		let_go = true;
		break;
	default:
		must(opcode >= MGMT_USER_CONFIRMATION_REPLY &&
		     opcode <= MGMT_USER_PASSKEY_NEGATIVE_REPLY && !over);
	}
	if (opcode == MGMT_SET_POWERED || opcode == MGMT_SET_BONDABLE ||
	    opcode == MGMT_SET_LE)
		put_le32(reply, now_set);
	answer(opcode, get_le16(command + 2), 0, reply, n);
	return (ssize_t)len;
}

/* Read the management socket and run the timers that are due, as the loop
 * does. */
static void hear_kernel(void)
{
	struct pollfd polled = { .fd = tool, .events = POLLIN };

	for (int i = 0; i < 50 && watch.fn && __real_poll(&polled, 1, 0) > 0;
	     i++)
		watch.fn(POLLIN, watch.arg);
	while (fire(now))
		;
}

static void hear(enum diag_level diag, const char *text, void *arg)
{
	must(diag <= DIAG_DEBUG && !arg && strlen(text) > 5);
}

static void on_event(const char *event, json_t *more, void *arg)
{
	must(arg == &set && running && !over && !paired);
	if (!strcmp(event, "pairing")) {
		must(!*method);
		snprintf(method, sizeof(method), "%s", json_string_value(
			 json_object_get(more, "method")));
	}
	if (!set.show_keys)
		must(!json_object_get(more, "value"));
	if (!strcmp(event, "paired"))
		paired = json_incref(more);
	if (!strcmp(event, "key") &&
	    !strcmp(json_string_value(json_object_get(more, "key")), "LTK")) {
		json_decref(key);
		key = json_incref(more);
	}
	json_decref(more);
}

static void on_confirm(uint32_t number, void *arg)
{
	(void)number;
	must(arg == &set && running && !over);
	asks_number = true;
}

static void on_passkey(void *arg)
{
	must(arg == &set && running && !over);
	asks_passkey = true;
}

static void end(void)
{
	ended = true;
	pairing_end(pairing);
}

static void on_done(enum status status, void *arg)
{
	must(arg == &set && running && !over);
	over = true;
	must((status == STATUS_OK) == (paired != NULL));
	must(now <= began + TIMEOUT_MS * 1000ULL + late);
	/* A pairing that failed must not leave its key in the kernel. */
	must(!status || !pairing_keyed(pairing) || let_go || refused);
	if (end_at_once)
		end();
}

/* True if the last LTK event matches one that the kernel sent, and the settings
 * allow it. */
static bool good_key(uint8_t size, bool authenticated)
{
	const char *kind = json_string_value(json_object_get(key, "kind"));
	bool told = said_count >= 64;

	for (size_t i = 0; !told && i < said_count; i++)
		told = (identity_told || said_keys[i].of_peer) &&
		       said_keys[i].size == size &&
		       said_keys[i].type < LTK_P256_DEBUG &&
		       (said_keys[i].type & 1) == authenticated;
	return told && json_integer_value(json_object_get(key, "size")) ==
		       size &&
	       json_is_true(json_object_get(key, "authenticated")) ==
		       authenticated &&
	       (!strcmp(kind, "P-256") ||
		(!strcmp(kind, "legacy") && set.allow_legacy)) &&
	       (authenticated || set.allow_just_works);
}

static void check_success(void)
{
	const json_t *told = json_object_get(paired, "level");
	const uint8_t size = (uint8_t)json_integer_value(
		json_object_get(paired, "key_size"));
	const bool authenticated = json_is_true(
		json_object_get(paired, "authenticated"));
	/* Legacy pairing without a bond shows only in the link's level. */
	const bool short_term = set.allow_legacy && level_before >= 2 &&
				size == size_before &&
				authenticated == (level_before > 2) &&
				(authenticated || set.allow_just_works);

	must(size >= set.min_key_size && level_asked);
	must(key ? good_key(size, authenticated) : short_term);
	if (set.require_level)
		must(level == 4 && size == level_size);
	if (told)
		must(json_integer_value(told) == level && size == level_size &&
		     level >= 2);
	if (set.require_oob)
		must(!strcmp(method, "oob"));
	if (!set.allow_just_works)
		must(strcmp(method, "just works") != 0);
}

static void step(void)
{
	static const uint16_t times[] = { 1, 100, 400, 500, 1000, 2500, 10000,
					  20000 };
	const uint8_t what = next();
	uint8_t status[3];

	switch (what % 8) {
	case 0:
	case 1:
		say_event();
		break;
	case 2:
		put_le16(status, MGMT_PAIR_DEVICE);
		status[2] = what >> 3;
		if (asked_to_pair)
			tell(what & 0x80 ? MGMT_EV_COMMAND_STATUS :
					  MGMT_EV_COMMAND_COMPLETE, status, 3);
		break;
	case 3:
		pass(times[what >> 5]);
		break;
	case 4:
		level = (what >> 3) % 6 - 1;
		level_size = what & 0x80 ? next() : 16;
		break;
	case 5:
		if (asks_number)
			pairing_confirm(pairing, what & 8);
		if (asks_passkey)
			pairing_passkey(pairing, what & 8 ? 123456 : -1);
		asks_number = asks_passkey = false;
		break;
	case 6:
		if (what == 0xfe)
			pairing_cancel(pairing);
		else
			pairing_use_link(pairing, 0);
		break;
	default:
		/* A good pairing, unless what changes the key. */
		level = 4;
		level_size = 16;
		say_key(what & 0xf0);
		put_le16(status, MGMT_PAIR_DEVICE);
		status[2] = 0;
		if (asked_to_pair)
			tell(MGMT_EV_COMMAND_COMPLETE, status, 3);
	}
	if (!ended)
		hear_kernel();
}

static void settings(void)
{
	static const struct link_address adapter = {
		.kind = LINK_ADAPTER, .text = "hci1", .index = INDEX,
	};
	const uint8_t how = next(), more = next(), last = next();

	set = (struct pairing_settings){
		.loop = &clock_loop, .adapter = &adapter,
		.io = (enum smp_io)(more % SMP_IO_COUNT), .bond = how & 1,
		.require_oob = how & 2, .allow_legacy = how & 4,
		.allow_just_works = how & 8, .show_keys = how & 16,
		.data_added = how & 32, .require_level = how & 64,
		.min_key_size = more & 0x80 ? 7 : 16,
		.timeout_ms = TIMEOUT_MS,
		.hold_ms = more & 0x40 ? 2500 : 0,
		.on_event = on_event, .on_confirm = on_confirm,
		.on_passkey = on_passkey, .on_done = on_done, .arg = &set,
	};
	disturbed = last & 1;
	bluetoothd = last & 2;
	has_data = last & 4;
	end_at_once = last & 8;
	found_set = MGMT_SETTING_LE | MGMT_SETTING_SECURE_CONNECTIONS |
		    (last & 16 ? 0 : MGMT_SETTING_POWERED) |
		    (last & 32 ? MGMT_SETTING_BONDABLE : 0);
	now_set = found_set;
}

static void pair(uint8_t how)
{
	peer = (struct link_address){ .kind = LINK_DEVICE };
	memset(&peer.bdaddr, 0x11, sizeof(peer.bdaddr));
	peer.bdaddr_type = BDADDR_LE_PUBLIC;
	strcpy(peer.text, "11:11:11:11:11:11");
	began = now;
	late = 0;
	running = true;
	/* A responder that waits for any device takes any device's key. */
	identity_told = how % 3 == 2;
	if (how % 3 == 0)
		pairing_start(pairing, &peer);
	else
		pairing_await(pairing, how % 3 == 1 ? &peer : NULL);
	for (int i = 0; left && i < 100 && !over; i++)
		step();
	/* The pairing must end even if nothing more happens. */
	if (!over)
		pass(TIMEOUT_MS);
	/* Waiting for the kernel may have passed the deadline. */
	while (!over && fire(now))
		;
	must(over);
	if (paired)
		check_success();
	if (!ended)
		end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t octet;

	diag_sink(hear, NULL);
	input = data;
	left = len;
	settings();
	now = 1000000;
	timers = NULL;
	said_count = 0;
	level = -1;
	refused = asked_to_pair = let_go = level_asked = false;
	running = over = ended = asks_number = asks_passkey = false;
	paired = key = NULL;
	method[0] = '\0';
	kernel = -1;
	if (!pairing_begin(&set, &pairing)) {
		pair(next());
		must(refused || (now_set & MGMT_SETTING_BONDABLE) ==
				(found_set & MGMT_SETTING_BONDABLE));
		must(refused || now_set & MGMT_SETTING_POWERED);
	} else {
		must(!pairing && disturbed);
	}
	must(!timers && !watch.fn);
	/* After draining it, check that the tool has closed its end. */
	if (kernel >= 0) {
		while (recv(kernel, &octet, 1, 0) > 0)
			;
		must(send(kernel, "", 1, MSG_NOSIGNAL) < 0);
		close(kernel);
	}
	json_decref(paired);
	json_decref(key);
	return 0;
}
