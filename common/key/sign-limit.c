/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/sign-limit.h"

#include "base/limits.h"

#define REFILL_US (1000000 / SIGN_PER_SECOND)

static void refill(struct sign_bucket *bucket, unsigned int burst,
		   uint64_t interval, uint64_t now)
{
	uint64_t earned = (now - bucket->filled) / interval;

	if (bucket->left + earned >= burst) {
		bucket->left = burst;
		bucket->filled = now;
	} else {
		bucket->left += (unsigned int)earned;
		bucket->filled += earned * interval;
	}
}

static void refill_one(struct sign_bucket *bucket, uint64_t now)
{
	refill(bucket, SIGN_BURST / 2, 2 * REFILL_US, now);
}

void sign_limit_start(struct sign_limit *limit, uint64_t now)
{
	*limit = (struct sign_limit){
		.all = { .left = SIGN_BURST, .filled = now },
	};
}

/* NULL if nothing was signed for the address recently. */
static struct sign_bucket *find_bucket(struct sign_limit *limit, uint64_t from)
{
	for (size_t i = 0; from && i < SIGN_ADDRESSES; i++)
		if (limit->each[i].from == from)
			return &limit->each[i];
	return NULL;
}

bool sign_limit_allows(struct sign_limit *limit, uint64_t from, uint64_t now)
{
	struct sign_bucket *one = find_bucket(limit, from);

	refill(&limit->all, SIGN_BURST, REFILL_US, now);
	if (one)
		refill_one(one, now);
	return limit->all.left && (!one || one->left);
}

/* Replace the fullest bucket: a full one can be forgotten. */
static struct sign_bucket *make_room(struct sign_limit *limit, uint64_t now)
{
	struct sign_bucket *fullest = limit->each;

	for (size_t i = 0; i < SIGN_ADDRESSES; i++) {
		if (!limit->each[i].from)
			return &limit->each[i];
		refill_one(&limit->each[i], now);
		if (limit->each[i].left > fullest->left)
			fullest = &limit->each[i];
	}
	return fullest;
}

void sign_limit_spend(struct sign_limit *limit, uint64_t from, uint64_t now)
{
	struct sign_bucket *one = find_bucket(limit, from);

	if (from && !one) {
		one = make_room(limit, now);
		*one = (struct sign_bucket){ from, SIGN_BURST / 2, now };
	}
	if (one && one->left)
		one->left--;
	if (limit->all.left)
		limit->all.left--;
}
