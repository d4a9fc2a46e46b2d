# SPDX-License-Identifier: ISC
"""Commands of a shell and what they print, as documents show them: "..." stands for what differs between runs."""
import json
import os
import re
import subprocess

from tap import HOLD, check

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ["BUILD"]

# Between two commands, to tell their output apart; $? is that of the command before, as the reader would have it.
MARK = "\036"
PROLOGUE = "mark() { last=$?; printf '\\036%d\\036' $last; return $last; }\n"


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def environment():
    return dict(os.environ, PATH=os.path.dirname(HOLD) + ":" + os.environ["PATH"], LC_ALL="C")


def tells_status_of_others():
    """Whether this system tells how a process ended that somebody else reaped."""
    caps = json.loads(subprocess.run([HOLD, "caps", "--json"], stdout=subprocess.PIPE, check=True).stdout)
    return {cap["name"]: cap["supported"] for cap in caps["caps"]}["status"]


def commands(lines):
    """[(command, what it is shown to print)]. A here-document belongs to its command."""
    found, end = [], None
    for line in lines:
        if end:
            found[-1][0] += "\n" + line
            end = None if line == end else end
        elif line.startswith("$ "):
            found.append([line[2:], ""])
            here = re.search(r"<<'(\w+)'", line)
            end = here.group(1) if here else None
        else:
            check(found, f"no command before: {line}")
            found[-1][1] += line + "\n"
    return found


def indented(page):
    """[[line]]: each block of a page in Markdown that is indented by four and begins with a command."""
    blocks = re.findall(r"^(?:    .*\n|\n(?=    ))+", page, re.M)
    lines = [[line[4:] for line in block.strip("\n").splitlines()] for block in blocks]
    return [block for block in lines if block[0].startswith("$ ")]


def run_commands(commands):
    """[(output, exit status)] of each command, all of them in one shell. Standard error is in the output."""
    with open("commands", "w", encoding="utf-8") as file:
        file.write(PROLOGUE + "".join(command + "\nmark\n" for command in commands))
    shell = subprocess.run(["sh", "commands"], env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False)
    os.unlink("commands")
    parts = shell.stdout.decode(errors="replace").replace("\r\n", "\n").split(MARK)
    check(len(parts) == 2 * len(commands) + 1, f"the shell ended early: {parts}")
    return [(parts[i], int(parts[i + 1])) for i in range(0, len(parts) - 1, 2)]


def check_output(command, output, shown):
    pattern = re.escape(shown).replace(re.escape("..."), ".*")
    check(re.fullmatch(pattern, output), f"{command}\nprinted\n{output}\nand not\n{shown}")
