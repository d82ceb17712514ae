/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT profile for all peers.  The values that can change are kept here.
 * They change when a peer writes them, and by lines of stdin, by files, and by
 * programs that keep running; gatt-command.c runs the programs that are run for
 * each request.
 */
#include "config.h"
#include "hub/hub-part.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "value/gatt-assigned.h"
#include "profile/gatt-command.h"
#include "profile/gatt-profile.h"
#include "att/gatt-server.h"
#include "value/gatt-value.h"
#include "base/hex.h"
#include "base/input.h"
#include "base/limits.h"
#include "base/watch.h"

#define BEHIND_MAX 64		/* waiting messages: the peer is behind */

struct value {
	struct gatts *gatts;
	const struct gatt_profile_value *set;
	uint8_t data[ATT_VALUE_MAX];
	size_t len;
	int watch;			/* inotify watch; -1: none */
	struct gatt_process *process;
};

struct gatts {
	struct hub *hub;
	struct value *values;
	size_t count;
	struct watch *watch;	/* watches files; NULL: there are none */
	struct gatt_runs *runs;
	struct input *input;	/* stdin; NULL: no value comes from it */
	struct loop_timer lag;
};

/* State kept for each peer. */
struct reader {
	bool lags;			/* too slow: nobody waits for it */
};

static struct value *carry_gatt_value(struct gatts *gatts, uint16_t handle)
{
	for (size_t i = 0; i < gatts->count; i++)
		if (gatts->values[i].set->handle == handle)
			return &gatts->values[i];
	return NULL;
}

/* Tell every peer a new value; its process knows whether it wants that. */
static void gatt_change(struct value *value, const uint8_t *data, size_t len)
{
	struct hub *hub = value->gatts->hub;
	uint8_t body[2 + ATT_VALUE_MAX];

	memmove(value->data, data, len);
	value->len = len;
	put_le16(body, value->set->handle);
	if (len)
		memcpy(body + 2, value->data, len);
	/* A peer that does not keep up misses some, but never the last. */
	for (struct peer *p = hub->peers; p; p = p->next)
		if (peer_has_gatt(p))
			worker_post_latest(&p->worker, HOST_NOTIFY, body,
					   2 + len, 2);
}

/*
 * Change the value to a program's or a stdin line's text; false if it is not
 * valid.
 */
static bool gatt_change_to_text(struct value *value, const char *text,
				const char *from)
{
	char reason[GATT_REASON_MAX], uuid[GATT_UUID_TEXT];
	uint8_t data[ATT_VALUE_MAX];
	size_t len;

	if (gatt_value_parse(text, &value->set->uuid, data, &len, reason)) {
		gatt_change(value, data, len);
		return true;
	}
	gatt_uuid_print(&value->set->uuid, uuid);
	diag_warn("%s: bad value of %s: %s", from, uuid, reason);
	return false;
}

/* Files. */

static bool gatt_load_file(struct value *value)
{
	int fd = open(value->set->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	uint8_t data[ATT_VALUE_MAX];
	ssize_t n = fd < 0 ? -1 : read(fd, data, sizeof(data));

	if (n < 0)
		diag_warn("cannot read `%s': %s", value->set->path,
			  strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return false;
	value->len = (size_t)n;
	memcpy(value->data, data, value->len);
	return true;
}

static uint8_t gatt_save_file(struct value *value, const uint8_t *data,
			      size_t len)
{
	char next[4096];
	int fd = -1;
	bool ok = false;

	if ((size_t)snprintf(next, sizeof(next), "%s.new",
			     value->set->path) < sizeof(next))
		fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0) {
		ok = write(fd, data, len) == (ssize_t)len && !fsync(fd);
		ok = !close(fd) && ok;
		ok = ok && !rename(next, value->set->path);
	}
	if (!ok)
		diag_warn("cannot write `%s': %s", value->set->path,
			  strerror(errno));
	return ok ? 0 : ATT_ECODE_UNLIKELY_ERROR;
}

static void gatt_on_file(struct value *value, const struct inotify_event *event)
{
	const char *slash = strrchr(value->set->path, '/');
	uint8_t before[ATT_VALUE_MAX];
	size_t len = value->len;

	if (value->watch != event->wd || !event->len ||
	    strcmp(event->name, slash ? slash + 1 : value->set->path) != 0)
		return;
	memcpy(before, value->data, len);
	if (gatt_load_file(value) &&
	    (value->len != len || memcmp(before, value->data, len) != 0))
		gatt_change(value, value->data, value->len);
}

static void gatt_on_event(const struct inotify_event *event, void *arg)
{
	struct gatts *gatts = arg;

	for (size_t i = 0; i < gatts->count; i++)
		if (gatts->values[i].watch >= 0)
			gatt_on_file(&gatts->values[i], event);
	hub_feed(gatts->hub);
}

/* Watch the directory, since a file may be replaced. */
static void gatt_watch_file(struct value *value)
{
	struct gatts *gatts = value->gatts;
	const char *slash = strrchr(value->set->path, '/');
	char directory[4096] = ".";

	if (slash && (size_t)(slash - value->set->path) < sizeof(directory))
		snprintf(directory, sizeof(directory), "%.*s",
			 slash == value->set->path ? 1 :
			 (int)(slash - value->set->path), value->set->path);
	if (!gatts->watch)
		gatts->watch = watch_new(gatts->hub->loop, gatt_on_event,
					 gatts);
	if (gatts->watch)
		value->watch = watch_add(gatts->watch, directory,
					 IN_CLOSE_WRITE | IN_MOVED_TO);
	if (value->watch < 0)
		diag_warn("cannot watch `%s': %s", directory, strerror(errno));
}

/* stdin: each line is {"uuid": ..., "value": ...}. */

static void gatt_take_line(struct gatts *gatts, const char *text, size_t len)
{
	json_error_t error;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	const char *name = NULL;
	json_t *given = NULL;
	struct gatt_uuid uuid;
	char *dumped = NULL;
	bool found = false;

	if (!json || json_unpack(json, "{s:s, s:o}", "uuid", &name, "value",
				 &given) < 0) {
		diag_warn("stdin: not {\"uuid\":...,\"value\":...}: %.*s",
			  len > 60 ? 60 : (int)len, text);
	} else if (gatt_uuid_parse(name, GATT_KIND_CHARACTERISTIC, &uuid) !=
		   GATT_NAMED_ONE) {
		diag_warn("stdin: `%s' is not a characteristic", name);
	} else {
		if (!json_is_string(given))
			dumped = json_dumps(given, JSON_ENCODE_ANY |
					    JSON_COMPACT);
		for (size_t i = 0; i < gatts->count; i++) {
			struct value *value = &gatts->values[i];

			if (value->set->source != GATT_SOURCE_STDIN ||
			    !gatt_uuid_equal(&value->set->uuid, &uuid))
				continue;
			found = true;
			gatt_change_to_text(value, dumped ? dumped :
					    json_string_value(given), "stdin");
		}
		if (!found)
			diag_warn("stdin: the profile does not take `%s' from "
				  "it",
				  name);
		free(dumped);
	}
	json_decref(json);
}

static void gatt_on_input(void *arg)
{
	struct hub *hub = arg;

	hub_feed(hub);
}

static bool gatt_is_behind(const struct peer *peer)
{
	const struct reader *reader = peer->carried;

	return peer->secured && !peer->closing && !reader->lags &&
	       peer->worker.post_count > BEHIND_MAX;
}

/* stdin waits for secured peers that are behind, but not for long. */
static bool gatt_must_wait(struct hub *hub)
{
	bool wait = false;

	for (struct peer *p = hub->peers; p; p = p->next) {
		struct reader *reader = p->carried;

		reader->lags = reader->lags && p->worker.posted;
		wait = wait || gatt_is_behind(p);
	}
	return wait;
}

static void gatt_lag_over(void *arg)
{
	struct hub *hub = arg;

	for (struct peer *p = hub->peers; p; p = p->next)
		if (gatt_is_behind(p)) {
			diag_warn("%s does not keep up with the other peers: "
				  "it will miss values", p->address);
			((struct reader *)p->carried)->lags = true;
		}
	hub_feed(hub);
}

static void gatt_feed(struct hub *hub)
{
	struct gatts *gatts = hub->carried;
	const uint8_t *line;
	size_t len;
	bool wait;

	if (!gatts->input)
		return;
	while (!(wait = gatt_must_wait(hub)) && !hub->stopping &&
	       input_next(gatts->input, &line, &len))
		gatt_take_line(gatts, (const char *)line, len);
	if (!wait)
		loop_cancel(hub->loop, &gatts->lag);
	else if (!gatts->lag.armed)
		loop_after(hub->loop, &gatts->lag, GATT_LAG_MS, gatt_lag_over,
			   hub);
	input_want(gatts->input, !hub->stopping && !wait);
}

static bool gatt_refused(const struct hub *hub)
{
	const struct gatts *gatts = hub->carried;

	return gatts->input && input_refused(gatts->input);
}

/* Requests from peers. */

static void gatt_answer(struct peer *peer, uint8_t error, const uint8_t *data,
			size_t len)
{
	uint8_t body[1 + ATT_VALUE_MAX] = { error };

	if (!error && len)
		memcpy(body + 1, data, len);
	if (!peer_post(peer, HOST_GATT, body, error ? 1 : 1 + len))
		peer_close(peer, REASON_TOO_SLOW);
}

static void gatt_on_command(struct peer *peer, void *of, bool write,
			    uint8_t error, const char *text)
{
	struct value *value = of;

	if (!error && !write &&
	    !gatt_change_to_text(value, text, value->set->read_argv[0]))
		error = ATT_ECODE_UNLIKELY_ERROR;
	if (peer)
		gatt_answer(peer, error, value->data, write ? 0 : value->len);
}

static void gatt_tell_written(struct peer *peer, const struct value *value,
			      const uint8_t *data, size_t len)
{
	char uuid[GATT_UUID_TEXT];
	json_t *more;

	gatt_uuid_print(&value->set->uuid, uuid);
	more = json_pack("{s:s}", "uuid", uuid);
	gatt_value_tell(more, &value->set->uuid, data, len);
	peer_event(peer, "write", more);
}

static void carry_gatt_read(struct peer *peer, struct value *value)
{
	struct peer_variables variables;
	const struct gatt_asker asker = {
		peer, true, !peer->secured, peer_variables(peer, &variables),
	};

	if (value->set->source == GATT_SOURCE_COMMAND) {
		if (!value->set->read_argv ||
		    gatt_run(value->gatts->runs, &asker, value,
			     value->set->read_argv, NULL))
			gatt_answer(peer, ATT_ECODE_UNLIKELY_ERROR, NULL, 0);
		return;
	}
	if (value->set->source == GATT_SOURCE_FILE && !gatt_load_file(value)) {
		gatt_answer(peer, ATT_ECODE_UNLIKELY_ERROR, NULL, 0);
		return;
	}
	gatt_answer(peer, 0, value->data, value->len);
}

static void gatt_write(struct peer *peer, struct value *value, bool command,
		       const uint8_t *data, size_t len)
{
	char text[2 * ATT_VALUE_MAX + 8] = "hex:";
	struct peer_variables variables;
	const struct gatt_asker asker = {
		peer, !command, !peer->secured,
		peer_variables(peer, &variables),
	};
	uint8_t error = 0;

	hex_encode(data, len, HEX_LOWER, text + 4);
	strcat(text, "\n");
	gatt_tell_written(peer, value, data, len);
	switch (value->set->source) {
	case GATT_SOURCE_COMMAND:
		error = gatt_run(value->gatts->runs, &asker, value,
				 value->set->write_argv, text) ?
			ATT_ECODE_UNLIKELY_ERROR : 0;
		if (!error)
			return;
		break;
	case GATT_SOURCE_PROCESS:
		error = gatt_process_write(value->process, text) ?
			0 : ATT_ECODE_UNLIKELY_ERROR;
		break;
	case GATT_SOURCE_FILE:
		error = gatt_save_file(value, data, len);
		break;
	default:
		gatt_change(value, data, len);
		break;
	}
	if (!command)
		gatt_answer(peer, error, NULL, 0);
}

static void carry_gatt_ask(struct peer *peer, const struct worker_gatt *what,
			   const uint8_t *data, size_t len)
{
	struct value *value = carry_gatt_value(peer->hub->carried, what->handle);
	const bool command = what->operation == GATT_EXTERNAL_COMMAND;
	uint8_t whole[ATT_VALUE_MAX];

	if (!value || what->offset + len > sizeof(whole)) {
		if (!command)
			gatt_answer(peer, ATT_ECODE_UNLIKELY_ERROR, NULL, 0);
	} else if (what->operation == GATT_EXTERNAL_READ) {
		carry_gatt_read(peer, value);
	} else if (what->offset > value->len) {
		if (!command)
			gatt_answer(peer, ATT_ECODE_INVALID_OFFSET, NULL, 0);
	} else {
		memcpy(whole, value->data, what->offset);
		if (len)
			memcpy(whole + what->offset, data, len);
		gatt_write(peer, value, command, whole, what->offset + len);
	}
}

static void gatt_on_line(void *of, const char *text)
{
	struct value *value = of;

	gatt_change_to_text(value, text, value->set->argv[0]);
	hub_feed(value->gatts->hub);
}

static void gatt_start_value(struct gatts *gatts, struct value *value,
			     const struct gatt_profile_value *set)
{
	struct hub *hub = gatts->hub;
	const struct gatt_db *db = &hub->set->session.profile->db;
	struct gatt_attribute *attribute = gatt_db_find(db, set->handle);

	*value = (struct value){ .gatts = gatts, .set = set, .watch = -1 };
	value->len = attribute->len;
	memcpy(value->data, attribute->value, value->len);
	/* All peers can read what one peer writes. */
	if (attribute->access & ~GATT_READ)
		attribute->external = true;
	if (set->source == GATT_SOURCE_FILE)
		gatt_watch_file(value);
	else if (set->source == GATT_SOURCE_PROCESS)
		value->process = gatt_process_start(hub->loop, set->argv,
						    gatt_on_line, value);
	else if (set->source == GATT_SOURCE_STDIN && !gatts->input)
		gatts->input = input_new(hub->loop, STDIN_FILENO, "stdin",
					 false, gatt_on_input, hub);
}

static void gatt_start(struct hub *hub)
{
	const struct gatt_profile *profile = hub->set->session.profile;
	struct gatts *gatts = calloc(1, sizeof(*gatts));

	if (!gatts || !(gatts->values = calloc(profile->count + 1,
					       sizeof(*gatts->values))))
		die(STATUS_OTHER, "out of memory");
	hub->carried = gatts;
	gatts->hub = hub;
	gatts->count = profile->count;
	gatts->runs = gatt_runs_new(hub->loop, gatt_on_command);
	for (size_t i = 0; i < profile->count; i++)
		gatt_start_value(gatts, &gatts->values[i], &profile->values[i]);
}

static void gatt_stop(struct hub *hub)
{
	struct gatts *gatts = hub->carried;

	gatt_runs_free(gatts->runs);
	for (size_t i = 0; i < gatts->count; i++)
		gatt_process_stop(gatts->values[i].process);
	watch_free(gatts->watch);
	loop_cancel(hub->loop, &gatts->lag);
	if (gatts->input)
		input_free(gatts->input);
	free(gatts->values);
	free(gatts);
}

static void gatt_closed(struct peer *peer)
{
	struct gatts *gatts = peer->hub->carried;

	gatt_runs_forget(gatts->runs, peer);
}

const struct carry carry_gatt = {
	.peer_size = sizeof(struct reader),
	.start = gatt_start, .stop = gatt_stop, .gatt = carry_gatt_ask,
	.feed = gatt_feed, .refused = gatt_refused, .closed = gatt_closed,
};
