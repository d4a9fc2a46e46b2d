#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The programs of docs/guide-c.md compile without a warning and print what is shown below them."""
import re

from program import output_of
from tap import check_equal, main, test
from transcript import check_output, read

PROGRAMS = [re.match(r"(.*)\n(?:.*\n)*?```c\n((?:.*\n)*?)```\n\n((?:    .*\n?)+)", part).groups()
            for part in re.split(r"^## ", read("docs/guide-c.md"), flags=re.M)[1:]]


@test("there are four programs")
def four():
    check_equal(len(PROGRAMS), 4)


def add(title, program, shown):
    @test(f"the program prints what is shown: {title}")
    def run():
        check_output(title, output_of(program, "gnu11"), re.sub(r"^    ", "", shown, flags=re.M).rstrip() + "\n")


for program in PROGRAMS:
    add(*program)
main()
