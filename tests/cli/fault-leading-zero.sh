#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Keys and shared secrets with leading zero octets are as good as others (0.7 %
# of them crashed the prototype's peers).
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

# A P-256 key whose public point has an x that starts with a zero octet.
python3 - >"$T/scalar" <<'PY' || fail "no such key"
P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)
point, k = G, 1
while point[0] >> 248 or k == 1:
    (x1, y1), (x2, y2) = point, G
    slope = ((3 * x1 * x1 - 3) * pow(2 * y1, -1, P) if point == G
             else (y2 - y1) * pow(x2 - x1, -1, P))
    x3 = (slope * slope - x1 - x2) % P
    point, k = (x3, (slope * (x1 - x3) - y1) % P), k + 1
print(f"{k:064x} 04{point[0]:064x}{point[1]:064x}")
PY
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
attack <<'PY'
from attack import *  # noqa

# As the peer's certificate, and under our own signatures.
peer = opened()
peer.handshake(client("zero"))
peer.ready()
peer.bye()

# A shared secret with a zero octet at either end, against connect: its share
# comes first, ours is made to fit, for which it waits.
for end in 0, 31:
    tool, peer = met("--timeout", "90", "--count", "1")
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    while toytls.x25519(toy.secret, toy.client_share)[end]:
        toy.secret = os.urandom(32)
    toy.server_hello()
    toy.encrypted_extensions()
    toy.certificate_request()
    toy.send_certificate([f"{T}/zero/cert.pem"])
    toy.send_verify(f"{T}/zero/key.pem")
    toy.send_finished()
    toy.read_client_flight()
    toy.receive()
    body = peer.ready_body()
    toy.send(b"\0\0" + bytes([len(body)]) + body + b"\x10\0\2hi")
    toy.receive()
    tool.ends(0, "done")
PY
good_peer_is_served
serve_ends_well
