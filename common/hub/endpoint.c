/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "hub/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "hub/carry.h"
#include "process/command.h"
#include "process/privilege.h"
#include "process/sandbox.h"
#include "key/tpm.h"
#include "hub/version.h"

const char endpoint_help[] =
"  -d, --dir DIR         identity directory ($BLESEC_DIR, /etc/blesec)\n"
"  -k, --key KEY         key file or OpenSSL store URI instead of DIR/key.pem\n"
"      --key-auth ask|file:F|env:V\n"
"                        the key's password: from the terminal, a file or a\n"
"                        variable\n"
"  -n, --peer-name NAME  accept a peer of that name; may be repeated, may be\n"
"                        a pattern with * and ?\n"
"  -p, --pin PIN         accept a peer with that key, sha256//BASE64;\n"
"                        may be repeated; enough without a ca.pem\n"
"  -t, --timeout SECS    from link up to secured (default 30)\n"
"  -c, --count N         end after N received messages\n"
"  -w, --wait SECS       end after that long without a message in either\n"
"                        direction\n"
"  -r, --raw             stdin and stdout are one plain stream of octets\n"
"      --lines           messages are lines of COMMAND, not one stream\n"
"      --bearer BEARER   att (default), coc: an LE credit-based channel, or\n"
"                        auto: that, or ATT if there is none\n"
"      --psm N           PSM of that channel, 128 to 255\n"
"      --pair            pair with LE Secure Connections, exchanging the\n"
"                        out-of-band data over the channel\n"
"      --bond            keep the keys; both sides must agree\n"
"      --require-pairing end a session that is not paired\n"
"      --groups LIST     TLS groups (default X25519:P-256)\n"
"      --tcti TCTI       how to reach the TPM, such as swtpm:port=2321\n"
"      --insecure-keylog honour SSLKEYLOGFILE\n"
"      --no-sandbox      do not confine the processes (for kernels that\n"
"                        refuse it)\n"
"  -v, --verbose         print more on stderr; may be repeated\n"
"  -q, --quiet           print less\n"
"  -h, --help            print this\n"
"  -V, --version         print versions\n";

void endpoint_init(struct endpoint *endpoint)
{
	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->hub_settings.session.timeout_ms = SESSION_TIMEOUT_MS;
}

void endpoint_usage(void)
{
	die(STATUS_USAGE, "see --help");
}

long endpoint_number(const char *option, const char *text, long min, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < min || n > max)
		die(STATUS_USAGE, "bad value `%s' of %s: a whole number from "
		    "%ld to %ld is wanted", text, option, min, max);
	return n;
}

static void add(const char **list, size_t *count, const char *what)
{
	if (*count == ENDPOINT_LIST_MAX)
		die(STATUS_USAGE, "more than %d of `%s'", ENDPOINT_LIST_MAX,
		    what);
	list[(*count)++] = optarg;
}

static void take_bearer(struct endpoint *endpoint)
{
	static const char *const names[] = {
		[BEARER_ATT] = "att", [BEARER_COC] = "coc",
		[BEARER_AUTO] = "auto",
	};

	for (int i = 0; i < 3; i++)
		if (!strcmp(optarg, names[i])) {
			endpoint->bearer = (enum bearer)i;
			return;
		}
	die(STATUS_USAGE, "bad --bearer `%s': att, coc or auto is wanted",
	    optarg);
}

void endpoint_option(struct endpoint *endpoint, int option)
{
	struct hub_settings *hub = &endpoint->hub_settings;

	switch (option) {
	case 'd':
		endpoint->dir = optarg;
		break;
	case 'k':
		endpoint->key = optarg;
		break;
	case 'n':
		if (!*optarg || strlen(optarg) > 2 * CERT_NAME_MAX)
			die(STATUS_USAGE, "bad --peer-name `%s'", optarg);
		add(endpoint->names, &endpoint->policy.name_count,
		    "--peer-name");
		break;
	case 'p':
		if (!policy_pin_valid(optarg))
			die(STATUS_USAGE, "bad --pin `%s': sha256// and 44 "
			    "characters of base64 are wanted", optarg);
		add(endpoint->pins, &endpoint->policy.pin_count, "--pin");
		break;
	case 't':
		hub->session.timeout_ms = 1000 * (uint32_t)endpoint_number(
			"--timeout", optarg, 1, TIMEOUT_MAX_S);
		break;
	case 'c':
		hub->count = endpoint_number("--count", optarg, 1, 1L << 30);
		break;
	case 'w':
		hub->wait_s = endpoint_number("--wait", optarg, 1, 1L << 30);
		break;
	case 'r':
		hub->raw = true;
		break;
	case 'q':
	case 'v':
		diag_verbosity(option == 'v' ? 1 : -1);
		break;
	case 'V':
		version_print();
		exit(STATUS_OK);
	case ENDPOINT_OPTION_KEY_AUTH:
		secret_option(&endpoint->key_auth, "--key-auth", optarg);
		break;
	case ENDPOINT_OPTION_TCTI:
		tpm_set_tcti(optarg);
		break;
	case ENDPOINT_OPTION_GROUPS:
		endpoint->groups = optarg;
		break;
	case ENDPOINT_OPTION_KEYLOG:
		endpoint->keylog = true;
		break;
	case ENDPOINT_OPTION_NO_SANDBOX:
		sandbox_disable();
		break;
	case ENDPOINT_OPTION_PAIR:
		hub->pair = true;
		break;
	case ENDPOINT_OPTION_BOND:
		hub->bond = true;
		break;
	case ENDPOINT_OPTION_LINES:
		hub->lines = true;
		break;
	case ENDPOINT_OPTION_BEARER:
		take_bearer(endpoint);
		break;
	case ENDPOINT_OPTION_PSM:
		endpoint->psm = (uint16_t)endpoint_number("--psm", optarg,
			LINK_PSM_MIN, LINK_PSM_MAX);
		break;
	case ENDPOINT_OPTION_REQUIRE_PAIRING:
		hub->pair_required = true;
		break;
	default:
		endpoint_usage();
	}
}

const char *endpoint_arguments(struct endpoint *endpoint, int argc,
			       char **argv, const char *missing)
{
	struct hub_settings *hub = &endpoint->hub_settings;
	/* getopt has moved the "--" in front of them. */
	const bool dashes = !strcmp(argv[optind - 1], "--");
	int error;

	if (optind == argc)
		die(STATUS_USAGE, "%s; see --help", missing);
	if (argc == optind + 1)
		return argv[optind];
	if (!dashes)
		die(STATUS_USAGE, "unexpected argument `%s': a command goes "
		    "after --; see --help", argv[optind + 1]);
	hub->command = argv + optind + 1;
	error = command_check(hub->command);
	if (error)
		die(STATUS_USAGE, "cannot run `%s': %s", hub->command[0],
		    strerror(error));
	/* With a command it is a stream anyway, and stdout is for events. */
	hub->raw = false;
	return argv[optind];
}

void endpoint_check(struct endpoint *endpoint,
		    const struct link_address *address)
{
	const struct hub_settings *hub = &endpoint->hub_settings;

	endpoint->bluetooth = address->kind != LINK_UNIX;
	if (hub->lines && !hub->command)
		die(STATUS_USAGE, "--lines needs a COMMAND");
	if (address->kind == LINK_UNIX &&
	    (endpoint->bearer != BEARER_ATT || endpoint->psm))
		die(STATUS_USAGE, "--bearer and --psm are for Bluetooth: "
		    "unix:%s has only one bearer", address->text);
	if (endpoint->psm && endpoint->bearer == BEARER_ATT)
		die(STATUS_USAGE, "--psm needs --bearer coc or --bearer auto");
	if (hub->pair && address->kind == LINK_UNIX)
		die(STATUS_USAGE, "--pair is for Bluetooth: there is nothing "
		    "to pair on unix:%s", address->text);
	if (!hub->pair && (hub->bond || hub->pair_required || hub->then_plain))
		die(STATUS_USAGE, "%s needs --pair", hub->bond ?
		    "--bond" : hub->then_plain ? "--then-plain" :
		    "--require-pairing");
}

/* What is joined to the peers. */
static const struct carry *carry_of(const struct hub_settings *hub)
{
	if (hub->on_report)
		return &carry_nothing;
	if (hub->command)
		return &carry_command;
	if (hub->session.profile)
		return &carry_gatt;
	if (hub->gateway)
		return &carry_gateway;
	return hub->session.op_count ? &carry_explore : &carry_lines;
}

enum status endpoint_start(struct endpoint *endpoint)
{
	struct policy *policy = &endpoint->policy;
	struct hub_settings *hub = &endpoint->hub_settings;
	enum status status;

	if (sandbox_disabled())
		diag_warn("--no-sandbox: the processes that read what peers "
			  "send, and that of the key, are not confined");
	if (!privilege_keep(endpoint->bluetooth,
			    hub->command || endpoint->profile_path))
		return STATUS_OTHER;
	policy->names = endpoint->names;
	policy->pins = endpoint->pins;
	endpoint->loop = loop_new();
	status = endpoint_identity_start(endpoint);
	if (status)
		return status;
	if (endpoint->profile_path) {
		status = gatt_profile_load(endpoint->profile_path,
					   endpoint->name,
					   &endpoint->profile);
		if (status)
			return status;
		hub->session.profile = &endpoint->profile;
		if (endpoint->profile.expose_link &&
		    endpoint->bearer == BEARER_COC) {
			diag_error("%s: $.expose: the services cannot be on "
				   "the link with --bearer coc, which leaves "
				   "ATT to other programs",
				   endpoint->profile_path);
			return STATUS_IDENTITY;
		}
	}
	hub->signer = &endpoint->credentials.signer;
	hub->session.policy = policy;
	hub->session.name = endpoint->name;
	endpoint->hub = hub_new(endpoint->loop, hub, carry_of(hub));
	endpoint_identity_watch(endpoint);
	return STATUS_OK;
}

enum status endpoint_stop(struct endpoint *endpoint, enum status status)
{
	if (endpoint->hub && !hub_free(endpoint->hub) && !status)
		status = STATUS_OTHER;
	endpoint_identity_stop(endpoint);
	loop_free(endpoint->loop);
	if (endpoint->hub_settings.session.profile)
		gatt_profile_free(&endpoint->profile);
	return status;
}
