/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session-gatt.h"

#include <stdlib.h>
#include <string.h>

#define WAITING_MAX 64		/* characteristics with a value to indicate */

struct waiting {
	uint16_t handle;	/* 0: free */
	uint16_t len;
	uint8_t value[ATT_VALUE_MAX];
};

struct session_gatt {
	struct session_gatt_settings set;
	struct gatt_db empty;
	struct gatt_server server;
	struct waiting waiting[WAITING_MAX];	/* the first of the queue first */
	size_t waits;
};

static uint8_t ask(struct gatt_server *server,
		   const struct gatt_external *what, void *arg)
{
	struct session_gatt *gatt = arg;

	(void)server;
	gatt->set.ask(what, gatt->set.arg);
	return 0;
}

static bool authorize(uint32_t authorization, uint16_t handle, bool writing,
		      void *arg)
{
	const struct session_gatt *gatt = arg;

	return gatt->set.authorize &&
	       gatt->set.authorize(authorization, handle, writing,
				   gatt->set.arg);
}

struct session_gatt *session_gatt_new(
	const struct session_gatt_settings *settings)
{
	struct session_gatt *gatt = calloc(1, sizeof(*gatt));

	if (!gatt)
		return NULL;
	gatt->set = *settings;
	gatt->server = (struct gatt_server){
		/* It is ours since the fork. */
		.db = settings->profile ? (struct gatt_db *)settings->profile
					: &gatt->empty,
		.mtu = ATT_MTU_DEFAULT,
		.optional = true,
		/* What TLS with certificates gives is no less. */
		.level = GATT_LEVEL_SECURE_CONNECTIONS,
		.key_size = 16,
		.ltk = true,
		.arg = gatt,
		.authorize = authorize,
		.external = ask,
	};
	return gatt;
}

void session_gatt_free(struct session_gatt *gatt)
{
	free(gatt);
}

static void send_pdu(struct session_gatt *gatt, const uint8_t *pdu, size_t len)
{
	if (len)
		gatt->set.send(pdu, len, gatt->set.arg);
}

/* The next indication, if the last is confirmed. */
static void indicate_next(struct session_gatt *gatt)
{
	uint8_t pdu[ATT_MTU_OFFERED];
	const struct waiting *first = gatt->waiting;

	while (gatt->waits && !gatt->server.indicated) {
		size_t len = !gatt_server_indicates(&gatt->server,
						    first->handle) ? 0 :
			gatt_server_indicate(&gatt->server, first->handle,
					     first->value, first->len, pdu);

		send_pdu(gatt, pdu, len);
		gatt->waits--;
		memmove(gatt->waiting, gatt->waiting + 1,
			gatt->waits * sizeof(*gatt->waiting));
	}
}

const char *session_gatt_receive(struct session_gatt *gatt,
				 const uint8_t *pdu, size_t len)
{
	uint8_t rsp[ATT_MTU_OFFERED];

	if (!len || len > ATT_MTU_OFFERED)
		return "it sends an ATT PDU of an impossible length";
	/* Nothing is asked of it here. */
	if (!gatt_server_takes(pdu[0]))
		return "it answers what was not asked";
	send_pdu(gatt, rsp, gatt_server_handle(&gatt->server, pdu, len, rsp));
	if (gatt->server.fault)
		return "it asks again before it has its answer";
	indicate_next(gatt);
	return NULL;
}

void session_gatt_answer(struct session_gatt *gatt, uint8_t error,
			 const uint8_t *value, size_t len)
{
	uint8_t rsp[ATT_MTU_OFFERED];

	send_pdu(gatt, rsp, gatt_server_complete(&gatt->server, error, value,
						 len, rsp));
}

static void indicate_later(struct session_gatt *gatt, uint16_t handle,
			   const uint8_t *value, size_t len)
{
	struct waiting *w = gatt->waiting;

	while (w < gatt->waiting + gatt->waits && w->handle != handle)
		w++;
	if (w == gatt->waiting + WAITING_MAX)
		return;
	if (w == gatt->waiting + gatt->waits)
		gatt->waits++;
	w->handle = handle;
	w->len = (uint16_t)len;
	memcpy(w->value, value, len);
}

void session_gatt_changed(struct session_gatt *gatt, uint16_t handle,
			  const uint8_t *value, size_t len)
{
	uint8_t pdu[ATT_MTU_OFFERED];

	if (len > ATT_VALUE_MAX)
		return;
	if (gatt_server_notifies(&gatt->server, handle))
		send_pdu(gatt, pdu, gatt_server_notify(&gatt->server, handle,
						       value, len, pdu));
	if (gatt_server_indicates(&gatt->server, handle)) {
		indicate_later(gatt, handle, value, len);
		indicate_next(gatt);
	}
}
