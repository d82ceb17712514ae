/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A characteristic of a profile, with its descriptors. */
#include "config.h"
#include "profile/gatt-profile-load.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "value/gatt-assigned.h"

/* What is stored and may change has room for that, of whatever length. */
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
 * A descriptor that a property asks for.  Configuring requires what reading
 * the value does: whoever may not read it, is not notified of it either.
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
		profile_not_added(loader, at);
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
		return profile_not_added(loader, at);
	return true;
}

/* Part G 3.3.3: what there is one of, at most. */
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
		return profile_not_added(loader, at);
	return set_attribute(loader, handle, &read, &write, max);
}

/* Part G 3.3.3.2: what the property promises. */
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

/* The declaration, the value, and descriptors; value->from is taken over. */
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
		return profile_not_added(loader, at);
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

bool profile_characteristic(struct profile_loader *loader,
			    const struct profile_at *at, const json_t *json)
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
