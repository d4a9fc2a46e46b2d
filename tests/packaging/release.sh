#!/bin/sh
# SPDX-License-Identifier: ISC
# tools/release in a repository made for it, with a make that only notes what it was to do.
. "${0%/*}/../cli/tap.sh"
root=$(cd "${0%/*}/../.." && pwd)

# A repository with one commit, whose version is 7.8.9. make fails for the target that FAILS names.
repository() {
	command -v git >/dev/null || skip 'no git'
	mkdir -p tree/tools tree/include programs
	cp "$root/tools/release" tree/tools/
	printf "project('pidhold', 'c',\n  version: '7.8.9',\n" >tree/meson.build
	printf '# News\n\n## 7.8.9\n\nAll is new.\n' >tree/NEWS.md
	printf '#define HOLD_VERSION "7.8.9"\n' >tree/include/pidhold.h
	printf '/build\n' >tree/.gitignore
	cat >programs/make <<'MAKE'
#!/bin/sh
echo "$2" >>"$NOTES"
mkdir -p build/deb
echo tarball >build/pidhold-7.8.9.tar.gz
echo package >build/deb/hold.deb
[ "$2" != "${FAILS-}" ]
MAKE
	chmod +x programs/make
	export NOTES="$PWD/notes" PATH="$PWD/programs:$PATH" GIT_CONFIG_GLOBAL=/dev/null
	export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
	git -c init.defaultBranch=main init -q tree
	commit
}

commit() {
	git -C tree add -A
	git -C tree commit -q -m 'a commit'
}

# $1: what the message says
release_is_refused() {
	run tree/tools/release
	status_is 1
	message_has "release: $1"
	[ ! -e notes ] || fail 'it has begun to check'
	[ ! "$(git -C tree tag -l v7.8.9)" ] || [ "${TAGGED-}" ] || fail 'it was tagged'
}

releases() {
	repository
	run tree/tools/release
	status_is 0
	[ "$(tr '\n' ' ' <notes)" = 'check check-install check-dist check-deb deb ' ] || fail "checked: $(cat notes)"
	[ "$(git -C tree rev-parse 'v7.8.9^{commit}')" = "$(git -C tree rev-parse HEAD)" ] || fail 'no tag of the commit'
	(cd tree/build/release && sha256sum -c SHA256SUMS >/dev/null) || fail 'the sums are wrong'
	grep -q 'hold.deb' tree/build/release/SHA256SUMS || fail 'a package is missing'
}
check 'a release is checked, built, summed and then tagged' releases

dirty() {
	repository
	echo more >>tree/NEWS.md
	release_is_refused 'not all is committed'
	git -C tree checkout -q NEWS.md
	echo new >tree/file
	release_is_refused 'not all is committed'
}
check 'with a file that is not committed there is no release' dirty

no_news() {
	repository
	for heading in '## Unreleased: 7.8.9' '## 7.8.90' '## 7.8'; do
		printf '# News\n\n%s\n' "$heading" >tree/NEWS.md
		commit
		release_is_refused 'NEWS.md has no heading'
	done
}
check 'without a heading for the version in NEWS.md there is no release' no_news

other_version() {
	repository
	printf '#define HOLD_VERSION "7.8.8"\n' >tree/include/pidhold.h
	commit
	release_is_refused 'HOLD_VERSION of the header is not 7.8.9'
}
check 'with another version in the header there is no release' other_version

tagged() {
	repository
	git -C tree tag v7.8.9
	TAGGED=1 release_is_refused 'there is a tag v7.8.9 already'
}
check 'a version is released once' tagged

fails() {
	repository
	export FAILS=check-deb
	run tree/tools/release
	status_is 1
	message_has 'release: make check-deb fails'
	[ ! "$(git -C tree tag)" ] || fail 'it was tagged'
}
check 'if a check fails nothing is tagged' fails

finish
