/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "bluetooth/listener.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"

struct listener {
	const struct listener_settings *set;
	struct link_address address;	/* what the sockets are bound to */
	struct adapter adapter;		/* unix: mgmt is NULL */
	uint8_t instance;
	bool paused;
	int fd, coc;			/* -1: none */
	char text[LINK_NAME_MAX];
};

const char *listener_address(const struct listener *listener)
{
	return listener->text;
}

uint16_t listener_adapter(const struct listener *listener)
{
	return listener->adapter.index;
}

static void listener_advertise(struct listener *listener)
{
	if (listener->adapter.mgmt && !listener->paused &&
	    (listener->adapter.settings & MGMT_SETTING_POWERED))
		advert_start(&listener->adapter, &listener->set->advert,
			     &listener->instance);
}

static void listener_take(struct listener *listener, int from, uint16_t psm)
{
	struct link_address peer;
	int fd = link_accept(from, &listener->address, &peer);

	peer.psm = psm;
	if (fd >= 0)
		listener->set->on_link(fd, &peer, listener->set->arg);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		diag_warn("cannot accept a peer: %s", strerror(errno));
}

static void listener_on_ready(short ready, void *arg)
{
	struct listener *listener = arg;

	(void)ready;
	listener_take(listener, listener->fd, 0);
}

static void listener_on_coc(short ready, void *arg)
{
	struct listener *listener = arg;

	(void)ready;
	listener_take(listener, listener->coc, listener->set->psm);
}

/* Another program or an rfkill switch has changed the adapter's settings. */
static void listener_on_settings(struct listener *listener, uint32_t settings)
{
	struct adapter *adapter = &listener->adapter;
	const uint32_t changed = adapter->settings ^ settings;

	adapter->settings = settings;
	if (!(changed & MGMT_SETTING_POWERED))
		return;
	if (settings & MGMT_SETTING_POWERED) {
		/* Somebody else turned it on: leave it on when we stop. */
		adapter->found |= MGMT_SETTING_POWERED;
		diag_info("hci%u is on again", adapter->index);
		listener_advertise(listener);
	} else {
		diag_warn("hci%u has been switched off: nobody can connect "
			  "until it is on again", adapter->index);
	}
}

/* A controller stops advertising when a central connects, so start again. */
static void listener_on_event(uint16_t event, const uint8_t *data, size_t len,
			      void *arg)
{
	struct listener *listener = arg;

	switch (event) {
	case MGMT_EV_DEVICE_CONNECTED:
	case MGMT_EV_DEVICE_DISCONNECTED:
		listener_advertise(listener);
		break;
	case MGMT_EV_NEW_SETTINGS:
		if (len >= 4)
			listener_on_settings(listener, get_le32(data));
		break;
	case MGMT_EV_INDEX_REMOVED:
		diag_error("the adapter hci%u has gone",
			   listener->adapter.index);
		/* There is no adapter to restore. */
		listener->adapter.found = listener->adapter.settings;
		listener->instance = 0;
		listener->paused = true;
		listener->set->on_lost(listener->set->arg);
		break;
	default:
		break;
	}
}

void listener_pause(struct listener *listener, bool pause)
{
	if (listener->paused == pause)
		return;
	listener->paused = pause;
	if (listener->fd >= 0)
		loop_events(listener->set->loop, listener->fd,
			    pause ? 0 : POLLIN);
	if (pause && listener->adapter.mgmt)
		advert_stop(&listener->adapter, &listener->instance);
	else
		listener_advertise(listener);
}

static enum status listener_start_adapter(struct listener *listener)
{
	struct adapter *adapter = &listener->adapter;
	enum status status = adapter_open(listener->set->address, adapter);

	if (status)
		return status;
	listener->address = adapter->address;
	if (listener->set->att && adapter_bluetoothd())
		diag_warn("bluetoothd is running, and may take the centrals of "
			  "hci%u: --bearer coc avoids that",
			  adapter->index);
	if (listener->set->att)
		status = link_listen(&listener->address, &listener->fd);
	if (!status && listener->set->psm) {
		listener->address.psm = listener->set->psm;
		status = link_listen(&listener->address, &listener->coc);
		listener->address.psm = 0;
	}
	return status;
}

enum status listener_start(const struct listener_settings *settings,
			   struct listener **out)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	bool local = settings->address->kind == LINK_UNIX;
	enum status status;

	if (!listener)
		die(STATUS_OTHER, "out of memory");
	listener->set = settings;
	listener->fd = listener->coc = -1;
	listener->address = *settings->address;
	status = local ? link_listen(&listener->address, &listener->fd)
		       : listener_start_adapter(listener);
	if (!status && !local)
		status = advert_start(&listener->adapter, &settings->advert,
				      &listener->instance);
	if (status) {
		listener_stop(listener);
		return status;
	}
	link_name(&listener->address, listener->text);
	if (listener->fd >= 0)
		loop_watch(settings->loop, listener->fd, POLLIN,
			   listener_on_ready, listener);
	if (listener->coc >= 0)
		loop_watch(settings->loop, listener->coc, POLLIN,
			   listener_on_coc, listener);
	if (!local)
		mgmt_watch(listener->adapter.mgmt, settings->loop,
			   listener->adapter.index, listener_on_event,
			   listener);
	*out = listener;
	return STATUS_OK;
}

void listener_stop(struct listener *listener)
{
	if (!listener)
		return;
	if (listener->fd >= 0) {
		loop_unwatch(listener->set->loop, listener->fd);
		close(listener->fd);
		if (listener->address.kind == LINK_UNIX)
			unlink(listener->address.text);
	}
	if (listener->coc >= 0) {
		loop_unwatch(listener->set->loop, listener->coc);
		close(listener->coc);
	}
	if (listener->adapter.mgmt)
		advert_stop(&listener->adapter, &listener->instance);
	adapter_close(&listener->adapter);
	free(listener);
}
