#!/bin/bash
# name:NAME scans, connects, and accepts only that name.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities
serve </dev/null
expect 0 blesec-connect --dir phone name:sensor-7 </dev/null >connect.json
grep -q '"peer":"sensor-7"' connect.json
expect 7 blesec-connect --dir phone --connect-timeout 3 name:sensor-8 \
	</dev/null 2>err
grep -q 'sensor-8' err
expect 0 stop_serve
