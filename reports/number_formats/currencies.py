"""How amounts of money are shown, and which columns hold them. Codes and decimals are those of ISO 4217."""

import re
from collections.abc import Sequence

from reports.errors import BadColumn

CODE = re.compile("[A-Z]{3}")
WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
WITH_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
# Codes that a name such as `revenue_usd` is trusted to mean; TRY, ALL and TOP are words first.
TRADED = (
    "AED AUD BRL CAD CHF CLP CNY CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR NOK NZD "
    "PLN RON SAR SEK SGD THB TWD UAH USD UYU VND ZAR"
)
RATES = frozenset({"rate", "rates", "per"})  # in such a name a currency is no amount


def currency_code(currency: str) -> str:
    """The format of amounts in a currency. Raises BadColumn for what is no code of one."""
    if not CODE.fullmatch(currency):
        raise BadColumn("currency", currency, "a currency is three capital letters, such as EUR")
    decimals = ".00"
    if currency in WITHOUT_DECIMALS.split():
        decimals = ""
    elif currency in WITH_THREE_DECIMALS.split():
        decimals = ".000"
    return f"#,##0{decimals} [${currency}]"


def currency_of(words: Sequence[str]) -> str | None:
    """The currency that a column's name ends in, such as `revenue_usd`; its words are given."""
    if len(words) < 2 or not RATES.isdisjoint(word.lower() for word in words):
        return None
    last = words[-1].upper()
    return last if last in TRADED.split() else None
