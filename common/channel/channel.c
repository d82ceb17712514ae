/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "channel/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/provider.h>

#include "base/bytes.h"
#include "channel/alert.h"
#include "key/signer-provider.h"
#include "pki/trust.h"

#define HEADER 3

static const unsigned char alpn[] = "\x08" "blesec/1";
#define ALPN_LEN (sizeof(alpn) - 1)

struct channel_context {
	OSSL_LIB_CTX *libctx;
	OSSL_PROVIDER *base, *signer;
	SSL_CTX *ssl;
	struct policy *policy;
	FILE *keylog;
};

struct channel {
	SSL *ssl;
	struct policy *policy;
	BIO *in, *out;		/* owned by ssl */
	size_t used;		/* octets in message */
	enum reason reason;
	char words[400];
	uint8_t message[HEADER + CHANNEL_MESSAGE_MAX];
};

static bool channel_use_identity(struct channel_context *context,
				 const struct identity *identity)
{
	X509 *leaf = trust_adopt(context->libctx, sk_X509_value(identity->chain, 0));
	EVP_PKEY *key = leaf ? signer_provider_key(context->libctx, leaf)
			     : NULL;
	bool ok = key && SSL_CTX_use_certificate(context->ssl, leaf) == 1 &&
		  SSL_CTX_use_PrivateKey(context->ssl, key) == 1;

	X509_free(leaf);
	EVP_PKEY_free(key);
	for (int i = 1; ok && i < sk_X509_num(identity->chain); i++)
		ok = SSL_CTX_add1_chain_cert(context->ssl,
			sk_X509_value(identity->chain, i)) == 1;
	ok = ok && trust_fill(SSL_CTX_get_cert_store(context->ssl),
			      context->libctx, identity->anchors,
			      identity->crls);
	return ok;
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
		       const unsigned char *in, unsigned int in_len, void *arg)
{
	(void)ssl;
	(void)arg;
	for (unsigned int i = 0; i < in_len; i += 1U + in[i])
		if (i + ALPN_LEN <= in_len && !memcmp(in + i, alpn, ALPN_LEN)) {
			*out = in + i + 1;
			*len = ALPN_LEN - 1;
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* OpenSSL does not call select_alpn for a client that offers no protocol. */
static int require_alpn(SSL *ssl, int *alert, void *arg)
{
	const unsigned char *data;
	size_t len;

	(void)arg;
	if (SSL_client_hello_get0_ext(ssl,
		TLSEXT_TYPE_application_layer_protocol_negotiation, &data,
		&len) == 1)
		return SSL_CLIENT_HELLO_SUCCESS;
	*alert = SSL_AD_NO_APPLICATION_PROTOCOL;
	return SSL_CLIENT_HELLO_ERROR;
}

static void write_keylog(const SSL *ssl, const char *line)
{
	struct channel_context *context =
		SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	fprintf(context->keylog, "%s\n", line);
	fflush(context->keylog);
}

static bool use_keylog(struct channel_context *context)
{
	const char *path = getenv("SSLKEYLOGFILE");

	if (!path || !*path)
		return true;
	context->keylog = fopen(path, "ae");
	if (!context->keylog) {
		diag_error("cannot write SSLKEYLOGFILE `%s'", path);
		return false;
	}
	diag_warn("session keys are written to `%s': anybody who reads it can "
		  "decrypt the channel", path);
	SSL_CTX_set_keylog_callback(context->ssl, write_keylog);
	return true;
}

static bool channel_configure(struct channel_context *context,
			      const struct channel_settings *settings)
{
	SSL_CTX *ssl = context->ssl;
	const char *groups = settings->groups ? settings->groups :
						"X25519:P-256";

	SSL_CTX_set_app_data(ssl, context);
	SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
			    SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_clear_options(ssl, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	SSL_CTX_set_mode(ssl, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_num_tickets(ssl, 0);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(ssl, CERT_CHAIN_OCTETS_MAX);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER |
			   SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ssl, policy_verify, settings->policy);
	if (SSL_CTX_set1_groups_list(ssl, groups) != 1)
		return false;
	if (settings->policy->role == ROLE_PERIPHERAL) {
		SSL_CTX_set_alpn_select_cb(ssl, select_alpn, NULL);
		SSL_CTX_set_client_hello_cb(ssl, require_alpn, NULL);
	} else if (SSL_CTX_set_alpn_protos(ssl, alpn, ALPN_LEN)) {
		return false;
	}
	return SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION) &&
	       SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION) &&
	       SSL_CTX_set_ciphersuites(ssl, "TLS_AES_128_GCM_SHA256:"
			"TLS_CHACHA20_POLY1305_SHA256:"
			"TLS_AES_256_GCM_SHA384") &&
	       SSL_CTX_set1_sigalgs_list(ssl, "ECDSA+SHA256:ECDSA+SHA384");
}

/* Ask for the groups first, so that a later failure is not about them. */
static enum status check_groups(struct channel_context *context,
				const char *groups)
{
	if (!groups || SSL_CTX_set1_groups_list(context->ssl, groups) == 1)
		return STATUS_OK;
	ERR_clear_error();
	diag_error("bad --groups `%s': TLS 1.3 groups separated by `:' are "
		   "wanted, such as X25519:P-256", groups);
	return STATUS_USAGE;
}

enum status channel_context_new(const struct channel_settings *settings,
				struct channel_context **out)
{
	struct channel_context *context = calloc(1, sizeof(*context));
	enum status status = STATUS_IDENTITY;

	if (!context)
		die(STATUS_OTHER, "out of memory");
	*out = NULL;
	context->policy = settings->policy;
	context->libctx = OSSL_LIB_CTX_new();
	if (context->libctx) {
		context->base = OSSL_PROVIDER_load(context->libctx, "default");
		context->signer = signer_provider_load(context->libctx);
	}
	if (!context->base || !context->signer) {
		diag_openssl("cannot load OpenSSL's providers");
		goto fail;
	}
	/*
	 * Ephemeral keys and the peer's certificate need OpenSSL's own
	 * provider, and our key needs the signer's, so this is only a
	 * preference.
	 */
	context->ssl = SSL_CTX_new_ex(context->libctx, "?provider=default",
		settings->policy->role == ROLE_CENTRAL ? TLS_client_method()
						       : TLS_server_method());
	if (context->ssl)
		status = check_groups(context, settings->groups);
	if (context->ssl && status)
		goto fail;
	status = STATUS_IDENTITY;
	if (!context->ssl || !channel_configure(context, settings)) {
		diag_openssl("cannot set up TLS");
		goto fail;
	}
	if (settings->keylog && !use_keylog(context))
		goto fail;
	if (!channel_use_identity(context, settings->identity)) {
		diag_openssl("cannot use the identity in `%s'",
			     settings->identity->dir);
		goto fail;
	}
	*out = context;
	return STATUS_OK;
fail:
	ERR_clear_error();
	channel_context_free(context);
	return status;
}

void channel_context_free(struct channel_context *context)
{
	if (!context)
		return;
	SSL_CTX_free(context->ssl);
	if (context->signer)
		OSSL_PROVIDER_unload(context->signer);
	if (context->base)
		OSSL_PROVIDER_unload(context->base);
	OSSL_LIB_CTX_free(context->libctx);
	if (context->keylog)
		fclose(context->keylog);
	free(context);
}

struct channel *channel_new(struct channel_context *context)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return NULL;
	channel->policy = context->policy;
	channel->ssl = SSL_new(context->ssl);
	channel->in = BIO_new(BIO_s_mem());
	channel->out = BIO_new(BIO_s_mem());
	if (!channel->ssl || !channel->in || !channel->out) {
		BIO_free(channel->in);
		BIO_free(channel->out);
		SSL_free(channel->ssl);
		free(channel);
		return NULL;
	}
	SSL_set_bio(channel->ssl, channel->in, channel->out);
	if (context->policy->role == ROLE_CENTRAL)
		SSL_set_connect_state(channel->ssl);
	else
		SSL_set_accept_state(channel->ssl);
	return channel;
}

void channel_free(struct channel *channel)
{
	if (!channel)
		return;
	SSL_free(channel->ssl);
	OPENSSL_clear_free(channel, sizeof(*channel));
}

void channel_input(struct channel *channel, const uint8_t *data, size_t len)
{
	BIO_write(channel->in, data, (int)len);
}

size_t channel_pending(struct channel *channel)
{
	return BIO_ctrl_pending(channel->out);
}

size_t channel_output(struct channel *channel, uint8_t *data, size_t max)
{
	int n = BIO_read(channel->out, data, (int)max);

	return n > 0 ? (size_t)n : 0;
}

static enum channel_result channel_fail(struct channel *channel,
					enum reason reason, const char *words)
{
	channel->reason = reason;
	snprintf(channel->words, sizeof(channel->words), "%s", words);
	ERR_clear_error();
	return CHANNEL_FAILED;
}

static enum channel_result channel_classify(struct channel *channel)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error), alert;
	const char *words = ERR_reason_error_string(error);
	enum status key = signer_provider_result(NULL);
	char text[300];

	if (reason == ERR_R_MALLOC_FAILURE)
		return channel_fail(channel, REASON_ERROR, "out of memory");
	if (channel->policy->fault[0])
		return channel_fail(channel, REASON_PEER_REFUSED,
				    channel->policy->fault);
	/* Reason codes common to all libraries are larger still. */
	if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
	    reason >= SSL_AD_REASON_OFFSET &&
	    reason < SSL_AD_REASON_OFFSET + 256) {
		alert = reason - SSL_AD_REASON_OFFSET;
		if (alert == SSL_AD_INTERNAL_ERROR)
			return channel_fail(channel, REASON_CUT_SHORT,
					    "the peer reports an internal "
					    "error, perhaps with its TPM or "
					    "its crl.pem");
		snprintf(text, sizeof(text), "it sends the alert `%s'",
			 SSL_alert_desc_string_long(alert));
		return channel_fail(channel,
				    alert_refuses(alert)
					    ? REASON_REFUSED_BY_PEER
					    : REASON_PROTOCOL,
				    text);
	}
	if (key == STATUS_TPM)
		return channel_fail(channel, REASON_TPM,
				    "the key does not sign");
	if (key == STATUS_TIMEOUT)
		return channel_fail(channel, REASON_TPM,
				    "the key does not sign in time");
	if (key == STATUS_OTHER)
		return channel_fail(channel, REASON_ERROR,
				    "the key does not sign");
	snprintf(text, sizeof(text), "TLS: %s", words ? words : "failed");
	return channel_fail(channel,
			    reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE
				    ? REASON_PEER_REFUSED
				    : REASON_PROTOCOL,
			    text);
}

static enum channel_result channel_outcome(struct channel *channel, int result)
{
	switch (SSL_get_error(channel->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return CHANNEL_WAIT;
	case SSL_ERROR_ZERO_RETURN:
		return CHANNEL_CLOSED;
	default:
		return channel_classify(channel);
	}
}

enum channel_result channel_handshake(struct channel *channel)
{
	const unsigned char *chosen;
	unsigned int len;
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(channel->ssl);
	if (result != 1)
		return channel_outcome(channel, result);
	SSL_get0_alpn_selected(channel->ssl, &chosen, &len);
	if (len != ALPN_LEN - 1 || memcmp(chosen, alpn + 1, len) != 0)
		return channel_fail(channel, REASON_PROTOCOL,
				    "it does not select the ALPN blesec/1");
	return CHANNEL_DONE;
}

enum channel_result channel_receive(struct channel *channel,
				    enum channel_type *type,
				    const uint8_t **body, size_t *len)
{
	size_t got, need = HEADER;
	int result;

	for (;;) {
		if (channel->used >= HEADER)
			need = HEADER + (get_be24(channel->message) & 0xfffff);
		if (need > sizeof(channel->message))
			return channel_fail(channel, REASON_PROTOCOL,
					    "a message is longer than 65536 "
					    "octets");
		if (channel->used >= HEADER && channel->used == need)
			break;
		ERR_clear_error();
		result = SSL_read_ex(channel->ssl,
				     channel->message + channel->used,
				     need - channel->used, &got);
		if (result != 1)
			return channel_outcome(channel, result);
		channel->used += got;
	}
	*type = get_be24(channel->message) >> 20;
	*body = channel->message + HEADER;
	*len = need - HEADER;
	channel->used = 0;
	return CHANNEL_DONE;
}

bool channel_send(struct channel *channel, enum channel_type type,
		  const void *body, size_t len)
{
	uint8_t *message;
	size_t sent = 0;

	if (len > CHANNEL_MESSAGE_MAX) {
		channel_fail(channel, REASON_ERROR, "a message is too long");
		return false;
	}
	/* Write the message at once, so that a short one is a single record. */
	message = malloc(HEADER + len);
	if (!message) {
		channel_fail(channel, REASON_ERROR, "out of memory");
		return false;
	}
	put_be24(message, (uint32_t)type << 20 | (uint32_t)len);
	if (len)
		memcpy(message + HEADER, body, len);
	ERR_clear_error();
	if (SSL_write_ex(channel->ssl, message, HEADER + len, &sent) != 1)
		channel_classify(channel);
	OPENSSL_cleanse(message, HEADER + len);
	free(message);
	return sent == HEADER + len;
}

void channel_close(struct channel *channel)
{
	ERR_clear_error();
	if (SSL_is_init_finished(channel->ssl))
		SSL_shutdown(channel->ssl);
	ERR_clear_error();
}

enum reason channel_fault(const struct channel *channel, const char **words)
{
	*words = channel->words;
	return channel->reason;
}

const char *channel_cipher(const struct channel *channel)
{
	return SSL_get_cipher_name(channel->ssl);
}

const char *channel_group(const struct channel *channel)
{
	const char *name = SSL_group_to_name(channel->ssl,
		(int)SSL_get_negotiated_group(channel->ssl));

	return name ? name : "unknown";
}
