/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request for a certificate: what of it is good before it is signed. */
#include "config.h"
#include "verify/verify.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"

static X509_REQ *read_request(const char *path)
{
	FILE *file = strcmp(path, "-") ?
		cert_open(path, "a PEM certificate request") : stdin;
	X509_REQ *req = file ? PEM_read_X509_REQ(file, NULL,
						cert_no_password, NULL) : NULL;

	if (file && !req)
		diag_openssl("`%s' holds no PEM certificate request", path);
	if (file && file != stdin)
		fclose(file);
	return req;
}

/* The certificate that is asked for, unsigned: cert.h reads it. */
static X509 *imagine_cert(X509_REQ *req, EVP_PKEY *key)
{
	STACK_OF(X509_EXTENSION) *wanted = X509_REQ_get_extensions(req);
	X509 *cert = X509_new();
	bool ok = cert && X509_set_version(cert, X509_VERSION_3) &&
		  X509_set_subject_name(cert,
					X509_REQ_get_subject_name(req)) &&
		  X509_set_pubkey(cert, key);

	for (int i = 0; ok && i < sk_X509_EXTENSION_num(wanted); i++)
		ok = X509_add_ext(cert, sk_X509_EXTENSION_value(wanted, i),
				  -1) == 1;
	sk_X509_EXTENSION_pop_free(wanted, X509_EXTENSION_free);
	if (ok)
		return cert;
	X509_free(cert);
	return NULL;
}

static void check_request_size(X509_REQ *req, struct verdict *verdict)
{
	const bool ok = i2d_X509_REQ(req, NULL) <= CERT_DER_MAX;

	verdict_check(verdict, "size", ok, STATUS_PEER, "%s", ok ? "" :
		      "larger than 2048 octets");
}

enum status verify_request(const struct verify_settings *set, const char *path,
			   struct verdict *verdict)
{
	X509_REQ *req = read_request(path);
	EVP_PKEY *key = req ? X509_REQ_get0_pubkey(req) : NULL;
	X509 *cert = key ? imagine_cert(req, key) : NULL;
	bool ok;

	if (!req)
		return STATUS_IDENTITY;
	check_request_size(req, verdict);
	if (!cert) {
		verdict_check(verdict, "curve", 0, STATUS_PEER, "its key or "
			      "its extensions cannot be read");
	} else {
		ok = cert_signature_valid(X509_REQ_get_signature_nid(req));
		verdict_check(verdict, "signature_algorithm", ok, STATUS_PEER,
			      "%s", ok ? "" : "not signed with ECDSA and "
			      "SHA-2");
		ok = X509_REQ_verify(req, key) == 1;
		verdict_check(verdict, "signature", ok, STATUS_PEER, "%s",
			      ok ? "" : "it is not signed by the key that it "
			      "names: it was changed, or is of somebody else");
		verify_wish(set, cert, verdict);
	}
	ERR_clear_error();
	X509_free(cert);
	X509_REQ_free(req);
	return STATUS_OK;
}
