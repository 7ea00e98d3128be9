"""Classes, ranks and tables of transitions in erflijn and in other packages, on the same made-up data, in one run.

`python benches/peers/compare_transition.py [PEOPLE]`. One thread, best of three, seconds of the processor, data in
memory before a clock starts. Ends with an error when a sum differs from ours by more than the tolerance below.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for variable in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

# Relative. Sums of a hundred million terms in plain floating point keep about nine digits.
TOLERANCE = 1e-8
TIMES = 3
K = 5


def measure(work):
    best, value = float("inf"), None
    for _ in range(TIMES):
        start, runs, used = time.process_time(), 0, 0
        while used < 0.1:
            value = work()
            runs += 1
            used = time.process_time() - start
        best = min(best, used / runs)
    return best, value


def check(numbers):
    numbers = np.asarray(numbers, dtype=float).ravel()
    return float((numbers * np.resize(np.arange(1.0, 8.0), len(numbers))).sum())


def of_values(x, w):
    """Name of the task, package, work, and whether the result must be ours."""
    import mapclassify
    import polars as pl
    import scipy.stats

    n, both = len(x), pl.DataFrame({"x": x, "w": w})
    column = pl.col("x")
    cumulated = pl.col("w").cum_sum()

    def by_limits():
        rank = lambda j: -(-n * j // K) - 1  # the smallest whole number of people that is j fifths or more
        limits = both.select(
            column.quantile(rank(j) / (n - 1), "nearest").alias(str(j)) for j in range(1, K)).row(0)
        return both.select(sum((column > limit).cast(pl.UInt8) for limit in limits)).to_series()

    def by_argsort():
        order = np.argsort(x, kind="stable")
        values, up_to = x[order], np.concatenate(([0.0], np.cumsum(w[order])))
        new = np.concatenate(([True], values[1:] != values[:-1]))
        starts = np.flatnonzero(new)
        ends = np.append(starts[1:], n)
        ranks = np.empty(n)
        ranks[order] = ((up_to[starts] + up_to[ends]) / 2 / up_to[-1])[np.cumsum(new) - 1]
        return ranks

    def by_unique():
        _, block = np.unique(x, return_inverse=True)
        at = np.bincount(block, weights=w)
        return ((np.cumsum(at) - at / 2) / at.sum())[block]

    def by_join():
        blocks = both.lazy().group_by("x").agg(pl.col("w").sum()).sort("x")
        blocks = blocks.select("x", rank=(cumulated - pl.col("w") / 2) / pl.col("w").sum())
        return both.lazy().join(blocks, on="x", how="left", maintain_order="left").select("rank").collect().to_series()

    yield "classes", "Polars qcut", lambda: both["x"].qcut(K), False
    yield "classes", "Polars quantiles, compared", by_limits, True
    yield "classes", "scipy rankdata, cut", lambda: np.floor((scipy.stats.rankdata(x, "min") - 1) * K / n), True
    yield "classes", "mapclassify Quantiles", lambda: mapclassify.Quantiles(x, K).yb, False
    yield "ranks_equal", "Polars rank", lambda: (both.select(column.rank("average")).to_series() - 0.5) / n, True
    yield "ranks_equal", "scipy rankdata", lambda: (scipy.stats.rankdata(x) - 0.5) / n, True
    yield "ranks_weighted", "Polars group_by, join", by_join, True
    yield "ranks_weighted", "numpy argsort", by_argsort, True
    yield "ranks_weighted", "numpy unique", by_unique, True


def of_classes(parents, children, w):
    import giddy.markov

    five, zero = np.uint8(K), np.zeros_like(parents)
    key = parents * five + children
    table = lambda a, b, **weights: np.bincount(a * five + b, minlength=K * K, **weights)
    yield "tally_equal", "numpy bincount", lambda: table(parents, children), True
    yield "tally_equal", "numpy bincount, keys ready", lambda: np.bincount(key.astype(np.intp), minlength=K * K), True
    yield "tally_equal_one_cell", "numpy bincount", lambda: table(zero, zero), True
    yield "tally_weighted", "numpy bincount", lambda: table(parents, children, weights=w), True
    yield "tally_weighted_one_cell", "numpy bincount", lambda: table(zero, zero, weights=w), True
    if len(parents) <= 1_000_000:
        pairs = np.column_stack((parents, children)).astype(int)
        yield "tally_equal", "giddy Markov", lambda: giddy.markov.Markov(pairs, summary=False).transitions, True


def main():
    people = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    with tempfile.TemporaryDirectory() as folder:
        command = ["cargo", "run", "--quiet", "--release", "-p", "erflijn-benches", "--bin", "transition-peers", "--"]
        found = subprocess.run([*command, folder, people], check=True, stdout=subprocess.PIPE, text=True,
                               cwd=Path(__file__).parent.parent.parent)
        read = lambda name, kind: np.fromfile(f"{folder}/{name}", dtype=kind)
        euros, apart, weights = (read(name, "<f8") for name in ("euros", "apart", "weights"))
        parents, children = read("parents", "u1"), read("children", "u1")
    ours = {task: (float(seconds), float(value)) for task, seconds, value in
            (line.split("\t") for line in found.stdout.splitlines())}
    tasks = [(f"{task}_{name}", *rest) for name, x in (("euros", euros), ("apart", apart))
             for task, *rest in of_values(x, weights)]
    tasks += of_classes(parents, children, weights)
    print(f"{people} people; milliseconds of the processor, best of three\n")
    print("| task | erflijn | other | ms | times as long |\n|---|---:|---|---:|---:|")
    differ = 0
    for task, package, work, same in tasks:
        (seconds, expected), (theirs, value) = ours[task], measure(work)
        print(f"| `{task}` | {1e3 * seconds:.2f} | {package} | {1e3 * theirs:.2f} | {theirs / seconds:.1f} |", flush=True)
        if same and abs(check(value) / expected - 1) > TOLERANCE:
            differ += 1
            print(f"DIFFERS: {package} {task}: {check(value)!r}, ours {expected!r}", file=sys.stderr)
    print("\n| erflijn alone | ms |\n|---|---:|")
    for task, (seconds, _) in ours.items():
        if task not in {name for name, *_ in tasks}:
            print(f"| `{task}` | {1e3 * seconds:.2f} |")
    if differ:
        sys.exit(f"{differ} sums differ by more than the tolerance")
    print(f"\nall sums agree to a relative {TOLERANCE:g}")


main()
