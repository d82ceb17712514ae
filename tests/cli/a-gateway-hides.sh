#!/usr/bin/env bash
# --expose: a central sees only the services and characteristics that are
# named. --read-only: it cannot write. A bad value for either is reported in
# one line that names it.
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1

identities
cat >profile.json <<'END_OF_PROFILE'
{"expose": "link", "services": [
 {"uuid": "heart_rate", "characteristics": [
  {"uuid": "2a37", "properties": ["notify"], "value": {"stdin": true}},
  {"uuid": "2a38", "properties": ["read"], "value": 1},
  {"uuid": "2a39", "properties": ["write"],
   "value": {"command": {"write": ["sh", "-c", "cat >>written"]}}}]},
 {"uuid": "battery", "characteristics": [
  {"uuid": "battery_level", "properties": ["read", "notify"],
   "value": {"stdin": true}, "max": 1}]},
 {"uuid": "7d0e0001-1f3c-4d5a-9a60-6f2b1c7e8d90", "characteristics": [
  {"uuid": "7d0e0002-1f3c-4d5a-9a60-6f2b1c7e8d90",
   "properties": ["read", "write", "write-without-response"], "max": 40,
   "value": {"text": "stored"}},
  {"uuid": "7d0e0003-1f3c-4d5a-9a60-6f2b1c7e8d90",
   "properties": ["read", "write"], "value": {"text": "hidden"}}]}]}
END_OF_PROFILE
mkfifo lines
"$B/tools/blesec-serve" --dir sensor --profile profile.json \
	"unix:$T/peripheral" <>lines >peripheral.json 2>peripheral.err &
await 10 test -S peripheral

# gateway WHAT [OPTION...]: check what a central sees of the gateway
gateway() {
	serve --gateway "unix:$T/peripheral" "${@:2}" <never
	await 10 grep -q '"state":"ready"' serve.json
	python3 "$S/tests/cli/a-gateway-hides.py" "$1" ||
		fail "$*: $(cat serve.err serve.json)"
	stop_serve
	rm -f link
}

# A whole service by its name, and one characteristic of another service.
gateway service --expose heart_rate --expose 7D0E0002-1f3c-4d5a-9a60-6f2b1c7e8d90

# One characteristic by name, with its configuration descriptor.
gateway level --expose "Battery Level" --read-only

# Only configuration descriptors can be written.
gateway read-only --read-only
[ ! -e written ] || fail "written: $(cat written)"

# Without either option, the write reaches the peripheral.
gateway all
[ "$(cat written)" = hex:01 ]

# bad VALUE ARGUMENT...
bad() {
	local value=$1
	shift
	expect 2 "$B/tools/blesec-serve" --dir sensor "$@" unix:a \
		</dev/null >out 2>err
	sed -i '/: see --help$/d' err
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $*: $(cat err)"
	grep -qF -- "$value" err || fail "unnamed: '$value': $*: $(cat err)"
	[ ! -s out ] || fail "on stdout: $*"
}
long=$(printf 'x%.0s' {1..130})
for value in '' x unix: name: name:sensor hci0 00:11:22:33:44 \
	00:11:22:33:44:5G "hci0," hci0,hci1 hci0,x \
	"unix:$long"; do
	bad "\`${value#hci0,}'" --gateway "$value"
done
bad "\`hcix'" --gateway hcix,unix:b
bad hci99999 --gateway hci99999,00:11:22:33:44:55
bad "one --gateway" --gateway unix:b --gateway unix:c
for value in '' x 18 0x 180g 7d0e0001-1f3c-4d5a-9a60 heart-rates; do
	bad "\`$value'" --gateway unix:b --expose "$value"
done
many=()
for ((n = 0; n < 65; n++)); do many+=(--expose 180d); done
bad "more than 64" --gateway unix:b "${many[@]}"
bad --expose --expose 180d
bad --read-only --read-only
bad "doesn't allow" --gateway unix:b --read-only=yes
bad --profile --gateway unix:b --profile profile.json
bad --raw --gateway unix:b --raw
expect 2 "$B/tools/blesec-serve" --dir sensor --gateway unix:b unix:a \
	-- cat 2>err
grep -q 'a command' err
