"""Mobility between generations in erflijn, R, statsmodels and numpy, on the same made-up data, in one run.

`python benches/peers/compare_mobility.py [PAIRS [PEER ...]]`, peers being R, statsmodels and numpy. One program after
another on one thread, best of three, seconds of the processor, data in memory before a clock starts. Ends with an error
when a value differs from ours by more than the tolerance stated below.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
# Relative. What iterations to a relative 1e-8 or so of the deviance leave of coefficients and errors; closed formulas
# agree to a relative 1e-9.
ITERATED, CLOSED = 2e-6, 1e-9
# lme4's optimiser stops at about five digits of a ratio of variances, statsmodels' at about as many.
REML = 1e-4
TOLERANCES = {"elasticity_of_expectation": ITERATED, "logit": ITERATED, "rc": ITERATED, "unidiff": ITERATED,
              "sibling_reml": REML}


def run(command):
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    try:
        found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE.parent.parent,
                               env={**os.environ, **one_thread})
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        print(f"left out: {error}", file=sys.stderr)
        return {}
    return {task: (float(seconds), values) for task, seconds, values in
            (line.split("\t") for line in found.stdout.splitlines())}


def numbers(text):
    return {name: float(value) for name, value in (part.split("=") for part in text.split())}


def main():
    pairs = sys.argv[1] if len(sys.argv) > 1 else "100000"
    with tempfile.TemporaryDirectory() as folder:
        ours = run(["cargo", "run", "--quiet", "--release", "-p", "erflijn-benches", "--bin", "mobility-peers", "--",
                    folder, pairs])
        if not ours:
            sys.exit("erflijn itself did not run")
        python = [sys.executable, str(HERE / "mobility_python.py")]
        commands = {
            "R": ["Rscript", str(HERE / "mobility.R"), folder],
            "statsmodels": [*python, "statsmodels", folder],
            "numpy": [*python, "numpy", folder],
        }
        peers = {name: run(commands[name]) for name in sys.argv[2:] or commands}
    for name, peer in peers.items():
        print(name, peer.pop("version", (0, "left out"))[1], sep=": ")
    print(f"\n{pairs} pairs; seconds of the processor, best of three, and times as long as erflijn")
    print("| task | erflijn |", " | ".join(peers), "| largest difference |")
    print("|---|" + "---:|" * (2 + len(peers)))
    differ = 0
    for task, (seconds, values) in ours.items():
        cells, expected, largest = [], numbers(values), 0.0
        for name, peer in peers.items():
            theirs, found = peer.get(task, (None, ""))
            cells.append("" if theirs is None else f"{theirs:.4f} ({theirs / seconds:.1f})")
            for value, number in numbers(found).items():
                difference = abs(number / expected[value] - 1)
                largest = max(largest, difference)
                if not difference <= TOLERANCES.get(task, CLOSED):
                    differ += 1
                    print(f"DIFFERS: {name} {task} {value}: {number!r}, ours {expected[value]!r}", file=sys.stderr)
        print(f"| `{task}` | {seconds:.4f} |", " | ".join(cells), f"| {largest:.0e} |")
    if differ:
        sys.exit(f"{differ} values differ by more than the tolerance")
    print("\nall values agree within the tolerances")


main()
