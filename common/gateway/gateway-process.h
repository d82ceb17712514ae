/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The confined process that has the link to a gateway's peripheral, and all
 * that is between it and the centrals.  Seen from its parent it is a worker
 * (worker.h): the messages are GATEWAY_* and, to it, HOST_CENTRAL and following.
 */
#ifndef BLESEC_GATEWAY_PROCESS_H
#define BLESEC_GATEWAY_PROCESS_H

#include "gateway/gateway.h"
#include "process/worker.h"

/*
 * Start it.  Only the first members of settings count, up to read_only.
 * *links is for gateway_process_link, and to be closed.  Returns 0, or -1
 * having said why.
 */
int gateway_process_start(struct worker *worker, int *links,
			  const struct gateway_settings *settings);

/* Give it a link to the peripheral, which is taken over.  0, or -1. */
int gateway_process_link(int links, int fd);

#endif
