"""The tasks of the comparison in Polars and in DuckDB, one thread each.

`peers_python.py polars|duckdb FOLDER LINE` reads the columns that our part wrote and prints what it prints:
a line per task with its name, the best of three times in seconds of the processor, and values.
"""

import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"  # before the import, which starts the threads

import numpy as np  # noqa: E402

YEARS = 20
TIMES = 3


def measure(task, work):
    best, values = float("inf"), {}
    for _ in range(TIMES):
        start, runs, used = time.process_time(), 0, 0
        while used < 0.1:
            values = work()
            runs += 1
            used = time.process_time() - start
        best = min(best, used / runs)
    print(task, best, " ".join(f"{name}={float(value)!r}" for name, value in values.items()), sep="\t")


def read(folder):
    number = lambda name: np.fromfile(f"{folder}/{name}.f64", dtype="<f8")
    byte = lambda name: np.fromfile(f"{folder}/{name}.u8", dtype="u1")
    people = {"y": number("incomes"), "w": number("weights"), "adults": byte("adults"), "children": byte("children")}
    statuses = byte("statuses").reshape(YEARS, -1)
    return people, {f"s{year}": statuses[year] for year in range(YEARS)}


def in_polars(folder, line):
    import polars as pl

    people, statuses = read(folder)
    people = pl.DataFrame(people)
    panel = pl.DataFrame(statuses).with_columns(pl.all().replace({2: None}))
    table = pl.read_csv(f"{folder}/thresholds.csv", schema_overrides={"adults": pl.UInt8, "children": pl.UInt8})
    y, w = pl.col("y"), pl.col("w")
    total = w.sum()
    poor = y < line
    gap = (line - y) / line
    row = lambda frame, **columns: frame.lazy().select(**columns).collect().row(0, named=True)

    def quantile(frame, share):
        """The smallest income at or below which the share of the weight lies, of a sorted frame."""
        return frame.select(y.filter(w.cum_sum() >= share * total * (1 - 1e-12)).first()).item()

    measure("sum", lambda: row(people, sum=(w * y).sum()))
    measure(
        "fgt",
        lambda: row(
            people,
            headcount=w.filter(poor).sum() / total,
            poverty_gap=(w * gap).filter(poor).sum() / total,
            severity=(w * gap * gap).filter(poor).sum() / total,
        ),
    )

    def arop():
        found = 0.6 * quantile(people.select("y", "w").sort("y"), 0.5)
        return {"line": found} | row(people, headcount=w.filter(y < found).sum() / total)

    measure("arop", arop)

    def ranked():
        everybody = people.select(w.sum()).item()
        dwarfs = people.lazy().filter(poor).select("w", "y", g=gap).sort("y").collect()
        g, before = pl.col("g"), w.cum_sum() - w
        gaps_before = (w * g).cum_sum() - w * g
        sums = row(
            dwarfs,
            poor=total,
            gap=(w * g).sum(),
            # Over pairs, each once: the poorer have the larger gap.
            pairs=(w * (gaps_before - g * before)).sum(),
        )
        q, gap_sum, pairs = sums["poor"], sums["gap"], 2 * sums["pairs"]
        of_all = pairs + 2 * (everybody - q) * gap_sum
        return {
            "sen": (gap_sum + pairs / (2 * q)) / everybody,
            "sen_shorrocks_thon": (gap_sum + of_all / (2 * everybody)) / everybody,
            "relative_median_gap": (line - quantile(dwarfs, 0.5)) / line,
        }

    measure("ranked", ranked)

    def gini_quintiles():
        parade = people.select("y", "w").sort("y")
        before, income_before = w.cum_sum() - w, (w * y).cum_sum() - w * y
        pairs = (w * (y * before - income_before)).sum()
        low, high = quantile(parade, 0.2), quantile(parade, 0.8)
        share = (w * y).filter(y > high).sum() / (w * y).filter(y <= low).sum()
        return row(parade, gini=pairs / (total * (w * y).sum()), quintile_share_ratio=share)

    measure("gini_quintiles", gini_quintiles)

    def entropy():
        mean = people.select((w * y).sum() / total).item()
        r = y / mean
        return row(
            people,
            entropy_0=-(w * r.log()).sum() / total,
            entropy_1=(w * r * r.log()).sum() / total,
            entropy_2=((w * r * r).sum() / total - 1) / 2,
            atkinson_half=1 - ((w * r.sqrt()).sum() / total) ** 2,
        )

    measure("entropy", entropy)

    def four_of_four():
        poor, windows = pl.lit(0), pl.lit(0)
        for year in range(YEARS - 3):
            window = pl.all_horizontal(pl.col(f"s{y}") == 1 for y in range(year, year + 4))
            seen = pl.all_horizontal(pl.col(f"s{y}").is_not_null() for y in range(year, year + 4))
            poor, windows = poor + (window & seen).sum(), windows + seen.sum()
        return row(panel, poor=poor, windows=windows)

    measure("four_of_four", four_of_four)

    def thresholds():
        joined = people.lazy().join(table.lazy(), on=["adults", "children"])
        return joined.select(poor=(y < pl.col("threshold")).sum()).collect().row(0, named=True)

    measure("thresholds", thresholds)
    return f"Polars {pl.__version__}, Python {sys.version.split()[0]}"


def in_duckdb(folder, line):
    import duckdb

    people, statuses = read(folder)
    base = duckdb.connect()
    base.execute("PRAGMA threads=1")
    base.execute("CREATE TABLE people AS SELECT * FROM people")
    cells = ", ".join(f"nullif(s{year}, 2) AS s{year}" for year in range(YEARS))
    base.execute(f"CREATE TABLE panel AS SELECT {cells} FROM statuses")
    base.execute(f"CREATE TABLE lines AS SELECT * FROM read_csv('{folder}/thresholds.csv')")

    def row(query):
        found = base.execute(query.replace("LINE", repr(line)))
        names = [column[0] for column in found.description]
        return dict(zip(names, found.fetchone()))

    half = lambda share: f"min(y) FILTER (below + w >= {share} * total * (1 - 1e-12))"
    # By income and place, so that the running sum moves row by row.
    sorted_people = """parade AS (
        SELECT y, w, sum(w) OVER o - w AS below, sum(w * y) OVER o - w * y AS income_below, sum(w) OVER () AS total
        FROM people WHERE {who}
        WINDOW o AS (ORDER BY y ROWS UNBOUNDED PRECEDING))"""
    everybody, the_poor = sorted_people.format(who="true"), sorted_people.format(who="y < LINE")

    measure("sum", lambda: row("SELECT sum(w * y) AS sum FROM people"))
    measure("fgt", lambda: row("""
        SELECT sum(w) FILTER (y < LINE) / sum(w) AS headcount,
            sum(w * (LINE - y)) FILTER (y < LINE) / LINE / sum(w) AS poverty_gap,
            sum(w * (LINE - y) * (LINE - y)) FILTER (y < LINE) / (LINE * LINE) / sum(w) AS severity
        FROM people"""))
    measure("arop", lambda: row(f"""
        WITH {everybody}, centre AS (SELECT 0.6 * {half(0.5)} AS line FROM parade)
        SELECT any_value(line) AS line, sum(w) FILTER (y < line) / sum(w) AS headcount FROM people, centre"""))

    def ranked():
        found = row(f"""
            WITH {the_poor} SELECT sum(w) AS poor, sum(w * (LINE - y)) / LINE AS gap,
                2 * sum(w * (y * below - income_below)) / LINE AS pairs, {half(0.5)} AS median,
                (SELECT sum(w) FROM people) AS people
            FROM parade""")
        q, gap, pairs, total = found["poor"], found["gap"], found["pairs"], found["people"]
        return {
            "sen": (gap + pairs / (2 * q)) / total,
            "sen_shorrocks_thon": (gap + (pairs + 2 * (total - q) * gap) / (2 * total)) / total,
            "relative_median_gap": (line - found["median"]) / line,
        }

    measure("ranked", ranked)
    measure("gini_quintiles", lambda: row(f"""
        WITH {everybody}, sorted AS MATERIALIZED (FROM parade),
            limits AS (SELECT {half(0.2)} AS low, {half(0.8)} AS high FROM sorted)
        SELECT sum(w * (y * below - income_below)) / (sum(w) * sum(w * y)) AS gini,
            sum(w * y) FILTER (y > high) / sum(w * y) FILTER (y <= low) AS quintile_share_ratio
        FROM sorted, limits"""))
    measure("entropy", lambda: row("""
        WITH centre AS (SELECT sum(w * y) / sum(w) AS mean FROM people),
            relative AS (SELECT w, y / mean AS r FROM people, centre)
        SELECT -sum(w * ln(r)) / sum(w) AS entropy_0, sum(w * r * ln(r)) / sum(w) AS entropy_1,
            (sum(w * r * r) / sum(w) - 1) / 2 AS entropy_2, 1 - pow(sum(w * sqrt(r)) / sum(w), 2) AS atkinson_half
        FROM relative"""))
    windows = ["+".join(f"s{y}" for y in range(year, year + 4)) for year in range(YEARS - 3)]
    poor = " + ".join(f"count(*) FILTER ({window} = 4)" for window in windows)
    seen = " + ".join(f"count({window})" for window in windows)
    measure("four_of_four", lambda: row(f"SELECT {poor} AS poor, {seen} AS windows FROM panel"))
    measure("thresholds", lambda: row(
        "SELECT count(*) FILTER (y < threshold) AS poor FROM people JOIN lines USING (adults, children)"))
    return f"DuckDB {duckdb.__version__}, Python {sys.version.split()[0]}"


if __name__ == "__main__":
    package, folder, line = sys.argv[1:]
    run = {"polars": in_polars, "duckdb": in_duckdb}[package]
    print("version", 0, run(folder, float(line)), sep="\t")
