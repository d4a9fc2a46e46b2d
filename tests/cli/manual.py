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


@test("every verb is in the manual")
def verbs():
    _, text = in_manual()
    for verb in VERBS:
        check(re.search(rf"\b{verb}\b", text), verb)


main()
