/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "verify/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/read-file.h"
#include "key/key.h"
#include "key/tpm-key.h"
#include "pki/cert.h"
#include "pki/identity.h"
#include "pki/policy.h"
#include "pki/trust.h"

/* Verify with OpenSSL as in a handshake; see ssl_verify_cert_chain. */
static X509_STORE_CTX *verify_context(const struct verify_settings *set,
				      STACK_OF(X509) *chain)
{
	X509 *leaf = sk_X509_value(chain, 0);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	const bool central = set->central && (!set->peripheral ||
		!cert_fault(leaf, CERT_EXTENDED_KEY_USAGE, true, false));

	if (!ctx || X509_STORE_CTX_init(ctx, set->ca.store, leaf, chain) != 1)
		die(STATUS_OTHER, "out of memory");
	X509_STORE_CTX_set_default(ctx, central ? "ssl_client" : "ssl_server");
	return ctx;
}

static int run_policy(const struct verify_settings *set, STACK_OF(X509) *chain,
		      int check, char fault[TRUST_FAULT_MAX])
{
	struct policy policy = {
		.role = set->central ? ROLE_PERIPHERAL : ROLE_CENTRAL,
		.either_role = set->central && set->peripheral,
		.anchors = set->ca.anchors,
		.crls = set->ca.crls,
		.names = set->names,
		.name_count = set->name_count,
		.pins = set->pins,
		.pin_count = set->pin_count,
		.address = set->address,
	};
	X509_STORE_CTX *ctx = verify_context(set, chain);
	int ok = policy_check(ctx, &policy, check);

	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	snprintf(fault, TRUST_FAULT_MAX, "%s", policy.fault);
	return ok;
}

static void check_policy(const struct verify_settings *set,
			 STACK_OF(X509) *chain, struct verdict *verdict,
			 const char *name, int which)
{
	char fault[TRUST_FAULT_MAX];
	int ok = run_policy(set, chain, which, fault);

	verdict_check(verdict, name, ok, STATUS_PEER, "%s", ok < 0 ?
		      "the chain is not good" : fault);
}

static void warn_of_ca_end(const struct verify_settings *set, X509 *cert,
			   struct verdict *verdict)
{
	char name[128] = "";
	int days, seconds;

	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) !=
	    1 || days >= set->warn_days)
		return;
	X509_NAME_oneline(X509_get_subject_name(cert), name, sizeof(name));
	verdict_warn(verdict, "the CA certificate `%s' %s %d days", name,
		     days < 0 || seconds < 0 ? "has expired since" :
		     "is valid for only", days < 0 ? -days : days);
}

static void check_dates(const struct verify_settings *set,
			STACK_OF(X509) *chain, struct verdict *verdict)
{
	char fault[TRUST_FAULT_MAX];
	int ok = run_policy(set, chain, POLICY_DATES, fault);

	if (ok && (!verdict->dated || verdict->days_left < set->min_days)) {
		ok = 0;
		snprintf(fault, sizeof(fault), "it is valid for %ld days only, "
			 "and %ld are demanded: renew it",
			 verdict->days_left, set->min_days);
	} else if (ok && verdict->days_left < set->warn_days) {
		verdict_warn(verdict, "the certificate is valid for only %ld "
			     "days: renew it", verdict->days_left);
	}
	verdict_check(verdict, "dates", ok, STATUS_PEER, "%s", fault);
	for (int i = 1; i < sk_X509_num(chain); i++)
		warn_of_ca_end(set, sk_X509_value(chain, i), verdict);
	for (int i = 0; i < sk_X509_num(set->ca.anchors); i++)
		warn_of_ca_end(set, sk_X509_value(set->ca.anchors, i), verdict);
}

static void warn_of_crl(const struct verify_settings *set,
			struct verdict *verdict)
{
	char end[CERT_TIME_SIZE];
	long left;
	const X509_CRL *crl = trust_next_stale(set->ca.crls, true, &left);

	if (!crl)
		return;
	cert_time(X509_CRL_get0_nextUpdate(crl), end);
	verdict_warn(verdict, "a CRL %s to be replaced before %s: "
		     "blesec-provision --fetch-crl", left ? "is" : "was", end);
}

static void check_crl(const struct verify_settings *set, STACK_OF(X509) *chain,
		      struct verdict *verdict)
{
	char fault[TRUST_FAULT_MAX];

	if (!set->ca.crls)
		verdict_check(verdict, "crl", -1, STATUS_OK,
			      "there is no CRL");
	else if (!trust_check_crls(set->ca.crls, set->ca.anchors, chain,
				   fault))
		verdict_check(verdict, "crl", 0, STATUS_PEER, "%s", fault);
	else
		check_policy(set, chain, verdict, "crl", POLICY_CRL);
	warn_of_crl(set, verdict);
}

static void verify_check_name(const struct verify_settings *set,
			      STACK_OF(X509) *chain, struct verdict *verdict)
{
	char name[CERT_NAME_MAX + 1];
	const char *fault = identity_chain_fault(chain, name);

	if (fault)
		verdict_check(verdict, "name", 0, STATUS_PEER,
			      "the certificate %s", fault);
	else if (set->name_count)
		check_policy(set, chain, verdict, "name", POLICY_NAME);
	else
		verdict_check(verdict, "name", 1, STATUS_OK, "it has one, and "
			      "none was required");
}

static void check_if(bool asked, const struct verify_settings *set,
		     STACK_OF(X509) *chain, struct verdict *verdict,
		     const char *name, int which)
{
	if (asked)
		check_policy(set, chain, verdict, name, which);
	else
		verdict_check(verdict, name, -1, STATUS_OK, "not asked for");
}

static void check_index(const struct verify_settings *set, X509 *cert,
			bool request, struct verdict *verdict)
{
	char fault[300] = "";
	int ok = verify_index(&set->ca, cert, request, fault);

	verdict_check(verdict, "index", ok, STATUS_PEER, "%s", ok < 0 ?
		      "the CA is not a directory with an index.txt" : fault);
}

/* Check the identity, and compare it with the one asked for. */
static void check_who(const struct verify_settings *set, STACK_OF(X509) *chain,
		      struct verdict *verdict)
{
	verify_check_name(set, chain, verdict);
	check_if(set->address, set, chain, verdict, "address", POLICY_ADDRESS);
	check_if(set->pin_count, set, chain, verdict, "pin", POLICY_PIN);
}

/*
 * Check what can be checked of an unsigned request: curve, name, address, pin,
 * index.
 */
static void verify_wish(const struct verify_settings *set, X509 *cert,
			struct verdict *verdict)
{
	STACK_OF(X509) *alone = sk_X509_new_null();

	if (!alone || !sk_X509_push(alone, cert))
		die(STATUS_OTHER, "out of memory");
	verdict_describe(verdict, cert, true);
	check_policy(set, alone, verdict, "curve", CERT_CURVE);
	check_who(set, alone, verdict);
	check_index(set, cert, true, verdict);
	sk_X509_free(alone);
}

void verify_chain(const struct verify_settings *set, STACK_OF(X509) *chain,
		  struct verdict *verdict)
{
	static const char *const names[] = {
		[CERT_SIZE] = "size",
		[CERT_VERSION] = "version",
		[CERT_CURVE] = "curve",
		[CERT_SIGNATURE] = "signature_algorithm",
		[CERT_NOT_A_CA] = "basic_constraints",
		[CERT_KEY_USAGE] = "key_usage",
		[CERT_EXTENDED_KEY_USAGE] = "extended_key_usage",
	};

	verdict_describe(verdict, sk_X509_value(chain, 0), false);
	for (int i = 0; i < (int)(sizeof(names) / sizeof(*names)); i++)
		check_policy(set, chain, verdict, names[i], i);
	check_policy(set, chain, verdict, "chain", POLICY_CHAIN);
	check_dates(set, chain, verdict);
	check_crl(set, chain, verdict);
	check_who(set, chain, verdict);
	check_index(set, sk_X509_value(chain, 0), false, verdict);
}

static X509_REQ *read_request(const char *path)
{
	FILE *file = strcmp(path, "-") ?
		read_file_open(path, "a PEM certificate request") : stdin;
	X509_REQ *req = file ? PEM_read_X509_REQ(file, NULL,
						cert_no_password, NULL) : NULL;

	if (file && !req)
		diag_openssl("`%s' holds no PEM certificate request", path);
	if (file && file != stdin)
		fclose(file);
	return req;
}

/* Make an unsigned certificate from the request, so that cert.h can read it. */
static X509 *imagine_cert(X509_REQ *req, EVP_PKEY *key)
{
	STACK_OF(X509_EXTENSION) *wanted = X509_REQ_get_extensions(req);
	X509 *cert = X509_new();
	bool ok = cert && X509_set_version(cert, X509_VERSION_3) &&
		  X509_set_subject_name(cert,
					X509_REQ_get_subject_name(req)) &&
		  X509_set_pubkey(cert, key);

	for (int i = 0; ok && i < sk_X509_EXTENSION_num(wanted); i++)
		ok = X509_add_ext(cert, sk_X509_EXTENSION_value(wanted, i),
				  -1) == 1;
	sk_X509_EXTENSION_pop_free(wanted, X509_EXTENSION_free);
	if (ok)
		return cert;
	X509_free(cert);
	return NULL;
}

static void check_request_size(X509_REQ *req, struct verdict *verdict)
{
	const bool ok = i2d_X509_REQ(req, NULL) <= CERT_DER_MAX;

	verdict_check(verdict, "size", ok, STATUS_PEER, "%s", ok ? "" :
		      "larger than 2048 octets");
}

enum status verify_request(const struct verify_settings *set, const char *path,
			   struct verdict *verdict)
{
	X509_REQ *req = read_request(path);
	EVP_PKEY *key = req ? X509_REQ_get0_pubkey(req) : NULL;
	X509 *cert = key ? imagine_cert(req, key) : NULL;
	bool ok;

	if (!req)
		return STATUS_IDENTITY;
	check_request_size(req, verdict);
	if (!cert) {
		verdict_check(verdict, "curve", 0, STATUS_PEER, "its key or "
			      "its extensions cannot be read");
	} else {
		ok = cert_signature_valid(X509_REQ_get_signature_nid(req));
		verdict_check(verdict, "signature_algorithm", ok, STATUS_PEER,
			      "%s", ok ? "" : "not signed with ECDSA and "
			      "SHA-2");
		ok = X509_REQ_verify(req, key) == 1;
		verdict_check(verdict, "signature", ok, STATUS_PEER, "%s",
			      ok ? "" : "it is not signed by the key that it "
			      "names: it was changed, or is of somebody else");
		verify_wish(set, cert, verdict);
	}
	ERR_clear_error();
	X509_free(cert);
	X509_REQ_free(req);
	return STATUS_OK;
}

/* The first error of the parts below, for the verdict. */
struct heard {
	char text[1024];
};

static void verify_hear(enum diag_level level, const char *text, void *arg)
{
	struct heard *heard = arg;

	if (level == DIAG_ERROR && !heard->text[0])
		snprintf(heard->text, sizeof(heard->text), "%s", text);
}

/*
 * True if users other than root and the owner of the directory can change the
 * file, or can read a key.
 */
static bool mode_fault(const char *path, const struct stat *dir, bool key,
		       char fault[300])
{
	char text[KEY_FAULT_MAX];
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT && !key)
			return false;
		snprintf(fault, 300, "`%s': %s", path, strerror(errno));
	} else if (st.st_uid && st.st_uid != dir->st_uid) {
		snprintf(fault, 300, "`%s' belongs to user %u, who is neither "
			 "root nor the owner of its directory (%u)", path,
			 st.st_uid, dir->st_uid);
	} else if (key && key_mode_fault(st.st_mode, text)) {
		snprintf(fault, 300, "`%s' %s", path, text);
	} else if (st.st_mode & 022) {
		snprintf(fault, 300, "others may write to `%s' (mode %04o): "
			 "chmod go-w it", path, st.st_mode & 07777);
	} else {
		return false;
	}
	return true;
}

static bool check_modes(const char *dir, const char *key,
			struct verdict *verdict)
{
	static const char *const others[] = {
		"", "cert.pem", "ca.pem", "crl.pem",
	};
	char fault[300] = "";
	char *path;
	struct stat st = { 0 };
	bool bad, bad_key;

	bad = stat(dir, &st) < 0;
	if (!bad && st.st_uid && st.st_uid != geteuid() && geteuid()) {
		snprintf(fault, sizeof(fault), "`%s' belongs to user %u, who "
			 "is neither root nor you", dir, st.st_uid);
		bad = true;
	}
	bad_key = key && mode_fault(key, &st, true, fault);
	for (size_t i = 0; !bad && !bad_key &&
	     i < sizeof(others) / sizeof(*others); i++) {
		path = identity_path(dir, others[i]);
		bad = mode_fault(path, &st, false, fault);
		free(path);
	}
	verdict_check(verdict, "modes", !bad && !bad_key, STATUS_IDENTITY,
		      "%s", fault);
	return !bad_key;
}

static bool check_key(const struct verify_settings *set, const char *path,
		      X509 *leaf, struct verdict *verdict, bool *tpm)
{
	struct heard heard = { "" };
	struct key *key = NULL;
	enum status status;

	diag_sink(verify_hear, &heard);
	status = key_load(path, &set->key_auth, &key);
	if (!status) {
		*tpm = key_in_tpm(key);
		status = key_prove(key, X509_get0_pubkey(leaf));
	}
	/* Free it now: it holds the TPM as long as it exists. */
	key_free(key);
	diag_sink(NULL, NULL);
	verdict_check(verdict, "key", !status, status, "%s", heard.text);
	return !status;
}

static void check_tpm(const struct verify_settings *set, const char *path,
		      bool tpm, struct verdict *verdict)
{
	struct heard heard = { "" };
	char fault[TPM_KEY_FAULT_MAX] = "";
	bool imported = false;
	enum status status;

	if (!tpm) {
		verdict_check(verdict, "tpm", set->need_tpm ? 0 : -1,
			      STATUS_IDENTITY, "the key is in a file, and not "
			      "in a TPM: whoever can read that can be this "
			      "device");
		return;
	}
	diag_sink(verify_hear, &heard);
	status = tpm_key_judge(key_path(path) ? key_path(path) : path, fault,
			       &imported);
	diag_sink(NULL, NULL);
	if (!status && fault[0] && imported && set->allow_imported) {
		verdict_warn(verdict, "%s", fault);
		fault[0] = '\0';
	}
	verdict_check(verdict, "tpm", !status && !fault[0], status ? status :
		      STATUS_IDENTITY, "%s%s", heard.text, fault);
}

enum status verify_identity(const struct verify_settings *set,
			    const char *dir, struct verdict *verdict)
{
	char *cert = identity_path(dir, "cert.pem");
	char *own = identity_path(dir, "key.pem");
	const char *key = set->key ? set->key : own;
	STACK_OF(X509) *chain = NULL;
	bool tpm = false;
	enum status status = identity_check_dir(dir);

	if (!status) {
		chain = cert_read_file(cert);
		if (!chain)
			status = STATUS_IDENTITY;
	}
	if (!status) {
		verify_chain(set, chain, verdict);
		if (!check_modes(dir, key_path(key), verdict)) {
			verdict_check(verdict, "key", -1, STATUS_OK,
				      "it is not read, see modes");
			verdict_check(verdict, "tpm", -1, STATUS_OK,
				      "it is not asked, see modes");
		} else if (check_key(set, key, sk_X509_value(chain, 0),
				     verdict, &tpm)) {
			check_tpm(set, key, tpm, verdict);
		} else {
			verdict_check(verdict, "tpm", -1, STATUS_OK,
				      "it is not asked, see key");
		}
	}
	sk_X509_pop_free(chain, X509_free);
	free(cert);
	free(own);
	return status;
}
