/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/est-chain.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"

static void subject_of(X509 *cert, char *text, int size)
{
	text[0] = '\0';
	X509_NAME_oneline(X509_get_subject_name(cert), text, size);
}

static bool is_self_issued(X509 *cert)
{
	return !X509_NAME_cmp(X509_get_subject_name(cert),
			      X509_get_issuer_name(cert));
}

static X509 *find_issuer(STACK_OF(X509) *certs, X509 *cert)
{
	X509 *issuer;

	for (int i = 0; i < sk_X509_num(certs); i++) {
		issuer = sk_X509_value(certs, i);
		if (!is_self_issued(issuer) &&
		    X509_check_issued(issuer, cert) == X509_V_OK)
			return issuer;
	}
	return NULL;
}

static bool push_cert(STACK_OF(X509) *chain, X509 *cert)
{
	return X509_add_cert(chain, cert, X509_ADD_FLAG_UP_REF) == 1;
}

STACK_OF(X509) *est_chain(STACK_OF(X509) *certs, STACK_OF(X509) *more,
			  EVP_PKEY *public, struct est_fault *fault)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *cert = NULL;
	char name[100];

	for (int i = 0; !cert && i < sk_X509_num(certs); i++)
		if (EVP_PKEY_eq(public, X509_get0_pubkey(
				sk_X509_value(certs, i))) == 1)
			cert = sk_X509_value(certs, i);
	if (!cert) {
		subject_of(sk_X509_value(certs, 0), name, sizeof(name));
		snprintf(fault->text, sizeof(fault->text), "the certificate "
			 "of `%s' is for another key than ours", name);
	}
	/* One more than is taken, so that the excess is seen and said. */
	while (cert && chain && sk_X509_num(chain) <= CERT_CHAIN_MAX) {
		if (!push_cert(chain, cert)) {
			sk_X509_pop_free(chain, X509_free);
			chain = NULL;
			snprintf(fault->text, sizeof(fault->text),
				 "out of memory");
			break;
		}
		if (is_self_issued(cert))
			break;
		cert = find_issuer(certs, sk_X509_value(chain,
				   sk_X509_num(chain) - 1));
		if (!cert)
			cert = find_issuer(more, sk_X509_value(chain,
					   sk_X509_num(chain) - 1));
	}
	ERR_clear_error();
	if (sk_X509_num(chain) > 0)
		return chain;
	sk_X509_free(chain);
	return NULL;
}

bool est_chain_valid(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
		     struct est_fault *fault)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *leaf = sk_X509_value(chain, 0);
	bool ok = store && ctx;
	char name[100], end[CERT_TIME_SIZE];
	int error;

	for (int i = 0; ok && i < sk_X509_num(anchors); i++)
		ok = X509_STORE_add_cert(store, sk_X509_value(anchors, i));
	ok = ok && X509_STORE_CTX_init(ctx, store, leaf, chain) &&
	     X509_verify_cert(ctx) == 1;
	if (!ok) {
		error = ctx ? X509_STORE_CTX_get_error(ctx) :
			X509_V_ERR_OUT_OF_MEM;
		subject_of(leaf, name, sizeof(name));
		cert_time(error == X509_V_ERR_CERT_NOT_YET_VALID ?
			  X509_get0_notBefore(leaf) : X509_get0_notAfter(leaf),
			  end);
		if (error == X509_V_ERR_CERT_HAS_EXPIRED ||
		    error == X509_V_ERR_CERT_NOT_YET_VALID)
			snprintf(fault->text, sizeof(fault->text), "%s (%s); "
				 "is the clock here right?",
				 X509_verify_cert_error_string(error), end);
		else
			snprintf(fault->text, sizeof(fault->text), "`%s' does "
				 "not go to the CA: %s", name,
				 X509_verify_cert_error_string(error));
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	return ok;
}
