"""What stands between `{{` and `}}`: looked up, or calculated by Jinja in its sandbox. Knows no cells."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reports.errors import did_you_mean

PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
WORDS = frozenset({"true", "false", "none", "True", "False", "None", "not"})


class Unfillable(Exception):
    """A placeholder without a value; the text says why. The caller adds where."""


class _Environment(ImmutableSandboxedEnvironment):
    """A mapping's keys come before its methods, so that `item.items` is the key."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


class Expressions:
    """Each expression is compiled once."""

    def __init__(self) -> None:
        self._environment = _Environment(undefined=StrictUndefined)
        self._known: dict[str, Callable[[Mapping[str, Any]], Any]] = {}
        self.mentioned: set[str] = set()

    def value(self, expression: str, context: Mapping[str, Any]) -> Any:
        """Raises Unfillable for an unknown name, and for whatever goes wrong in a calculation."""
        if (found := self._known.get(expression)) is None:
            found = self._known[expression] = self._compiled(expression.strip())
        return found(context)

    def _compiled(self, text: str) -> Callable[[Mapping[str, Any]], Any]:
        self.mentioned.update(re.findall(r"[^\W\d]\w*", text))
        if PATH.fullmatch(text) and text not in WORDS:
            return _lookup(text)
        try:
            run = self._environment.compile_expression(text, undefined_to_none=False)
        except TemplateSyntaxError as error:
            raise Unfillable(f"{{{{ {text} }}}} is no expression: {error.message}") from error

        def calculated(context: Mapping[str, Any]) -> Any:
            try:
                value = run(context)
                if isinstance(value, Undefined):
                    str(value)  # raises, and says what is undefined
            except (UndefinedError, SecurityError, TemplateError) as error:
                raise Unfillable(f"{{{{ {text} }}}}: {error}{_hint(str(error), context)}") from error
            except (ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
                raise Unfillable(f"{{{{ {text} }}}}: {error}") from error
            return value

        return calculated


def _lookup(path: str) -> Callable[[Mapping[str, Any]], Any]:
    names = path.split(".")

    def looked_up(context: Mapping[str, Any]) -> Any:
        value: Any = context
        for name in names:
            if type(value) is dict or isinstance(value, Mapping):
                if name not in value:
                    raise Unfillable(
                        f"{{{{ {path} }}}}: there is no {name!r}{did_you_mean(name, list(map(str, value)))}"
                    )
                value = value[name]
            elif name.startswith("_") or (value := getattr(value, name, MISSING)) is MISSING:
                raise Unfillable(
                    f"{{{{ {path} }}}}: {name!r} is looked for in something that has no such part"
                )
        return value

    return looked_up


MISSING = object()


def _hint(message: str, context: Mapping[str, Any]) -> str:
    if (found := re.match(r"'(\w+)' is undefined", message)) is not None:
        return did_you_mean(found[1], list(context))
    return ""
