# SPDX-License-Identifier: ISC
"""What a file of C declares at file scope, as far as the style of this project goes: no parser of C."""
import re

import tree

WORD = r"[A-Za-z_]\w*"
KEYWORDS = set("auto break case const continue do else enum extern for goto if inline int long register return short "
               "signed sizeof static struct switch typedef union unsigned void volatile while __attribute__".split())


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
