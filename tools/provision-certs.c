/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "provision.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>

STACK_OF(X509) *provision_anchors(const char *ca)
{
	char path[PATH_MAX];
	struct stat st;
	bool dir = stat(ca, &st) == 0 && S_ISDIR(st.st_mode);

	snprintf(path, sizeof(path), "%s%s", ca, dir ? "/ca.pem" : "");
	/* The directory of an older CA has no ca.pem. */
	if (dir && access(path, F_OK) < 0)
		snprintf(path, sizeof(path), "%s/cacert.pem", ca);
	return cert_read_file(path);
}

STACK_OF(X509) *provision_read_text(const char *text, const char *name)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	STACK_OF(X509) *certs = file ? cert_read(file, name) : NULL;

	if (file)
		fclose(file);
	return certs;
}

STACK_OF(X509) *provision_split(STACK_OF(X509) *certs)
{
	STACK_OF(X509) *anchors = sk_X509_new_null();
	const char *fault = NULL;

	while (sk_X509_num(certs) > 0 &&
	       X509_self_signed(sk_X509_value(certs, 0), 1) == 1)
		sk_X509_push(anchors, sk_X509_shift(certs));
	if (sk_X509_num(anchors) < 1)
		fault = "the CA's certificates are missing, or not first";
	else if (sk_X509_num(certs) < 1)
		fault = "there is no certificate after those of the CA";
	for (int i = 0; !fault && i < sk_X509_num(certs); i++)
		if (X509_self_signed(sk_X509_value(certs, i), 1) == 1)
			fault = "the CA's certificates are not all first";
	ERR_clear_error();
	if (!fault)
		return anchors;
	diag_error("the certificates are refused: %s", fault);
	sk_X509_pop_free(anchors, X509_free);
	return NULL;
}

bool provision_print(FILE *file, STACK_OF(X509) *anchors,
		     STACK_OF(X509) *chain)
{
	bool ok = true;

	for (int i = 0; ok && i < sk_X509_num(anchors); i++)
		ok = PEM_write_X509(file, sk_X509_value(anchors, i)) == 1;
	for (int i = 0; ok && i < sk_X509_num(chain); i++)
		ok = PEM_write_X509(file, sk_X509_value(chain, i)) == 1;
	return ok && fflush(file) == 0;
}
