/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "channel/alert.h"

#include <openssl/ssl.h>

bool alert_refuses(int alert)
{
	return (alert >= SSL_AD_BAD_CERTIFICATE &&
		alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
	       alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_ACCESS_DENIED ||
	       alert == SSL_AD_DECRYPT_ERROR ||
	       alert == SSL_AD_CERTIFICATE_REQUIRED;
}
