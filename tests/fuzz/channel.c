/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The channel: raw octets instead of TLS; raw messages inside TLS from a peer
 * that uses OpenSSL directly, in records of any length; records with one octet
 * changed; messages to that peer; peers with a wrong certificate, or a key that
 * does not sign; and any --groups.  Input: which of these, then raw octets, or
 * what is sent and how it is cut.
 *
 * sources: channel/channel.c
 * options: -max_len=4000 -len_control=20
 * runs: 2500
 * long: 500000
 */
#include "config.h"
#include "certs.h"
#include "base/bytes.h"
#include "channel/channel.h"
#include "key/key.h"
#include "key/signer-provider.h"
#include "key/signer-request.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER 3

/* Our end as a peripheral and as a central. */
static struct channel_context *contexts[2];
static struct policy policies[2] = {
	{ .role = ROLE_PERIPHERAL }, { .role = ROLE_CENTRAL },
};
static SSL_CTX *client, *server;
static struct identity identity;
static struct key *own;

/* What is wrong with a peer; what it sends instead of a certificate. */
enum {
	NOT_CERTIFIED, OF_ANOTHER_CA, OF_NO_USE, NO_ALPN, OTHER_ALPN, OLD_TLS,
	OTHER_GROUP, REFUSES, GOOD, PEERS,
};
static X509 *of_another_ca, *of_no_use;
static unsigned int alpn;		/* which of these a server does */

/* A socket pair to the key's process. */
static int signer[2];

/* A secured channel, reused while it works because a handshake is slow. */
static struct channel *channel;
static SSL *peer;
static BIO *to_peer, *from_peer;

static void hear(enum diag_level level, const char *text, void *arg)
{
	(void)level, (void)text, (void)arg;
}

static X509 *device(const char *usage, EVP_PKEY *key, X509 *ca,
		    EVP_PKEY *ca_key)
{
	X509 *cert = certificate("device", key, ca, 2);

	extend(cert, NID_key_usage, "digitalSignature");
	extend(cert, NID_ext_key_usage, usage);
	must(X509_sign(cert, ca_key, EVP_sha256()) > 0);
	return cert;
}

static int select_alpn(SSL *ssl, const uint8_t **out, uint8_t *len,
		       const uint8_t *in, unsigned int in_len, void *arg)
{
	(void)ssl;
	must(!arg && in_len == 9);
	*out = in + 1;
	*len = alpn == OTHER_ALPN ? 6 : 8;
	return alpn == NO_ALPN ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_OK;
}

/* An identity that OpenSSL refuses, and a key log that cannot be opened. */
static void refused_settings(X509 *root, EVP_PKEY *root_key)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)512);
	struct identity weak = { .anchors = identity.anchors,
				 .chain = sk_X509_new_null() };
	struct channel_context *context;
	X509 *cert = device("serverAuth", key, root, root_key);

	must(sk_X509_push(weak.chain, cert));
	must(channel_context_new(&(struct channel_settings){
		.identity = &weak, .policy = &policies[0] }, &context) ==
	     STATUS_IDENTITY && !context);
	must(!setenv("SSLKEYLOGFILE", "/nowhere/at/all", 1));
	must(channel_context_new(&(struct channel_settings){
		.identity = &identity, .policy = &policies[0],
		.keylog = true }, &context) == STATUS_IDENTITY && !context);
	sk_X509_pop_free(weak.chain, X509_free);
	EVP_PKEY_free(key);
}

/* A key that signs in this process. */
static void load_key(EVP_PKEY *key)
{
	int fd = memfd_create("key", 0);
	FILE *file = fdopen(fd, "w");
	char path[40];

	must(file && !fchmod(fd, 0600) &&
	     PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) &&
	     !fflush(file));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must(!key_load(path, NULL, &own));
	fclose(file);
}

/* The peer's end, which uses OpenSSL directly. */
static SSL_CTX *other_end(const SSL_METHOD *method, X509 *cert, EVP_PKEY *key)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	must(ctx && SSL_CTX_use_certificate(ctx, cert) &&
	     SSL_CTX_use_PrivateKey(ctx, key) &&
	     !SSL_CTX_set_alpn_protos(ctx, (const uint8_t *)"\x08"
				      "blesec/1", 9));
	SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
	SSL_CTX_set_num_tickets(ctx, 0);
	return ctx;
}

static void make(void)
{
	static const char usage[] = "keyCertSign,cRLSign";
	static const char both[] = "clientAuth,serverAuth";
	EVP_PKEY *root_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	EVP_PKEY *middle_key = EVP_EC_gen("P-256");
	X509 *root = authority("root", root_key, NULL, root_key, usage);
	X509 *middle = authority("middle", middle_key, root, root_key, usage);
	X509 *peers = device(both, key, root, root_key);

	load_key(key);
	must(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, signer));
	identity.dir = (char *)"made";
	identity.chain = sk_X509_new_null();
	identity.anchors = sk_X509_new_null();
	sk_X509_push(identity.chain, device(both, key, middle, middle_key));
	sk_X509_push(identity.chain, middle);
	sk_X509_push(identity.anchors, root);
	policies[0].anchors = policies[1].anchors = identity.anchors;
	refused_settings(root, root_key);
	must(!setenv("SSLKEYLOGFILE", "/dev/null", 1));
	for (int i = 0; i < 2; i++)
		must(!channel_context_new(&(struct channel_settings){
			.identity = &identity, .policy = &policies[i],
			.keylog = i }, &contexts[i]));
	/* Another CA with the same name. */
	of_another_ca = device(both, key, root, middle_key);
	of_no_use = device("codeSigning", key, root, root_key);
	client = other_end(TLS_client_method(), peers, key);
	server = other_end(TLS_server_method(), peers, key);
	SSL_CTX_set_verify(server, SSL_VERIFY_PEER, NULL);
	X509_free(peers);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(middle_key);
	EVP_PKEY_free(key);
}

static void forget(void)
{
	channel_free(channel);
	SSL_free(peer);
	channel = NULL;
	peer = NULL;
}

/* Move all waiting octets in both directions. */
static void carry(void)
{
	uint8_t buffer[2000];
	size_t n;
	int m;

	while ((n = channel_output(channel, buffer, sizeof(buffer))) > 0)
		must(BIO_write(to_peer, buffer, (int)n) == (int)n);
	must(!channel_pending(channel));
	while ((m = BIO_read(from_peer, buffer, sizeof(buffer))) > 0)
		channel_input(channel, buffer, (size_t)m);
}

/* Make two new ends. */
static void begin(bool central)
{
	/* A policy is for one peer. */
	policies[central].fault[0] = '\0';
	channel = channel_new(contexts[central]);
	peer = SSL_new(central ? server : client);
	to_peer = BIO_new(BIO_s_mem());
	from_peer = BIO_new(BIO_s_mem());
	must(channel && peer && to_peer && from_peer);
	SSL_set_bio(peer, to_peer, from_peer);
	if (central)
		SSL_set_accept_state(peer);
	else
		SSL_set_connect_state(peer);
}

static enum channel_result handshake(void)
{
	enum channel_result result = CHANNEL_WAIT;

	for (int i = 0; i < 10 && result == CHANNEL_WAIT; i++) {
		SSL_do_handshake(peer);
		ERR_clear_error();
		carry();
		result = channel_handshake(channel);
		carry();
	}
	return result;
}

static void secure(void)
{
	enum channel_result result;

	if (channel)
		return;
	signer_provider_use(own);
	begin(false);
	SSL_set_verify(peer, SSL_VERIFY_NONE, NULL);
	result = handshake();
	must(result == CHANNEL_DONE && SSL_is_init_finished(peer));
	must(!strcmp(channel_cipher(channel), "TLS_AES_256_GCM_SHA384") ||
	     !strcmp(channel_cipher(channel), "TLS_AES_128_GCM_SHA256"));
	must(strlen(channel_group(channel)) > 3);
}

static void judge(enum channel_result result)
{
	const char *words = NULL;

	must(result <= CHANNEL_FAILED);
	if (result == CHANNEL_FAILED) {
		must(channel_fault(channel, &words) < REASON_COUNT);
		must(words && strlen(words) > 5);
	}
}

/* Something that is not TLS, or only its beginning. */
static void no_tls(bool central)
{
	const uint8_t cut = next();
	size_t n = left;
	uint8_t *copy = exactly(input, n);
	enum channel_result result;

	forget();
	channel = channel_new(contexts[central]);
	must(!!channel);
	if (central)
		must(channel_handshake(channel) == CHANNEL_WAIT &&
		     channel_pending(channel) > 100);
	for (size_t at = 0; at < n; at += cut + 1U) {
		channel_input(channel, copy + at,
			      n - at < cut + 1U ? n - at : cut + 1U);
		result = channel_handshake(channel);
		judge(result);
		must(result != CHANNEL_DONE);
		if (result == CHANNEL_FAILED)
			break;
	}
	free(copy);
	forget();
}

/* What the peer sends, and how much of it was given and taken. */
static uint8_t sent[3 * (HEADER + CHANNEL_MESSAGE_MAX)];
static size_t sent_len, given, taken;

static void give(size_t n)
{
	size_t done;

	if (n > sent_len - given)
		n = sent_len - given;
	if (!n)
		return;
	must(SSL_write_ex(peer, sent + given, n, &done) == 1 && done == n);
	given += n;
	carry();
}

/* Check that each message arrives as sent; false if the channel has ended. */
static bool take(void)
{
	enum channel_result result;
	enum channel_type type;
	const uint8_t *body;
	const char *words;
	size_t len, is;

	for (;;) {
		result = channel_receive(channel, &type, &body, &len);
		judge(result);
		is = given - taken >= HEADER ?
			get_be24(sent + taken) & 0xfffff : 0;
		if (result != CHANNEL_DONE)
			break;
		must(given - taken >= HEADER + is && len == is);
		must((unsigned int)type == sent[taken] >> 4);
		must(!memcmp(body, sent + taken + HEADER, len));
		taken += HEADER + len;
	}
	/* Only a message's length can make it fail. */
	must((result == CHANNEL_FAILED) == (is > CHANNEL_MESSAGE_MAX));
	if (result == CHANNEL_WAIT)
		must(given - taken < HEADER + is);
	else
		must(channel_fault(channel, &words) == REASON_PROTOCOL);
	return result == CHANNEL_WAIT;
}

static void messages(bool good)
{
	bool more = true;

	sent_len = given = taken = 0;
	while (left && sent_len < sizeof(sent) / 2) {
		uint8_t how = next();
		size_t n = next();

		/* Also slightly more than is accepted. */
		if (how & 0x40)
			n = CHANNEL_MESSAGE_MAX + (good ? 0 : 4U) - n;

		if (!good && how & 0x80) {
			sent[sent_len++] = next();
			continue;
		}
		put_be24(sent + sent_len, (uint32_t)(how & 15) << 20 |
			 (uint32_t)n);
		memset(sent + sent_len + HEADER, how, n);
		sent_len += HEADER + n;
		if (n > 60000)
			break;
	}
	for (uint8_t cut = 0; more && given < sent_len; cut++) {
		give(cut & 1 ? 1U + cut : 1 + sent_len / 4);
		more = take();
	}
	/* Complete a partial message, so that another may follow. */
	if (more && taken < sent_len) {
		must(!good);
		while (sent_len - taken < HEADER)
			sent[sent_len++] = 0;
		sent_len = taken + HEADER + (get_be24(sent + taken) & 0xfffff);
		while (more && given < sent_len) {
			give(16000);
			more = take();
		}
	}
	must(!more || taken == sent_len);
	if (!more)
		forget();
}

/* Messages that we send arrive at the peer, in one or more records. */
static void to_the_peer(void)
{
	const uint8_t type = next() % 4, what = next();
	const size_t n = what & 1 ? CHANNEL_MESSAGE_MAX + 1U - next() : next();
	uint8_t *body = malloc(n + 1), *got = malloc(HEADER + n + 1);
	const bool ok = n <= CHANNEL_MESSAGE_MAX;
	size_t done, used = 0;

	memset(body, what, n);
	must(channel_send(channel, (enum channel_type)type, body, n) == ok);
	carry();
	while (SSL_read_ex(peer, got + used, HEADER + n + 1 - used, &done) == 1)
		used += done;
	must(used == (ok ? HEADER + n : 0));
	if (ok)
		must(get_be24(got) == ((uint32_t)type << 20 | n) &&
		     !memcmp(got + HEADER, body, n));
	free(body);
	free(got);
	ERR_clear_error();
}

/* A record with one octet changed. */
static void changed(void)
{
	const uint8_t text[] = { 0x10, 0, 4, 1, 2, 3, 4 }, octet = next();
	uint8_t record[200];
	size_t at = next(), done;
	enum channel_result result;
	enum channel_type type;
	const uint8_t *body;
	int n;

	if (octet & 1)
		SSL_shutdown(peer);
	else
		must(SSL_write_ex(peer, text, sizeof(text), &done) == 1);
	n = BIO_read(from_peer, record, sizeof(record));
	must(n > 5 && (size_t)n < sizeof(record));
	if (octet & 2)
		record[at % (size_t)n] ^= octet;
	channel_input(channel, record, (size_t)n);
	result = channel_receive(channel, &type, &body, &done);
	judge(result);
	at %= (size_t)n;
	/* If a record is now longer, the channel waits for the rest. */
	if (octet & 2)
		must(result == CHANNEL_FAILED ||
		     (result == CHANNEL_WAIT && (at == 3 || at == 4)));
	else if (octet & 1)
		must(result == CHANNEL_CLOSED);
	else
		must(result == CHANNEL_DONE && done == 4);
	channel_close(channel);
	forget();
}

static int take_any(int ok, X509_STORE_CTX *ctx)
{
	(void)ok, (void)ctx;
	return 1;
}

static void spoil_peer(unsigned int what)
{
	SSL_set_verify(peer, SSL_VERIFY_PEER, what == REFUSES ? NULL :
		       take_any);
	alpn = what;
	switch (what) {
	case NOT_CERTIFIED:
		SSL_certs_clear(peer);
		break;
	case OF_ANOTHER_CA:
	case OF_NO_USE:
		must(SSL_use_certificate(peer, what == OF_NO_USE ? of_no_use :
					 of_another_ca));
		break;
	case NO_ALPN:
	case OTHER_ALPN:
		SSL_set_alpn_protos(peer, (const uint8_t *)"\x06" "http/2",
				    what == NO_ALPN ? 0 : 7);
		break;
	case OLD_TLS:
		SSL_set_max_proto_version(peer, TLS1_2_VERSION);
		break;
	case OTHER_GROUP:
		must(SSL_set1_groups_list(peer, "P-521"));
		break;
	default:
		break;
	}
}

/* Choose what the key's process answers; true if the key signs. */
static bool spoil_key(uint8_t how, enum status *status)
{
	struct signer_reply reply = { .status = *status, .len = 200 };
	uint8_t asked[SIGNER_REQUEST_MAX];

	*status = (enum status)(how >> 2 & 7);
	reply.status = *status;
	while (recv(signer[1], asked, sizeof(asked), MSG_DONTWAIT) > 0)
		;
	while (recv(signer[0], &reply, 0, MSG_DONTWAIT) >= 0)
		;
	signer_provider_use(how & 1 ? NULL : own);
	signer_provider_connect(how & 2 ? -1 : signer[0], 0);
	if (!(how & 1))
		return true;
	if (how & 2)
		*status = STATUS_TPM;
	else if (how & 0x80)
		*status = STATUS_TIMEOUT;
	else
		must(send(signer[1], &reply, sizeof(reply), 0) ==
		     sizeof(reply));
	if (!*status)
		*status = STATUS_OTHER;
	return false;
}

/* The channel is not secured with a wrong peer or one that cannot sign. */
static void strangers(void)
{
	const uint8_t how = next();
	const unsigned int what = next() % PEERS;
	const bool central = how & 1;
	enum status status = STATUS_OK;
	const bool signs = spoil_key(next(), &status);
	enum channel_result result;
	enum channel_type type;
	const uint8_t *body;
	const char *words;
	size_t len;

	forget();
	begin(central);
	spoil_peer(what);
	result = handshake();
	judge(result);
	/* A client finishes before the server has verified it. */
	if (result == CHANNEL_DONE) {
		SSL_do_handshake(peer);
		ERR_clear_error();
		carry();
		result = channel_receive(channel, &type, &body, &len);
		judge(result);
		must(result == CHANNEL_WAIT || result == CHANNEL_FAILED);
		must((result == CHANNEL_WAIT) == (what == GOOD));
		must(signs);
	} else {
		must(result == CHANNEL_FAILED && (what != GOOD || !signs));
	}
	if (result == CHANNEL_FAILED && signs && what == REFUSES)
		must(channel_fault(channel, &words) == REASON_REFUSED_BY_PEER);
	if (result == CHANNEL_FAILED && signs &&
	    (what == OF_ANOTHER_CA || what == OF_NO_USE))
		must(channel_fault(channel, &words) == REASON_PEER_REFUSED);
	if (!signs && what == GOOD && status == STATUS_TPM)
		must(channel_fault(channel, &words) == REASON_TPM);
	forget();
	ERR_clear_error();
}

static void groups(void)
{
	char text[100] = "";
	struct channel_context *context;
	enum status status;

	memcpy(text, input, left < sizeof(text) ? left : sizeof(text) - 1);
	status = channel_context_new(&(struct channel_settings){
		.identity = &identity, .policy = &policies[0],
		.keylog = true, .groups = text }, &context);
	must(status == (context ? STATUS_OK : STATUS_USAGE));
	channel_context_free(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t which;

	if (!contexts[0]) {
		diag_sink(hear, NULL);
		make();
	}
	input = data;
	left = len;
	which = next() % 8;
	if (which == 0) {
		no_tls(*data & 8);
		return 0;
	}
	if (which == 6) {
		strangers();
		return 0;
	}
	if (which == 7) {
		groups();
		return 0;
	}
	secure();
	if (which == 1)
		changed();
	else if (which == 2)
		to_the_peer();
	else
		messages(which & 1);
	ERR_clear_error();
	return 0;
}
