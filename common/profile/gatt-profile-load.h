/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the loader share: gatt-profile.c stands on
 * gatt-profile-value.c, and both on gatt-profile-member.c.  Every function that returns a bool has said what is
 * wrong when it is false.
 */
#ifndef BLESEC_GATT_PROFILE_LOAD_H
#define BLESEC_GATT_PROFILE_LOAD_H

#include <jansson.h>

#include "profile/gatt-profile.h"

/* A place in the file, by those around it; the root has no "up". */
struct profile_at {
	const struct profile_at *up;
	const char *member;	/* or NULL, and */
	size_t index;
};

#define PROFILE_MEMBER(at, name) (&(struct profile_at){ (at), (name), 0 })
#define PROFILE_ELEMENT(at, i) (&(struct profile_at){ (at), NULL, (i) })

struct profile_loader {
	const char *path;
	char *dir;			/* with its slash; "" for the current */
	struct gatt_profile *profile;
	enum status status;		/* once something was wrong */
	uint16_t *services;		/* the handle of each so far */
	size_t service_count;
};

struct profile_value {
	struct gatt_profile_value from;	/* its source, and what that needs */
	bool given;			/* there is a "value" */
	uint8_t octets[ATT_VALUE_MAX];	/* now */
	size_t len;
};

/* Assigned numbers that the loader treats in a way of their own. */
#define PROFILE_GAP 0x1800
#define PROFILE_GATT 0x1801
#define PROFILE_DESCRIPTION 0x2901
#define PROFILE_SERVER_CONFIGURATION 0x2903

/* gatt-profile-member.c */
bool profile_refuse(struct profile_loader *loader, const struct profile_at *at,
		    const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool profile_no_memory(struct profile_loader *loader);
/* An object of no other members than these, which blanks separate. */
bool profile_object(struct profile_loader *loader, const struct profile_at *at,
		    const json_t *json, const char *members);
/* A string that is not empty; else NULL. */
const char *profile_string(struct profile_loader *loader,
			   const struct profile_at *at, const json_t *json);
/* An array of such strings, at least one, up to a NULL; else NULL. */
char **profile_strings(struct profile_loader *loader,
		       const struct profile_at *at, const json_t *json);
void profile_free_strings(char **strings);
bool profile_integer(struct profile_loader *loader,
		     const struct profile_at *at, const json_t *json, int min,
		     int max, int *value);
/* The index of the string among words that end with NULL. */
bool profile_word(struct profile_loader *loader, const struct profile_at *at,
		  const json_t *json, const char *const *words, size_t *index);
/* Of that kind (gatt-assigned.h), and neither a declaration nor the tunnel's */
bool profile_uuid(struct profile_loader *loader, const struct profile_at *at,
		  const json_t *json, unsigned int kind,
		  struct gatt_uuid *uuid);

#define PROFILE_WRITES                                                        \
	(GATT_PROPERTY_WRITE | GATT_PROPERTY_WRITE_CMD |                      \
	 GATT_PROPERTY_SIGNED_WRITE)
#define PROFILE_NOTIFIES (GATT_PROPERTY_NOTIFY | GATT_PROPERTY_INDICATE)
#define PROFILE_BROADCAST 0x01		/* Vol 3 Part G 3.3.1.1 */
#define PROFILE_RELIABLE 0x0001		/* Part G 3.3.3.1 */
#define PROFILE_AUXILIARIES 0x0002

/* The properties of a characteristic, and its extended properties. */
bool profile_properties(struct profile_loader *loader,
			const struct profile_at *at, const json_t *json,
			uint8_t *properties, uint16_t *extended);
/* The gatt_access that a client has by the properties. */
uint8_t profile_access(uint8_t properties);
/* The members "read" and "write" of the object, as far as properties go. */
bool profile_permissions(struct profile_loader *loader,
			 const struct profile_at *at, const json_t *json,
			 uint8_t properties, struct gatt_requirement *read,
			 struct gatt_requirement *write);

/* gatt-profile-value.c */
/*
 * The members "value" and "max" of the object, for an attribute of that UUID
 * and with these properties; a descriptor's is a constant.  max is 0 if the
 * value never changes.  value->from holds what profile_free_value() frees, also
 * if false.
 */
bool profile_value(struct profile_loader *loader, const struct profile_at *at,
		   const json_t *json, const struct gatt_uuid *uuid,
		   uint8_t properties, bool descriptor,
		   struct profile_value *value, size_t *max);
void profile_free_value(struct gatt_profile_value *value);

#endif
