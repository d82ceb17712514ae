/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key: its options, how it is made and how it is loaded. */
#include "config.h"
#include "provision.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "key/tpm.h"

/* TCG, "Registry of Reserved TPM 2.0 Handles": the owner's persistent ones. */
#define HANDLE_MIN 0x81000000UL
#define HANDLE_MAX 0x817fffffUL

const char provision_key_help[] =
"The key, of this machine:\n"
"  -k, --key KEY         use this existing key, a file or OpenSSL store URI\n"
"      --key-auth ask|file:F|env:V\n"
"                        password of the key used or made: from the terminal, a\n"
"                        file or a variable\n"
"      --parent HANDLE   make it under this storage key (0x81000001)\n"
"      --persistent HANDLE  also put the key at this handle\n"
"      --owner-auth ask|file:F|env:V\n"
"                        the password of the TPM's owner\n"
"      --import FILE     import this key into the TPM instead of making one\n\n";

static uint32_t parse_handle(const char *option, const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 16);
	if (errno || strncmp(text, "0x", 2) || *end || value < HANDLE_MIN ||
	    value > HANDLE_MAX)
		die(STATUS_USAGE, "bad %s `%s': a persistent handle of the "
		    "owner is wanted, 0x%lx to 0x%lx", option, text,
		    HANDLE_MIN, HANDLE_MAX);
	return (uint32_t)value;
}

bool provision_key_option(struct settings *settings, int c)
{
	struct tpm_key_wish *wish = &settings->wish;

	switch (c) {
	case 'k':
		settings->key = optarg;
		return true;
	case PROVISION_KEY_AUTH:
		secret_option(&settings->key_auth, "--key-auth", optarg);
		return true;
	case PROVISION_OWNER_AUTH:
		secret_option(&settings->owner_auth, "--owner-auth", optarg);
		return true;
	case PROVISION_PARENT:
		wish->parent = parse_handle("--parent", optarg);
		return true;
	case PROVISION_PERSISTENT:
		wish->persistent = parse_handle("--persistent", optarg);
		return true;
	case PROVISION_IMPORT:
		wish->import = optarg;
		return true;
	default:
		return false;
	}
}

/* The first option given that only matters when a key is made. */
static const char *for_making(const struct settings *settings)
{
	const struct tpm_key_wish *wish = &settings->wish;

	return wish->import ? "--import" : wish->persistent ? "--persistent" :
	       wish->parent ? "--parent" :
	       settings->owner_auth.option ? "--owner-auth" : NULL;
}

void provision_key_complete(struct settings *settings, bool host)
{
	const char *making = for_making(settings);
	const char *own = settings->key ? "--key" :
			  settings->key_auth.option ? "--key-auth" : making;

	if (host && own)
		die(STATUS_USAGE, "%s is for the key of this machine, and not "
		    "for that of a HOST", own);
	if (making && (settings->no_tpm || settings->key || settings->install ||
		       settings->show))
		die(STATUS_USAGE, "%s is for a key that is made in the TPM, "
		    "and cannot be used with %s", making, settings->no_tpm ?
		    "--no-tpm" : settings->key ? "--key" : settings->install ?
		    "--install" : "--show");
	if (settings->key && (settings->force || settings->tpm ||
			      settings->no_tpm))
		die(STATUS_USAGE, "--key names an existing key; it excludes "
		    "--force, --tpm and --no-tpm");
	if (!settings->wish.parent)
		settings->wish.parent = TPM_KEY_PARENT;
	if (settings->wish.parent == settings->wish.persistent)
		die(STATUS_USAGE, "--parent and --persistent cannot be the "
		    "same handle, 0x%08x", settings->wish.parent);
	/* From here on, a default is as good as a given option. */
	settings->making = making;
}

enum status provision_make_key(struct settings *settings, struct enrol *enrol)
{
	struct tpm_key_wish *wish = &settings->wish;
	ESYS_CONTEXT *esys;
	enum status status = STATUS_OK;

	if (!settings->no_tpm) {
		status = tpm_open(&esys, true);
		if (!status)
			tpm_close(&esys);
	}
	if (!status)
		status = secret_get(&settings->owner_auth, "the TPM's owner",
				    false);
	if (!status)
		status = secret_get(&settings->key_auth, "the key", true);
	if (status)
		return status;
	wish->auth = secret_text(&settings->key_auth);
	wish->owner_auth = secret_text(&settings->owner_auth);
	status = enrol_make_key(enrol, !settings->no_tpm, wish);
	if (!status && wish->import)
		diag_warn("the key is in the TPM, but also in `%s': destroy "
			  "that file and all copies, since anybody who has one "
			  "needs no TPM", wish->import);
	return status;
}

enum status provision_load_key(struct settings *settings,
			       const struct enrol *enrol, bool next,
			       struct key **key)
{
	enum status status;

	*key = NULL;
	if (settings->making && !next) {
		diag_error("%s is for a key that is made, and `%s' has one "
			   "already; --force makes a new one", settings->making,
			   enrol->dir);
		return STATUS_IDENTITY;
	}
	status = secret_get(&settings->key_auth, "the key", false);
	return status ? status :
		enrol_load_key(enrol, next, &settings->key_auth, key);
}

enum status provision_load_waiting(struct settings *settings,
				   const struct enrol *enrol, struct key **key,
				   char why[PROVISION_WHY_MAX])
{
	char waiting[ENROL_WAITING_MAX], fault[400];
	enum status status;

	why[0] = '\0';
	diag_capture(fault, sizeof(fault));
	status = provision_load_key(settings, enrol, true, key);
	diag_capture(NULL, 0);
	if (!status)
		return status;
	enrol_waiting(enrol, waiting);
	snprintf(why, PROVISION_WHY_MAX, "%s and does not load: %s; or remove "
		 "that directory if no certificate will come for it",
		 waiting, fault);
	return status;
}
