/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of a profile: constants, or where they come from. */
#include "config.h"
#include "profile/gatt-profile-load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "process/command.h"
#include "value/gatt-assigned.h"
#include "value/gatt-value.h"

/* A value that is being loaded. */
struct load {
	struct profile_loader *loader;
	const struct profile_at *at;	/* the value */
	const struct gatt_uuid *uuid;
	uint8_t properties;
	size_t max;
	struct profile_value *value;
};

void profile_free_value(struct gatt_profile_value *value)
{
	free(value->path);
	profile_free_strings(value->read_argv);
	profile_free_strings(value->write_argv);
	profile_free_strings(value->argv);
}

/* "hex", "text" or "base64", as a user types them. */
static bool load_text(struct load *load, const struct profile_at *at,
		      const json_t *json, const char *how)
{
	struct profile_value *value = load->value;
	char reason[GATT_REASON_MAX], *text = NULL;
	const char *wanted = reason;
	bool done;

	if (!json_is_string(json))
		return profile_refuse(load->loader, at, "a string is wanted");
	if (asprintf(&text, "%s:%s", how, json_string_value(json)) < 0)
		return profile_no_memory(load->loader);
	done = gatt_value_parse(text, load->uuid, value->octets, &value->len,
				reason);
	free(text);
	if (done)
		return true;
	/* "after hex:, ..." */
	if (!strncmp(reason, "after ", 6) && strstr(reason, ", "))
		wanted = strstr(reason, ", ") + 2;
	return profile_refuse(load->loader, at, "%s", wanted);
}

static bool load_hex(struct load *load, const struct profile_at *at,
		     const json_t *json)
{
	return load_text(load, at, json, "hex");
}

static bool load_plain(struct load *load, const struct profile_at *at,
		       const json_t *json)
{
	return load_text(load, at, json, "text");
}

static bool load_base64(struct load *load, const struct profile_at *at,
			const json_t *json)
{
	return load_text(load, at, json, "base64");
}

/* A relative path is relative to the directory of the profile. */
static char *resolve_path(struct load *load, const char *path)
{
	char *joined = NULL;

	if (asprintf(&joined, "%s%s", *path == '/' ? "" : load->loader->dir,
		     path) < 0) {
		profile_no_memory(load->loader);
		return NULL;
	}
	return joined;
}

static bool read_value_file(struct load *load, const struct profile_at *at,
			    const char *path)
{
	struct profile_value *value = load->value;
	uint8_t octets[ATT_VALUE_MAX + 1];
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return profile_refuse(load->loader, at, "cannot read `%s': %s; "
				      "make it first, it may be empty", path,
				      strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return profile_refuse(load->loader, at, "`%s' is not a regular "
				      "file", path);
	}
	n = read(fd, octets, sizeof(octets));
	if (n < 0)
		profile_refuse(load->loader, at, "cannot read `%s': %s", path,
			       strerror(errno));
	close(fd);
	if (n < 0)
		return false;
	if ((size_t)n > load->max)
		return profile_refuse(load->loader, at, "`%s' has more than "
				      "%zu octets", path, load->max);
	memcpy(value->octets, octets, (size_t)n);
	value->len = (size_t)n;
	return true;
}

static bool load_from_file(struct load *load, const struct profile_at *at,
			   const json_t *json)
{
	const char *name = profile_string(load->loader, at, json);
	char *path = name ? resolve_path(load, name) : NULL;

	if (!path)
		return false;
	load->value->from.source = GATT_SOURCE_FILE;
	load->value->from.path = path;
	if (!read_value_file(load, at, path))
		return false;
	if ((load->properties & PROFILE_WRITES) && access(path, W_OK) < 0)
		return profile_refuse(load->loader, at, "cannot write `%s', "
				      "and clients can: %s", path,
				      strerror(errno));
	return true;
}

static bool load_from_stdin(struct load *load, const struct profile_at *at,
			    const json_t *json)
{
	if (!json_is_true(json))
		return profile_refuse(load->loader, at, "true is wanted");
	load->value->from.source = GATT_SOURCE_STDIN;
	if (load->properties & PROFILE_WRITES)
		return profile_refuse(load->loader, at, "it can be written, "
				      "but standard input cannot take writes; "
				      "a file, command or process can");
	return true;
}

/*
 * The arguments of a program; NULL if it cannot be run.  A path to it is
 * resolved like that of a file.
 */
static char **load_argv(struct load *load, const struct profile_at *at,
			const json_t *json)
{
	char **argv = profile_strings(load->loader, at, json);
	int error;

	if (!argv)
		return NULL;
	if (strchr(argv[0], '/')) {
		char *path = resolve_path(load, argv[0]);

		if (!path) {
			profile_free_strings(argv);
			return NULL;
		}
		free(argv[0]);
		argv[0] = path;
	}
	error = command_check(argv);
	if (!error)
		return argv;
	profile_refuse(load->loader, PROFILE_ELEMENT(at, 0), "cannot run "
		       "`%s': %s", argv[0], strerror(error));
	profile_free_strings(argv);
	return NULL;
}

/*
 * A command must have the member for reading or writing if it is needed, and
 * must not have it otherwise.
 */
static bool load_way(struct load *load, const struct profile_at *at,
		     const json_t *json, bool needed, const char *done,
		     char ***argv)
{
	if (needed && !json)
		return profile_refuse(load->loader, at, "it is missing: the "
				      "characteristic can be %s", done);
	if (!needed && json)
		return profile_refuse(load->loader, at, "the characteristic "
				      "cannot be %s: leave this out, or give "
				      "it the property", done);
	if (json)
		*argv = load_argv(load, at, json);
	return !json || *argv;
}

static bool load_from_command(struct load *load, const struct profile_at *at,
			      const json_t *json)
{
	struct gatt_profile_value *from = &load->value->from;

	from->source = GATT_SOURCE_COMMAND;
	if (!profile_object(load->loader, at, json, "read write"))
		return false;
	if (load->properties & (PROFILE_NOTIFIES | PROFILE_BROADCAST))
		return profile_refuse(load->loader, at, "a command does not "
				      "report new values, so there is nothing "
				      "to notify; a file, a process or "
				      "standard input does");
	return load_way(load, PROFILE_MEMBER(at, "read"),
			json_object_get(json, "read"),
			load->properties & GATT_PROPERTY_READ, "read",
			&from->read_argv) &&
	       load_way(load, PROFILE_MEMBER(at, "write"),
			json_object_get(json, "write"),
			load->properties & PROFILE_WRITES, "written",
			&from->write_argv);
}

static bool load_from_process(struct load *load, const struct profile_at *at,
			      const json_t *json)
{
	load->value->from.source = GATT_SOURCE_PROCESS;
	load->value->from.argv = load_argv(load, at, json);
	return load->value->from.argv;
}

static const struct form {
	const char *name;
	bool constant;
	bool (*load)(struct load *load, const struct profile_at *at,
		     const json_t *json);
} forms[] = {
	{ "hex", true, load_hex },
	{ "text", true, load_plain },
	{ "base64", true, load_base64 },
	{ "file", false, load_from_file },
	{ "stdin", false, load_from_stdin },
	{ "command", false, load_from_command },
	{ "process", false, load_from_process },
};

#define FORM_COUNT (sizeof(forms) / sizeof(forms[0]))

/* The form that is the only member of the object, or NULL. */
static const struct form *form_of(const json_t *json)
{
	if (json_object_size(json) != 1)
		return NULL;
	for (size_t i = 0; i < FORM_COUNT; i++)
		if (json_object_get(json, forms[i].name))
			return &forms[i];
	return NULL;
}

static bool load_assigned(struct load *load, const json_t *json)
{
	const struct gatt_assigned *assigned = gatt_assigned_of(load->uuid);
	struct profile_value *value = load->value;
	char reason[GATT_REASON_MAX];

	if (!assigned || !assigned->format)
		return profile_refuse(load->loader, load->at, "no layout is "
				      "known for this value: an object with "
				      "one member is wanted, hex, text, "
				      "base64, file, stdin, command or "
				      "process");
	if (!gatt_assigned_encode(assigned, json, value->octets, &value->len,
				  reason))
		return profile_refuse(load->loader, load->at, "%s", reason);
	return true;
}

/* Check a constant value. */
static bool check_constant(struct load *load, const struct profile_at *object,
			   bool max_given)
{
	const bool writable = load->properties & PROFILE_WRITES;

	if (!load->value->given && !writable)
		return profile_refuse(load->loader, load->at, "it is missing, "
				      "and no client can write it");
	if (!writable &&
	    (load->properties & (PROFILE_NOTIFIES | PROFILE_BROADCAST)))
		return profile_refuse(load->loader, load->at, "this never "
				      "changes, so there is nothing to notify; "
				      "a file, a process or standard input "
				      "does");
	if (!writable && max_given)
		return profile_refuse(load->loader,
				      PROFILE_MEMBER(object, "max"), "the "
				      "value never changes: leave this out");
	if (load->value->len > load->max)
		return profile_refuse(load->loader, load->at, "the value has "
				      "%zu octets, and \"max\" is %zu",
				      load->value->len, load->max);
	if (!writable)
		load->max = 0;
	return true;
}

bool profile_value(struct profile_loader *loader, const struct profile_at *at,
		   const json_t *json, const struct gatt_uuid *uuid,
		   uint8_t properties, bool descriptor,
		   struct profile_value *value, size_t *max)
{
	const json_t *given = json_object_get(json, "value");
	const json_t *most = json_object_get(json, "max");
	const struct form *form = form_of(given);
	struct load load = { loader, PROFILE_MEMBER(at, "value"), uuid,
			     properties, ATT_VALUE_MAX, value };
	int limit = ATT_VALUE_MAX;

	*value = (struct profile_value){ .given = given };
	if (most && !profile_integer(loader, PROFILE_MEMBER(at, "max"), most, 1,
				     ATT_VALUE_MAX, &limit))
		return false;
	load.max = (size_t)limit;
	if (form && descriptor && !form->constant)
		return profile_refuse(loader, PROFILE_MEMBER(load.at,
							     form->name),
				      "the value of a descriptor must be a "
				      "constant");
	if (form && !form->load(&load, PROFILE_MEMBER(load.at, form->name),
				json_object_get(given, form->name)))
		return false;
	if (given && !form && !load_assigned(&load, given))
		return false;
	if (value->from.source == GATT_SOURCE_CONSTANT &&
	    !check_constant(&load, at, most))
		return false;
	*max = load.max;
	return true;
}
