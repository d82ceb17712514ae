/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A peer's process may have only one thing signed: what TLS 1.3 signs in the
 * role's CertificateVerify.  The harness makes that again from its hash.
 * Input: how the request is made, then raw octets, or the hash and the changes.
 *
 * sources: key/signer-request.c
 * options: -max_len=200
 * runs: 500000
 * long: 50000000
 */
#include "config.h"
#include "fuzz.h"
#include "key/signer-request.h"

/* RFC 8446 section 4.4.3; returns the length. */
static size_t make(uint8_t tbs[SIGNER_REQUEST_MAX], enum role role,
		   const uint8_t *hash, size_t len)
{
	static const char server[] = "TLS 1.3, server CertificateVerify";
	static const char client[] = "TLS 1.3, client CertificateVerify";

	memset(tbs, 0x20, 64);
	memcpy(tbs + 64, role == ROLE_PERIPHERAL ? server : client,
	       sizeof(server));
	memcpy(tbs + 64 + sizeof(server), hash, len);
	return 64 + sizeof(server) + len;
}

static void check(const uint8_t *tbs, size_t len)
{
	static const enum role roles[] = { ROLE_PERIPHERAL, ROLE_CENTRAL };
	uint8_t again[SIGNER_REQUEST_MAX], *copy = exactly(tbs, len);
	bool good;
	size_t hash;

	for (int i = 0; i < 2; i++) {
		/* The head has 98 octets. */
		hash = len - 98;
		good = (hash == 32 || hash == 48) &&
		       make(again, roles[i], tbs + 98, hash) == len &&
		       !memcmp(again, tbs, len);
		must(signer_request_valid(roles[i], copy, len) == good);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t tbs[SIGNER_REQUEST_MAX + 8] = { 0 }, hash[48], how;
	enum role role;
	size_t n;

	input = data;
	left = len;
	how = next();
	if (how & 1) {
		check(input, left);
		return 0;
	}
	role = how & 2 ? ROLE_CENTRAL : ROLE_PERIPHERAL;
	fill(hash, sizeof(hash));
	n = make(tbs, role, hash, how & 4 ? 48 : 32);
	must(signer_request_valid(role, tbs, n));
	if (how & 8)
		tbs[next() % n] ^= next();
	if (how & 16)
		n += next() % 9U;
	if (how & 32)
		n = next() % (n + 1);
	check(tbs, n);
	return 0;
}
