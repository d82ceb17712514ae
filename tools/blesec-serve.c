/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-serve: be the peripheral. */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "hub/endpoint.h"
#include "value/gatt-assigned.h"
#include "bluetooth/listener.h"
#include "process/sandbox.h"

#define EXPOSE_MAX 64

enum { OPT_REQUEST_SECURITY = ENDPOINT_OPTION_OWN, OPT_GATEWAY, OPT_EXPOSE,
       OPT_READ_ONLY };

static const struct option options[] = {
	ENDPOINT_LONG,
	{ "max-peers", required_argument, NULL, 'm' },
	{ "profile", required_argument, NULL, 'P' },
	{ "gateway", required_argument, NULL, OPT_GATEWAY },
	{ "expose", required_argument, NULL, OPT_EXPOSE },
	{ "read-only", no_argument, NULL, OPT_READ_ONLY },
	{ "request-security", no_argument, NULL, OPT_REQUEST_SECURITY },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	printf("usage: blesec-serve [OPTION]... ADAPTER [-- COMMAND [ARGUMENT]...]\n"
	       "Be the peripheral: advertise, accept centrals, talk with them "
	       "over an encrypted\nchannel.  Lines of stdin go to all of them; "
	       "events and what they send\nare printed as JSON Lines.  With "
	       "COMMAND, each central is joined to its own\ninstance of it "
	       "instead.\n\n"
	       "ADAPTER is hciN, or unix:PATH for a socket instead of "
	       "Bluetooth.\n\n"
	       "  -P, --profile FILE    answer ATT in the channel from a GATT "
	       "profile,\n"
	       "                        see blesec-profile(5)\n"
	       "      --gateway [ADAPTER,]ADDRESS\n"
	       "                        answer it from this peripheral, which "
	       "does not have\n"
	       "                        blesec; see --expose UUID and "
	       "--read-only\n"
	       "      --request-security\n"
	       "                        ask a central to encrypt the link if the "
	       "profile\n"
	       "                        requires it\n"
	       "  -m, --max-peers N     peers at a time (default 64; 1 with "
	       "--raw)\n%s\n"
	       "See blesec-serve(1) for details.\n", endpoint_help);
}

struct serve {
	struct endpoint endpoint;
	struct hub_gateway gateway;
	struct gatt_uuid expose[EXPOSE_MAX];
	char adapter[16];	/* the adapter of the gateway */
	struct listener *listener;
	unsigned int max_peers;
};

static void check_room(struct serve *serve)
{
	listener_pause(serve->listener,
		       !hub_has_room(serve->endpoint.hub, serve->max_peers));
}

static void on_closed(const struct hub_closed *closed, void *arg)
{
	struct serve *serve = arg;

	/* With --raw the first session that was secured is the only one. */
	if (serve->endpoint.hub_settings.raw && closed->secured)
		hub_stop(serve->endpoint.hub, closed->reason,
			 reason_status(closed->reason));
	else
		check_room(serve);
}

static void on_stopping(void *arg)
{
	struct serve *serve = arg;

	if (serve->listener)
		listener_pause(serve->listener, true);
}

static void on_link(int fd, const struct link_address *peer, void *arg)
{
	struct serve *serve = arg;
	struct hub *hub = serve->endpoint.hub;

	if (peer->psm)
		hub_replace(hub, peer);
	if (hub_has_room(hub, serve->max_peers))
		hub_add(hub, fd, peer, listener_adapter(serve->listener));
	else
		close(fd);
	check_room(serve);
}

static void on_hangup(void *arg)
{
	struct serve *serve = arg;

	endpoint_reload(&serve->endpoint, true);
}

/* The adapter or the socket has failed for good. */
static void on_lost(void *arg)
{
	struct serve *serve = arg;

	hub_stop(serve->endpoint.hub, REASON_LINK_LOST, STATUS_LINK);
}

/* Parse [ADAPTER,]ADDRESS; without an adapter, use the one we serve on. */
static void take_gateway(struct serve *serve, const char *text)
{
	struct hub_gateway *gateway = &serve->gateway;
	struct hub_settings *hub = &serve->endpoint.hub_settings;
	const char *comma = strchr(text, ',');
	struct link_address which;

	if (hub->gateway)
		die(STATUS_USAGE, "only one --gateway is possible");
	if (comma && !strncmp(text, "hci", 3)) {
		if (comma - text >= (long)sizeof(serve->adapter))
			die(STATUS_USAGE, "bad --gateway `%s': an adapter is "
			    "hci and a number, such as hci0", text);
		snprintf(serve->adapter, sizeof(serve->adapter), "%.*s",
			 (int)(comma - text), text);
		if (link_parse(serve->adapter, &which))
			exit(STATUS_USAGE);
		gateway->adapter = serve->adapter;
		text = comma + 1;
	}
	if (link_parse(text, &gateway->address))
		exit(STATUS_USAGE);
	if (gateway->address.kind != LINK_DEVICE &&
	    gateway->address.kind != LINK_UNIX)
		die(STATUS_USAGE, "bad --gateway `%s': the address of a "
		    "peripheral is wanted", text);
	if (gateway->adapter && gateway->address.kind == LINK_UNIX)
		die(STATUS_USAGE, "bad --gateway `%s,unix:%s': an adapter "
		    "cannot be used there", gateway->adapter,
		    gateway->address.text);
	hub->gateway = gateway;
	hub->session.gateway = true;
}

static void take_expose(struct serve *serve, const char *text)
{
	struct hub_gateway *gateway = &serve->gateway;

	if (gateway->expose_count == EXPOSE_MAX)
		die(STATUS_USAGE, "--expose is given more than %d times",
		    EXPOSE_MAX);
	switch (gatt_uuid_parse(text, GATT_KIND_SERVICE |
				GATT_KIND_CHARACTERISTIC,
				&serve->expose[gateway->expose_count])) {
	case GATT_NAMED_ONE:
		break;
	case GATT_NAMED_SEVERAL:
		die(STATUS_USAGE, "bad --expose `%s': several UUIDs have that "
		    "name, give the number", text);
	default:
		die(STATUS_USAGE, "bad --expose `%s': neither a UUID nor the "
		    "name of a service or characteristic", text);
	}
	gateway->expose = serve->expose;
	gateway->expose_count++;
}

static void check_gateway(struct serve *serve,
			  const struct link_address *address)
{
	const struct hub_settings *hub = &serve->endpoint.hub_settings;
	struct hub_gateway *gateway = &serve->gateway;

	if (!hub->gateway && (gateway->expose_count || gateway->read_only))
		die(STATUS_USAGE, "%s needs --gateway",
		    gateway->read_only ? "--read-only" : "--expose");
	if (!hub->gateway)
		return;
	if (hub->raw || hub->command || serve->endpoint.profile_path)
		die(STATUS_USAGE, "--gateway does not go together with %s",
		    hub->raw ? "--raw" : hub->command ? "a command" :
		    "--profile");
	if (!gateway->adapter && address->kind == LINK_ADAPTER)
		gateway->adapter = address->text;
	if (gateway->address.kind != LINK_UNIX)
		serve->endpoint.bluetooth = true;
}

static void parse(struct serve *serve, int argc, char **argv,
		  struct link_address *address)
{
	const char *text;
	int c;

	while ((c = getopt_long(argc, argv, "m:P:" ENDPOINT_SHORT, options,
				NULL)) != -1) {
		if (c == 'h') {
			help();
			exit(STATUS_OK);
		} else if (c == 'P') {
			serve->endpoint.profile_path = optarg;
		} else if (c == OPT_GATEWAY) {
			take_gateway(serve, optarg);
		} else if (c == OPT_EXPOSE) {
			take_expose(serve, optarg);
		} else if (c == OPT_READ_ONLY) {
			serve->gateway.read_only = true;
		} else if (c == OPT_REQUEST_SECURITY) {
			serve->endpoint.hub_settings.session.request_security =
				true;
		} else if (c == 'm') {
			serve->max_peers = (unsigned int)endpoint_number(
				"--max-peers", optarg, 1, 1024);
		} else {
			endpoint_option(&serve->endpoint, c);
		}
	}
	text = endpoint_arguments(&serve->endpoint, argc, argv,
				  "no adapter given: hciN or unix:PATH is "
				  "wanted");
	if (link_parse(text, address))
		exit(STATUS_USAGE);
	if (address->kind != LINK_UNIX && address->kind != LINK_ADAPTER)
		die(STATUS_USAGE, "`%s' is a peer, not an adapter: hciN or "
		    "unix:PATH is wanted", text);
	endpoint_check(&serve->endpoint, address);
	check_gateway(serve, address);
	if (serve->endpoint.profile_path && (serve->endpoint.hub_settings.raw ||
				    serve->endpoint.hub_settings.command))
		die(STATUS_USAGE, "--profile does not go together with %s",
		    serve->endpoint.hub_settings.raw ? "--raw" : "a command");
	if (serve->endpoint.hub_settings.session.request_security &&
	    !serve->endpoint.profile_path)
		die(STATUS_USAGE, "--request-security needs --profile");
	if (serve->endpoint.hub_settings.raw && serve->max_peers > 1)
		die(STATUS_USAGE, "--raw serves one peer only, not --max-peers "
		    "%u", serve->max_peers);
	if (serve->endpoint.hub_settings.raw)
		serve->max_peers = 1;
	else if (!serve->max_peers)
		serve->max_peers = SERVE_PEERS;
}

int main(int argc, char **argv)
{
	struct serve serve = { 0 };
	struct endpoint *endpoint = &serve.endpoint;
	struct link_address address;
	struct listener_settings settings = {
		.address = &address, .on_link = on_link, .on_lost = on_lost,
		.arg = &serve,
	};
	const struct gatt_profile *profile;
	sigset_t hangup;
	int status;

	diag_init(argv[0]);
	/* A SIGHUP that comes early waits until it can be handled. */
	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hangup, NULL);
	endpoint_init(endpoint);
	parse(&serve, argc, argv, &address);
	endpoint->policy.role = ROLE_PERIPHERAL;
	endpoint->reloads = true;
	endpoint->hub_settings.on_closed = on_closed;
	endpoint->hub_settings.on_stopping = on_stopping;
	endpoint->hub_settings.on_hangup = on_hangup;
	endpoint->hub_settings.arg = &serve;
	status = endpoint_start(endpoint);
	profile = endpoint->hub_settings.session.profile;
	/* The other half is kept for peers that prove their identity. */
	if (profile && profile->expose_link)
		endpoint->hub_settings.max_strangers =
			(serve.max_peers + 1) / 2;
	if (!status) {
		settings.loop = endpoint->loop;
		settings.advert.name = endpoint->name;
		if (profile && profile->expose_link) {
			settings.advert.services = profile->advertise;
			settings.advert.service_count =
				profile->advertise_count;
			settings.advert.appearance = profile->appearance;
		}
		settings.att = endpoint->bearer != BEARER_COC;
		if (endpoint->bearer != BEARER_ATT)
			settings.psm = endpoint->psm ? endpoint->psm : LINK_PSM;
		endpoint->hub_settings.session.psm = settings.psm;
		status = listener_start(&settings, &serve.listener);
	}
	if (!status) {
		hub_event(endpoint->hub, "listening",
			  json_pack("{s:s, s:s, s:b}", "address",
				    listener_address(serve.listener), "name",
				    endpoint->name, "sandbox",
				    !sandbox_disabled()));
		hub_expect_message(endpoint->hub);
		status = loop_run(endpoint->loop);
	}
	listener_stop(serve.listener);
	return (int)endpoint_stop(endpoint, (enum status)status);
}
