/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often the key signs, in total and for one address. */
#include "config.h"
#include "key/sign-limit.h"
#include "unit.h"

#define SECOND 1000000U

/* Count the signatures granted at that time, however many are asked for. */
static unsigned int spend(struct sign_limit *limit, uint64_t from,
			  uint64_t now)
{
	unsigned int n = 0;

	for (; n < 1000 && sign_limit_allows(limit, from, now); n++)
		sign_limit_spend(limit, from, now);
	return n;
}

static void all_together(void)
{
	struct sign_limit limit;

	sign_limit_start(&limit, SECOND);
	CHECK(spend(&limit, 0, SECOND) == 32);
	CHECK(spend(&limit, 0, SECOND + 99999) == 0);
	CHECK(spend(&limit, 0, SECOND + 100000) == 1);
	CHECK(spend(&limit, 0, 2 * SECOND) == 9);
	CHECK(spend(&limit, 0, 1000 * SECOND) == 32);
}

static void one_address(void)
{
	struct sign_limit limit;

	sign_limit_start(&limit, SECOND);
	CHECK(spend(&limit, 1, SECOND) == 16);
	/* Another address gets the rest. */
	CHECK(!sign_limit_allows(&limit, 1, SECOND));
	CHECK(sign_limit_allows(&limit, 2, SECOND));
	CHECK(spend(&limit, 2, SECOND) == 16);
	CHECK(spend(&limit, 3, SECOND) == 0);
	CHECK(spend(&limit, 1, 2 * SECOND) == 5);
	CHECK(spend(&limit, 2, 2 * SECOND) == 5);
	CHECK(spend(&limit, 1, 1000 * SECOND) == 16);
}

/* Thousands of addresses do not exceed the total, nor hide a greedy one. */
static void made_up_addresses(void)
{
	struct sign_limit limit;
	unsigned int n = 0;

	sign_limit_start(&limit, SECOND);
	CHECK(spend(&limit, 1, SECOND) == 16);
	for (uint64_t from = 2; from < 5000; from++)
		n += spend(&limit, from, SECOND + from * 1000);
	CHECK(n >= 16 + 49 && n <= 16 + 51);
	sign_limit_start(&limit, SECOND);
	for (unsigned int tick = 0; tick < 600; tick++) {
		uint64_t now = SECOND + tick * 100000;

		/* The greedy address, then a new one each time. */
		n = spend(&limit, 1, now);
		CHECK(tick == 0 ? n == 16 : n <= 1);
		spend(&limit, 100 + tick, now);
	}
}

int main(void)
{
	all_together();
	one_address();
	made_up_addresses();
	return 0;
}
