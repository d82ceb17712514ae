/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verify the certificates that a peripheral presents in a handshake like
 * blesec-connect's, which ends when it is done.
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
	struct endpoint endpoint;	/* after endpoint_init: dir, timeout */
	/* The rest is of verify-peer.c. */
	struct verdict *verdict;
	struct dial *dial;
	unsigned int retries;
	bool secured, reported, ended;
};

/*
 * The verdict has the chain as the peer sent it, checked in the confined
 * process, and the handshake as another check.  Returns STATUS_OK; or
 * STATUS_LINK, STATUS_TIMEOUT, STATUS_IDENTITY or STATUS_TPM, without a verdict
 * and having said why, if nothing was presented.
 */
enum status verify_peer(struct verify_peer *peer, struct verdict *verdict);

#endif
