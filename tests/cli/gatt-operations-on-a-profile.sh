#!/usr/bin/env bash
# blesec-connect --discover, --read, --write, --notify, --indicate on the profile
# of blesec-serve: in order, decoded, of any length, and what cannot be done.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
mkfifo lines
exec 7<>lines
cat >profile.json <<'END'
{"services": [
 {"uuid": "heart_rate", "characteristics": [
  {"uuid": "2a37", "properties": ["notify"], "value": {"stdin": true}},
  {"uuid": "2a38", "properties": ["read"], "value": 1}]},
 {"uuid": "battery", "characteristics": [
  {"uuid": "2a19", "properties": ["read", "write", "indicate"], "value": 97}]},
 {"uuid": "12345678-0000-4000-8000-000000000001", "type": "secondary",
  "includes": ["battery"], "characteristics": [
  {"uuid": "12345678-0000-4000-8000-000000000002",
   "properties": ["read", "write", "write-without-response",
    "reliable-write"],
   "value": {"text": "stored"}, "description": "a store"},
  {"uuid": "12345678-0000-4000-8000-000000000003", "properties": ["read"],
   "value": {"text": "secret"}, "read": {"peers": ["nobody"]}}]}]}
END
serve --profile profile.json <&7
event() { jq -c "select(.event == \"$1\") | $2" connect.json; } # EVENT FILTER
own=12345678-0000-4000-8000-00000000000

connect --discover </dev/null >connect.json
[ "$(event service '[.uuid, .name, .primary]')" = '["1800","Generic Access",true]
["1801","Generic Attribute",true]
["180d","Heart Rate",true]
["180f","Battery",true]
["'$own'1",null,false]' ] || fail "$(cat connect.json)"
[ "$(event characteristic 'select(.uuid == "2a37") | .properties')" = '["notify"]' ]
[ "$(event descriptor .uuid | sort | uniq -c | sed 's/ //g' | tr '\n' ' ')" = \
	'1"2900" 1"2901" 2"2902" ' ] || fail "$(event descriptor .uuid)"
[ "$(event include .uuid)" = '"180f"' ]
[ "$(event discovered .)" != '' ]

# In their order, each as often as it is asked.
long=$(printf '%01024x' 7)
connect --read "battery level" --write 2a19=42 --read 2a19 \
	--write ${own}2=hex:"$long" --read ${own}2 --write-command ${own}2=text:x \
	--read ${own}2 --reliable-write ${own}2=base64:AAEC --read ${own}2 \
	--read body-sensor-location --read 2901 </dev/null >connect.json ||
	fail "$(cat connect.json)"
[ "$(jq -r 'select(.event == "read" or .event == "written") |
	.event[:1] + " " + (.value // "")' connect.json)" = "r 61
w 
r 2a
w 
r $long
w 
r 78
w 
r 000102
r 01
r 612073746f7265" ] || fail "$(cat connect.json)"
[ "$(event read 'select(.uuid == "2a19").decoded.value')" = '97
42' ] || fail "$(cat connect.json)"
[ "$(event read 'select(.uuid == "2a38").decoded')" != null ]

# What cannot be done is said, and what comes after it is done.
expect 1 connect --read 2a37 --read 2a6e --read ${own}3 --write 2a38=2 \
	--read 2a38 </dev/null >connect.json 2>err
[ "$(event read '[.uuid, .error, .reason]')" = \
'["2a37",null,"its properties do not permit that"]
["2a6e",null,"it has no attribute of that UUID"]
["'$own'3",8,"Insufficient Authorization"]
["2a38",null,null]' ] || fail "$(cat connect.json)"
[ "$(event written .reason)" = '"its properties do not permit that"' ]

# Until there are so many.
start_connect --notify 2a37 --indicate 2a19 --count 3 <never >connect.json
await 20 grep -q '"subscribed".*2a19' connect.json
echo '{"uuid":"2a37","value":"hex:0048"}' >&7
echo '{"uuid":"2a37","value":"hex:0049"}' >&7
await 20 grep -q '0049' connect.json
"$B/tools/blesec-connect" --dir phone --write 2a19=11 "unix:$T/link" </dev/null \
	>/dev/null
expect 0 wait "$client"
[ "$(event notification .decoded.rate_bpm)" = '72
73' ] || fail "$(cat connect.json)"
[ "$(event indication .decoded.value)" = 11 ]
stop_serve

# A peer without a profile has nothing.
serve </dev/null
expect 1 connect --read 2a19 </dev/null >connect.json
[ "$(event read .reason)" = '"it has no attribute of that UUID"' ]
stop_serve

# The two scripts.
export PATH=$B/tools:$S/scripts:$PATH
"$S/scripts/heart-rate-peripheral" --dir sensor "unix:$T/link" >serve.json &
server=$!
await 10 test -S link
"$S/scripts/heart-rate-monitor" --dir phone --count 3 "unix:$T/link" >beats
[ "$(awk -F '\t' '$2 >= 50 && $2 < 180 && $3 > 0.3' beats | wc -l)" = 3 ] ||
	fail "$(cat beats)"
pkill -P "$server" || :
wait "$server" || :
rm -f link

for nonsense in '--read 2axx' '--write 2a19' '--write 2a19=many' \
	'--write 2a19=300' '--notify no-such-thing' \
	"--write ${own}2=zz" '--raw --discover'; do
	# shellcheck disable=SC2086
	expect 2 connect $nonsense </dev/null 2>err >/dev/null
	grep -q -- "${nonsense##* }\|--raw" err || fail "$nonsense: $(cat err)"
done
