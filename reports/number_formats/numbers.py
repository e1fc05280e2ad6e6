"""Numbers as text under a section of a format code: digits, groups, percents, thousands and powers of ten."""

from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from reports.number_formats.codes import Section, Token
from reports.number_formats.digits import decimal_places, whole_digits, whole_places
from reports.number_formats.general import round_half_up

PRECISION = 400  # digits: more than any double has before or after its point


class Unshowable(Exception):
    """The code means nothing that can be shown, such as two decimal points."""


@dataclass
class NumberPattern:
    """The pattern by which a section writes a number. Placeholders are `0`, `#` and `?`.

    `pieces` are what stands one after the other: a text, or the part of which the next placeholder is filled.
    `shift` is by how many powers of ten less is shown: 2 fewer for each percent, 3 more for each last comma.
    `exponent` is `+` where the sign of a positive one is shown, `-` where it is not, and None where there is none.
    """

    pieces: list[Token] = field(default_factory=list)
    whole: str = ""
    decimals: str = ""
    power: str = ""
    grouped: bool = False
    shift: int = 0
    exponent: str | None = None
    has_point: bool = False

    @classmethod
    def of(cls, section: Section) -> "NumberPattern":
        """Return the pattern of a section. Raises Unshowable."""
        pattern = cls()
        commas = 0  # since the last placeholder
        for token in section.tokens:
            if token.part == "comma":
                commas += bool(pattern.whole)
                continue
            if token.part == "digit":
                pattern.grouped = pattern.grouped or (commas > 0 and not pattern.has_point)
                commas = 0
                pattern.add_digit(token.text)
            elif token.part == "point":
                pattern.add_point()
            elif token.part == "exponent":
                pattern.add_exponent(token.text)
            else:
                pattern.shift -= 2 * (token.part == "percent")
                pattern.pieces.append(Token("literal", token.text))
            if token.part == "point" or (token.part != "digit" and commas):
                pattern.shift, commas = pattern.shift + 3 * commas, 0
        pattern.shift += 3 * commas
        if pattern.exponent and not pattern.power:
            raise Unshowable
        return pattern

    def add_digit(self, holder: str) -> None:
        """A placeholder belongs to the power of ten, the decimals or the whole number, whichever has begun."""
        if self.exponent:
            self.power += holder
            return
        if self.has_point:
            self.decimals += holder
        else:
            self.whole += holder
        self.pieces.append(Token("digit", holder))

    def add_point(self) -> None:
        if self.has_point or self.exponent:
            raise Unshowable
        if not self.whole:  # `.00` shows what stands before the point too
            self.add_digit("#")
        self.has_point = True
        self.pieces.append(Token("point", "."))

    def add_exponent(self, text: str) -> None:
        if self.exponent or not self.whole:
            raise Unshowable
        self.exponent = text[1]
        self.pieces.append(Token("exponent", text[0]))

    def text(self, number: Decimal) -> tuple[str, bool]:
        """Return the text for a number without a sign, and whether it is of nothing but zeros."""
        with localcontext(prec=PRECISION):
            scaled, power = number.scaleb(-self.shift), 0
            if self.exponent:
                scaled, power = self._scientific(scaled)
            rounded = round_half_up(scaled, len(self.decimals))
            before, _, after = format(rounded, "f").partition(".")
        return self._filled(before.lstrip("0"), after, power), not rounded or not self.whole

    def _filled(self, before: str, after: str, power: int) -> str:
        whole = whole_places(before, self.whole, grouped=self.grouped) if self.whole else []
        places = iter([*whole, *decimal_places(after, self.decimals)])
        powers = {"exponent": self._power(power)} if self.exponent else {}
        return "".join(
            next(places) if piece.part == "digit" else piece.text + powers.get(piece.part, "")
            for piece in self.pieces
        )

    def _scientific(self, number: Decimal) -> tuple[Decimal, int]:
        """As many digits before the point as there are placeholders at most; powers go in steps of as many."""
        step = len(self.whole)
        power = number.adjusted() // step * step if number else 0
        mantissa = number.scaleb(-power)
        if round_half_up(mantissa, len(self.decimals)) >= 10**step:  # 9.99 rounded up
            power += step
            mantissa = number.scaleb(-power)
        return mantissa, power

    def _power(self, power: int) -> str:
        sign = "-" if power < 0 else "+" if self.exponent == "+" else ""
        return sign + whole_digits(str(abs(power)) if power else "", self.power, grouped=False)
