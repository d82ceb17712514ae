/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-connect: be the central. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "bluetooth/dial.h"
#include "hub/endpoint.h"
#include "value/gatt-assigned.h"
#include "att/gatt-explorer.h"
#include "value/gatt-value.h"

#define RETRIES 3
#define OPS_MAX 64

enum { OPT_ANY_PEER = ENDPOINT_OPTION_OWN, OPT_CONNECT_TIMEOUT, OPT_RECONNECT,
       OPT_THEN_PLAIN, OPT_DISCOVER, OPT_READ, OPT_WRITE, OPT_WRITE_COMMAND,
       OPT_RELIABLE_WRITE, OPT_NOTIFY, OPT_INDICATE };

static const struct option options[] = {
	ENDPOINT_LONG,
	{ "adapter", required_argument, NULL, 'a' },
	{ "any-peer", no_argument, NULL, OPT_ANY_PEER },
	{ "connect-timeout", required_argument, NULL, OPT_CONNECT_TIMEOUT },
	{ "reconnect", no_argument, NULL, OPT_RECONNECT },
	{ "then-plain", no_argument, NULL, OPT_THEN_PLAIN },
	{ "discover", no_argument, NULL, OPT_DISCOVER },
	{ "read", required_argument, NULL, OPT_READ },
	{ "write", required_argument, NULL, OPT_WRITE },
	{ "write-command", required_argument, NULL, OPT_WRITE_COMMAND },
	{ "reliable-write", required_argument, NULL, OPT_RELIABLE_WRITE },
	{ "notify", required_argument, NULL, OPT_NOTIFY },
	{ "indicate", required_argument, NULL, OPT_INDICATE },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	printf("usage: blesec-connect [OPTION]... ADDRESS [-- COMMAND [ARGUMENT]...]\n"
	       "Be the central: connect to a peripheral, talk with it over an "
	       "encrypted channel.\nLines of stdin go to it; events and what it "
	       "sends are printed as JSON Lines.\nWith COMMAND, its "
	       "stdin and stdout are joined to the channel instead.\n\n"
	       "ADDRESS is AA:BB:CC:DD:EE:FF[,public|random], name:NAME, or "
	       "unix:PATH.\nThe peer's certificate must name the address, or "
	       "what is given here instead:\n--peer-name, --pin or "
	       "--any-peer.\n\n"
	       "  -a, --adapter hciN    adapter to use (default: the first)\n"
	       "      --any-peer        accept any peer with a certificate of the CA\n"
	       "      --connect-timeout SECS\n"
	       "                        until the link is up (default 30)\n"
	       "      --reconnect       connect again when the link is lost\n"
	       "      --then-plain      once paired, disconnect and leave the "
	       "key to\n"
	       "                        other programs\n"
	       "      --discover        print the peer's GATT database\n"
	       "      --read UUID       read, in full\n"
	       "      --write UUID=VALUE\n"
	       "                        write; also --write-command, "
	       "--reliable-write\n"
	       "      --notify UUID     print what is notified; --indicate: "
	       "indicated\n"
	       "                        (performed in this order; may be "
	       "repeated)\n"
	       "%s\nSee blesec-connect(1) for details.\n", endpoint_help);
}

struct client {
	struct endpoint endpoint;
	struct link_address address;
	struct dial_settings dial_settings;
	struct dial *dial;
	bool any_peer, reconnect;
	bool relaxed, unpairable;	/* fallbacks tried after a lost link */
	unsigned int retries, backoff_s;
	struct loop_timer again;
	struct gatt_op ops[OPS_MAX];
};

static void start(void *arg)
{
	struct client *client = arg;

	dial_start(client->dial);
}

static void start_later(struct client *client)
{
	unsigned int seconds = client->backoff_s ? client->backoff_s : 1;

	client->backoff_s = 2 * seconds < CONNECT_BACKOFF_MAX_S ? 2 * seconds
							: CONNECT_BACKOFF_MAX_S;
	hub_event(client->endpoint.hub, "waiting",
		  json_pack("{s:i}", "seconds", (int)seconds));
	loop_after(client->endpoint.loop, &client->again, 1000ULL * seconds,
		   start, client);
}

/* Another attempt would end in the same way. */
static bool final(enum reason reason)
{
	return reason == REASON_DONE || reason == REASON_STOPPED ||
	       reason == REASON_PEER_REFUSED ||
	       reason == REASON_REFUSED_BY_PEER || reason == REASON_TPM ||
	       reason == REASON_NOT_PAIRED;
}

/*
 * The link was lost while pairing: some controllers cannot keep an encrypted
 * link.  Try once more with a longer supervision timeout, then without pairing.
 * Returns false if there is nothing left to try.
 */
static bool try_another_way(struct client *client)
{
	struct hub *hub = client->endpoint.hub;
	const struct hub_settings *set = &client->endpoint.hub_settings;

	if (client->unpairable || !set->pair)
		return false;
	if (!client->relaxed) {
		client->relaxed = true;
		diag_warn("the link was lost during pairing; the controller "
			  "(manufacturer %u) may not keep an encrypted link: "
			  "trying again with a supervision timeout of 6 s",
			  dial_manufacturer(client->dial));
		dial_relax(client->dial);
	} else if (set->pair_required) {
		return false;
	} else {
		client->unpairable = true;
		hub_stop_pairing(hub);
		hub_event(hub, "fallback", json_pack("{s:s}", "reason",
			  "the link was lost during pairing, twice"));
	}
	dial_after_disconnect(client->dial);
	return true;
}

/* The exit status if required pairing may be why the link was lost. */
static enum status lost_status(const struct client *client,
			       const struct hub_closed *closed)
{
	if (closed->failed)
		return STATUS_OTHER;
	return closed->pairing &&
	       client->endpoint.hub_settings.pair_required ?
		STATUS_REFUSED : reason_status(closed->reason);
}

static void on_closed(const struct hub_closed *closed, void *arg)
{
	struct client *client = arg;
	const enum reason reason = closed->reason;
	struct hub *hub = client->endpoint.hub;

	/*
	 * A link that was made while the last one lingered is up here and
	 * unknown to the peer's ATT server, or is answered by the session
	 * before, which is about to close it: wait for its end, try again.
	 */
	if ((!closed->heard ||
	     (reason == REASON_LINK_LOST && !closed->secured)) &&
	    client->address.kind != LINK_UNIX && client->retries++ < RETRIES) {
		diag_info("no session on this link: connecting again");
		dial_after_disconnect(client->dial);
	} else if (closed->pairing && !closed->sent && !final(reason) &&
		   try_another_way(client)) {
		diag_debug("trying another way of pairing");
	} else if (client->reconnect && !final(reason) &&
		   !(closed->secured && client->endpoint.hub_settings.raw)) {
		if (closed->heard)
			client->backoff_s = 0;
		start_later(client);
	} else {
		if (client->endpoint.hub_settings.then_plain &&
		    reason == REASON_DONE)
			dial_keep_adapter(client->dial);
		hub_stop(hub, reason, lost_status(client, closed));
	}
}

/* The peripheral has a credit-based channel: go on there. */
static void on_psm(uint16_t psm, void *arg)
{
	struct client *client = arg;

	diag_info("going on at PSM %u", psm);
	dial_psm(client->dial, psm);
}

static void on_stopping(void *arg)
{
	struct client *client = arg;

	if (client->dial)
		dial_cancel(client->dial);
	loop_cancel(client->endpoint.loop, &client->again);
}

static void on_link(int fd, const struct link_address *peer, void *arg)
{
	struct client *client = arg;
	enum status status = hub_add(client->endpoint.hub, fd, peer,
				     dial_adapter(client->dial));

	if (status)
		hub_stop(client->endpoint.hub, REASON_TPM, status);
}

static void on_failed(enum status status, void *arg)
{
	struct client *client = arg;

	if (client->reconnect &&
	    (status == STATUS_LINK || status == STATUS_TIMEOUT))
		start_later(client);
	else
		hub_stop(client->endpoint.hub, REASON_LINK_LOST, status);
}

/* Parse UUID or UUID=VALUE; modifies the option's text. */
static void take_op(struct client *client, const char *option,
		    enum gatt_op_kind kind, char *text)
{
	static uint8_t values[OPS_MAX][ATT_VALUE_MAX];
	struct session_settings *session =
		&client->endpoint.hub_settings.session;
	struct gatt_op *op = &client->ops[session->op_count];
	const bool write = kind >= GATT_OP_WRITE &&
			   kind <= GATT_OP_RELIABLE_WRITE;
	char *value = write ? strchr(text, '=') : NULL;
	char reason[GATT_REASON_MAX];
	enum gatt_named named = GATT_NAMED_ONE;

	if (session->op_count == OPS_MAX)
		die(STATUS_USAGE, "more than %d GATT operations", OPS_MAX);
	if (write && !value)
		die(STATUS_USAGE, "bad %s `%s': UUID=VALUE is wanted", option,
		    text);
	if (value)
		*value++ = '\0';
	*op = (struct gatt_op){ .kind = kind };
	if (kind != GATT_OP_DISCOVER)
		named = gatt_uuid_parse(text, GATT_KIND_CHARACTERISTIC |
					GATT_KIND_DESCRIPTOR, &op->uuid);
	if (named != GATT_NAMED_ONE)
		die(STATUS_USAGE, "bad %s `%s': %s", option, text,
		    named == GATT_NAMED_SEVERAL ? "several UUIDs have that "
		    "name, give the number" : "neither a UUID nor the name of a "
		    "characteristic or descriptor");
	if (write && !gatt_value_parse(value, &op->uuid,
				       values[session->op_count], &op->len,
				       reason))
		die(STATUS_USAGE, "bad %s `%s=%s': %s", option, text, value,
		    reason);
	op->value = values[session->op_count++];
	session->ops = client->ops;
}

/* Returns false if this is not a GATT operation. */
static bool take_gatt_option(struct client *client, int c)
{
	static const struct {
		int option;
		const char *name;
		enum gatt_op_kind kind;
	} of[] = {
		{ OPT_DISCOVER, "--discover", GATT_OP_DISCOVER },
		{ OPT_READ, "--read", GATT_OP_READ },
		{ OPT_WRITE, "--write", GATT_OP_WRITE },
		{ OPT_WRITE_COMMAND, "--write-command",
		  GATT_OP_WRITE_COMMAND },
		{ OPT_RELIABLE_WRITE, "--reliable-write",
		  GATT_OP_RELIABLE_WRITE },
		{ OPT_NOTIFY, "--notify", GATT_OP_NOTIFY },
		{ OPT_INDICATE, "--indicate", GATT_OP_INDICATE },
	};

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++)
		if (of[i].option == c) {
			take_op(client, of[i].name, of[i].kind, optarg);
			return true;
		}
	return false;
}

static void parse(struct client *client, int argc, char **argv)
{
	const char *text;
	int c;

	while ((c = getopt_long(argc, argv, "a:" ENDPOINT_SHORT, options,
				NULL)) != -1) {
		switch (c) {
		case 'h':
			help();
			exit(STATUS_OK);
		case 'a':
			client->dial_settings.adapter = optarg;
			break;
		case OPT_ANY_PEER:
			client->any_peer = true;
			break;
		case OPT_CONNECT_TIMEOUT:
			client->dial_settings.timeout_ms = 1000 *
				(uint32_t)endpoint_number("--connect-timeout",
							  optarg, 1,
							  TIMEOUT_MAX_S);
			break;
		case OPT_RECONNECT:
			client->reconnect = true;
			break;
		case OPT_THEN_PLAIN:
			client->endpoint.hub_settings.then_plain = true;
			client->endpoint.hub_settings.pair_required = true;
			break;
		default:
			if (!take_gatt_option(client, c))
				endpoint_option(&client->endpoint, c);
		}
	}
	text = endpoint_arguments(&client->endpoint, argc, argv,
		"no peer given: AA:BB:CC:DD:EE:FF, name:NAME or unix:PATH is "
		"wanted");
	if (link_parse(text, &client->address))
		exit(STATUS_USAGE);
	endpoint_check(&client->endpoint, &client->address);
	if (client->endpoint.hub_settings.session.op_count &&
	    (client->endpoint.hub_settings.raw ||
	     client->endpoint.hub_settings.command))
		die(STATUS_USAGE, "GATT operations do not go together with %s",
		    client->endpoint.hub_settings.raw ? "--raw" :
		    "a command");
	client->address.psm = client->endpoint.psm;
	client->endpoint.hub_settings.session.look_for_coc =
		client->endpoint.bearer != BEARER_ATT;
	client->endpoint.hub_settings.session.need_coc =
		client->endpoint.bearer == BEARER_COC;
	if (client->endpoint.bearer == BEARER_COC)
		client->dial_settings.busy_psm = LINK_PSM;
	if (client->address.kind == LINK_NAME &&
	    !cert_name_valid(client->address.text))
		die(STATUS_USAGE, "bad name in `%s': 1 to %d letters, digits, "
		    "'.', '_', '-' are wanted", text, CERT_NAME_MAX);
	if (client->address.kind == LINK_ADAPTER)
		die(STATUS_USAGE, "`%s' is an adapter, not a peer; name it "
		    "with --adapter", text);
	if (client->address.kind == LINK_UNIX && client->dial_settings.adapter)
		die(STATUS_USAGE, "--adapter `%s' cannot be used with unix:%s",
		    client->dial_settings.adapter, client->address.text);
	if (client->any_peer && client->endpoint.policy.name_count)
		die(STATUS_USAGE, "--any-peer and --peer-name `%s' exclude "
		    "each other", client->endpoint.names[0]);
}

/* Without any other option, the certificate must name the address given. */
static void expect_peer(struct client *client)
{
	struct policy *policy = &client->endpoint.policy;

	if (client->any_peer || policy->name_count || policy->pin_count)
		return;
	if (client->address.kind == LINK_DEVICE) {
		policy->address = client->address.text;
		policy->advice = "; name it with --peer-name, pin it with "
				 "--pin, or accept any with --any-peer";
	} else if (client->address.kind == LINK_NAME) {
		client->endpoint.names[policy->name_count++] =
			client->address.text;
	}
}

int main(int argc, char **argv)
{
	struct client client = {
		.dial_settings = {
			.timeout_ms = CONNECT_TIMEOUT_MS,
			.on_link = on_link,
			.on_failed = on_failed,
		},
	};
	struct endpoint *endpoint = &client.endpoint;
	int status;

	diag_init(argv[0]);
	endpoint_init(endpoint);
	parse(&client, argc, argv);
	expect_peer(&client);
	endpoint->policy.role = ROLE_CENTRAL;
	endpoint->hub_settings.on_closed = on_closed;
	endpoint->hub_settings.on_stopping = on_stopping;
	endpoint->hub_settings.on_psm = on_psm;
	endpoint->hub_settings.arg = &client;
	status = endpoint_start(endpoint);
	if (!status) {
		client.dial_settings.address = &client.address;
		client.dial_settings.loop = endpoint->loop;
		client.dial_settings.arg = &client;
		status = dial_new(&client.dial_settings, &client.dial);
	}
	if (!status) {
		dial_start(client.dial);
		status = loop_run(endpoint->loop);
	}
	dial_free(client.dial);
	return (int)endpoint_stop(endpoint, (enum status)status);
}
