/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session/session-gatt.h"

#include <stdlib.h>
#include <string.h>

#define WAITING_MAX 64		/* characteristics with a value to indicate */

struct waiting {
	uint16_t handle;	/* 0: free */
	uint16_t len;
	uint8_t value[ATT_VALUE_MAX];
};

struct session_gatt {
	void (*send)(const uint8_t *pdu, size_t len, void *arg);
	struct gatt_db empty;
	struct gatt_server server;
	struct waiting waiting[WAITING_MAX];	/* in their order */
	size_t waits;
};

struct session_gatt *session_gatt_new(
	const struct gatt_server *first,
	void (*send)(const uint8_t *pdu, size_t len, void *arg))
{
	struct session_gatt *gatt = calloc(1, sizeof(*gatt));

	if (!gatt)
		return NULL;
	gatt->send = send;
	gatt->server = *first;
	gatt->server.mtu = ATT_MTU_DEFAULT;
	if (!first->db)
		gatt->server.db = &gatt->empty;
	return gatt;
}

struct gatt_server *session_gatt_server(struct session_gatt *gatt)
{
	return &gatt->server;
}

void session_gatt_free(struct session_gatt *gatt)
{
	free(gatt);
}

static void send_pdu(struct session_gatt *gatt, const uint8_t *pdu, size_t len)
{
	if (len)
		gatt->send(pdu, len, gatt->server.arg);
}

/* Send the next indication, if the last one is confirmed. */
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

	send_pdu(gatt, rsp, gatt_server_handle(&gatt->server, pdu, len, rsp));
	if (gatt->server.fault)
		return "it sends a request before the last one is answered";
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
