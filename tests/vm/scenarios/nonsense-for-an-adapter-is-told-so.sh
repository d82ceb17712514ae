#!/bin/bash
# An adapter that does not exist, and one that cannot be used.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities
expect 5 blesec-serve --dir sensor hci7 </dev/null 2>err
grep -q 'no adapter hci7; there is hci0, hci1\|no adapter hci7; there is hci1, hci0' err
[ "$(wc -l <err)" = 1 ]
expect 5 blesec-connect --dir phone --adapter hci7 "$HCI1" </dev/null 2>err
[ "$(wc -l <err)" = 1 ]
expect 7 blesec-connect --dir phone --connect-timeout 2 11:22:33:44:55:66 \
	</dev/null 2>err
grep -q 11:22:33:44:55:66 err
chmod 755 "$T" && chmod -R a+rX "$T" && chmod 600 sensor/key.pem
chown -R nobody phone sensor
expect 8 setpriv --reuid nobody --clear-groups blesec-serve --dir sensor hci1 \
	</dev/null 2>err
grep -q CAP_NET_ADMIN err
