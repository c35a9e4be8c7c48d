"""Templates that are compiled once a language, with everything that cannot change written in.

A sentence without gaps, an icon, the address of a style sheet: each is the same on every request, so it
is worked out when the template is compiled and becomes part of the page's fixed text. On a page of a
learner that is about one call in two (docs/performance.md).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask.templating import Environment
from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

GETTEXT = frozenset({"_", "gettext"})
# Templates whose macros say the same whenever they are given the same words.
FIXED_PARTS = frozenset({"_parts/icons.html"})
# Global functions that give the same answer for as long as the process lives.
FIXED_FUNCTIONS = frozenset({"static_url"})

N = TypeVar("N", bound=nodes.Node)


class PageEnvironment(Environment):
    """Flask's environment, with constant calls folded and globals in one plain dictionary."""

    sentence: Callable[[str], str] = staticmethod(lambda text: text)

    def make_globals(self, d: Any) -> Any:
        """Globals of a template. A plain dictionary: a chain of two costs every import of every request
        a comparison key by key. Filled environments are never changed, so all templates share it."""
        return {**self.globals, **d} if d else self.globals

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _Fold(self).visit(super()._parse(source, name, filename))  # type: ignore[no-any-return]


class _Fold(NodeTransformer):
    """Replaces calls whose outcome is known by the outcome."""

    def __init__(self, environment: PageEnvironment) -> None:
        self.environment = environment
        self.parts: dict[str, tuple[str, str]] = {}

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.FromImport:  # noqa: N802
        """Remember which names are macros of a fixed part."""
        if isinstance(node.template, nodes.Const) and node.template.value in FIXED_PARTS:
            for one in node.names:
                macro, alias = one if isinstance(one, tuple) else (one, one)
                self.parts[alias] = (node.template.value, macro)
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802
        """Fold a call by a plain name."""
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
            return node
        name, words = node.node.name, _constants(node.args)
        if words is None:
            return node
        if name in GETTEXT and len(words) == 1:
            return self._sentence(node, str(words[0]))
        if node.kwargs:
            return node
        if name in FIXED_FUNCTIONS:
            function: Callable[..., str] = self.environment.globals[name]  # type: ignore[assignment]
            return _fixed(function(*words), node)
        if name in self.parts:
            template, macro = self.parts[name]
            return _fixed(getattr(self.environment.get_template(template).module, macro)(*words), node)
        return node

    def _sentence(self, node: nodes.Call, text: str) -> nodes.Expr:
        """A sentence is safe text with gaps; what fills them is escaped (as jinja2.ext.i18n has it)."""
        safe = Markup(self.environment.sentence(text))  # noqa: S704 - ours, from template or catalogue
        if not node.kwargs:
            return _fixed(safe % {}, node)
        pairs = [nodes.Pair(nodes.Const(gap.key), gap.value) for gap in node.kwargs]
        return _placed(nodes.Mod(_fixed(safe, node), nodes.Dict(pairs)), node)


def _constants(arguments: list[nodes.Expr]) -> list[Any] | None:
    found = [one.value for one in arguments if isinstance(one, nodes.Const)]
    return found if len(found) == len(arguments) else None


def _fixed(value: str, node: nodes.Node) -> nodes.Expr:
    if isinstance(value, Markup):
        return _placed(nodes.MarkSafe(nodes.Const(str(value))), node)
    return _placed(nodes.Const(value), node)


def _placed(made: N, node: nodes.Node) -> N:
    made.set_lineno(node.lineno, override=True)
    made.environment = node.environment
    return made
