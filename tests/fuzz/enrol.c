/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a CA sends and receives: PEM files of certificates, CRLs and requests,
 * raw or well made; the files that an identity already has; and the verdict of
 * a confined process.  Input: which of these, then raw octets or the contents
 * of the file.
 *
 * sources: enrol/enrol-check.c verify/verdict.c verify/verify.c
 * sources: ../tools/provision-certs.c
 * link: -Wl,--wrap=identity_path
 * options: -max_len=3000 -len_control=20
 * runs: 2000
 * long: 300000
 */
#include "config.h"
#include "certs.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pki/cert.h"
#include "enrol/enrol-check.h"
#include "pki/trust.h"
#include "verify/verify.h"

STACK_OF(X509) *provision_anchors(const char *ca);
STACK_OF(X509) *provision_split(STACK_OF(X509) *certs);
bool provision_print(FILE *file, STACK_OF(X509) *anchors,
		     STACK_OF(X509) *chain);

#define ITEMS 12

enum { ROOT, OTHER, MIDDLE, LEAF, BELOW, STRANGER, EARLY, LATE, KINDS };

static X509 *kinds[KINDS];
static EVP_PKEY *keys[KINDS];
static X509_CRL *crl;		/* by the root, lists the device */
static unsigned int said;

static void hear(enum diag_level level, const char *text, void *arg)
{
	must(level <= DIAG_DEBUG && !arg && strlen(text) > 10);
	said++;
}

static X509 *device(int kind, int issuer, const char *usage)
{
	X509 *cert = certificate("sensor-7", keys[kind], kinds[issuer], 5);

	extend(cert, NID_key_usage, usage);
	extend(cert, NID_ext_key_usage, "clientAuth,serverAuth");
	extend(cert, NID_subject_alt_name, "DNS:sensor-7");
	if (kind == EARLY)
		X509_gmtime_adj(X509_getm_notBefore(cert), HOUR);
	if (kind == LATE)
		X509_gmtime_adj(X509_getm_notAfter(cert), -HOUR / 2);
	must(X509_sign(cert, keys[issuer], EVP_sha256()) > 0);
	return cert;
}

static void make_crl(void)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *time = X509_gmtime_adj(NULL, -HOUR);

	crl = X509_CRL_new();
	must(crl && entry && time && X509_CRL_set_version(crl, 1) &&
	     X509_CRL_set_issuer_name(crl, X509_get_subject_name(kinds[ROOT])) &&
	     X509_CRL_set1_lastUpdate(crl, time) &&
	     X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(
						   kinds[LEAF])) &&
	     X509_REVOKED_set_revocationDate(entry, time) &&
	     X509_CRL_add0_revoked(crl, entry) &&
	     X509_gmtime_adj(time, HOUR) && X509_CRL_set1_nextUpdate(crl, time) &&
	     X509_CRL_sign(crl, keys[ROOT], EVP_sha256()) > 0);
	ASN1_TIME_free(time);
}

static void make(void)
{
	static const char usage[] = "critical,keyCertSign,cRLSign";

	for (int i = 0; i < KINDS; i++)
		keys[i] = EVP_EC_gen("P-256");
	kinds[ROOT] = authority("root", keys[ROOT], NULL, keys[ROOT], usage);
	kinds[OTHER] = authority("other", keys[OTHER], NULL, keys[OTHER],
				 usage);
	kinds[MIDDLE] = authority("middle", keys[MIDDLE], kinds[ROOT],
				  keys[ROOT], usage);
	kinds[LEAF] = device(LEAF, ROOT, "digitalSignature");
	kinds[BELOW] = device(BELOW, MIDDLE, "digitalSignature");
	kinds[STRANGER] = device(STRANGER, ROOT, "keyAgreement");
	kinds[EARLY] = device(EARLY, ROOT, "digitalSignature");
	kinds[LATE] = device(LATE, ROOT, "digitalSignature");
	make_crl();
	said = 0;
	must(!provision_anchors("/proc/self") && said == 1);
}

/* The path that identity_path returns. */
static const char *own_file;

char *__wrap_identity_path(const char *dir, const char *name);
char *__wrap_identity_path(const char *dir, const char *name)
{
	must(!strcmp(dir, "own") && strchr(name, '.'));
	return strdup(own_file);
}

/* Open the text as a file, which the caller closes. */
static int file_of(const void *text, size_t len, char path[40])
{
	int fd = memfd_create("pem", 0);

	must(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	snprintf(path, 40, "/proc/self/fd/%d", fd);
	return fd;
}

static STACK_OF(X509) *read_all(const void *text, size_t len)
{
	char path[40];
	int fd = file_of(text, len, path);
	STACK_OF(X509) *certs;

	said = 0;
	certs = provision_anchors(path);
	must(certs ? !said : said == 1);
	must(!ERR_peek_error());
	close(fd);
	return certs;
}

/* Certificates as printed on one device and read on another. */
static void print(STACK_OF(X509) *anchors, STACK_OF(X509) *chain)
{
	FILE *file = tmpfile();
	STACK_OF(X509) *again;
	const int n = sk_X509_num(anchors);

	must(file && provision_print(file, anchors, chain));
	rewind(file);
	again = cert_read(file, "again");
	must(sk_X509_num(again) == n + sk_X509_num(chain));
	for (int i = 0; i < sk_X509_num(again); i++)
		must(!X509_cmp(sk_X509_value(again, i), i < n ?
			       sk_X509_value(anchors, i) :
			       sk_X509_value(chain, i - n)));
	sk_X509_pop_free(again, X509_free);
	fclose(file);
}

static void describe(STACK_OF(X509) *chain)
{
	struct verdict verdict;

	verdict_begin(&verdict, "\xff.pem");
	verdict_describe(&verdict, sk_X509_value(chain, 0), false);
	verdict_chain(&verdict, chain);
	must((int)json_array_size(json_object_get(verdict.json, "chain")) ==
	     sk_X509_num(chain));
	verdict_warn(&verdict, "%.*s", (int)left, (const char *)input);
	verdict_check(&verdict, "mine", 1, STATUS_PEER, "%s", "");
	verdict_check(&verdict, "other", -1, STATUS_PEER, "%s", "not asked");
	must(!verdict.status);
	must(!verdict_print(&verdict, true) && !verdict_print(&verdict, false));
	verdict_free(&verdict);
}

/* The CA and CRLs that an identity has, and those that it receives. */
static void own(void)
{
	static char dir[] = "own";
	const struct enrol enrol = { .dir = dir };
	const uint8_t how = next(), had = next() % MIDDLE;
	STACK_OF(X509) *anchors = sk_X509_new_null();
	STACK_OF(X509) *chain = sk_X509_new_null();
	STACK_OF(X509_CRL) *crls;
	BIO *bio = BIO_new(BIO_s_mem());
	char path[40], *start;
	enum status status;
	long len;
	int fd;

	sk_X509_push(anchors, kinds[next() % MIDDLE]);
	sk_X509_push(chain, kinds[LEAF]);
	if (how & 1)
		PEM_write_bio_X509(bio, kinds[had]);
	if (how & 2)
		BIO_printf(bio, "words\n");
	if (how & 4)
		PEM_write_bio_X509_CRL(bio, crl);
	if (how & 8)
		BIO_write(bio, input, (int)left);
	len = BIO_get_mem_data(bio, &start);
	fd = file_of(start, (size_t)len, path);
	own_file = how & 16 ? "/nowhere" : path;
	if (how & 17 || !(how & 8))
		must(enrol_same_ca(&enrol, anchors) == (how & 16 || !(how & 1) ||
			sk_X509_value(anchors, 0) == kinds[had]));
	said = 0;
	status = enrol_check_own_crls(&enrol, chain, anchors, &crls);
	must(crls ? !status && !said : status ? said == 1 : said <= 1);
	if (how & 16)
		must(!status && !crls);
	else if (!(how & 8))
		must((crls != NULL) == (how & 4 && sk_X509_value(anchors, 0) ==
						    kinds[ROOT]));
	if (crls)
		must(enrol_check_chain(chain, anchors, crls) == STATUS_IDENTITY);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	sk_X509_free(anchors);
	sk_X509_free(chain);
	BIO_free(bio);
	close(fd);
}

/* Split and check certificates; good: whether they are valid, -1: unknown. */
static void use(STACK_OF(X509) *certs, int good)
{
	const int n = sk_X509_num(certs);
	STACK_OF(X509) *anchors;
	enum status status = STATUS_IDENTITY;
	char name[CERT_NAME_MAX + 1];

	said = 0;
	anchors = provision_split(certs);
	must(anchors ? !said : said == 1);
	if (anchors) {
		must(sk_X509_num(anchors) + sk_X509_num(certs) == n);
		must(sk_X509_num(certs) > 0);
		status = enrol_check_chain(certs, anchors, NULL);
		must(status == (said ? STATUS_IDENTITY : STATUS_OK));
		if (!status)
			must(cert_name(sk_X509_value(certs, 0), name));
		print(anchors, certs);
		describe(certs);
	}
	must(good < 0 || (status == STATUS_OK) == good);
	sk_X509_pop_free(anchors, X509_free);
}

/* Valid are anchors, then a device's certificate below one, then others. */
static bool judge(const uint8_t *items, size_t count)
{
	size_t roots = 0;
	bool root = false, middle = false;

	for (; roots < count && items[roots] <= OTHER; roots++)
		root = root || items[roots] == ROOT;
	for (size_t i = roots; i < count; i++) {
		if (items[i] <= OTHER)
			return false;
		middle = middle || items[i] == MIDDLE;
	}
	return root && roots < count && count - roots <= CERT_CHAIN_MAX &&
	       (items[roots] == LEAF || (items[roots] == BELOW && middle));
}

static void made(void)
{
	BIO *bio = BIO_new(BIO_s_mem());
	STACK_OF(X509) *certs;
	uint8_t items[ITEMS];
	const size_t n = next() % (ITEMS + 1U);
	const uint8_t how = next();
	size_t count = 0, len, at;
	char *text, *start;
	bool broken = false;
	int same;

	for (size_t i = 0; i < n; i++) {
		const uint8_t what = next();

		items[count] = what % KINDS;
		if (what & 0x20) {
			PEM_write_bio(bio, "CERTIFICATE", "",
				      (const uint8_t *)"\x30\x03\x01", 3);
			broken = true;
		}
		if (what & 0x80)
			BIO_printf(bio, "some words: %u\n", what);
		if (what & 0x40)
			PEM_write_bio_PUBKEY(bio, keys[items[count]]);
		PEM_write_bio_X509(bio, kinds[items[count++]]);
	}
	len = (size_t)BIO_get_mem_data(bio, &start);
	text = (char *)exactly(start, len);
	BIO_free(bio);
	if (how & 1 && len) {
		at = (size_t)(next() << 8 | next()) % len;
		text[at] = how & 2 ? (char)next() : 'A';
		if (how & 4)
			len = at;
	}
	certs = read_all(text, len);
	same = sk_X509_num(certs) == (int)count;
	for (size_t i = 0; certs && i < count && same; i++)
		same = !X509_cmp(sk_X509_value(certs, (int)i),
				 kinds[items[i]]);
	/* An unreadable one is an error, not skipped. */
	if (!(how & 1))
		must(broken ? !certs : same || (!count && !certs));
	if (certs)
		use(certs, same ? judge(items, count) : -1);
	sk_X509_pop_free(certs, X509_free);
	free(text);
}

static void request(void)
{
	const uint8_t how = next();
	struct verify_settings set = { .central = true };
	struct verdict verdict;
	X509_REQ *req = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	uint8_t *der = NULL;
	const char *reason = "";
	char path[40], *start;
	int len, fd;
	enum status status;

	X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN",
				   MBSTRING_ASC, (const uint8_t *)"sensor-7",
				   -1, -1, 0);
	X509_REQ_set_pubkey(req, keys[LEAF]);
	/* It is not added if it is not a sequence. */
	if (how & 1)
		X509_REQ_add1_attr_by_NID(req, NID_ext_req, V_ASN1_SEQUENCE,
			input, (int)(left < 500 ? left : 500));
	must(X509_REQ_sign(req, keys[how & 2 ? OTHER : LEAF],
			   how & 4 ? EVP_sha1() : EVP_sha256()) > 0);
	len = i2d_X509_REQ(req, &der);
	must(len > 0);
	if (how & 8)
		der[(next() << 8 | next()) % len] ^= next();
	PEM_write_bio(bio, "CERTIFICATE REQUEST", reason, der, len);
	len = (int)BIO_get_mem_data(bio, &start);
	fd = file_of(start, (size_t)len, path);
	said = 0;
	verdict_begin(&verdict, "request");
	status = verify_request(&set, path, &verdict);
	must(!status == !said);
	if (!status && !(how & 9))
		must(!verdict.status == !(how & 6));
	if (!status && how & 2)
		must(verdict.status);
	verdict_free(&verdict);
	close(fd);
	OPENSSL_free(der);
	BIO_free(bio);
	X509_REQ_free(req);
}

/* Raw octets, or the same between PEM lines. */
static void octets(uint8_t which)
{
	static const char *const labels[] = {
		"CERTIFICATE", "X509 CRL", "CERTIFICATE REQUEST",
	};
	struct verify_settings set = { .peripheral = true };
	STACK_OF(X509_CRL) *crls;
	STACK_OF(X509) *certs;
	char fault[TRUST_FAULT_MAX], path[40], *start;
	struct verdict verdict;
	BIO *bio = BIO_new(BIO_s_mem());
	size_t len;
	int fd;

	if (which & 0x80)
		PEM_write_bio(bio, labels[which % 3], "", input, (long)left);
	else
		BIO_write(bio, input, (int)left);
	len = (size_t)BIO_get_mem_data(bio, &start);
	certs = read_all(start, len);
	if (certs)
		use(certs, -1);
	sk_X509_pop_free(certs, X509_free);
	fd = file_of(start, len, path);
	crls = trust_read_crls(path);
	if (crls)
		must(!trust_check_crls(crls, NULL, NULL, fault));
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	verdict_begin(&verdict, "request");
	verify_request(&set, path, &verdict);
	verdict_free(&verdict);
	close(fd);
	BIO_free(bio);
}

static void verdicts(void)
{
	struct verdict verdict;
	char *copy = (char *)exactly(input, left), *before;

	verdict_begin(&verdict, "peer");
	before = json_dumps(verdict.json, 0);
	if (!verdict_take(&verdict, copy, left)) {
		char *after = json_dumps(verdict.json, 0);

		/* A refused file changes nothing. */
		must(!strcmp(before, after));
		free(after);
	} else {
		must(!strcmp(json_string_value(json_object_get(verdict.json,
			     "subject")), "peer"));
	}
	verdict_check(&verdict, "mine", 0, STATUS_PEER, "%s", "it is not");
	must(json_object_get(verdict.json, "checks") == verdict.checks);
	must(!verdict_print(&verdict, true) && !verdict_print(&verdict, false));
	verdict_free(&verdict);
	free(before);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t which;

	if (!kinds[ROOT]) {
		must(!!freopen("/dev/null", "w", stdout));
		diag_sink(hear, NULL);
		make();
	}
	input = data;
	left = len;
	which = next();
	switch (which % 4) {
	case 0:
		made();
		break;
	case 1:
		request();
		break;
	case 2:
		octets(which >> 2);
		break;
	default:
		if (which & 0x80)
			own();
		else
			verdicts();
	}
	ERR_clear_error();
	return 0;
}
