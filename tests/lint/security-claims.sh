#!/bin/bash
# Every test that blesec-security(7) names is there, and it does name some:
# cli/NAME is tests/cli/NAME.sh, vm/NAME tests/vm/scenarios/NAME.sh, unit/NAME
# tests/unit/test-NAME.c, and fuzz/NAME tests/fuzz/NAME.c.
set -euo pipefail
status=0 count=0
while IFS=/ read -r kind name; do
	case $kind in
	cli) file=tests/cli/$name.sh ;;
	vm) file=tests/vm/scenarios/$name.sh ;;
	unit) file=tests/unit/test-$name.c ;;
	fuzz) file=tests/fuzz/$name.c ;;
	esac
	count=$((count + 1))
	if [ ! -f "$S/$file" ]; then
		echo "blesec-security(7) names $kind/$name: there is no $file"
		status=1
	fi
done < <(grep -Eo '(^|[^/])(cli|vm|unit|fuzz)/[a-z0-9-]+' "$S/man/blesec-security.7" |
	sed 's/^[^a-z]//' | sort -u)
echo "$count tests"
[ "$count" -ge 50 ] || status=1
exit "$status"
