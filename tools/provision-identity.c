/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names to request, the CAs to trust, and the report of the result. */
#include "config.h"
#include "provision.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <jansson.h>
#include <openssl/x509v3.h>

/* Add the public addresses of this machine's controllers, if any. */
static void add_own_addresses(struct settings *settings)
{
	struct hci_dev_list_req *list =
		calloc(1, sizeof(*list) + HCI_MAX_DEV * sizeof(*list->dev_req));
	struct hci_dev_info info;
	char text[18];
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);

	if (!list)
		die(STATUS_OTHER, "out of memory");
	list->dev_num = HCI_MAX_DEV;
	if (fd < 0 || ioctl(fd, HCIGETDEVLIST, list) < 0)
		list->dev_num = 0;
	for (int i = 0; i < list->dev_num; i++) {
		memset(&info, 0, sizeof(info));
		info.dev_id = list->dev_req[i].dev_id;
		if (ioctl(fd, HCIGETDEVINFO, &info) < 0 ||
		    !bacmp(&info.bdaddr, BDADDR_ANY))
			continue;
		ba2str(&info.bdaddr, text);
		provision_add_address(settings, text);
	}
	free(list);
	if (fd >= 0)
		close(fd);
}

/* Keep the names of the current certificate, unless others are given. */
static void keep_sans(struct settings *settings, X509 *cert)
{
	GENERAL_NAMES *sans = X509_get_ext_d2i(cert, NID_subject_alt_name,
					       NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(sans); i++) {
		const GENERAL_NAME *san = sk_GENERAL_NAME_value(sans, i);
		const ASN1_IA5STRING *text = san->d.ia5;
		char name[1024];

		if (san->type != GEN_DNS && san->type != GEN_URI)
			continue;
		snprintf(name, sizeof(name), "%s:%.*s",
			 san->type == GEN_DNS ? "DNS" : "URI",
			 ASN1_STRING_length(text),
			 (const char *)ASN1_STRING_get0_data(text));
		if (!strpbrk(name, ",\n") && strcmp(name + 4, settings->name))
			provision_add_san(settings, name);
	}
	GENERAL_NAMES_free(sans);
}

/* Decide what to request where the options do not say. */
enum status provision_complete_request(struct settings *settings,
				    const struct enrol *enrol)
{
	STACK_OF(X509) *chain = NULL;
	char path[PATH_MAX], host[256] = "";
	bool named = settings->name[0];

	snprintf(path, sizeof(path), "%s/cert.pem", enrol->dir);
	if (access(path, F_OK) == 0) {
		chain = cert_read_file(path);
		if (!chain)
			return STATUS_IDENTITY;
	}
	if (!named && chain)
		cert_name(sk_X509_value(chain, 0), settings->name);
	if (chain && !named && !settings->san && !settings->address &&
	    !settings->no_address)
		keep_sans(settings, sk_X509_value(chain, 0));
	else if (!settings->address && !settings->no_address)
		add_own_addresses(settings);
	sk_X509_pop_free(chain, X509_free);
	if (settings->name[0])
		return STATUS_OK;
	gethostname(host, sizeof(host) - 1);
	if (!cert_name_valid(host)) {
		diag_error("the host's name `%s' cannot be that of a device; "
			   "give one with --name", host);
		return STATUS_USAGE;
	}
	strcpy(settings->name, host);
	return STATUS_OK;
}

STACK_OF(X509) *provision_read_anchors(const struct settings *settings,
				    const struct enrol *enrol)
{
	char path[PATH_MAX];

	if (settings->ca)
		return provision_anchors(settings->ca);
	snprintf(path, sizeof(path), "%s/ca.pem", enrol->dir);
	if (access(path, F_OK) < 0) {
		diag_error("`%s' has no ca.pem yet: name the CA's certificate "
			   "with --ca", enrol->dir);
		return NULL;
	}
	return cert_read_file(path);
}

enum status provision_report(const struct enrol *enrol, const struct key *key,
			  X509 *cert)
{
	char name[CERT_NAME_MAX + 1] = "", pin[CERT_PIN_SIZE] = "";
	char end[CERT_TIME_SIZE];
	json_t *line;
	char *text;

	cert_name(cert, name);
	cert_pin(cert, pin);
	cert_time(X509_get0_notAfter(cert), end);
	line = json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}", "event",
			 "provisioned", "dir", enrol->dir, "name", name, "pin",
			 pin, "tpm", key_in_tpm(key), "not_after", end);
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	if (!text || puts(text) < 0 || fflush(stdout)) {
		diag_error("cannot write to stdout: %s", strerror(errno));
		free(text);
		return STATUS_OTHER;
	}
	free(text);
	return STATUS_OK;
}
