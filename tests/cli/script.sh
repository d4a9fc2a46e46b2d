#!/bin/sh
# SPDX-License-Identifier: ISC
# Commands that the kernel executes by way of another program.
. "${0%/*}/tap.sh"

make_script() {
	mkdir -p "$(dirname "$1")"
	# shellcheck disable=SC2016
	printf 'echo "$0:$#:$*"\nexit 5\n' >"$1"
	chmod +x "$1"
}

without_line() {
	make_script script
	run "$HOLD" run ./script 'one two' ''
	status_is 5
	output_is './script:2:one two '
	no_message
	run "$HOLD" run --tty ./script
	status_is 5
}
check 'a script without #! is run by sh' without_line

by_path() {
	make_script directory/some-script
	run "$HOLD" run -e "PATH=$PWD/directory:$PATH" some-script one
	status_is 5
	output_is "$PWD/directory/some-script:1:one"
}
check 'a script without #! is found in PATH' by_path

long_path() {
	long=$(printf '%0200d' 0)/$(printf '%0200d' 1)
	make_script "$PWD/$long/script"
	run "$HOLD" run "$PWD/$long/script"
	status_is 5
	run "$HOLD" run -e "PATH=$PWD/$long:$PATH" script
	status_is 5
}
check 'a script without #! may have a long path' long_path

in_directory() {
	make_script directory/script
	run "$HOLD" run --chdir directory ./script
	status_is 5
	output_is './script:0:'
}
check 'a script without #! is sought in the directory of --chdir' in_directory

empty() {
	: >script
	chmod +x script
	run "$HOLD" run ./script
	status_is 0
}
check 'an empty script succeeds' empty

environment() {
	make_script script
	run "$HOLD" run --clear-env --env A=1 --timeout 60s --nice 1 --report report ./script
	status_is 5
	json_holds report 'r["command"] == ["./script"]' 'r["exit_status"] == 5'
}
check 'the report names a script without #! as it was given' environment

with_line() {
	printf '#!/bin/sh -e\necho "$0"\nfalse\necho no\n' >script
	chmod +x script
	run "$HOLD" run ./script
	status_is 1
	output_is ./script
}
check 'a script with #! is run by what it names' with_line

finish
