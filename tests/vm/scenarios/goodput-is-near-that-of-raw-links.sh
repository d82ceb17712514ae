#!/bin/bash
# time limit: 900
# The channel takes hardly more of the air than bare L2CAP does for the same
# octets, over ATT and over a credit-based channel, both ways. How fast it is
# depends on what else the machine has to do.
# only with --long: cli/figures-message counts the octets that the channel adds
set -eu
. "$S/tests/vm/lib.sh"

"$S/tests/bench/goodput" --in-guest 1 1 >"$T/figures"
cat "$T/figures"
[ "$(wc -l <"$T/figures")" = 4 ]
jq -e -s 'all(.air_ratio >= 0.95 and .air_ratio <= 1.02)' \
	"$T/figures"
