/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Discovery (Core 5.4 Vol 3 Part G 4.4-4.7): first all services of both kinds,
 * then all that they include, all characteristics, and all descriptors.
 * Includes are only discovered if the caller wants to be told what was found.
 */
#include "config.h"
#include "att/gatt-explorer-step.h"

#include <stdlib.h>

#include "base/bytes.h"

static const char no_memory[] = "out of memory";

static const char *discovery_add(struct gatt_explorer *explorer,
				 const struct gatt_found *found)
{
	struct gatt_entry *grown;
	size_t room = explorer->room ? 2 * explorer->room : 32;

	if (explorer->used == UINT16_MAX)
		return "it has more attributes than there are handles";
	if (explorer->used == explorer->room) {
		grown = realloc(explorer->table, room * sizeof(*grown));
		if (!grown)
			return no_memory;
		explorer->table = grown;
		explorer->room = room;
	}
	explorer->table[explorer->used++] = (struct gatt_entry){ *found, 0 };
	return NULL;
}

static int by_handle(const void *a, const void *b)
{
	const struct gatt_entry *one = a, *other = b;

	return (int)one->found.handle - (int)other->found.handle;
}

static void sort_entries(struct gatt_explorer *explorer)
{
	if (explorer->used)
		qsort(explorer->table, explorer->used,
		      sizeof(*explorer->table), by_handle);
}

static struct gatt_found *looked_at(const struct gatt_explorer *explorer)
{
	return &explorer->table[explorer->at].found;
}

static bool wants_includes(const struct gatt_explorer *explorer)
{
	for (size_t i = 0; i < explorer->count; i++)
		if (explorer->ops[i].kind == GATT_OP_DISCOVER)
			return true;
	return false;
}

/* Is the step for this kind of entry, and are there handles to ask for? */
static bool step_concerns(struct gatt_explorer *explorer)
{
	const struct gatt_found *found = looked_at(explorer);

	switch (explorer->step) {
	case GATT_STEP_INCLUDED:
		return found->kind == GATT_FOUND_INCLUDE && !found->uuid.len;
	case GATT_STEP_DESCRIPTORS:
		explorer->next = (uint16_t)(found->value + 1);
		return found->kind == GATT_FOUND_CHARACTERISTIC &&
		       found->value < found->end;
	default:
		explorer->next = (uint16_t)(found->handle + 1);
		return found->handle < found->end;
	}
}

/* No two attributes may have the same handle, and none that of a value. */
static const char *discovery_finish(struct gatt_explorer *explorer)
{
	uint16_t last = 0;

	sort_entries(explorer);
	for (size_t i = 0; i < explorer->used; i++) {
		const struct gatt_found *found = &explorer->table[i].found;

		if (found->handle <= last)
			return "it gives one handle to two attributes";
		last = found->kind == GATT_FOUND_CHARACTERISTIC ?
			found->value : found->handle;
	}
	explorer->sorted = true;
	gatt_operation_start(explorer);
	return NULL;
}

/* Find what is to be asked next, beginning with the current entry. */
static const char *discovery_go_on(struct gatt_explorer *explorer)
{
	while (explorer->step <= GATT_STEP_DESCRIPTORS) {
		const bool of_services =
			explorer->step == GATT_STEP_INCLUDES ||
			explorer->step == GATT_STEP_CHARACTERISTICS;
		const size_t end = of_services ? explorer->services :
						 explorer->used;

		for (; explorer->at < end; explorer->at++)
			if (step_concerns(explorer))
				return NULL;
		explorer->step++;
		explorer->at = 0;
	}
	return discovery_finish(explorer);
}

static const char *discovery_next(struct gatt_explorer *explorer)
{
	explorer->at++;
	return discovery_go_on(explorer);
}

/* All services have been found. */
static const char *services_done(struct gatt_explorer *explorer)
{
	sort_entries(explorer);
	for (size_t i = 1; i < explorer->used; i++)
		if (explorer->table[i].found.handle <=
		    explorer->table[i - 1].found.end)
			return "its services overlap";
	explorer->services = explorer->used;
	explorer->at = 0;
	explorer->step = wants_includes(explorer) ?
		GATT_STEP_INCLUDES : GATT_STEP_CHARACTERISTICS;
	return discovery_go_on(explorer);
}

/* All services of one kind have been found. */
static const char *group_done(struct gatt_explorer *explorer)
{
	if (explorer->step == GATT_STEP_SECONDARY)
		return services_done(explorer);
	explorer->step = GATT_STEP_SECONDARY;
	explorer->next = 1;
	return NULL;
}

static size_t ask_services(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_READ_BY_GROUP_TYPE_REQ;
	put_le16(pdu + 1, explorer->next);
	put_le16(pdu + 3, 0xffff);
	put_le16(pdu + 5, explorer->step == GATT_STEP_PRIMARY ?
		 GATT_PRIMARY_SERVICE : GATT_SECONDARY_SERVICE);
	return 7;
}

static const char *take_services(struct gatt_explorer *explorer,
				 const uint8_t *pdu, size_t len)
{
	size_t each;
	const size_t head = att_list(pdu, len, &each);
	const char *fault;

	if (!head || (each != 6 && each != 20))
		return "its Read By Group Type Response is malformed";
	for (const uint8_t *p = pdu + head; p < pdu + len; p += each) {
		const struct gatt_found found = {
			.kind = explorer->step == GATT_STEP_PRIMARY ?
				GATT_FOUND_PRIMARY : GATT_FOUND_SECONDARY,
			.uuid = gatt_uuid_from(p + 4, each - 4),
			.handle = get_le16(p),
			.end = get_le16(p + 2),
		};

		/* next is 0 after the last possible handle */
		if (!explorer->next || found.handle < explorer->next ||
		    found.end < found.handle)
			return "its services are out of order";
		explorer->next = (uint16_t)(found.end + 1);
		fault = discovery_add(explorer, &found);
		if (fault)
			return fault;
	}
	return explorer->next ? NULL : group_done(explorer);
}

/* Remember an error, unless it only says that there is nothing more. */
static void note_refusal(struct gatt_explorer *explorer, uint8_t error)
{
	if (error != ATT_ECODE_ATTRIBUTE_NOT_FOUND && !explorer->refusal)
		explorer->refusal = error;
}

static const char *services_refused(struct gatt_explorer *explorer,
				    uint8_t error)
{
	/* A server without secondary services need not know this group type. */
	if (explorer->step != GATT_STEP_SECONDARY ||
	    error != ATT_ECODE_UNSUPPORTED_GROUP_TYPE)
		note_refusal(explorer, error);
	return group_done(explorer);
}

static const char *discovery_refused(struct gatt_explorer *explorer,
				     uint8_t error)
{
	note_refusal(explorer, error);
	return discovery_next(explorer);
}

static size_t ask_declarations(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_READ_BY_TYPE_REQ;
	put_le16(pdu + 1, explorer->next);
	put_le16(pdu + 3, looked_at(explorer)->end);
	put_le16(pdu + 5, explorer->step == GATT_STEP_INCLUDES ?
		 GATT_INCLUDE : GATT_CHARACTERISTIC);
	return 7;
}

/* Ask for what follows this handle in the entry, or turn to the next entry. */
static const char *ask_after(struct gatt_explorer *explorer, uint16_t handle)
{
	if (handle >= looked_at(explorer)->end)
		return discovery_next(explorer);
	explorer->next = (uint16_t)(handle + 1);
	return NULL;
}

static const char *take_includes(struct gatt_explorer *explorer,
				 const uint8_t *pdu, size_t len)
{
	size_t each;
	const size_t head = att_list(pdu, len, &each);
	const uint16_t end = looked_at(explorer)->end;
	uint16_t last = (uint16_t)(explorer->next - 1);
	const char *fault;

	if (!head || (each != 6 && each != 8))
		return "its Read By Type Response is malformed";
	for (const uint8_t *p = pdu + head; p < pdu + len; p += each) {
		const struct gatt_found found = {
			.kind = GATT_FOUND_INCLUDE,
			.uuid = gatt_uuid_from(p + 6, each - 6),
			.handle = get_le16(p),
			.value = get_le16(p + 2),
			.end = get_le16(p + 4),
		};

		if (found.handle <= last || found.handle > end)
			return "its includes are out of order";
		if (!found.value || found.end < found.value)
			return "its included service has an impossible range "
			       "of handles";
		last = found.handle;
		fault = discovery_add(explorer, &found);
		if (fault)
			return fault;
	}
	return ask_after(explorer, last);
}

/* 4.5.1: a UUID of 128 bits is read from the declaration of the service. */
static size_t ask_included(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_READ_REQ;
	put_le16(pdu + 1, looked_at(explorer)->value);
	return 3;
}

static const char *take_included(struct gatt_explorer *explorer,
				 const uint8_t *pdu, size_t len)
{
	const struct gatt_uuid uuid = gatt_uuid_from(pdu + 1, len - 1);

	if (!uuid.len)
		return "its included service has no UUID";
	looked_at(explorer)->uuid = uuid;
	return discovery_next(explorer);
}

static const char *included_refused(struct gatt_explorer *explorer,
				    uint8_t error)
{
	(void)error;
	return discovery_next(explorer);
}

static const char *take_characteristics(struct gatt_explorer *explorer,
					const uint8_t *pdu, size_t len)
{
	size_t each;
	const size_t head = att_list(pdu, len, &each);
	/* Copied: the table may move. */
	const uint16_t start = looked_at(explorer)->handle;
	const uint16_t end = looked_at(explorer)->end;
	uint16_t last = (uint16_t)(explorer->next - 1);
	const char *fault;

	if (!head || (each != 7 && each != 21))
		return "its Read By Type Response is malformed";
	for (const uint8_t *p = pdu + head; p < pdu + len; p += each) {
		const struct gatt_found found = {
			.kind = GATT_FOUND_CHARACTERISTIC,
			.uuid = gatt_uuid_from(p + 5, each - 5),
			.handle = get_le16(p),
			.value = get_le16(p + 3),
			.end = end,
			.properties = p[2],
		};
		struct gatt_found *before =
			&explorer->table[explorer->used - 1].found;

		if (found.handle <= last || found.value <= found.handle ||
		    found.value > end)
			return "its characteristics are out of order";
		if (before->kind == GATT_FOUND_CHARACTERISTIC &&
		    before->handle > start)
			before->end = (uint16_t)(found.handle - 1);
		last = found.value;
		fault = discovery_add(explorer, &found);
		if (fault)
			return fault;
	}
	return ask_after(explorer, last);
}

static size_t ask_descriptors(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_FIND_INFORMATION_REQ;
	put_le16(pdu + 1, explorer->next);
	put_le16(pdu + 3, looked_at(explorer)->end);
	return 5;
}

static bool uuid_is(const struct gatt_uuid *uuid, uint16_t number)
{
	const struct gatt_uuid other = gatt_uuid16(number);

	return gatt_uuid_equal(uuid, &other);
}

static const char *take_descriptor(struct gatt_explorer *explorer,
				   const struct gatt_found *found)
{
	if (uuid_is(&found->uuid, GATT_PRIMARY_SERVICE) ||
	    uuid_is(&found->uuid, GATT_SECONDARY_SERVICE) ||
	    uuid_is(&found->uuid, GATT_CHARACTERISTIC))
		return "it hides a declaration among descriptors";
	/* An include in the wrong place (3.1) is not a descriptor. */
	if (uuid_is(&found->uuid, GATT_INCLUDE))
		return NULL;
	return discovery_add(explorer, found);
}

static const char *take_descriptors(struct gatt_explorer *explorer,
				    const uint8_t *pdu, size_t len)
{
	size_t each;
	const size_t head = att_list(pdu, len, &each);
	const uint16_t end = looked_at(explorer)->end;
	uint16_t last = (uint16_t)(explorer->next - 1);
	const char *fault;

	if (!head)
		return "its Find Information Response is malformed";
	for (const uint8_t *p = pdu + head; p < pdu + len; p += each) {
		const struct gatt_found found = {
			.kind = GATT_FOUND_DESCRIPTOR,
			.uuid = gatt_uuid_from(p + 2, each - 2),
			.handle = get_le16(p),
		};

		if (found.handle <= last || found.handle > end)
			return "its descriptors are out of order";
		last = found.handle;
		fault = take_descriptor(explorer, &found);
		if (fault)
			return fault;
	}
	return ask_after(explorer, last);
}

void gatt_discovery_start(struct gatt_explorer *explorer)
{
	explorer->step = GATT_STEP_PRIMARY;
	explorer->next = 1;
}

const struct gatt_exchange *gatt_discovery_exchange(unsigned int step)
{
	static const struct gatt_exchange exchanges[] = {
		[GATT_STEP_PRIMARY] = { ask_services,
					ATT_READ_BY_GROUP_TYPE_RSP,
					take_services, services_refused },
		[GATT_STEP_SECONDARY] = { ask_services,
					  ATT_READ_BY_GROUP_TYPE_RSP,
					  take_services, services_refused },
		[GATT_STEP_INCLUDES] = { ask_declarations, ATT_READ_BY_TYPE_RSP,
					 take_includes, discovery_refused },
		[GATT_STEP_INCLUDED] = { ask_included, ATT_READ_RSP,
					 take_included, included_refused },
		[GATT_STEP_CHARACTERISTICS] = { ask_declarations,
						ATT_READ_BY_TYPE_RSP,
						take_characteristics,
						discovery_refused },
		[GATT_STEP_DESCRIPTORS] = { ask_descriptors,
					    ATT_FIND_INFORMATION_RSP,
					    take_descriptors,
					    discovery_refused },
	};

	return &exchanges[step];
}
