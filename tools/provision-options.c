/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "provision.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bluetooth/bluetooth.h>

#include "http/crl-fetch.h"
#include "hub/endpoint.h"
#include "key/tpm.h"
#include "hub/version.h"

enum {
	OPT_TPM = 1, OPT_NO_TPM, OPT_NAME, OPT_SAN, OPT_ADDRESS,
	OPT_NO_ADDRESS, OPT_CSR, OPT_INSTALL, OPT_SHOW, OPT_CA, OPT_FORCE,
	OPT_TCTI, OPT_RENEW, OPT_RENEW_BEFORE, OPT_SUDO, OPT_TIMEOUT,
	OPT_FETCH_CRL, OPT_CRL_URL, OPT_CRL_CA,
};

static const struct option options[] = {
	{ "tpm", no_argument, NULL, OPT_TPM },
	{ "no-tpm", no_argument, NULL, OPT_NO_TPM },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "san", required_argument, NULL, OPT_SAN },
	{ "address", required_argument, NULL, OPT_ADDRESS },
	{ "no-address", no_argument, NULL, OPT_NO_ADDRESS },
	{ "csr", no_argument, NULL, OPT_CSR },
	{ "install", no_argument, NULL, OPT_INSTALL },
	{ "show", no_argument, NULL, OPT_SHOW },
	{ "fetch-crl", no_argument, NULL, OPT_FETCH_CRL },
	{ "crl-url", required_argument, NULL, OPT_CRL_URL },
	{ "crl-ca", required_argument, NULL, OPT_CRL_CA },
	{ "ca", required_argument, NULL, OPT_CA },
	{ "dir", required_argument, NULL, 'd' },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "tcti", required_argument, NULL, OPT_TCTI },
	{ "renew", no_argument, NULL, OPT_RENEW },
	{ "renew-before", required_argument, NULL, OPT_RENEW_BEFORE },
	{ "sudo", no_argument, NULL, OPT_SUDO },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "jobs", required_argument, NULL, 'j' },
	PROVISION_KEY_LONG,
	PROVISION_EST_LONG,
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	printf(
"usage: blesec-provision [OPTION]... --ca DIR HOST...   other machines, by ssh\n"
"       blesec-provision [OPTION]... --ca DIR     this one, all at once\n"
"       blesec-provision [OPTION]... --csr        certificate request to stdout\n"
"       blesec-provision [OPTION]... --install    certificate from stdin\n"
"       blesec-provision [OPTION]... --show       print the existing certificates\n"
"       blesec-provision [OPTION]... --est URL    certificate from an EST server\n"
"       blesec-provision [OPTION]... --fetch-crl  fetch crl.pem\n"
"Make an identity: a key (in the TPM), and a certificate for it that a CA made by\n"
"blesec-ca here signs.  HOST is [USER@]NAME or ssh://[USER@]NAME[:PORT], as ssh\n"
"takes it.\n\n");
	printf(
"      --ca DIR|FILE|-   the CA's directory; with --install its certificates,\n"
"                        or -: they come first on stdin (default: the\n"
"                        existing ca.pem)\n"
"  -d, --dir DIR         identity directory, on HOST if there is one\n"
"                        ($BLESEC_DIR, /etc/blesec)\n"
"      --tpm             key in the TPM (default; an error if none answers)\n"
"      --no-tpm          key in a file\n"
"      --name NAME       name of the device (default: the name in HOST; else\n"
"                        that in the certificate, else the host name)\n"
"      --san SAN         ask for one more DNS:NAME or URI:...; may be repeated\n"
"      --address ADDR    Bluetooth address to name instead of the machine's;\n"
"                        may be repeated\n"
"      --no-address      name no Bluetooth address\n"
"      --force           make a new key although there is one\n"
"      --tcti TCTI       how to reach the TPM, such as swtpm:port=2321\n\n");
	printf(
"With --ca:\n"
"      --renew           renew a good certificate too; the key stays\n\n"
"With HOST:\n"
"  -j, --jobs N          number of hosts at a time (4); with 1, ssh may ask on\n"
"                        the terminal\n"
"      --renew-before D  renew a certificate that expires within D days (30)\n"
"      --sudo            run blesec-provision there with `sudo -n'\n"
"      --timeout SECS    time limit of each step (60)\n\n"
"With --fetch-crl:\n"
"      --crl-url URL     http:// or https:// (default: those the certificates name)\n"
"      --crl-ca FILE     the CA of an https server (default: the system's)\n"
"      --timeout SECS    time limit for each URL (60)\n\n%s%s"
"  -v, --verbose         print more on stderr\n"
"  -q, --quiet           print less\n"
"  -h, --help            print this\n"
"  -V, --version         print versions\n\n"
"See blesec-provision(1) for details.\n", provision_key_help, provision_est_help);
}

void provision_add_san(struct settings *settings, const char *san)
{
	size_t used = strlen(settings->sans);
	int n = snprintf(settings->sans + used, sizeof(settings->sans) - used,
			 "%s%s", used ? "," : "", san);

	if (n < 0 || (size_t)n >= sizeof(settings->sans) - used)
		die(STATUS_USAGE, "too many names and addresses");
}

void provision_add_address(struct settings *settings, const char *address)
{
	char san[40];

	if (strlen(address) != 17 || bachk(address) < 0)
		die(STATUS_USAGE, "bad --address `%s': AA:BB:CC:DD:EE:FF is "
		    "wanted", address);
	snprintf(san, sizeof(san), "URI:urn:bdaddr:%s", address);
	for (char *p = san + 15; *p; p++) {
		if (*p == ':')
			*p = '-';
		else if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	}
	provision_add_san(settings, san);
}

/* Add a word, quoted so that the remote shell takes it literally. */
static void add_word(char words[REMOTE_WORDS_MAX], const char *word)
{
	size_t n = strlen(words);

	/* As long as four octets and the rest of the frame fit. */
	words[n++] = ' ';
	words[n++] = '\'';
	for (; *word && n < REMOTE_WORDS_MAX - 8; word++) {
		if (*word == '\'')
			n += (size_t)sprintf(words + n, "'\\''");
		else
			words[n++] = *word;
	}
	words[n++] = '\'';
	words[n] = '\0';
	if (*word || n >= REMOTE_WORDS_MAX - 12)
		die(STATUS_USAGE, "too many names and addresses");
}

/* What concerns the request, as HOST's own blesec-provision shall see it. */
static void pass_on(struct settings *settings, const char *option,
		    const char *value)
{
	add_word(settings->ask, option);
	if (value)
		add_word(settings->ask, value);
}

static void take_san(struct settings *settings, const char *san)
{
	if ((strncmp(san, "DNS:", 4) && strncmp(san, "URI:", 4)) || !san[4] ||
	    strpbrk(san, ",\n"))
		die(STATUS_USAGE, "bad --san `%s': DNS:NAME or URI:... is "
		    "wanted", san);
	provision_add_san(settings, san);
	pass_on(settings, "--san", san);
	settings->san = true;
}

/* The options that require a HOST, or are allowed with one. */
static bool take_remote_option(struct settings *settings, int c)
{
	switch (c) {
	case OPT_RENEW:
		settings->renew = true;
		return true;
	case OPT_RENEW_BEFORE:
		settings->renew_before = endpoint_number("--renew-before",
							 optarg, 0, 36500);
		break;
	case OPT_SUDO:
		settings->sudo = true;
		break;
	case OPT_TIMEOUT:
		settings->timeout = endpoint_number("--timeout", optarg, 1,
						    3600);
		settings->timed = true;
		return true;
	case 'j':
		settings->jobs = endpoint_number("--jobs", optarg, 1, 256);
		break;
	default:
		return false;
	}
	settings->remote = true;
	return true;
}

/* The options that select what to do. */
static bool take_mode(struct settings *settings, int c)
{
	switch (c) {
	case OPT_CSR:
		settings->csr = true;
		return true;
	case OPT_INSTALL:
		settings->install = true;
		return true;
	case OPT_SHOW:
		settings->show = true;
		return true;
	case OPT_FETCH_CRL:
		settings->fetch_crl = true;
		return true;
	case OPT_CRL_URL:
		settings->crl_url = optarg;
		return true;
	case OPT_CRL_CA:
		settings->crl_ca = optarg;
		return true;
	default:
		return false;
	}
}

static void take_option(struct settings *settings, int c)
{
	if (provision_est_option(settings, c) ||
	    provision_key_option(settings, c))
		return;
	switch (c) {
	case OPT_TPM:
		settings->tpm = true;
		break;
	case OPT_NO_TPM:
		settings->no_tpm = true;
		break;
	case OPT_NAME:
		if (!cert_name_valid(optarg))
			die(STATUS_USAGE, "bad --name `%s': 1 to %d letters, "
			    "digits, '.', '_', '-' are wanted", optarg,
			    CERT_NAME_MAX);
		strcpy(settings->name, optarg);
		break;
	case OPT_SAN:
		take_san(settings, optarg);
		break;
	case OPT_ADDRESS:
		provision_add_address(settings, optarg);
		pass_on(settings, "--address", optarg);
		settings->address = true;
		break;
	case OPT_NO_ADDRESS:
		pass_on(settings, "--no-address", NULL);
		settings->no_address = true;
		break;
	case OPT_CA:
		settings->ca = optarg;
		break;
	case 'd':
		settings->dir = optarg;
		break;
	case OPT_FORCE:
		settings->force = true;
		break;
	case OPT_TCTI:
		settings->tcti = optarg;
		break;
	case 'v':
	case 'q':
		diag_verbosity(c == 'v' ? 1 : -1);
		break;
	case 'h':
		help();
		exit(STATUS_OK);
	case 'V':
		if (settings->tcti)
			tpm_set_tcti(settings->tcti);
		version_print();
		exit(STATUS_OK);
	default:
		if (!take_mode(settings, c) && !take_remote_option(settings, c))
			die(STATUS_USAGE, "see --help");
	}
}

static void complete_modes(struct settings *settings, const char *host)
{
	const char *mode = settings->csr ? "--csr" :
			   settings->install ? "--install" :
			   settings->show ? "--show" :
			   settings->fetch_crl ? "--fetch-crl" : NULL;

	if (settings->csr + settings->install + settings->show +
	    settings->fetch_crl > 1)
		die(STATUS_USAGE, "--csr, --install, --show and --fetch-crl "
		    "exclude each other");
	if (mode && host)
		die(STATUS_USAGE, "unexpected argument `%s': %s is for this "
		    "machine; see --help", host, mode);
	if (settings->est.url && host)
		die(STATUS_USAGE, "unexpected argument `%s': --est is for this "
		    "machine; see --help", host);
	provision_est_complete(settings);
	provision_key_complete(settings, host != NULL);
	if (!mode && !settings->ca && !settings->est.url)
		die(STATUS_USAGE, "one of --ca DIR, --csr, --install, --show, "
		    "--est URL, --fetch-crl is needed; see --help");
	if (settings->renew && (mode || settings->est.url))
		die(STATUS_USAGE, "--renew goes with --ca DIR, and not with "
		    "%s%s", mode ? mode : "--est", mode ? "" :
		    ", which renews by itself");
	if (settings->ca && mode && !settings->install)
		die(STATUS_USAGE, "%s takes no --ca%s", mode, settings->csr ?
		    ": give it to --install" : "");
	if (settings->ca && !strcmp(settings->ca, "-") && !settings->install)
		die(STATUS_USAGE, "--ca - is for --install; a CA's directory "
		    "is wanted");
}

static void complete_crl(const struct settings *settings)
{
	const char *fault = settings->crl_url ?
		crl_url_fault(settings->crl_url) : NULL;

	if (!settings->fetch_crl && (settings->crl_url || settings->crl_ca))
		die(STATUS_USAGE, "--crl-url and --crl-ca belong to "
		    "--fetch-crl");
	/* Do not print a URL that contains a user. */
	if (fault && strchr(settings->crl_url, '@'))
		die(STATUS_USAGE, "bad --crl-url: %s", fault);
	if (fault)
		die(STATUS_USAGE, "bad --crl-url `%s': %s", settings->crl_url,
		    fault);
}

static void complete(struct settings *settings, int count, char **hosts)
{
	if (settings->tpm && settings->no_tpm)
		die(STATUS_USAGE, "--tpm and --no-tpm exclude each other");
	if (settings->address && settings->no_address)
		die(STATUS_USAGE, "--address and --no-address exclude each "
		    "other");
	if (settings->renew && settings->force)
		die(STATUS_USAGE, "--renew keeps the key, --force makes a new "
		    "one: they exclude each other");
	complete_modes(settings, count > 0 ? hosts[0] : NULL);
	complete_crl(settings);
	if (!count && (settings->remote ||
		       (settings->timed && !settings->fetch_crl)))
		die(STATUS_USAGE, "--jobs, --renew-before, --sudo and "
		    "--timeout need a HOST; see --help");
	if (settings->name[0] && count > 1)
		die(STATUS_USAGE, "--name `%s' is for one host, not for %d",
		    settings->name, count);
	if (settings->tcti && !count)
		tpm_set_tcti(settings->tcti);
	if (settings->tpm || settings->no_tpm)
		pass_on(settings, settings->tpm ? "--tpm" : "--no-tpm", NULL);
	if (settings->force)
		pass_on(settings, "--force", NULL);
	if (settings->dir) {
		add_word(settings->there, "--dir");
		add_word(settings->there, settings->dir);
	}
	if (settings->tcti) {
		add_word(settings->there, "--tcti");
		add_word(settings->there, settings->tcti);
	}
}

void provision_options(int argc, char **argv, struct settings *settings)
{
	int c;

	settings->renew_before = 30;
	settings->timeout = PROVISION_TIMEOUT_S;
	settings->jobs = 4;
	while ((c = getopt_long(argc, argv, "d:j:k:vqhV", options, NULL)) != -1)
		take_option(settings, c);
	complete(settings, argc - optind, argv + optind);
}
