/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "bluetooth/dial.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bluetooth/advert.h"
#include "base/bytes.h"

#define LINGER_MS 4000		/* the kernel drops an unused link after 2 s */

enum state {
	STATE_IDLE,
	STATE_SCANNING,
	STATE_CONNECTING,
	STATE_LINGERING,
};

struct dial {
	const struct dial_settings *set;
	struct adapter adapter;		/* unix: mgmt is NULL */
	struct link_address peer;
	uint16_t psm;			/* of the next link; 0: set->address */
	enum state state;
	int fd;
	bool gone;			/* the adapter was removed */
	struct loop_timer deadline, linger;
};

static void dial_connect(struct dial *dial);
static void dial_connect_peer(struct dial *dial);

uint16_t dial_adapter(const struct dial *dial)
{
	return dial->adapter.index;
}

bool dial_adapter_gone(const struct dial *dial)
{
	return dial->gone;
}

uint16_t dial_manufacturer(const struct dial *dial)
{
	return dial->adapter.manufacturer;
}

void dial_keep_adapter(struct dial *dial)
{
	dial->adapter.found = dial->adapter.settings;
}

/* The interval is in units of 1.25 ms, the latency in events, the timeout in
 * units of 10 ms. */
void dial_relax(struct dial *dial)
{
	uint8_t params[2 + MGMT_ADDRESS_SIZE + 8];
	int status;

	put_le16(params, 1);
	mgmt_put_address(params + 2, &dial->peer.bdaddr,
			 dial->peer.bdaddr_type);
	put_le16(params + 9, 24);
	put_le16(params + 11, 40);
	put_le16(params + 13, 0);
	put_le16(params + 15, 600);
	status = mgmt_command(dial->adapter.mgmt,
			      MGMT_LOAD_CONNECTION_PARAMETERS,
			      dial->adapter.index, params, sizeof(params),
			      NULL, NULL);
	if (status)
		diag_warn("cannot set the connection's parameters: %s",
			  mgmt_status_name(status));
}

void dial_cancel(struct dial *dial)
{
	loop_cancel(dial->set->loop, &dial->deadline);
	loop_cancel(dial->set->loop, &dial->linger);
	if (dial->state == STATE_SCANNING)
		advert_scan_stop(&dial->adapter);
	if (dial->fd >= 0) {
		loop_unwatch(dial->set->loop, dial->fd);
		close(dial->fd);
		dial->fd = -1;
	}
	dial->state = STATE_IDLE;
}

static void dial_fail(struct dial *dial, enum status status)
{
	dial_cancel(dial);
	dial->set->on_failed(status, dial->set->arg);
}

static void dial_too_late(void *arg)
{
	struct dial *dial = arg;

	diag_error(dial->state == STATE_SCANNING ?
		   "no peripheral `%s' was found within %u s" :
		   "no link to `%s' within %u s", dial->set->address->text,
		   dial->set->timeout_ms / 1000);
	dial_fail(dial, STATUS_TIMEOUT);
}

static void dial_on_connected(short ready, void *arg)
{
	struct dial *dial = arg;
	int fd = dial->fd, error = link_connected(fd);

	(void)ready;
	if (error == ECONNREFUSED && dial->peer.enhanced) {
		loop_unwatch(dial->set->loop, fd);
		dial->fd = -1;
		dial->peer.enhanced = false;
		dial_connect_peer(dial);
		/* Not earlier: the link would have no socket and go down. */
		close(fd);
		return;
	}
	if (error) {
		diag_error("cannot connect to `%s'%s: %s", dial->peer.text,
			   dial->peer.psm ? " at its PSM" : "",
			   strerror(error));
		dial_fail(dial, STATUS_LINK);
		return;
	}
	loop_unwatch(dial->set->loop, fd);
	dial->fd = -1;
	dial_cancel(dial);
	dial->set->on_link(fd, &dial->peer, dial->set->arg);
}

static void dial_connect_peer(struct dial *dial)
{
	enum status status;

	status = link_connect(&dial->peer, &dial->adapter.address, &dial->fd);
	if (status == STATUS_REFUSED && !dial->peer.psm &&
	    dial->set->busy_psm) {
		dial->psm = dial->set->busy_psm;
		dial_connect(dial);
		return;
	}
	if (status == STATUS_REFUSED) {
		diag_error("cannot connect to `%s': another program, such as "
			   "bluetoothd, holds ATT on the link; --bearer coc "
			   "uses a channel of its own", dial->peer.text);
		status = STATUS_LINK;
	}
	if (status) {
		dial->fd = -1;
		dial_fail(dial, status);
		return;
	}
	dial->state = STATE_CONNECTING;
	loop_watch(dial->set->loop, dial->fd, POLLOUT, dial_on_connected, dial);
}

static void dial_connect(struct dial *dial)
{
	dial->peer.psm = dial->psm ? dial->psm : dial->set->address->psm;
	dial->peer.enhanced = dial->peer.psm;
	dial->psm = 0;
	dial_connect_peer(dial);
}

static void dial_begin(struct dial *dial)
{
	dial_cancel(dial);
	loop_after(dial->set->loop, &dial->deadline, dial->set->timeout_ms,
		   dial_too_late, dial);
}

void dial_start(struct dial *dial)
{
	enum status status;

	dial_begin(dial);
	if (dial->set->address->kind != LINK_NAME &&
	    (!dial->set->on_advertising || !dial->adapter.mgmt)) {
		dial_connect(dial);
		return;
	}
	status = advert_scan(&dial->adapter);
	if (status)
		dial_fail(dial, status);
	else
		dial->state = STATE_SCANNING;
}

void dial_psm(struct dial *dial, uint16_t psm)
{
	dial_begin(dial);
	dial->psm = psm;
	dial_connect(dial);
}

static void dial_lingered(void *arg)
{
	dial_start(arg);
}

void dial_after_disconnect(struct dial *dial)
{
	dial_cancel(dial);
	dial->state = STATE_LINGERING;
	loop_after(dial->set->loop, &dial->linger, LINGER_MS, dial_lingered,
		   dial);
}

static bool dial_found(struct dial *dial, const uint8_t *event, size_t len)
{
	const struct link_address *wanted = dial->set->address;
	const uint8_t *data;

	if (wanted->kind == LINK_NAME) {
		if (!advert_found(event, len, wanted->text, &dial->peer))
			return false;
		diag_info("`%s' is %s (%s)", wanted->text, dial->peer.text,
			  link_type_name(&dial->peer));
		return true;
	}
	len = advert_data(event, len, wanted, &data);
	if (!len)
		return false;
	dial->set->on_advertising(data, len, dial->set->arg);
	return true;
}

static void dial_on_event(uint16_t event, const uint8_t *data, size_t len,
			  void *arg)
{
	struct dial *dial = arg;

	if (event == MGMT_EV_DEVICE_FOUND && dial->state == STATE_SCANNING &&
	    dial_found(dial, data, len)) {
		advert_scan_stop(&dial->adapter);
		dial_connect(dial);
	} else if (event == MGMT_EV_DEVICE_DISCONNECTED &&
		   dial->state == STATE_LINGERING &&
		   len >= MGMT_ADDRESS_SIZE &&
		   !memcmp(data, &dial->peer.bdaddr, 6)) {
		dial_start(dial);
	} else if (event == MGMT_EV_INDEX_REMOVED) {
		diag_error("the adapter hci%u has gone", dial->adapter.index);
		dial->gone = true;
		dial->adapter.found = dial->adapter.settings;
		if (dial->state != STATE_IDLE)
			dial_fail(dial, STATUS_LINK);
	}
}

enum status dial_new(const struct dial_settings *settings, struct dial **out)
{
	struct dial *dial = calloc(1, sizeof(*dial));
	struct link_address which;
	enum status status = STATUS_OK;

	if (!dial)
		die(STATUS_OTHER, "out of memory");
	dial->set = settings;
	dial->peer = *settings->address;
	dial->fd = -1;
	if (settings->adapter) {
		status = link_parse(settings->adapter, &which);
		if (!status && which.kind != LINK_ADAPTER) {
			diag_error("bad --adapter `%s': hciN is wanted",
				   settings->adapter);
			status = STATUS_USAGE;
		}
	}
	if (!status && settings->address->kind != LINK_UNIX) {
		status = adapter_open(settings->adapter ? &which : NULL,
				      &dial->adapter);
		if (!status)
			mgmt_watch(dial->adapter.mgmt, settings->loop,
				   dial->adapter.index, dial_on_event, dial);
	}
	if (status) {
		dial_free(dial);
		dial = NULL;
	}
	*out = dial;
	return status;
}

void dial_free(struct dial *dial)
{
	if (!dial)
		return;
	dial_cancel(dial);
	adapter_close(&dial->adapter);
	free(dial);
}
