/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Helpers to make certificates in a harness. */
#ifndef BLESEC_FUZZ_CERTS_H
#define BLESEC_FUZZ_CERTS_H

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "fuzz.h"

#define HOUR 3600

static inline void extend(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	must(extension && X509_add_ext(cert, extension, -1));
	X509_EXTENSION_free(extension);
}

/* An unsigned certificate, valid for a day from an hour ago.  issuer NULL means
 * that it is its own issuer. */
static inline X509 *certificate(const char *name, EVP_PKEY *key, X509 *issuer,
				long serial)
{
	X509 *cert = X509_new();

	must(cert && X509_set_version(cert, X509_VERSION_3) &&
	     ASN1_INTEGER_set(X509_get_serialNumber(cert), serial) &&
	     X509_gmtime_adj(X509_getm_notBefore(cert), -HOUR) &&
	     X509_gmtime_adj(X509_getm_notAfter(cert), 23L * HOUR) &&
	     X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
					MBSTRING_ASC, (const uint8_t *)name,
					-1, -1, 0) &&
	     X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer :
							      cert)) &&
	     X509_set_pubkey(cert, key));
	return cert;
}

static inline X509 *authority(const char *name, EVP_PKEY *key, X509 *issuer,
			      EVP_PKEY *by, const char *usage)
{
	X509 *cert = certificate(name, key, issuer, 1);

	extend(cert, NID_basic_constraints, "critical,CA:TRUE");
	extend(cert, NID_key_usage, usage);
	must(X509_sign(cert, by, EVP_sha256()) > 0);
	return cert;
}

/* Encode and decode the certificate, so that it has no cached values, as if it
 * came from the wire.  Frees cert. */
static inline X509 *reread(X509 *cert)
{
	uint8_t *der = NULL;
	int len = i2d_X509(cert, &der);
	const uint8_t *p = der;

	must(len > 0);
	X509_free(cert);
	cert = d2i_X509(NULL, &p, len);
	must(cert && p == der + len);
	OPENSSL_free(der);
	return cert;
}

#endif
