/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "provision.h"

#include <getopt.h>
#include <stdlib.h>

#include "hub/endpoint.h"

const char provision_est_help[] =
"With --est URL, instead of a CA here:\n"
"      --est URL         get the certificate from this EST server, https://...\n"
"      --label LABEL     label of the CA on the server\n"
"      --est-ca FILE     the CA of the server itself; or\n"
"      --est-pin PIN     the server's key, sha256//...; or\n"
"      --est-system      the CAs that this system trusts\n"
"      --user USER       user name, with the password in\n"
"      --password-file FILE\n"
"      --cert DIR        authenticate with this identity (default: the existing\n"
"                        one)\n"
"      --est-timeout S   time limit for the enrolment, seconds (600)\n\n";

bool provision_est_option(struct settings *settings, int c)
{
	struct est_settings *est = &settings->est;

	switch (c) {
	case PROVISION_EST:
		est->url = optarg;
		return true;
	case PROVISION_LABEL:
		est->label = optarg;
		return true;
	case PROVISION_USER:
		est->user = optarg;
		return true;
	case PROVISION_PASSWORD_FILE:
		est->password_file = optarg;
		return true;
	case PROVISION_CERT:
		settings->est_cert = optarg;
		return true;
	case PROVISION_EST_CA:
		est->ca_file = optarg;
		return true;
	case PROVISION_EST_PIN:
		est->pin = optarg;
		return true;
	case PROVISION_EST_SYSTEM:
		est->system = true;
		return true;
	case PROVISION_EST_TIMEOUT:
		est->timeout_s = endpoint_number("--est-timeout", optarg, 1,
						 EST_TIMEOUT_MAX_S);
		return true;
	default:
		return false;
	}
}

void provision_est_complete(const struct settings *settings)
{
	const struct est_settings *est = &settings->est;

	if (est->url && (settings->csr || settings->install || settings->show ||
			 settings->fetch_crl))
		die(STATUS_USAGE, "--est excludes --csr, --install, --show and "
		    "--fetch-crl");
	if (est->user && settings->est_cert)
		die(STATUS_USAGE, "--user and --cert exclude each other");
	if (!est->url && (est->label || est->user || est->password_file ||
			  settings->est_cert || est->ca_file || est->pin ||
			  est->system || est->timeout_s))
		die(STATUS_USAGE, "--label, --user, --password-file, --cert and "
		    "--est-... belong to --est URL");
}
