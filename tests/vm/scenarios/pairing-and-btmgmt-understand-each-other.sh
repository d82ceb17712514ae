#!/bin/bash
# blesec-oob accepts the data that btmgmt reads, and btmgmt accepts ours.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

blesec-oob info hci0 | jq -e '.oob and (.supported | index("secure-conn"))' \
	>/dev/null
for i in 0 1; do
	mgmt --index $i power off >/dev/null
	mgmt --index $i le on >/dev/null
	mgmt --index $i ssp on >/dev/null
	mgmt --index $i sc on >/dev/null
	mgmt --index $i power on >/dev/null
done
# The form in which a user would copy it from btmgmt's output.
mgmt --index 1 le-oob >"$T/le-oob"
value() { sed -n "s/.*$1: *\([0-9a-f]*\).*/\1/p" "$T/le-oob" | tail -n 1; }
confirm=$(value 'SC Confirmation Value') random=$(value 'SC Random Value')
[ ${#confirm}${#random} = 3232 ] || fail "$(cat "$T/le-oob")"
echo "remote-oob -t 1 -R $random -H $confirm $HCI1" | blesec-oob add hci0

line=$(blesec-oob read hci0 --format btmgmt)
# btmgmt pairs, but does not exit afterwards.
script -qefc "btmgmt --index 1 $line" /dev/null </dev/null >"$T/remote-oob" &
wait_for 10 grep -qi 'added' "$T/remote-oob" || fail "$(cat "$T/remote-oob")"
kill $!
wait $! || :

# blesec-oob has no note of the responder's data, because btmgmt added it.
mkdir -p /run/blesec
echo "$HCI0 $(stat -Lc %i /sys/class/bluetooth/hci1)" >>/run/blesec/hci1.oob
pair_respond
pair_initiate
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
[ "$(said i paired .method)$(said i paired .level)" = oob4 ]
