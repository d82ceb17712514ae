/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The confined process that has the link to a gateway's peripheral, and the
 * gateway itself.  For its parent it is a worker (process/worker.h); it sends
 * the messages GATEWAY_... and gets HOST_CENTRAL and those after it.
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

/*
 * Pass a link to the peripheral to the process, and close it here.  Returns 0,
 * or -1.
 */
int gateway_process_link(int links, int fd);

#endif
