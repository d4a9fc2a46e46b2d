#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Names of src: what is static is named once, so that a debugger, a reader and one file made of all find it; and the
public prefix is the public functions' alone."""
import collections
import re

import tree

# Not part of the library: the guard of test builds, and programs' beginnings.
LEFT_OUT = ("src/guard/", "src/keeper/freestanding.c", "src/keeper/start-", "src/keeper/dump-coverage.c")
WORD = r"[A-Za-z_]\w*"
KEYWORDS = set("auto break case const continue do else enum extern for goto if inline int long register return short "
               "signed sizeof static struct switch typedef union unsigned void volatile while __attribute__".split())


def sources():
    return [path for path in tree.files("src", suffixes=(".c", ".h")) if not path.startswith(LEFT_OUT)]


def blanked(path):
    """A file's text without comments, strings and directives."""
    return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", tree.without_comments(tree.read(path)), flags=re.M)


def outer_pieces(text):
    """(head, first body) of each declaration and definition at file scope; in the head each pair of braces is {}."""
    depth, head, opened, body = 0, "", 0, None
    for at, char in enumerate(text):
        if char == "{":
            opened = at + 1 if depth == 0 else opened
            depth += 1
        elif char == "}":
            depth -= 1
            if depth:
                continue
            body = text[opened:at] if body is None else body
            if re.search(r"\)\s*$", head) and "=" not in head:
                yield head.strip(), body
                head, body = "", None
            else:
                head += "{}"
        elif depth == 0 and char == ";":
            yield head.strip(), body
            head, body = "", None
        elif depth == 0:
            head += char


def function_name(head):
    """The name of the function that a declarator declares, or None."""
    head = re.sub(r"__attribute__\s*\(\(.*?\)\)", "", head, flags=re.S)
    match = re.match(rf"[^=(]*?\b({WORD})\s*\(", head)
    return match.group(1) if match and match.group(1) not in KEYWORDS else None


def variable_names(head):
    """The names of the variables that a declarator without parameters declares."""
    head = re.sub(r"\b_Atomic\s*\([^()]*\)", "_Atomic ", head)
    head = re.sub(r"=[^,{]*(?:\{\}[^,]*)?", "", head)
    return re.findall(rf"({WORD})\s*(?:\[[^\]]*\]\s*)*(?:,|$)", head)


def is_static(head):
    return bool(re.match(r"(?:__attribute__\s*\(\(.*?\)\)\s*)?(?:static|OS_INLINE|OS_IN_CHILD static)\b", head))


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
    """no static function or variable, tag, constant or macro of src has the name of another one"""
    found = places()
    if len(found) < 300:
        yield f"only {len(found)} names found"
    for name, where in sorted(found.items()):
        if len(where) > 1:
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
