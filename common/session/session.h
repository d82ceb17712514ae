/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session with one peer, in a confined process of its own: ATT, the tunnel,
 * TLS, messages, goodbye.  Everything that a peer sends is parsed here.
 */
#ifndef BLESEC_SESSION_H
#define BLESEC_SESSION_H

#include <stdint.h>

#include "bluetooth/bond.h"
#include "channel/channel.h"
#include "att/gatt-explorer.h"
#include "profile/gatt-profile.h"

struct session_settings {
	int link;		/* SOCK_SEQPACKET of ATT PDUs */
	int signer;
	int host;		/* to the parent */
	struct channel_context *context;
	struct policy *policy;
	const char *name;	/* of this device, for its GAP service */
	uint32_t timeout_ms;	/* from now until secured */
	uint16_t sdu_max;	/* of a credit-based channel; 0: ATT */
	uint16_t psm;		/* offered to a central on ATT; 0: none */
	const struct gatt_profile *profile;	/* a peripheral's, or NULL */
	bool request_security;	/* where the profile is on the link, and asks
				 * for more than that has */
	bool gateway;		/* ATT in the channel is the parent's */
	bool ltk;		/* as in struct gatt_server, of the link */
	bool signs;		/* the peer's Signed Write Commands: */
	struct bond_signing signing;
	const struct gatt_op *ops;	/* a central's, when it is secured */
	size_t op_count;
	/*
	 * A central on ATT: if the peripheral offers a credit-based channel, end
	 * with its PSM; with need_coc, never begin a session here.
	 */
	bool look_for_coc, need_coc;
};

struct worker;

/*
 * Start a process that runs the session until it has ended and the parent knows
 * why; the messages are in process/message.h.  Takes over link and signer even if
 * it fails; host is set for the process.  Returns 0, or -1 having said why.
 */
int session_start(struct worker *worker,
		  const struct session_settings *settings);

#endif
