/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "verify/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/evp.h>

#include "pki/cert.h"
#include "base/hex.h"

/* A file name may contain any octets, but JSON is UTF-8. */
static json_t *json_text(const char *text)
{
	json_t *json = json_string(text);
	char *copy;

	if (json)
		return json;
	copy = strdup(text);
	for (char *p = copy; p && *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	json = copy ? json_string(copy) : NULL;
	free(copy);
	return json;
}

static void set_member(json_t *json, const char *key, json_t *value)
{
	if (!value || json_object_set_new(json, key, value))
		die(STATUS_OTHER, "out of memory");
}

void verdict_begin(struct verdict *verdict, const char *subject)
{
	static const char *const later[] = {
		"name", "pin", "tlsa", "not_after", "days_left", "serial",
	};

	*verdict = (struct verdict){ .json = json_object() };
	set_member(verdict->json, "subject", json_text(subject));
	set_member(verdict->json, "ok", json_true());
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		set_member(verdict->json, later[i], json_null());
	set_member(verdict->json, "checks", json_array());
	set_member(verdict->json, "warnings", json_array());
	verdict->checks = json_object_get(verdict->json, "checks");
	verdict->warnings = json_object_get(verdict->json, "warnings");
}

void verdict_free(struct verdict *verdict)
{
	json_decref(verdict->json);
	verdict->json = NULL;
}

static void describe_dates(struct verdict *verdict, X509 *cert)
{
	const ASN1_TIME *end = X509_get0_notAfter(cert);
	char text[CERT_TIME_SIZE];
	BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = serial ? BN_bn2hex(serial) : NULL;

	cert_time(end, text);
	if (text[0])
		set_member(verdict->json, "not_after", json_string(text));
	verdict->dated = cert_days_left(end, &verdict->days_left);
	if (verdict->dated)
		set_member(verdict->json, "days_left",
			   json_integer(verdict->days_left));
	if (hex)
		set_member(verdict->json, "serial", json_string(hex));
	OPENSSL_free(hex);
	BN_free(serial);
}

void verdict_describe(struct verdict *verdict, X509 *cert, bool request)
{
	char name[CERT_NAME_MAX + 1], pin[CERT_PIN_SIZE], tlsa[80] = "3 1 1 ";
	unsigned char digest[48];

	if (cert_name(cert, name))
		set_member(verdict->json, "name", json_string(name));
	if (cert_pin(cert, pin) &&
	    EVP_DecodeBlock(digest, (unsigned char *)pin + 8, 44) >= 32) {
		hex_encode(digest, 32, HEX_LOWER, tlsa + strlen(tlsa));
		set_member(verdict->json, "pin", json_string(pin));
		set_member(verdict->json, "tlsa", json_string(tlsa));
	}
	if (!request)
		describe_dates(verdict, cert);
}

void verdict_chain(struct verdict *verdict, const STACK_OF(X509) *chain)
{
	json_t *list = json_array();

	for (int i = 0; i < sk_X509_num(chain); i++) {
		unsigned char *der = NULL;
		int len = i2d_X509(sk_X509_value(chain, i), &der);
		char *text = len > 0 ? malloc(4 * (size_t)len / 3 + 8) : NULL;

		if (text) {
			EVP_EncodeBlock((unsigned char *)text, der, len);
			json_array_append_new(list, json_string(text));
		}
		free(text);
		OPENSSL_free(der);
	}
	set_member(verdict->json, "chain", list);
}

enum status verdict_graver(enum status a, enum status b)
{
	/* From the least grave to the gravest. */
	static const enum status order[] = {
		STATUS_OK, STATUS_PEER, STATUS_TIMEOUT, STATUS_LINK,
		STATUS_REFUSED, STATUS_TPM, STATUS_IDENTITY, STATUS_USAGE,
		STATUS_OTHER,
	};
	enum status graver = STATUS_OK;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (order[i] == a || order[i] == b)
			graver = order[i];
	return graver;
}

void verdict_check(struct verdict *verdict, const char *check, int ok,
		   enum status status, const char *fmt, ...)
{
	char text[1024];
	json_t *json = json_object();
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	set_member(json, "check", json_string(check));
	set_member(json, "ok", ok < 0 ? json_null() : json_boolean(ok));
	set_member(json, "reason", json_text(text));
	if (json_array_append_new(verdict->checks, json))
		die(STATUS_OTHER, "out of memory");
	if (ok == 0) {
		verdict->status = verdict_graver(verdict->status, status);
		set_member(verdict->json, "ok", json_false());
	}
}

void verdict_warn(struct verdict *verdict, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (json_array_append_new(verdict->warnings, json_text(text)))
		die(STATUS_OTHER, "out of memory");
}

static bool check_valid(const json_t *check)
{
	const json_t *ok = json_object_get(check, "ok");

	return json_is_string(json_object_get(check, "check")) &&
	       json_is_string(json_object_get(check, "reason")) &&
	       (json_is_boolean(ok) || json_is_null(ok));
}

bool verdict_take(struct verdict *verdict, const char *text, size_t len)
{
	json_t *other = json_loadb(text, len, 0, NULL);
	json_t *checks = json_object_get(other, "checks");
	json_t *warnings = json_object_get(other, "warnings");
	const json_t *days = json_object_get(other, "days_left"), *item;
	bool valid = json_array_size(checks) > 0 && json_is_array(warnings);
	size_t i;

	json_array_foreach(checks, i, item)
		valid = valid && check_valid(item);
	json_array_foreach(warnings, i, item)
		valid = valid && json_is_string(item);
	if (!valid) {
		json_decref(other);
		return false;
	}
	json_array_foreach(checks, i, item)
		if (json_is_false(json_object_get(item, "ok")))
			verdict->status = STATUS_PEER;
	set_member(verdict->json, "ok", json_boolean(!verdict->status));
	verdict->dated = json_is_integer(days);
	verdict->days_left = (long)json_integer_value(days);
	json_object_del(other, "subject");
	json_object_del(other, "ok");
	json_object_update(verdict->json, other);
	json_decref(other);
	verdict->checks = json_object_get(verdict->json, "checks");
	verdict->warnings = json_object_get(verdict->json, "warnings");
	return true;
}

/* Text from a certificate or a file name must not drive a terminal. */
static void put_text(const char *text)
{
	for (const char *p = text; *p; p++)
		putchar((unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p);
}

static void print_text(const struct verdict *verdict)
{
	static const char *const facts[] = {
		"name", "pin", "tlsa", "not_after", "serial",
	};
	const json_t *json = verdict->json, *item;
	const char *reason;
	size_t i;

	put_text(json_string_value(json_object_get(json, "subject")));
	printf(": %s\n", verdict->status ? "NOT GOOD" : "good");
	for (i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		item = json_object_get(json, facts[i]);
		if (json_is_string(item)) {
			printf("  %-10s ", facts[i]);
			put_text(json_string_value(item));
			putchar('\n');
		}
	}
	if (verdict->dated)
		printf("  %-10s %ld\n", "days_left", verdict->days_left);
	json_array_foreach(verdict->checks, i, item) {
		const json_t *ok = json_object_get(item, "ok");

		reason = json_string_value(json_object_get(item, "reason"));
		printf("  %-4s ", json_is_true(ok) ? "ok" :
		       json_is_null(ok) ? "-" : "BAD");
		put_text(json_string_value(json_object_get(item, "check")));
		fputs(*reason ? ": " : "", stdout);
		put_text(reason);
		putchar('\n');
	}
	json_array_foreach(verdict->warnings, i, item) {
		fputs("  warning: ", stdout);
		put_text(json_string_value(item));
		putchar('\n');
	}
}

enum status verdict_print(struct verdict *verdict, bool text)
{
	if (text)
		print_text(verdict);
	else if (!json_dumpf(verdict->json, stdout, JSON_COMPACT))
		putchar('\n');
	if (!fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	diag_error("cannot write to stdout");
	return STATUS_OTHER;
}
