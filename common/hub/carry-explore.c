/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GATT operations on the peer, and what it notifies, as events. */
#include "config.h"
#include "hub/hub-part.h"

#include <string.h>

#include "value/gatt-assigned.h"
#include "att/gatt-explorer.h"
#include "value/gatt-value.h"

struct explored {
	bool all;		/* all operations have their results */
	bool subscribed;
};

static json_t *about_uuid(const struct gatt_uuid *uuid)
{
	const struct gatt_assigned *assigned = gatt_assigned_of(uuid);
	char text[GATT_UUID_TEXT];
	json_t *more = json_object();

	if (!uuid->len)
		return more;
	gatt_uuid_print(uuid, text);
	json_object_set_new(more, "uuid", json_string(text));
	if (assigned)
		json_object_set_new(more, "name", json_string(assigned->name));
	return more;
}

static json_t *property_names(uint8_t properties)
{
	static const char *const names[] = {
		"broadcast", "read", "write-without-response", "write",
		"notify", "indicate", "signed-write", "extended",
	};
	json_t *list = json_array();

	for (int i = 0; i < 8; i++)
		if (properties & 1 << i)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

static void explore_found(struct peer *peer, const struct gatt_found *found)
{
	static const char *const events[] = {
		[GATT_FOUND_PRIMARY] = "service",
		[GATT_FOUND_SECONDARY] = "service",
		[GATT_FOUND_INCLUDE] = "include",
		[GATT_FOUND_CHARACTERISTIC] = "characteristic",
		[GATT_FOUND_DESCRIPTOR] = "descriptor",
	};
	json_t *more = about_uuid(&found->uuid);

	json_object_set_new(more, "handle", json_integer(
		found->kind == GATT_FOUND_CHARACTERISTIC ? found->value :
		found->handle));
	if (found->end)
		json_object_set_new(more, "end", json_integer(found->end));
	if (found->kind <= GATT_FOUND_SECONDARY)
		json_object_set_new(more, "primary", json_boolean(
			found->kind == GATT_FOUND_PRIMARY));
	else if (found->kind == GATT_FOUND_CHARACTERISTIC)
		json_object_set_new(more, "properties",
				    property_names(found->properties));
	else if (found->kind == GATT_FOUND_INCLUDE)
		json_object_set_new(more, "service",
				    json_integer(found->value));
	peer_event(peer, events[found->kind], more);
}

static const char *status_words(int status)
{
	switch (status) {
	case GATT_OP_NOT_FOUND:
		return "it has no attribute of that UUID";
	case GATT_OP_NOT_SUPPORTED:
		return "its properties do not permit that";
	case GATT_OP_TOO_LONG:
		return "the value is too long for that";
	case GATT_OP_DIFFERENT:
		return "it returned a different value, and nothing was written";
	default:
		return att_error_name((uint8_t)status);
	}
}

static void explore_result(struct peer *peer,
			   const struct worker_result *result,
			   const uint8_t *value, size_t len)
{
	static const char *const events[] = {
		[GATT_OP_DISCOVER] = "discovered", [GATT_OP_READ] = "read",
		[GATT_OP_WRITE] = "written",
		[GATT_OP_WRITE_COMMAND] = "written",
		[GATT_OP_RELIABLE_WRITE] = "written",
		[GATT_OP_NOTIFY] = "subscribed",
		[GATT_OP_INDICATE] = "subscribed",
	};
	const struct session_settings *set = &peer->set->session;
	struct explored *so_far = peer->carried;
	const struct gatt_op *op;
	json_t *more = about_uuid(&result->uuid);

	if (result->op >= set->op_count) {
		json_decref(more);
		return;
	}
	op = &set->ops[result->op];
	if (result->handle)
		json_object_set_new(more, "handle",
				    json_integer(result->handle));
	if (result->status) {
		peer->failed = true;
		if (result->status > 0)
			json_object_set_new(more, "error",
					    json_integer(result->status));
		json_object_set_new(more, "reason", json_string(
			status_words(result->status)));
	} else if (op->kind == GATT_OP_READ) {
		gatt_value_tell(more, &result->uuid, value, len);
	} else if (op->kind >= GATT_OP_NOTIFY) {
		so_far->subscribed = true;
	}
	peer_event(peer, events[op->kind], more);
}

static void explore_notified(struct peer *peer,
			     const struct worker_notified *notified,
			     const uint8_t *value, size_t len)
{
	struct hub *hub = peer->hub;
	json_t *more = about_uuid(&notified->uuid);

	json_object_set_new(more, "handle", json_integer(notified->handle));
	gatt_value_tell(more, &notified->uuid, value, len);
	peer_event(peer, notified->indication ? "indication" : "notification",
		   more);
	hub_received(hub);
}

static void explore_done(struct peer *peer)
{
	((struct explored *)peer->carried)->all = true;
}

static bool explore_over(const struct peer *peer)
{
	const struct explored *so_far = peer->carried;

	return so_far->all && !so_far->subscribed;
}

static const char *explore_missing(const struct peer *peer)
{
	return ((const struct explored *)peer->carried)->all ?
		NULL : "all operations were done";
}

const struct carry carry_explore = {
	.peer_size = sizeof(struct explored),
	.found = explore_found, .result = explore_result,
	.notified = explore_notified, .explored = explore_done,
	.over = explore_over, .missing = explore_missing,
};
