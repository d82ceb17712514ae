/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/signer-provider.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "key/signer-request.h"

#define NAME "blesec-signer"
#define POINT_MAX 97		/* uncompressed, P-384 */
#define TBS_MAX 262144		/* TLS 1.2 signs the whole handshake */

/* provider(7) passes functions of every type as this one. */
#define FN(f) ((void (*)(void))(f))

/* A process talks to one signer over one connection, or holds a key itself. */
static struct {
	struct key *key;
	int fd;
	int timeout_ms;
	enum status status;
	uint32_t microseconds;
} signer = { NULL, -1, 0, STATUS_OK, 0 };

struct point {
	char group[32];
	uint8_t octets[POINT_MAX];
	size_t len;
};

struct operation {
	const struct point *key;
	uint8_t *tbs;
	size_t len;
};

void signer_provider_connect(int fd, int timeout_ms)
{
	signer.fd = fd;
	signer.timeout_ms = timeout_ms;
}

void signer_provider_use(struct key *key)
{
	signer.key = key;
	signer.status = STATUS_OK;
}

enum status signer_provider_result(uint32_t *microseconds)
{
	if (microseconds)
		*microseconds = signer.microseconds;
	return signer.status;
}

static int signer_fail(enum status status)
{
	signer.status = status;
	return 0;
}

/* Otherwise OpenSSL would report an unusable key. */
static void *signer_must(void *p)
{
	if (!p)
		die(STATUS_OTHER, "out of memory");
	return p;
}

static int signer_ask(const struct operation *op, uint8_t *sig, size_t *sig_len,
		      size_t size)
{
	struct pollfd polled = { .fd = signer.fd, .events = POLLIN };
	struct signer_reply reply;

	if (signer.key) {
		signer.status = size < KEY_SIGNATURE_MAX ? STATUS_OTHER :
			key_sign(signer.key, op->tbs, op->len, sig, sig_len);
		return signer.status == STATUS_OK;
	}
	if (send(signer.fd, op->tbs, op->len, MSG_NOSIGNAL) < 0)
		return signer_fail(STATUS_TPM);
	if (poll(&polled, 1, signer.timeout_ms) <= 0)
		return signer_fail(STATUS_TIMEOUT);
	if (recv(signer.fd, &reply, sizeof(reply), 0) != sizeof(reply))
		return signer_fail(STATUS_TPM);
	if (reply.status || reply.len > sizeof(reply.signature) ||
	    reply.len > size)
		return signer_fail(reply.status ? (enum status)reply.status
						: STATUS_OTHER);
	memcpy(sig, reply.signature, reply.len);
	*sig_len = reply.len;
	signer.microseconds = reply.microseconds;
	signer.status = STATUS_OK;
	return 1;
}

/* Key management, provider-keymgmt(7). */

static void *point_new(void *provctx)
{
	(void)provctx;
	return signer_must(calloc(1, sizeof(struct point)));
}

static void point_free(void *key)
{
	free(key);
}

static int point_has(const void *key, int selection)
{
	(void)selection;
	return key && ((const struct point *)key)->len;
}

static int point_match(const void *a, const void *b, int selection)
{
	const struct point *one = a, *two = b;

	(void)selection;
	return one->len == two->len && !strcmp(one->group, two->group) &&
	       !memcmp(one->octets, two->octets, one->len);
}

static int point_import(void *key, int selection, const OSSL_PARAM params[])
{
	struct point *point = key;
	const OSSL_PARAM *group, *octets;
	char *name = point->group;
	void *at = point->octets;

	(void)selection;
	if (OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PRIV_KEY))
		return 0;
	group = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_GROUP_NAME);
	octets = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PUB_KEY);
	return group && octets &&
	       OSSL_PARAM_get_utf8_string(group, &name, sizeof(point->group)) &&
	       OSSL_PARAM_get_octet_string(octets, &at, POINT_MAX, &point->len);
}

static const OSSL_PARAM *point_types(int selection)
{
	static const OSSL_PARAM types[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)selection;
	return types;
}

/*
 * A selection with the private part is refused: OpenSSL then knows that
 * another provider cannot sign with an exported copy.
 */
static int point_export(void *key, int selection, OSSL_CALLBACK *callback,
			void *arg)
{
	struct point *point = key;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
						 point->group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
						  point->octets, point->len),
		OSSL_PARAM_END,
	};

	if (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY)
		return 0;
	return callback(params, arg);
}

static int point_get_params(void *key, OSSL_PARAM params[])
{
	const struct point *point = key;
	int bits = point->len == POINT_MAX ? 384 : 256;
	OSSL_PARAM *p;

	p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_BITS);
	if (p && !OSSL_PARAM_set_int(p, bits))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_SECURITY_BITS);
	if (p && !OSSL_PARAM_set_int(p, bits / 2))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_MAX_SIZE);
	if (p && !OSSL_PARAM_set_int(p, KEY_SIGNATURE_MAX))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_GROUP_NAME);
	return !p || OSSL_PARAM_set_utf8_string(p, point->group);
}

static const OSSL_PARAM *point_gettable(void *provctx)
{
	static const OSSL_PARAM gettable[] = {
		OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provctx;
	return gettable;
}

static const char *point_operation(int operation)
{
	return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

static const OSSL_DISPATCH keymgmt[] = {
	{ OSSL_FUNC_KEYMGMT_NEW, FN(point_new) },
	{ OSSL_FUNC_KEYMGMT_FREE, FN(point_free) },
	{ OSSL_FUNC_KEYMGMT_HAS, FN(point_has) },
	{ OSSL_FUNC_KEYMGMT_MATCH, FN(point_match) },
	{ OSSL_FUNC_KEYMGMT_IMPORT, FN(point_import) },
	{ OSSL_FUNC_KEYMGMT_IMPORT_TYPES, FN(point_types) },
	{ OSSL_FUNC_KEYMGMT_EXPORT, FN(point_export) },
	{ OSSL_FUNC_KEYMGMT_EXPORT_TYPES, FN(point_types) },
	{ OSSL_FUNC_KEYMGMT_GET_PARAMS, FN(point_get_params) },
	{ OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, FN(point_gettable) },
	{ OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, FN(point_operation) },
	{ 0, NULL },
};

/* Signature, provider-signature(7).  The signer hashes: here octets wait. */

static void *op_new(void *provctx, const char *propq)
{
	(void)provctx;
	(void)propq;
	return signer_must(calloc(1, sizeof(struct operation)));
}

static void op_free(void *ctx)
{
	struct operation *op = ctx;

	if (op)
		free(op->tbs);
	free(op);
}

static int op_update(void *ctx, const unsigned char *data, size_t len)
{
	const size_t max = signer.key ? TBS_MAX : SIGNER_REQUEST_MAX;
	struct operation *op = ctx;
	uint8_t *tbs;

	if (len > max - op->len)
		return 0;
	tbs = signer_must(realloc(op->tbs, op->len + len + 1));
	if (len)
		memcpy(tbs + op->len, data, len);
	op->tbs = tbs;
	op->len += len;
	return 1;
}

/* Without it EVP_DigestSign fails silently. */
static void *op_dup(void *ctx)
{
	const struct operation *op = ctx;
	struct operation *copy = signer_must(calloc(1, sizeof(*copy)));

	copy->key = op->key;
	if (op_update(copy, op->tbs, op->len))
		return copy;
	op_free(copy);
	return NULL;
}

static int op_init(void *ctx, const char *digest, void *key,
		   const OSSL_PARAM params[])
{
	struct operation *op = ctx;

	(void)digest;
	(void)params;
	op->key = key;
	op->len = 0;
	return 1;
}

static int op_final(void *ctx, unsigned char *sig, size_t *sig_len,
		    size_t size)
{
	if (!sig) {
		*sig_len = KEY_SIGNATURE_MAX;
		return 1;
	}
	return signer_ask(ctx, sig, sig_len, size);
}

static const OSSL_DISPATCH signature[] = {
	{ OSSL_FUNC_SIGNATURE_NEWCTX, FN(op_new) },
	{ OSSL_FUNC_SIGNATURE_FREECTX, FN(op_free) },
	{ OSSL_FUNC_SIGNATURE_DUPCTX, FN(op_dup) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, FN(op_init) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, FN(op_update) },
	{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, FN(op_final) },
	{ 0, NULL },
};

static const OSSL_ALGORITHM *provider_query(void *provctx, int operation,
					    int *no_cache)
{
	static const OSSL_ALGORITHM keys[] = {
		{ "EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=" NAME,
		  keymgmt, NULL },
		{ NULL, NULL, NULL, NULL },
	};
	static const OSSL_ALGORITHM signatures[] = {
		{ "ECDSA", "provider=" NAME, signature, NULL },
		{ NULL, NULL, NULL, NULL },
	};

	(void)provctx;
	*no_cache = 0;
	if (operation == OSSL_OP_KEYMGMT)
		return keys;
	return operation == OSSL_OP_SIGNATURE ? signatures : NULL;
}

static int provider_init(const OSSL_CORE_HANDLE *handle,
			 const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
			 void **provctx)
{
	static const OSSL_DISPATCH functions[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, FN(provider_query) },
		{ 0, NULL },
	};

	(void)in;
	*provctx = (void *)handle;
	*out = functions;
	return 1;
}

OSSL_PROVIDER *signer_provider_load(OSSL_LIB_CTX *libctx)
{
	if (!OSSL_PROVIDER_add_builtin(libctx, NAME, provider_init))
		return NULL;
	return OSSL_PROVIDER_load(libctx, NAME);
}

EVP_PKEY *signer_provider_key(OSSL_LIB_CTX *libctx, X509 *cert)
{
	EVP_PKEY *public = X509_get0_pubkey(cert), *pkey = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	char group[32];
	uint8_t octets[POINT_MAX];
	size_t len;
	OSSL_PARAM params[3];

	if (!public ||
	    !EVP_PKEY_get_group_name(public, group, sizeof(group), NULL) ||
	    !EVP_PKEY_get_octet_string_param(public,
			OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, octets,
			sizeof(octets), &len))
		return NULL;
	params[0] = OSSL_PARAM_construct_utf8_string(
		OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(
		OSSL_PKEY_PARAM_PUB_KEY, octets, len);
	params[2] = OSSL_PARAM_construct_end();
	ctx = EVP_PKEY_CTX_new_from_name(libctx, "EC", "provider=" NAME);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) <= 0)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}
