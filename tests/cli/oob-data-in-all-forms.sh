#!/usr/bin/env bash
# Out-of-band data survives a round trip through every format, also as a QR
# code that zbarimg reads. Anything else is refused with a message.
set -euo pipefail
. "$S/tests/lib/session.sh"

oob() { "$B/tools/blesec-oob" "$@"; }

for type in public random; do
	jq -nc --arg type $type '{address: "C0:AA:01:01:00:01", type: $type,
		role: "central", confirm: "00112233445566778899aabbccddeeff",
		rand: "ffeeddccbbaa99887766554433221100"}' >in
	for format in json eir ndef hex; do
		oob convert --format $format in >out
		oob convert out | cmp - in
		oob convert <out | cmp - in
		case $format in
		eir | ndef) xxd -p out | oob convert | cmp - in ;;
		esac
	done
	oob convert --format btmgmt in >out
	oob convert out | cmp - <(jq -c '.role = "unknown"' in)
	sed 's/^/btmgmt /' out | oob convert | grep -q C0:AA:01:01:00:01
	oob convert --format png in >qr.png
	zbarimg -q --raw qr.png 2>/dev/null | oob convert | cmp - in
done
# As a terminal shows it, turned into a picture.
oob convert --format qr in | python3 "$S/tests/cli/oob-data-in-all-forms.py" >qr.pbm
zbarimg -q --raw qr.pbm 2>/dev/null | oob convert | cmp - in

# The octets in the order of the specification.
oob convert --format hex in >out
eir=$(cat out)
[ "$eir" = "081B01000101AAC001021C01112200112233445566778899AABBCCDDEEFF1123FFEEDDCCBBAA99887766554433221100" ] ||
	fail "$eir"
oob convert --format ndef in | head -c 35 | tail -c 32 >mediatype
[ "$(cat mediatype)" = application/vnd.bluetooth.le.oob ]
[ "$(oob convert --format ndef in | head -c 3 | xxd -p)" = d22030 ]

# Valid forms that others write: a long record, one with an ID, the second of
# two, other structures before, zeros behind.
mime=$(printf application/vnd.bluetooth.le.oob | xxd -p | tr -d '\n')
for record in "c22000000030$mime$eir" "da203002${mime}3132$eir" \
	"910102550061522030$mime$eir" "0409414243${eir}0000"; do
	oob convert <<<"$record" | cmp - in || fail "$record"
done

refused() # TEXT: stdin
{
	local status=0
	oob convert >out 2>err || status=$?
	[ "$status" = 3 ] || fail "status $status: $1"
	grep -q -- "$1" err || fail "no '$1': $(cat err)"
	[ "$(wc -l <err)" = 1 ] && [ ! -s out ]
}
refused empty </dev/null
refused 'in no known format' <<<hello
refused 'not JSON' <<<'{"address":'
refused 'lacks' <<<'{}'
refused 'lacks' <<<'{"address":1}'
refused 'hexadecimal' < <(jq -c '.rand = "00"' in)
refused 'AA:BB' < <(jq -c '.address = "00:11"' in)
refused 'neither' < <(jq -c '.type = "odd"' in)
refused 'no address' < <(echo 021C01)
refused 'no confirm' < <(echo 081B01000101AAC001)
refused 'longer' < <(echo "${eir}05")
refused 'twice' < <(echo "$eir$eir")
refused 'follows' < <(echo "${eir}0001")
refused 'wrong length' < <(echo 071B01000101AAC0)
refused 'cut short' < <(xxd -r -p <<<"d2203061")
refused 'longer than' < <(head -c 5000 /dev/urandom | base64)
refused 'no record' < <(xxd -r -p <<<"d101005561")
refused 'in no known format' <<<'btmgmt le-oob'
refused '-R' <<<'remote-oob -t 1 -R 00 -H 00 00:11:22:33:44:55'
refused 'lacks' <<<'remote-oob -t 1 00:11:22:33:44:55'

# These need no Bluetooth; those that do say so.
[ "$(oob methods | wc -l)" = 25 ]
tool=("$B/tools/blesec-oob")
bad() {
	local value=$1 status=0
	shift
	"${tool[@]}" "$@" >out 2>err </dev/null || status=$?
	[ "$status" = 2 ] || fail "status $status: $*: $(cat err)"
	grep -qF -- "$value" err || fail "no '$value': $*: $(cat err)"
}
bad 'no command given' --
bad frob frob
bad 'needs an adapter' read
bad "\`hcix'" read hcix
bad "\`unix:x'" read unix:x
bad 'extra' clear hci0 extra
bad 'needs the address' unpair hci0
bad "\`hci1'" pair hci0 hci1
bad "\`odd'" pair hci0 --io-capability odd
bad "\`maybe'" pair hci0 --confirm maybe
bad "\`6'" pair hci0 --min-key-size 6
bad "\`1000000'" pair hci0 --passkey 1000000
bad 'exclude' pair hci0 --require-oob --no-require-oob
status=0
oob convert --format odd in >out 2>err || status=$?
[ "$status" = 2 ] && grep -q "\`odd'" err
