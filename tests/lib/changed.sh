# shellcheck shell=bash
# What a change is, for what looks only at that.

# changed_base: the commit that the sources are compared with: where this branch
# has left main, or, where nothing differs from that, 20 commits ago. Nothing
# and false where the history does not tell.
changed_base()
{
	local base='' main
	for main in origin/main main; do
		base=$(git -C "$S" merge-base HEAD "$main" 2>/dev/null) && break
	done
	if [ -n "$base" ] && git -C "$S" diff --quiet "$base" &&
		[ -z "$(git -C "$S" ls-files --others --exclude-standard)" ]; then
		base=
	fi
	[ -n "$base" ] ||
		base=$(git -C "$S" rev-parse --verify -q HEAD~20) || return
	printf '%s\n' "$base"
}

# changed_most REGEX: the files with such names that have changed and are still
# there, those that have changed most first, one a line.
changed_most()
{
	local base
	base=$(changed_base) || return
	{
		git -C "$S" ls-files --others --exclude-standard |
			sed 's/^/1000000\t0\t/'
		git -C "$S" diff --numstat -M100% --diff-filter=AM "$base"
	} | sort -rn | cut -f 3 | grep -E -- "$1" || :
}
