/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "channel/credentials.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/read-file.h"
#include "key/key.h"
#include "pki/trust.h"

#define KEY_FILE_MAX 16384

/*
 * The signer reads the key; the hash only shows whether the file has changed.
 */
static enum status look_at_key(const char *path, uint8_t digest[32])
{
	uint8_t text[KEY_FILE_MAX];
	char fault[KEY_FAULT_MAX] = "";
	struct stat st = { 0 };
	ssize_t len = path ? read_file(path, text, sizeof(text), &st) : 0;
	bool ok;

	memset(digest, 0, 32);
	if (S_ISREG(st.st_mode) && key_mode_fault(st.st_mode, fault))
		diag_error("the key `%s' %s", path, fault);
	ok = len <= 0 || EVP_Digest(text, (size_t)len, digest, NULL,
				    EVP_sha256(), NULL);
	OPENSSL_cleanse(text, sizeof(text));
	if (!ok)
		die(STATUS_OTHER, "out of memory");
	return *fault ? STATUS_IDENTITY : STATUS_OK;
}

enum status credentials_read(const struct credentials_settings *settings,
			     struct credentials *credentials)
{
	enum status status;

	memset(credentials, 0, sizeof(*credentials));
	status = identity_load(settings->dir, settings->key,
			       &credentials->identity);
	if (status)
		return status;
	if (!credentials->identity.anchors && !settings->policy->pin_count) {
		diag_error("`%s' has no ca.pem: without one, name the peer's "
			   "key with --pin", credentials->identity.dir);
		identity_free(&credentials->identity);
		return STATUS_IDENTITY;
	}
	/*
	 * Hash the file before the key is read, as it may be replaced in
	 * between.
	 */
	status = look_at_key(key_path(credentials->identity.key),
			     credentials->key);
	if (status)
		identity_free(&credentials->identity);
	return status;
}

enum status credentials_read_crl(const struct credentials *old,
				 struct credentials *credentials)
{
	const struct identity *from = &old->identity;
	struct identity *identity = &credentials->identity;
	char *path = identity_path(from->dir, "crl.pem");
	enum status status;

	memset(credentials, 0, sizeof(*credentials));
	memcpy(credentials->key, old->key, sizeof(old->key));
	identity->dir = strdup(from->dir);
	identity->key = strdup(from->key);
	identity->chain = X509_chain_up_ref(from->chain);
	if (from->anchors)
		identity->anchors = X509_chain_up_ref(from->anchors);
	if (!identity->dir || !identity->key || !identity->chain ||
	    (from->anchors && !identity->anchors))
		die(STATUS_OTHER, "out of memory");
	memcpy(identity->name, from->name, sizeof(from->name));
	status = trust_load_crls(path, identity->anchors, identity->chain,
				 &identity->crls);
	free(path);
	return status;
}

static bool same_certs(const STACK_OF(X509) *a, const STACK_OF(X509) *b)
{
	if (sk_X509_num(a) != sk_X509_num(b))
		return false;
	for (int i = 0; i < sk_X509_num(a); i++)
		if (X509_cmp(sk_X509_value(a, i), sk_X509_value(b, i)))
			return false;
	return true;
}

static bool same_crls(const STACK_OF(X509_CRL) *a, const STACK_OF(X509_CRL) *b)
{
	if (sk_X509_CRL_num(a) != sk_X509_CRL_num(b))
		return false;
	for (int i = 0; i < sk_X509_CRL_num(a); i++)
		if (X509_CRL_match(sk_X509_CRL_value(a, i),
				   sk_X509_CRL_value(b, i)))
			return false;
	return true;
}

static bool same_key_file(const struct credentials *a,
			  const struct credentials *b)
{
	const X509 *old = sk_X509_value(a->identity.chain, 0);
	const X509 *new = sk_X509_value(b->identity.chain, 0);

	return !memcmp(a->key, b->key, sizeof(a->key)) &&
	       X509_PUBKEY_eq(X509_get_X509_PUBKEY(old),
			      X509_get_X509_PUBKEY(new)) == 1;
}

unsigned int credentials_changes(const struct credentials *old,
				 const struct credentials *new)
{
	const struct identity *a = &old->identity, *b = &new->identity;
	unsigned int changes = 0;

	if (!same_certs(a->chain, b->chain))
		changes |= CREDENTIALS_CERT;
	if (!same_certs(a->anchors, b->anchors))
		changes |= CREDENTIALS_CA;
	if (!same_crls(a->crls, b->crls))
		changes |= CREDENTIALS_CRL;
	if (!same_key_file(old, new))
		changes |= CREDENTIALS_KEY;
	return changes;
}

enum status credentials_open(const struct credentials_settings *settings,
			     struct credentials *credentials,
			     unsigned int changes)
{
	const struct channel_settings channel = {
		.identity = &credentials->identity,
		.policy = settings->policy,
		.groups = settings->groups,
		.keylog = settings->keylog,
	};
	enum status status = channel_context_new(&channel,
						 &credentials->context);

	if (status || !(changes & CREDENTIALS_KEY))
		return status;
	return signer_start(&credentials->signer, settings->policy->role,
			    credentials->identity.key, settings->key_auth,
			    sk_X509_value(credentials->identity.chain, 0));
}

void credentials_use(const struct credentials_settings *settings,
		     const struct credentials *credentials)
{
	settings->policy->anchors = credentials->identity.anchors;
	settings->policy->crls = credentials->identity.crls;
}

void credentials_free(struct credentials *credentials)
{
	signer_stop(&credentials->signer);
	channel_context_free(credentials->context);
	identity_free(&credentials->identity);
	memset(credentials, 0, sizeof(*credentials));
}
