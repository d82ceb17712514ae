/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The certificates of a peer: raw octets; a chain with known faults; one that
 * the CA has signed with anything in an extension; a good one with an octet
 * changed; CRLs; and files of these.  Input: which of these, then the faults or
 * raw octets.
 *
 * sources: pki/cert.c pki/policy.c pki/trust.c
 * options: -max_len=2000 -len_control=20
 * runs: 1200
 * long: 300000
 */
#include "config.h"
#include "certs.h"
#include "pki/policy.h"
#include "pki/trust.h"

#include <sys/mman.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#define NAME "sensor-7"
#define ADDRESS "AA:BB:CC:DD:EE:FF"
#define REVOKED 666

/* What may be wrong. */
enum {
	BAD_VERSION, BAD_CURVE, BAD_DIGEST, BAD_CA, BAD_KEY_USAGE,
	BAD_EXTENDED, BAD_EARLY, BAD_LATE, BAD_ISSUER, BAD_SIZE, BAD_NAME,
	BAD_PIN, BAD_ADDRESS, BAD_LENGTH, BAD_REVOKED, BAD_SIGNATURE,
	BAD_SERIAL, BAD_CRL, BAD_COUNT,
};

static EVP_PKEY *root_key, *other_key, *middle_key, *weak_key;
static EVP_PKEY *p256, *p384, *p521;
static X509 *root, *other, *middle, *weak;
static STACK_OF(X509) *anchors, *middles;
/* Good CRLs, a set with a stale one, and only the root's. */
static STACK_OF(X509_CRL) *crls, *stale_crls, *root_crls;
static unsigned int looked, said;

static void hear(enum diag_level level, const char *text, void *arg)
{
	must(level <= DIAG_ERROR && !arg && strlen(text) > 10);
	said++;
}

static void look(const STACK_OF(X509) *sent, struct policy *policy)
{
	must(policy->look == look && !policy->fault[0]);
	must(sk_X509_num(sent) > 0);
	looked++;
}

/* to 0: without nextUpdate. */
static X509_CRL *new_crl(X509 *issuer, long from, long to)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	ASN1_TIME *start = X509_gmtime_adj(NULL, from);
	ASN1_TIME *end = X509_gmtime_adj(NULL, to);

	must(crl && entry && serial && X509_CRL_set_version(crl, 1) &&
	     X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) &&
	     X509_CRL_set1_lastUpdate(crl, start) &&
	     (!to || X509_CRL_set1_nextUpdate(crl, end)) &&
	     ASN1_INTEGER_set(serial, REVOKED) &&
	     X509_REVOKED_set_serialNumber(entry, serial) &&
	     X509_REVOKED_set_revocationDate(entry, start) &&
	     X509_CRL_add0_revoked(crl, entry));
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(start);
	ASN1_TIME_free(end);
	return crl;
}

static void make_authorities(void)
{
	static const char usage[] = "critical,keyCertSign,cRLSign";
	X509_CRL *crl;

	root_key = EVP_EC_gen("P-256");
	other_key = EVP_EC_gen("P-256");
	middle_key = EVP_EC_gen("P-256");
	weak_key = EVP_EC_gen("P-256");
	p256 = EVP_EC_gen("P-256");
	p384 = EVP_EC_gen("P-384");
	p521 = EVP_EC_gen("P-521");
	root = authority("root", root_key, NULL, root_key, usage);
	other = authority("other", other_key, NULL, other_key, usage);
	middle = authority("middle", middle_key, root, root_key, usage);
	weak = authority("weak", weak_key, NULL, weak_key,
			 "critical,keyCertSign");
	anchors = sk_X509_new_null();
	middles = sk_X509_new_null();
	must(sk_X509_push(anchors, root) && sk_X509_push(anchors, weak) &&
	     sk_X509_push(middles, middle));
	crls = sk_X509_CRL_new_null();
	stale_crls = sk_X509_CRL_new_null();
	root_crls = sk_X509_CRL_new_null();
	for (int i = 0; i < 2; i++) {
		crl = new_crl(i ? middle : root, -HOUR, HOUR);
		X509_CRL_sign(crl, i ? middle_key : root_key, EVP_sha256());
		sk_X509_CRL_push(crls, crl);
		if (!i)
			sk_X509_CRL_push(root_crls, crl);
		else
			sk_X509_CRL_push(stale_crls, crl);
	}
	crl = new_crl(root, -HOUR, -HOUR / 2);
	X509_CRL_sign(crl, root_key, EVP_sha256());
	sk_X509_CRL_push(stale_crls, crl);
}

static const char *const names[] = { "phone-*", "sensor-?" };
static const char *const other_names[] = { "phone-*" };

/* Verify as TLS does; a separate check must agree. */
static bool judge(STACK_OF(X509) *sent, const STACK_OF(X509_CRL) *list,
		  struct policy *policy)
{
	const int checks[] = { next() % (POLICY_PIN + 1), -1 };
	X509_STORE *store = X509_STORE_new();
	bool ok = false;
	int got = 0;

	policy->look = look;
	looked = 0;
	policy->crls = list;
	must(store && trust_fill(store, NULL, policy->anchors, list));
	for (int i = 0; i < 2; i++) {
		const int check = checks[i];
		X509_STORE_CTX *ctx = X509_STORE_CTX_new();

		must(ctx && X509_STORE_CTX_init(ctx, store,
						sk_X509_value(sent, 0), sent) &&
		     X509_STORE_CTX_set_default(ctx,
			policy->role == ROLE_CENTRAL ? "ssl_server" :
						       "ssl_client"));
		if (check < 0) {
			ok = policy_verify(ctx, policy);
			must(ok == !policy->fault[0]);
			must(ok || X509_STORE_CTX_get_error(ctx) != X509_V_OK);
			must(got == 1 || !ok);
		} else {
			got = policy_check(ctx, policy, check);
			must(got >= -1 && got <= 1);
			must(got == 1 || got < 0 || policy->fault[0]);
		}
		must(strlen(policy->fault) < sizeof(policy->fault));
		must(!policy->peer[0] || cert_name_valid(policy->peer));
		must(!policy->pin[0] || policy_pin_valid(policy->pin));
		X509_STORE_CTX_free(ctx);
		ERR_clear_error();
	}
	must(looked == 1);
	X509_STORE_free(store);
	return ok;
}

static X509 *device(const bool bad[BAD_COUNT], uint8_t how, bool central)
{
	const bool below = how & 1;
	EVP_PKEY *key = bad[BAD_CURVE] ? p521 : how & 2 ? p384 : p256;
	X509 *cert = certificate(NAME, key, bad[BAD_ISSUER] ? other :
				 below ? middle : root,
				 bad[BAD_REVOKED] ? REVOKED : 7);
	char padding[2300] = "ASN1:UTF8:";

	if (bad[BAD_SERIAL])
		must(ASN1_STRING_set(X509_get_serialNumber(cert),
				     "a serial number of 22.", 22));
	if (bad[BAD_EARLY])
		X509_gmtime_adj(X509_getm_notBefore(cert), HOUR);
	if (bad[BAD_LATE])
		X509_gmtime_adj(X509_getm_notAfter(cert), -HOUR / 2);
	extend(cert, NID_basic_constraints, bad[BAD_CA] ? "CA:TRUE" :
							   "CA:FALSE");
	extend(cert, NID_key_usage, bad[BAD_KEY_USAGE] ? "keyAgreement" :
							 "digitalSignature");
	extend(cert, NID_ext_key_usage, central != bad[BAD_EXTENDED] ?
	       "clientAuth" : "serverAuth");
	if (how & 4)
		extend(cert, NID_subject_alt_name, "DNS:" NAME
		       ",URI:urn:bdaddr:aa-bb-cc-dd-ee-ff");
	if (bad[BAD_SIZE]) {
		memset(padding + 10, 'x', 2200);
		extend(cert, NID_netscape_comment, padding + 10);
	}
	if (bad[BAD_VERSION])
		X509_set_version(cert, X509_VERSION_2);
	must(X509_sign(cert, bad[BAD_SIGNATURE] ? p256 : bad[BAD_ISSUER] ?
		       other_key : below ? middle_key : root_key,
		       bad[BAD_DIGEST] ? EVP_sha1() : EVP_sha256()) > 0);
	return reread(cert);
}

static const char *usage_fault(X509 *cert, bool central, bool peripheral)
{
	const char *fault = NULL;

	for (int i = CERT_USAGE_FIRST; !fault && i <= CERT_USAGE_LAST; i++)
		fault = cert_fault(cert, (enum cert_check)i, central,
				   peripheral);
	return fault;
}

/* A chain is refused exactly if it was made with a fault. */
static void made(void)
{
	const uint8_t how = next(), mode = next(), lies = next();
	const bool central = how & 8;
	static const char wrong[] =
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	char right[CERT_PIN_SIZE];
	const char *pins[] = { wrong, right };
	STACK_OF(X509) *sent = sk_X509_new_null();
	struct policy *policy = calloc(1, sizeof(*policy));
	bool bad[BAD_COUNT] = { false }, good = true;
	const STACK_OF(X509_CRL) *list = NULL;
	struct trust_id id;
	char words[TRUST_FAULT_MAX];
	long days;
	X509 *leaf;

	for (unsigned int i = lies % 4; i; i--)
		bad[next() % BAD_COUNT] = true;
	/* Without anchors, only the pin counts. */
	if (mode & 1)
		bad[BAD_ISSUER] = bad[BAD_SIGNATURE] = bad[BAD_REVOKED] = false;
	bad[BAD_REVOKED] = bad[BAD_REVOKED] && !bad[BAD_ISSUER] &&
			   !bad[BAD_SERIAL];
	bad[BAD_CRL] = bad[BAD_CRL] && !(mode & 1);
	leaf = device(bad, how, central);
	must(cert_pin(leaf, right) && sk_X509_push(sent, leaf));
	if (how & 1)
		must(sk_X509_push(sent, middle));
	for (int i = sk_X509_num(sent); bad[BAD_LENGTH] &&
					i <= CERT_CHAIN_MAX; i++)
		must(sk_X509_push(sent, root));
	policy->role = central ? ROLE_PERIPHERAL : ROLE_CENTRAL;
	policy->anchors = mode & 1 ? NULL : anchors;
	if (bad[BAD_CRL])
		list = how & 1 && mode & 32 ? root_crls : stale_crls;
	else if (!(mode & 1) && (mode & 2 || bad[BAD_REVOKED]))
		list = crls;
	must(!cert_form_fault(leaf) == !(bad[BAD_SIZE] || bad[BAD_VERSION] ||
					 bad[BAD_CURVE] || bad[BAD_DIGEST]));
	must(!usage_fault(leaf, central, !central) ==
	     !(bad[BAD_CA] || bad[BAD_KEY_USAGE] || bad[BAD_EXTENDED]));
	must(cert_days_left(X509_get0_notAfter(leaf), &days) &&
	     days == (bad[BAD_LATE] ? -1 : 0));
	if (mode & 4 || bad[BAD_NAME]) {
		policy->names = bad[BAD_NAME] ? other_names : names;
		policy->name_count = bad[BAD_NAME] ? 1 : 2;
	}
	if (mode & 8 || bad[BAD_PIN] || mode & 1) {
		policy->pins = pins;
		policy->pin_count = bad[BAD_PIN] ? 1 : 2;
	}
	/* Only the subjectAltName has the address. */
	if (bad[BAD_ADDRESS])
		policy->address = "11:22:33:44:55:66";
	else if (how & 4 && mode & 16)
		policy->address = ADDRESS;
	for (int i = 0; i < BAD_COUNT; i++)
		good = good && !bad[i];
	must(judge(sent, list, policy) == good);
	must(!good || !strcmp(policy->peer, NAME));
	must(!good || !strcmp(policy->pin, right));
	/* What the parent keeps of the chain for later CRLs. */
	must(!good || (mode & 1 ? policy->chain_count > 0 :
		       policy->chain_count == (how & 1 ? 3 : 2)));
	must(!good || !trust_revoked(crls, policy->chain, policy->chain_count,
				     words));
	must(trust_cert_id(leaf, &id) == !bad[BAD_SERIAL]);
	if (!bad[BAD_SERIAL] && !bad[BAD_ISSUER])
		must(trust_revoked(crls, &id, 1, words) == bad[BAD_REVOKED]);
	X509_free(leaf);
	sk_X509_free(sent);
	free(policy);
}

/* A CA may have been tricked into signing any extension or name. */
static void any_content(void)
{
	static const int nids[] = {
		NID_subject_alt_name, NID_key_usage, NID_ext_key_usage,
		NID_basic_constraints, NID_authority_key_identifier,
		NID_name_constraints, NID_certificate_policies,
		NID_crl_distribution_points,
	};
	const uint8_t what = next();
	X509 *leaf = certificate(NAME, p256, root, 7);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	const size_t len = left < 600 ? left : 600;
	struct policy *policy = calloc(1, sizeof(*policy));
	STACK_OF(X509) *sent = sk_X509_new_null();
	X509_EXTENSION *extension;
	const int nid = nids[what % 8];

	if (nid != NID_key_usage)
		extend(leaf, NID_key_usage, "digitalSignature");
	if (nid != NID_ext_key_usage)
		extend(leaf, NID_ext_key_usage, "clientAuth,serverAuth");
	if (what & 16) {
		X509_NAME_add_entry_by_NID(X509_get_subject_name(leaf),
					   NID_commonName, V_ASN1_UTF8STRING +
					   (what & 32 ? 10 : 0), input,
					   (int)(len < 64 ? len : 64), -1,
					   what & 64 ? 0 : -1);
	} else {
		must(ASN1_OCTET_STRING_set(value, input, (int)len));
		extension = X509_EXTENSION_create_by_NID(NULL, nid,
							 what & 8, value);
		must(extension && X509_add_ext(leaf, extension, -1));
		X509_EXTENSION_free(extension);
	}
	ASN1_OCTET_STRING_free(value);
	/* What cannot be encoded is not a name. */
	if (X509_sign(leaf, root_key, EVP_sha256()) > 0)
		leaf = reread(leaf);
	policy->role = what & 128 ? ROLE_CENTRAL : ROLE_PERIPHERAL;
	policy->anchors = anchors;
	policy->address = ADDRESS;
	must(sk_X509_push(sent, leaf));
	judge(sent, NULL, policy);
	usage_fault(leaf, true, true);
	cert_form_fault(leaf);
	cert_name_matches(leaf, "*[a-z");
	cert_name_matches(leaf, "sensor-?");
	X509_free(leaf);
	sk_X509_free(sent);
	free(policy);
}

static void octets(const uint8_t *der, size_t len, bool changed)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	STACK_OF(X509) *sent = sk_X509_new_null();
	const uint8_t *p = der;
	X509 *cert;

	policy->role = ROLE_PERIPHERAL;
	policy->anchors = anchors;
	while (sk_X509_num(sent) < 10 &&
	       (cert = d2i_X509(NULL, &p, (long)(len - (size_t)(p - der)))))
		sk_X509_push(sent, cert);
	ERR_clear_error();
	/* None of these is signed by the CA. */
	if (sk_X509_num(sent) > 0)
		must(!judge(sent, NULL, policy) || !changed);
	sk_X509_pop_free(sent, X509_free);
	free(policy);
}

static void changed(void)
{
	static uint8_t *good;
	static int len;
	const bool bad[BAD_COUNT] = { false };
	uint8_t *copy, octet;
	size_t at;

	if (!good) {
		X509 *leaf = device(bad, 4, true);

		len = i2d_X509(leaf, &good);
		X509_free(leaf);
	}
	copy = exactly(good, (size_t)len);
	at = (size_t)(next() << 8 | next()) % (size_t)len;
	octet = next();
	octets(copy, (size_t)len, false);
	copy[at] ^= octet;
	octets(copy, (size_t)len, octet);
	free(copy);
}

static void lists(void)
{
	const uint8_t how = next(), lie = next() % 9;
	STACK_OF(X509_CRL) *list = sk_X509_CRL_new_null();
	char fault[TRUST_FAULT_MAX] = "";
	X509 *issuer = lie == 1 ? other : lie == 2 ? weak : root;
	X509_CRL *crl = new_crl(issuer, lie == 3 ? HOUR : -HOUR,
				lie == 4 ? -HOUR / 2 : lie == 8 ? 0 :
				HOUR * 2L);
	const uint8_t *p;
	bool good = !lie;

	if (lie == 5)
		X509_CRL_add1_ext_i2d(crl, NID_delta_crl,
				      X509_get_serialNumber(root), how & 1, 0);
	if (lie == 6)
		X509_CRL_set_issuer_name(crl, X509_get_subject_name(other));
	X509_CRL_sign(crl, lie == 1 ? other_key : lie == 2 ? weak_key :
		      root_key, lie == 7 ? EVP_sha1() : EVP_sha256());
	sk_X509_CRL_push(list, crl);
	must((trust_crl_signer(crl, anchors) != NULL) ==
	     (lie != 1 && lie != 6));
	if (how & 2) {
		uint8_t *copy = exactly(input, left);

		p = copy;
		crl = d2i_X509_CRL(NULL, &p, (long)left);
		ERR_clear_error();
		free(copy);
		if (crl) {
			sk_X509_CRL_push(list, crl);
			good = false;
		}
	}
	must(trust_check_crls(list, anchors, NULL, fault) == good);
	must(good == !fault[0] && strlen(fault) < TRUST_FAULT_MAX);
	sk_X509_CRL_pop_free(list, X509_CRL_free);
}

/* Certificates or CRLs with something in between, or no file at all. */
static void files(void)
{
	const uint8_t how = next();
	const bool lists = how & 1;
	int fd = memfd_create("pem", 0), count = 0;
	FILE *file = fdopen(fd, "w");
	char path[40];
	bool broken = false;
	STACK_OF(X509_CRL) *loaded;
	STACK_OF(X509) *certs;
	enum status status;

	must(!!file);
	for (int i = how >> 5; i; i--) {
		const uint8_t what = next();

		if (what & 1)
			fputs("words\n", file);
		if (what & 2)
			must(PEM_write_PUBKEY(file, p256));
		if (what & 4 && !broken) {
			PEM_write(file, lists ? "X509 CRL" : "CERTIFICATE", "",
				  input, (long)left);
			broken = true;
		}
		must(lists ? PEM_write_X509_CRL(file,
				sk_X509_CRL_value(crls, i % 2)) :
			     PEM_write_X509(file, root));
		count++;
	}
	fflush(file);
	ERR_clear_error();
	snprintf(path, sizeof(path), how & 2 ? "/proc/self" : how & 4 ?
		 "/nowhere" : "/proc/self/fd/%d", fd);
	said = 0;
	if (lists) {
		status = trust_load_crls(path, how & 8 ? NULL : anchors,
					 how & 16 ? NULL : middles, &loaded);
		must(!status == !said);
		if (how & 6)
			must(!status == !!(how & 4 && !(how & 2)) && !loaded);
		else if (!broken)
			must((!status && loaded) == (count && !(how & 24)));
		sk_X509_CRL_pop_free(loaded, X509_CRL_free);
	} else {
		certs = cert_read_file(path);
		must(!certs == !!said);
		if (!broken || how & 6)
			must(!!certs == (count && !(how & 6)));
		must(!certs || sk_X509_num(certs) >= count);
		sk_X509_pop_free(certs, X509_free);
	}
	must(!ERR_peek_error());
	fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy, which;

	if (!root) {
		diag_sink(hear, NULL);
		make_authorities();
	}
	input = data;
	left = len;
	which = next();
	if (which == 0xff) {
		files();
		return 0;
	}
	switch (which % 8) {
	case 0:
		any_content();
		break;
	case 1:
		changed();
		break;
	case 2:
		lists();
		break;
	case 3:
		copy = exactly(input, left);
		octets(copy, left, true);
		free(copy);
		break;
	default:
		made();
	}
	ERR_clear_error();
	return 0;
}
