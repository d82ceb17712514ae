#!/usr/bin/env bash
# The loader of GATT profiles is fed with what a fuzzer makes of good and of
# wrong ones: 100,000 times, with check --long five million times.
# time limit: 600
set -euo pipefail
cd "$T"
runs=100000
[ -z "${BLESEC_LONG:-}" ] || runs=5000000
"$S/tests/fuzz/run" gatt-profile $runs
