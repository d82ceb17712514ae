/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-oob: out-of-band data, and LE Secure Connections pairing with it. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pairing/agent.h"
#include "hub/endpoint.h"
#include "bluetooth/link.h"
#include "oob-command.h"
#include "process/privilege.h"
#include "hub/version.h"

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
"      --require-oob     refuse other methods (default if data of ADDRESS was\n"
"                        added)\n"
"      --no-require-oob  accept any method\n"
"      --passkey N       passkey to enter if the peer displays one\n"
"      --confirm WHAT    compare numbers: yes, no, or ask (default) on the\n"
"                        terminal\n"
"      --timeout SECS    time limit for pairing (default 30)\n"
"      --hold SECS       keep the link that long afterwards (default 0)\n"
"      --allow-legacy    accept pairing without Secure Connections\n"
"      --allow-just-works  accept pairing without authentication\n"
"      --show-keys       print the keys themselves\n"
"  -v, --verbose         print more on stderr\n"
"  -q, --quiet           print less\n"
"  -h, --help            print this\n"
"  -V, --version         print versions\n\n"
"See blesec-oob(1) for details.\n");
}

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

struct command {
	const char *name;
	bool adapter;
	int rest_min, rest_max;	/* arguments after the adapter */
	bool address;		/* the argument is an address, not a file */
	enum status (*run)(struct tool *tool, const char *file);
};

static const struct command commands[] = {
	{ "read", true, 0, 0, false, oob_command_read },
	{ "add", true, 0, 1, false, oob_command_add },
	{ "clear", true, 0, 0, false, oob_command_clear },
	{ "pair", true, 0, 1, true, oob_command_pair },
	{ "unpair", true, 1, 1, true, oob_command_unpair },
	{ "info", true, 0, 0, false, oob_command_info },
	{ "watch", true, 0, 0, false, oob_command_watch },
	{ "convert", false, 0, 1, false, oob_command_convert },
	{ "methods", false, 0, 0, false, oob_command_methods },
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	die(STATUS_USAGE, "unknown command `%s': read, add, clear, pair, "
	    "unpair, info, watch, convert or methods; see --help", name);
}

/* Refuse options that would have no effect. */
static void check_options(const struct tool *tool,
			  const struct command *command)
{
	const bool pair = command->run == oob_command_pair;
	const char *option = NULL;

	if (tool->of_pair && !pair)
		option = tool->of_pair;
	else if (tool->of_watch && !pair && command->run != oob_command_watch)
		option = tool->of_watch;
	else if (tool->format && command->run != oob_command_read &&
		 command->run != oob_command_convert)
		option = option_name(OPT_FORMAT);
	if (option)
		die(STATUS_USAGE, "--%s cannot be used with %s", option,
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
		die(STATUS_USAGE, "no command given: read, add, clear, pair, "
		    "unpair, info, watch, convert or methods is wanted; see "
		    "--help");
	command = find_command(argv[optind]);
	args = argv + optind + 1;
	rest = argc - optind - 1 - command->adapter;
	if (rest < 0)
		die(STATUS_USAGE, "%s needs an adapter, such as hci0; see "
		    "--help", command->name);
	if (rest < command->rest_min)
		die(STATUS_USAGE, "%s needs the address of a peer; see --help",
		    command->name);
	if (rest > command->rest_max)
		die(STATUS_USAGE, "unexpected argument `%s'; see --help",
		    args[command->adapter + command->rest_max]);
	check_options(&tool, command);
	parse_addresses(&tool, command, args, rest);
	if (!privilege_keep(true, false))
		return STATUS_OTHER;
	return (int)command->run(&tool, rest && !command->address ?
				 args[command->adapter] : NULL);
}
