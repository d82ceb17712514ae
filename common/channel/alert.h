/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an alert of TLS says about us. */
#ifndef BLESEC_ALERT_H
#define BLESEC_ALERT_H

#include <stdbool.h>

/*
 * True if the peer that sent this fatal alert has refused us or our certificate
 * (RFC 8446 section 6.2); false if it found another fault.
 */
bool alert_refuses(int alert);

#endif
