#!/bin/bash
# Sessions run one after the other; every third is dropped by either end or on
# the air, every fourth is paired. No line is lost or doubled, and blesec-serve
# uses no more memory, descriptors or processes than after the first. This runs
# for 30 seconds, with check --long two minutes; tests/soak runs longer.
# time limit: 900
# only with --long: cli/many-sessions-leave-nothing-behind counts the same
set -eu
. "$S/tests/vm/lib.sh"

seconds=30
[ -z "${BLESEC_LONG:-}" ] || seconds=120
[ -z "${SOAK_SECONDS:-}" ] || seconds=$SOAK_SECONDS
identities
python3 "$S/tests/lib/soak.py" --seed "${SOAK_SEED:-1}" "$seconds" "$HCI1" \
	blesec-serve --dir sensor --pair hci1 --lines -- cat >figures ||
	fail "$(tail -n 3 figures serve.json serve.err)"
cat figures
jq -e '.sessions > 3 and .drops and .pairs' figures >/dev/null
