/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the loader share: gatt-profile.c stands on
 * gatt-profile-value.c, and both on gatt-profile-member.c.  Every function that
 * returns a bool has said what is wrong when it is false.
 */
#ifndef BLESEC_GATT_PROFILE_LOAD_H
#define BLESEC_GATT_PROFILE_LOAD_H

#include <jansson.h>

#include "profile/gatt-profile.h"

/* A place in the file.  "up" is the place around it; the root has none. */
struct profile_at {
	const struct profile_at *up;
	const char *member;	/* its name, or NULL for an element: */
	size_t index;
};

#define PROFILE_MEMBER(at, name) (&(struct profile_at){ (at), (name), 0 })
#define PROFILE_ELEMENT(at, i) (&(struct profile_at){ (at), NULL, (i) })

struct profile_loader {
	const char *path;
	char *dir;			/* with a slash at the end; "" for the
					 * current one */
	struct gatt_profile *profile;
	enum status status;		/* not STATUS_OK once something was
					 * wrong */
	uint16_t *services;		/* their handles so far */
	size_t service_count;
};

struct profile_value {
	struct gatt_profile_value from;	/* the source, and what belongs to it */
	bool given;			/* there is a "value" */
	uint8_t octets[ATT_VALUE_MAX];	/* the initial value */
	size_t len;
};

/* Assigned numbers that the loader treats specially. */
#define PROFILE_GAP 0x1800
#define PROFILE_GATT 0x1801
#define PROFILE_DESCRIPTION 0x2901
#define PROFILE_SERVER_CONFIGURATION 0x2903

/* gatt-profile-member.c */
bool profile_refuse(struct profile_loader *loader, const struct profile_at *at,
		    const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool profile_no_memory(struct profile_loader *loader);
/* Check that it is an object with no members but these, separated by blanks. */
bool profile_object(struct profile_loader *loader, const struct profile_at *at,
		    const json_t *json, const char *members);
/* The string, which is not empty; NULL if it is none. */
const char *profile_string(struct profile_loader *loader,
			   const struct profile_at *at, const json_t *json);
/*
 * The strings of an array, at least one, ending with NULL; NULL if it is none.
 */
char **profile_strings(struct profile_loader *loader,
		       const struct profile_at *at, const json_t *json);
void profile_free_strings(char **strings);
bool profile_integer(struct profile_loader *loader,
		     const struct profile_at *at, const json_t *json, int min,
		     int max, int *value);
/* Set *index to that of the string among the words, which end with NULL. */
bool profile_word(struct profile_loader *loader, const struct profile_at *at,
		  const json_t *json, const char *const *words, size_t *index);
/* A UUID of that kind (gatt-assigned.h), but not one of the tunnel's. */
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

/* Take the properties of a characteristic, and its extended properties. */
bool profile_properties(struct profile_loader *loader,
			const struct profile_at *at, const json_t *json,
			uint8_t *properties, uint16_t *extended);
/* The bits of enum gatt_access that go with the properties. */
uint8_t profile_access(uint8_t properties);
/*
 * Take the members "read" and "write" of the object, if its properties permit
 * them.
 */
bool profile_permissions(struct profile_loader *loader,
			 const struct profile_at *at, const json_t *json,
			 uint8_t properties, struct gatt_requirement *read,
			 struct gatt_requirement *write);

/* gatt-profile-value.c */
/*
 * Take the members "value" and "max" of the object, for an attribute with that
 * UUID and these properties; the value of a descriptor must be a constant.  max
 * is 0 if the value never changes.  value->from holds what profile_free_value()
 * frees, also if this returns false.
 */
bool profile_value(struct profile_loader *loader, const struct profile_at *at,
		   const json_t *json, const struct gatt_uuid *uuid,
		   uint8_t properties, bool descriptor,
		   struct profile_value *value, size_t *max);
void profile_free_value(struct gatt_profile_value *value);

#endif
