#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The commits since FIRST are as CONTRIBUTING.md asks."""
import re
import shutil
import subprocess

import tree

# The last commit that is not looked at.
FIRST = "0214106aa5dc3d753a6c71b68bd18cf0f5b244b8"
SUBJECT, LINES = 72, 20


def git(*arguments):
    return subprocess.run(["git", "-C", tree.ROOT, *arguments], capture_output=True, text=True)


def commits():
    """(id, parents, subject, body) of each commit since FIRST."""
    # Not in a repository, or in another one that holds this directory.
    is_ours = shutil.which("git") and git("rev-parse", "--show-prefix").stdout == "\n"
    if not is_ours:
        raise tree.Skip("no git repository")
    if git("rev-parse", "--is-shallow-repository").stdout.strip() == "true":
        raise tree.Skip("not the whole history is in this clone")
    if git("merge-base", "--is-ancestor", FIRST, "HEAD").returncode != 0:
        raise tree.Skip("the history is another one")
    listed = git("log", "--format=%H%x00%P%x00%s%x00%b%x01", f"{FIRST}..HEAD")
    if listed.returncode != 0:
        raise RuntimeError(listed.stderr)
    for entry in listed.stdout.split("\x01")[:-1]:
        commit, parents, subject, body = entry.lstrip("\n").split("\x00")
        yield commit, parents.split(), subject, body.strip()


def changed_lines(commit):
    """Of text that somebody wrote: of a line that was replaced both."""
    counts = [line.split("\t") for line in git("show", "--format=", "--numstat", "-M", commit).stdout.splitlines()]
    return sum(int(added) + int(removed) for added, removed, _ in counts if added != "-")


def subjects_are_short():
    """the subject of each commit has 72 columns at most, and the form `area: imperative`, in lower case"""
    for commit, _, subject, _ in commits():
        if len(subject) > SUBJECT:
            yield f"{commit[:12]}: {len(subject)} columns: {subject}"
        if not re.match(r"[a-z][a-z0-9/_, .-]*: [^A-Z\s]\S* *\S", subject) or subject.endswith("."):
            yield f"{commit[:12]}: not `area: imperative`: {subject}"
        if re.match(r"[^:]*: \w+(?:ed|ing)\b", subject) and not re.match(r"[^:]*: (?:need|embed|bring)\b", subject):
            yield f"{commit[:12]}: no imperative: {subject}"


def large_ones_have_a_body():
    """each commit that changes more than 20 lines has a body, which says why"""
    for commit, _, subject, body in commits():
        lines = changed_lines(commit)
        if lines > LINES and not body:
            yield f"{commit[:12]}: {lines} lines and no body: {subject}"


def history_is_a_line():
    """no commit is a merge"""
    for commit, parents, subject, _ in commits():
        if len(parents) > 1:
            yield f"{commit[:12]}: {subject}"


tree.run(subjects_are_short, large_ones_have_a_body, history_is_a_line)
