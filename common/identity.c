/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

const char *identity_dir(const char *dir)
{
	const char *env = getenv("BLESEC_DIR");

	if (dir)
		return dir;
	return env && *env ? env : "/etc/blesec";
}

static char *join(const char *dir, const char *file)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, file) < 0)
		die(STATUS_OTHER, "out of memory");
	return path;
}

static enum status check_dir(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		diag_error("no identity in `%s': %s; make one with "
			   "blesec-provision, or name another with --dir", dir,
			   strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		diag_error("`%s' is not a directory; --dir wants one with "
			   "key.pem, cert.pem and ca.pem", dir);
	else
		return STATUS_OK;
	return STATUS_IDENTITY;
}

static enum status check_leaf(struct identity *identity, const char *path)
{
	X509 *leaf = sk_X509_value(identity->chain, 0);
	const char *fault = cert_form_fault(leaf);
	char pin[CERT_PIN_SIZE];

	if (fault)
		diag_error("the certificate `%s' is not acceptable: %s", path,
			   fault);
	else if (!cert_name(leaf, identity->name))
		diag_error("the certificate `%s' names no device: its "
			   "subjectAltName or CN must be a name of 1 to %d "
			   "letters, digits, '.', '_', '-'", path,
			   CERT_NAME_MAX);
	else if (!cert_pin(leaf, pin))
		diag_error("the certificate `%s' has an unreadable key", path);
	else if (sk_X509_num(identity->chain) > CERT_CHAIN_MAX)
		diag_error("`%s' holds more than %d certificates", path,
			   CERT_CHAIN_MAX);
	else
		return STATUS_OK;
	return STATUS_IDENTITY;
}

enum status identity_load(const char *dir, const char *key,
			  struct identity *identity)
{
	char *cert = NULL, *ca = NULL;
	enum status status;

	memset(identity, 0, sizeof(*identity));
	dir = identity_dir(dir);
	status = check_dir(dir);
	if (status)
		return status;
	identity->dir = strdup(dir);
	identity->key = key ? strdup(key) : join(dir, "key.pem");
	cert = join(dir, "cert.pem");
	ca = join(dir, "ca.pem");
	identity->chain = cert_read_file(cert);
	status = identity->chain ? check_leaf(identity, cert)
				 : STATUS_IDENTITY;
	if (!status && access(ca, F_OK) == 0) {
		identity->anchors = cert_read_file(ca);
		if (!identity->anchors)
			status = STATUS_IDENTITY;
	}
	free(cert);
	free(ca);
	if (status)
		identity_free(identity);
	return status;
}

void identity_free(struct identity *identity)
{
	free(identity->dir);
	free(identity->key);
	sk_X509_pop_free(identity->chain, X509_free);
	sk_X509_pop_free(identity->anchors, X509_free);
	memset(identity, 0, sizeof(*identity));
}
