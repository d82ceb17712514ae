/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-oob: out-of-band data, and LE Secure Connections pairing with it. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter.h"
#include "advert.h"
#include "agent.h"
#include "endpoint.h"
#include "oob-mgmt.h"
#include "oob-qr.h"
#include "output.h"
#include "pair-adapter.h"
#include "pairing.h"
#include "pairing-event.h"
#include "version.h"

enum {
	OPT_FORMAT = 256, OPT_IO, OPT_BOND, OPT_NO_BOND, OPT_MIN_KEY_SIZE,
	OPT_REQUIRE_OOB, OPT_NO_REQUIRE_OOB, OPT_PASSKEY, OPT_CONFIRM,
	OPT_TIMEOUT, OPT_HOLD, OPT_LEGACY, OPT_JUST_WORKS, OPT_SHOW_KEYS,
};

static const struct option options[] = {
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "io-capability", required_argument, NULL, OPT_IO },
	{ "bond", no_argument, NULL, OPT_BOND },
	{ "no-bond", no_argument, NULL, OPT_NO_BOND },
	{ "min-key-size", required_argument, NULL, OPT_MIN_KEY_SIZE },
	{ "require-oob", no_argument, NULL, OPT_REQUIRE_OOB },
	{ "no-require-oob", no_argument, NULL, OPT_NO_REQUIRE_OOB },
	{ "passkey", required_argument, NULL, OPT_PASSKEY },
	{ "confirm", required_argument, NULL, OPT_CONFIRM },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "hold", required_argument, NULL, OPT_HOLD },
	{ "allow-legacy", no_argument, NULL, OPT_LEGACY },
	{ "allow-just-works", no_argument, NULL, OPT_JUST_WORKS },
	{ "show-keys", no_argument, NULL, OPT_SHOW_KEYS },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	printf(
"usage: blesec-oob read ADAPTER [--format FORMAT]\n"
"       blesec-oob add ADAPTER [FILE]\n"
"       blesec-oob clear ADAPTER\n"
"       blesec-oob pair ADAPTER [ADDRESS] [OPTION]...\n"
"       blesec-oob unpair ADAPTER ADDRESS\n"
"       blesec-oob info ADAPTER\n"
"       blesec-oob watch ADAPTER [--show-keys]\n"
"       blesec-oob convert [--format FORMAT] [FILE]\n"
"       blesec-oob methods\n"
"Read the out-of-band data of an adapter (hciN), give it that of a peer, and\n"
"pair with LE Secure Connections: with ADDRESS as the initiator, without as the\n"
"responder.  FILE (default: stdin) may be in any of the formats but qr and png.\n"
"\n"
"      --format FORMAT   json (default), eir, ndef, hex, btmgmt, qr, png\n"
"      --io-capability IO  DisplayOnly, DisplayYesNo, KeyboardOnly,\n"
"                        NoInputNoOutput (default) or KeyboardDisplay\n"
"      --bond            keep the keys; both sides must agree (default:\n"
"      --no-bond         do not)\n"
"      --min-key-size N  octets, 7 to 16 (default)\n"
"      --require-oob     no other method (default if there is data of ADDRESS)\n"
"      --no-require-oob  any method\n"
"      --passkey N       type this in if the peer displays a passkey\n"
"      --confirm WHAT    compare numbers: yes, no, or ask (default) on the\n"
"                        terminal\n"
"      --timeout SECS    for all of it (default 30)\n"
"      --hold SECS       keep the link so long after that (default 0)\n"
"      --allow-legacy    also without Secure Connections\n"
"      --allow-just-works  also without authentication\n"
"      --show-keys       print the keys themselves\n"
"  -v, --verbose         say more on stderr\n"
"  -q, --quiet           say less\n"
"  -h, --help            print this\n"
"  -V, --version         print versions\n\n"
"blesec-oob(1) tells more.\n");
}

struct tool {
	const char *format;
	enum oob_format text_format;
	struct pairing_settings set;
	struct agent agent;
	bool no_require_oob;
	const char *of_pair, *of_watch;	/* options given that are theirs */
	uint32_t hold_ms;
	struct link_address adapter, peer;
	struct loop *loop;
	struct output *output;
	struct pairing *pairing;
	struct adapter advertising;
	uint8_t instance;
	struct loop_timer hold;
	enum status status;
};

static const char *option_name(int c)
{
	const struct option *option = options;

	while (option->val != c)
		option++;
	return option->name;
}

static void take_option(struct tool *tool, int c)
{
	struct pairing_settings *set = &tool->set;

	if (c == OPT_SHOW_KEYS)
		tool->of_watch = option_name(c);
	else if (c > OPT_FORMAT)
		tool->of_pair = option_name(c);

	switch (c) {
	case OPT_FORMAT:
		if (strcmp(optarg, "qr") && strcmp(optarg, "png") &&
		    !oob_format_parse(optarg, &tool->text_format))
			die(STATUS_USAGE, "bad --format `%s': json, eir, ndef, "
			    "hex, btmgmt, qr or png is wanted", optarg);
		tool->format = optarg;
		break;
	case OPT_IO:
		if (!smp_io_parse(optarg, &set->io))
			die(STATUS_USAGE, "bad --io-capability `%s': one of "
			    "DisplayOnly, DisplayYesNo, KeyboardOnly, "
			    "NoInputNoOutput, KeyboardDisplay is wanted",
			    optarg);
		break;
	case OPT_BOND:
	case OPT_NO_BOND:
		set->bond = c == OPT_BOND;
		break;
	case OPT_MIN_KEY_SIZE:
		set->min_key_size = (uint8_t)endpoint_number("--min-key-size",
							     optarg, 7, 16);
		break;
	case OPT_REQUIRE_OOB:
		set->require_oob = true;
		break;
	case OPT_NO_REQUIRE_OOB:
		tool->no_require_oob = true;
		break;
	case OPT_PASSKEY:
		tool->agent.passkey = endpoint_number("--passkey", optarg, 0,
						      999999);
		break;
	case OPT_CONFIRM:
		if (!agent_parse(&tool->agent, optarg))
			die(STATUS_USAGE, "bad --confirm `%s': yes, no or ask "
			    "is wanted", optarg);
		break;
	case OPT_TIMEOUT:
		set->timeout_ms = 1000 * (uint32_t)endpoint_number("--timeout",
			optarg, 1, 3600);
		break;
	case OPT_HOLD:
		tool->hold_ms = 1000 * (uint32_t)endpoint_number("--hold",
			optarg, 0, 1000000);
		break;
	case OPT_LEGACY:
		set->allow_legacy = true;
		break;
	case OPT_JUST_WORKS:
		set->allow_just_works = true;
		break;
	case OPT_SHOW_KEYS:
		set->show_keys = true;
		break;
	case 'q':
	case 'v':
		diag_verbosity(c == 'v' ? 1 : -1);
		break;
	case 'h':
		help();
		exit(STATUS_OK);
	case 'V':
		version_print();
		exit(STATUS_OK);
	default:
		endpoint_usage();
	}
}

/* Data in and out. */

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
		diag_error("`%s' is no out-of-band data: %s", name ? name :
			   "stdin", fault);
	memset(data, 0, sizeof(data));
	return ok && !fault ? STATUS_OK : STATUS_IDENTITY;
}

/* The adapter, on; it stays on, since the data goes with the power. */
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

static enum status do_read(struct tool *tool, const char *file)
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

static enum status do_add(struct tool *tool, const char *file)
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

static enum status do_clear(struct tool *tool, const char *file)
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

static enum status do_convert(struct tool *tool, const char *file)
{
	struct oob oob = { 0 };
	enum status status = read_oob(file, &oob);

	if (!status)
		status = print_oob(tool, &oob);
	oob_clear(&oob);
	return status;
}

static enum status do_unpair(struct tool *tool, const char *file)
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

/* What the adapter is. */

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

static enum status do_info(struct tool *tool, const char *file)
{
	struct adapter adapter;
	const char *obstacle, *help_text;
	enum status status = adapter_find(&tool->adapter, &adapter);
	json_t *line;
	char *text;

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
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	adapter_close(&adapter);
	if (!text)
		die(STATUS_OTHER, "out of memory");
	status = finish_stdout(puts(text) >= 0);
	free(text);
	return status;
}

static enum status do_methods(struct tool *tool, const char *file)
{
	(void)tool;
	(void)file;
	for (int i = 0; i < SMP_IO_COUNT; i++)
		for (int r = 0; r < SMP_IO_COUNT; r++)
			printf("{\"initiator\":\"%s\",\"responder\":\"%s\","
			       "\"method\":\"%s\",\"initiator_types\":%s,"
			       "\"responder_types\":%s,"
			       "\"linux_refuses\":%s}\n",
			       smp_io_name(i), smp_io_name(r),
			       smp_method_name(smp_method(i, r)),
			       smp_initiator_types(i, r) ? "true" : "false",
			       smp_responder_types(i, r) ? "true" : "false",
			       smp_linux_refuses(i, r) ? "true" : "false");
	return finish_stdout(true);
}

/* Pairing. */

static void on_change(void *arg)
{
	struct tool *tool = arg;

	if (output_broken(tool->output))
		loop_stop(tool->loop, STATUS_OTHER);
}

static void on_event(const char *event, json_t *more, void *arg)
{
	struct tool *tool = arg;

	output_event(tool->output, event, more);
}

static void held(void *arg)
{
	struct tool *tool = arg;

	loop_stop(tool->loop, (int)tool->status);
}

static void on_done(enum status status, void *arg)
{
	struct tool *tool = arg;

	tool->status = status;
	if (!status && tool->hold_ms)
		loop_after(tool->loop, &tool->hold, tool->hold_ms, held, tool);
	else
		loop_stop(tool->loop, (int)status);
}

static void on_confirm(uint32_t number, void *arg)
{
	struct tool *tool = arg;

	agent_confirm(&tool->agent, number);
}

static void on_passkey(void *arg)
{
	struct tool *tool = arg;

	agent_passkey(&tool->agent);
}

static void answer_confirm(bool yes, void *arg)
{
	struct tool *tool = arg;

	pairing_confirm(tool->pairing, yes);
}

static void answer_passkey(long passkey, void *arg)
{
	struct tool *tool = arg;

	pairing_passkey(tool->pairing, passkey);
}

static void on_signal(void *arg)
{
	struct tool *tool = arg;

	if (tool->pairing && !tool->hold.armed)
		pairing_cancel(tool->pairing);
	else
		loop_stop(tool->loop, (int)tool->status);
}

static void say_method(const struct tool *tool, bool initiator)
{
	if (oob_has_remote(tool->adapter.index, initiator ?
			   &tool->peer.bdaddr : NULL)) {
		diag_info("there is data of the peer: the method will be OOB");
		return;
	}
	for (int io = 0; io < SMP_IO_COUNT; io++) {
		enum smp_io i = initiator ? tool->set.io : (enum smp_io)io;
		enum smp_io r = initiator ? (enum smp_io)io : tool->set.io;

		diag_info("if the peer is %s: %s%s", smp_io_name(io),
			  smp_method_name(smp_method(i, r)),
			  smp_linux_refuses(i, r) ? ", which Linux refuses" :
			  "");
	}
}

static void run_pairing(struct tool *tool, bool initiator)
{
	say_method(tool, initiator);
	if (initiator) {
		pairing_start(tool->pairing, &tool->peer);
	} else if (!adapter_find(&tool->adapter, &tool->advertising) &&
		   !advert_start(&tool->advertising, NULL, &tool->instance)) {
		on_event("listening", json_pack("{s:s}", "address",
			 tool->advertising.address.text), tool);
		pairing_await(tool->pairing, NULL);
	} else {
		tool->status = STATUS_REFUSED;
		return;
	}
	tool->status = (enum status)loop_run(tool->loop);
}

static bool is_own(const struct tool *tool)
{
	return !bacmp(&tool->peer.bdaddr,
		      &pairing_adapter(tool->pairing)->controller);
}

static enum status do_pair(struct tool *tool, const char *file)
{
	bool initiator = tool->peer.text[0];

	(void)file;
	tool->set.adapter = &tool->adapter;
	tool->set.loop = tool->loop = loop_new();
	tool->set.on_event = on_event;
	tool->set.on_confirm = on_confirm;
	tool->set.on_passkey = on_passkey;
	tool->set.on_done = on_done;
	tool->set.arg = tool;
	tool->agent.loop = tool->loop;
	tool->agent.on_confirm = answer_confirm;
	tool->agent.on_passkey = answer_passkey;
	tool->agent.arg = tool;
	tool->output = output_new(tool->loop, STDOUT_FILENO, on_change, tool);
	loop_signals(tool->loop, on_signal, tool);
	if (!tool->no_require_oob)
		tool->set.require_oob = tool->set.require_oob ||
			oob_has_remote(tool->adapter.index, initiator ?
				       &tool->peer.bdaddr : NULL);
	/* Its agent would answer as well. */
	tool->set.require_oob = tool->set.require_oob || adapter_bluetoothd();
	tool->status = pairing_begin(&tool->set, &tool->pairing);
	if (!tool->status && initiator && is_own(tool)) {
		diag_error("%s is %s itself: the address of another device "
			   "is wanted", tool->peer.text, tool->adapter.text);
		tool->status = STATUS_USAGE;
		pairing_end(tool->pairing);
	} else if (!tool->status) {
		run_pairing(tool, initiator);
		if (tool->advertising.mgmt) {
			advert_stop(&tool->advertising, &tool->instance);
			adapter_close(&tool->advertising);
		}
		pairing_end(tool->pairing);
	}
	agent_stop(&tool->agent);
	loop_cancel(tool->loop, &tool->hold);
	output_free(tool->output, 1000);
	loop_free(tool->loop);
	return tool->status;
}

static void on_mgmt(uint16_t code, const uint8_t *data, size_t len, void *arg)
{
	struct tool *tool = arg;
	const char *name;
	json_t *json = pairing_event_json(code, data, len, tool->set.show_keys,
					  &name);

	if (json)
		output_event(tool->output, name, json);
	if (code == MGMT_EV_INDEX_REMOVED) {
		diag_error("the adapter %s has gone", tool->adapter.text);
		loop_stop(tool->loop, STATUS_LINK);
	}
}

static enum status do_watch(struct tool *tool, const char *file)
{
	struct adapter adapter;
	enum status status = adapter_find(&tool->adapter, &adapter);

	(void)file;
	if (status)
		return status;
	tool->loop = loop_new();
	tool->output = output_new(tool->loop, STDOUT_FILENO, on_change, tool);
	loop_signals(tool->loop, on_signal, tool);
	mgmt_watch(adapter.mgmt, tool->loop, adapter.index, on_mgmt, tool);
	output_event(tool->output, "watching",
		     json_pack("{s:s}", "adapter", tool->adapter.text));
	status = (enum status)loop_run(tool->loop);
	adapter_close(&adapter);
	output_free(tool->output, 1000);
	loop_free(tool->loop);
	return status;
}

struct command {
	const char *name;
	bool adapter;
	int rest_min, rest_max;	/* arguments after the adapter */
	bool address;		/* the rest is one, not a file */
	enum status (*run)(struct tool *tool, const char *file);
};

static const struct command commands[] = {
	{ "read", true, 0, 0, false, do_read },
	{ "add", true, 0, 1, false, do_add },
	{ "clear", true, 0, 0, false, do_clear },
	{ "pair", true, 0, 1, true, do_pair },
	{ "unpair", true, 1, 1, true, do_unpair },
	{ "info", true, 0, 0, false, do_info },
	{ "watch", true, 0, 0, false, do_watch },
	{ "convert", false, 0, 1, false, do_convert },
	{ "methods", false, 0, 0, false, do_methods },
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	die(STATUS_USAGE, "unknown command `%s': read, add, clear, pair, "
	    "unpair, info, watch, convert or methods; see --help", name);
}

/* Options that would do nothing are a misunderstanding. */
static void check_options(const struct tool *tool,
			  const struct command *command)
{
	const bool pair = command->run == do_pair;
	const char *option = NULL;

	if (tool->of_pair && !pair)
		option = tool->of_pair;
	else if (tool->of_watch && !pair && command->run != do_watch)
		option = tool->of_watch;
	else if (tool->format && command->run != do_read &&
		 command->run != do_convert)
		option = option_name(OPT_FORMAT);
	if (option)
		die(STATUS_USAGE, "--%s is of no use with %s", option,
		    command->name);
	if (tool->set.require_oob && tool->no_require_oob)
		die(STATUS_USAGE, "--require-oob and --no-require-oob exclude "
		    "each other");
}

static void parse_addresses(struct tool *tool, const struct command *command,
			    char **args, int rest)
{
	if (command->adapter && link_parse(args[0], &tool->adapter))
		exit(STATUS_USAGE);
	if (command->adapter && tool->adapter.kind != LINK_ADAPTER)
		die(STATUS_USAGE, "bad adapter `%s': hciN is wanted", args[0]);
	if (!command->address || !rest)
		return;
	if (link_parse(args[1], &tool->peer))
		exit(STATUS_USAGE);
	if (tool->peer.kind != LINK_DEVICE)
		die(STATUS_USAGE, "bad address `%s': AA:BB:CC:DD:EE:FF"
		    "[,public|random] is wanted", args[1]);
}

int main(int argc, char **argv)
{
	struct tool tool = {
		.set = {
			.io = SMP_IO_NO_INPUT_NO_OUTPUT,
			.min_key_size = 16,
			.timeout_ms = 30000,
			.hold_ms = 500,
		},
		.agent = { .passkey = -1 },
	};
	const struct command *command;
	char **args;
	int c, rest;

	diag_init(argv[0]);
	while ((c = getopt_long(argc, argv, "vqhV", options, NULL)) != -1)
		take_option(&tool, c);
	if (optind == argc)
		die(STATUS_USAGE, "what to do? read, add, clear, pair, unpair, "
		    "info, watch, convert or methods; see --help");
	command = find_command(argv[optind]);
	args = argv + optind + 1;
	rest = argc - optind - 1 - command->adapter;
	if (rest < 0)
		die(STATUS_USAGE, "%s wants an adapter, as hci0; see --help",
		    command->name);
	if (rest < command->rest_min)
		die(STATUS_USAGE, "%s wants the address of a peer; see --help",
		    command->name);
	if (rest > command->rest_max)
		die(STATUS_USAGE, "unexpected argument `%s'; see --help",
		    args[command->adapter + command->rest_max]);
	check_options(&tool, command);
	parse_addresses(&tool, command, args, rest);
	return (int)command->run(&tool, rest && !command->address ?
				 args[command->adapter] : NULL);
}
