#!/usr/bin/env bash
# On a machine whose openssl.cnf gives all cryptography to the TPM, everything
# still works, and only our own key uses it.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

cat >conf <<'END'
openssl_conf = init
[init]
providers = providers
alg_section = algorithms
[providers]
tpm2 = active
default = active
[active]
activate = 1
[algorithms]
default_properties = ?provider=tpm2
END
start_tpm
export OPENSSL_CONF=$T/conf
# otherwise the test would show nothing
openssl list -providers </dev/null 2>&1 | grep tpm2 >/dev/null
ca init --dir ca --name "Example CA"
provision --tpm --no-address --name sensor --ca ca --dir sensor >/dev/null
provision --no-tpm --no-address --name phone --ca ca --dir phone >/dev/null
serve </dev/null
connect </dev/null >out
grep -q '"secured"' out
stop_serve
[ -z "$(OPENSSL_CONF=/dev/null tpm2_getcap handles-transient)" ]
