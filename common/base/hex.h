/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Octets as hexadecimal digits. */
#ifndef BLESEC_HEX_H
#define BLESEC_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEX_LOWER "0123456789abcdef"
#define HEX_UPPER "0123456789ABCDEF"

/* Write 2 * len digits and a NUL. */
void hex_encode(const uint8_t *data, size_t len, const char *digits,
		char *text);

/* The value of a digit of either case, or -1 if c is not a digit. */
int hex_digit(char c);

/* True if the text is exactly 2 * len hexadecimal digits. */
bool hex_decode(const char *text, uint8_t *data, size_t len);

#endif
