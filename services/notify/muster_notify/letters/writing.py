"""Templates of mails, and plain text that mail programs may wrap anew (``format=flowed``)."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, nodes, select_autoescape
from jinja2.visitor import NodeTransformer

from muster_notify.letters.head import plain
from muster_notify.letters.in_steps import InSteps, Work
from muster_notify.letters.language import Language, language_of
from muster_notify.letters.letter import Letter

_WIDTH: Final = 72
_STUFFED: Final = (" ", "From ", ">")
_SAYING: Final = ("say", "say_number", "day")


def written(name: str, letter: Letter, **told: Any) -> tuple[str, str]:
    """A mail as plain text and as HTML: the templates ``mail/NAME.txt`` and ``mail/NAME.html`` filled in."""
    return InSteps(writing(name, letter, **told)).result()


def writing(name: str, letter: Letter, **told: Any) -> Work[tuple[str, str]]:
    """The same in steps."""
    language = language_of(letter.language)
    values = {**_always(letter, language), **told}
    text, html = (_templates(language.code).get_template(f"mail/{name}.{form}") for form in ("txt", "html"))
    plainly = flowed(text.render(values))
    yield
    richly = html.render(values)
    yield
    return plainly, richly


def flowed(text: str) -> str:
    """Lines of at most 72 characters; one that ends in a space goes on in the next (RFC 3676).

    A word longer than a line, such as an address, stays whole.
    """
    return "\n".join(line for paragraph in text.split("\n") for line in _flowing(paragraph)).strip("\n") + "\n"


def _flowing(paragraph: str) -> list[str]:
    paragraph = paragraph.strip(" ").rstrip()
    if len(paragraph) <= _WIDTH:
        return [f" {paragraph}" if paragraph.startswith(_STUFFED) else paragraph]
    lines, line = [], ""
    for word in paragraph.split(" "):
        if line and len(line) + len(word) >= _WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    stuffed = [f" {line}" if line.startswith(_STUFFED) else line for line in [*lines, line]]
    return [f"{line} " for line in stuffed[:-1]] + stuffed[-1:]


def _always(letter: Letter, language: Language) -> Mapping[str, Any]:
    return {
        "letter": letter,
        "lang": language.code,
        "name": plain(letter.recipient_name),
    }


class _Said(NodeTransformer):
    """Makes filters of the calls that say something in the reader's language.

    Jinja takes far longer to call a name than what it calls takes, and what a filter makes of fixed text is made once.
    """

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in _SAYING:
            return node
        first, *others = node.args
        return nodes.Filter(
            first, node.node.name, others, node.kwargs, None, None, lineno=node.lineno, environment=node.environment
        )


class _Loader(PackageLoader):
    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's name
    ) -> Template:
        source, filename, uptodate = self.get_source(environment, name)
        tree = _Said().visit(environment.parse(source, name, filename))
        code = environment.compile(tree, name, filename)
        return environment.template_class.from_code(environment, code, globals or {}, uptodate)


@cache
def _templates(code: str) -> Environment:
    made = Environment(
        loader=_Loader("muster_notify"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    language = language_of(code)
    made.filters |= {"plain": plain} | {name: getattr(language, name) for name in _SAYING}
    return made
