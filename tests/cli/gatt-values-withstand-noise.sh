#!/usr/bin/env bash
# The decoder of attribute values, the language of their formats, and the parser
# of what is typed for them, are fed with what a fuzzer makes of good ones:
# 300,000 times, with check --long twenty million times.
# time limit: 600
set -euo pipefail
cd "$T"
runs=300000
[ -z "${BLESEC_LONG:-}" ] || runs=20000000
"$S/tests/fuzz/run" gatt-value $runs
