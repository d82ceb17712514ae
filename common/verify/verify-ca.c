/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "verify/verify-ca.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <openssl/bn.h>
#include <openssl/pem.h>

#include "base/read-file.h"
#include "pki/cert.h"
#include "pki/identity.h"
#include "pki/trust.h"

#define INDEX_MAX (16 << 20)	/* octets: 200000 devices */

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Require the index: other files, such as ca.pem, are in many directories. */
static enum status load_index(struct verify_ca *ca)
{
	char *path = identity_path(ca->dir, "index.txt");
	FILE *file = read_file_open(path, "the index of a blesec-ca");
	size_t len = 0;

	if (file) {
		ca->index = malloc(INDEX_MAX + 1);
		if (!ca->index)
			die(STATUS_OTHER, "out of memory");
		len = fread(ca->index, 1, INDEX_MAX, file);
		ca->index[len] = '\0';
		if (ferror(file) || !feof(file) || strlen(ca->index) != len) {
			diag_error("cannot read `%s': it is larger than %d "
				   "octets, or not text", path, INDEX_MAX);
			free(ca->index);
			ca->index = NULL;
		}
		fclose(file);
	}
	free(path);
	return ca->index ? STATUS_OK : STATUS_IDENTITY;
}

static enum status load_crls(struct verify_ca *ca, const char *crl,
			     const char *default_crl)
{
	char *own = ca->dir ? identity_path(ca->dir, "crl.pem") : NULL;
	enum status status = STATUS_OK;
	struct stat st;

	if (!crl && own && !lstat(own, &st))
		crl = own;
	else if (!crl && !own && default_crl && !lstat(default_crl, &st))
		crl = default_crl;
	if (crl) {
		ca->crls = trust_read_crls(crl);
		if (!ca->crls)
			status = STATUS_IDENTITY;
	}
	free(own);
	return status;
}

enum status verify_ca_load(const char *path, const char *crl,
			   const char *default_crl, struct verify_ca *ca)
{
	char *file = NULL;
	enum status status = STATUS_OK;

	memset(ca, 0, sizeof(*ca));
	if (is_directory(path)) {
		ca->dir = strdup(path);
		file = identity_path(path, "cacert.pem");
		path = file;
	}
	if (access(path, F_OK) < 0) {
		diag_error("no CA: `%s': %s; name a PEM file or a directory of "
			   "blesec-ca with --ca", path, strerror(errno));
		status = STATUS_IDENTITY;
	}
	if (!status) {
		ca->anchors = cert_read_file(path);
		if (!ca->anchors)
			status = STATUS_IDENTITY;
	}
	if (!status && ca->dir)
		status = load_index(ca);
	if (!status)
		status = load_crls(ca, crl, default_crl);
	if (!status) {
		ca->store = X509_STORE_new();
		if (!ca->store ||
		    !trust_fill(ca->store, NULL, ca->anchors, ca->crls))
			die(STATUS_OTHER, "out of memory");
	}
	free(file);
	return status;
}

void verify_ca_free(struct verify_ca *ca)
{
	X509_STORE_free(ca->store);
	sk_X509_pop_free(ca->anchors, X509_free);
	sk_X509_CRL_pop_free(ca->crls, X509_CRL_free);
	free(ca->dir);
	free(ca->index);
	memset(ca, 0, sizeof(*ca));
}

/* A line of index.txt; see openssl-ca(1ssl). */
struct entry {
	char status;
	char end[20], revoked[64], serial[64], subject[300];
};

static bool take_entry(const char *line, size_t len, struct entry *entry)
{
	char text[600];

	if (len >= sizeof(text))
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	entry->revoked[0] = '\0';
	/*
	 * The third field of a valid entry is empty, which sscanf cannot match.
	 */
	return sscanf(text, "%c\t%19[0-9Z]\t%63[^\t]\t%63[0-9A-F]\t%*[^\t]\t"
		      "%299[^\n]", &entry->status, entry->end, entry->revoked,
		      entry->serial, entry->subject) == 5 ||
	       sscanf(text, "%c\t%19[0-9Z]\t\t%63[0-9A-F]\t%*[^\t]\t%299[^\n]",
		      &entry->status, entry->end, entry->serial,
		      entry->subject) == 4;
}

/* Step over a line; returns 0 if it is empty, -1 if it is damaged, else 1. */
static int next_entry(const char **line, struct entry *entry)
{
	const char *start = *line;
	size_t len = strcspn(start, "\n");

	*line += len + (start[len] == '\n');
	if (!len)
		return 0;
	return take_entry(start, len, entry) ? 1 : -1;
}

static bool entry_is_named(const struct entry *entry, const char *name)
{
	const char *cn = strstr(entry->subject, "/CN=");

	return cn && !strcmp(cn + 4, name);
}

static bool entry_expired(const struct entry *entry)
{
	ASN1_TIME *end = ASN1_TIME_new();
	bool over = end && ASN1_TIME_set_string(end, entry->end) == 1 &&
		    X509_cmp_current_time(end) <= 0;

	ASN1_TIME_free(end);
	return over;
}

/* A renewed certificate has the same key, as certs/SERIAL.pem shows. */
static bool entry_has_key_of(const struct verify_ca *ca,
			     const struct entry *entry, X509 *cert)
{
	char *path, pin[CERT_PIN_SIZE], own[CERT_PIN_SIZE];
	FILE *file;
	X509 *other;
	bool same;

	if (asprintf(&path, "%s/certs/%s.pem", ca->dir, entry->serial) < 0)
		die(STATUS_OTHER, "out of memory");
	file = fopen(path, "re");
	other = file ? PEM_read_X509(file, NULL, cert_no_password, NULL) : NULL;
	same = other && cert_pin(other, pin) && cert_pin(cert, own) &&
	       !strcmp(pin, own);
	X509_free(other);
	if (file)
		fclose(file);
	free(path);
	return same;
}

static int judge_entry(const struct verify_ca *ca, const struct entry *entry,
		       const char *name, const char *serial, X509 *cert,
		       char fault[300])
{
	if (!strcmp(serial, entry->serial)) {
		if (entry->status != 'R')
			return 1;
		snprintf(fault, 300, "the CA's index.txt says that it is "
			 "revoked");
		return 0;
	}
	if (entry->status != 'V' || !entry_is_named(entry, name) ||
	    entry_expired(entry) || entry_has_key_of(ca, entry, cert))
		return 1;
	snprintf(fault, 300, "the CA has given the name `%s' to another key, "
		 "too, with the serial number %s: revoke one, or rename it",
		 name, entry->serial);
	return 0;
}

int verify_index(const struct verify_ca *ca, X509 *cert, bool request,
		 char fault[300])
{
	char name[CERT_NAME_MAX + 1] = "";
	BIGNUM *number = request ? NULL :
		ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *serial = number ? BN_bn2hex(number) : NULL;
	struct entry entry;
	int ok = 1;

	if (!ca->index) {
		OPENSSL_free(serial);
		BN_free(number);
		return -1;
	}
	cert_name(cert, name);
	fault[0] = '\0';
	for (const char *line = ca->index; ok && *line;) {
		int taken = next_entry(&line, &entry);

		if (taken > 0) {
			ok = judge_entry(ca, &entry, name,
					 serial ? serial : "", cert, fault);
		} else if (taken < 0) {
			snprintf(fault, 300, "`%s/index.txt' has a damaged "
				 "line", ca->dir);
			ok = 0;
		}
	}
	OPENSSL_free(serial);
	BN_free(number);
	return ok;
}

/* "TIME", "TIME,REASON" or "TIME,REASON,MORE"; see openssl-ca(1ssl). */
static void take_revocation(const struct entry *entry,
			    struct verify_revocation *revocation)
{
	const size_t len = strcspn(entry->revoked, ",");
	const char *reason = entry->revoked + len + (entry->revoked[len] == ',');
	char text[sizeof(entry->revoked)];
	ASN1_TIME *when = ASN1_TIME_new();

	memset(revocation, 0, sizeof(*revocation));
	snprintf(revocation->serial, sizeof(revocation->serial), "%s",
		 entry->serial);
	snprintf(text, sizeof(text), "%.*s", (int)len, entry->revoked);
	if (when && ASN1_TIME_set_string(when, text) == 1)
		cert_time(when, revocation->time);
	ASN1_TIME_free(when);
	snprintf(revocation->reason, sizeof(revocation->reason), "%s",
		 *reason ? reason : "unspecified");
	revocation->reason[strcspn(revocation->reason, ",")] = '\0';
	/* The other name is used if the time of the compromise is known. */
	revocation->compromised =
		!strcmp(revocation->reason, "keyCompromise") ||
		!strcmp(revocation->reason, "keyTime");
}

bool verify_revoked(const struct verify_ca *ca, X509 *cert,
		    struct verify_revocation *revocation)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *serial = number ? BN_bn2hex(number) : NULL;
	struct entry entry;
	bool revoked = false;

	for (const char *line = ca->index; serial && !revoked && *line;)
		revoked = next_entry(&line, &entry) > 0 &&
			  entry.status == 'R' && !strcmp(serial, entry.serial);
	if (revoked)
		take_revocation(&entry, revocation);
	OPENSSL_free(serial);
	BN_free(number);
	return revoked;
}

bool verify_name_revoked(const struct verify_ca *ca, const char *name,
			 struct verify_revocation *revocation)
{
	struct verify_revocation last, one;
	struct entry entry;
	bool revoked = false;

	for (const char *line = ca->index; *line;) {
		if (next_entry(&line, &entry) <= 0 ||
		    !entry_is_named(&entry, name))
			continue;
		if (entry.status == 'V' && !entry_expired(&entry))
			return false;
		if (entry.status != 'R')
			continue;
		take_revocation(&entry, &one);
		/*
		 * If two have the same second, take the one that was signed
		 * later.
		 */
		if (!revoked || strcmp(one.time, last.time) >= 0)
			last = one;
		revoked = true;
	}
	if (revoked)
		*revocation = last;
	return revoked;
}
