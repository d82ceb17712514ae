/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BLESEC_ROLE_H
#define BLESEC_ROLE_H

/*
 * The role of this side: the central is the TLS client, the peripheral the
 * server.
 */
enum role {
	ROLE_CENTRAL,
	ROLE_PERIPHERAL,
};

#endif
