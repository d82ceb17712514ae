/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three peers that exchange out-of-band data or send anything else, with an
 * adapter and a kernel that may fail and timers that may fire.  Only one
 * pairing runs at a time, each peer's exchange ends once, and a peer counts as
 * paired only if both sides say so.  Input: the role and whether to bond, then
 * events.
 *
 * sources: pairing/pair-exchange.c
 * options: -max_len=600
 * runs: 150000
 * long: 20000000
 */
#include "config.h"
#include "fuzz.h"
#include "pairing/oob-mgmt.h"
#include "pairing/pair-adapter.h"
#include "pairing/pair-exchange.h"
#include "pairing/pairing.h"

#define PEERS 3

/* Stubs of the modules below: pairing, the adapter and the loop's timers. */
struct pairing {
	struct pairing_settings set;
	struct adapter adapter;
	bool running, keyed, finished;
};

static struct pairing *pairing;
static bool data_in_kernel, fails;
static struct loop_timer *timers[2];

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
	(void)loop;
	timer->armed = false;
}

void loop_after(struct loop *loop, struct loop_timer *timer, uint64_t ms,
		loop_timer_fn fn, void *arg)
{
	(void)loop;
	*timer = (struct loop_timer){ .fn = fn, .arg = arg, .armed = true };
	must(ms <= 60000);
	timers[!ms] = timer;
}

enum status pairing_begin(const struct pairing_settings *settings,
			  struct pairing **out)
{
	must(!pairing && settings->require_oob && settings->min_key_size == 16);
	must(settings->timeout_ms);
	*out = NULL;
	if (fails)
		return STATUS_REFUSED;
	*out = pairing = calloc(1, sizeof(*pairing));
	pairing->set = *settings;
	return STATUS_OK;
}

void pairing_end(struct pairing *is)
{
	must(is && is == pairing && !data_in_kernel);
	free(pairing);
	pairing = NULL;
}

struct adapter *pairing_adapter(struct pairing *is)
{
	must(is && is == pairing);
	return &is->adapter;
}

static void run(struct pairing *is)
{
	must(is == pairing && !is->running && data_in_kernel);
	is->running = true;
}

void pairing_start(struct pairing *is, const struct link_address *peer)
{
	must(!!peer);
	run(is);
}

void pairing_await(struct pairing *is, const struct link_address *peer)
{
	must(!!peer);
	run(is);
}

void pairing_confirm(struct pairing *is, bool yes)
{
	must(is == pairing && !yes);
}

void pairing_passkey(struct pairing *is, long passkey)
{
	must(is == pairing && passkey == -1);
}

bool pairing_keyed(const struct pairing *is)
{
	return is->keyed;
}

void pairing_use_link(struct pairing *is, int fd)
{
	must(is == pairing && fd == 5);
}

int pair_unpair(struct adapter *adapter, const struct link_address *peer,
		bool disconnect)
{
	must(adapter == &pairing->adapter && peer && !disconnect);
	return 0;
}

enum status oob_clear_remote(struct adapter *adapter)
{
	must(adapter == &pairing->adapter);
	data_in_kernel = false;
	return fails ? STATUS_REFUSED : STATUS_OK;
}

enum status oob_read_local(struct adapter *adapter, struct oob *oob)
{
	must(adapter == &pairing->adapter);
	memset(oob, 7, sizeof(*oob));
	return fails ? STATUS_REFUSED : STATUS_OK;
}

enum status oob_add_remote(struct adapter *adapter, const struct oob *oob)
{
	must(adapter == &pairing->adapter && !data_in_kernel);
	must(oob->type == BDADDR_LE_PUBLIC && oob->confirm[0] == 9 &&
	     oob->random[15] == 9);
	data_in_kernel = !fails;
	return fails ? STATUS_REFUSED : STATUS_OK;
}

/* The peers, from the hub's point of view. */
static struct one {
	bool there, over, secured, said_ok, heard_ok, paired;
	unsigned int offers;
} peers[PEERS];
static bool bond;

static void on_send(void *peer, const uint8_t *body, size_t len)
{
	struct one *one = peer;

	must(pair_message_valid(body, len));
	if (body[0] == PAIR_OFFER) {
		must(one->there && !one->over);
		must(!one->offers++);
		must(body[1] == bond);
	} else if (body[0] == PAIR_RESULT) {
		must(one->there && !one->over && !one->said_ok);
		one->said_ok = !body[1];
	} else if (body[0] == PAIR_READY) {
		must(one->there && data_in_kernel);
	}
}

static void on_event(void *peer, const char *event, json_t *more)
{
	struct one *one = peer;

	must(one->there && !one->over);
	if (!strcmp(event, "paired")) {
		must(one->said_ok && one->heard_ok && !one->paired);
		one->paired = true;
	}
	json_decref(more);
}

static void on_done(void *peer, enum status status, const char *reason)
{
	struct one *one = peer;

	must(one->there && !one->over);
	must((status == STATUS_OK) == one->paired && (!status || *reason));
	one->over = true;
}

static size_t message(uint8_t body[PAIR_MESSAGE_MAX], uint8_t how, bool central)
{
	memset(body, 9, PAIR_MESSAGE_MAX);
	body[0] = (uint8_t)(PAIR_OFFER + how % 4);
	switch (body[0]) {
	case PAIR_OFFER:
		body[1] = bond != (how >> 4 == 1);
		body[2] = (uint8_t)(how >> 4 == 2 ? 8 : 1);
		memset(body + 3, 1, 5);
		body[8] = how >> 4 == 3 ? BDADDR_LE_RANDOM : BDADDR_LE_PUBLIC;
		body[9] = central == (how >> 4 != 4) ? OOB_ROLE_PERIPHERAL :
						       OOB_ROLE_CENTRAL;
		return PAIR_MESSAGE_MAX;
	case PAIR_READY:
		return 1;
	case PAIR_RESULT:
		body[1] = how >> 4 < 12 ? 0 : how;
		return 2;
	default:
		body[1] = how >> 4;
		return 2;
	}
}

static void receive(struct pair_exchange *exchange, struct one *one,
		    bool central)
{
	uint8_t body[PAIR_MESSAGE_MAX], how = next(), *copy;
	size_t len = message(body, how, central);

	if (!one->there || !one->secured)
		return;
	copy = exactly(body, len);
	must(pair_message_valid(copy, len) && !pair_message_valid(copy, 0));
	must(!pair_message_valid(copy, len - 1));
	if (body[0] == PAIR_RESULT && !body[1])
		one->heard_ok = true;
	pair_exchange_receive(exchange, one, copy, len);
	free(copy);
}

/* Call what pairing.c may call. */
static void pair(uint8_t how)
{
	if (!pairing || !pairing->running || pairing->finished)
		return;
	switch (how % 4) {
	case 0:
		pairing->keyed = true;
		pairing->set.on_event("key", json_object(), pairing->set.arg);
		break;
	case 1:
		pairing->finished = true;
		pairing->set.on_done(STATUS_REFUSED, pairing->set.arg);
		break;
	case 2:
		if (!pairing->keyed)
			break;
		pairing->finished = true;
		pairing->set.on_event("paired", json_object(),
				      pairing->set.arg);
		pairing->set.on_done(STATUS_OK, pairing->set.arg);
		break;
	default:
		if (how & 4)
			pairing->set.on_confirm(123456, pairing->set.arg);
		else
			pairing->set.on_passkey(pairing->set.arg);
	}
}

static void fire(struct loop_timer *timer)
{
	if (!timer || !timer->armed)
		return;
	timer->armed = false;
	timer->fn(timer->arg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct link_address address = { .kind = LINK_DEVICE,
					.bdaddr = { { 1, 1, 1, 1, 1, 1 } },
					.bdaddr_type = BDADDR_LE_PUBLIC };
	struct pair_exchange_settings set = {
		.send = on_send, .on_event = on_event, .on_done = on_done,
	};
	struct pair_exchange *exchange;
	uint8_t how;

	input = data;
	left = len;
	how = next();
	set.role = how & 1 ? ROLE_CENTRAL : ROLE_PERIPHERAL;
	set.bond = bond = how & 2;
	memset(peers, 0, sizeof(peers));
	timers[0] = timers[1] = NULL;
	fails = data_in_kernel = false;
	exchange = pair_exchange_new(&set);
	while (left) {
		struct one *one;

		how = next();
		one = &peers[(how >> 4) % PEERS];
		switch (how % 8) {
		case 0:
			if (one->there)
				break;
			one->there = one->secured = true;
			pair_exchange_begin(exchange, one, &address, 1, 5);
			break;
		case 1:
		case 2:
		case 3:
			receive(exchange, one, set.role == ROLE_CENTRAL);
			break;
		case 4:
			pair(how >> 4);
			break;
		case 5:
			fire(timers[how >> 7]);
			break;
		case 6:
			fails = how & 0x80;
			break;
		default:
			if (one->there)
				pair_exchange_forget(exchange, one);
			memset(one, 0, sizeof(*one));
		}
		fire(timers[1]);
	}
	pair_exchange_free(exchange);
	must(!pairing && !data_in_kernel);
	return 0;
}
