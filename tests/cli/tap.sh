# SPDX-License-Identifier: ISC
# The harness of the shell tests, to be sourced. HOLD (the program) and ACTORS (what the actors' paths begin with) are
# in the environment. A test is a function and a sentence: check 'a sentence' function. Each runs in a subshell, in an
# empty directory of its own, and the first expectation that is not met ends it. A script may be given a part of a
# sentence: then only the tests whose sentences have it are run.
: "${HOLD:?}" "${ACTORS:?}"
part=$1 number=0 failed=0
directory=$(mktemp -d) || exit 99
trap 'rm -rf "$directory"' EXIT
ulimit -c 0

check() {
	case $1 in
	*"$part"*) ;;
	*) return ;;
	esac
	number=$((number + 1))
	mkdir "$directory/$number"
	(cd "$directory/$number" && "$2")
	case $? in
	0) echo "ok $number - $1" ;;
	77) echo "ok $number - $1 # SKIP see above" ;;
	*) echo "not ok $number - $1" && failed=1 ;;
	esac
}

finish() {
	echo "1..$number"
	exit "$failed"
}

fail() {
	echo "# $*"
	for file in out err; do
		[ ! -s $file ] || awk -v "file=$file" '{ print "# " file ": " $0 }' $file
	done
	exit 1
}

# The test cannot be made on this system; the reason must be one that tests/expected-skips knows.
skip() {
	echo "# SKIP $*"
	exit 77
}

# AddressSanitizer looks for leaks from a process of its own, and by /proc.
is_sanitized() {
	ldd "$HOLD" 2>/dev/null | grep -q libasan
}

# Runs a command: its output is then in out and err, its exit status in $status.
run() {
	"$@" >out 2>err
	status=$?
}

status_is() {
	[ "$status" = "$1" ] || fail "exit status $status, not $1"
}

# $1 is all of it, but for the newline at its end
output_is() {
	[ "$(cat out)" = "$1" ] || fail "the output is not '$1'"
}

no_output() {
	[ ! -s out ] || fail "there is output"
}

no_message() {
	[ ! -s err ] || fail "there is a message"
}

message_has() {
	grep -qF -- "$1" err || fail "no message has '$1'"
}

# One line that says what is wrong, and perhaps a hint.
is_short_message() {
	[ "$(grep -c '^hold: ' err)" = 1 ] || fail "not one line begins with 'hold: '"
	[ "$(grep -vc '^hint: ' err)" = 1 ] || fail "there are other lines than the message and hints"
}

# hold was misused: it says so and does nothing.
is_refused() {
	status_is 125
	no_output
	is_short_message
}

# $1: a file with one JSON object on one line; then what has to hold of it, Python expressions of `r`.
json_holds() {
	python3 -c '
import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
r = json.loads(text)
for condition in ["text.count(\"\\n\") == 1 and text.endswith(\"\\n\")", *sys.argv[2:]]:
    if not eval(condition):
        sys.exit(f"{condition}: not so of {text}")' "$@" 2>json-error || fail "$(cat json-error)"
}

# Waits until a command succeeds, for 20 s at most.
await() {
	for _ in $(seq 400); do
		! "$@" 2>/dev/null || return 0
		sleep 0.05
	done
	fail "in vain: $*"
}
