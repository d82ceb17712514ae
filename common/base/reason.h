/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a session ended: closed.reason in blesec(7), EVENTS. */
#ifndef BLESEC_REASON_H
#define BLESEC_REASON_H

#include "base/diag.h"

enum reason {
	REASON_DONE,		/* all work here is finished */
	REASON_STOPPED,		/* a signal stopped us */
	REASON_PEER_CLOSED,	/* the peer said goodbye and took everything */
	REASON_CUT_SHORT,	/* the peer said goodbye too early, or failed */
	REASON_LINK_LOST,	/* the link closed without a goodbye */
	REASON_TIMEOUT,		/* the session was not secured in time */
	REASON_SILENT,		/* the peer sent nothing for 30 s */
	REASON_PEER_REFUSED,	/* we do not accept the peer's certificate */
	REASON_REVOKED,		/* a CRL revokes the certificate we accepted */
	REASON_REFUSED_BY_PEER,	/* the peer does not accept our certificate */
	REASON_PROTOCOL,
	REASON_TOO_SLOW,	/* the peer does not keep up with the others */
	REASON_PERIPHERAL,	/* a gateway: the peripheral has changed */
	REASON_NOT_PAIRED,	/* the peer did not pair, which was required */
	REASON_TPM,		/* the TPM or the signer process failed */
	REASON_ERROR,
	REASON_COUNT,
};

const char *reason_name(enum reason reason);

/* The exit status of blesec-connect for this reason. */
enum status reason_status(enum reason reason);

#endif
