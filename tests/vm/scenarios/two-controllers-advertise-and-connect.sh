#!/bin/bash
# hci0 finds hci1 by its advertising and opens an LE link and ATT to it.
set -eu
# shellcheck source=tests/vm/lib.sh
. "$S/tests/vm/lib.sh"

hciconfig hci0 up
hciconfig hci1 up
hciconfig hci1 leadv 0
timeout -s INT 3 hcitool -i hci0 lescan >"$T/scan" || :
cat "$T/scan"
grep -q "^$HCI1" "$T/scan" || fail "hci0 does not see $HCI1"
