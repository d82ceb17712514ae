/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * est [OPTION]... cacerts|csrattrs|enrol|reenrol: run the EST client alone.
 *
 * --url URL --label L --user U --password-file F --ca FILE --pin PIN --system
 * --timeout S		as in struct est_settings
 * --cert DIR		identity for TLS client authentication
 * --key FILE		key of the request; default: that of --cert
 * --name NAME		name in the request
 * --anchors FILE	trust anchors of the new chain, instead of cacerts
 *
 * Prints certificates (PEM); csrattrs prints what the server asks for in the
 * request, and whether the client gives it.
 */
#include "config.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "pki/cert.h"
#include "enrol/enrol.h"
#include "http/est.h"

static const struct option options[] = {
	{ "url", required_argument, NULL, 'u' },
	{ "label", required_argument, NULL, 'l' },
	{ "user", required_argument, NULL, 'U' },
	{ "password-file", required_argument, NULL, 'P' },
	{ "ca", required_argument, NULL, 'c' },
	{ "pin", required_argument, NULL, 'p' },
	{ "system", no_argument, NULL, 's' },
	{ "timeout", required_argument, NULL, 't' },
	{ "cert", required_argument, NULL, 'd' },
	{ "key", required_argument, NULL, 'k' },
	{ "name", required_argument, NULL, 'n' },
	{ "anchors", required_argument, NULL, 'a' },
	{ "verbose", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static struct {
	struct est_settings est;
	const char *dir, *key, *name, *anchors;
} settings = { .name = "device" };

static void take_option(int c)
{
	switch (c) {
	case 'u':
		settings.est.url = optarg;
		break;
	case 'l':
		settings.est.label = optarg;
		break;
	case 'U':
		settings.est.user = optarg;
		break;
	case 'P':
		settings.est.password_file = optarg;
		break;
	case 'c':
		settings.est.ca_file = optarg;
		break;
	case 'p':
		settings.est.pin = optarg;
		break;
	case 's':
		settings.est.system = true;
		break;
	case 't':
		settings.est.timeout_s = strtol(optarg, NULL, 10);
		break;
	case 'd':
		settings.dir = optarg;
		break;
	case 'k':
		settings.key = optarg;
		break;
	case 'n':
		settings.name = optarg;
		break;
	case 'a':
		settings.anchors = optarg;
		break;
	case 'v':
		diag_verbosity(1);
		break;
	default:
		die(STATUS_USAGE, "no such option");
	}
}

static void print_certs(STACK_OF(X509) *certs)
{
	for (int i = 0; i < sk_X509_num(certs); i++)
		PEM_write_X509(stdout, sk_X509_value(certs, i));
}

static enum status enrol(struct est *est, bool again)
{
	STACK_OF(X509) *certs = NULL, *anchors = NULL, *chain = NULL;
	X509_REQ *req = NULL;
	struct key *key = NULL;
	enum status status = STATUS_OK;

	if (settings.key)
		status = key_load(settings.key, NULL, &key);
	else
		key = settings.est.key;
	if (!status && !key)
		die(STATUS_USAGE, "--key is needed");
	if (!status)
		status = enrol_request(key, settings.name, "", &req);
	if (!status)
		status = est_cacerts(est, &certs);
	if (!status && settings.anchors) {
		anchors = cert_read_file(settings.anchors);
		status = anchors ? STATUS_OK : STATUS_IDENTITY;
	} else if (!status) {
		status = est_anchors(certs, &anchors);
	}
	if (!status)
		status = est_enrol(est, again, req, anchors, certs, &chain);
	print_certs(chain);
	sk_X509_pop_free(certs, X509_free);
	sk_X509_pop_free(anchors, X509_free);
	sk_X509_pop_free(chain, X509_free);
	X509_REQ_free(req);
	if (settings.key)
		key_free(key);
	return status;
}

static enum status operate(struct est *est, const char *what)
{
	STACK_OF(X509) *certs = NULL;
	struct est_wishes wishes;
	enum status status;

	if (!strcmp(what, "cacerts")) {
		status = est_cacerts(est, &certs);
		print_certs(certs);
		sk_X509_pop_free(certs, X509_free);
		return status;
	}
	if (!strcmp(what, "csrattrs")) {
		status = est_csrattrs(est, 256, &wishes);
		if (!status)
			est_csrattrs_warn(&wishes);
		for (size_t i = 0; i < wishes.count; i++)
			printf("%s %s\n", wishes.list[i].given ? "given" :
			       "lacking", wishes.list[i].name);
		return status;
	}
	return enrol(est, !strcmp(what, "reenrol"));
}

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	struct est *est = NULL;
	enum status status = STATUS_OK;
	int c;

	diag_init(argv[0]);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(c);
	if (optind != argc - 1 || !settings.est.url)
		die(STATUS_USAGE, "--url and an operation are needed");
	if (settings.dir) {
		snprintf(path, sizeof(path), "%s/key.pem", settings.dir);
		status = key_load(path, NULL, &settings.est.key);
		snprintf(path, sizeof(path), "%s/cert.pem", settings.dir);
		if (!status)
			settings.est.chain = cert_read_file(path);
		if (!status && !settings.est.chain)
			status = STATUS_IDENTITY;
	}
	if (!status)
		status = est_open(&settings.est, &est);
	if (!status)
		status = operate(est, argv[optind]);
	est_close(est);
	sk_X509_pop_free(settings.est.chain, X509_free);
	key_free(settings.est.key);
	return (int)status;
}
