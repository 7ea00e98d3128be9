"""The same tasks in erflijn, Polars, DuckDB and R, on the same made-up data: seconds, ratios, agreement.

`python benches/peers/compare.py [PEOPLE [PEER ...]]`, peers being Polars, DuckDB and R. Everything runs on one thread, one program after another, best of
three. Seconds are those of the processor, so that what else the machine does weighs little. Data lie in memory before a clock starts. Ends with an error when a value differs from ours by more than
the tolerance stated below.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
# Relative. Sums of ten million terms in plain floating point keep about ten digits.
TOLERANCE = 1e-9


def run(command):
    try:
        found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE.parent.parent)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        print(f"left out: {error}", file=sys.stderr)
        return {}
    return {task: (float(seconds), values) for task, seconds, values in
            (line.split("\t") for line in found.stdout.splitlines())}


def numbers(text):
    return {name: float(value) for name, value in (part.split("=") for part in text.split())}


def main():
    people = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    with tempfile.TemporaryDirectory() as folder:
        ours = run(["cargo", "run", "--quiet", "--release", "-p", "erflijn-benches", "--bin", "peers", "--", folder, people])
        if not ours:
            sys.exit("erflijn itself did not run")
        line = repr(numbers(ours["arop"][1])["line"])
        python = [sys.executable, str(HERE / "peers_python.py")]
        commands = {
            "Polars": [*python, "polars", folder, line],
            "DuckDB": [*python, "duckdb", folder, line],
            "R": ["Rscript", str(HERE / "peers.R"), folder, line],
        }
        peers = {name: run(commands[name]) for name in sys.argv[2:] or commands}
    differ = 0
    for name, peer in peers.items():
        print(name, peer.pop("version", (0, "left out"))[1], sep=": ")
        # All measures at once are, for the others, these tasks one after another.
        parts = ["fgt", "ranked", "gini_quintiles", "entropy"]
        if all(part in peer for part in parts):
            peer["all"] = (sum(peer[part][0] for part in parts), "")
    print(f"\n{people} people; seconds of the processor, best of three, and times as long as erflijn")
    print("| task | erflijn |", " | ".join(peers), "|")
    print("|---|" + "---:|" * (1 + len(peers)))
    for task, (seconds, values) in ours.items():
        cells = []
        for name, peer in peers.items():
            theirs, found = peer.get(task, (None, ""))
            cells.append("" if theirs is None else f"{theirs:.4f} ({theirs / seconds:.1f}x)")
            expected = numbers(values)
            for value, number in numbers(found).items():
                if abs(number / expected[value] - 1) > TOLERANCE:
                    differ += 1
                    print(f"DIFFERS: {name} {task} {value}: {number!r}, ours {expected[value]!r}", file=sys.stderr)
        print(f"| {task} | {seconds:.4f} |", " | ".join(cells), "|")
    if differ:
        sys.exit(f"{differ} values differ by more than the tolerance")
    print(f"\nall values agree to a relative {TOLERANCE:g}")


main()
