"""The site's pages: flights as a paged JSON API, airlines as an HTML table, airports as CSV."""

import html
from datetime import date

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from demo import flights

PAGE = 300  # flights on one page
ORIGINS = ("EWR", "JFK", "LGA")
FRAME = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


async def index(request: Request) -> Response:  # noqa: ARG001 # Starlette's signature
    body = """<p>Departures out of New York in 2013, for practising.</p>
<ul>
<li><a href="/flights?day=2013-01-05">/flights?day=2013-01-05</a>: paged JSON; &amp;origin=JFK for one airport</li>
<li><a href="/airlines">/airlines</a>: a table</li>
<li><a href="/airports.csv">/airports.csv</a>: CSV</li>
</ul>"""
    return HTMLResponse(FRAME.format(title="New York departures", body=body))


async def flights_of_day(request: Request) -> Response:
    try:
        day = date.fromisoformat(request.query_params.get("day", ""))
        page = int(request.query_params.get("page", "1"))
    except ValueError:
        return JSONResponse({"error": "day must be a date such as 2013-01-05, page a number"}, 400)
    origin = request.query_params.get("origin")
    if origin is not None and origin not in ORIGINS:
        return JSONResponse({"error": f"origin must be one of {', '.join(ORIGINS)}"}, 400)
    rows = await run_in_threadpool(flights.of_day, day, origin)
    pages = max(1, -(-len(rows) // PAGE))
    if not 1 <= page <= pages:
        return JSONResponse({"error": f"there are pages 1 to {pages}"}, 404)
    following = request.url.include_query_params(page=page + 1) if page < pages else None
    return JSONResponse(
        {
            "day": day.isoformat(),
            "page": page,
            "pages": pages,
            "total": len(rows),
            "next": str(following) if following else None,
            "flights": [_plain(row) for row in rows.slice((page - 1) * PAGE, PAGE).to_pylist()],
        }
    )


def _plain(row: dict[str, object]) -> dict[str, object]:
    hour = row["time_hour"]
    return {**row, "time_hour": hour.isoformat() if hasattr(hour, "isoformat") else hour}


async def airlines(request: Request) -> Response:  # noqa: ARG001 # Starlette's signature
    rows = "\n".join(
        f"<tr><td>{html.escape(row['carrier'])}</td><td>{html.escape(row['name'])}</td></tr>"
        for row in flights.airlines()
    )
    table = f"""<table id="airlines">
<caption>Airlines by their two-letter code</caption>
<thead><tr><th>Carrier</th><th>Name</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""
    return HTMLResponse(FRAME.format(title="Airlines", body=table))


async def airports(request: Request) -> Response:  # noqa: ARG001 # Starlette's signature
    return FileResponse(flights.folder() / "airports.csv", media_type="text/csv; charset=utf-8")


async def broken(request: Request) -> Response:  # noqa: ARG001 # Starlette's signature
    return Response("the database of this site is away", 500, media_type="text/plain")


app = Starlette(
    routes=[
        Route("/", index),
        Route("/flights", flights_of_day),
        Route("/airlines", airlines),
        Route("/airports.csv", airports),
        Route("/broken", broken),
    ]
)
