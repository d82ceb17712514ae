/* SPDX-License-Identifier: GPL-3.0-or-later */
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

bool profile_not_added(struct profile_loader *loader,
		       const struct profile_at *at)
{
	/* A characteristic takes two. */
	if (loader->profile->db.count + 2 <= GATT_DB_MAX)
		return profile_no_memory(loader);
	return profile_refuse(loader, at, "there is no handle left for it: a "
			      "database has at most %d attributes",
			      GATT_DB_MAX);
}

/* The handle of the earlier service that is meant, or 0. */
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
			return profile_not_added(loader, each);
	}
	return true;
}

/* The declaration, and what is known of the service. */
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
		return profile_not_added(loader, at);
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
		if (!profile_characteristic(loader, PROFILE_ELEMENT(here, i),
					    json_array_get(list, i)))
			return false;
	return true;
}

/* What every server has (Vol 3 Part C 12, Part G 7). */
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
