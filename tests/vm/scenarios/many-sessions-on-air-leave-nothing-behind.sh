#!/bin/bash
# Sessions one after the other, every third dropped by either end or on the air,
# every fourth paired: no line is lost or doubled, and blesec-serve has no more
# memory, descriptors or processes than after the first. 30 seconds of it, with
# check --long two minutes; tests/soak is the same for longer.
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
