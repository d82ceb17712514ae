#!/usr/bin/env bash
# The runner tries a failed test once more, says so, and accepts one test that
# passes only then. It does not accept a second such test, or anything that a
# sanitizer has found.
set -eu
cd "$T"

# expect STATUS LAST-LINE TEST...
expect()
{
	local status=0 wanted=$1 last=$2
	shift 2
	rm -f tried-*
	"$S/tests/run" -a -x bash "$@" >out || status=$?
	if [ "$status" != "$wanted" ] || [ "$(tail -n 1 out)" != "$last" ]; then
		echo "status $status, not $wanted, or another sum: $*"
		cat out
		exit 1
	fi
}

for n in 1 2; do
	cat >once-$n.sh <<-E2
		[ -z "\$(ls "\$T")" ] || exit 5
		touch "\$T/left"
		[ -e "$T/tried-$n" ] || { touch "$T/tried-$n"; echo "$n at first"; exit 1; }
	E2
done
echo 'echo wrong; exit 1' >never.sh
sed 's/at first/ERROR: AddressSanitizer/' once-1.sh >found.sh
sed 's/exit 1/exit 99/' once-1.sh >found-too.sh

expect 0 "1 passed, 0 failed, 0 skipped" once-1.sh
grep -q '^again once-1 (status 1)' out
grep -q '^    1 at first$' out
grep -q '^ok once-1 (.*, at the second try)$' out
[ "$(sed '1,/^unsteady/d' out | grep -c 'once-')" = 1 ]
expect 1 "2 passed, 0 failed, 0 skipped" once-[12].sh
[ "$(sed '1,/^unsteady/d' out | grep -c 'once-')" = 2 ]
grep -q '^more than one is unsteady' out
expect 1 "0 passed, 1 failed, 0 skipped" never.sh
grep -q '^again never ' out
for found in found found-too; do
	expect 1 "0 passed, 1 failed, 0 skipped" $found.sh
	if grep '^again' out; then exit 1; fi
done
