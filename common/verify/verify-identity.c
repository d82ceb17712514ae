/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only the owner of an identity can check: key, modes and owners, TPM. */
#include "config.h"
#include "verify/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "pki/cert.h"
#include "pki/identity.h"
#include "key/key.h"
#include "key/tpm-key.h"

/* What the parts below say goes into the verdict, its first line. */
struct heard {
	char text[1024];
};

static void verify_hear(enum diag_level level, const char *text, void *arg)
{
	struct heard *heard = arg;

	if (level == DIAG_ERROR && !heard->text[0])
		snprintf(heard->text, sizeof(heard->text), "%s", text);
}

/* Nobody but root and the owner of the directory. */
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
	/* It has the TPM for itself as long as it is there. */
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
