# SPDX-License-Identifier: ISC
# For tests of what an ordinary user may not do, to be sourced behind tap.sh; then both kinds of caller try it.

need_ordinary() {
	[ "$(id -u)" -eq 0 ] || return 0
	ordinary true 2>/dev/null || skip 'this root cannot become another user'
	ordinary test -x "$HOLD" || take_along
}

# The build may lie where others may not look.
take_along() {
	chmod 711 "$directory"
	cp "$HOLD" "$directory/hold"
	HOLD=$directory/hold
	ordinary test -x "$HOLD" || fail "$HOLD is out of an ordinary user's reach"
}

# Runs a command as an ordinary user without the right to lower a niceness.
ordinary() {
	if [ "$(id -u)" -ne 0 ]; then
		prlimit --nice=0:0 -- "$@"
	else
		setpriv --reuid=65534 --regid=65534 --clear-groups -- prlimit --nice=0:0 -- "$@"
	fi
}
