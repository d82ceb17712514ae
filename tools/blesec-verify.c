/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-verify: check whether a certificate would be accepted, and why not. */
#include "config.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/endpoint.h"
#include "pki/identity.h"
#include "bluetooth/link.h"
#include "pki/policy.h"
#include "process/sandbox.h"
#include "key/tpm.h"
#include "verify/verify.h"
#include "verify/verify-peer.h"
#include "hub/version.h"

enum { OPT_CA = 256, OPT_CRL, OPT_CSR, OPT_PEER, OPT_ROLE, OPT_ADDRESS,
       OPT_WARN_DAYS, OPT_MIN_DAYS, OPT_TPM, OPT_IMPORTED, OPT_NO_SANDBOX,
       OPT_TCTI, OPT_TEXT, OPT_KEY_AUTH };

static const struct option options[] = {
	{ "dir", required_argument, NULL, 'd' },
	{ "key", required_argument, NULL, 'k' },
	{ "key-auth", required_argument, NULL, OPT_KEY_AUTH },
	{ "csr", required_argument, NULL, OPT_CSR },
	{ "peer", required_argument, NULL, OPT_PEER },
	{ "adapter", required_argument, NULL, 'a' },
	{ "timeout", required_argument, NULL, 't' },
	{ "ca", required_argument, NULL, OPT_CA },
	{ "crl", required_argument, NULL, OPT_CRL },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "name", required_argument, NULL, 'n' },
	{ "address", required_argument, NULL, OPT_ADDRESS },
	{ "pin", required_argument, NULL, 'p' },
	{ "warn-days", required_argument, NULL, OPT_WARN_DAYS },
	{ "min-days", required_argument, NULL, OPT_MIN_DAYS },
	{ "tpm", no_argument, NULL, OPT_TPM },
	{ "allow-imported", no_argument, NULL, OPT_IMPORTED },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "tcti", required_argument, NULL, OPT_TCTI },
	{ "text", no_argument, NULL, OPT_TEXT },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
"usage: blesec-verify [OPTION]... FILE...\n"
"       blesec-verify [OPTION]... [--dir DIR]\n"
"       blesec-verify [OPTION]... --csr FILE\n"
"       blesec-verify [OPTION]... --peer ADDRESS\n"
"Check whether blesec would accept these certificates: print a line of JSON for\n"
"each.\n"
"FILE is PEM, with the certificate first, then those of the CAs above it;\n"
"- is stdin.  Without FILE, it is the identity in DIR, key and modes included.\n"
"\n"
"  -d, --dir DIR         identity directory ($BLESEC_DIR, /etc/blesec)\n"
"  -k, --key KEY         key file or OpenSSL store URI instead of DIR/key.pem\n"
"      --key-auth ask|file:F|env:V\n"
"                        the key's password: from the terminal, a file or a\n"
"                        variable\n"
"      --csr FILE        a certificate request instead\n"
"      --peer ADDRESS    what that peripheral presents in a handshake with the\n"
"                        identity in DIR\n"
"  -a, --adapter hciN    adapter to use for that (default: the first)\n"
"  -t, --timeout SECS    until the link is up, and once more until it is\n"
"                        secured (default 30)\n"
"      --no-sandbox      do not confine the process that reads what it sends\n"
"      --ca FILE|DIR     the CA, or its directory (default: ca.pem in DIR)\n"
"      --crl FILE        its CRLs (default: crl.pem of the CA's\n"
"                        directory, or in DIR)\n"
"      --role ROLE       central, peripheral, or both: one of the two (default)\n"
"  -n, --name NAME       require that name; may be repeated, may be a pattern\n"
"                        with * and ?\n"
"      --address ADDRESS require that Bluetooth address\n"
"  -p, --pin PIN         require that key, sha256//BASE64; may be repeated\n"
"      --warn-days N     warn if it is valid for less (default 30)\n"
"      --min-days N      fail if it is valid for less\n"
"      --tpm             require that the key of DIR is in the TPM\n"
"      --allow-imported  accept a key that was imported into the TPM\n"
"      --tcti TCTI       how to reach the TPM, such as swtpm:port=2321\n"
"      --text            print text instead of JSON\n"
"  -v, --verbose         print more: the chain, too, as base64\n"
"  -q, --quiet           print less on stderr\n"
"  -h, --help            print this\n"
"  -V, --version         print versions\n"
"\n"
"See blesec-verify(1) for details.\n";

struct tool {
	struct verify_settings set;
	const char *dir, *ca, *crl, *csr, *peer, *adapter;
	long timeout_s;
	const char *names[ENDPOINT_LIST_MAX], *pins[ENDPOINT_LIST_MAX];
	struct link_address address;
	bool text, verbose;
};

static void add_demand(const char **list, size_t *count, const char *what)
{
	if (*count == ENDPOINT_LIST_MAX)
		die(STATUS_USAGE, "more than %d of `%s'", ENDPOINT_LIST_MAX,
		    what);
	list[(*count)++] = optarg;
}

static void take_role(struct verify_settings *set)
{
	const bool both = !strcmp(optarg, "both");

	set->central = both || !strcmp(optarg, "central");
	set->peripheral = both || !strcmp(optarg, "peripheral");
	if (!set->central && !set->peripheral)
		die(STATUS_USAGE, "bad --role `%s': central, peripheral or "
		    "both is wanted", optarg);
}

static void take_address(struct tool *tool)
{
	if (strlen(optarg) != 17 || link_parse(optarg, &tool->address) ||
	    tool->address.kind != LINK_DEVICE)
		die(STATUS_USAGE, "bad --address `%s': AA:BB:CC:DD:EE:FF is "
		    "wanted", optarg);
	tool->set.address = tool->address.text;
}

/* Handle an option to compare the certificate with; false if it is none. */
static bool take_demand(struct tool *tool, int c)
{
	struct verify_settings *set = &tool->set;

	switch (c) {
	case OPT_ROLE:
		take_role(set);
		break;
	case 'n':
		if (!*optarg || strlen(optarg) > 2 * CERT_NAME_MAX)
			die(STATUS_USAGE, "bad --name `%s': 1 to %d characters "
			    "are wanted", optarg, 2 * CERT_NAME_MAX);
		add_demand(tool->names, &set->name_count, "--name");
		break;
	case OPT_ADDRESS:
		take_address(tool);
		break;
	case 'p':
		if (!policy_pin_valid(optarg))
			die(STATUS_USAGE, "bad --pin `%s': sha256// and 44 "
			    "characters of base64 are wanted", optarg);
		add_demand(tool->pins, &set->pin_count, "--pin");
		break;
	case OPT_WARN_DAYS:
		set->warn_days = endpoint_number("--warn-days", optarg, 0,
						 36500);
		break;
	case OPT_MIN_DAYS:
		set->min_days = endpoint_number("--min-days", optarg, 0, 36500);
		break;
	case OPT_TPM:
		set->need_tpm = true;
		break;
	case OPT_IMPORTED:
		set->allow_imported = true;
		break;
	default:
		return false;
	}
	return true;
}

static void take_option(struct tool *tool, int c)
{
	switch (c) {
	case 'd':
		tool->dir = optarg;
		break;
	case 'k':
		tool->set.key = optarg;
		break;
	case OPT_KEY_AUTH:
		secret_option(&tool->set.key_auth, "--key-auth", optarg);
		break;
	case OPT_CA:
		tool->ca = optarg;
		break;
	case OPT_CRL:
		tool->crl = optarg;
		break;
	case OPT_CSR:
		tool->csr = optarg;
		break;
	case OPT_PEER:
		tool->peer = optarg;
		break;
	case 'a':
		tool->adapter = optarg;
		break;
	case 't':
		tool->timeout_s = endpoint_number("--timeout", optarg, 1, 3600);
		break;
	case OPT_NO_SANDBOX:
		sandbox_disable();
		break;
	case OPT_TCTI:
		tpm_set_tcti(optarg);
		break;
	case OPT_TEXT:
		tool->text = true;
		break;
	case 'v':
	case 'q':
		diag_verbosity(c == 'v' ? 1 : -1);
		tool->verbose = tool->verbose || c == 'v';
		break;
	case 'h':
		fputs(help, stdout);
		exit(STATUS_OK);
	case 'V':
		version_print();
		exit(STATUS_OK);
	default:
		if (!take_demand(tool, c))
			endpoint_usage();
	}
}

/* Load the CA, unless none was given and none is needed. */
static enum status load_ca(struct tool *tool)
{
	const char *dir = identity_dir(tool->dir);
	char *ca, *crl;
	enum status status;

	if (tool->csr && !tool->ca)
		return STATUS_OK;
	ca = identity_path(dir, "ca.pem");
	crl = identity_path(dir, "crl.pem");
	/* The CRL in DIR is not that of another CA. */
	status = verify_ca_load(tool->ca ? tool->ca : ca, tool->crl,
				!tool->ca || tool->dir ? crl : NULL,
				&tool->set.ca);
	free(ca);
	free(crl);
	return status;
}

static enum status verify_file(struct tool *tool, const char *path,
			       struct verdict *verdict)
{
	STACK_OF(X509) *chain = strcmp(path, "-") ? cert_read_file(path) :
						    cert_read(stdin, "stdin");

	if (!chain)
		return STATUS_IDENTITY;
	verify_chain(&tool->set, chain, verdict);
	if (tool->verbose)
		verdict_chain(verdict, chain);
	sk_X509_pop_free(chain, X509_free);
	return STATUS_OK;
}

static enum status verify_address(struct tool *tool, struct verdict *verdict)
{
	struct verify_settings *set = &tool->set;
	struct link_address *address = &tool->address;
	struct verify_peer peer = { .settings = set, .adapter = tool->adapter };

	if (link_parse(tool->peer, address))
		return STATUS_USAGE;
	peer.address = *address;
	if (address->kind == LINK_ADAPTER)
		die(STATUS_USAGE, "`%s' is an adapter, not a peer; name it "
		    "with --adapter", tool->peer);
	/* The certificate must match what the user typed. */
	if (address->kind == LINK_DEVICE && !set->address &&
	    !set->name_count && !set->pin_count)
		set->address = address->text;
	else if (address->kind == LINK_NAME && !set->name_count &&
		 !set->pin_count)
		tool->names[set->name_count++] = address->text;
	set->central = false;
	set->peripheral = true;
	endpoint_init(&peer.endpoint);
	peer.endpoint.bluetooth = address->kind != LINK_UNIX;
	peer.endpoint.dir = tool->dir;
	peer.endpoint.key = set->key;
	peer.endpoint.key_auth = set->key_auth;
	secret_forget(&set->key_auth);
	peer.timeout_ms = 1000 * (uint32_t)tool->timeout_s;
	peer.endpoint.hub_settings.session.timeout_ms = peer.timeout_ms;
	return verify_peer(&peer, verdict);
}

static enum status verify_own(struct tool *tool, const char *dir,
			      struct verdict *verdict)
{
	struct secret *auth = &tool->set.key_auth;
	enum status status = secret_get(auth, tool->set.key ? tool->set.key :
					"the key", false);

	if (!status)
		status = verify_identity(&tool->set, dir, verdict);
	secret_forget(auth);
	return status;
}

/* path is NULL to verify the identity, the request or the peer. */
static enum status verify_subject(struct tool *tool, const char *path)
{
	const char *dir = identity_dir(tool->dir);
	struct verdict verdict;
	enum status status;

	verdict_begin(&verdict, path ? path : tool->peer ? tool->peer :
		      tool->csr ? tool->csr : dir);
	if (path)
		status = verify_file(tool, path, &verdict);
	else if (tool->peer)
		status = verify_address(tool, &verdict);
	else if (tool->csr)
		status = verify_request(&tool->set, tool->csr, &verdict);
	else
		status = verify_own(tool, dir, &verdict);
	if (!status) {
		status = verdict_print(&verdict, tool->text);
		status = verdict_graver(status, verdict.status);
	}
	verdict_free(&verdict);
	return status;
}

static void verify_check_usage(const struct tool *tool, int argc, char **argv)
{
	const bool one = tool->csr || tool->peer;

	if (tool->csr && tool->peer)
		die(STATUS_USAGE, "--csr and --peer do not go together");
	if (one && optind < argc)
		die(STATUS_USAGE, "unexpected argument `%s': what %s names is "
		    "verified alone; see --help", argv[optind], tool->csr ?
		    "--csr" : "--peer");
	if (sandbox_disabled() && !tool->peer)
		die(STATUS_USAGE, "--no-sandbox goes with --peer: nothing else "
		    "is read in a process of its own");
	if ((tool->set.key || tool->set.key_auth.option) &&
	    (tool->csr || optind < argc))
		die(STATUS_USAGE, "%s is for an identity directory, which has "
		    "a key; a %s has none", tool->set.key ? "--key" :
		    "--key-auth", tool->csr ? "request" : "certificate");
	if ((tool->set.need_tpm || tool->set.allow_imported) &&
	    (one || optind < argc))
		die(STATUS_USAGE, "%s is for an identity directory: a %s does "
		    "not show where its key is", tool->set.need_tpm ?
		    "--tpm" : "--allow-imported", tool->csr ? "request" :
		    "certificate");
}

int main(int argc, char **argv)
{
	struct tool tool = { .set = { .central = true, .peripheral = true,
				      .warn_days = 30 },
			     .timeout_s = 30 };
	enum status status = STATUS_OK;
	int c;

	diag_init(argv[0]);
	signal(SIGPIPE, SIG_IGN);
	tool.set.names = tool.names;
	tool.set.pins = tool.pins;
	while ((c = getopt_long(argc, argv, "a:d:k:n:p:t:vqhV", options, NULL)) != -1)
		take_option(&tool, c);
	verify_check_usage(&tool, argc, argv);
	tpm_wait_at_most(TPM_WAIT_S);
	/* Report a missing directory as such, not the file missing in it. */
	if (!tool.csr && optind == argc)
		status = identity_check_dir(identity_dir(tool.dir));
	if (!status)
		status = load_ca(&tool);
	if (!status && optind == argc)
		status = verify_subject(&tool, NULL);
	else if (!status)
		for (int i = optind; i < argc; i++)
			status = verdict_graver(status,
				verify_subject(&tool, argv[i]));
	verify_ca_free(&tool.set.ca);
	return (int)status;
}
