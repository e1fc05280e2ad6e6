"""An About with something in every part."""

from datetime import UTC, datetime

from reports import About, AboutCheck, AboutInterval, AboutSource, AboutStep

FETCHED = datetime(2013, 2, 1, 11, 0, 3, tzinfo=UTC)
SOURCES = (
    AboutSource("carriers", None, "http://site/carriers", FETCHED, "c" * 64),
    AboutSource("departures", "2013-01-01", "http://site/flights?page=1", FETCHED, "a" * 64),
    AboutSource("departures", "2013-01-01", "http://site/flights?page=2", FETCHED, "b" * 64),
    AboutSource("departures", "2013-01-02", "http://site/flights", FETCHED, "d" * 64),
)
ABOUT = About(
    pipeline="flight-punctuality",
    title="Punctuality of flights",
    code_version="0.1.0 sha256:ab12",
    params={"origin": None, "airports": ["JFK", "EWR"], "greeting": "=hello", "limit": 3},
    interval=AboutInterval(
        "January 2013",
        datetime(2013, 1, 1, 5, tzinfo=UTC),
        datetime(2013, 2, 1, 5, tzinfo=UTC),
        "America/New_York",
    ),
    sources=tuple(reversed(SOURCES)),
    steps=(AboutStep("departures", None, 27_004), AboutStep("punctuality", 27_004, 16)),
    checks=(
        AboutCheck("every_carrier_is_known", "passed"),
        AboutCheck("full_month", "warned", "=thin \x1b[1m"),
    ),
    notes=("2013-01-04 could not be fetched",),
)
