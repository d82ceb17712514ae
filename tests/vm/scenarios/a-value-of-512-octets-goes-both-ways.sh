#!/bin/bash
# A central reads, writes and reliably writes a value of 512 octets, the
# contents of a file, through the channel, over ATT and over a credit-based
# channel.
# time limit: 300
# only with --long: cli/a-profile-is-served-in-the-channel has such a value
set -eu
. "$S/tests/vm/lib.sh"

uuid=12345678-0000-4000-8000-000000000002
identities
head -c 512 /dev/urandom >old
cat >profile.json <<END
{"services": [{"uuid": "12345678-0000-4000-8000-000000000001",
 "characteristics": [{"uuid": "$uuid",
  "properties": ["read", "write", "reliable-write"],
  "value": {"file": "old"}, "max": 512}]}]}
END
connect() # OPTION...
{
	blesec-connect --dir phone --adapter hci0 --bearer $bearer "$@" \
		"$HCI1" </dev/null >connect.json || fail "$(cat connect.json)"
}
same() # same FILE: as the last that was read
{
	jq -r 'select(.event == "read").value' connect.json | tail -n 1 |
		xxd -r -p | sha256sum >"$T/sum"
	[ "$(sha256sum <"$1")" = "$(cat "$T/sum")" ] ||
		fail "$bearer: not $1: $(cat connect.json)"
}
hex() { xxd -p -c 512 "$1"; }

serve --profile profile.json --bearer auto </dev/null
for bearer in att coc; do
	connect --read $uuid
	same old
	head -c 512 /dev/urandom >new
	connect --write "$uuid=hex:$(hex new)" --read $uuid
	same new
	[ "$(sha256sum <old)" = "$(sha256sum <new)" ] || fail "not in the file"
	head -c 512 /dev/urandom >newer
	connect --reliable-write "$uuid=hex:$(hex newer)" --read $uuid
	same newer
	[ "$(sha256sum <old)" = "$(sha256sum <newer)" ] || fail "not in the file"
done
expect 0 stop_serve
