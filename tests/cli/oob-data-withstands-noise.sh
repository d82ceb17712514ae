#!/usr/bin/env bash
# The parsers of out-of-band data, JSON, EIR, NDEF, hexadecimal and btmgmt's, are
# fed with what a fuzzer makes of good data: 300,000 times, with check --long
# twenty million times.
# time limit: 600
set -euo pipefail
cd "$T"
runs=300000
[ -z "${BLESEC_LONG:-}" ] || runs=20000000
"$S/tests/fuzz/run" oob $runs
