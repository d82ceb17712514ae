#!/bin/bash
# "make install" puts the programs, a manual page for each and the units of
# systemd under the prefix and nothing elsewhere, they work from there, and
# "make uninstall" takes all of it away.
set -euo pipefail
D=$T/dest
make -C "$B" -s install DESTDIR="$D"
(cd "$D" && find . -type f) | sort | tee "$T/files"

status=0
complain()
{
	echo "install: $*"
	status=1
}

if grep -v '^\./usr/\(bin\|share\|lib/systemd/system\)/' "$T/files"; then
	complain "the above are outside of /usr/bin, /usr/share and /usr/lib/systemd"
fi
for unit in service timer; do
	grep -q "^./usr/lib/systemd/system/blesec-fetch-crl\.$unit\$" "$T/files" ||
		complain "no $unit"
done
grep -q '^ExecStart=/usr/bin/blesec-provision ' \
	"$D"/usr/lib/systemd/system/*.service || complain "no program in the unit"
if command -v systemd-analyze >/dev/null; then
	# What it starts must be there.
	mkdir -p "$T/units"
	for unit in "$D"/usr/lib/systemd/system/*; do
		sed "s,=/usr/bin/,=$D/usr/bin/," "$unit" >"$T/units/${unit##*/}"
	done
	systemd-analyze verify --man=no "$T"/units/* >"$T/out" 2>&1 ||
		complain "units: $(cat "$T/out")"
	! grep blesec-fetch-crl "$T/out" || complain "units: the above"
fi
grep -q '/blesec-serve$' "$T/files" || complain "no blesec-serve"
for program in "$D"/usr/bin/*; do
	name=$(basename "$program")
	for option in --help --version; do
		"$program" $option >"$T/out" 2>"$T/err" || complain "$name $option: $?"
		[ -s "$T/out" ] || complain "$name $option prints nothing"
		[ ! -s "$T/err" ] || complain "$name $option: $(cat "$T/err")"
	done
	grep -q "/$name\.[18]$" "$T/files" || complain "no manual page $name"
done
if find "$D" -perm /022 ! -type l | grep .; then
	complain "others may write to the above"
fi

make -C "$B" -s uninstall DESTDIR="$D"
if find "$D" -type f | grep .; then
	complain "the above are still there after uninstall"
fi
exit "$status"
