#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""docs/man/hold.1 and the help texts, which are made from the tables of options, have the same options."""
import os
import re
import subprocess

from tap import HOLD, check, check_equal, main, test

MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "man", "hold.1")


def said(*words):
    return subprocess.run([HOLD, *words], stdout=subprocess.PIPE, check=True).stdout.decode()


VERBS = re.findall(r"^  (\w+) +", said("--help"), re.M)


def in_help(verb):
    lines = re.findall(r"^  (?:(-\w), |    )(--[\w-]+)", said(verb, "--help"), re.M)
    check(lines, f"hold {verb} --help lists no option")
    return {name for names in lines for name in names if name}


def in_manual():
    """The options of list items, and the verbs of whole lines in the synopsis."""
    with open(MANUAL) as file:
        text = file.read().replace("\\-", "-")
    options = set()
    for line in re.findall(r"^\.It (Fl .*)", text, re.M):
        options.update("-" + name for name in re.findall(r"\bFl ([\w-]+)", line))
    return options, text


@test("every option of a verb's help has an entry in the manual")
def told():
    options, _ = in_manual()
    for verb in VERBS:
        check_equal(sorted(in_help(verb) - options), [], f"missing of hold {verb}")


@test("every entry of the manual is an option of a verb")
def true():
    options, _ = in_manual()
    check_equal(sorted(options - set.union(*map(in_help, VERBS))), [], "too many")


def paragraphs_on_statuses():
    """verb -> what the manual's section EXIT STATUS says of it."""
    _, text = in_manual()
    section = re.search(r"^\.Sh EXIT STATUS\n(.*?)^For$", text, re.S | re.M).group(1)
    parts = re.split(r"^(?:Of|and)\n\.Nm\n\.Cm (\w+).*\n", section, flags=re.M)
    found = dict(zip(parts[1::2], parts[2::2]))
    found["kill"] = found["killpg"]  # one sentence has both
    return found


def statuses(words):
    return {number for number in re.findall(r"\b(\d{1,3})\b(?!\+|\.\d)", words)}


@test("the help of each verb has the exit statuses that the manual has")
def same_statuses():
    told = paragraphs_on_statuses()
    check_equal(sorted(told), sorted(VERBS), "verbs of the section EXIT STATUS")
    for verb in VERBS:
        help_ = said(verb, "--help")
        check("Exit status" in help_, f"hold {verb} --help has no exit statuses")
        help_ = re.split(r"Exit status", help_)[1].split("Example:")[0]
        check_equal(sorted(statuses(help_)), sorted(statuses(told[verb])), verb)


@test("every verb is in the manual")
def verbs():
    _, text = in_manual()
    for verb in VERBS:
        check(re.search(rf"\b{verb}\b", text), verb)


main()
