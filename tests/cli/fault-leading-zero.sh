#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Keys and shared secrets with leading zero octets work like any other (0.7 %
# of them crashed the prototype's peers).
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

# A P-256 key whose public point has an x that starts with a zero octet.
python3 "$S/tests/cli/fault-leading-zero-key.py" >"$T/scalar" ||
	fail "no such key"
read -r scalar point <"$T/scalar"
cat >"$T/key.cnf" <<CNF
asn1 = SEQUENCE:key
[key]
version = INTEGER:1
private = FORMAT:HEX,OCTETSTRING:$scalar
group = EXPLICIT:0,OID:prime256v1
public = EXPLICIT:1,FORMAT:HEX,BITSTRING:$point
CNF
openssl asn1parse -genconf "$T/key.cnf" -noout -out "$T/key.der" ||
	fail "no key"
openssl pkcs8 -topk8 -nocrypt -inform DER -in "$T/key.der" \
	-out "$T/zero-key.pem" 2>/dev/null || fail "no key"
identity zero ca keyfile="$T/zero-key.pem"

serve zero
attack fault-leading-zero.py
good_peer_is_served
serve_ends_well
