#!/usr/bin/env bash
# A GATT profile inside the channel, read by an independent client, the second
# implementation. Values are constant, written, or come from a file, from
# stdin, from commands or from a process; they are notified and indicated to
# subscribers, and some are for certain peers only.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
mkfifo lines
exec 7<>lines
printf 'first' >value.txt
cat >profile.json <<'END'
{"appearance": 833, "services": [
 {"uuid": "heart_rate", "characteristics": [
  {"uuid": "2a37", "properties": ["notify"], "value": {"stdin": true}},
  {"uuid": "2a38", "properties": ["read"], "value": 1},
  {"uuid": "2a39", "properties": ["write"],
   "value": {"command": {"write": ["sh", "-c", "cat >>controlled"]}}}]},
 {"uuid": "battery", "characteristics": [
  {"uuid": "2a19", "properties": ["read"],
   "value": {"command": {"read": ["sh", "-c", "cat level"]}}}]},
 {"uuid": "12345678-0000-4000-8000-000000000001", "characteristics": [
  {"uuid": "12345678-0000-4000-8000-000000000002",
   "properties": ["read", "write", "write-without-response", "indicate"],
   "value": {"text": "stored"}, "max": 512},
  {"uuid": "12345678-0000-4000-8000-000000000003",
   "properties": ["read", "write", "notify"], "value": {"file": "value.txt"}},
  {"uuid": "12345678-0000-4000-8000-000000000004",
   "properties": ["notify"],
   "value": {"process": ["sh", "-c",
    "while sleep 0.3; do n=$((n + 1)); echo text:tick $n; done", "TEST"]}},
  {"uuid": "12345678-0000-4000-8000-000000000005", "properties": ["read"],
   "value": {"text": "for the sensor"}, "read": {"peers": ["sensor*"]}},
  {"uuid": "12345678-0000-4000-8000-000000000006", "properties": ["read"],
   "value": {"text": "for phones"},
   "read": {"security": "secure-connections", "min_key_size": 16,
    "peers": ["phone"]}},
  {"uuid": "12345678-0000-4000-8000-000000000007",
   "properties": ["write-without-response"],
   "value": {"command": {"write": ["sleep", "1"]}}}]}]}
END
sed -i "s,TEST,$T," profile.json
ticks() { pgrep -f "text:tick.*$T" >/dev/null; }
echo 97 >level
serve --profile profile.json <&7

export T PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1
timeout 60 python3 "$S/tests/cli/a-profile-is-served-in-the-channel.py" >said ||
	fail "$(cat serve.json serve.err)"
grep -q 'all of it' said
grep -q '"event":"write".*"uuid":"2a39","value":"01"' serve.json
for text in 'not {"uuid":...,"value":...}: nonsense' 'does not take .2a38. from it' \
	"ended with status 1" "is not run: 4 programs are running already, 4 for this peer"; do
	grep -q "$text" serve.err || fail "not said: $text: $(cat serve.err)"
done
ticks
stop_serve
! ticks || fail "the process goes on"

expect 3 "$B/tools/blesec-serve" --dir sensor --profile nosuch \
	"unix:$T/l" 2>err
grep -q nosuch err
expect 2 "$B/tools/blesec-serve" --dir sensor --profile profile.json \
	"unix:$T/l" -- cat 2>err
grep -q 'does not go together' err
