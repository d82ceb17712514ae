#!/bin/bash
# With --bond and no bluetoothd the keys are kept, including the signature keys,
# and no other user can read them. After both adapters were unplugged, the keys
# encrypt the link again. Without --bond the keys are gone. unpair removes them.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities
rm -rf /var/lib/blesec
off()
{
	wait_for 10 no_links
	controllers_down
	controllers_up || fail "no controllers"
}
# Only the key can give level "high": nothing here pairs.
encrypted()
{
	timeout 40 gatttool -i hci0 -b "$HCI1" --sec-level=high --primary \
		>"$T/gatttool" 2>&1 && grep -q 'attr handle' "$T/gatttool"
}
swap_oob
pair_respond --bond --show-keys
pair_initiate --bond --show-keys
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
[ "$(said i paired .bonded)" = true ]
[ "$(stat -c %a "/var/lib/blesec/$HCI0.bonds")" = 600 ]
[ "$(jq -r .address "/var/lib/blesec/$HCI0.bonds")" = "$HCI1" ]
[ "$(jq -r .address "/var/lib/blesec/$HCI1.bonds")" = "$HCI0" ]
# The kernel reports two signing keys, the peer's first.
csrk()
{
	jq -r 'select(.csrk_authenticated == true and .sign_counter == 0).csrk' \
		"/var/lib/blesec/$1.bonds"
}
first_csrk()
{
	said "$1" key 'select(.key == "CSRK").value' | head -n 1
}
[ -n "$(csrk "$HCI0")" ]
[ -n "$(csrk "$HCI1")" ]
[ "$(csrk "$HCI0")" = "$(first_csrk i)" ]
[ "$(csrk "$HCI1")" = "$(first_csrk r)" ]
[ "$(csrk "$HCI0")" != "$(csrk "$HCI1")" ]
off
serve </dev/null
blesec-oob read hci0 >/dev/null		# switches it on
encrypted || fail "the bond is lost: $(cat "$T/gatttool")"
stop_serve

off
swap_oob
blesec-oob unpair hci0 "$HCI1" || :
blesec-oob unpair hci1 "$HCI0" || :
[ ! -s "/var/lib/blesec/$HCI0.bonds" ] && [ ! -s "/var/lib/blesec/$HCI1.bonds" ]
pair_respond
pair_initiate
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
off
serve </dev/null
blesec-oob read hci0 >/dev/null
! encrypted || fail "what was no bond is kept"
stop_serve
