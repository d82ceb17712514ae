/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "provision-step.h"
#include "provision.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>

/* The input to "blesec-ca sign". */
struct ca_call {
	const struct settings *settings;
	const char *name;
};

/*
 * Execute "blesec-ca sign": $BLESEC_CA, else the one beside this program, else
 * the one in PATH.
 */
static void run_ca(const void *arg)
{
	const struct ca_call *call = arg;
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 20);
	const char *ca = getenv("BLESEC_CA");
	char *const argv[] = {
		(char *)"blesec-ca", (char *)"sign", (char *)"--dir",
		(char *)call->settings->ca, (char *)"--name",
		(char *)call->name,
		/* The key that had this name before gives the name up. */
		call->settings->force ? (char *)"--force" : NULL, NULL,
	};

	if (ca && *ca) {
		execv(ca, argv);
		diag_error("cannot run $BLESEC_CA, `%s': %s", ca,
			   strerror(errno));
		_exit(STATUS_IDENTITY);
	}
	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n > 0) {
		strcpy(path + n, "blesec-ca");
		execv(path, argv);
		strcpy(path + n, "../scripts/blesec-ca");
		execv(path, argv);
	}
	execvp("blesec-ca", argv);
	diag_error("cannot run blesec-ca: %s; name it with $BLESEC_CA",
		   strerror(errno));
	_exit(STATUS_OTHER);
}

bool provision_sign(const struct settings *settings, const char *name,
		    X509_REQ *req, struct step *step, long seconds)
{
	const struct ca_call call = { .settings = settings, .name = name };
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	bool ok;

	if (!file || !PEM_write_X509_REQ(file, req) || fclose(file))
		die(STATUS_OTHER, "out of memory");
	ok = step_run(step, run_ca, &call, text, seconds);
	free(text);
	return ok;
}
