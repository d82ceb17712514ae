#!/bin/bash
# Each number of common/base/limits.h is in the words of the manual page that
# the comment above it quotes, and those words are in the page.  Milliseconds
# (_MS) are seconds there, unless it has a greater unit.
set -euo pipefail
header=$S/common/base/limits.h
status=0 count=0 quote=''

wrong()
{
	echo "limits.h: $*"
	status=1
}

# page NAME: its text in one line.
page()
{
	tr '\n' ' ' <"$S/man/$1" | tr -s ' '
}

# numbers TEXT: the digits and the words for numbers that are in it.
numbers()
{
	grep -Eow '[0-9]+|a|one|two|three|four|five|six|ten|half' <<<"$1" |
		sed 's/^a$/1/; s/^one$/1/; s/^two$/2/; s/^three$/3/; s/^four$/4/
			s/^five$/5/; s/^six$/6/; s/^ten$/10/' || :
}

while IFS= read -r line; do
	case $line in
	*man:*) quote=$line ;;
	'#define BLESEC_LIMITS_H') ;;
	'#define '*)
		name=${line#\#define } name=${name%% *}
		value=$((${line#*"$name"}))
		if [[ ! $quote =~ man:\ ([a-z-]+)\(([0-9])\)\ \"([^\"]+)\" ]]; then
			wrong "$name: no man: page(section) \"words\" above it"
			continue
		fi
		file=${BASH_REMATCH[1]}.${BASH_REMATCH[2]}
		words=${BASH_REMATCH[3]} quote=''
		count=$((count + 1)) unit=1
		case $words in
		*'half a minute'*) unit=30 ;;
		*minute*) unit=60 ;;
		*hour*) unit=3600 ;;
		*MiB*) unit=$((1024 * 1024)) ;;
		esac
		[[ $name != *_MS ]] || unit=$((1000 * unit))
		grep -Fq -- "$words" <<<"$(page "$file")" ||
			wrong "$name: '$words' is not in $file"
		if [ $((value % unit)) != 0 ] ||
			! grep -qx $((value / unit)) <<<"$(numbers "$words")"; then
			wrong "$name is $value, and $file has '$words'"
		fi
		;;
	esac
done <"$header"
echo "$count limits"
[ "$count" -ge 20 ] || status=1
exit "$status"
