/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-serve: be the peripheral. */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "endpoint.h"
#include "listener.h"

#define PEERS_DEFAULT 64

static const struct option options[] = {
	ENDPOINT_LONG,
	{ "max-peers", required_argument, NULL, 'm' },
	{ "profile", required_argument, NULL, 'P' },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	printf("usage: blesec-serve [OPTION]... ADAPTER [-- COMMAND [ARGUMENT]...]\n"
	       "Be the peripheral: advertise, accept centrals, talk with them "
	       "over an encrypted\nchannel.  Lines of stdin go to all of them; "
	       "what happens and what they send comes\nout as JSON Lines.  With COMMAND, each "
	       "central is joined to one of its own instead.\n\n"
	       "ADAPTER is hciN, or unix:PATH for a socket instead of "
	       "Bluetooth.\n\n"
	       "  -P, --profile FILE    answer ATT in the channel from a GATT "
	       "profile,\n"
	       "                        see blesec-profile(5)\n"
	       "  -m, --max-peers N     peers at a time (default 64; 1 with "
	       "--raw)\n%s\n"
	       "blesec-serve(1) tells more.\n", endpoint_help);
}

struct serve {
	struct endpoint endpoint;
	struct listener *listener;
	unsigned int max_peers;
};

static void check_room(struct serve *serve)
{
	listener_pause(serve->listener,
		       hub_peers(serve->endpoint.hub) >= serve->max_peers);
}

static void on_closed(const struct hub_closed *closed, void *arg)
{
	struct serve *serve = arg;

	/* A stream is one session, if a strange one does not end it. */
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
	if (hub_peers(hub) < serve->max_peers)
		hub_add(hub, fd, peer, listener_adapter(serve->listener));
	else
		close(fd);
	check_room(serve);
}

/* The adapter or the socket has failed for good. */
static void on_lost(void *arg)
{
	struct serve *serve = arg;

	hub_stop(serve->endpoint.hub, REASON_LINK_LOST, STATUS_LINK);
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
		} else if (c == 'm') {
			serve->max_peers = (unsigned int)endpoint_number(
				"--max-peers", optarg, 1, 1024);
		} else {
			endpoint_option(&serve->endpoint, c);
		}
	}
	text = endpoint_arguments(&serve->endpoint, argc, argv,
				  "which adapter? hciN or unix:PATH");
	if (link_parse(text, address))
		exit(STATUS_USAGE);
	if (address->kind != LINK_UNIX && address->kind != LINK_ADAPTER)
		die(STATUS_USAGE, "`%s' is a peer, not an adapter: hciN or "
		    "unix:PATH is wanted", text);
	endpoint_check(&serve->endpoint, address);
	if (serve->endpoint.profile_path && (serve->endpoint.hub_settings.raw ||
				    serve->endpoint.hub_settings.command))
		die(STATUS_USAGE, "--profile does not go together with %s",
		    serve->endpoint.hub_settings.raw ? "--raw" : "a command");
	if (serve->endpoint.hub_settings.raw && serve->max_peers > 1)
		die(STATUS_USAGE, "--raw serves one peer, not --max-peers %u",
		    serve->max_peers);
	if (serve->endpoint.hub_settings.raw)
		serve->max_peers = 1;
	else if (!serve->max_peers)
		serve->max_peers = PEERS_DEFAULT;
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
	int status;

	diag_init(argv[0]);
	endpoint_init(endpoint);
	parse(&serve, argc, argv, &address);
	endpoint->policy.role = ROLE_PERIPHERAL;
	endpoint->hub_settings.on_closed = on_closed;
	endpoint->hub_settings.on_stopping = on_stopping;
	endpoint->hub_settings.arg = &serve;
	status = endpoint_start(endpoint);
	if (!status) {
		settings.loop = endpoint->loop;
		settings.name = endpoint->identity.name;
		settings.att = endpoint->bearer != BEARER_COC;
		if (endpoint->bearer != BEARER_ATT)
			settings.psm = endpoint->psm ? endpoint->psm : LINK_PSM;
		endpoint->hub_settings.psm = settings.psm;
		status = listener_start(&settings, &serve.listener);
	}
	if (!status) {
		hub_event(endpoint->hub, "listening",
			  json_pack("{s:s, s:s}", "address",
				    listener_address(serve.listener), "name",
				    endpoint->identity.name));
		hub_expect_message(endpoint->hub);
		status = loop_run(endpoint->loop);
	}
	listener_stop(serve.listener);
	endpoint_stop(endpoint);
	return status;
}
