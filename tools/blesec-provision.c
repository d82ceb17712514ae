/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-provision: make an identity. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cert.h"
#include "enrol.h"
#include "identity.h"
#include "tpm.h"
#include "version.h"

enum {
	OPT_TPM = 1, OPT_NO_TPM, OPT_NAME, OPT_SAN, OPT_ADDRESS,
	OPT_NO_ADDRESS, OPT_CSR, OPT_INSTALL, OPT_CA, OPT_FORCE, OPT_TCTI,
};

static const struct option options[] = {
	{ "tpm", no_argument, NULL, OPT_TPM },
	{ "no-tpm", no_argument, NULL, OPT_NO_TPM },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "san", required_argument, NULL, OPT_SAN },
	{ "address", required_argument, NULL, OPT_ADDRESS },
	{ "no-address", no_argument, NULL, OPT_NO_ADDRESS },
	{ "csr", no_argument, NULL, OPT_CSR },
	{ "install", no_argument, NULL, OPT_INSTALL },
	{ "ca", required_argument, NULL, OPT_CA },
	{ "dir", required_argument, NULL, 'd' },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "tcti", required_argument, NULL, OPT_TCTI },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	printf(
"usage: blesec-provision [OPTION]... --ca DIR     all in one\n"
"       blesec-provision [OPTION]... --csr        certificate request to stdout\n"
"       blesec-provision [OPTION]... --install    certificate from stdin\n"
"Make an identity for this machine: a key (in the TPM), and a certificate for it\n"
"that a CA made by blesec-ca signs.\n\n"
"      --ca DIR|FILE     the CA's directory; with --install its certificates\n"
"                        (default: the ca.pem that is there)\n"
"  -d, --dir DIR         identity directory ($BLESEC_DIR, /etc/blesec)\n"
"      --tpm             key in the TPM (default; an error if none answers)\n"
"      --no-tpm          key in a file\n"
"      --name NAME       name of the device (default: as it is, else the\n"
"                        host's)\n"
"      --san SAN         ask for one more DNS:NAME or URI:...; may be repeated\n"
"      --address ADDR    Bluetooth address to name instead of this machine's;\n"
"                        may be repeated\n"
"      --no-address      name no Bluetooth address\n"
"      --force           make a new key although there is one\n"
"      --tcti TCTI       how to reach the TPM, as swtpm:port=2321\n"
"  -v, --verbose         say more on stderr\n"
"  -q, --quiet           say less\n"
"  -h, --help            print this\n"
"  -V, --version         print versions\n\n"
"blesec-provision(1) tells more.\n");
}

struct settings {
	const char *dir, *ca;
	char name[CERT_NAME_MAX + 1];
	char sans[2048];	/* "URI:...,DNS:..." */
	bool tpm, no_tpm, no_address, address, san, csr, install, force;
};

static void add_san(struct settings *settings, const char *san)
{
	size_t used = strlen(settings->sans);
	int n = snprintf(settings->sans + used, sizeof(settings->sans) - used,
			 "%s%s", used ? "," : "", san);

	if (n < 0 || (size_t)n >= sizeof(settings->sans) - used)
		die(STATUS_USAGE, "too many names and addresses");
}

static void add_address(struct settings *settings, const char *address)
{
	char san[40];

	if (strlen(address) != 17 || bachk(address) < 0)
		die(STATUS_USAGE, "bad --address `%s': AA:BB:CC:DD:EE:FF is "
		    "wanted", address);
	snprintf(san, sizeof(san), "URI:urn:bdaddr:%s", address);
	for (char *p = san + 15; *p; p++) {
		if (*p == ':')
			*p = '-';
		else if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	}
	add_san(settings, san);
}

/* The public addresses of this machine's controllers, if it has any. */
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
		add_address(settings, text);
	}
	free(list);
	if (fd >= 0)
		close(fd);
}

static void take_option(struct settings *settings, int c)
{
	switch (c) {
	case OPT_TPM:
		settings->tpm = true;
		break;
	case OPT_NO_TPM:
		settings->no_tpm = true;
		break;
	case OPT_NAME:
		if (!cert_name_valid(optarg))
			die(STATUS_USAGE, "bad --name `%s': 1 to %d letters, "
			    "digits, '.', '_', '-' are wanted", optarg,
			    CERT_NAME_MAX);
		strcpy(settings->name, optarg);
		break;
	case OPT_SAN:
		if ((strncmp(optarg, "DNS:", 4) && strncmp(optarg, "URI:", 4))
		    || !optarg[4] || strpbrk(optarg, ",\n"))
			die(STATUS_USAGE, "bad --san `%s': DNS:NAME or URI:... "
			    "is wanted", optarg);
		add_san(settings, optarg);
		settings->san = true;
		break;
	case OPT_ADDRESS:
		add_address(settings, optarg);
		settings->address = true;
		break;
	case OPT_NO_ADDRESS:
		settings->no_address = true;
		break;
	case OPT_CSR:
		settings->csr = true;
		break;
	case OPT_INSTALL:
		settings->install = true;
		break;
	case OPT_CA:
		settings->ca = optarg;
		break;
	case 'd':
		settings->dir = optarg;
		break;
	case OPT_FORCE:
		settings->force = true;
		break;
	case OPT_TCTI:
		tpm_set_tcti(optarg);
		break;
	case 'v':
	case 'q':
		diag_verbosity(c == 'v' ? 1 : -1);
		break;
	case 'h':
		help();
		exit(STATUS_OK);
	case 'V':
		version_print();
		exit(STATUS_OK);
	default:
		die(STATUS_USAGE, "see --help");
	}
}

static void complete(struct settings *settings)
{
	if (settings->tpm && settings->no_tpm)
		die(STATUS_USAGE, "--tpm and --no-tpm exclude each other");
	if (settings->csr && settings->install)
		die(STATUS_USAGE, "--csr and --install exclude each other");
	if (!settings->csr && !settings->install && !settings->ca)
		die(STATUS_USAGE, "one of --ca DIR, --csr, --install is "
		    "needed; see --help");
	if (settings->csr && settings->ca)
		die(STATUS_USAGE, "--csr takes no --ca: give it to --install");
	if (settings->address && settings->no_address)
		die(STATUS_USAGE, "--address and --no-address exclude each "
		    "other");
}

/* Of the certificate that is there, if nothing else is asked for. */
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
			add_san(settings, name);
	}
	GENERAL_NAMES_free(sans);
}

/* What to ask for, where the options do not say. */
static enum status complete_request(struct settings *settings,
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

static enum status choose_tpm(const struct settings *settings, bool *tpm)
{
	ESYS_CONTEXT *esys;
	enum status status;

	*tpm = !settings->no_tpm;
	if (settings->no_tpm)
		return STATUS_OK;
	status = tpm_open(&esys, true);
	if (!status)
		tpm_close(&esys);
	return status;
}

static STACK_OF(X509) *read_anchors(const struct settings *settings,
				    const struct enrol *enrol)
{
	char path[PATH_MAX];
	struct stat st;

	if (!settings->ca)
		snprintf(path, sizeof(path), "%s/ca.pem", enrol->dir);
	else if (stat(settings->ca, &st) == 0 && S_ISDIR(st.st_mode))
		snprintf(path, sizeof(path), "%s/cacert.pem", settings->ca);
	else
		snprintf(path, sizeof(path), "%s", settings->ca);
	if (!settings->ca && access(path, F_OK) < 0) {
		diag_error("which CA? `%s' has no ca.pem yet: name its "
			   "certificate with --ca", enrol->dir);
		return NULL;
	}
	return cert_read_file(path);
}

static enum status report(const struct enrol *enrol, const struct key *key,
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

/* --csr */
static enum status request(struct settings *settings, struct enrol *enrol)
{
	bool next = settings->force && enrol_has_key(enrol, false), tpm;
	bool make = settings->force || !enrol_has_key(enrol, false);
	struct key *key = NULL;
	X509_REQ *req = NULL;
	enum status status = complete_request(settings, enrol);

	if (!status && make) {
		status = choose_tpm(settings, &tpm);
		if (!status)
			status = enrol_make_key(enrol, tpm);
		/* Over no identity it takes its place at once. */
		if (!status && !next)
			status = enrol_commit(enrol);
	}
	if (!status)
		status = enrol_load_key(enrol, next, &key);
	if (!status)
		status = enrol_request(key, settings->name, settings->sans,
				       &req);
	if (!status && (!PEM_write_X509_REQ(stdout, req) || fflush(stdout))) {
		diag_error("cannot write to stdout: %s", strerror(errno));
		status = STATUS_OTHER;
	}
	X509_REQ_free(req);
	key_free(key);
	return status;
}

static bool matches(const struct enrol *enrol, bool next, X509 *cert,
		    struct key **key, enum status *status)
{
	if (*key || *status || !enrol_has_key(enrol, next))
		return false;
	*status = enrol_load_key(enrol, next, key);
	if (*status)
		return false;
	if (enrol_matches(*key, cert))
		return true;
	key_free(*key);
	*key = NULL;
	return false;
}

/* --install, of a chain that was read before the lock was taken. */
static enum status install(const struct settings *settings,
			   struct enrol *enrol, STACK_OF(X509) *chain)
{
	STACK_OF(X509) *anchors = NULL;
	struct key *key = NULL;
	bool next = false;
	enum status status = STATUS_OK;

	if (!enrol_has_key(enrol, false) && !enrol_has_key(enrol, true)) {
		diag_error("`%s' has no key.pem: start with --csr", enrol->dir);
		return STATUS_IDENTITY;
	}
	anchors = read_anchors(settings, enrol);
	if (!anchors)
		return STATUS_IDENTITY;
	if (!matches(enrol, false, sk_X509_value(chain, 0), &key, &status))
		next = matches(enrol, true, sk_X509_value(chain, 0), &key,
			       &status);
	if (!status && !key) {
		diag_error("the certificate is refused: it was made for "
			   "another key than that in `%s'", enrol->dir);
		status = STATUS_IDENTITY;
	}
	if (!status)
		status = enrol_install(enrol, next, key, chain, anchors);
	if (!status)
		status = report(enrol, key, sk_X509_value(chain, 0));
	key_free(key);
	sk_X509_pop_free(anchors, X509_free);
	return status;
}

/* Beside this program, else wherever PATH says. */
_Noreturn static void run_ca(const struct settings *settings)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 20);
	const char *ca = getenv("BLESEC_CA");
	char *const argv[] = {
		(char *)"blesec-ca", (char *)"sign", (char *)"--dir",
		(char *)settings->ca, (char *)"--name",
		(char *)settings->name, NULL,
	};

	if (ca && *ca) {
		execv(ca, argv);
		diag_error("cannot run $BLESEC_CA, `%s': %s", ca,
			   strerror(errno));
		_exit(STATUS_IDENTITY);
	}
	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n > 0) {
		strcpy(path + n, "blesec-ca");
		execv(path, argv);
		strcpy(path + n, "../scripts/blesec-ca");
		execv(path, argv);
	}
	execvp("blesec-ca", argv);
	diag_error("cannot run blesec-ca: %s; name it with $BLESEC_CA",
		   strerror(errno));
	_exit(STATUS_OTHER);
}

/* The request into blesec-ca, the certificate out of it. */
static enum status sign(const struct settings *settings, X509_REQ *req,
			STACK_OF(X509) **chain)
{
	FILE *in = tmpfile(), *out = tmpfile();
	int state = 0;
	enum status status = STATUS_OTHER;
	pid_t pid;

	if (!in || !out || !PEM_write_X509_REQ(in, req) || fflush(in)) {
		diag_error("cannot write a temporary file: %s",
			   strerror(errno));
		goto done;
	}
	rewind(in);
	pid = fork();
	if (pid == 0) {
		dup2(fileno(in), STDIN_FILENO);
		dup2(fileno(out), STDOUT_FILENO);
		run_ca(settings);
	}
	if (pid < 0 || waitpid(pid, &state, 0) < 0)
		goto done;
	if (!WIFEXITED(state) || WEXITSTATUS(state)) {
		diag_error("the CA in `%s' did not sign", settings->ca);
		status = WIFEXITED(state) ? (enum status)WEXITSTATUS(state)
					  : STATUS_OTHER;
		goto done;
	}
	rewind(out);
	*chain = cert_read(out, "what blesec-ca printed");
	status = *chain ? STATUS_OK : STATUS_IDENTITY;
done:
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return status;
}

/* --ca */
static enum status all_in_one(struct settings *settings, struct enrol *enrol)
{
	STACK_OF(X509) *chain = NULL, *anchors = NULL;
	X509_REQ *req = NULL;
	struct key *key = NULL;
	bool tpm, made;
	enum status status;

	if (enrol_has_key(enrol, false) && !settings->force) {
		diag_error("`%s' has a key.pem already: --csr and --install "
			   "renew its certificate, --force makes a new key",
			   enrol->dir);
		return STATUS_IDENTITY;
	}
	anchors = read_anchors(settings, enrol);
	status = anchors ? complete_request(settings, enrol) : STATUS_IDENTITY;
	if (!status)
		status = choose_tpm(settings, &tpm);
	if (!status)
		status = enrol_make_key(enrol, tpm);
	made = !status;
	if (!status)
		status = enrol_load_key(enrol, true, &key);
	if (!status)
		status = enrol_request(key, settings->name, settings->sans,
				       &req);
	if (!status)
		status = sign(settings, req, &chain);
	if (!status)
		status = enrol_install(enrol, true, key, chain, anchors);
	if (status && made)
		enrol_discard(enrol);
	if (!status)
		status = report(enrol, key, sk_X509_value(chain, 0));
	key_free(key);
	X509_REQ_free(req);
	sk_X509_pop_free(chain, X509_free);
	sk_X509_pop_free(anchors, X509_free);
	return status;
}

int main(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct enrol enrol;
	STACK_OF(X509) *chain = NULL;
	enum status status;
	int c;

	diag_init(argv[0]);
	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt_long(argc, argv, "d:vqhV", options, NULL)) != -1)
		take_option(&settings, c);
	if (optind < argc)
		die(STATUS_USAGE, "unexpected argument `%s': provisioning "
		    "another host is not supported yet; see --help",
		    argv[optind]);
	complete(&settings);
	/* In a pipe, --csr on the left must not find the lock taken. */
	if (settings.install) {
		chain = cert_read(stdin, "stdin");
		if (!chain)
			return STATUS_IDENTITY;
	}
	status = enrol_begin(identity_dir(settings.dir), &enrol);
	if (!status && settings.csr)
		status = request(&settings, &enrol);
	else if (!status && settings.install)
		status = install(&settings, &enrol, chain);
	else if (!status)
		status = all_in_one(&settings, &enrol);
	enrol_end(&enrol);
	sk_X509_pop_free(chain, X509_free);
	return (int)status;
}
