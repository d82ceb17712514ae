/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "tpm.h"

static void print_provider(void)
{
	OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *provider = OSSL_PROVIDER_load(libctx, "tpm2");
	const char *version = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_ptr(OSSL_PROV_PARAM_VERSION,
					      (char **)&version, 0),
		OSSL_PARAM_construct_end(),
	};

	/* It does not load without a TPM. */
	if (provider && OSSL_PROVIDER_get_params(provider, params) && version)
		printf("tpm2-openssl %s\n", version);
	else
		printf("tpm2-openssl not loaded\n");
	if (provider)
		OSSL_PROVIDER_unload(provider);
	OSSL_LIB_CTX_free(libctx);
}

void version_print(void)
{
	char tpm[128];

	setenv("TSS2_LOG", "all+NONE", 0);
	printf("%s\n%s\n", PACKAGE_STRING, OpenSSL_version(OPENSSL_VERSION));
	print_provider();
	printf("TPM %s\n", tpm_describe(tpm, sizeof(tpm)) ? tpm
							  : "does not answer");
}
