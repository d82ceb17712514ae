/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verify the certificates that a peripheral presents in a handshake like
 * blesec-connect's; the session ends after the handshake.
 */
#ifndef BLESEC_VERIFY_PEER_H
#define BLESEC_VERIFY_PEER_H

#include "bluetooth/dial.h"
#include "hub/endpoint.h"
#include "verify/verify.h"

struct verify_peer {
	const struct verify_settings *settings;
	const char *adapter;		/* "hciN"; NULL: the first */
	struct link_address address;	/* of the peer */
	uint32_t timeout_ms;		/* until the link is up */
	struct endpoint endpoint;	/* call endpoint_init, then set dir,
					 * timeout */
	/* Private to verify-peer.c. */
	struct verdict *verdict;
	struct dial *dial;
	unsigned int retries;
	bool secured, reported, ended;
};

/*
 * The verdict has the chain as the peer sent it, checked in the confined
 * process, and the handshake as one more check.  Returns STATUS_OK; if nothing
 * was presented, STATUS_LINK, STATUS_TIMEOUT, STATUS_IDENTITY or STATUS_TPM
 * without a verdict, after saying why.
 */
enum status verify_peer(struct verify_peer *peer, struct verdict *verdict);

#endif
