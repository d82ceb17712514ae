#!/usr/bin/env bash
# The ATT server is fed with what a fuzzer makes of good requests, on links of
# all kinds: 200,000 times, with check --long five million times.
# time limit: 900
set -euo pipefail
cd "$T"
runs=200000
[ -z "${BLESEC_LONG:-}" ] || runs=5000000
"$S/tests/fuzz/run" gatt-server $runs
