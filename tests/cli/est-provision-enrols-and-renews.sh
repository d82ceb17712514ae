#!/usr/bin/env bash
# blesec-provision --est: a first identity, its renewal, a new key, and another
# identity as the client. While the server is still deciding, the key is kept.
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/est.sh"

est_files
start_tpm
start_est --user device --password secret
from() { provision --est "$url" --est-ca web/cacert.pem "$@"; }
state() { (cd id && sha256sum ./*); }

refused 2 'belong to --est URL' provision --user x --csr --dir id
refused 2 'excludes' provision --est "$url" --csr --dir id
refused 2 'nothing says how to trust the EST server' provision --est "$url" --no-tpm --name a \
	--no-address --dir none
[ ! -e none ] && [ ! -e none.next ]

# the first identity, with the key in the TPM; the CA's certificate comes along
from --user device --password-file password --tpm --name sensor \
	--no-address --dir id >out
[ "$(jq -c '[.event, .name, .tpm]' out)" = '["provisioned","sensor",true]' ]
cmp id/ca.pem ca/cacert.pem
[ ! -e id.next ]
key=$(openssl x509 -in id/cert.pem -noout -pubkey)

# it renews itself: the same key, no password
: >requests
before=$(state)
from --dir id >out
grep -q simplereenroll requests
[ "$(openssl x509 -in id/cert.pem -noout -pubkey)" = "$key" ]
[ "$(state)" != "$before" ]

# a refusal, whatever its cause, changes nothing
before=$(state)
switch simplereenroll:other-key
refused 3 'another key' from --dir id
switch simplereenroll:status=500
refused 3 '500' from --dir id --force
[ "$(state)" = "$before" ] && [ ! -e id.next ]
switch

# a new key, authenticated by the old one; in software now
from --dir id --force --no-tpm >out
[ "$(jq -c .tpm out)" = false ]
same_key id

# this identity enrols another device
from --cert id --no-tpm --name two --no-address --dir two >out
same_key two
[ "$(jq -r .name out)" = two ]

# the server is still deciding: the next run asks with the same key
switch simpleenroll:pending=1 simpleenroll:retry=3600
refused 7 'ask again in 3600 s' from --cert id --no-tpm --name three \
	--no-address --dir three
[ ! -e three ]
waiting=$(sha256sum <three.next/key.pem)
switch
from --cert id --no-tpm --name three --no-address --dir three >out
[ "$(sha256sum <three/key.pem)" = "$waiting" ]
same_key three
[ ! -e three.next ]

# given anchors apply
refused 3 'does not chain to the CA' from --dir id --ca other
stop_est
