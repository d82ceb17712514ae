#!/usr/bin/env bash
# The GATT explorer is fed with what a fuzzer makes of a server's good answers,
# whatever it is to do: 300,000 times, with check --long ten million times.
# time limit: 900
set -euo pipefail
cd "$T"
runs=300000
[ -z "${BLESEC_LONG:-}" ] || runs=10000000
"$S/tests/fuzz/run" gatt-explorer $runs
