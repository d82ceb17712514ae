/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What blesec-serve and blesec-connect set up alike: their common options, the
 * identity, the signer, the channel and the hub.
 */
#ifndef BLESEC_ENDPOINT_H
#define BLESEC_ENDPOINT_H

#include <getopt.h>
#include <limits.h>

#include "channel/credentials.h"
#include "base/dir-watch.h"
#include "profile/gatt-profile.h"
#include "hub/hub.h"
#include "pki/policy.h"

#define ENDPOINT_LIST_MAX 64

struct endpoint {
	/* Options. */
	const char *dir, *key, *groups;
	const char *names[ENDPOINT_LIST_MAX], *pins[ENDPOINT_LIST_MAX];
	struct secret key_auth;
	bool keylog;
	bool bluetooth;		/* the link is not a unix socket */
	enum bearer {
		BEARER_ATT,
		BEARER_COC,	/* LE credit-based channel */
		BEARER_AUTO,	/* the channel if the peer offers it, else
				 * ATT */
	} bearer;
	uint16_t psm;		/* 0: not given */
	const char *profile_path;	/* of a GATT profile; NULL: none */
	bool reloads;		/* load a new identity when there is one */
	/* Set by endpoint_start. */
	struct credentials credentials;
	struct signer_retired *retired;
	bool key_refused;	/* the last new key was refused */
	uint8_t refused[32];	/* as in struct credentials */
	char path[PATH_MAX];	/* of dir, if it had to be resolved */
	char name[CERT_NAME_MAX + 1];	/* of the first certificate */
	struct dir_watch *watch;
	struct gatt_profile profile;
	struct loop_timer daily, crl_timer;
	char crl_end[CERT_TIME_SIZE];	/* end of the CRL last warned about */
	bool crl_stale;		/* the CRL had ended then */
	struct policy policy;
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
	ENDPOINT_OPTION_KEY_AUTH,
	ENDPOINT_OPTION_NO_SANDBOX,
	ENDPOINT_OPTION_OWN,	/* the tool's own options start here */
};

/* The common options, to be included in a tool's tables for getopt_long. */
#define ENDPOINT_SHORT "d:k:n:p:t:c:w:rqvhV"
#define ENDPOINT_LONG                                                         \
	{ "dir", required_argument, NULL, 'd' },                              \
	{ "key", required_argument, NULL, 'k' },                              \
	{ "key-auth", required_argument, NULL, ENDPOINT_OPTION_KEY_AUTH },    \
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
	{ "no-sandbox", no_argument, NULL, ENDPOINT_OPTION_NO_SANDBOX },      \
	{ "pair", no_argument, NULL, ENDPOINT_OPTION_PAIR },                  \
	{ "bond", no_argument, NULL, ENDPOINT_OPTION_BOND },                  \
	{ "require-pairing", no_argument, NULL,                               \
	  ENDPOINT_OPTION_REQUIRE_PAIRING }

/* Their part of --help. */
extern const char endpoint_help[];

void endpoint_init(struct endpoint *endpoint);

/*
 * Handle an option that getopt_long returned.  Exits with STATUS_USAGE if its
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
void endpoint_check(struct endpoint *endpoint,
		    const struct link_address *address);

/*
 * Parse an integer from min to max; exits with STATUS_USAGE if it is not one.
 */
long endpoint_number(const char *option, const char *text, long min, long max);

/* Exit with STATUS_USAGE; getopt_long has reported the error. */
_Noreturn void endpoint_usage(void);

/*
 * Drop the privileges that are not needed, load the identity, start the signer
 * and make the hub.  The caller has set bluetooth (endpoint_check does),
 * policy.role, and the callbacks of hub_settings.
 */
enum status endpoint_start(struct endpoint *endpoint);

/*
 * Read the identity again and use it for the peers to come; those that are there
 * stay, unless a CRL revokes them.  If a start with it would fail, all but a CRL
 * that is good by itself stays as it is, and a warning and an event say why.  An
 * event says what has changed; with always, also that nothing has.
 */
void endpoint_reload(struct endpoint *endpoint, bool always);

/*
 * Returns the status, or STATUS_OTHER instead of STATUS_OK if stdout was
 * truncated.
 */
enum status endpoint_stop(struct endpoint *endpoint, enum status status);

/* In endpoint-identity.c, for endpoint.c. */

/* Load it into credentials, and begin to look for another if reloads. */
enum status endpoint_identity_start(struct endpoint *endpoint);
/* There is a hub now: warn when the certificate ends, at once and daily. */
void endpoint_identity_watch(struct endpoint *endpoint);
void endpoint_identity_stop(struct endpoint *endpoint);

#endif
