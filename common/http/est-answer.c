/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "http/est-answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/pkcs7.h>

__attribute__((format(printf, 2, 3)))
static void est_say(struct est_fault *fault, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
	va_end(ap);
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

uint8_t *est_base64(const char *text, size_t len, size_t *octets,
		    struct est_fault *fault)
{
	uint8_t *out = malloc(len / 4 * 3 + 3);
	size_t used = 0, digits = 0, padding = 0;
	uint32_t bits = 0;
	int value;

	if (!out) {
		est_say(fault, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		if (is_space(text[i]))
			continue;
		value = text[i] == '=' ? 0 : digit(text[i]);
		if (value < 0 || (padding && text[i] != '=')) {
			est_say(fault, "its base64 has 0x%02x at octet %zu",
				(unsigned int)(uint8_t)text[i], i);
			goto fail;
		}
		padding += text[i] == '=';
		bits = bits << 6 | (uint32_t)value;
		if (++digits % 4)
			continue;
		out[used++] = (uint8_t)(bits >> 16);
		out[used++] = (uint8_t)(bits >> 8);
		out[used++] = (uint8_t)bits;
	}
	if (digits % 4 || padding > 2) {
		est_say(fault,
			"its base64 ends after %zu digits, %zu of them '='",
			digits, padding);
		goto fail;
	}
	if (!digits) {
		est_say(fault, "it is empty");
		goto fail;
	}
	*octets = used - padding;
	return out;
fail:
	free(out);
	return NULL;
}

/* NULL with the fault if this is anything but a bag of certificates. */
static const STACK_OF(X509) *certs_only(const PKCS7 *p7,
					struct est_fault *fault)
{
	const PKCS7_SIGNED *bag;
	char name[80] = "";
	int count;

	if (!PKCS7_type_is_signed(p7)) {
		OBJ_obj2txt(name, sizeof(name), p7->type, 0);
		est_say(fault, "its PKCS#7 is not certs-only: its type is `%s'",
			name);
		return NULL;
	}
	bag = p7->d.sign;
	if (!bag || !bag->contents || PKCS7_get_detached((PKCS7 *)p7) != 1) {
		est_say(fault,
			"its PKCS#7 is not certs-only: it has a content");
		return NULL;
	}
	count = sk_PKCS7_SIGNER_INFO_num(bag->signer_info);
	if (count > 0) {
		est_say(fault,
			"its PKCS#7 is not certs-only: it has %d signature(s)",
			count);
		return NULL;
	}
	count = sk_X509_num(bag->cert);
	if (count < 1 || count > EST_CERTS_MAX) {
		est_say(fault, "it has %d certificates, 1 to %d are wanted",
			count < 0 ? 0 : count, EST_CERTS_MAX);
		return NULL;
	}
	return bag->cert;
}

STACK_OF(X509) *est_certificates(const uint8_t *der, size_t len,
				 struct est_fault *fault)
{
	const unsigned char *p = der;
	PKCS7 *p7 = len <= EST_BODY_MAX ? d2i_PKCS7(NULL, &p, (long)len) : NULL;
	const STACK_OF(X509) *bag;
	STACK_OF(X509) *certs = NULL;

	ERR_clear_error();
	if (!p7) {
		est_say(fault, "it is not a PKCS#7, of %zu octets", len);
		return NULL;
	}
	if ((size_t)(p - der) != len) {
		est_say(fault, "%zu octets follow its PKCS#7",
			len - (size_t)(p - der));
	} else {
		bag = certs_only(p7, fault);
		if (bag)
			certs = X509_chain_up_ref((STACK_OF(X509) *)bag);
		if (bag && !certs)
			est_say(fault, "out of memory");
	}
	PKCS7_free(p7);
	ERR_clear_error();
	return certs;
}

/* A token and what separates it from the next. */
static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

bool est_type_is(const char *type, const char *wanted)
{
	const char *p = type ? skip_blanks(type) : "", *value;
	size_t len = strlen(wanted);

	if (strncasecmp(p, wanted, len))
		return false;
	p = skip_blanks(p + len);
	while (*p == ';') {
		p = skip_blanks(p + 1);
		if (!strncasecmp(p, "smime-type=", 11)) {
			value = p + 11 + (p[11] == '"');
			if (strncasecmp(value, "certs-only", 10) ||
			    (value[10] && !strchr("\"; \t", value[10])))
				return false;
		}
		p += strcspn(p, ";");
	}
	return !*p;
}

static long seconds(const char *value)
{
	long number = 0;

	if (!*value)
		return -1;
	for (; *value; value++) {
		if (*value < '0' || *value > '9')
			return -1;
		number = number * 10 + (*value - '0');
		if (number > EST_RETRY_MAX)
			number = EST_RETRY_MAX;
	}
	return number;
}

long est_retry_after(const char *value, time_t now)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT",
		"%A, %d-%b-%y %H:%M:%S GMT",
		"%a %b %d %H:%M:%S %Y",
	};
	long number = seconds(value);
	const char *end;
	struct tm tm;
	time_t then;

	for (size_t i = 0; number < 0 && i < 3; i++) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(value, forms[i], &tm);
		if (!end || *end)
			continue;
		then = timegm(&tm);
		if (then <= now)
			number = 0;
		else if (then - now > EST_RETRY_MAX)
			number = EST_RETRY_MAX;
		else
			number = (long)(then - now);
	}
	return number;
}
