#!/usr/bin/env bash
# Standard descriptors that are closed or fail, parents that are killed, an
# expired certificate of our own, a path that is not ours to remove.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/pki.sh"

identities

# A closed stdin is an end of input; a closed stdout is reported.
serve <never
"$B/tools/blesec-connect" --dir phone --count 1 "unix:$T/link" <&- >out 2>err &
client=$!
echo hello >&8
expect 0 wait "$client"
jq -es 'map(select(.event == "message").text) == ["hello"]' out >/dev/null
status=0
"$B/tools/blesec-connect" --dir phone "unix:$T/link" </dev/null >&- 2>err ||
	status=$?
[ "$status" = 1 ]
grep -q 'cannot write to stdout' err
# stderr is lost, and nothing else gets its number
expect 0 "$B/tools/blesec-connect" --dir phone --wait 1 "unix:$T/link" \
	<never >out 2>&-
grep -q '"secured"' out

# stdin that cannot be read
expect 1 "$B/tools/blesec-connect" --dir phone "unix:$T/link" <"$T" \
	>out 2>err
grep -q 'cannot read stdin' err
await 20 grep -q 'the peer reports a failure on its side' serve.json

# A parent that is killed takes its processes with it, also one that waits for
# a TPM that does not answer.
python3 "$S/tests/cli/started-and-ended-badly.py" "$T/deaf" &
deaf=$!
await 10 listens "$T/deaf"
await 10 listens "$T/deaf.ctrl"
"$B/tools/blesec-serve" --dir sensor --key handle:0x81000002 \
	--tcti "swtpm:path=$T/deaf" "unix:$T/other" </dev/null 2>err &
waiting=$!
await 20 pgrep -P "$waiting"
sleep 0.3
mapfile -t children < <(pgrep -P "$server"; pgrep -P "$waiting")
[ ${#children[@]} -ge 2 ]
kill -9 "$server" "$waiting"
wait "$server" || :
wait "$waiting" || :
gone() { ! kill -0 "${children[@]}"; }
await 20 gone
kill "$deaf"
rm -f link

# Only a socket that nobody listens at is replaced.
echo mine >file
mkfifo fifo
ln -s file link-to-file
for there in file fifo link-to-file ca; do
	expect 5 "$B/tools/blesec-serve" --dir sensor "unix:$T/$there" \
		</dev/null >out 2>err
	grep -q 'not a socket' err
done
[ "$(cat file)" = mine ] && [ -p fifo ] && [ -L link-to-file ]
serve <never
expect 5 "$B/tools/blesec-serve" --dir sensor "unix:$T/link" \
	</dev/null >out 2>err
grep -q 'another process listens' err
expect 0 connect --wait 1 <never >out
stop_serve

# Our own expired certificate is used, with a warning.
for dates in 'from=20200101000000Z to=20200201000000Z' \
	'from=20990101000000Z to=20990201000000Z'; do
	# shellcheck disable=SC2086
	pki_identity old ca name=phone $dates
	serve </dev/null
	expect 4 "$B/tools/blesec-connect" --dir old "unix:$T/link" \
		</dev/null >out 2>err
	grep -Eq 'was valid until 2020-02-01|not valid before 2099-01-01' err
	stop_serve
	rm -r old
done
