/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "hub/version.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "key/tpm.h"

/* The provider starts only with a TPM: without one, its version is not known. */
static void print_missing(void)
{
	const char *data = "";
	int flags = 0;
	unsigned long err = ERR_peek_error_all(NULL, NULL, NULL, &data, &flags);

	if (ERR_GET_LIB(err) == ERR_LIB_DSO)
		printf("tpm2-openssl does not load: %s\n",
		       flags & ERR_TXT_STRING ? data : "is it installed?");
	else
		printf("tpm2-openssl is installed; its version is unknown "
		       "without a TPM\n");
	ERR_clear_error();
}

static void print_provider(void)
{
	OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *provider;
	const char *version = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_ptr(OSSL_PROV_PARAM_VERSION,
					      (char **)&version, 0),
		OSSL_PARAM_construct_end(),
	};

	setenv("TPM2OPENSSL_TCTI", tpm_tcti(), 1);
	provider = OSSL_PROVIDER_load(libctx, "tpm2");
	if (provider && OSSL_PROVIDER_get_params(provider, params) && version)
		printf("tpm2-openssl %s\n", version);
	else
		print_missing();
	if (provider)
		OSSL_PROVIDER_unload(provider);
	OSSL_LIB_CTX_free(libctx);
}

void version_print(void)
{
	char tpm[128];

	setenv("TSS2_LOG", "all+NONE", 0);
	printf("%s\n%s\n", PACKAGE_STRING, OpenSSL_version(OPENSSL_VERSION));
	fflush(stdout);
	tpm_wait_at_most(10);
	tpm_await();
	print_provider();
	if (tpm_describe(tpm, sizeof(tpm)))
		printf("TPM %s\n", tpm);
	else
		printf("TPM does not answer at `%s'\n", tpm_tcti());
	tpm_answered();
}
