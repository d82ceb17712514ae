#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# TLS 1.2 and older are refused with protocol_version, whoever offers them.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
REASON="protocol error"
central_is_refused central 70 -tls1_2
attack <<'PY'
from attack import *  # noqa

said = Said()
toy = toytls.Toy(opened())
toy.client_hello(versions=(0x0303, 0x0302))
expect_alert([70], toy.read_record)
said.closed("protocol error")

for version in 0x0303, 0x0302, None:
    tool, peer = met()
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    toy.server_hello(version=version)
    toy.writing = toy.reading = None
    # A ServerHello of 1.2 is refused for what it is, or for what it has.
    expect_alert([70, 47, 109], toy.read_record)
    tool.ends(5, "protocol error")
PY
s_server peripheral -tls1_2
connect_fails 5 "protocol error"
good_peer_is_served
serve_ends_well
