#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The pages of section 3 say what the header says: prototypes, errors, safety, names; and their examples run."""
import os
import re

from manpage import examples, pages
from program import output_of
from tap import check, check_equal, main, test
from transcript import check_output, read

HEADER = read("include/pidhold.h")
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)
SOURCES = {os.path.basename(page)[:-2]: read(page) for page in pages(3)}
REFERENCE = r"(?:[Tt]hose of|As) (hold_\w+)"


def section(page, title):
    found = re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", SOURCES[page], re.S | re.M)
    check(found, f"{page} has no section {title}")
    return found.group(1)


def exported():
    return set(re.findall(r"^\t(hold_\w+);", read("src/pidhold.sym"), re.M))


def names(page):
    return re.findall(r"^\.Nm (\w+)", section(page, "NAME"), re.M)


def declared():
    """function -> (its declaration, the comment right before it)"""
    found = re.findall(r"(/\*(?:(?!\*/).)*\*/)\nHOLD_API ([^;]*?\b(hold_\w+)\([^;]*);", HEADER, re.S)
    check(len(found) > 30, f"only {len(found)} functions with a comment found in the header")
    return {name: (one_line(declaration.replace("HOLD_OWNED ", "")), re.sub(r"\s*\n \*\s*", " ", comment))
            for comment, declaration, name in found}


def one_line(text):
    return re.sub(r"\* ", "*", re.sub(r"\s+", " ", text).strip())


def prototypes(page):
    """{name: declaration} of a synopsis: .Ft, then .Fn with its arguments or .Fo, .Fa, .Fc."""
    found, type_, name, arguments = {}, None, None, []
    for line in section(page, "SYNOPSIS").splitlines():
        macro, _, rest = line.partition(" ")
        words = [quoted or word for quoted, word in re.findall(r'"([^"]*)"|(\S+)', rest)]
        if macro == ".Ft":
            type_ = rest
        elif macro in (".Fn", ".Fo"):
            name, arguments = words[0], words[1:]
        elif macro == ".Fa":
            arguments += words
        if macro in (".Fn", ".Fc"):
            found[name] = one_line(f"{type_} {name}({', '.join(arguments)})")
    return found


def item_errors(line):
    return re.findall(r"\bE[A-Z0-9]+\b", line)


def page_errors(page):
    """function -> its errors: a paragraph between lists names functions, or others of which it has all."""
    found, functions, is_new, inside = {}, [], True, False
    for line, before in zip(section(page, "ERRORS").splitlines(), [""] + section(page, "ERRORS").splitlines()):
        name = re.match(r"\.(?:Fn|Xr) (hold_\w+)", line)
        if line == ".Pp" or line.startswith(".Bl"):
            is_new, inside = line == ".Pp", line != ".Pp"
        elif line == ".El":
            inside = False
        elif inside and line.startswith(".It"):
            for function in functions:
                found[function] |= set(item_errors(line))
        elif name and not inside and before.endswith("those of"):
            for function in functions:
                found[function].add("those of " + name.group(1))
        elif name and not inside:
            functions = [name.group(1)] + ([] if is_new else functions)
            found[name.group(1)], is_new = set(), False
    return found


def header_errors():
    return {name: set(re.findall(r"-(E[A-Z0-9]{2,})\b", comment)) |
            {"those of " + other for other in re.findall(REFERENCE, comment)}
            for name, (_, comment) in declared().items()}


def resolve(errors):
    """With the errors of those that are referred to."""
    def of(name):
        own = errors.get(name, set())
        return {error for error in own if " " not in error}.union(
            *(of(error.split()[-1]) for error in own if " " in error))
    return {name: of(name) for name in errors}


def safety_of_page(page):
    """word -> functions"""
    items = re.split(r"^\.It ", section(page, "SAFETY"), flags=re.M)[1:]
    return {item.split("\n")[0]: set(re.findall(r"^\.Fn (hold_\w+)", item, re.M)) for item in items}


@test("each function that is exported has one page, which bears its name or has a link that does")
def pages_of_functions():
    check_equal(len(SOURCES), 16, "pages")
    told = [name for page in SOURCES for name in names(page) if name != "pidhold"]
    check_equal(sorted(told), sorted(exported()))
    families = dict(re.findall(r"^  '(\w+)': \[([^\]]*)\],$", read("docs/man/meson.build"), re.M))
    check_equal({page: set(re.findall(r"\w+", others)) | {page} for page, others in families.items()},
                {page: set(names(page)) for page in SOURCES}, "docs/man/meson.build")


@test("the prototypes of each synopsis are those of the header")
def same_prototypes():
    types = {name: one_line(text) for text, name in re.findall(r"^(typedef \w+ (hold_\w+)\([^;]*);", CODE, re.M)}
    header = {name: text for name, (text, _) in declared().items()} | types
    pages_ = {name: text for page in SOURCES for name, text in prototypes(page).items()}
    for name in sorted(set(header) | set(pages_)):
        check_equal(pages_.get(name), header.get(name), name)


@test("each function has the errors in its page that it has in the header, and no other")
def same_errors():
    told = {name: errors for page in SOURCES for name, errors in page_errors(page).items() if name in names(page)}
    header, told = resolve(header_errors()), resolve(told)
    check(sum(map(len, told.values())) > 50, f"only {sum(map(len, told.values()))} errors found")
    for name in sorted(set(header) | set(told)):
        check_equal(sorted(told.get(name, ())), sorted(header.get(name, ())), name)


@test("pidhold(3) has the errors that any function may give")
def general_errors():
    text = re.search(r"Errors that any function may give(.*?)\*/", HEADER, re.S).group(1)
    check_equal(sorted(item_errors(" ".join(re.findall(r"^\.It .*", section("pidhold", "ERRORS"), re.M)))),
                sorted(re.findall(r"-(E[A-Z0-9]+)", text)))


@test("each function is as safe in its page as in the header")
def same_safety():
    found = {}
    for page in SOURCES:
        for word, functions in safety_of_page(page).items():
            for function in functions:
                found.setdefault(function, set()).add(word)
    for name, (_, comment) in declared().items():
        wanted = set(re.findall(r"Thread-safe|One thread a hold|One thread a set|Async-signal-safe", comment))
        check_equal(found.get(name), wanted, name)


@test("the pages name each constant, structure and field of the header, and no other")
def same_names():
    text = re.sub(r"^\.Dt .*", "", "\n".join(SOURCES.values()), flags=re.M)
    constants = set(re.findall(r"\bHOLD_\w+", CODE)) - {"HOLD_API", "HOLD_OWNED"}
    check_equal(sorted(set(re.findall(r"\bHOLD_\w+", text)) ^ constants), [], "constants")
    bodies = dict(re.findall(r"^struct (hold_\w+) \{\n(.*?)^\};", CODE, re.S | re.M))
    check(len(bodies) > 10, f"only {len(bodies)} structures found")
    check_equal(sorted(set(re.findall(r"struct (hold_\w+)", text)) ^ set(re.findall(r"struct (hold_\w+)", CODE))), [],
                "structures")
    fields = {re.search(r"(\w+)\s*(?:\[.*\])?$", declarator.strip()).group(1)
              for body in bodies.values() for line in body.split(";") if line.strip() for declarator in line.split(",")}
    told = {word for line in re.findall(r"^\.(?:It )?Va (.*)", text, re.M) for word in line.split(" Ns ")[0].split()
            if re.fullmatch(r"\w+", word)} - {"errno"}
    check_equal(sorted(told ^ fields), [], "fields")


@test("every example of section 3 compiles without a warning and prints what its page says")
def examples_run():
    for page in pages(3):
        blocks = examples(page, indent=7)
        check(blocks and len(blocks) % 2 == 0, f"{page}: no program with its output")
        for program, shown in zip(blocks[::2], blocks[1::2]):
            check(program[0].startswith("#include"), f"{page}: no program: {program[0]}")
            output = output_of("\n".join(program) + "\n", "gnu11")
            check_output(os.path.basename(page), output, "\n".join(shown) + "\n")


main()
