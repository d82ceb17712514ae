/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/oob-qr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <png.h>
#include <qrencode.h>

#define QUIET 4			/* modules, ISO/IEC 18004 */
#define SCALE 8			/* pixels of a module */

/* Returns NULL after printing the reason if it fails. */
static QRcode *oob_qr_make(const struct oob *oob)
{
	uint8_t text[OOB_ENCODED_MAX];
	size_t len = oob_encode(oob, OOB_HEX, text);
	QRcode *code;

	text[len] = '\0';
	/*
	 * Capital hexadecimal digits allow alphanumeric mode, a smaller code.
	 */
	code = QRcode_encodeString((const char *)text, 0, QR_ECLEVEL_M,
				   QR_MODE_8, 1);
	OPENSSL_cleanse(text, sizeof(text));
	if (!code)
		diag_error("cannot make a QR code: %s", strerror(errno));
	return code;
}

static bool oob_qr_dark(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	       (code->data[y * code->width + x] & 1);
}

static enum status oob_qr_finish(FILE *file, bool ok)
{
	if (ok && !fflush(file) && !ferror(file))
		return STATUS_OK;
	diag_error("cannot write the QR code: %s", strerror(errno));
	return STATUS_OTHER;
}

enum status oob_qr_text(const struct oob *oob, FILE *file)
{
	/* Print the light modules, because most terminals are dark. */
	static const char *const blocks[] = {
		"\u2588", "\u2584", "\u2580", " ",
	};
	QRcode *code = oob_qr_make(oob);

	if (!code)
		return STATUS_OTHER;
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		for (int x = -QUIET; x < code->width + QUIET; x++)
			fputs(blocks[oob_qr_dark(code, x, y) +
				     2 * oob_qr_dark(code, x, y + 1)], file);
		fputc('\n', file);
	}
	QRcode_free(code);
	return oob_qr_finish(file, true);
}

enum status oob_qr_png(const struct oob *oob, FILE *file)
{
	QRcode *code = oob_qr_make(oob);
	png_image image = { .version = PNG_IMAGE_VERSION,
			    .format = PNG_FORMAT_GRAY };
	uint8_t *pixels;
	bool ok;
	int side;

	if (!code)
		return STATUS_OTHER;
	side = (code->width + 2 * QUIET) * SCALE;
	image.width = image.height = (png_uint_32)side;
	pixels = malloc((size_t)side * (size_t)side);
	if (!pixels)
		die(STATUS_OTHER, "out of memory");
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++)
			pixels[y * side + x] = oob_qr_dark(code,
				x / SCALE - QUIET, y / SCALE - QUIET) ? 0 : 255;
	ok = png_image_write_to_stdio(&image, file, 0, pixels, 0, NULL);
	OPENSSL_cleanse(pixels, (size_t)side * (size_t)side);
	free(pixels);
	QRcode_free(code);
	return oob_qr_finish(file, ok);
}
