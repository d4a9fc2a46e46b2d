#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

first_operand() {
	run "$HOLD" run printf '%s,' --timeout 0 -t --help -x -- -q
	status_is 0
	output_is '--timeout,0,-t,--help,-x,--,-q,'
	no_message
}
check 'options end at the first operand' first_operand

double_dash() {
	run "$HOLD" run -- printf '%s,' -t
	output_is '-t,'
	run "$HOLD" run --quiet -- printf '%s,' --
	output_is '--,'
	run "$HOLD" run -- --timeout 5s
	status_is 127
	message_has "'--timeout'"
	run "$HOLD" run -- -- true
	status_is 127
}
check 'a double dash ends the options' double_dash

forms() {
	for options in '--env A=7' '--env=A=7' '-e A=7' '-eA=7' '-qe A=7' '-qeA=7'; do
		# shellcheck disable=SC2086
		run "$HOLD" run $options sh -c 'echo "$A"'
		status_is 0
		output_is 7
	done
}
check "an option's argument may follow it, with an equals sign or without" forms

abbreviations() {
	for option in --time=5s --timeou=5s --verb --quie --repor=x --clear --preserve --hel --vers --t --; do
		[ $option != -- ] || continue
		run "$HOLD" run $option true
		is_refused
		message_has "unknown option '${option%%=*}'"
	done
}
check 'a long option cannot be abbreviated' abbreviations

nearest_option() {
	while read -r wrong right; do
		run "$HOLD" run "$wrong" true
		is_refused
		message_has "hint: did you mean '$right'?"
	done <<-END
		--timout --timeout
		--time-out --timeout
		--kil-after --kill-after
		--chdri --chdir
		--preserve --preserve-status
		--Verbose --verbose
		--stdot --stdout
	END
}
check 'an unknown option suggests the nearest' nearest_option

far_option() {
	for option in --zebra -x -5 -qx --frobnicate=7; do
		run "$HOLD" run $option true
		is_refused
		message_has "hint: 'hold run -h' lists the options"
	done
}
check 'an option that is near to none points to the list' far_option

arguments() {
	for option in --timeout -T -qT --report -o --env; do
		run "$HOLD" run $option
		is_refused
		message_has argument
	done
	for option in --tty=yes --quiet= --help=all; do
		run "$HOLD" run $option true
		is_refused
		message_has argument
	done
}
check 'an argument that is missing or too much is refused' arguments

values() {
	while IFS='|' read -r option value; do
		run "$HOLD" run "$option" "$value" touch started
		is_refused
		message_has "'$value'"
		[ ! -e started ] || fail "$option $value: it was started"
	done <<-END
		--size|80
		--size|0x24
		--size|80x0
		--size|65536x24
		--size|80x65536
		--size|80x24x1
		--size|-80x24
		--size|80x24 wide
		--size|x
		--size|
		--nice|
		--nice|five
		--nice|5x
		--nice|1.5
		--nice|99999999999999999999
		--env|NAME
		--env|=value
		--env|
		--unset|NAME=value
		--unset|
		--signal|TRM
		--signal|0
		--signal|-1
		--signal|65
		--signal|RTMIN+99
		--kill-after|soon
	END
}
check 'a value that makes no sense is refused by name, and nothing is started' values

nearest_signal() {
	run "$HOLD" run --signal TREM true
	is_refused
	message_has 'hint: did you mean TERM?'
	run "$HOLD" run --ladder TERM,1s,KIL true
	is_refused
	message_has 'hint: did you mean KILL?'
}
check 'an unknown signal suggests the nearest' nearest_signal

no_command() {
	for options in '' -- '--timeout 5s' '-q --'; do
		# shellcheck disable=SC2086
		run "$HOLD" run $options
		is_refused
		message_has hint:
	done
}
check 'a command has to be given' no_command

no_verb() {
	run "$HOLD"
	status_is 125
	no_output
	for verb in run kill killpg caps; do
		message_has "$verb"
	done
}
check 'without a verb the verbs are told, not on standard output' no_verb

nearest_verb() {
	while read -r wrong right; do
		run "$HOLD" "$wrong" true
		is_refused
		message_has "hint: did you mean 'hold $right'?"
	done <<-END
		rum run
		kil kill
		killgp killpg
		cap caps
		RUN run
	END
}
check 'an unknown verb suggests the nearest' nearest_verb

command_for_verb() {
	run "$HOLD" touch started
	is_refused
	message_has 'hint: to start a command: hold run -- touch'
	[ ! -e started ] || fail 'it was started'
	run "$HOLD" --tty true
	is_refused
}
check 'a command in place of a verb is not run' command_for_verb

short_help() {
	run "$HOLD" run -h
	status_is 0
	no_message
	[ "$(wc -l <out)" -le 24 ] || fail 'more than 24 lines'
	[ "$(wc -L <out)" -le 80 ] || fail 'more than 80 columns'
}
check '-h fits on a screen of 80 by 24' short_help

long_help() {
	run "$HOLD" run -h
	grep -o -e '--[a-z][a-z-]*' out | sort -u >short
	run "$HOLD" run --help
	status_is 0
	no_message
	grep -o -e '--[a-z][a-z-]*' out | sort -u >long
	[ "$(wc -l <short)" -gt 20 ] || fail 'the options were not found'
	[ -z "$(comm -23 short long)" ] || fail "only in -h: $(comm -23 short long)"
	grep -q 'Exit status' out || fail 'nothing on exit statuses'
}
check '--help has the options of -h too, and says more' long_help

help_of_verbs() {
	for verb in run kill killpg caps; do
		for option in -h --help; do
			run "$HOLD" $verb $option
			status_is 0
			no_message
			grep -q "^hold $verb" out || fail "$verb $option: not its help"
		done
	done
	run "$HOLD" --help
	status_is 0
	no_message
	cp out long
	run "$HOLD" -h
	cmp -s out long || fail '-h and --help of hold alone differ'
}
check 'every verb has its help, on standard output when it was asked for' help_of_verbs

help_verb() {
	for words in 'help' 'help run' 'help kill' 'help timeout' 'help caps'; do
		# shellcheck disable=SC2086
		run "$HOLD" $words
		status_is 0
		no_message
		cp out explained
		# shellcheck disable=SC2086
		run "$HOLD" ${words#help} --help
		cmp -s out explained || fail "hold $words is not hold ${words#help} --help"
	done
	run "$HOLD" help rnu
	is_refused
	message_has "hint: did you mean 'hold run'?"
}
check 'hold help VERB prints what hold VERB --help prints' help_verb

examples_of_help() {
	for words in --help -h 'run -h' 'run --help' 'timeout --help' 'stop -h' 'kill --help' 'killpg -h' 'nice -h' \
		'wait -h' 'show -h' 'caps -h' 'caps --help'; do
		# shellcheck disable=SC2086
		run "$HOLD" $words
		status_is 0
		tail -n 1 out | grep -qE '^Example: (hold|timeout) [a-z0-9-].*\. Manual: hold\(1\)$' ||
			fail "$words: the last line is no example"
	done
}
check 'every help text ends with an example and the name of the page' examples_of_help

contradictions() {
	run "$HOLD" run --progress --tty touch started
	is_refused
	run "$HOLD" run --contain pidns --orphans keep touch started
	is_refused
	message_has 'hint: --contain keeper'
	for contain in none group; do
		run "$HOLD" run --contain $contain --strict touch started
		is_refused
		message_has 'hint: --contain keeper'
	done
	[ ! -e started ] || fail 'it was started'
}
check 'options that cannot both be kept are refused, with a way out, and nothing is started' contradictions

version() {
	run "$HOLD" --version
	status_is 0
	head -n 1 out | grep -qE '^hold [0-9]+\.[0-9]+\.[0-9]+$' || fail 'not a version'
	grep -q 'REPORTING BUGS' out || fail 'it does not say where bugs are reported'
	version=$(cat out)
	for way in -V 'run -V' 'run --version'; do
		# shellcheck disable=SC2086
		run "$HOLD" $way
		status_is 0
		output_is "$version"
		no_message
	done
}
check 'the version is told by -V and --version' version

asked_for_but_unwritable() {
	for words in -h --help -V --version 'run -h' 'run --help' 'run -V' 'kill -h' 'killpg --help' 'caps -h' caps \
		'caps --json' 'run --report - true'; do
		# shellcheck disable=SC2086
		"$HOLD" $words >/dev/full 2>err
		status=$?
		[ $status = 125 ] || fail "hold $words on a full disk: exit status $status"
		is_short_message
		message_has 'No space left on device'
		# shellcheck disable=SC2086
		"$HOLD" $words >&- 2>err
		status=$?
		[ $status = 125 ] || fail "hold $words without standard output: exit status $status"
		is_short_message
	done
}
check 'what was asked for and cannot be written is an error' asked_for_but_unwritable

finish
