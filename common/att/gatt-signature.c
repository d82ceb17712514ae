/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "att/gatt-signature.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/bytes.h"

#define KEY_SIZE 16
#define MAC_SIZE 16
#define COUNTER_SIZE 4
#define SIGNED_MAC_SIZE (ATT_SIGNATURE_SIZE - COUNTER_SIZE)

/* Kept, so that it is fetched only once. */
static EVP_MAC *cmac;

static void reverse(const uint8_t *from, size_t len, uint8_t *to)
{
	while (len)
		*to++ = from[--len];
}

/* Key, text and mac: most significant octet first. */
static bool aes_cmac(const uint8_t key[KEY_SIZE], const uint8_t *text,
		     size_t len, uint8_t mac[MAC_SIZE])
{
	const OSSL_PARAM params[2] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER,
						 (char *)"AES-128-CBC", 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx;
	size_t mac_len;
	bool ok;

	if (!cmac)
		cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	ctx = cmac ? EVP_MAC_CTX_new(cmac) : NULL;
	ok = ctx && EVP_MAC_init(ctx, key, KEY_SIZE, params) &&
	     EVP_MAC_update(ctx, text, len) &&
	     EVP_MAC_final(ctx, mac, &mac_len, MAC_SIZE) &&
	     mac_len == MAC_SIZE;
	EVP_MAC_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

bool gatt_signature_prepare(void)
{
	static const uint8_t nothing[KEY_SIZE];
	uint8_t mac[MAC_SIZE];

	/* Do it once completely: OpenSSL fetches the cipher only then. */
	return aes_cmac(nothing, nothing, sizeof(nothing), mac);
}

bool gatt_signature_verify(const uint8_t csrk[16], const uint8_t *message,
			   size_t len,
			   const uint8_t signature[ATT_SIGNATURE_SIZE],
			   uint32_t *counter)
{
	uint8_t key[KEY_SIZE], text[COUNTER_SIZE + ATT_PDU_MAX], mac[MAC_SIZE];
	uint8_t expected[SIGNED_MAC_SIZE];
	bool ok;

	if (len > ATT_PDU_MAX)
		return false;
	/* The counter follows the message, so it is first when reversed. */
	reverse(signature, COUNTER_SIZE, text);
	reverse(message, len, text + COUNTER_SIZE);
	reverse(csrk, KEY_SIZE, key);
	ok = aes_cmac(key, text, COUNTER_SIZE + len, mac);
	OPENSSL_cleanse(key, sizeof(key));
	if (ok) {
		/* The more significant half of the MAC. */
		reverse(mac, SIGNED_MAC_SIZE, expected);
		ok = !CRYPTO_memcmp(expected, signature + COUNTER_SIZE,
				    SIGNED_MAC_SIZE);
	}
	/* Anyone who learned it could sign this message. */
	OPENSSL_cleanse(mac, sizeof(mac));
	OPENSSL_cleanse(expected, sizeof(expected));
	if (ok)
		*counter = get_le32(signature);
	return ok;
}
