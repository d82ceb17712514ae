/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/tpm.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#define TCTI_DEFAULT "device:/dev/tpmrm0"

void tpm_set_tcti(const char *tcti)
{
	setenv("TPM2OPENSSL_TCTI", tcti, 1);
	setenv("TPM2TOOLS_TCTI", tcti, 1);
}

const char *tpm_tcti(void)
{
	const char *name = getenv("TPM2OPENSSL_TCTI");

	if (!name || !*name)
		name = getenv("TPM2TOOLS_TCTI");
	return name && *name ? name : TCTI_DEFAULT;
}

bool tpm_is_device(void)
{
	return !strcmp(tpm_tcti(), "device") ||
	       !strncmp(tpm_tcti(), "device:", 7);
}

static unsigned int most_s, awaited;

void tpm_wait_at_most(unsigned int seconds)
{
	most_s = seconds;
}

static void tpm_late(int number)
{
	static const char text[] = ": the TPM does not answer; see whether "
		"another program holds it, or start it again\n";

	(void)number;
	if (write(STDERR_FILENO, program_invocation_short_name,
		  strlen(program_invocation_short_name)) >= 0)
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(STATUS_TIMEOUT);
}

void tpm_await(void)
{
	if (awaited++ || !most_s)
		return;
	signal(SIGALRM, tpm_late);
	alarm(most_s);
}

void tpm_answered(void)
{
	if (!--awaited && most_s)
		alarm(0);
}

enum status tpm_open(ESYS_CONTEXT **esys, bool loud)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;
	TPMS_CAPABILITY_DATA *data = NULL;
	TSS2_RC rc;

	setenv("TSS2_LOG", "all+NONE", 0);
	tpm_await();
	*esys = NULL;
	rc = Tss2_TctiLdr_Initialize(tpm_tcti(), &tcti);
	if (!rc)
		rc = Esys_Initialize(esys, tcti, NULL);
	if (!rc)
		rc = Esys_GetCapability(*esys, ESYS_TR_NONE, ESYS_TR_NONE,
					ESYS_TR_NONE, TPM2_CAP_TPM_PROPERTIES,
					TPM2_PT_MANUFACTURER, 1, NULL, &data);
	Esys_Free(data);
	if (!rc)
		return STATUS_OK;
	if (*esys) {
		tpm_close(esys);
	} else {
		Tss2_TctiLdr_Finalize(&tcti);
		tpm_answered();
	}
	if (loud)
		diag_error("no TPM answers at `%s': %s; name another with "
			   "--tcti, or make a key in a file with --no-tpm",
			   tpm_tcti(), Tss2_RC_Decode(rc));
	return STATUS_TPM;
}

void tpm_close(ESYS_CONTEXT **esys)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;

	if (!*esys)
		return;
	Esys_GetTcti(*esys, &tcti);
	Esys_Finalize(esys);
	Tss2_TctiLdr_Finalize(&tcti);
	tpm_answered();
}

static UINT32 tpm_property(ESYS_CONTEXT *esys, UINT32 which)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	UINT32 value = 0;

	if (!Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
				TPM2_CAP_TPM_PROPERTIES, which, 1, NULL,
				&data) &&
	    data->data.tpmProperties.count == 1 &&
	    data->data.tpmProperties.tpmProperty[0].property == which)
		value = data->data.tpmProperties.tpmProperty[0].value;
	Esys_Free(data);
	return value;
}

bool tpm_describe(char *text, size_t size)
{
	static const UINT32 letters[] = {
		TPM2_PT_MANUFACTURER, TPM2_PT_VENDOR_STRING_1,
		TPM2_PT_VENDOR_STRING_2, TPM2_PT_VENDOR_STRING_3,
		TPM2_PT_VENDOR_STRING_4,
	};
	ESYS_CONTEXT *esys;
	char vendor[sizeof(letters) + 1] = "";
	size_t n = 0;
	UINT32 high, low;

	if (tpm_open(&esys, false))
		return false;
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++) {
		UINT32 value = tpm_property(esys, letters[i]);

		for (int shift = 24; shift >= 0; shift -= 8) {
			char c = (char)(value >> shift);

			if (c >= ' ' && c <= '~')
				vendor[n++] = c;
		}
	}
	vendor[n] = '\0';
	high = tpm_property(esys, TPM2_PT_FIRMWARE_VERSION_1);
	low = tpm_property(esys, TPM2_PT_FIRMWARE_VERSION_2);
	snprintf(text, size, "%s, firmware %u.%u.%u.%u", vendor, high >> 16,
		 high & 0xffff, low >> 16, low & 0xffff);
	tpm_close(&esys);
	return true;
}

/* Strip the layer, and in format 1 the number of the handle or session. */
static TSS2_RC plain_rc(TSS2_RC rc)
{
	const TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

	/* A resource manager may answer in the TPM's place. */
	if (layer && layer != TSS2_RESMGR_TPM_RC_LAYER)
		return TPM2_RC_SUCCESS;
	return rc & TPM2_RC_FMT1 ? rc & (TPM2_RC_FMT1 | 0x3f) : rc & 0xfff;
}

bool tpm_auth_failed(TSS2_RC rc)
{
	return plain_rc(rc) == TPM2_RC_AUTH_FAIL ||
	       plain_rc(rc) == TPM2_RC_BAD_AUTH;
}

TSS2_RC tpm_openssl_rc(void)
{
	const char *data = "", *library;
	int flags = 0;
	unsigned long err = ERR_peek_error_all(NULL, NULL, NULL, &data, &flags);

	library = err ? ERR_lib_error_string(err) : NULL;
	if (!library || strcmp(library, "tpm2") || !(flags & ERR_TXT_STRING))
		return TSS2_RC_SUCCESS;
	return (TSS2_RC)strtoul(data, NULL, 10);
}

/* The advice that does not depend on the TPM's state; "" if there is none. */
static const char *way_out(TSS2_RC rc)
{
	switch (plain_rc(rc)) {
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_OBJECT_HANDLES:
		return "another program holds its slots for keys: use "
		       "--tcti device:/dev/tpmrm0, or free them with "
		       "tpm2_flushcontext -t";
	case TPM2_RC_SESSION_MEMORY:
	case TPM2_RC_SESSION_HANDLES:
	case TPM2_RC_CONTEXT_GAP:
		return "another program holds its slots for sessions: use "
		       "--tcti device:/dev/tpmrm0, or free them with "
		       "tpm2_flushcontext -l -s";
	case TPM2_RC_INTEGRITY:
		return "it has been cleared since the key was made, or is "
		       "another TPM: make a new identity with blesec-provision "
		       "--force";
	case TPM2_RC_HIERARCHY:
		return "the owner hierarchy is disabled: enable the TPM in the "
		       "firmware's setup, or restart";
	case TPM2_RC_KEY:
		return "it is not a signing key (perhaps a storage key): name "
		       "another";
	case TPM2_RC_NV_SPACE:
		return "its persistent memory is full: tpm2_getcap "
		       "handles-persistent shows what is there, "
		       "tpm2_evictcontrol -c HANDLE removes it";
	default:
		return "";
	}
}

/* The advice that depends on the TPM's properties. */
static void explain_rc(ESYS_CONTEXT *esys, TSS2_RC rc, char *help, size_t size)
{
	const UINT32 seconds = tpm_property(esys, TPM2_PT_LOCKOUT_INTERVAL);
	const UINT32 enabled = tpm_property(esys, TPM2_PT_STARTUP_CLEAR);

	if (plain_rc(rc) == TPM2_RC_LOCKOUT)
		snprintf(help, size, "too many wrong passwords, or power "
			 "losses: it accepts another try within %u s; or reset "
			 "it with tpm2_dictionarylockout --clear-lockout",
			 seconds);
	/*
	 * A persistent handle cannot be found while its hierarchy is disabled.
	 */
	else if (enabled & TPMA_STARTUP_CLEAR_SHENABLE)
		snprintf(help, size, "no key is at that handle, or at its "
			 "parent's: tpm2_getcap handles-persistent shows what "
			 "is there; if the TPM has been cleared since the key "
			 "was made, make a new identity with blesec-provision "
			 "--force");
	else
		snprintf(help, size, "%s", way_out(TPM2_RC_HIERARCHY));
}

enum status tpm_fail(ESYS_CONTEXT *esys, TSS2_RC rc, const char *fmt, ...)
{
	const bool ask = plain_rc(rc) == TPM2_RC_LOCKOUT ||
			 plain_rc(rc) == TPM2_RC_HANDLE;
	ESYS_CONTEXT *own = NULL;
	char what[500], help[240];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(help, sizeof(help), "%s", way_out(rc));
	if (ask && !esys && !tpm_open(&own, false))
		esys = own;
	if (ask && esys)
		explain_rc(esys, rc, help, sizeof(help));
	tpm_close(&own);
	diag_error("%s: %s%s%s", what, Tss2_RC_Decode(rc), *help ? "; " : "",
		   help);
	return STATUS_TPM;
}
