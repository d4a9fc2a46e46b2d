#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""docs/man: mandoc has nothing to say of the pages, and the examples of hold(1) print what it shows."""
import os
import re

from manpage import examples, mandoc, pages
from tap import check, check_equal, main, test
from transcript import check_output, commands, read, run_commands, tells_status_of_others


@test("each page has the project's version at its foot")
def version():
    number = re.search(r"^ *version: *'([^']+)'", read("meson.build"), re.M).group(1)
    for page in pages("[0-9]"):
        feet = re.findall(r"^\.Os.*", read(page), re.M)
        check_equal(feet, [f".Os pidhold {number}"], os.path.basename(page))


@test("mandoc finds nothing to say of any page")
def lint():
    found = pages(1) + pages(3)
    check(len(found) > 10, f"only {len(found)} pages found")
    for page in found:
        # Which other pages are installed is the machine's affair; .Os names the program here, as its version.
        said = [line for line in mandoc(page, "-Tlint").splitlines()
                if "referenced manual not found" not in line and "operating system explicitly specified" not in line]
        check_equal(said, [], os.path.basename(page))


@test("hold(1) has the sections that a reader looks for, and its examples begin in the first third")
def sections():
    lines = re.sub(".\b", "", mandoc(pages(1)[0], "-Tascii")).splitlines()
    headings = [line for line in lines if re.match("[A-Z]", line)]
    for wanted in ("ENVIRONMENT", "FILES", "EXIT STATUS", "HISTORY", "CAVEATS", "SECURITY", "REPORTING BUGS"):
        check(wanted in headings, f"no section {wanted}")
    check(3 * lines.index("EXAMPLES") < len(lines), f"the examples begin in line {lines.index('EXAMPLES')}")


def shown_here(command, shown):
    """As the manual has it for systems that tell nobody how a stranger ended."""
    if "hold wait" in command and not tells_status_of_others():
        return re.sub(r"(exited|signalled) \w+", "unknown", shown)
    return shown


@test("every example of hold(1) prints what the manual shows")
def examples_print():
    typed = [pair for block in examples(pages(1)[0], indent=11) for pair in commands(block)]
    check(len(typed) > 20, f"only {len(typed)} commands found")
    for (command, shown), (output, _) in zip(typed, run_commands([command for command, _ in typed])):
        check_output(command, output, shown_here(command, shown))


main()
