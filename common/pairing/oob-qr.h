/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A QR code of out-of-band data, for a terminal or as a picture. */
#ifndef BLESEC_OOB_QR_H
#define BLESEC_OOB_QR_H

#include <stdio.h>

#include "base/diag.h"
#include "pairing/oob.h"

/*
 * Print OOB_HEX as a QR code: in half blocks of UTF-8, or as PNG, with the
 * quiet zone of four modules.  Returns STATUS_OK, else STATUS_OTHER having said
 * why.
 */
enum status oob_qr_text(const struct oob *oob, FILE *file);
enum status oob_qr_png(const struct oob *oob, FILE *file);

#endif
