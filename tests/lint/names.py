#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Names of src: what is static is named once, so that a debugger, a reader and one file made of all find it; and the
public prefix is the public functions' alone."""
import collections
import re

import tree
from declarations import WORD, blanked, function_name, is_static, outer_pieces, variable_names

# Not part of the library: the guard of test builds, and programs' beginnings.
LEFT_OUT = ("src/guard/", "src/keeper/freestanding.c", "src/keeper/start-", "src/keeper/dump-coverage.c")


def sources():
    return [path for path in tree.files("src", suffixes=(".c", ".h")) if not path.startswith(LEFT_OUT)]


def definitions(path):
    """(kind, name) of what a file defines for itself: static functions and variables, tags, constants and macros."""
    for head, body in outer_pieces(blanked(path)):
        function = function_name(head)
        if is_static(head) and function and body is not None:
            yield "function", function
        elif is_static(head) and not function:
            yield from (("variable", name) for name in variable_names(head))
        tag = re.search(rf"\b(?:struct|union|enum)\s+({WORD})\s*\{{\}}", head)
        if tag:
            yield "tag", tag.group(1)
        if re.match(rf"(?:typedef\s+)?enum\b(?:\s+{WORD})?\s*\{{\}}", head):
            entries = re.sub(r"\([^()]*\)", "", body).split(",")
            yield from (("constant", re.match(WORD, entry.strip()).group()) for entry in entries if entry.strip())
    code = tree.without_comments(tree.read(path))
    for name in re.findall(rf"^[ \t]*#[ \t]*define[ \t]+({WORD})", code, re.M):
        if not re.search(rf"^[ \t]*#[ \t]*undef[ \t]+{name}\b", code, re.M):
            yield "macro", name


def places():
    """name -> where it is defined, with what it is there. Tags, which are names apart, are "struct name"."""
    found = collections.defaultdict(list)
    for path in sources():
        for kind, name in dict.fromkeys(definitions(path)):
            found["struct " + name if kind == "tag" else name].append(f"{path} ({kind})")
    return found


def static_names_are_unique():
    """no static function or variable, tag, constant or macro of src has the name of another one for its platform"""
    found = places()
    linux, posix = tree.files_for("linux"), tree.files_for("posix")
    if len(found) < 300:
        yield f"only {len(found)} names found"
    for name, where in sorted(found.items()):
        paths = {one.split(" ")[0] for one in where}
        if len(where) > 1 and not (len(where) == 2 and paths & linux and paths & posix):
            yield f"{name}: {', '.join(where)}"


def globals_of_src():
    """name -> the file of each function of src that is not static."""
    found = {}
    for path in sources():
        for head, body in outer_pieces(blanked(path)):
            name = function_name(head)
            if name and body is not None and not is_static(head):
                found[name] = path
    return found


def exported():
    text = re.sub(r"/\*.*?\*/", "", tree.read("src/pidhold.sym"), flags=re.S)
    return set(re.findall(r"^\s*(\w+);", text, re.M))


def no_static_name_hides_another_function():
    """no static function or variable of src has the name of a function that another file of src gives to all"""
    known, found = globals_of_src(), places()
    if len(known) < 100:
        yield f"only {len(known)} functions found"
    for name in sorted(set(known) & set(found)):
        others = [where for where in found[name] if not where.startswith(known[name] + " ")]
        if others:
            yield f"{name}: {known[name]}, {', '.join(others)}"


def public_prefix_is_public():
    """no internal function or variable of src begins with hold_"""
    public = exported()
    for name, path in sorted(globals_of_src().items()):
        if name.startswith("hold_") and name not in public:
            yield f"{path}: {name}"
    for name, where in sorted(places().items()):
        if name.startswith("hold_") and any("(function)" in one or "(variable)" in one for one in where):
            yield f"{', '.join(where)}: {name}"


tree.run(static_names_are_unique, no_static_name_hides_another_function, public_prefix_is_public)
