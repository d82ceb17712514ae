/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "tpm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

enum status tpm_open(ESYS_CONTEXT **esys, bool loud)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;
	TPMS_CAPABILITY_DATA *data = NULL;
	TSS2_RC rc;

	setenv("TSS2_LOG", "all+NONE", 0);
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
	if (*esys)
		tpm_close(esys);
	else
		Tss2_TctiLdr_Finalize(&tcti);
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
}

static UINT32 property(ESYS_CONTEXT *esys, UINT32 which)
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
		UINT32 value = property(esys, letters[i]);

		for (int shift = 24; shift >= 0; shift -= 8) {
			char c = (char)(value >> shift);

			if (c >= ' ' && c <= '~')
				vendor[n++] = c;
		}
	}
	vendor[n] = '\0';
	high = property(esys, TPM2_PT_FIRMWARE_VERSION_1);
	low = property(esys, TPM2_PT_FIRMWARE_VERSION_2);
	snprintf(text, size, "%s, firmware %u.%u.%u.%u", vendor, high >> 16,
		 high & 0xffff, low >> 16, low & 0xffff);
	tpm_close(&esys);
	return true;
}

enum status tpm_fail(const char *what, TSS2_RC rc)
{
	const char *help = "";

	switch (rc & 0xffff) {
	case TPM2_RC_LOCKOUT:
		help = "; the TPM is in dictionary-attack lockout: wait, or "
		       "reset it with tpm2_dictionarylockout -c";
		break;
	case TPM2_RC_OBJECT_MEMORY:
		help = "; its slots are full: use /dev/tpmrm0, or free them "
		       "with tpm2_flushcontext -t";
		break;
	default:
		if ((rc & 0xff) == TPM2_RC_BAD_AUTH ||
		    (rc & 0xbf) == TPM2_RC_AUTH_FAIL)
			help = "; the owner hierarchy has a password, which "
			       "is not supported";
	}
	diag_error("the TPM refuses to %s: %s%s", what, Tss2_RC_Decode(rc),
		   help);
	return STATUS_TPM;
}
