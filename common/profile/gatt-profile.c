/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: their services, characteristics and descriptors. */
#include "config.h"
#include "profile/gatt-profile.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "value/gatt-assigned.h"
#include "profile/gatt-profile-load.h"

#define DEVICE_NAME_MAX 248	/* Vol 3 Part C 12.1 */

/* Say why nothing was added: no handle is left, or no memory. */
static bool not_added(struct profile_loader *loader,
		      const struct profile_at *at)
{
	/* A characteristic takes two handles. */
	if (loader->profile->db.count + 2 <= GATT_DB_MAX)
		return profile_no_memory(loader);
	return profile_refuse(loader, at, "there is no handle left for it: a "
			      "database has at most %d attributes",
			      GATT_DB_MAX);
}

/*
 * A stored value that may change gets room for its maximum, and any length up
 * to that.
 */
static bool set_attribute(struct profile_loader *loader, uint16_t handle,
			  const struct gatt_requirement *read,
			  const struct gatt_requirement *write, size_t max)
{
	struct gatt_db *db = &loader->profile->db;
	struct gatt_attribute *attribute = gatt_db_find(db, handle);

	attribute->read = *read;
	attribute->write = *write;
	return !max || gatt_db_set_length(db, handle, max, true) ||
	       profile_no_memory(loader);
}

/*
 * Add a descriptor that a property requires.  Writing it requires what reading
 * the value does: a client that may not read the value is not notified of it
 * either.
 */
static uint16_t add_automatic(struct profile_loader *loader,
			      const struct profile_at *at, uint16_t number,
			      uint16_t bits, bool writable,
			      const struct gatt_requirement *write)
{
	const struct gatt_uuid uuid = gatt_uuid16(number);
	struct gatt_db *db = &loader->profile->db;
	uint8_t value[2];
	uint16_t handle;

	put_le16(value, bits);
	handle = gatt_db_descriptor(db, &uuid, writable ?
				    GATT_READ | GATT_WRITE : GATT_READ,
				    value, sizeof(value));
	if (handle)
		gatt_db_find(db, handle)->write = *write;
	else
		not_added(loader, at);
	return handle;
}

static bool add_automatics(struct profile_loader *loader,
			   const struct profile_at *at,
			   struct gatt_profile_value *value, uint16_t extended,
			   const struct gatt_requirement *read)
{
	const struct gatt_requirement none = { .level = GATT_LEVEL_OPEN };

	if (extended && !add_automatic(loader, at, GATT_EXTENDED_PROPERTIES,
				       extended, false, &none))
		return false;
	if (value->properties & PROFILE_NOTIFIES) {
		value->configuration = add_automatic(loader, at,
			GATT_CLIENT_CONFIGURATION, 0, true, read);
		if (!value->configuration)
			return false;
	}
	if (value->properties & PROFILE_BROADCAST) {
		value->broadcast = add_automatic(loader, at,
			PROFILE_SERVER_CONFIGURATION, 0, true, read);
		if (!value->broadcast)
			return false;
	}
	return true;
}

static bool add_description(struct profile_loader *loader,
			    const struct profile_at *at, const json_t *json)
{
	const struct gatt_uuid uuid = gatt_uuid16(PROFILE_DESCRIPTION);
	const char *text;

	if (!json)
		return true;
	text = profile_string(loader, at, json);
	if (!text)
		return false;
	if (strlen(text) > ATT_VALUE_MAX)
		return profile_refuse(loader, at, "it is longer than %d octets",
				      ATT_VALUE_MAX);
	if (!gatt_db_descriptor(&loader->profile->db, &uuid, GATT_READ, text,
				strlen(text)))
		return not_added(loader, at);
	return true;
}

/* Part G 3.3.3: there may be one of these descriptors at most. */
static bool check_descriptor(struct profile_loader *loader,
			     const struct profile_at *at,
			     const struct gatt_uuid *uuid, uint16_t value)
{
	const struct gatt_db *db = &loader->profile->db;
	uint16_t number = 0;

	gatt_uuid_number(uuid, &number);
	if (number == GATT_EXTENDED_PROPERTIES ||
	    number == GATT_CLIENT_CONFIGURATION ||
	    number == PROFILE_SERVER_CONFIGURATION)
		return profile_refuse(loader, at, "%04x is added where a "
				      "property needs it: leave this out",
				      number);
	if (number != PROFILE_DESCRIPTION)
		return true;
	for (size_t i = value; i < db->count; i++)
		if (gatt_attribute_is(&db->attributes[i], number))
			return profile_refuse(loader, at, "a characteristic "
					      "has one description");
	return true;
}

static bool load_descriptor(struct profile_loader *loader,
			    const struct profile_at *at, const json_t *json,
			    uint16_t characteristic)
{
	struct gatt_requirement read, write;
	struct profile_value value;
	struct gatt_uuid uuid;
	uint8_t properties = GATT_PROPERTY_READ;
	uint16_t handle;
	size_t max;

	if (!profile_object(loader, at, json, "uuid value max read write") ||
	    !profile_uuid(loader, PROFILE_MEMBER(at, "uuid"),
			  json_object_get(json, "uuid"), GATT_KIND_DESCRIPTOR,
			  &uuid) ||
	    !check_descriptor(loader, PROFILE_MEMBER(at, "uuid"), &uuid,
			      characteristic))
		return false;
	if (json_object_get(json, "write"))
		properties |= GATT_PROPERTY_WRITE;
	if (!profile_permissions(loader, at, json, properties, &read, &write) ||
	    !profile_value(loader, at, json, &uuid, properties, true, &value,
			   &max))
		return false;
	handle = gatt_db_descriptor(&loader->profile->db, &uuid,
				    profile_access(properties), value.octets,
				    value.len);
	if (!handle)
		return not_added(loader, at);
	return set_attribute(loader, handle, &read, &write, max);
}

/* Part G 3.3.3.2: the property and the descriptor go together. */
static bool check_auxiliaries(struct profile_loader *loader,
			      const struct profile_at *at, uint16_t extended,
			      uint16_t value)
{
	const struct gatt_db *db = &loader->profile->db;
	bool writable = false;

	for (size_t i = value; i < db->count; i++)
		if (gatt_attribute_is(&db->attributes[i], PROFILE_DESCRIPTION))
			writable = db->attributes[i].access & GATT_WRITE;
	if (!(extended & PROFILE_AUXILIARIES) == !writable)
		return true;
	return profile_refuse(loader, at, "`writable-auxiliaries' is what a "
			      "descriptor 2901 with \"write\" is for: %s",
			      writable ? "add the property"
				       : "there is none");
}

static bool load_descriptors(struct profile_loader *loader,
			     const struct profile_at *at, const json_t *json,
			     uint16_t characteristic)
{
	const json_t *list = json_object_get(json, "descriptors");
	const struct profile_at *here = PROFILE_MEMBER(at, "descriptors");

	if (list && !json_is_array(list))
		return profile_refuse(loader, here, "an array is wanted");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!load_descriptor(loader, PROFILE_ELEMENT(here, i),
				     json_array_get(list, i), characteristic))
			return false;
	return true;
}

/*
 * Add the declaration, the value and the descriptors.  Takes over value->from.
 */
static bool add_characteristic(struct profile_loader *loader,
			       const struct profile_at *at, const json_t *json,
			       struct profile_value *value, size_t max,
			       const struct gatt_requirement *read,
			       const struct gatt_requirement *write,
			       uint16_t extended)
{
	struct gatt_profile *profile = loader->profile;
	struct gatt_profile_value *from = &value->from;
	struct gatt_attribute *attribute;

	from->handle = gatt_db_characteristic(&profile->db, &from->uuid,
		from->properties, profile_access(from->properties),
		value->octets, value->len);
	if (!from->handle)
		return not_added(loader, at);
	if (!set_attribute(loader, from->handle, read, write, max))
		return false;
	attribute = gatt_db_find(&profile->db, from->handle);
	attribute->external = from->source != GATT_SOURCE_CONSTANT;
	return add_automatics(loader, at, from, extended, read) &&
	       add_description(loader, PROFILE_MEMBER(at, "description"),
			       json_object_get(json, "description")) &&
	       load_descriptors(loader, at, json, from->handle) &&
	       check_auxiliaries(loader, PROFILE_MEMBER(at, "properties"),
				 extended, from->handle);
}

static bool append_value(struct profile_loader *loader,
			 const struct gatt_profile_value *value)
{
	struct gatt_profile *profile = loader->profile;
	struct gatt_profile_value *values = profile->values;
	size_t count = profile->count;

	/* The room is a power of two, doubled whenever it is full. */
	if (!(count & (count - 1))) {
		values = reallocarray(values, count ? 2 * count : 1,
				      sizeof(*values));
		if (!values)
			return profile_no_memory(loader);
		profile->values = values;
	}
	values[profile->count++] = *value;
	return true;
}

static bool load_characteristic(struct profile_loader *loader,
				const struct profile_at *at,
				const json_t *json)
{
	struct gatt_requirement read, write;
	struct profile_value value;
	struct gatt_uuid uuid;
	uint8_t properties;
	uint16_t extended;
	size_t max;
	bool done;

	if (!profile_object(loader, at, json, "uuid properties value max read "
			    "write description descriptors") ||
	    !profile_uuid(loader, PROFILE_MEMBER(at, "uuid"),
			  json_object_get(json, "uuid"),
			  GATT_KIND_CHARACTERISTIC, &uuid) ||
	    !profile_properties(loader, PROFILE_MEMBER(at, "properties"),
				json_object_get(json, "properties"),
				&properties, &extended) ||
	    !profile_permissions(loader, at, json, properties, &read, &write))
		return false;
	done = profile_value(loader, at, json, &uuid, properties, false,
			     &value, &max);
	value.from.uuid = uuid;
	value.from.properties = properties;
	done = done && add_characteristic(loader, at, json, &value, max, &read,
					  &write, extended) &&
	       append_value(loader, &value.from);
	if (!done)
		profile_free_value(&value.from);
	return done;
}

/* The handle of the earlier service that is included, or 0. */
static uint16_t find_service(struct profile_loader *loader,
			     const struct profile_at *at, const json_t *json)
{
	const struct gatt_db *db = &loader->profile->db;
	size_t last = loader->service_count - 1;
	struct gatt_uuid uuid;
	uint16_t found = 0;
	int index;

	if (json_is_integer(json)) {
		if (!last)
			profile_refuse(loader, at, "no service is before this "
				       "one");
		else if (profile_integer(loader, at, json, 0, (int)last - 1,
					 &index))
			found = loader->services[index];
		return found;
	}
	if (!profile_uuid(loader, at, json, GATT_KIND_SERVICE, &uuid))
		return 0;
	for (size_t i = 0; i < last; i++) {
		const struct gatt_attribute *service =
			gatt_db_find(db, loader->services[i]);
		const struct gatt_uuid own = gatt_uuid_from(service->value,
							    service->len);

		if (!gatt_uuid_equal(&own, &uuid))
			continue;
		if (found) {
			profile_refuse(loader, at, "several services before "
				       "this one have that UUID; give the "
				       "index");
			return 0;
		}
		found = service->handle;
	}
	if (!found)
		profile_refuse(loader, at, "no service before this one has "
			       "that UUID");
	return found;
}

static bool load_includes(struct profile_loader *loader,
			  const struct profile_at *at, const json_t *json)
{
	const struct gatt_db *db = &loader->profile->db;

	if (json && !json_is_array(json))
		return profile_refuse(loader, at, "an array is wanted");
	for (size_t i = 0; i < json_array_size(json); i++) {
		const struct profile_at *each = PROFILE_ELEMENT(at, i);
		uint16_t service = find_service(loader, each,
						json_array_get(json, i));

		if (!service)
			return false;
		for (size_t n = db->service; n < db->count; n++)
			if (get_le16(db->attributes[n].value) == service)
				return profile_refuse(loader, each, "this "
						      "service is included "
						      "already");
		if (!gatt_db_include(&loader->profile->db, service))
			return not_added(loader, each);
	}
	return true;
}

/* Add the declaration, and remember the service. */
static bool add_service(struct profile_loader *loader,
			const struct profile_at *at,
			const struct gatt_uuid *uuid, bool secondary)
{
	struct gatt_profile *profile = loader->profile;
	struct gatt_uuid *advertise;
	uint16_t *services, handle;

	if (secondary)
		handle = gatt_db_secondary_service(&profile->db, uuid);
	else
		handle = gatt_db_service(&profile->db, uuid);
	if (!handle)
		return not_added(loader, at);
	services = reallocarray(loader->services, loader->service_count + 1,
				sizeof(*services));
	if (!services)
		return profile_no_memory(loader);
	loader->services = services;
	services[loader->service_count++] = handle;
	if (secondary)
		return true;
	advertise = reallocarray(profile->advertise,
				 profile->advertise_count + 1,
				 sizeof(*advertise));
	if (!advertise)
		return profile_no_memory(loader);
	profile->advertise = advertise;
	advertise[profile->advertise_count++] = *uuid;
	return true;
}

static bool load_service(struct profile_loader *loader,
			 const struct profile_at *at, const json_t *json)
{
	static const char *const types[] = { "primary", "secondary", NULL };
	const struct profile_at *here = PROFILE_MEMBER(at, "characteristics");
	const struct profile_at *at_uuid = PROFILE_MEMBER(at, "uuid");
	const json_t *list, *type;
	struct gatt_uuid uuid;
	uint16_t number = 0;
	size_t secondary = 0;

	if (!profile_object(loader, at, json,
			    "uuid type includes characteristics") ||
	    !profile_uuid(loader, at_uuid, json_object_get(json, "uuid"),
			  GATT_KIND_SERVICE, &uuid))
		return false;
	gatt_uuid_number(&uuid, &number);
	if (number == PROFILE_GAP || number == PROFILE_GATT)
		return profile_refuse(loader, at_uuid, "%04x is always there: "
				      "leave this service out", number);
	type = json_object_get(json, "type");
	if (type && !profile_word(loader, PROFILE_MEMBER(at, "type"), type,
				  types, &secondary))
		return false;
	list = json_object_get(json, "characteristics");
	if (list && !json_is_array(list))
		return profile_refuse(loader, here, "an array is wanted");
	if (!add_service(loader, at, &uuid, secondary) ||
	    !load_includes(loader, PROFILE_MEMBER(at, "includes"),
			   json_object_get(json, "includes")))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!load_characteristic(loader, PROFILE_ELEMENT(here, i),
					 json_array_get(list, i)))
			return false;
	return true;
}

/* Add the services that every server has (Vol 3 Part C 12, Part G 7). */
static bool add_generic(struct profile_loader *loader, const char *name)
{
	const struct gatt_uuid gap = gatt_uuid16(PROFILE_GAP);
	const struct gatt_uuid gatt = gatt_uuid16(PROFILE_GATT);
	const struct gatt_uuid device_name = gatt_uuid16(0x2a00);
	const struct gatt_uuid appearance = gatt_uuid16(0x2a01);
	struct gatt_db *db = &loader->profile->db;
	uint8_t value[2];

	put_le16(value, loader->profile->appearance);
	return (gatt_db_service(db, &gap) &&
		gatt_db_characteristic(db, &device_name, GATT_PROPERTY_READ,
				       GATT_READ, name,
				       strnlen(name, DEVICE_NAME_MAX)) &&
		gatt_db_characteristic(db, &appearance, GATT_PROPERTY_READ,
				       GATT_READ, value, sizeof(value)) &&
		gatt_db_service(db, &gatt)) || profile_no_memory(loader);
}

static bool load_root(struct profile_loader *loader, const json_t *json,
		      const char *name)
{
	static const char *const exposures[] = { "channel", "link", "both",
						 NULL };
	const struct profile_at root = { 0 };
	const struct profile_at *here = PROFILE_MEMBER(&root, "services");
	const json_t *appearance, *expose, *services;
	int number = 0;
	size_t where = 0;

	if (!profile_object(loader, &root, json, "appearance expose services"))
		return false;
	appearance = json_object_get(json, "appearance");
	expose = json_object_get(json, "expose");
	services = json_object_get(json, "services");
	if (appearance &&
	    !profile_integer(loader, PROFILE_MEMBER(&root, "appearance"),
			     appearance, 0, 0xffff, &number))
		return false;
	if (expose && !profile_word(loader, PROFILE_MEMBER(&root, "expose"),
				    expose, exposures, &where))
		return false;
	if (!json_array_size(services))
		return profile_refuse(loader, here, "an array of services is "
				      "wanted, at least one");
	loader->profile->appearance = (uint16_t)number;
	loader->profile->expose_channel = where != 1;
	loader->profile->expose_link = where != 0;
	if (!add_generic(loader, name))
		return false;
	for (size_t i = 0; i < json_array_size(services); i++)
		if (!load_service(loader, PROFILE_ELEMENT(here, i),
				  json_array_get(services, i)))
			return false;
	return true;
}

static json_t *read_json(const char *path)
{
	FILE *file = fopen(path, "re");
	json_error_t error;
	json_t *json;

	if (!file) {
		diag_error("cannot read the profile `%s': %s", path,
			   strerror(errno));
		return NULL;
	}
	json = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		diag_error("%s:%d:%d: %s", path, error.line, error.column,
			   error.text);
	fclose(file);
	return json;
}

enum status gatt_profile_load(const char *path, const char *device_name,
			      struct gatt_profile *profile)
{
	struct profile_loader loader = { .path = path, .profile = profile };
	const char *slash = strrchr(path, '/');
	json_t *json;

	*profile = (struct gatt_profile){ 0 };
	json = read_json(path);
	if (!json)
		return STATUS_IDENTITY;
	loader.dir = strndup(path, slash ? (size_t)(slash + 1 - path) : 0);
	if (!loader.dir)
		profile_no_memory(&loader);
	else
		load_root(&loader, json, device_name);
	json_decref(json);
	free(loader.dir);
	free(loader.services);
	if (loader.status)
		gatt_profile_free(profile);
	return loader.status;
}

void gatt_profile_free(struct gatt_profile *profile)
{
	gatt_db_free(&profile->db);
	for (size_t i = 0; i < profile->count; i++)
		profile_free_value(&profile->values[i]);
	free(profile->values);
	free(profile->advertise);
	for (size_t i = 0; i < profile->peers_count; i++)
		profile_free_strings(profile->peers[i]);
	free(profile->peers);
	*profile = (struct gatt_profile){ 0 };
}

const struct gatt_profile_value *
gatt_profile_find(const struct gatt_profile *profile, uint16_t handle)
{
	for (size_t i = 0; i < profile->count; i++)
		if (profile->values[i].handle == handle)
			return &profile->values[i];
	return NULL;
}

bool gatt_profile_authorizes(const struct gatt_profile *profile,
			     uint32_t authorization, const char *name,
			     const char *pin)
{
	if (!authorization || authorization > profile->peers_count)
		return false;
	for (char **peer = profile->peers[authorization - 1]; *peer; peer++)
		if (!strcmp(*peer, pin) ||
		    (*name && !strchr(*peer, '/') &&
		     !fnmatch(*peer, name, 0)))
			return true;
	return false;
}
