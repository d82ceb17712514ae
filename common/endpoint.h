/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What blesec-serve and blesec-connect set up alike: their common options, the
 * identity, the signer, the channel and the hub.
 */
#ifndef BLESEC_ENDPOINT_H
#define BLESEC_ENDPOINT_H

#include <getopt.h>

#include "gatt-profile.h"
#include "hub.h"
#include "identity.h"
#include "policy.h"

#define ENDPOINT_LIST_MAX 64

struct endpoint {
	/* Options. */
	const char *dir, *key, *groups;
	const char *names[ENDPOINT_LIST_MAX], *pins[ENDPOINT_LIST_MAX];
	bool keylog;
	enum bearer {
		BEARER_ATT,
		BEARER_COC,	/* LE credit-based channel */
		BEARER_AUTO,	/* that, if the peer offers it, else ATT */
	} bearer;
	uint16_t psm;		/* 0: not given */
	const char *profile_path;	/* of a GATT profile; NULL: none */
	/* Made by endpoint_start. */
	struct identity identity;
	struct gatt_profile profile;
	struct policy policy;
	struct signer signer;
	struct hub_settings hub_settings;
	struct loop *loop;
	struct hub *hub;
};

/* val of the long options that have no letter. */
enum {
	ENDPOINT_OPTION_TCTI = 256,
	ENDPOINT_OPTION_GROUPS,
	ENDPOINT_OPTION_KEYLOG,
	ENDPOINT_OPTION_PAIR,
	ENDPOINT_OPTION_BOND,
	ENDPOINT_OPTION_REQUIRE_PAIRING,
	ENDPOINT_OPTION_LINES,
	ENDPOINT_OPTION_BEARER,
	ENDPOINT_OPTION_PSM,
	ENDPOINT_OPTION_OWN,	/* a tool's own: from here on */
};

/* getopt_long's tables of what is common, for the tool's own to include. */
#define ENDPOINT_SHORT "d:k:n:p:t:c:w:rqvhV"
#define ENDPOINT_LONG                                                         \
	{ "dir", required_argument, NULL, 'd' },                              \
	{ "key", required_argument, NULL, 'k' },                              \
	{ "peer-name", required_argument, NULL, 'n' },                        \
	{ "pin", required_argument, NULL, 'p' },                              \
	{ "timeout", required_argument, NULL, 't' },                          \
	{ "count", required_argument, NULL, 'c' },                            \
	{ "wait", required_argument, NULL, 'w' },                             \
	{ "raw", no_argument, NULL, 'r' },                                    \
	{ "bearer", required_argument, NULL, ENDPOINT_OPTION_BEARER },        \
	{ "psm", required_argument, NULL, ENDPOINT_OPTION_PSM },              \
	{ "lines", no_argument, NULL, ENDPOINT_OPTION_LINES },                \
	{ "quiet", no_argument, NULL, 'q' },                                  \
	{ "verbose", no_argument, NULL, 'v' },                                \
	{ "help", no_argument, NULL, 'h' },                                   \
	{ "version", no_argument, NULL, 'V' },                                \
	{ "tcti", required_argument, NULL, ENDPOINT_OPTION_TCTI },            \
	{ "groups", required_argument, NULL, ENDPOINT_OPTION_GROUPS },        \
	{ "insecure-keylog", no_argument, NULL, ENDPOINT_OPTION_KEYLOG },     \
	{ "pair", no_argument, NULL, ENDPOINT_OPTION_PAIR },                  \
	{ "bond", no_argument, NULL, ENDPOINT_OPTION_BOND },                  \
	{ "require-pairing", no_argument, NULL,                               \
	  ENDPOINT_OPTION_REQUIRE_PAIRING }

/* Their part of --help. */
extern const char endpoint_help[];

void endpoint_init(struct endpoint *endpoint);

/*
 * Take one option that getopt_long returned.  Exits with STATUS_USAGE if its
 * value is bad, and after --version.
 */
void endpoint_option(struct endpoint *endpoint, int option);

/*
 * The arguments from optind on: one address and, after "--", a command.
 * Returns the address; exits with STATUS_USAGE, saying what is missing if there
 * is none.
 */
const char *endpoint_arguments(struct endpoint *endpoint, int argc,
			       char **argv, const char *missing);

/*
 * Check the options against each other and the address that was given; exits
 * with STATUS_USAGE if they do not go together.
 */
void endpoint_check(const struct endpoint *endpoint,
		    const struct link_address *address);

/* A whole number from min to max, else exits with STATUS_USAGE. */
long endpoint_number(const char *option, const char *text, long min, long max);

/* Exits with STATUS_USAGE: what getopt_long has complained of. */
_Noreturn void endpoint_usage(void);

/*
 * Load the identity, start the signer, make the hub.  policy.role and
 * hub_settings' callbacks are set by the caller.
 */
enum status endpoint_start(struct endpoint *endpoint);
void endpoint_stop(struct endpoint *endpoint);

#endif
