#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The key signs one TLS 1.3 CertificateVerify of its own role per session, and
# nothing else, even for an attacker who has taken over the process that talks
# to a peer. (The prototype's key signed any octets that a peer chose.)
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
export SERVE_PID=${PID[serve]}
attack fault-signing-oracle.py
good_peer_is_served
serve_ends_well
