#!/bin/bash
# BlueZ's gatttool walks the database while blesec-serve runs, reads what it
# may, and gets the right error for the rest.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities
serve </dev/null
# btmgmt wants a terminal
script -qc "btmgmt --index 0 le on" /dev/null </dev/null
hciconfig hci0 up
# Use a new link for each: gatttool might otherwise get the last one while the
# kernel ends it.
tool()
{
	wait_for 10 no_links
	timeout 60 gatttool -i hci0 -b "$HCI1" "$@" 2>&1
}
tool --primary >primary
grep -q 'uuid: 92920001-08cf-48be-bf4d-1ec88ca40b88' primary
tool --characteristics >characteristics
for n in 2 3 4; do
	grep -q "9292000$n-08cf-48be-bf4d-1ec88ca40b88" characteristics
done
tool --char-desc | grep -q 2902
tool --char-read --uuid 2a00 | grep -q '73 65 6e 73 6f 72 2d 37' # sensor-7
tool --char-read --uuid 92920002-08cf-48be-bf4d-1ec88ca40b88 |
	grep -q '01 01 00 00 00 02 40'
handle() {
	sed -n "s/.*char value handle = \(0x[0-9a-f]*\), uuid = 9292000$1-.*/\1/p" \
		characteristics
}
tool --char-read --handle "$(handle 4)" | grep -q "can't be read"
tool --char-write-req --handle "$(handle 3)" --value 0102 |
	grep -q "can't be written"
# after garbage as the first write, the next central is still served
tool --char-write --handle "$(handle 3)" --value ffffffff || :
wait_for 10 no_links
expect 0 blesec-connect --dir phone "$HCI1" </dev/null >connect.json
grep -q '"secured"' connect.json
expect 0 stop_serve
