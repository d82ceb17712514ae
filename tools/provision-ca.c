/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "provision.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void provision_run_ca(const struct settings *settings,
				const char *name)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 20);
	const char *ca = getenv("BLESEC_CA");
	char *const argv[] = {
		(char *)"blesec-ca", (char *)"sign", (char *)"--dir",
		(char *)settings->ca, (char *)"--name",
		(char *)name,
		/* The key that had the name is given up. */
		settings->force ? (char *)"--force" : NULL, NULL,
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
