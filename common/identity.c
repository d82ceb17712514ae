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

/* Not refused: it is the peer's clock that judges. */
static void warn_of_dates(X509 *leaf, const char *path)
{
	char limit[CERT_TIME_SIZE];

	if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0) {
		cert_time(X509_get0_notAfter(leaf), limit);
		diag_warn("the certificate `%s' was valid until %s: peers will "
			  "refuse it; blesec-provision --csr renews it", path,
			  limit);
	} else if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0) {
		cert_time(X509_get0_notBefore(leaf), limit);
		diag_warn("the certificate `%s' is not valid before %s: is the "
			  "clock here right?", path, limit);
	}
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
	if (!status)
		warn_of_dates(sk_X509_value(identity->chain, 0), cert);
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
