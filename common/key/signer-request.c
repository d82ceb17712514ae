/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/signer-request.h"

#include <string.h>

bool signer_request_valid(enum role role, const uint8_t *tbs, size_t len)
{
	const char *context = role == ROLE_PERIPHERAL ?
		"TLS 1.3, server CertificateVerify" :
		"TLS 1.3, client CertificateVerify";
	const size_t head = 64 + strlen(context) + 1;

	if (len != head + 32 && len != head + 48)
		return false;
	for (size_t i = 0; i < 64; i++)
		if (tbs[i] != ' ')
			return false;
	/* With its NUL. */
	return !memcmp(tbs + 64, context, strlen(context) + 1);
}
