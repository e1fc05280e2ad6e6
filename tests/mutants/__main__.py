"""Break the code in small ways at random, and say which of them the tests see: `make mutants`."""

import argparse
import math
import signal
import sys
import tempfile
from pathlib import Path

from tests.mutants.drawing import draw
from tests.mutants.laboratory import FLOORS, Laboratory

ROOT = Path(__file__).parent.parent.parent
Z = 1.96  # of a 95% interval


def interval(seen: int, of: int) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    middle, width = seen + Z**2 / 2, Z * math.sqrt(seen * (of - seen) / of + Z**2 / 4)
    return (middle - width) / (of + Z**2), (middle + width) / (of + Z**2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "paths", nargs="*", default=FLOORS, help="folders or files to draw from (default: all floors)"
    )
    parser.add_argument("--seed", required=True, help="the same seed and code give the same mutants")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--limit", type=float, default=60, help="seconds of tests for a mutant (default: 60)")
    asked = parser.parse_args()
    paths = [ROOT / path for path in asked.paths]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
    mutants = draw(ROOT, sorted(str(file.relative_to(ROOT)) for file in files), asked.seed, asked.count)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # as by Ctrl-C: nothing is left behind
    seen = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        laboratory = Laboratory(ROOT, Path(folder), asked.limit)
        for mutant in mutants:
            is_seen = laboratory.sees(mutant)
            seen += is_seen
            print(
                f"{'seen' if is_seen else 'SURVIVED'} {mutant.file}:{mutant.line}\n{mutant.diff}", flush=True
            )
    low, high = interval(seen, len(mutants))
    print(f"{seen} of {len(mutants)} seen: {seen / len(mutants):.0%} (95% interval {low:.0%} to {high:.0%})")


main()
