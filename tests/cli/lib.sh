# SPDX-License-Identifier: BSD-2-Clause
#
# What the tests of the command line share; source it. $NICETY is the program under test. Every
# test runs in a folder of its own that goes away, and the script ends with `summary`.
: "${NICETY:?set NICETY to the nicety program}"
case $NICETY in
/*) ;;
*) NICETY=$(pwd)/$NICETY ;;
esac
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
passed=0
failed=0
skipped=0

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED: $*"
	sed 's/^/    out: /' out
	sed 's/^/    err: /' err
}

# skip WHAT WHY: these checks cannot run here.
skip() {
	skipped=$((skipped + 1))
	echo "SKIPPED: $1: $2"
}

# expect CODE ARGUMENT...: run it with this exit code; output is in ./out and ./err.
expect() {
	want=$1
	shift
	timeout 60 "$NICETY" "$@" >out 2>err
	code=$?
	if [ $code -eq "$want" ]; then ok; else bad "nicety $*: exit code $code, not $want"; fi
}

# says TEXT, prints TEXT: the last command's stderr, stdout contains it.
says() {
	if grep -qF -e "$1" err; then ok; else bad "stderr does not say: $1"; fi
}
prints() {
	if grep -qF -e "$1" out; then ok; else bad "stdout does not say: $1"; fi
}

# json EXPRESSION: stdout is one line of JSON, and the Python expression over it (as j) is true.
json() {
	if [ "$(wc -l <out)" -eq 1 ] &&
		python3 -c 'import json, sys; j = json.load(open("out")); sys.exit(not eval(sys.argv[1]))' \
			"$1" 2>>err; then
		ok
	else
		bad "JSON: not true: $1"
	fi
}

summary() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed -eq 0 ]
}
