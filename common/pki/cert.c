/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pki/cert.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/diag.h"
#include "base/read-file.h"

static bool name_valid(const char *name, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return len >= 1 && len <= CERT_NAME_MAX &&
	       strspn(name, allowed) == len && name[len] == '\0';
}

bool cert_name_valid(const char *name)
{
	return name_valid(name, strlen(name));
}

static bool take_name(const ASN1_STRING *text, char name[CERT_NAME_MAX + 1])
{
	const unsigned char *data = ASN1_STRING_get0_data(text);
	int len = ASN1_STRING_length(text);

	if (len < 1 || len > CERT_NAME_MAX)
		return false;
	memcpy(name, data, (size_t)len);
	name[len] = '\0';
	return name_valid(name, (size_t)len);
}

static bool name_accept(const char *name, const char *pattern)
{
	return !pattern || fnmatch(pattern, name, 0) == 0;
}

static bool common_name(X509 *cert, const char *pattern,
			char name[CERT_NAME_MAX + 1])
{
	X509_NAME *subject = X509_get_subject_name(cert);
	int i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	/* With two names, each reader could pick a different one. */
	if (i < 0 ||
	    X509_NAME_get_index_by_NID(subject, NID_commonName, i) >= 0)
		return false;
	return take_name(X509_NAME_ENTRY_get_data(
				 X509_NAME_get_entry(subject, i)), name) &&
	       name_accept(name, pattern);
}

static bool find_name(X509 *cert, const char *pattern,
		      char name[CERT_NAME_MAX + 1])
{
	GENERAL_NAMES *sans;
	bool found = false;

	if (X509_get_ext_by_NID(cert, NID_subject_alt_name, -1) < 0)
		return common_name(cert, pattern, name);
	sans = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; !found && i < sk_GENERAL_NAME_num(sans); i++) {
		const GENERAL_NAME *san = sk_GENERAL_NAME_value(sans, i);

		found = san->type == GEN_DNS &&
			take_name(san->d.dNSName, name) &&
			name_accept(name, pattern);
	}
	GENERAL_NAMES_free(sans);
	return found;
}

bool cert_name(X509 *cert, char name[CERT_NAME_MAX + 1])
{
	return find_name(cert, NULL, name);
}

bool cert_name_matches(X509 *cert, const char *pattern)
{
	char name[CERT_NAME_MAX + 1];

	return find_name(cert, pattern, name);
}

bool cert_pin(X509 *cert, char pin[CERT_PIN_SIZE])
{
	unsigned char *spki = NULL, digest[32];
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);
	bool ok = len > 0 && EVP_Digest(spki, (size_t)len, digest, NULL,
					EVP_sha256(), NULL);

	OPENSSL_free(spki);
	if (!ok)
		return false;
	strcpy(pin, "sha256//");
	EVP_EncodeBlock((unsigned char *)pin + 8, digest, sizeof(digest));
	return true;
}

bool cert_has_address(X509 *cert, const char *address)
{
	GENERAL_NAMES *sans = X509_get_ext_d2i(cert, NID_subject_alt_name,
					       NULL, NULL);
	char uri[] = "urn:bdaddr:AA-BB-CC-DD-EE-FF";
	bool found = false;

	snprintf(uri + 11, sizeof(uri) - 11, "%s", address);
	for (char *p = uri + 11; *p; p++)
		if (*p == ':')
			*p = '-';
	for (int i = 0; !found && i < sk_GENERAL_NAME_num(sans); i++) {
		const GENERAL_NAME *san = sk_GENERAL_NAME_value(sans, i);
		const ASN1_IA5STRING *text =
			san->d.uniformResourceIdentifier;

		found = san->type == GEN_URI &&
			ASN1_STRING_length(text) == (int)sizeof(uri) - 1 &&
			!strncasecmp((const char *)ASN1_STRING_get0_data(text),
				     uri, sizeof(uri) - 1);
	}
	GENERAL_NAMES_free(sans);
	return found;
}

static bool named_curve(X509 *cert)
{
	const ASN1_OBJECT *curve;
	ASN1_OBJECT *oid;
	X509_ALGOR *algorithm;
	const void *value;
	int type, nid;

	if (!X509_PUBKEY_get0_param(&oid, NULL, NULL, &algorithm,
				    X509_get_X509_PUBKEY(cert)) ||
	    OBJ_obj2nid(oid) != NID_X9_62_id_ecPublicKey)
		return false;
	X509_ALGOR_get0(NULL, &type, &value, algorithm);
	if (type != V_ASN1_OBJECT)
		return false;
	curve = value;
	nid = OBJ_obj2nid(curve);
	return nid == NID_X9_62_prime256v1 || nid == NID_secp384r1;
}

bool cert_signature_valid(int nid)
{
	return nid == NID_ecdsa_with_SHA256 || nid == NID_ecdsa_with_SHA384 ||
	       nid == NID_ecdsa_with_SHA512;
}

static const char *extended_usage_fault(X509 *cert, bool central,
					bool peripheral)
{
	uint32_t flags = X509_get_extension_flags(cert);
	uint32_t usage = flags & EXFLAG_XKUSAGE ?
		X509_get_extended_key_usage(cert) : 0;

	if ((central && (usage & XKU_SSL_CLIENT)) ||
	    (peripheral && (usage & XKU_SSL_SERVER)))
		return NULL;
	if (central && peripheral)
		return "its extended key usage has neither clientAuth, for a "
		       "central, nor serverAuth, for a peripheral";
	return central ? "its extended key usage lacks clientAuth, which a "
			 "central must have"
		       : "its extended key usage lacks serverAuth, which a "
			 "peripheral must have";
}

const char *cert_fault(X509 *cert, enum cert_check check, bool central,
		       bool peripheral)
{
	uint32_t flags;

	switch (check) {
	case CERT_SIZE:
		return i2d_X509(cert, NULL) <= CERT_DER_MAX ? NULL :
		       "larger than 2048 octets";
	case CERT_VERSION:
		return X509_get_version(cert) == X509_VERSION_3 ? NULL :
		       "not an X.509 version 3 certificate";
	case CERT_CURVE:
		return named_curve(cert) ? NULL :
		       "its key is not on the named curve P-256 or P-384";
	case CERT_SIGNATURE:
		return cert_signature_valid(X509_get_signature_nid(cert)) ?
		       NULL : "not signed with ECDSA and SHA-2";
	case CERT_NOT_A_CA:
		flags = X509_get_extension_flags(cert);
		/* X509_check_ca does not look at it without keyCertSign. */
		return !(flags & EXFLAG_CA) && !X509_check_ca(cert) ? NULL :
		       "it is that of a CA";
	case CERT_KEY_USAGE:
		flags = X509_get_extension_flags(cert);
		return (flags & EXFLAG_KUSAGE) &&
		       (X509_get_key_usage(cert) & KU_DIGITAL_SIGNATURE) ?
		       NULL : "its key usage lacks digitalSignature";
	case CERT_EXTENDED_KEY_USAGE:
		return extended_usage_fault(cert, central, peripheral);
	}
	return "it is not known";
}

const char *cert_form_fault(X509 *cert)
{
	const char *fault = NULL;

	for (int i = CERT_FORM_FIRST; !fault && i <= CERT_FORM_LAST; i++)
		fault = cert_fault(cert, (enum cert_check)i, true, true);
	return fault;
}

bool cert_days_left(const ASN1_TIME *end, long *days)
{
	int whole, seconds;

	if (ASN1_TIME_diff(&whole, &seconds, NULL, end) != 1)
		return false;
	*days = seconds < 0 ? whole - 1 : whole;
	return true;
}

void cert_time(const ASN1_TIME *time, char text[CERT_TIME_SIZE])
{
	struct tm tm;

	if (!ASN1_TIME_to_tm(time, &tm) ||
	    !strftime(text, CERT_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm))
		text[0] = '\0';
}

bool cert_pem_ended(void)
{
	unsigned long error = ERR_peek_last_error();

	return ERR_GET_LIB(error) == ERR_LIB_PEM &&
	       ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

STACK_OF(X509) *cert_read(FILE *file, const char *name)
{
	STACK_OF(X509) *certs;
	struct stat st;
	X509 *cert;

	if (!fstat(fileno(file), &st) && S_ISDIR(st.st_mode)) {
		diag_error("`%s' is a directory; a PEM file of certificates is "
			   "wanted", name);
		return NULL;
	}
	certs = sk_X509_new_null();
	while ((cert = PEM_read_X509(file, NULL, cert_no_password, NULL)))
		sk_X509_push(certs, cert);
	if (sk_X509_num(certs) > 0 && cert_pem_ended()) {
		ERR_clear_error();
		return certs;
	}
	if (sk_X509_num(certs) < 1)
		diag_openssl("`%s' holds no PEM certificate", name);
	else
		diag_openssl("`%s' holds a PEM certificate that cannot be "
			     "read, number %d; a file of whole ones is wanted",
			     name, sk_X509_num(certs) + 1);
	sk_X509_pop_free(certs, X509_free);
	return NULL;
}

int cert_no_password(char *text, int size, int rwflag, void *arg)
{
	(void)text;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

STACK_OF(X509) *cert_read_file(const char *path)
{
	FILE *file = read_file_open(path, "a PEM file of certificates");
	STACK_OF(X509) *certs = file ? cert_read(file, path) : NULL;

	if (file)
		fclose(file);
	return certs;
}
