/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pki/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "pki/trust.h"

const char *identity_dir(const char *dir)
{
	const char *env = getenv("BLESEC_DIR");

	if (dir)
		return dir;
	return env && *env ? env : "/etc/blesec";
}

char *identity_path(const char *dir, const char *file)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, file) < 0)
		die(STATUS_OTHER, "out of memory");
	return path;
}

enum status identity_check_dir(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		diag_error("no identity in `%s': %s; make one with "
			   "blesec-provision, or name another with --dir", dir,
			   strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		diag_error("`%s' is not a directory; --dir needs one with "
			   "key.pem, cert.pem and ca.pem", dir);
	else
		return STATUS_OK;
	return STATUS_IDENTITY;
}

const char *identity_chain_fault(const STACK_OF(X509) *chain,
				 char name[CERT_NAME_MAX + 1])
{
	X509 *leaf = sk_X509_value(chain, 0);
	char pin[CERT_PIN_SIZE];

	if (!cert_name(leaf, name))
		return "names no device: its subjectAltName or CN must be a "
		       "name of 1 to 64 letters, digits, '.', '_', '-'";
	if (!cert_pin(leaf, pin))
		return "has an unreadable key";
	if (sk_X509_num(chain) > CERT_CHAIN_MAX)
		return "is in a file with more than 4 certificates";
	return NULL;
}

static enum status check_leaf(struct identity *identity, const char *path)
{
	const char *fault = cert_form_fault(sk_X509_value(identity->chain, 0));

	if (fault) {
		diag_error("the certificate `%s' is not acceptable: %s", path,
			   fault);
		return STATUS_IDENTITY;
	}
	fault = identity_chain_fault(identity->chain, identity->name);
	if (fault)
		diag_error("the certificate `%s' %s", path, fault);
	return fault ? STATUS_IDENTITY : STATUS_OK;
}

/* Do not refuse it: peers judge by their own clocks. */
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
	char *cert = NULL, *ca = NULL, *crl = NULL;
	enum status status;

	memset(identity, 0, sizeof(*identity));
	dir = identity_dir(dir);
	status = identity_check_dir(dir);
	if (status)
		return status;
	identity->dir = strdup(dir);
	identity->key = key ? strdup(key) : identity_path(dir, "key.pem");
	if (!identity->dir || !identity->key)
		die(STATUS_OTHER, "out of memory");
	cert = identity_path(dir, "cert.pem");
	ca = identity_path(dir, "ca.pem");
	crl = identity_path(dir, "crl.pem");
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
	if (!status)
		status = trust_load_crls(crl, identity->anchors,
					 identity->chain, &identity->crls);
	free(cert);
	free(ca);
	free(crl);
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
	sk_X509_CRL_pop_free(identity->crls, X509_CRL_free);
	memset(identity, 0, sizeof(*identity));
}
