#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Lists that are written down twice, for machines and for people, say the same."""
import re

import tree

HEADER = tree.read("include/pidhold.h")


def entries(path, macro, count):
    """The arguments, `count` of them, of each macro(...) of a .def file."""
    for line in re.findall(rf"^{macro}\((.*)\)$", tree.read(path), re.M):
        yield [argument.strip().strip('"') for argument in line.split(",", count - 1)]


def event_entries():
    """name -> its numbers' labels, of each event."""
    return {name: [label for label in labels if label != "NULL"]
            for _, name, count, *labels in entries("src/core/events.def", "EVENT", 5)}


def enumerated(prefix):
    """The names, without the prefix, in the order of the header's enum whose first has it and a value."""
    body = re.search(rf"enum \{{\n\t{prefix}\w+ = \d+,.*?\}};", tree.without_comments(HEADER), re.S).group()
    return re.findall(rf"\b{prefix}(\w+)", body)


def steps_agree():
    """src/core/steps.def has the header's steps, in the same order"""
    steps, header = [entry[0] for entry in entries("src/core/steps.def", "STEP", 2)], enumerated("HOLD_AT_")
    if not header or steps != header:
        yield f"steps.def: {steps}"
        yield f"pidhold.h: {header}"


def steps_have_words():
    """every step has words of its own"""
    words = [entry[1] for entry in entries("src/core/steps.def", "STEP", 2)]
    for word in words:
        if not word or words.count(word) > 1:
            yield word


def told(text):
    """event -> its arguments, as "os.kill (pid, signal)" has them."""
    return {name: [argument for argument in arguments.replace(" ", "").split(",") if argument]
            for name, arguments in re.findall(r"\b((?:os|signal|pidhold)\.\w+) \(([^)]*)\)", text)}


def events_agree():
    """src/core/events.def has the header's table of events, each with the same numbers in the same order"""
    table = re.search(r"the first that forbids:\n \*\n(.*?)\n \*\n", HEADER, re.S)
    if not table:
        yield "no table of events in the header"
        return
    header = {name: [argument for argument in arguments if argument not in ("program", "argv")]
              for name, arguments in told(table.group(1)).items()}
    events = event_entries()
    for name in sorted(set(header) | set(events)):
        if header.get(name) != events.get(name):
            yield f"{name}: {events.get(name)} in events.def, {header.get(name)} in the header"
    most = int(re.search(r"#define HOLD_EVENT_NUMBERS (\d+)", HEADER).group(1))
    if most != max(map(len, events.values())):
        yield f"HOLD_EVENT_NUMBERS is {most}"


def event_counts_are_right():
    """how many numbers an event has is how many labels it has"""
    for _, name, count, *labels in entries("src/core/events.def", "EVENT", 5):
        if int(count) != len([label for label in labels if label != "NULL"]):
            yield name


def functions_tell_events_of_the_table():
    """an event that a function's text tells of is one of the table"""
    known = set(event_entries())
    found = set(re.findall(r"Tells the audit hooks: (\w+\.\w+)", HEADER))
    if len(found) < len(known):
        yield f"told by no function: {sorted(known - found)}"
    yield from sorted(found - known)


def capabilities_are_probed():
    """each probe of src/os/os.h is that of one capability, and each capability's name is one word of its own"""
    caps = list(entries("src/core/caps.def", "CAP", 3))
    probes = set(re.findall(r"\bos_probe_\w+", tree.without_comments(tree.read("src/os/os.h"))))
    for probe in sorted(probes ^ {cap[1] for cap in caps}):
        yield probe
    names = [cap[0] for cap in caps]
    for name in names:
        if not re.fullmatch(r"[a-z-]+", name) or names.count(name) > 1:
            yield name


def symbols_of_debian_agree():
    """each node of src/pidhold.sym has a line in Debian's list of symbols, with the version that it is named after"""
    nodes = re.findall(r"^PIDHOLD_([\d.]+) \{", tree.read("src/pidhold.sym"), re.M)
    listed = re.findall(r"^ \(symver\)PIDHOLD_([\d.]+) ([\d.]+)$", tree.read("tools/debian/libpidhold0.symbols"), re.M)
    if not nodes or listed != [(node, f"{node}.0") for node in nodes]:
        yield f"{listed}, and the nodes are {nodes}"


tree.run(steps_agree, steps_have_words, events_agree, event_counts_are_right, functions_tell_events_of_the_table,
         capabilities_are_probed, symbols_of_debian_agree)
