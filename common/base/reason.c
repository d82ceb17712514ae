/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/reason.h"

static const struct {
	const char *name;
	enum status status;
} reasons[REASON_COUNT] = {
	[REASON_DONE] = { "done", STATUS_OK },
	[REASON_STOPPED] = { "stopped", STATUS_OK },
	[REASON_PEER_CLOSED] = { "peer closed", STATUS_OK },
	[REASON_CUT_SHORT] = { "cut short", STATUS_LINK },
	[REASON_LINK_LOST] = { "link lost", STATUS_LINK },
	[REASON_TIMEOUT] = { "timeout", STATUS_TIMEOUT },
	[REASON_SILENT] = { "silent", STATUS_TIMEOUT },
	[REASON_PEER_REFUSED] = { "peer refused", STATUS_PEER },
	[REASON_REVOKED] = { "revoked", STATUS_PEER },
	[REASON_REFUSED_BY_PEER] = { "refused by peer", STATUS_PEER },
	[REASON_PROTOCOL] = { "protocol error", STATUS_LINK },
	[REASON_TOO_SLOW] = { "too slow", STATUS_LINK },
	[REASON_PERIPHERAL] = { "peripheral changed", STATUS_LINK },
	[REASON_NOT_PAIRED] = { "not paired", STATUS_REFUSED },
	[REASON_TPM] = { "tpm", STATUS_TPM },
	[REASON_ERROR] = { "error", STATUS_OTHER },
};

const char *reason_name(enum reason reason)
{
	return reasons[reason].name;
}

enum status reason_status(enum reason reason)
{
	return reasons[reason].status;
}
