/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The channel of blesec-protocol(7): TLS 1.3 with messages inside it.  The
 * caller moves the octets in and out; the only I/O here is with the signer.
 */
#ifndef BLESEC_CHANNEL_H
#define BLESEC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "base/limits.h"
#include "base/reason.h"
#include "pki/identity.h"
#include "pki/policy.h"

enum channel_type {
	CHANNEL_CONTROL = 0,
	CHANNEL_DATA = 1,
	CHANNEL_ATT = 2,	/* an ATT PDU */
	CHANNEL_OOB = 3,	/* pairing; see
				 * common/pairing/pair-exchange.h */
};

/* The first octet of a CHANNEL_CONTROL message. */
enum channel_control {
	CHANNEL_READY = 1,
	CHANNEL_END = 2,
	CHANNEL_BYE = 3,
	CHANNEL_PERIPHERAL = 4,
};

/* The second octet of BYE; the number of data messages taken follows. */
enum channel_bye {
	CHANNEL_BYE_DONE = 0,
	CHANNEL_BYE_STOPPED = 1,
	CHANNEL_BYE_TOO_SLOW = 2,
	CHANNEL_BYE_FAILED = 3,
	CHANNEL_BYE_NOT_PAIRED = 4,
	CHANNEL_BYE_PERIPHERAL = 5,
	CHANNEL_BYE_REVOKED = 6,
};

struct channel_settings {
	const struct identity *identity;
	struct policy *policy;		/* must outlive the context; receives
					 * the verdicts */
	const char *groups;		/* NULL: X25519, then P-256 */
	bool keylog;			/* honour SSLKEYLOGFILE */
};

/*
 * What all channels of a process share.  Returns STATUS_OK, or NULL in the
 * pointer and STATUS_USAGE (bad groups) or STATUS_IDENTITY after saying why.
 * The caller frees it with channel_context_free.
 */
struct channel_context;
enum status channel_context_new(const struct channel_settings *settings,
				struct channel_context **context);
void channel_context_free(struct channel_context *context);

struct channel;

/* Returns NULL if out of memory. */
struct channel *channel_new(struct channel_context *context);
void channel_free(struct channel *channel);

/* Give the channel octets from the peer. */
void channel_input(struct channel *channel, const uint8_t *data, size_t len);

/* Octets waiting to go to the peer; takes at most max of them. */
size_t channel_pending(struct channel *channel);
size_t channel_output(struct channel *channel, uint8_t *data, size_t max);

enum channel_result {
	CHANNEL_WAIT,		/* more octets from the peer are needed */
	CHANNEL_DONE,	/* the handshake is finished, or a message was read */
	CHANNEL_CLOSED,		/* the peer's close_notify came */
	CHANNEL_FAILED,		/* see channel_fault */
};

/* Continue the handshake. */
enum channel_result channel_handshake(struct channel *channel);

/* Read a message; it is valid until the next call. */
enum channel_result channel_receive(struct channel *channel,
				    enum channel_type *type,
				    const uint8_t **body, size_t *len);

/*
 * Queue a message of at most CHANNEL_MESSAGE_MAX octets.  If this returns
 * false, the message is not sent and no more may be sent; see channel_fault.
 */
bool channel_send(struct channel *channel, enum channel_type type,
		  const void *body, size_t len);

/* Queue close_notify; nothing may be sent after it. */
void channel_close(struct channel *channel);

/*
 * Why the channel failed, as a close reason and in words.  Valid after
 * CHANNEL_FAILED, or when a function has returned false.
 */
enum reason channel_fault(const struct channel *channel, const char **words);

/* Names as OpenSSL spells them ("x25519"); valid after the handshake. */
const char *channel_cipher(const struct channel *channel);
const char *channel_group(const struct channel *channel);

#endif
