/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel that sends anything on its management socket: before the replies to
 * commands, between commands, and in events of pairing.  After all that, it
 * sends a reply to each command.  Events must be handled in order.  Input: what
 * the tool does and what the kernel sends, in turn.
 *
 * sources: bluetooth/adapter.c bluetooth/advert.c bluetooth/mgmt.c pairing/oob.c pairing/oob-mgmt.c pairing/pairing-event.c
 * link: -Wl,--wrap=socket,--wrap=bind,--wrap=write,--wrap=fopen,--wrap=mkdir
 * link: -Wl,--wrap=opendir,--wrap=unlink
 * options: -max_len=2000 -len_control=20
 * runs: 30000
 * long: 3000000
 */
#include "config.h"
#include "kernel.h"

#include <dirent.h>
#include <unistd.h>
#include <sys/mman.h>

#include "value/ad.h"
#include "bluetooth/advert.h"
#include "pairing/pairing-event.h"

static uint8_t last[600];	/* the data of the last reply */
static size_t last_len;
static uint8_t expected[4096];	/* first octets of the events sent */
static unsigned int events, heard;

ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __real_write(int fd, const void *data, size_t len);

/* Where oob-mgmt.c records addresses; other files are the fuzzer's own. */
static char notes[40];

FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);
int __wrap_unlink(const char *path);
int __real_unlink(const char *path);
DIR *__wrap_opendir(const char *path);
DIR *__real_opendir(const char *path);

static void make_notes(void)
{
	int fd = memfd_create("notes", 0);

	must(fd >= 0);
	snprintf(notes, sizeof(notes), "/proc/self/fd/%d", fd);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	return __real_fopen(strstr(path, OOB_NOTES) == path ? notes : path,
			    mode);
}

int __wrap_unlink(const char *path)
{
	return strstr(path, OOB_NOTES) == path ? truncate(notes, 0) :
		__real_unlink(path);
}

/* Looking for bluetoothd in /proc is slow, so fail most of the time. */
DIR *__wrap_opendir(const char *path)
{
	static unsigned int asked;

	return !strcmp(path, "/proc") && asked++ % 500 ? NULL :
		__real_opendir(path);
}

/* The data to advertise must fit and consist of whole structures. */
static void check_advertising(const uint8_t *params, size_t len)
{
	const uint8_t *p = params + 11;
	struct ad ad;

	must(len >= 11 && params[0] && params[9] <= 28 && params[10] <= 31);
	must(len == 11U + params[9] + params[10]);
	for (int i = 9; i < 11; i++) {
		const uint8_t *end = p + params[i];

		while (ad_next(&p, end, &ad))
			must(ad.len > 0);
		must(p == end);
	}
}

/* Send something other than the reply: an event, a packet whose header has a
 * wrong length, or a reply of another adapter. */
static void say_something(uint16_t opcode)
{
	uint8_t packet[HEADER + 300] = { 0 };
	const uint8_t how = next();
	const uint16_t index = how & 8 ? MGMT_INDEX_NONE : how & 16 ? 2 : INDEX;
	size_t n = next();

	fill(packet + HEADER, n);
	switch (how % 4) {
	case 0:
	case 1:
		n = head(packet, (uint16_t)(5 + how / 32), index, n);
		if (index != 2)
			expected[events++ % sizeof(expected)] =
				packet[HEADER];
		break;
	case 2:		/* wrong length */
		head(packet, 3, INDEX, n + 1);
		n = n % 10;
		break;
	default:
		n = head(packet, MGMT_EV_COMMAND_COMPLETE, 2, n);
		put_le16(packet + HEADER, opcode);
		break;
	}
	must(say(packet, n));
}

/* Send other packets first, then the reply to the command, which may have an
 * error status or be a Command Status. */
ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	const uint8_t *command = data;
	uint8_t packet[HEADER + 3 + 600] = { 0 };
	uint8_t how;
	uint16_t opcode;

	if (fd != tool)
		return __real_write(fd, data, len);
	must(len >= HEADER && len == HEADER + (size_t)get_le16(command + 4));
	opcode = get_le16(command);
	if (opcode == MGMT_ADD_ADVERTISING)
		check_advertising(command + HEADER, len - HEADER);
	how = next();
	for (unsigned int i = how % 4; i; i--)
		say_something(opcode);
	last_len = how & 0x80 ? 280 : next();
	put_le16(packet + HEADER, opcode);
	packet[HEADER + 2] = how & 4 ? next() : 0;
	fill(packet + HEADER + 3, last_len);
	if (how & 8)
		put_le16(packet + HEADER + 3 + 1, (uint16_t)(last_len - 3));
	memcpy(last, packet + HEADER + 3, last_len);
	must(say(packet, head(packet, how & 16 ? MGMT_EV_COMMAND_STATUS :
			      MGMT_EV_COMMAND_COMPLETE, get_le16(command + 2),
			      3 + last_len)));
	return (ssize_t)len;
}

static void hear(enum diag_level level, const char *text, void *arg)
{
	must(level <= DIAG_WARN && !arg && strlen(text) > 10);
}

static void on_event(uint16_t event, const uint8_t *data, size_t len, void *arg)
{
	must(arg && event >= 5 && event < 5 + 8 && len < 256);
	must(heard < events);
	must((len ? data[0] : 0) == expected[heard % sizeof(expected)]);
	heard++;
	/* A handler may send commands; more events come before the reply. */
	if (left && events < 100 && next() & 1)
		must(mgmt_command(arg, MGMT_SET_LE, INDEX, NULL, 0, NULL,
				  NULL) >= 0);
}

static void advertise(struct adapter *adapter)
{
	static const char names[] = "a name that is longer than fits there";
	struct gatt_uuid services[16];
	const uint8_t how = next(), name = 1 + next() % 37;
	uint8_t instance = how & 1 ? next() : 0;
	const struct advert advert = {
		.name = how & 2 ? names + 37 - name : NULL,
		.services = services, .service_count = how >> 4,
		.appearance = how & 4 ? 833 : 0,
	};
	enum status status;

	for (size_t i = 0; i < 16; i++) {
		services[i] = gatt_uuid16((uint16_t)(0x1800 + i));
		if (how & 8 && i & 1)
			services[i] = tunnel_uuid_service;
	}
	status = advert_start(adapter, &advert, &instance);
	must(!status == !!instance);
	advert_stop(adapter, &instance);
	must(!instance);
	status = advert_scan(adapter);
	must(!status || status == STATUS_REFUSED);
	advert_scan_stop(adapter);
}

/* Data that was added must be reported until it is cleared. */
static void remote(struct adapter *adapter)
{
	struct oob oob = { .type = BDADDR_LE_PUBLIC };
	bdaddr_t other;

	memset(&oob.bdaddr, next(), sizeof(oob.bdaddr));
	/* An address that is never added. */
	memset(&other, 0xee, sizeof(other));
	other.b[0] = 0;
	if (!oob_add_remote(adapter, &oob)) {
		must(oob_has_remote(INDEX, &oob.bdaddr));
		must(oob_has_remote(INDEX, NULL));
		must(!oob_has_remote(INDEX, &other));
	}
	if (!oob_clear_remote(adapter))
		must(!oob_has_remote(INDEX, NULL));
}

static void change(struct adapter *adapter)
{
	const uint8_t how = next();

	adapter->supported = how & 1 ? 0 : 0xffff;
	adapter->settings = adapter->found = how & 2 ? 0 :
		MGMT_SETTING_LE | MGMT_SETTING_POWERED;
	if (adapter_power(adapter))
		return;
	must(!(how & 1));
	if (how & 4)
		adapter->address.bdaddr = *BDADDR_ANY;
}

static void stop(void *arg)
{
	loop_stop(arg, 0);
}

static void commands(void)
{
	struct link_address which = { .kind = LINK_ADAPTER,
				       .index = INDEX };
	struct adapter adapter;
	struct loop *loop;
	struct loop_timer timer = { 0 };
	struct oob oob, again;
	const char *help;
	uint8_t reply[40], how;
	size_t len;
	int status;

	events = heard = 0;
	how = next();
	status = how & 2 ? adapter_open(how & 1 ? &which : NULL, &adapter) :
			   adapter_find(how & 1 ? &which : NULL, &adapter);
	if (status) {
		close(kernel);
		return;
	}
	must(strlen(adapter.name) < sizeof(adapter.name));
	must(adapter.address.kind == LINK_DEVICE);
	adapter.index = INDEX;
	loop = loop_new();
	mgmt_watch(adapter.mgmt, loop, INDEX, on_event, adapter.mgmt);
	while (left) {
		switch (next() % 8) {
		case 0:
			if (!adapter_read_address(&adapter))
				must(bacmp(&adapter.address.bdaddr,
					   BDADDR_ANY));
			break;
		case 1:
			adapter.settings = adapter.found = get_le32(last);
			oob_prepare(&adapter);
			must(oob_obstacle(&adapter, &help) || !*help);
			break;
		case 2:
			if (oob_read_local(&adapter, &oob))
				break;
			must(last_len == 3U + get_le16(last + 1));
			must(!oob_decode_eir(last + 3, last_len - 3, &again));
			must(!memcmp(&oob, &again, sizeof(oob)));
			break;
		case 3:
			len = next() % sizeof(reply);
			status = mgmt_command(adapter.mgmt,
				MGMT_READ_INDEX_LIST, INDEX, NULL, 0, reply,
				&len);
			must(status >= 0 && len <= last_len &&
			     len < sizeof(reply) && !memcmp(reply, last, len));
			must(strlen(mgmt_status_name(status)) > 3);
			must(mgmt_status_help(status));
			break;
		case 5:
			advertise(&adapter);
			break;
		case 6:
			remote(&adapter);
			break;
		case 7:
			change(&adapter);
			break;
		default:
			say_something(MGMT_READ_INFO);
			loop_after(loop, &timer, 0, stop, loop);
			loop_run(loop);
		}
		/* Stop before the socket is full, which would block. */
		if (events > 100)
			break;
	}
	/* Now handle all events that are still queued. */
	for (unsigned int i = 0; i < 600 && heard < events; i++) {
		loop_after(loop, &timer, 0, stop, loop);
		loop_run(loop);
	}
	must(heard == events);
	adapter_close(&adapter);
	loop_free(loop);
	close(kernel);
}

static void pairing_events(void)
{
	static const uint16_t codes[] = {
		MGMT_EV_NEW_LONG_TERM_KEY, MGMT_EV_DEVICE_CONNECTED,
		MGMT_EV_DEVICE_DISCONNECTED, MGMT_EV_USER_CONFIRMATION_REQUEST,
		MGMT_EV_USER_PASSKEY_REQUEST, MGMT_EV_AUTHENTICATION_FAILED,
		MGMT_EV_PASSKEY_NOTIFY, MGMT_EV_NEW_IDENTITY_RESOLVING_KEY,
		MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY, MGMT_EV_CONNECT_FAILED,
	};
	const uint16_t code = codes[next() % 10];
	const bool show = next() & 1;
	const size_t len = left;
	uint8_t *data = exactly(input, len), type;
	const char *name = NULL, *text;
	bdaddr_t bdaddr;
	struct link_address device;
	const uint8_t *advertised = data;
	struct ltk ltk;
	json_t *json = pairing_event_json(code, data, len, show, &name);
	bool addressed = pairing_event_address(code, data, len, &bdaddr,
					       &type);

	must(!json || (name && addressed && type != BDADDR_BREDR));
	/* The octets may also be a Device Found event. */
	if (advert_found(data, len, "sensor-7", &device)) {
		must(device.kind == LINK_DEVICE);
		must(advert_data(data, len, &device, &advertised) < len ||
		     advertised == data);
	}
	if (json) {
		text = json_string_value(json_object_get(json, "address"));
		must(text && strlen(text) == 17);
		/* The value of a key is shown only on request. */
		must(show || !json_object_get(json, "value"));
		text = json_string_value(json_object_get(json, "value"));
		must(!text || strlen(text) == 32);
		if (code == MGMT_EV_NEW_LONG_TERM_KEY)
			must(pairing_event_ltk(data, len, &ltk) &&
			     json_integer_value(json_object_get(json, "size"))
			     == ltk.size);
		json_decref(json);
	}
	free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	diag_sink(hear, NULL);
	if (!*notes)
		make_notes();
	must(!truncate(notes, 0));
	input = data;
	left = len;
	if (next() & 1)
		pairing_events();
	else
		commands();
	return 0;
}
