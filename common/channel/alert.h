/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a TLS alert from the peer says about us. */
#ifndef BLESEC_ALERT_H
#define BLESEC_ALERT_H

#include <stdbool.h>

/*
 * True if this fatal alert means that the peer refuses us or our certificate
 * (RFC 8446 section 6.2); false if it reports another fault.
 */
bool alert_refuses(int alert);

#endif
