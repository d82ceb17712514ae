/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a session ended: closed.reason in blesec(7), EVENTS. */
#ifndef BLESEC_REASON_H
#define BLESEC_REASON_H

#include "base/diag.h"

enum reason {
	REASON_DONE,		/* nothing is left to do here */
	REASON_STOPPED,		/* by a signal, here */
	REASON_PEER_CLOSED,	/* the peer said goodbye, and took all */
	REASON_CUT_SHORT,	/* it said so too early, or has failed */
	REASON_LINK_LOST,	/* without a goodbye */
	REASON_TIMEOUT,		/* not secured in time */
	REASON_SILENT,		/* nothing heard for 30 s */
	REASON_PEER_REFUSED,	/* not who it must be */
	REASON_REVOKED,		/* it was who it must be, until now */
	REASON_REFUSED_BY_PEER,	/* it says so of us */
	REASON_PROTOCOL,
	REASON_TOO_SLOW,	/* a peer that does not keep up with others */
	REASON_PERIPHERAL,	/* of the gateway: it is not what it was */
	REASON_NOT_PAIRED,	/* which was required */
	REASON_TPM,		/* or the key's process */
	REASON_ERROR,
	REASON_COUNT,
};

const char *reason_name(enum reason reason);

/* The exit status that blesec-connect ends with. */
enum status reason_status(enum reason reason);

#endif
