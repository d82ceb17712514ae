/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "channel/tunnel.h"

#include <string.h>

#include "base/bytes.h"

void tunnel_capability_write(const struct tunnel_capability *capability,
			     uint8_t value[TUNNEL_CAPABILITY_SIZE])
{
	value[0] = capability->versions;
	value[1] = capability->bearers;
	put_le16(value + 2, capability->psm);
	put_le16(value + 4, capability->value_max);
	value[6] = capability->window;
}

const char *tunnel_capability_read(const uint8_t *value, size_t len,
				   uint8_t bearer,
				   struct tunnel_capability *capability)
{
	if (len < TUNNEL_CAPABILITY_SIZE)
		return "its capability value is too short";
	capability->versions = value[0];
	capability->bearers = value[1];
	capability->psm = get_le16(value + 2);
	capability->value_max = get_le16(value + 4);
	capability->window = value[6];
	if (!(capability->versions & 1))
		return "it does not speak version 1 of the protocol";
	if (capability->value_max < TUNNEL_VALUE_MIN)
		return "its largest value is less than 20 octets";
	if (capability->value_max > (bearer == TUNNEL_BEARER_ATT ?
				     TUNNEL_ATT_VALUE_MAX : TUNNEL_VALUE_MAX))
		return "its largest value is more than the bearer carries";
	if (capability->window < 1 || capability->window > TUNNEL_WINDOW_MAX)
		return "its window is not within 1 to 127 segments";
	return NULL;
}

void tunnel_init(struct tunnel *tunnel, uint16_t value_max, uint8_t window,
		 uint8_t peer_window)
{
	memset(tunnel, 0, sizeof(*tunnel));
	tunnel->value_max = value_max > TUNNEL_VALUE_MAX ? TUNNEL_VALUE_MAX
							 : value_max;
	tunnel->window = window;
	tunnel->peer_window = peer_window;
}

/* Sequence numbers are compared modulo 256. */
static uint8_t outstanding(const struct tunnel *tunnel)
{
	return (uint8_t)(tunnel->next - tunnel->acked);
}

static uint8_t held(const struct tunnel *tunnel)
{
	return (uint8_t)(tunnel->expected - tunnel->consumed);
}

const char *tunnel_receive(struct tunnel *tunnel, const uint8_t *value,
			   size_t len)
{
	size_t payload = len - TUNNEL_HEADER;
	uint8_t slot = tunnel->expected & TUNNEL_WINDOW_MAX;

	if (len < TUNNEL_HEADER || len > TUNNEL_VALUE_MAX)
		return "a segment has an impossible length";
	tunnel->pdus_in++;
	tunnel->octets_in += len;
	if (value[0] != tunnel->expected)
		return "a segment is missing, repeated or out of order";
	if ((uint8_t)(value[1] - tunnel->acked) > outstanding(tunnel))
		return "it acknowledges a segment that was not sent";
	tunnel->acked = value[1];
	if (!payload)
		return NULL;
	/* The ring cannot overflow: consumed is never behind ack_sent. */
	if ((uint8_t)(tunnel->expected - tunnel->ack_sent) >= tunnel->window)
		return "it sends beyond the window";
	memcpy(tunnel->segments[slot], value + TUNNEL_HEADER, payload);
	tunnel->lens[slot] = (uint16_t)payload;
	tunnel->expected++;
	return NULL;
}

const uint8_t *tunnel_peek(const struct tunnel *tunnel, size_t *len)
{
	uint8_t slot = tunnel->consumed & TUNNEL_WINDOW_MAX;

	if (!held(tunnel))
		return NULL;
	*len = tunnel->lens[slot];
	return tunnel->segments[slot];
}

void tunnel_consume(struct tunnel *tunnel)
{
	if (held(tunnel))
		tunnel->consumed++;
}

size_t tunnel_room(const struct tunnel *tunnel)
{
	if (outstanding(tunnel) >= tunnel->peer_window)
		return 0;
	return tunnel->value_max - TUNNEL_HEADER;
}

size_t tunnel_send(struct tunnel *tunnel, const uint8_t *payload, size_t len,
		   uint8_t *value)
{
	value[0] = tunnel->next;
	value[1] = tunnel->consumed;
	tunnel->ack_sent = tunnel->consumed;
	if (len) {
		memcpy(value + TUNNEL_HEADER, payload, len);
		tunnel->next++;
	}
	tunnel->pdus_out++;
	tunnel->octets_out += TUNNEL_HEADER + len;
	return TUNNEL_HEADER + len;
}

bool tunnel_ack_due(const struct tunnel *tunnel)
{
	uint8_t half = tunnel->window / 2;

	return (uint8_t)(tunnel->consumed - tunnel->ack_sent) >=
	       (half ? half : 1);
}

bool tunnel_idle(const struct tunnel *tunnel)
{
	return !outstanding(tunnel);
}
