/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Show out-of-band data as a QR code: as text on a terminal, or as a PNG
 * picture.
 */
#ifndef BLESEC_OOB_QR_H
#define BLESEC_OOB_QR_H

#include <stdio.h>

#include "base/diag.h"
#include "pairing/oob.h"

/*
 * Write the data's OOB_HEX form to file as a QR code with a quiet zone of four
 * modules: as UTF-8 half blocks, or as PNG.  Returns STATUS_OK, or STATUS_OTHER
 * after printing the reason.
 */
enum status oob_qr_text(const struct oob *oob, FILE *file);
enum status oob_qr_png(const struct oob *oob, FILE *file);

#endif
