/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of known keys, from RFC 4493 and openssl(1); all others are
 * rejected; the same in a confined process. */
#include "config.h"
#include "base/diag.h"
#include "att/gatt-signature.h"
#include "base/hex.h"
#include "process/sandbox.h"
#include "unit.h"

#include <unistd.h>
#include <sys/wait.h>

#define NONE 0x5a5a5a5a		/* no counter was given */

static void reverse(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		const uint8_t octet = data[i];

		data[i] = data[len - 1 - i];
		data[len - 1 - i] = octet;
	}
}

/*
 * RFC 4493 section 4: the text is the counter and the message, reversed; of its
 * MAC the first 8 octets, reversed, are in the signature.  Example 1 has no
 * room for a counter.
 */
static void examples_of_rfc_4493(void)
{
	static const char text[] =
		"6bc1bee22e409f96e93d7e117393172a"
		"ae2d8a571e03ac9c9eb76fac45af8e51"
		"30c81c46a35ce411e5fbc1191a0a52ef"
		"f69f2445df4f9b17ad2b417be66c3710";
	static const struct {
		size_t len;
		const char *mac;
	} examples[] = {
		{ 16, "070a16b46b4d4144" },
		{ 40, "dfa66747de9ae630" },
		{ 64, "51f0bebf7e3b9d92" },
	};
	uint8_t key[16], octets[64], message[64];
	uint8_t signature[ATT_SIGNATURE_SIZE];
	uint32_t counter;

	CHECK(hex_decode("2b7e151628aed2a6abf7158809cf4f3c", key, 16));
	reverse(key, sizeof(key));
	CHECK(hex_decode(text, octets, sizeof(octets)));
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		const size_t len = examples[i].len - 4;

		memcpy(message, octets + 4, len);
		reverse(message, len);
		memcpy(signature, octets, 4);
		reverse(signature, 4);
		CHECK(hex_decode(examples[i].mac, signature + 4, 8));
		reverse(signature + 4, 8);
		counter = NONE;
		CHECK(gatt_signature_verify(key, message, len, signature,
					    &counter));
		CHECK(counter == 0x6bc1bee2);
	}
}

/* A Signed Write Command: "Hello" to the handle 14. */
static const char csrk_hex[] = "000102030405060708090a0b0c0d0e0f";
static const char pdu_hex[] = "d20e0048656c6c6f";
/*
 * printf '\1\2\3\4olleH\0\16\322' | openssl mac -cipher AES-128-CBC \
 *	-macopt hexkey:0f0e0d0c0b0a09080706050403020100 -in - CMAC
 * says 479F98EA47152EE8D3D15A19F532B4B4, for the counter 0x01020304.
 */
static const char signature_hex[] = "04030201e82e1547ea989f47";

struct write {
	uint8_t csrk[16], pdu[8], signature[ATT_SIGNATURE_SIZE];
};

static struct write write_of_openssl(void)
{
	struct write w;

	CHECK(hex_decode(csrk_hex, w.csrk, sizeof(w.csrk)));
	CHECK(hex_decode(pdu_hex, w.pdu, sizeof(w.pdu)));
	CHECK(hex_decode(signature_hex, w.signature, sizeof(w.signature)));
	return w;
}

static bool good(const struct write *w, uint32_t *counter)
{
	*counter = NONE;
	return gatt_signature_verify(w->csrk, w->pdu, sizeof(w->pdu),
				     w->signature, counter);
}

static void each_bit_counts(void)
{
	struct write w = write_of_openssl();
	uint8_t *octets = (uint8_t *)&w;
	uint32_t counter;

	CHECK(good(&w, &counter) && counter == 0x01020304);
	for (size_t i = 0; i < 8 * sizeof(w); i++) {
		octets[i / 8] ^= (uint8_t)(1 << i % 8);
		CHECK(!good(&w, &counter) && counter == NONE);
		octets[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	CHECK(good(&w, &counter));
}

static void length_counts(void)
{
	static const uint8_t zeros[ATT_PDU_MAX + 1];
	const struct write w = write_of_openssl();
	uint32_t counter = NONE;

	for (size_t len = 0; len <= sizeof(zeros); len++)
		CHECK(!gatt_signature_verify(w.csrk, zeros, len, w.signature,
					     &counter));
	CHECK(!gatt_signature_verify(w.csrk, w.pdu, sizeof(w.pdu) - 1,
				     w.signature, &counter));
	CHECK(counter == NONE);
}

/*
 * No message, and the longest: printf '\377\377\377\377', and (printf
 * '\0\0\0\0'; head -c 672 /dev/zero), for the same command.
 */
static void extremes(void)
{
	static const uint8_t zeros[ATT_PDU_MAX];
	struct write w = write_of_openssl();
	uint32_t counter;

	CHECK(hex_decode("ffffffff6985e1c7d2cb6069", w.signature, 12));
	CHECK(gatt_signature_verify(w.csrk, NULL, 0, w.signature, &counter));
	CHECK(counter == UINT32_MAX);
	CHECK(hex_decode("000000003b5e38cec336d2dd", w.signature, 12));
	CHECK(gatt_signature_verify(w.csrk, zeros, sizeof(zeros), w.signature,
				    &counter));
	CHECK(counter == 0);
}

/* A confined process cannot load anything more: this is the first call. */
static void in_a_confined_process(void)
{
	const struct write w = write_of_openssl();
	uint32_t counter;
	int status;
	pid_t pid;

	CHECK(gatt_signature_prepare());
	CHECK(gatt_signature_prepare());
	if (under_valgrind())
		return;
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(sandbox_enter(SANDBOX_PEER) && good(&w, &counter) &&
		      counter == 0x01020304 ? 0 : 1);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

int main(void)
{
	diag_init("test-gatt-signature");
	in_a_confined_process();
	examples_of_rfc_4493();
	each_bit_counts();
	length_counts();
	extremes();
	return 0;
}
