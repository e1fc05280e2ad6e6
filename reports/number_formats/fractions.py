"""Numbers as fractions under a section of a format code, such as `# ?/?`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from reports.number_formats.codes import Section, Token
from reports.number_formats.digits import whole_digits

HOLDERS = "0#?"


@dataclass(frozen=True)
class FractionPattern:
    """`whole` are the placeholders of the whole number, none where a fraction may be more than 1.

    `fixed` is the divisor that the code names; where it names none, one has at most as many digits as `below`.
    """

    before: str
    whole: str
    between: str
    above: str
    bar: str
    below: str
    fixed: int | None
    after: str

    @classmethod
    def of(cls, section: Section) -> "FractionPattern":
        """Return the pattern of a section that holds a fraction."""
        tokens = section.tokens
        position = next(number for number, token in enumerate(tokens) if token.part == "fraction")
        above, _, below = tokens[position].text.partition("/")
        bar = tokens[position].text[len(above.rstrip()) : len(tokens[position].text) - len(below.lstrip())]
        digits = [number for number, token in enumerate(tokens[:position]) if token.part == "digit"]
        first, last = (digits[0], digits[-1] + 1) if digits else (position, position)
        below = below.strip()
        return cls(
            _literal(tokens[:first]),
            "".join(token.text for token in tokens[first:last] if token.part == "digit"),
            _literal(tokens[last:position]),
            above.strip(),
            bar,
            below,
            int(below) if below.strip(HOLDERS) else None,
            _literal(tokens[position + 1 :]),
        )

    def text(self, number: Decimal) -> tuple[str, bool]:
        """Return the text for a number without a sign, and whether it is of nothing but zeros."""
        exact = Fraction(number)
        whole = int(exact) if self.whole else 0
        top, bottom = self._parts(exact - whole)
        if self.whole and top == bottom:
            whole, top = whole + 1, 0
        return f"{self.before}{self._shown(whole, top, bottom)}{self.after}", not whole and not top

    def _parts(self, part: Fraction) -> tuple[int, int]:
        if self.fixed is None:
            nearest = part.limit_denominator(10 ** len(self.below) - 1)
            return nearest.numerator, nearest.denominator
        exact = Decimal(part.numerator) * self.fixed / Decimal(part.denominator)
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP)), self.fixed

    def _shown(self, whole: int, top: int, bottom: int) -> str:
        if (
            self.whole and not top
        ):  # the room of a fraction stays, so that whole numbers stand below each other
            blank = " " * len(f"{self.between}{self.above}{self.bar}{self.below}")
            return whole_digits(str(whole), self.whole.replace("#", "0", 1), grouped=False) + blank
        lower = str(bottom) if self.fixed is not None else self._below(str(bottom))
        upper = whole_digits(str(top), self.above, grouped=False)
        digits = whole_digits(str(whole) if whole else "", self.whole, grouped=False) if self.whole else ""
        return f"{digits}{self.between}{upper}{self.bar}{lower}"

    def _below(self, bottom: str) -> str:
        """The divisor stands at the left of its placeholders."""
        return bottom.ljust(len(self.below) if "?" in self.below else 0)


def _literal(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)
