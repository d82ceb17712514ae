/* SPDX-License-Identifier: GPL-3.0-or-later */
/* If a peripheral sends what it must not, the gateway ends the link and passes
 * none of it to a central. */
#include "config.h"
#include "gate.h"

struct exchange {
	const char *request;
	size_t request_len;
	const char *response;
	size_t len;
};

#define LIE(request, response)                                                \
	{ request, sizeof(request) - 1, response, sizeof(response) - 1 }

#define FIND "\x04\x02\x00\x20\x00"
#define VALUE_OF "\x06\x02\x00\x20\x00\x00\x28\x00\x18"
#define TYPE "\x08\x02\x00\x20\x00\x03\x28"
#define GROUP "\x10\x02\x00\x20\x00\x00\x28"

static const struct exchange lies[] = {
	/* not an answer to this */
	LIE("\x0a\x09\x00", "\x0d"),
	LIE("\x0a\x09\x00", "\x03\x40\x00"),
	LIE("\x0c\x09\x00\x00\x00", "\x0b"),
	LIE(FIND, "\x07\x02\x00\x02\x00"),
	LIE(TYPE, "\x11\x06\x02\x00\x02\x00\x00\x18"),
	/* errors */
	LIE("\x0a\x09\x00", "\x01\x0a\x09\x00"),
	LIE("\x0a\x09\x00", "\x01\x0a\x09\x00\x05\x00"),
	LIE("\x0a\x09\x00", "\x01\x0c\x09\x00\x05"),
	LIE("\x0a\x09\x00", "\x01\x0a\x09\x00\x00"),
	LIE("\x0a\x09\x00", "\x01"),
	/* Find Information */
	LIE(FIND, "\x05"),
	LIE(FIND, "\x05\x01"),
	LIE(FIND, "\x05\x01\x02\x00\x00"),
	LIE(FIND, "\x05\x03\x02\x00\x00\x28"),
	LIE(FIND, "\x05\x00\x02\x00\x00\x28"),
	LIE(FIND, "\x05\x01\x02\x00\x00\x28\x03"),
	LIE(FIND, "\x05\x02\x02\x00\x00\x28"),
	LIE(FIND, "\x05\x01\x01\x00\x00\x28"),
	LIE(FIND, "\x05\x01\x21\x00\x00\x28"),
	LIE(FIND, "\x05\x01\x00\x00\x00\x28"),
	LIE(FIND, "\x05\x01\x03\x00\x00\x28\x03\x00\x00\x28"),
	LIE(FIND, "\x05\x01\x03\x00\x00\x28\x02\x00\x00\x28"),
	/* Find By Type Value */
	LIE(VALUE_OF, "\x07"),
	LIE(VALUE_OF, "\x07\x02\x00\x02"),
	LIE(VALUE_OF, "\x07\x02\x00\x02\x00\x03"),
	LIE(VALUE_OF, "\x07\x01\x00\x02\x00"),
	LIE(VALUE_OF, "\x07\x21\x00\x22\x00"),
	LIE(VALUE_OF, "\x07\x03\x00\x02\x00"),
	LIE(VALUE_OF, "\x07\x03\x00\x03\x00\x03\x00\x03\x00"),
	/* Read By Type */
	LIE(TYPE, "\x09"),
	LIE(TYPE, "\x09\x02"),
	LIE(TYPE, "\x09\x00\x02\x00"),
	LIE(TYPE, "\x09\x01\x02\x00"),
	LIE(TYPE, "\x09\x04\x02\x00\x02"),
	LIE(TYPE, "\x09\x04\x02\x00xx\x03\x00x"),
	LIE(TYPE, "\x09\x04\x01\x00xx"),
	LIE(TYPE, "\x09\x04\x21\x00xx"),
	LIE(TYPE, "\x09\x04\x03\x00xx\x03\x00xx"),
	LIE(TYPE, "\x09\x04\x03\x00xx\x02\x00xx"),
	/* Read By Group Type */
	LIE(GROUP, "\x11"),
	LIE(GROUP, "\x11\x06"),
	LIE(GROUP, "\x11\x03\x02\x00\x02"),
	LIE(GROUP, "\x11\x06\x02\x00\x02\x00\x00"),
	LIE(GROUP, "\x11\x06\x02\x00\x02\x00\x00\x18\x03"),
	LIE(GROUP, "\x11\x06\x01\x00\x02\x00\x00\x18"),
	LIE(GROUP, "\x11\x06\x21\x00\x22\x00\x00\x18"),
	LIE(GROUP, "\x11\x06\x03\x00\x02\x00\x00\x18"),
	LIE(GROUP, "\x11\x06\x03\x00\x05\x00\x00\x18"
	    "\x05\x00\x06\x00\x00\x18"),
	LIE(GROUP, "\x11\x06\x03\x00\xff\xff\x00\x18"
	    "\x00\x00\x06\x00\x00\x18"),
	/* values */
	LIE("\x20\x09\x00\x0e\x00", "\x21\x01"),
	LIE("\x20\x09\x00\x0e\x00", "\x21\x00\x00\x01\x00x\x00"),
	LIE("\x20\x09\x00\x0e\x00", "\x21\x00\x00\x01\x00x\x00\x00"),
	LIE("\x12\x09\x00x", "\x13x"),
	LIE("\x12\x0f\x00\x01\x00", "\x13\x00"),
	LIE("\x16\x09\x00\x00\x00x", "\x17\x09\x00\x00"),
	LIE("\x16\x09\x00\x00\x00x", "\x17\x09\x00\x00\x00xy"),
	/* at any time */
	LIE("\x0a\x09\x00", ""),
	LIE("\x0a\x09\x00", "\x1b\x09"),
	LIE("\x0a\x09\x00", "\x1b\x00\x00"),
	LIE("\x0a\x09\x00", "\x1d\x09"),
	LIE("\x0a\x09\x00", "\x1d\x00\x00x"),
	LIE("\x0a\x09\x00", "\x23\x09\x00\x01"),
	LIE("\x0a\x09\x00", "\x23\x09\x00\x01\x00"),
	LIE("\x0a\x09\x00", "\x23\x00\x00\x01\x00x"),
};

static const struct exchange truths[] = {
	LIE(FIND, "\x05\x02\x20\x00""1234567890123456"),
	LIE(VALUE_OF, "\x07\x02\x00\xef\xff"),
	LIE(VALUE_OF, "\x07\x02\x00\x08\x00\x04\x00\x05\x00"),
	LIE(TYPE, "\x09\x02\x02\x00\x20\x00"),
	LIE(GROUP, "\x11\x04\x02\x00\x02\x00\x20\x00\xef\xff"),
	LIE("\x0e\x09\x00\x0e\x00", "\x0f"),
	LIE("\x20\x09\x00\x0e\x00", "\x21"),
	LIE("\x20\x09\x00\x0e\x00", "\x21\x00\x00\xff\xffxx"),
	LIE("\x16\x09\x00\x00\x00x", "\x17\x09\x00\x00\x00y"),
	LIE("\x18\x01", "\x19"),
};

static void lying(void)
{
	gateway_to(64, NULL, 0, false);
	by_hand = true;
	for (size_t i = 0; i < COUNT(lies); i++) {
		const struct exchange *x = &lies[i];
		uint8_t error[5] = { 0x01, (uint8_t)x->request[0] };

		memcpy(error + 2, x->request + 1, 2);
		error[4] = 0x0e;
		come(0);
		give(0, "\x02\x40\x00", 3);
		CHECK(GOT(0, "\x03\x40\x00"));
		give(0, x->request, x->request_len);
		CHECK(is_next(&sent, x->request, x->request_len));
		say(x->response, x->len);
		CHECK(faulted && NOTHING_SENT);
		CHECK(is_next(&centrals[0].got, error, 5) && GOT_NOTHING(0));
		CHECK(centrals[0].taken == 2 && !centrals[0].dropped);
		link_down();
		by_hand = false;
		link_up();
		by_hand = true;
		CHECK(!faulted && NOTHING_SENT);
	}
	for (size_t i = 0; i < COUNT(truths); i++) {
		const struct exchange *x = &truths[i];

		give(0, "\x02\x40\x00", 3);
		CHECK(GOT(0, "\x03\x40\x00"));
		give(0, x->request, x->request_len);
		CHECK(is_next(&sent, x->request, x->request_len));
		say(x->response, x->len);
		CHECK(!faulted);
		CHECK(is_next(&centrals[0].got, x->response, x->len));
	}
	all_is_well();
}

static void unasked(void)
{
	static const char *const responses[] = {
		"\x01\x0a\x09\x05\x05", "\x03\x40\x40", "\x05\x01", "\x0b",
		"\x13", "\x17", "\x19", "\x21",
	};
	static uint8_t longer[65] = "\x1b\x09\x00";

	for (size_t i = 0; i < COUNT(responses); i++) {
		gateway_to(64, NULL, 0, false);
		say(responses[i], strlen(responses[i]));
		CHECK(faulted && !strcmp(faulted, "it sends a response that "
						  "was not requested"));
	}
	gateway_to(64, NULL, 0, false);
	say(longer, 64);
	CHECK(!faulted);
	say(longer, 65);
	CHECK(faulted && strstr(faulted, "longer"));
	/* also while it is discovered */
	gateway_to(64, NULL, 0, false);
	by_hand = true;
	gateway_up(gate, now);
	CHECK(SENT("\x02\x05\x02"));
	say(longer, 24);
	CHECK(faulted);
	faulted = NULL;
	gateway_up(gate, now);
	SAY("\x03\x16\x00");
	CHECK(faulted);
	SAY("\x03\x17\x00");
	gateway_down(gate, now);
	SAY("\x03\x17\x00");
	CHECK(readies == 1);
}

/* The peripheral may be a client too, but it finds nothing. */
static void asking(void)
{
	gateway_to(64, NULL, 0, false);
	by_hand = true;
	SAY("\x02\x17\x00");
	CHECK(SENT("\x03\x05\x02"));
	SAY("\x10\x01\x00\xff\xff\x00\x28");
	CHECK(SENT("\x01\x10\x01\x00\x0a"));
	SAY("\x0a\x01\x00");
	CHECK(SENT("\x01\x0a\x01\x00\x01"));
	SAY("\x18\x01");
	CHECK(SENT("\x01\x18\x00\x00\x06"));
	SAY("\x1f");
	CHECK(SENT("\x01\x1f\x00\x00\x06"));
	SAY("\x52\x01\x00x");
	SAY("\xd2\x01\x00x");
	SAY("\x7f");
	SAY("\x1e");
	CHECK(NOTHING_SENT);
	/* the gateway's own exchange decides */
	CHECK(ANSWERS(0, "\x02\x05\x02", "\x03\x40\x00"));
	/* both at once */
	gateway_up(gate, now);
	CHECK(SENT("\x02\x05\x02"));
	SAY("\x02\x40\x00");
	CHECK(SENT("\x03\x05\x02"));
	SAY("\x03\x40\x00");
	CHECK(SENT("\x10\x01\x00\xff\xff\x00\x28") && !faulted);
}

/* A configuration has 2 octets; a longer value is not one. */
static void odd_configurations(void)
{
	gateway_to(64, NULL, 0, false);
	CHECK(ANSWERS(0, "\x12\x0f\x00\x01\x00", "\x13"));
	by_hand = true;
	GIVE_TO(0, "\x08\x01\x00\xff\xff\x02\x29");
	SAY("\x09\x05\x0f\x00\xff\xff\xff");
	CHECK(GOT(0, "\x09\x05\x0f\x00\x01\x00\xff"));
	GIVE_TO(0, "\x08\x01\x00\xff\xff\x02\x29");
	SAY("\x09\x02\x0f\x00");
	CHECK(GOT(0, "\x09\x02\x0f\x00"));
	CHECK(!faulted);
}

/* Answers longer than a central's MTU are cut, by octets or by entries. */
static void cutting(void)
{
	static const struct {
		struct exchange x;
		const char *cut;
		size_t len;
	} long_ones[] = {
#define CUT(request, response, cut)                                           \
	{ LIE(request, response), cut, sizeof(cut) - 1 }
		CUT("\x0a\x09\x00", "\x0b""1234567890123456789012xyz",
		    "\x0b""1234567890123456789012"),
		CUT("\x0c\x09\x00\x01\x00", "\x0d""1234567890123456789012xyz",
		    "\x0d""1234567890123456789012"),
		CUT("\x0e\x09\x00\x0e\x00", "\x0f""1234567890123456789012xyz",
		    "\x0f""1234567890123456789012"),
		/* a value is cut, its length field is not */
		CUT("\x20\x09\x00\x0e\x00",
		    "\x21\x15\x00""123456789012345678901\x00\x00",
		    "\x21\x15\x00""12345678901234567890"),
		CUT("\x20\x09\x00\x0e\x00",
		    "\x21\x13\x00""1234567890123456789\x05\x00""abcde",
		    "\x21\x13\x00""1234567890123456789"),
		CUT("\x20\x09\x00\x0e\x00",
		    "\x21\x12\x00""123456789012345678\x05\x00""abcde",
		    "\x21\x12\x00""123456789012345678\x05\x00"),
		/* whole entries, or a part of the first */
		CUT(FIND, "\x05\x02\x02\x00""1234567890123456"
		    "\x03\x00""1234567890123456",
		    "\x05\x02\x02\x00""1234567890123456"),
		CUT(VALUE_OF, "\x07\x02\x00\x02\x00\x03\x00\x03\x00"
		    "\x04\x00\x04\x00\x05\x00\x05\x00\x06\x00\x06\x00"
		    "\x07\x00\x07\x00",
		    "\x07\x02\x00\x02\x00\x03\x00\x03\x00"
		    "\x04\x00\x04\x00\x05\x00\x05\x00\x06\x00\x06\x00"),
		CUT(TYPE, "\x09\x0b\x02\x00""123456789\x03\x00""123456789",
		    "\x09\x0b\x02\x00""123456789"),
		CUT(TYPE, "\x09\x16\x02\x00""12345678901234567890",
		    "\x09\x15\x02\x00""1234567890123456789"),
		CUT(GROUP, "\x11\x18\x02\x00\x02\x00""12345678901234567890",
		    "\x11\x15\x02\x00\x02\x00""12345678901234567"),
		CUT(GROUP, "\x11\x0c\x02\x00\x02\x00""12345678"
		    "\x03\x00\x03\x00""12345678",
		    "\x11\x0c\x02\x00\x02\x00""12345678"),
	};

	gateway_to(64, NULL, 0, false);
	by_hand = true;
	for (size_t i = 0; i < COUNT(long_ones); i++) {
		const struct exchange *x = &long_ones[i].x;

		give(0, x->request, x->request_len);
		CHECK(is_next(&sent, x->request, x->request_len));
		say(x->response, x->len);
		CHECK(is_next(&centrals[0].got, long_ones[i].cut,
			      long_ones[i].len));
	}
	/* what is not long is so for a smaller MTU, or is not */
	GIVE_TO(0, "\x0c\x09\x00\x16\x00");
	CHECK(SENT("\x0c\x09\x00\x16\x00"));
	SAY("\x01\x0c\x09\x00\x0b");
	CHECK(GOT_NOTHING(0) && SENT("\x0a\x09\x00"));
	SAY("\x0b""1234567890123456789012xyz");
	CHECK(GOT(0, "\x0d""xyz"));
	GIVE_TO(0, "\x0c\x09\x00\x1a\x00");
	SAY("\x01\x0c\x09\x00\x0b");
	SAY("\x0b""1234567890123456789012xyz");
	CHECK(GOT(0, "\x01\x0c\x09\x00\x07"));
	GIVE_TO(0, "\x0c\x09\x00\x01\x00");
	SAY("\x01\x0c\x09\x00\x0b");
	SAY("\x0b""1234567890123456789012");
	CHECK(GOT(0, "\x01\x0c\x09\x00\x0b"));
	GIVE_TO(0, "\x0c\x09\x00\x01\x00");
	SAY("\x01\x0c\x09\x00\x0b");
	SAY("\x01\x0a\x09\x00\x05");
	CHECK(GOT(0, "\x01\x0c\x09\x00\x05"));
	memset(&sent, 0, sizeof(sent));
	all_is_well();
}

int main(void)
{
	lying();
	unasked();
	asking();
	odd_configurations();
	cutting();
	gateway_free(gate);
	gatt_db_free(&db);
	return 0;
}
