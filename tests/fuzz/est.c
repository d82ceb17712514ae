/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of an EST server: raw octets, and PKCS#7 and CsrAttrs that the
 * harness makes, so that it knows whether they are valid.
 *
 * sources: http/est-answer.c
 * link: -lcurl
 * options: -max_len=6000 -len_control=20
 * runs: 4000
 * long: 1000000
 */
#include "config.h"
#include "http/est-answer.h"

#include <stdio.h>
#include <strings.h>

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"
#include "fuzz.h"

#define DER_MAX 16384

/* A root, a CA below it, a device; other certificates of the device's key. */
enum { ROOT, MIDDLE, DEVICE, OWN, EXPIRED, EARLY, CERTS };

static struct {
	EVP_PKEY *key;
	X509 *x509;
	uint8_t *der;
	int len;
} certs[CERTS];

static void make(int n, int issuer)
{
	X509 *cert = X509_new();
	char name[8] = "device";

	if (n < DEVICE)
		snprintf(name, sizeof(name), "CA %d", n);
	certs[n].key = n > DEVICE ? certs[DEVICE].key : EVP_EC_gen("P-256");
	must(cert && certs[n].key);
	certs[n].x509 = cert;
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), n + 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), n == EARLY ? 900000 : -1000);
	X509_gmtime_adj(X509_getm_notAfter(cert), n == EXPIRED ? -10 : 1000000);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
				   MBSTRING_ASC, (uint8_t *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(certs[issuer].x509));
	X509_set_pubkey(cert, certs[n].key);
	X509_add1_ext_i2d(cert, NID_basic_constraints,
			  &(BASIC_CONSTRAINTS){ .ca = n < DEVICE ? 255 : 0 },
			  1, 0);
	must(X509_sign(cert, certs[issuer].key, EVP_sha256()) > 0);
	certs[n].len = i2d_X509(cert, &certs[n].der);
	must(certs[n].len > 0);
}

/* DER, written from its end towards its beginning. */
static uint8_t room[DER_MAX];
static size_t at;

static void put(const void *data, size_t len)
{
	must(len <= at);
	at -= len;
	memcpy(room + at, data, len);
}

/* Put tag and length in front of what was written since end. */
static void wrap(uint8_t tag, size_t end)
{
	size_t len = end - at;
	uint8_t head[4] = { tag, 0x82, (uint8_t)(len >> 8), (uint8_t)len };

	if (len < 128) {
		head[1] = (uint8_t)len;
		put(head, 2);
	} else if (len < 256) {
		head[1] = 0x81;
		head[2] = (uint8_t)len;
		put(head, 3);
	} else {
		put(head, 4);
	}
}

static void put_oid(const char *text)
{
	uint8_t der[32], *p = der;
	ASN1_OBJECT *oid = OBJ_txt2obj(text, 0);

	must(oid && i2d_ASN1_OBJECT(oid, NULL) <= (int)sizeof(der));
	put(der, (size_t)i2d_ASN1_OBJECT(oid, &p));
	ASN1_OBJECT_free(oid);
}

static const char *const oids[] = {
	"pkcs7-signedData", "pkcs7-data", "challengePassword",
	"id-ecPublicKey", "prime256v1", "secp384r1", "ecdsa-with-SHA256",
	"subjectAltName", "1.3.6.1.1.1.1.22", "2.5.4.3", "ecdsa-with-SHA384",
};

#define OIDS (sizeof(oids) / sizeof(*oids))

static void use(STACK_OF(X509) *list)
{
	struct est_fault fault = { "" };
	STACK_OF(X509) *chain;
	int n = sk_X509_num(list);

	must(n >= 1 && n <= EST_CERTS_MAX);
	chain = est_chain(list, NULL, certs[DEVICE].key, &fault);
	must(chain || fault.text[0]);
	if (!chain)
		return;
	n = sk_X509_num(chain);
	must(n >= 1 && n <= CERT_CHAIN_MAX + 1);
	must(EVP_PKEY_eq(X509_get0_pubkey(sk_X509_value(chain, 0)),
			 certs[DEVICE].key) == 1);
	fault.text[0] = '\0';
	/* Most of the time goes here. */
	if (!(next() & 7))
		must(est_chain_valid(chain, list, &fault) || fault.text[0]);
	sk_X509_pop_free(chain, X509_free);
}

/* True if the certificates are accepted. */
static int certificates(const uint8_t *der, size_t len)
{
	struct est_fault fault = { "" };
	STACK_OF(X509) *list = est_certificates(der, len, &fault);

	must(list || fault.text[0]);
	must(strlen(fault.text) < sizeof(fault.text));
	if (!list)
		return 0;
	use(list);
	sk_X509_pop_free(list, X509_free);
	return 1;
}

static int wishes_of(const uint8_t *der, size_t len, struct est_wishes *wishes)
{
	struct est_fault fault = { "" };
	int ok = est_wishes_parse(der, len, next() & 1 ? 256 : 384, wishes,
				  &fault);

	must(ok || (fault.text[0] && !wishes->count));
	must(wishes->count <= EST_WISHES_MAX);
	for (size_t i = 0; i < wishes->count; i++)
		must(memchr(wishes->list[i].name, '\0',
			    sizeof(wishes->list[i].name)) != NULL);
	return ok;
}

/* Decode it with OpenSSL, without the white space. */
static void text(const uint8_t *data, size_t len)
{
	struct est_fault fault = { "" };
	struct est_wishes wishes;
	uint8_t *plain = malloc(len + 1), *other = malloc(len + 4), *der;
	size_t octets = 0, n = 0;

	der = est_base64((const char *)data, len, &octets, &fault);
	must(der || fault.text[0]);
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", data[i]) || !data[i])
			plain[n++] = data[i];
	if (der) {
		must(n && n % 4 == 0 && octets <= n / 4 * 3 &&
		     octets + 2 >= n / 4 * 3);
		must(EVP_DecodeBlock(other, plain, (int)n) ==
		     (int)(n / 4 * 3));
		must(!memcmp(der, other, octets));
		certificates(der, octets);
		wishes_of(der, octets, &wishes);
	}
	free(der);
	free(plain);
	free(other);
}

/* Encode in base64 with line breaks, and decode again. */
static void round_trip(const uint8_t *der, size_t len)
{
	struct est_fault fault;
	char *base64 = malloc(len * 3 + 8);
	uint8_t *again, digits[8];
	size_t used = 0, octets;
	unsigned int every = next();

	for (size_t i = 0; i < len; i += 3) {
		EVP_EncodeBlock(digits, der + i,
				len - i < 3 ? (int)(len - i) : 3);
		memcpy(base64 + used, digits, 4);
		used += 4;
		if (every && i % every == 0)
			base64[used++] = "\r\n \t"[i & 3];
	}
	again = est_base64(base64, used, &octets, &fault);
	must(again && octets == len && !memcmp(again, der, len));
	free(again);
	free(base64);
}

/* SHA-256, ECDSA, with an empty name and a dummy signature. */
static const uint8_t signer_info[] = {
	0x30, 0x26, 0x02, 0x01, 0x01, 0x30, 0x05, 0x30, 0x00, 0x02, 0x01, 0x01,
	0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
	0x01, 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03,
	0x02, 0x04, 0x01, 0x00,
};

static void made_pkcs7(void)
{
	uint8_t lies = next();
	unsigned int count = next() % 20, trailing = lies & 1 ? next() % 4 : 0;
	int signer = lies & 2 && next() & 1, content = lies & 4 && next() & 1;
	int type = lies & 8 ? next() % 2 : 0, good;
	size_t end = at = sizeof(room), inner, bag;
	static const uint8_t zeros[4], one[] = { 2, 1, 1 };
	static const uint8_t none[] = { 0x31, 0 };

	put(zeros, trailing);
	bag = at;
	if (signer)
		put(signer_info, sizeof(signer_info));
	wrap(0x31, bag);
	inner = at;
	for (unsigned int i = 0; i < count; i++) {
		unsigned int n = next() % CERTS;

		put(certs[n].der, (size_t)certs[n].len);
	}
	if (count || next() & 1)
		wrap(0xa0, inner);
	inner = at;
	if (content) {
		put("\x04\x01x", 3);
		wrap(0xa0, inner);
	}
	put_oid("pkcs7-data");
	wrap(0x30, inner);
	put(none, sizeof(none));
	put(one, sizeof(one));
	wrap(0x30, bag);
	wrap(0xa0, bag);
	put_oid(oids[type]);
	wrap(0x30, bag);
	good = !trailing && !signer && !content && !type && count >= 1 &&
	       count <= EST_CERTS_MAX;
	/* One octet changed: it may be valid or not. */
	if (lies & 16) {
		room[at + (next() << 8 | next()) % (end - at)] = next();
		certificates(room + at, end - at);
	} else {
		must(certificates(room + at, end - at) == good);
	}
	round_trip(room + at, end - at);
}

/* Write the extensions of an extensionRequest; return how many. */
static size_t put_extensions(void)
{
	const unsigned int count = next() % 4;
	size_t end = at, each;

	for (unsigned int i = 0; i < count; i++) {
		each = at;
		put("\x04\x01x", 3);
		put_oid(oids[next() % OIDS]);
		wrap(0x30, each);
	}
	wrap(0x30, end);
	return count;
}

static void made_wishes(void)
{
	uint8_t lies = next();
	unsigned int count = next() % 40;
	size_t end = at = sizeof(room), expected = 0, outer;
	struct est_wishes wishes;
	int ok;

	for (unsigned int i = 0; i < count; i++) {
		uint8_t kind = next();

		outer = at;
		expected++;
		if (kind & 1) {
			for (unsigned int n = kind >> 1 & 3; n; n--) {
				put_oid(oids[next() % OIDS]);
				expected++;
			}
			if (kind & 8)
				expected += put_extensions();
			wrap(0x31, outer);
		}
		/* An extReq asks for the extensions in it, not for itself. */
		expected -= (kind & 9) == 9;
		put_oid((kind & 9) == 9 ? "extReq" : oids[next() % OIDS]);
		if (kind & 1)
			wrap(0x30, outer);
	}
	wrap(0x30, end);
	if (lies & 1) {
		room[at + (next() << 8 | next()) % (end - at)] = next();
		wishes_of(room + at, end - at, &wishes);
		return;
	}
	ok = wishes_of(room + at, end - at, &wishes);
	must(ok == (expected <= EST_WISHES_MAX));
	must(!ok || wishes.count == expected);
}

static void headers(const uint8_t *data, size_t len)
{
	/* strndup(3) may not be given what has no end, say strict checks. */
	char *copy = malloc(len + 1), *end;
	unsigned long number;
	long s;

	memcpy(copy, data, len);
	copy[len] = '\0';
	s = est_retry_after(copy, 1000000000);
	must(s >= -1 && s <= EST_RETRY_MAX);
	number = strtoul(copy, &end, 10);
	if (*copy && !copy[strspn(copy, "0123456789")])
		must(s == (long)(number < EST_RETRY_MAX ? number
							: EST_RETRY_MAX));
	else if (s > 0 && s < EST_RETRY_MAX)
		must(curl_getdate(copy, NULL) == 1000000000 + s);
	else
		must(s <= 0 || curl_getdate(copy, NULL) > EST_RETRY_MAX);
	if (est_type_is(copy, "application/csrattrs"))
		must(!strncasecmp(copy + strspn(copy, " \t"),
				  "application/csrattrs", 20));
	est_type_is(copy, "application/pkcs7-mime");
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct est_wishes wishes;
	uint8_t *copy;

	if (!certs[0].key)
		for (int n = 0; n < CERTS; n++)
			make(n, n == OWN ? OWN : n > DEVICE ? MIDDLE :
				n ? n - 1 : 0);
	input = data;
	left = len;
	switch (next() % 6) {
	case 0:
		made_pkcs7();
		return 0;
	case 1:
		made_wishes();
		return 0;
	}
	/* A copy of exact size, so that the sanitizer sees overreads. */
	copy = malloc(left ? left : 1);
	memcpy(copy, input, left);
	len = left;
	left = 0;
	switch (*data % 6) {
	case 2:
		text(copy, len);
		break;
	case 3:
		certificates(copy, len);
		break;
	case 4:
		wishes_of(copy, len, &wishes);
		break;
	default:
		headers(copy, len);
	}
	free(copy);
	return 0;
}
