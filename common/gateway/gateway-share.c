/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What several centrals share of one client: its Client Characteristic
 * Configurations, which are what any of them wants, and its confirmations.
 */
#include "config.h"
#include "gateway/gateway-part.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static uint8_t allowed_bits(uint8_t properties)
{
	return (uint8_t)((properties & GATT_PROPERTY_NOTIFY ?
			  GATT_CONFIGURATION_NOTIFY : 0) |
			 (properties & GATT_PROPERTY_INDICATE ?
			  GATT_CONFIGURATION_INDICATE : 0));
}

/* Those of what is discovered, in order of handles.  False: no memory. */
bool gateway_list_configurations(struct gateway *gateway)
{
	const struct gatt_uuid type = gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	const struct gatt_uuid changed = gatt_uuid16(GATT_SERVICE_CHANGED);
	const struct gatt_found *characteristic = NULL;
	struct configuration *list;
	size_t n = 0;

	free(gateway->configurations);
	gateway->configured = 0;
	for (size_t i = 0; i < gateway->used; i++)
		n += gatt_uuid_equal(&gateway->table[i].uuid, &type);
	list = gateway->configurations = calloc(n + 1, sizeof(*list));
	if (!list)
		return false;
	for (size_t i = 0; i < gateway->used; i++) {
		const struct gatt_found *found = &gateway->table[i];

		if (found->kind != GATT_FOUND_DESCRIPTOR)
			characteristic = found;
		else if (characteristic && gatt_uuid_equal(&found->uuid, &type))
			list[gateway->configured++] = (struct configuration){
				.handle = found->handle,
				.value = characteristic->value,
				.allowed = allowed_bits(
					characteristic->properties),
				.services = gatt_uuid_equal(
					&characteristic->uuid, &changed),
			};
	}
	return true;
}

struct configuration *gateway_configuration(const struct gateway *gateway,
					    uint16_t handle)
{
	for (size_t i = 0; i < gateway->configured; i++)
		if (gateway->configurations[i].handle == handle)
			return &gateway->configurations[i];
	return NULL;
}

uint8_t gateway_bits(const struct central *central, uint16_t handle)
{
	return (uint8_t)gatt_server_configuration(&central->server, handle);
}

/* What all of them want, and the gateway. */
static uint8_t wanted_bits(const struct gateway *gateway,
			   const struct configuration *configuration)
{
	uint8_t bits = configuration->services ?
		       configuration->allowed & GATT_CONFIGURATION_INDICATE : 0;

	for (const struct central *c = gateway->centrals; c; c = c->next)
		bits |= gateway_bits(c, configuration->handle);
	return bits;
}

bool gateway_is_service_changed(const struct gateway *gateway, uint16_t value)
{
	for (size_t i = 0; i < gateway->configured; i++)
		if (gateway->configurations[i].services &&
		    gateway->configurations[i].value == value)
			return true;
	return false;
}

static bool ask_configuration(struct gateway *gateway, enum asker by,
			      struct central *central,
			      struct configuration *configuration, uint64_t now)
{
	uint8_t pdu[5] = { ATT_WRITE_REQ };

	put_le16(pdu + 1, configuration->handle);
	put_le16(pdu + 3, wanted_bits(gateway, configuration));
	if (!gateway_ask(gateway, by, central, pdu, sizeof(pdu), now))
		return false;
	gateway->asked.configuration = configuration;
	return true;
}

bool gateway_configure(struct gateway *gateway, struct central *central,
		       struct configuration *configuration,
		       const struct held *held, uint64_t now)
{
	static const uint8_t rsp[] = { ATT_WRITE_RSP };
	const uint16_t handle = configuration->handle;
	const uint8_t before = gateway_bits(central, handle);
	uint16_t bits;
	uint8_t error = 0;

	if (gateway->asked.configuration == configuration)
		return false;
	/* The same errors as gatt-access.c has. */
	if (held->len != 5)
		error = ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH;
	else if (bits = get_le16(held->pdu + 3), bits & ~configuration->allowed)
		error = ATT_ECODE_VALUE_NOT_ALLOWED;
	else if (!gatt_server_configure(&central->server, handle, bits))
		error = ATT_ECODE_INSUFFICIENT_RESOURCES;
	if (error) {
		gateway_refuse(gateway, central, handle, error);
		return true;
	}
	if (wanted_bits(gateway, configuration) == configuration->written &&
	    !configuration->unsure) {
		gateway_respond(gateway, central, rsp, sizeof(rsp));
		return true;
	}
	if (ask_configuration(gateway, ASKER_CENTRAL, central, configuration,
			      now)) {
		gateway->asked.before = before;
		return true;
	}
	gatt_server_configure(&central->server, handle, before);
	return false;
}

void gateway_find_configurations(struct gateway *gateway,
				 struct central *central,
				 const struct held *held)
{
	const uint16_t start = get_le16(held->pdu + 1);
	const uint16_t end = get_le16(held->pdu + 3);
	uint8_t rsp[ATT_MTU_OFFERED] = { ATT_FIND_BY_TYPE_VALUE_RSP };
	size_t n = 1;

	for (size_t i = 0; i < gateway->configured; i++) {
		const uint16_t handle = gateway->configurations[i].handle;

		if (handle < start || handle > end || held->len != 7 + 2 ||
		    !gateway_shown(gateway, handle) ||
		    get_le16(held->pdu + 7) != gateway_bits(central, handle))
			continue;
		if (n + 4 > central->mtu)
			break;
		put_le16(rsp + n, handle);
		put_le16(rsp + n + 2, handle);
		n += 4;
	}
	if (n > 1)
		gateway_respond(gateway, central, rsp, n);
	else
		gateway_refuse(gateway, central, start,
			       ATT_ECODE_ATTRIBUTE_NOT_FOUND);
}

static void drop_subscribers(struct gateway *gateway, uint16_t handle)
{
	for (struct central *c = gateway->centrals; c; c = c->next)
		if (gateway_bits(c, handle))
			gateway_drop(gateway, c, false,
				     "a subscription could not be restored");
}

/* A central's bits are back, if the peripheral did not take them. */
void gateway_configured(struct gateway *gateway, enum asker by,
			struct central *central, bool done)
{
	struct configuration *configuration = gateway->asked.configuration;
	const bool restored = configuration->unsure;

	gateway->asked.configuration = NULL;
	gateway->unsettled = true;
	if (by == ASKER_CENTRAL && !done) {
		if (central)
			gatt_server_configure(&central->server,
					      configuration->handle,
					      gateway->asked.before);
		return;
	}
	/* What the gateway asks for in vain, it does not ask for again. */
	configuration->written = gateway->asked.pdu[3];
	configuration->unsure = false;
	if (!done && restored)
		drop_subscribers(gateway, configuration->handle);
}

void gateway_unconfigure(struct gateway *gateway, struct central *central)
{
	struct configuration *configuration = gateway->asked.configuration;

	if (!configuration)
		return;
	configuration->written |= gateway->asked.pdu[3];
	gateway->asked.configuration = NULL;
	if (central)
		gatt_server_configure(&central->server, configuration->handle,
				      gateway->asked.before);
}

void gateway_settle(struct gateway *gateway, uint64_t now)
{
	static const uint8_t cancel[] = { ATT_EXECUTE_WRITE_REQ, 0 };

	if (!gateway->ready || gateway->asked.by != ASKER_NOBODY)
		return;
	if (gateway->cancelling) {
		gateway_ask(gateway, ASKER_CANCEL, NULL, cancel,
			    sizeof(cancel), now);
		return;
	}
	if (!gateway->unsettled)
		return;
	for (size_t i = 0; i < gateway->configured; i++) {
		struct configuration *configuration =
			&gateway->configurations[i];
		const uint8_t bits = wanted_bits(gateway, configuration);

		if (!bits && !configuration->written)
			configuration->unsure = false;
		if (bits == configuration->written && !configuration->unsure)
			continue;
		ask_configuration(gateway, ASKER_CONFIGURATION, NULL,
				  configuration, now);
		return;
	}
	gateway->unsettled = false;
}

static bool central_wants(const struct gateway *gateway,
			  const struct central *central, uint16_t value,
			  uint8_t bit)
{
	for (size_t i = 0; i < gateway->configured; i++)
		if (gateway->configurations[i].value == value &&
		    gateway_bits(central, gateway->configurations[i].handle) &
			    bit)
			return true;
	return false;
}

static void send_to_central(const struct gateway *gateway,
			    const struct central *central, const uint8_t *pdu,
			    size_t len)
{
	gateway->set.to_central(central->number, pdu,
				len < central->mtu ? len : central->mtu,
				gateway->set.arg);
}

void gateway_notify(struct gateway *gateway, uint16_t handle,
		    const uint8_t *value, size_t len)
{
	uint8_t pdu[3 + ATT_VALUE_MAX] = { ATT_HANDLE_VALUE_NTF };

	if (!gateway->ready)
		return;
	put_le16(pdu + 1, handle);
	if (len)
		memcpy(pdu + 3, value, len);
	for (const struct central *c = gateway->centrals; c; c = c->next)
		if (central_wants(gateway, c, handle,
				  GATT_CONFIGURATION_NOTIFY))
			send_to_central(gateway, c, pdu, 3 + len);
}

static void indicate_to(const struct gateway *gateway, struct central *central,
			uint64_t now)
{
	central->confirming = true;
	central->stale = central->owed = false;
	central->confirm_by = now + GATEWAY_CONFIRM;
	send_to_central(gateway, central, gateway->indication.pdu,
			gateway->indication.len);
}

void gateway_indicate(struct gateway *gateway, const uint8_t *pdu, size_t len,
		      uint64_t now)
{
	gateway->indication.len = len;
	memcpy(gateway->indication.pdu, pdu, len);
	for (struct central *c = gateway->centrals; c; c = c->next) {
		if (!gateway->ready ||
		    !central_wants(gateway, c, get_le16(pdu + 1),
				   GATT_CONFIGURATION_INDICATE))
			continue;
		/* One at a time (Part F 3.4.7.2), whatever became of it. */
		if (c->confirming)
			c->owed = true;
		else
			indicate_to(gateway, c, now);
	}
	gateway_confirm(gateway);
}

void gateway_confirm(struct gateway *gateway)
{
	static const uint8_t confirmation[] = { ATT_HANDLE_VALUE_CFM };

	if (!gateway->indication.len)
		return;
	for (const struct central *c = gateway->centrals; c; c = c->next)
		if ((c->confirming && !c->stale) || c->owed)
			return;
	gateway->indication.len = 0;
	gateway_say(gateway, confirmation, sizeof(confirmation));
}

void gateway_confirmed(struct gateway *gateway, struct central *central,
		       uint64_t now)
{
	if (!central->confirming)
		return;
	central->confirming = central->stale = false;
	if (central->owed)
		indicate_to(gateway, central, now);
	else
		gateway_confirm(gateway);
}

void gateway_unindicate(struct gateway *gateway)
{
	gateway->indication.len = 0;
	for (struct central *c = gateway->centrals; c; c = c->next) {
		c->stale = c->confirming;
		c->owed = false;
	}
}

uint64_t gateway_expire_indication(struct gateway *gateway, uint64_t now)
{
	uint64_t due = GATEWAY_NEVER;

	for (struct central *c = gateway->centrals; c; c = c->next) {
		if (!c->confirming)
			continue;
		if (c->confirm_by <= now)
			gateway_drop(gateway, c, true, "it did not confirm an "
						       "indication in 10 s");
		else if (c->confirm_by < due)
			due = c->confirm_by;
	}
	return due;
}
