/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT profile, from a JSON file: which services a server has, and where
 * the values come from.  The file is described in blesec-profile(5):
 *
 *	{ "appearance": 833, "expose": "channel" | "link" | "both",
 *	  "services": [ {
 *	    "uuid": UUID, "type": "primary" | "secondary",
 *	    "includes": [ UUID or index of an earlier service, ... ],
 *	    "characteristics": [ {
 *	      "uuid": UUID, "properties": [ "read", ... ], "value": VALUE,
 *	      "max": 512, "read": PERMISSION, "write": PERMISSION,
 *	      "description": "text",
 *	      "descriptors": [ { "uuid": UUID, "value": VALUE, "max": 512,
 *	        "read": PERMISSION, "write": PERMISSION }, ... ] }, ... ]
 *	  }, ... ] }
 *
 * UUID is as gatt_uuid_parse() takes it; VALUE as gatt_assigned_encode() does,
 * or {"hex": "..."}, {"text": "..."}, {"base64": "..."}, {"file": "PATH"},
 * {"stdin": true}, {"command": {"read": [...], "write": [...]}} or
 * {"process": [...]}; PERMISSION is a level of security, or {"security":
 * level, "min_key_size": 7..16, "peers": [...], "signed": true}.
 */
#ifndef BLESEC_GATT_PROFILE_H
#define BLESEC_GATT_PROFILE_H

#include "base/diag.h"
#include "att/gatt-db.h"

enum gatt_source {
	GATT_SOURCE_CONSTANT,	/* in the database; a client may be able to
				 * write it */
	GATT_SOURCE_FILE,	/* the contents of a file; a write replaces
				 * them */
	GATT_SOURCE_STDIN,
	GATT_SOURCE_COMMAND,	/* run for each read or write */
	GATT_SOURCE_PROCESS,	/* kept running: it writes values as lines and
				 * gets written values as lines */
};

/* The value of a characteristic. */
struct gatt_profile_value {
	uint16_t handle;
	uint16_t configuration;	/* handle of its Client Characteristic
				 * Configuration, or 0 */
	uint16_t broadcast;	/* handle of its Server Characteristic
				 * Configuration, or 0 */
	struct gatt_uuid uuid;
	uint8_t properties;
	enum gatt_source source;
	char *path;		/* of a file */
	char **read_argv;	/* of a command, NULL if it has none; */
	char **write_argv;
	char **argv;		/* of a process; all end with NULL */
};

struct gatt_profile {
	/*
	 * Generic Access, Generic Attribute, and the services of the profile in
	 * its order.  All values but constants are external; the database has
	 * room for them, and the contents of files are in it.
	 */
	struct gatt_db db;
	struct gatt_profile_value *values;	/* by handle */
	size_t count;
	struct gatt_uuid *advertise;		/* the primary services */
	size_t advertise_count;
	char ***peers;		/* peers[n - 1] are those with authorization n:
				 * globs of names, and pins, ending with NULL */
	size_t peers_count;
	uint16_t appearance;
	bool expose_channel, expose_link;	/* at least one */
};

/*
 * Load the file.  device_name is the value of Device Name.  Returns STATUS_OK,
 * and the caller has to call gatt_profile_free; STATUS_IDENTITY having said
 * what is wrong where in the file (the line if it is not JSON, otherwise the
 * path to the member); or STATUS_OTHER if memory is short.
 */
enum status gatt_profile_load(const char *path, const char *device_name,
			      struct gatt_profile *profile);
void gatt_profile_free(struct gatt_profile *profile);

/* The characteristic value with that handle, or NULL. */
const struct gatt_profile_value *
gatt_profile_find(const struct gatt_profile *profile, uint16_t handle);

/*
 * Whether the peer with that name ("" if it has none) and pin has the
 * authorization.
 */
bool gatt_profile_authorizes(const struct gatt_profile *profile,
			     uint32_t authorization, const char *name,
			     const char *pin);

#endif
