/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/pair-exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "pairing/oob-mgmt.h"
#include "pairing/pair-adapter.h"
#include "pairing/pairing.h"

#define PAIRING_MS 30000
#define HOLD_MS 2000		/* a link that does not hold is lost by then */
#define ANSWER_MS 40000		/* the peer's part, with both times above */
#define READY_MS 10000		/* a peripheral waits this long for a central */

#define FLAG_BOND 0x01

/* Offsets of the members of an offer. */
#define OFFER_FLAGS 1
#define OFFER_ADDRESS 2
#define OFFER_TYPE 8
#define OFFER_ROLE 9
#define OFFER_CONFIRM 10
#define OFFER_RANDOM 26

struct entry {
	struct entry *next;
	struct pair_exchange *exchange;
	void *peer;
	struct link_address address;
	struct link_address adapter;
	int link;
	uint8_t offer[PAIR_MESSAGE_MAX];
	bool offered;		/* offer holds the peer's offer */
};

struct pair_exchange {
	const struct pair_exchange_settings *set;
	struct entry *entries, *active;
	/* The state of the active entry. */
	struct pairing *pairing;
	json_t *paired;		/* the event, held until the peer confirms */
	bool peer_ready, ready, peer_ok, started, said_result;
	struct loop_timer answer, next;
};

static void exchange_run_next(void *arg);

bool pair_message_valid(const uint8_t *body, size_t len)
{
	static const uint8_t lens[] = {
		[PAIR_OFFER] = PAIR_MESSAGE_MAX, [PAIR_READY] = 1,
		[PAIR_RESULT] = 2, [PAIR_REFUSE] = 2,
	};

	return len && body[0] >= PAIR_OFFER && body[0] <= PAIR_REFUSE &&
	       len == lens[body[0]];
}

struct pair_exchange *pair_exchange_new(
	const struct pair_exchange_settings *settings)
{
	struct pair_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		die(STATUS_OTHER, "out of memory");
	exchange->set = settings;
	return exchange;
}

static struct entry *exchange_find(struct pair_exchange *exchange,
				   const void *peer)
{
	struct entry *entry = exchange->entries;

	while (entry && entry->peer != peer)
		entry = entry->next;
	return entry;
}

static void exchange_remove_entry(struct entry *entry)
{
	struct entry **at = &entry->exchange->entries;

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	free(entry);
}

/* End the active pairing and clear the data, whatever the outcome. */
static void exchange_end_active(struct pair_exchange *exchange, bool success)
{
	if (exchange->pairing) {
		/* Remove a key that only one side considers good. */
		if (!success && pairing_keyed(exchange->pairing))
			pair_unpair(pairing_adapter(exchange->pairing),
				    &exchange->active->address, false);
		oob_clear_remote(pairing_adapter(exchange->pairing));
		pairing_end(exchange->pairing);
	}
	exchange->pairing = NULL;
	json_decref(exchange->paired);
	exchange->paired = NULL;
	exchange->active = NULL;
	loop_cancel(exchange->set->loop, &exchange->answer);
	loop_after(exchange->set->loop, &exchange->next, 0, exchange_run_next,
		   exchange);
}

void pair_exchange_free(struct pair_exchange *exchange)
{
	if (!exchange)
		return;
	exchange_end_active(exchange, false);
	loop_cancel(exchange->set->loop, &exchange->next);
	while (exchange->entries)
		exchange_remove_entry(exchange->entries);
	free(exchange);
}

static void exchange_say(struct pair_exchange *exchange, enum pair_step step,
			 uint8_t what)
{
	const uint8_t body[2] = { (uint8_t)step, what };

	exchange->set->send(exchange->active->peer, body,
			    step == PAIR_READY ? 1 : 2);
}

static void exchange_finish(struct pair_exchange *exchange, enum status status,
			    const char *reason)
{
	struct entry *entry = exchange->active;
	void *peer = entry->peer;

	exchange_end_active(exchange, !status);
	exchange_remove_entry(entry);
	exchange->set->on_done(peer, status, reason);
}

static void exchange_refuse(struct pair_exchange *exchange,
			    enum pair_refusal why, const char *reason)
{
	exchange_say(exchange, PAIR_REFUSE, (uint8_t)why);
	exchange_finish(exchange, STATUS_REFUSED, reason);
}

static void exchange_no_answer(void *arg)
{
	exchange_say(arg, PAIR_REFUSE, PAIR_UNABLE);
	exchange_finish(arg, STATUS_TIMEOUT,
			"the peer did not do its part in time");
}

/* Pairing. */

static void exchange_on_event(const char *event, json_t *more, void *arg)
{
	struct pair_exchange *exchange = arg;

	if (!strcmp(event, "paired")) {
		/* Report it only when the peer has confirmed it. */
		exchange->paired = more;
		return;
	}
	exchange->set->on_event(exchange->active->peer, event, more);
}

static void exchange_check_both(struct pair_exchange *exchange)
{
	json_t *paired = exchange->paired;

	if (!paired || !exchange->peer_ok || !exchange->said_result)
		return;
	exchange->paired = NULL;
	exchange->set->on_event(exchange->active->peer, "paired", paired);
	exchange_finish(exchange, STATUS_OK, "");
}

static void exchange_on_paired(enum status status, void *arg)
{
	struct pair_exchange *exchange = arg;

	exchange->said_result = true;
	exchange_say(exchange, PAIR_RESULT, (uint8_t)status);
	if (status)
		exchange_finish(exchange, status, "pairing failed");
	else
		exchange_check_both(exchange);
}

/* Never called: OOB asks no questions, and other methods are refused. */
static void exchange_on_confirm(uint32_t number, void *arg)
{
	struct pair_exchange *exchange = arg;

	(void)number;
	pairing_confirm(exchange->pairing, false);
}

static void exchange_on_passkey(void *arg)
{
	struct pair_exchange *exchange = arg;

	pairing_passkey(exchange->pairing, -1);
}

/* The exchange. */

static bool exchange_send_offer(struct pair_exchange *exchange)
{
	const struct pair_exchange_settings *set = exchange->set;
	uint8_t body[PAIR_MESSAGE_MAX] = { PAIR_OFFER };
	struct oob oob;

	if (oob_clear_remote(pairing_adapter(exchange->pairing)) ||
	    oob_read_local(pairing_adapter(exchange->pairing), &oob))
		return false;
	body[OFFER_FLAGS] = set->bond ? FLAG_BOND : 0;
	memcpy(body + OFFER_ADDRESS, &oob.bdaddr, 6);
	body[OFFER_TYPE] = oob.type;
	body[OFFER_ROLE] = set->role == ROLE_CENTRAL ? OOB_ROLE_CENTRAL
						     : OOB_ROLE_PERIPHERAL;
	memcpy(body + OFFER_CONFIRM, oob.confirm, OOB_VALUE);
	memcpy(body + OFFER_RANDOM, oob.random, OOB_VALUE);
	set->send(exchange->active->peer, body, sizeof(body));
	OPENSSL_cleanse(body, sizeof(body));
	oob_clear(&oob);
	return true;
}

static bool exchange_is_the_link(const struct entry *entry, enum role role)
{
	const uint8_t *offer = entry->offer;

	return !memcmp(offer + OFFER_ADDRESS, &entry->address.bdaddr, 6) &&
	       offer[OFFER_TYPE] == entry->address.bdaddr_type &&
	       offer[OFFER_ROLE] == (role == ROLE_CENTRAL ?
				     OOB_ROLE_PERIPHERAL : OOB_ROLE_CENTRAL);
}

static void exchange_start_when_ready(struct pair_exchange *exchange)
{
	if (!exchange->ready || !exchange->peer_ready || exchange->started ||
	    exchange->set->role != ROLE_CENTRAL)
		return;
	exchange->started = true;
	pairing_start(exchange->pairing, &exchange->active->address);
}

static void exchange_take_offer(struct pair_exchange *exchange)
{
	struct entry *entry = exchange->active;
	struct oob oob = { 0 };
	enum status status;

	if (!(entry->offer[OFFER_FLAGS] & FLAG_BOND) == exchange->set->bond) {
		exchange_refuse(exchange, PAIR_BOND_DIFFERS, "only one side "
				"has --bond: give it to both or to none");
		return;
	}
	if (!exchange_is_the_link(entry, exchange->set->role)) {
		exchange_refuse(exchange, PAIR_WRONG_ADDRESS, "the peer claims "
				"an address or a role that is not that of the "
				"link");
		return;
	}
	bacpy(&oob.bdaddr, &entry->address.bdaddr);
	oob.type = entry->address.bdaddr_type;
	memcpy(oob.confirm, entry->offer + OFFER_CONFIRM, OOB_VALUE);
	memcpy(oob.random, entry->offer + OFFER_RANDOM, OOB_VALUE);
	OPENSSL_cleanse(entry->offer, sizeof(entry->offer));
	status = oob_add_remote(pairing_adapter(exchange->pairing), &oob);
	oob_clear(&oob);
	if (status) {
		exchange_refuse(exchange, PAIR_UNABLE,
				"the kernel does not accept the peer's data");
		return;
	}
	/* With an old key, the initiator would not make a new one. */
	if (exchange->set->role == ROLE_CENTRAL)
		pair_unpair(pairing_adapter(exchange->pairing),
			    &entry->address, false);
	/* Be ready before PAIR_READY lets the peer begin. */
	if (exchange->set->role == ROLE_PERIPHERAL)
		pairing_await(exchange->pairing, &entry->address);
	exchange->ready = true;
	loop_after(exchange->set->loop, &exchange->answer, ANSWER_MS,
		   exchange_no_answer, exchange);
	exchange_say(exchange, PAIR_READY, 0);
	exchange_start_when_ready(exchange);
}

static void exchange_activate(struct pair_exchange *exchange,
			      struct entry *entry)
{
	const struct pairing_settings settings = {
		.loop = exchange->set->loop,
		.adapter = &entry->adapter,
		.io = SMP_IO_NO_INPUT_NO_OUTPUT,
		.bond = exchange->set->bond,
		.require_oob = true,
		.min_key_size = 16,
		.timeout_ms = PAIRING_MS,
		.hold_ms = HOLD_MS,
		.data_added = true,
		.require_level = true,
		.on_event = exchange_on_event,
		.on_confirm = exchange_on_confirm,
		.on_passkey = exchange_on_passkey,
		.on_done = exchange_on_paired,
		.arg = exchange,
	};

	exchange->active = entry;
	exchange->ready = exchange->peer_ready = exchange->peer_ok =
		exchange->started = exchange->said_result = false;
	/* A central waits longer, because the peer may be busy with others. */
	loop_after(exchange->set->loop, &exchange->answer,
		   exchange->set->role == ROLE_CENTRAL ? ANSWER_MS : READY_MS,
		   exchange_no_answer, exchange);
	if (pairing_begin(&settings, &exchange->pairing)) {
		exchange_refuse(exchange, PAIR_UNABLE,
				"this adapter cannot pair now");
		return;
	}
	pairing_use_link(exchange->pairing, entry->link);
	if (!exchange_send_offer(exchange))
		exchange_refuse(exchange, PAIR_UNABLE,
				"this adapter gives no out-of-band data");
	else if (entry->offered)
		exchange_take_offer(exchange);
}

/* A central takes the first entry, a peripheral the first with an offer. */
static void exchange_run_next(void *arg)
{
	struct pair_exchange *exchange = arg;

	if (exchange->active)
		return;
	for (struct entry *entry = exchange->entries; entry;
	     entry = entry->next)
		if (entry->offered || exchange->set->role == ROLE_CENTRAL) {
			exchange_activate(exchange, entry);
			return;
		}
}

void pair_exchange_begin(struct pair_exchange *exchange, void *peer,
			 const struct link_address *address, uint16_t adapter,
			 int link)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	struct entry **at = &exchange->entries;

	if (!entry)
		die(STATUS_OTHER, "out of memory");
	entry->exchange = exchange;
	entry->peer = peer;
	entry->address = *address;
	entry->adapter.kind = LINK_ADAPTER;
	entry->adapter.index = adapter;
	snprintf(entry->adapter.text, sizeof(entry->adapter.text), "hci%u",
		 adapter);
	entry->link = link;
	while (*at)
		at = &(*at)->next;
	*at = entry;
	exchange_run_next(exchange);
}

static const char *exchange_refusal(uint8_t why)
{
	static const char *const words[] = {
		[PAIR_UNWANTED] = "the peer was not asked to pair: it needs "
				  "--pair, too",
		[PAIR_BOND_DIFFERS] = "only one side has --bond: give it to "
				      "both or to none",
		[PAIR_WRONG_ADDRESS] = "the peer sees another address or role "
				       "of this device",
		[PAIR_UNABLE] = "the peer's adapter cannot pair",
	};

	return why >= PAIR_UNWANTED && why <= PAIR_UNABLE ? words[why] :
	       "the peer refuses";
}

void pair_exchange_receive(struct pair_exchange *exchange, void *peer,
			   const uint8_t *body, size_t len)
{
	static const uint8_t unable[2] = { PAIR_REFUSE, PAIR_UNABLE };
	struct entry *entry = exchange_find(exchange, peer);

	if (!entry) {
		/* After the end of an exchange, only an offer is answered. */
		if (body[0] == PAIR_OFFER)
			exchange->set->send(peer, unable, sizeof(unable));
		return;
	}
	if (body[0] == PAIR_OFFER && !entry->offered) {
		memcpy(entry->offer, body, len);
		entry->offered = true;
		if (entry == exchange->active)
			exchange_take_offer(exchange);
		else
			exchange_run_next(exchange);
		return;
	}
	if (entry != exchange->active) {
		/* The peer has given up waiting. */
		if (body[0] == PAIR_REFUSE)
			entry->offered = false;
		return;
	}
	switch (body[0]) {
	case PAIR_READY:
		exchange->peer_ready = true;
		exchange_start_when_ready(exchange);
		break;
	case PAIR_RESULT:
		exchange->peer_ok = body[1] == 0;
		if (exchange->peer_ok)
			exchange_check_both(exchange);
		else
			exchange_finish(exchange, STATUS_REFUSED,
					"pairing failed at the peer");
		break;
	case PAIR_REFUSE:
		exchange_finish(exchange, STATUS_REFUSED,
				exchange_refusal(body[1]));
		break;
	default:
		break;
	}
}

bool pair_exchange_forget(struct pair_exchange *exchange, void *peer)
{
	struct entry *entry = exchange_find(exchange, peer);
	bool active = entry && entry == exchange->active &&
		      exchange->ready;

	if (!entry)
		return false;
	if (entry == exchange->active)
		exchange_end_active(exchange, false);
	exchange_remove_entry(entry);
	return active;
}
