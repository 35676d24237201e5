"""Every text that a package says: notify as Babel's extractor finds it, the others by ``language.say("...")`` alone.

In templates the extractor knows ``say("...")`` but not ``language.say("...")``: those are read here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from jinja2 import Environment, nodes

from muster_notify.letters.language import KEYWORDS

_METHODS = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"), ("**.py", "python")]
_OPTIONS = {"templates/**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}


@cache
def spoken() -> Catalog:
    """The texts as a catalogue: each once, with the places where it is said."""
    found = Catalog()
    for file, line, text in texts():
        found.add(text, locations=[(file, line)])
    return found


def texts() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """File, line and text, or both forms of one that goes with a number."""
    source = Path(str(files("muster_notify")))
    for file, line, text, _, _ in extract_from_dir(source, _METHODS, _OPTIONS, keywords=KEYWORDS):
        yield file, line, text if isinstance(text, str) else tuple(text)
    for path in sorted(source.glob("templates/**/*.*")):
        for line, text in said_by_a_language(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(source)), line, text


def said_by_a_language(template: str) -> Iterator[tuple[int, str | tuple[str, ...]]]:
    """What a template lets a language say: ``language.say("...")``."""
    for call in Environment(autoescape=True).parse(template).find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr in KEYWORDS:
            texts = tuple(arg.value for arg in call.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str))
            if texts:
                yield call.lineno, texts if len(texts) > 1 else texts[0]


def said_on_pages(package: str) -> set[tuple[str, ...]]:
    """What pages say: ``language.say("...")`` in templates and code, in code also ``noted("...")``."""
    source, found = Path(str(files(package))), set[str | tuple[str, ...]]()
    for path in source.glob("templates/**/*.html"):
        found.update(text for _, text in said_by_a_language(path.read_text(encoding="utf-8")))
    for path in source.glob("**/*.py"):
        found.update(_said_in_code(path.read_text(encoding="utf-8")))
    return {(text,) if isinstance(text, str) else text for text in found}


def _said_in_code(code: str) -> Iterator[str | tuple[str, ...]]:
    for call in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)):
        if _is_said(call.func):
            literal = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            texts = tuple(text for text in literal if isinstance(text, str))
            if texts:
                yield texts if len(texts) > 1 else texts[0]


def _is_said(called: ast.expr) -> bool:
    """``noted`` or a method of a ``language``."""
    if isinstance(called, ast.Attribute) and called.attr in {"say", "say_number"}:
        return "language" in (getattr(called.value, "id", ""), getattr(called.value, "attr", ""))
    return getattr(called, "id", "") == "noted"
