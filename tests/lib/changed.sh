# shellcheck shell=bash
# Find what has changed, for checks that look only at that.

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

# changed_affects: what tests a change since changed_base can affect, as patterns
# of their names, one a line. By folders, so for a first answer in minutes; all
# tests are run before a change is published.
changed_affects()
{
	local base file
	base=$(changed_base) || {
		echo '*'
		return
	}
	{
		git -C "$S" ls-files --others --exclude-standard
		git -C "$S" diff --name-only --no-renames "$base"
	} | while read -r file; do
		case $file in
		*.[ch]) printf '%s\n' 'analysis/*' 'unit-gcc/*' 'unit-asan/*' ;;
		esac
		affected_by "$file" || :
	done | sort -u
	printf '%s\n' 'lint/*'
}

# Those that name a file of tests/ or import it.
affected_by_mention()
{
	local name user
	name=$(basename "$1")
	grep -rlE --include='*.sh' --include='*.py' \
		-e "\\<${name//./\\.}\\>" -e "import ${name%.py}\\>" \
		"$S"/tests/{cli,vm/scenarios} |
		while read -r user; do
			name=$(basename "${user%.*}")
			case $user in
			*/tests/cli/*) echo "cli*/$name" ;;
			*) echo "vm/$name" ;;
			esac
		done
}

affected_by()
{
	local name
	name=$(basename "${1%.*}")
	case $1 in
	common/att/* | common/value/* | common/profile/*)
		printf '%s\n' 'cli*/*'{gatt,profile,gateway,link,value,mtu}'*' \
			'cli*/'{an-indication,notifications}'*' 'fuzz/g*' fuzz/ad \
			'vm/*'{profile,opcode,permission,signed,value}'*'
		;;
	common/gateway/*)
		printf '%s\n' 'cli*/*'{gateway,peripheral}'*' fuzz/gateway \
			'vm/*gateway*'
		;;
	common/enrol/* | common/http/* | tools/*provision*)
		printf '%s\n' 'cli*/'{provision,est,crl,renewal,identities}'*' \
			'cli*/*'{key,options,nonsense,secrets}'*' fuzz/e*
		;;
	common/pairing/* | common/bluetooth/* | tools/*oob* | scripts/sc-*)
		printf '%s\n' 'cli*/'{oob,pairing}'*' 'vm/*' \
			fuzz/{ad,mgmt,oob,pairing,pair-exchange}
		;;
	common/key/*)
		printf '%s\n' 'cli*/*'{key,tpm,sign}'*' fuzz/signer-request
		;;
	common/pki/* | common/verify/* | tools/*verify*)
		printf '%s\n' 'cli*/*'{verify,crl,revoked,fault,end}'*' \
			'vm/*'{verified,revoked}'*' fuzz/policy
		;;
	common/* | tools/* | tests/helpers/*)
		printf '%s\n' 'cli*/*' 'fuzz/*'
		;;
	scripts/blesec-ca)
		printf '%s\n' 'cli*/'{ca,est,renewal,provision}'*'
		;;
	scripts/demo | scripts/heart*) echo 'package/*' ;;
	Makefile.am | configure.ac | autogen.sh)
		printf '%s\n' 'build/*' 'package/*' 'unit-gcc/*'
		;;
	tests/unit/test-*.c)
		printf '%s\n' "unit-*/$name"
		;;
	tests/unit/*) echo 'unit-*' ;;
	tests/fuzz/corpus/*) echo "fuzz/$(basename "$(dirname "$1")")" ;;
	tests/fuzz/*.c) echo "fuzz/$name" ;;
	tests/fuzz/*) echo 'fuzz/*' ;;
	tests/analysis/* | .clang-tidy) echo 'analysis/*' ;;
	tests/package/*.sh) echo "package/$name" ;;
	tests/cli/*.sh) echo "cli*/$name" ;;
	tests/vm/scenarios/*.sh) echo "vm/$name" ;;
	tests/lib/*.py | tests/lib/harness.sh | tests/lib/session.sh | \
	tests/lib/faults.sh | tests/lib/pki.sh | tests/lib/sockets.sh)
		echo 'cli*/*'
		;;
	tests/lib/runner.sh | tests/run | scripts/check) echo 'unit-gcc/*' ;;
	tests/lib/* | tests/cli/* | tests/vm/scenarios/*)
		affected_by_mention "$1"
		;;
	tests/vm/*) echo 'vm/*' ;;
	# The lint looks at it, or nothing does.
	man/* | *.md | tests/lint/* | tests/mutants/* | .gitignore | LICENSE | \
	tests/soak | tests/bench/*) ;;
	*) echo '*' ;;
	esac
}
