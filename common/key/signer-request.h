/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the signer signs, and the messages on its socket.  No I/O. */
#ifndef BLESEC_SIGNER_REQUEST_H
#define BLESEC_SIGNER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "key/key.h"
#include "base/role.h"

/* 64 spaces, context string, zero, hash of at most 48 octets. */
#define SIGNER_REQUEST_MAX (64 + 33 + 1 + 48)

/*
 * True if the octets are exactly what a TLS 1.3 endpoint in that role signs
 * in its CertificateVerify (RFC 8446 section 4.4.3).
 */
bool signer_request_valid(enum role role, const uint8_t *tbs, size_t len);

/* The answer to a request, in one packet. */
struct signer_reply {
	uint32_t status;	/* enum status */
	uint32_t microseconds;	/* how long the key took */
	uint32_t len;
	uint8_t signature[KEY_SIGNATURE_MAX];
};

#endif
