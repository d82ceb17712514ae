/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of a profile, and what is said of wrong ones. */
#include "config.h"
#include "profile/gatt-profile-load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/gatt-assigned.h"

/* Write the path to it; what does not fit is left out. */
static void print_at(const struct profile_at *at, char *text, size_t size)
{
	size_t len;

	if (!at->up) {
		snprintf(text, size, "$");
		return;
	}
	print_at(at->up, text, size);
	len = strlen(text);
	if (at->member)
		snprintf(text + len, size - len, ".%s", at->member);
	else
		snprintf(text + len, size - len, "[%zu]", at->index);
}

bool profile_refuse(struct profile_loader *loader, const struct profile_at *at,
		    const char *format, ...)
{
	char where[256], text[512];
	va_list ap;

	print_at(at, where, sizeof(where));
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	diag_error("%s: %s: %s", loader->path, where, text);
	loader->status = STATUS_IDENTITY;
	return false;
}

bool profile_no_memory(struct profile_loader *loader)
{
	diag_error("%s: memory is short", loader->path);
	loader->status = STATUS_OTHER;
	return false;
}

static bool listed(const char *members, const char *name)
{
	size_t len = strlen(name);

	while (*members) {
		size_t word = strcspn(members, " ");

		if (word == len && !memcmp(members, name, len))
			return true;
		members += word;
		members += strspn(members, " ");
	}
	return false;
}

bool profile_object(struct profile_loader *loader, const struct profile_at *at,
		    const json_t *json, const char *members)
{
	const char *name;
	json_t *value;

	if (!json_is_object(json))
		return profile_refuse(loader, at, "an object is wanted");
	json_object_foreach((json_t *)json, name, value)
		if (!listed(members, name))
			return profile_refuse(loader, PROFILE_MEMBER(at, name),
					      "unknown member; there can be: "
					      "%s", members);
	return true;
}

const char *profile_string(struct profile_loader *loader,
			   const struct profile_at *at, const json_t *json)
{
	const char *text = json_string_value(json);

	if (text && *text)
		return text;
	profile_refuse(loader, at, "a string is wanted%s",
		       text ? " that is not empty" : "");
	return NULL;
}

char **profile_strings(struct profile_loader *loader,
		       const struct profile_at *at, const json_t *json)
{
	size_t count = json_array_size(json);
	char **strings;

	if (!count) {
		profile_refuse(loader, at, "an array of strings is wanted, at "
			       "least one");
		return NULL;
	}
	strings = calloc(count + 1, sizeof(*strings));
	if (!strings) {
		profile_no_memory(loader);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		const json_t *element = json_array_get(json, i);
		const char *text = json_string_value(element);

		/* An argument may be empty; what is run or who, may not. */
		if (!text || !i)
			text = profile_string(loader, PROFILE_ELEMENT(at, i),
					      element);
		if (!text || !(strings[i] = strdup(text))) {
			if (text)
				profile_no_memory(loader);
			profile_free_strings(strings);
			return NULL;
		}
	}
	return strings;
}

void profile_free_strings(char **strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		free(strings[i]);
	free(strings);
}

bool profile_integer(struct profile_loader *loader,
		     const struct profile_at *at, const json_t *json, int min,
		     int max, int *value)
{
	json_int_t number = json_integer_value(json);

	if (!json_is_integer(json) || number < min || number > max)
		return profile_refuse(loader, at, "a number from %d to %d is "
				      "wanted", min, max);
	*value = (int)number;
	return true;
}

bool profile_word(struct profile_loader *loader, const struct profile_at *at,
		  const json_t *json, const char *const *words, size_t *index)
{
	const char *text = json_string_value(json);
	char all[256] = "";
	size_t len = 0;

	for (size_t i = 0; words[i]; i++) {
		if (text && !strcmp(text, words[i])) {
			*index = i;
			return true;
		}
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s",
					i ? ", " : "", words[i]);
	}
	if (text)
		return profile_refuse(loader, at, "`%s' is none of: %s", text,
				      all);
	return profile_refuse(loader, at, "a string is wanted, one of: %s",
			      all);
}

/* What no profile may have. */
static bool uuid_allowed(struct profile_loader *loader,
			 const struct profile_at *at, unsigned int kind,
			 const struct gatt_uuid *uuid)
{
	const struct gatt_assigned *assigned = gatt_assigned_of(uuid);

	if (gatt_uuid_equal(uuid, &tunnel_uuid_service) ||
	    gatt_uuid_equal(uuid, &tunnel_uuid_capability) ||
	    gatt_uuid_equal(uuid, &tunnel_uuid_inbound) ||
	    gatt_uuid_equal(uuid, &tunnel_uuid_outbound))
		return profile_refuse(loader, at, "this is the tunnel's own "
				      "(blesec-protocol(7)); choose another");
	if (assigned && !(assigned->kind & kind))
		return profile_refuse(loader, at, "%04x is a %s, %s; a %s is "
				      "wanted", assigned->number,
				      gatt_kind_name(assigned->kind),
				      assigned->name, gatt_kind_name(kind));
	return true;
}

bool profile_uuid(struct profile_loader *loader, const struct profile_at *at,
		  const json_t *json, unsigned int kind,
		  struct gatt_uuid *uuid)
{
	const char *text;

	if (!json)
		return profile_refuse(loader, at, "it is missing: the UUID of "
				      "a %s, or its name, is wanted",
				      gatt_kind_name(kind));
	text = profile_string(loader, at, json);
	if (!text)
		return false;
	switch (gatt_uuid_parse(text, kind, uuid)) {
	case GATT_NAMED_ONE:
		return uuid_allowed(loader, at, kind, uuid);
	case GATT_NAMED_SEVERAL:
		return profile_refuse(loader, at, "`%s' is the name of several "
				      "%ss; give the UUID", text,
				      gatt_kind_name(kind));
	case GATT_NAMED_NONE:
		break;
	}
	return profile_refuse(loader, at, "`%s' is neither a UUID (four "
			      "hexadecimal digits, or 36 characters) nor the "
			      "name of a %s", text, gatt_kind_name(kind));
}
