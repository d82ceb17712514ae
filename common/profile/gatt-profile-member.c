/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The members of a profile's objects, and the messages about wrong ones:
 * strings, numbers, UUIDs, properties, and the permissions that clients need.
 */
#include "config.h"
#include "profile/gatt-profile-load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki/policy.h"
#include "value/gatt-assigned.h"

/* Write the path to a place; what does not fit is left out. */
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
	diag_error("%s: out of memory", loader->path);
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
					      "unknown member; the known ones "
					      "are: %s", members);
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

		/* An argument may be empty, but not the first string. */
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

/* Refuse the UUIDs that no profile may have. */
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

/* Vol 3 Part G 3.3.1.1: in the order of the bits; and then 3.3.3.1. */
static const char *const property_words[] = {
	"broadcast", "read", "write-without-response", "write", "notify",
	"indicate", "signed-write", "reliable-write", "writable-auxiliaries",
	NULL
};

#define EXTENDED_FIRST 7	/* index of the first extended property */

bool profile_properties(struct profile_loader *loader,
			const struct profile_at *at, const json_t *json,
			uint8_t *properties, uint16_t *extended)
{
	unsigned int all = 0, bit;
	size_t word;

	if (!json_array_size(json))
		return profile_refuse(loader, at, "an array of properties is "
				      "wanted, at least one");
	for (size_t i = 0; i < json_array_size(json); i++) {
		const struct profile_at *each = PROFILE_ELEMENT(at, i);

		if (!profile_word(loader, each, json_array_get(json, i),
				  property_words, &word))
			return false;
		bit = 1U << word;
		if (all & bit)
			return profile_refuse(loader, each, "`%s' is listed "
					      "twice", property_words[word]);
		all |= bit;
	}
	*extended = (uint16_t)(all >> EXTENDED_FIRST);
	*properties = (uint8_t)(all & ((1U << EXTENDED_FIRST) - 1));
	if (*extended)
		*properties |= GATT_PROPERTY_EXTENDED;
	if ((*extended & PROFILE_RELIABLE) &&
	    !(*properties & GATT_PROPERTY_WRITE))
		return profile_refuse(loader, at, "`reliable-write' is only "
				      "possible with `write'");
	return true;
}

uint8_t profile_access(uint8_t properties)
{
	uint8_t access = 0;

	if (properties & GATT_PROPERTY_READ)
		access |= GATT_READ;
	if (properties & GATT_PROPERTY_WRITE)
		access |= GATT_WRITE;
	if (properties & GATT_PROPERTY_WRITE_CMD)
		access |= GATT_WRITE_COMMAND;
	if (properties & GATT_PROPERTY_SIGNED_WRITE)
		access |= GATT_WRITE_SIGNED;
	return access;
}

/* In the order of enum gatt_level. */
static const char *const level_words[] = {
	"open", "encrypted", "authenticated", "secure-connections", NULL
};

static bool load_level(struct profile_loader *loader,
		       const struct profile_at *at, const json_t *json,
		       struct gatt_requirement *requirement)
{
	size_t word;

	if (!profile_word(loader, at, json, level_words, &word))
		return false;
	requirement->level = (uint8_t)(GATT_LEVEL_OPEN + word);
	return true;
}

static bool same_strings(char *const *a, char *const *b)
{
	while (*a && *b && !strcmp(*a, *b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

/*
 * The authorization of these peers, or 0 if memory is short.  Takes over the
 * list.
 */
static uint32_t authorization_of(struct gatt_profile *profile, char **peers)
{
	char ***grown;

	for (size_t i = 0; i < profile->peers_count; i++) {
		if (same_strings(profile->peers[i], peers)) {
			profile_free_strings(peers);
			return (uint32_t)(i + 1);
		}
	}
	grown = realloc(profile->peers,
			(profile->peers_count + 1) * sizeof(*grown));
	if (!grown) {
		profile_free_strings(peers);
		return 0;
	}
	profile->peers = grown;
	grown[profile->peers_count] = peers;
	return (uint32_t)++profile->peers_count;
}

static bool load_peers(struct profile_loader *loader,
		       const struct profile_at *at, const json_t *json,
		       uint32_t *authorization)
{
	char **peers = profile_strings(loader, at, json);

	if (!peers)
		return false;
	for (size_t i = 0; peers[i]; i++) {
		const struct profile_at *each = PROFILE_ELEMENT(at, i);
		bool good = true;

		if (!peers[i][0])
			good = profile_refuse(loader, each, "a string is "
					      "wanted that is not empty");
		else if (strchr(peers[i], '/') && !policy_pin_valid(peers[i]))
			good = profile_refuse(loader, each, "`%s' is neither a "
					      "name, which has no `/', nor a "
					      "pin: sha256// and 44 "
					      "characters of base64",
					      peers[i]);
		if (!good) {
			profile_free_strings(peers);
			return false;
		}
	}
	*authorization = authorization_of(loader->profile, peers);
	return *authorization || profile_no_memory(loader);
}

static bool load_key_size(struct profile_loader *loader,
			  const struct profile_at *at, const json_t *json,
			  struct gatt_requirement *requirement)
{
	int size = 0;

	if (!profile_integer(loader, at, json, 7, 16, &size))
		return false;
	if (requirement->level <= GATT_LEVEL_OPEN)
		return profile_refuse(loader, at, "this needs \"security\": "
				      "encrypted, authenticated or "
				      "secure-connections");
	requirement->key_size = (uint8_t)size;
	return true;
}

static bool check_signed(struct profile_loader *loader,
			 const struct profile_at *at, const json_t *json,
			 uint8_t properties)
{
	if (!json_is_true(json))
		return profile_refuse(loader, at, "true is wanted, or nothing");
	if ((properties & PROFILE_WRITES) != GATT_PROPERTY_SIGNED_WRITE)
		return profile_refuse(loader, at, "only what has the property "
				      "`signed-write', and neither `write' nor "
				      "`write-without-response', is always "
				      "signed");
	return true;
}

static bool load_permission(struct profile_loader *loader,
			    const struct profile_at *at, const json_t *json,
			    bool writing, uint8_t properties,
			    struct gatt_requirement *requirement)
{
	const json_t *security, *key_size, *peers, *sign;

	requirement->level = GATT_LEVEL_OPEN;
	if (json_is_string(json))
		return load_level(loader, at, json, requirement);
	if (!json_is_object(json))
		return profile_refuse(loader, at, "a string (open, encrypted, "
				      "authenticated, secure-connections) or "
				      "an object is wanted");
	if (!profile_object(loader, at, json, writing ?
			    "security min_key_size peers signed" :
			    "security min_key_size peers"))
		return false;
	security = json_object_get(json, "security");
	key_size = json_object_get(json, "min_key_size");
	peers = json_object_get(json, "peers");
	sign = json_object_get(json, "signed");
	return (!security ||
		load_level(loader, PROFILE_MEMBER(at, "security"), security,
			   requirement)) &&
	       (!key_size ||
		load_key_size(loader, PROFILE_MEMBER(at, "min_key_size"),
			      key_size, requirement)) &&
	       (!peers ||
		load_peers(loader, PROFILE_MEMBER(at, "peers"), peers,
			   &requirement->authorization)) &&
	       (!sign ||
		check_signed(loader, PROFILE_MEMBER(at, "signed"), sign,
			     properties));
}

bool profile_permissions(struct profile_loader *loader,
			 const struct profile_at *at, const json_t *json,
			 uint8_t properties, struct gatt_requirement *read,
			 struct gatt_requirement *write)
{
	const json_t *reading = json_object_get(json, "read");
	const json_t *writing = json_object_get(json, "write");
	const struct profile_at *at_read = PROFILE_MEMBER(at, "read");
	const struct profile_at *at_write = PROFILE_MEMBER(at, "write");

	*read = *write = (struct gatt_requirement){ .level = GATT_LEVEL_OPEN };
	if (reading && !(properties & (GATT_PROPERTY_READ | PROFILE_NOTIFIES)))
		return profile_refuse(loader, at_read, "it can be neither "
				      "read, notified nor indicated: leave "
				      "this out, or give it the property");
	if (writing && !(properties & PROFILE_WRITES))
		return profile_refuse(loader, at_write, "it cannot be written: "
				      "leave this out, or give it the "
				      "property");
	return (!reading || load_permission(loader, at_read, reading, false,
					    properties, read)) &&
	       (!writing || load_permission(loader, at_write, writing, true,
					    properties, write));
}
