/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-oob: the data, and the abilities of an adapter and the kernel. */
#include "config.h"
#include "oob-command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pairing/oob-mgmt.h"
#include "pairing/oob-qr.h"
#include "pairing/pair-adapter.h"

static enum status finish_stdout(bool ok)
{
	if (ok && !fflush(stdout))
		return STATUS_OK;
	diag_error("cannot write to stdout: %s", strerror(errno));
	return STATUS_OTHER;
}

static enum status print_oob(const struct tool *tool, const struct oob *oob)
{
	const enum oob_format format = tool->text_format;
	const char *name = tool->format ? tool->format : "json";
	uint8_t data[OOB_ENCODED_MAX];
	size_t len;
	bool ok;

	if (!strcmp(name, "qr"))
		return oob_qr_text(oob, stdout);
	if (!strcmp(name, "png"))
		return oob_qr_png(oob, stdout);
	len = oob_encode(oob, format, data);
	if (format == OOB_HEX)
		data[len++] = '\n';
	ok = fwrite(data, 1, len, stdout) == len;
	memset(data, 0, sizeof(data));
	return finish_stdout(ok);
}

/* FILE, or stdin. */
static enum status read_oob(const char *name, struct oob *oob)
{
	uint8_t data[8192];
	FILE *file = name ? fopen(name, "re") : stdin;
	const char *fault;
	size_t len;
	bool ok;

	if (!file) {
		diag_error("cannot open `%s': %s", name, strerror(errno));
		return STATUS_IDENTITY;
	}
	len = fread(data, 1, sizeof(data), file);
	ok = !ferror(file);
	if (!ok)
		diag_error("cannot read `%s': %s", name ? name : "stdin",
			   strerror(errno));
	if (name)
		fclose(file);
	fault = ok ? oob_decode(data, len, oob) : NULL;
	if (fault)
		diag_error("`%s' holds no out-of-band data: %s", name ? name :
			   "stdin", fault);
	memset(data, 0, sizeof(data));
	return ok && !fault ? STATUS_OK : STATUS_IDENTITY;
}

/* Power the adapter on and leave it on: the data is lost at power off. */
static enum status open_adapter(const struct tool *tool,
				struct adapter *adapter)
{
	enum status status = adapter_find(&tool->adapter, adapter);

	if (status)
		return status;
	status = adapter_power(adapter);
	if (status)
		adapter_leave(adapter);
	return status;
}

enum status oob_command_read(struct tool *tool, const char *file)
{
	struct adapter adapter;
	struct oob oob = { 0 };
	enum status status = open_adapter(tool, &adapter);

	(void)file;
	if (status)
		return status;
	status = oob_prepare(&adapter);
	if (!status)
		status = oob_read_local(&adapter, &oob);
	if (!status)
		status = print_oob(tool, &oob);
	oob_clear(&oob);
	adapter_leave(&adapter);
	return status;
}

enum status oob_command_add(struct tool *tool, const char *file)
{
	struct adapter adapter;
	struct oob oob = { 0 };
	enum status status = read_oob(file, &oob);

	if (!status)
		status = open_adapter(tool, &adapter);
	if (status)
		return status;
	if (!bacmp(&oob.bdaddr, &adapter.address.bdaddr)) {
		diag_error("this is hci%u's own data: it is for the peer",
			   adapter.index);
		status = STATUS_IDENTITY;
	}
	if (!status)
		status = oob_prepare(&adapter);
	if (!status)
		status = oob_add_remote(&adapter, &oob);
	oob_clear(&oob);
	adapter_leave(&adapter);
	return status;
}

enum status oob_command_clear(struct tool *tool, const char *file)
{
	struct adapter adapter;
	enum status status = adapter_find(&tool->adapter, &adapter);

	(void)file;
	if (status)
		return status;
	status = oob_clear_remote(&adapter);
	adapter_close(&adapter);
	return status;
}

enum status oob_command_convert(struct tool *tool, const char *file)
{
	struct oob oob = { 0 };
	enum status status = read_oob(file, &oob);

	if (!status)
		status = print_oob(tool, &oob);
	oob_clear(&oob);
	return status;
}

enum status oob_command_unpair(struct tool *tool, const char *file)
{
	struct adapter adapter;
	enum status status = adapter_find(&tool->adapter, &adapter);
	int result;

	(void)file;
	if (status)
		return status;
	result = pair_unpair(&adapter, &tool->peer, true);
	adapter_close(&adapter);
	if (!result)
		return STATUS_OK;
	diag_error("cannot unpair %s on %s: %s", tool->peer.text,
		   tool->adapter.text, mgmt_status_name(result));
	return STATUS_REFUSED;
}

/* The adapter's properties. */

static json_t *setting_names(uint32_t settings)
{
	static const char *const names[] = {
		"powered", "connectable", "fast-connectable", "discoverable",
		"bondable", "link-security", "ssp", "br/edr", "hs", "le",
		"advertising", "secure-conn", "debug-keys", "privacy",
		"configuration", "static-addr", "phy-configuration",
		"wide-band-speech", "cis-central", "cis-peripheral",
		"iso-broadcaster", "sync-receiver",
	};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (settings & 1U << i)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

/* Takes the reference to line; false if it cannot be written. */
static bool print_line(json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	bool ok;

	json_decref(line);
	if (!text)
		die(STATUS_OTHER, "out of memory");
	ok = puts(text) >= 0;
	free(text);
	return ok;
}

enum status oob_command_info(struct tool *tool, const char *file)
{
	struct adapter adapter;
	const char *obstacle, *help_text;
	enum status status = adapter_find(&tool->adapter, &adapter);
	json_t *line;

	(void)file;
	if (status)
		return status;
	obstacle = oob_obstacle(&adapter, &help_text);
	line = json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:b, s:b}", "adapter",
			 tool->adapter.text, "address", adapter.address.text,
			 "name", adapter.name, "manufacturer",
			 adapter.manufacturer, "settings",
			 setting_names(adapter.settings), "supported",
			 setting_names(adapter.supported), "bluetoothd",
			 adapter_bluetoothd(), "oob", obstacle == NULL);
	if (obstacle)
		json_object_set_new(line, "obstacle", json_string(obstacle));
	if (*help_text)
		json_object_set_new(line, "help", json_string(help_text));
	adapter_close(&adapter);
	return finish_stdout(print_line(line));
}

enum status oob_command_methods(struct tool *tool, const char *file)
{
	bool ok = true;

	(void)tool;
	(void)file;
	for (int i = 0; i < SMP_IO_COUNT; i++)
		for (int r = 0; r < SMP_IO_COUNT; r++)
			ok = print_line(json_pack(
				"{s:s, s:s, s:s, s:b, s:b, s:b}",
				"initiator", smp_io_name(i),
				"responder", smp_io_name(r),
				"method", smp_method_name(smp_method(i, r)),
				"initiator_types", smp_initiator_types(i, r),
				"responder_types", smp_responder_types(i, r),
				"linux_refuses", smp_linux_refuses(i, r))) && ok;
	return finish_stdout(ok);
}
