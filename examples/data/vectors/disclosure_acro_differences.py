"""Writes disclosure_acro_*_differences.json: tables on which acro's checks differ from one rule for each cell.

Made with acro 1.0.2 on Python 3 (pip install acro==1.0.2). All data are invented.
"""

import json
import os
import tempfile

import pandas as pd
from acro import ACRO

FOLDER = os.path.dirname(os.path.abspath(__file__))
CONFIG = {"safe_threshold": 10, "safe_nk_n": 2, "safe_nk_k": 0.9, "safe_pratio_p": 0.1}


def run(cells, aggfunc, config):
    """The result of acro for cells of values; counts are cells of ones without a statistic."""
    rows = [
        (f"r{i}", f"c{j}", value)
        for i, row in enumerate(cells)
        for j, cell in enumerate(row)
        for value in cell
    ]
    data = pd.DataFrame(rows, columns=["r", "c", "v"])
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        session = ACRO(suppress=False)
        session.config.update(config)
        if aggfunc is None:
            table = session.crosstab(data.r, data.c)
        else:
            table = session.crosstab(data.r, data.c, values=data.v, aggfunc=aggfunc)
        record = session.results.get_index(0)
        os.chdir(here)
    shape = [[[] for _ in row] for row in cells]
    for check, places in record.sdc["cells"].items():
        for i, j in places:
            shape[i][j].append(check)
    flags = [[sorted(cell) for cell in row] for row in shape]
    result = {"status": record.status, "summary": record.summary, "cell_flags": flags}
    if aggfunc is not None:
        values = table.to_numpy().tolist()
        result["table"] = [[None if pd.isna(x) else float(x) for x in row] for row in values]
    return result


def write(topic, cases):
    content = {"id": topic, "tool": "acro 1.0.2 (crosstab, suppress=False)", "cases": cases}
    with open(os.path.join(FOLDER, f"{topic}_differences.json"), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def frequency(name, note, counts, zeros):
    config = {"safe_threshold": 10, "zeros_are_disclosive": zeros}
    ones = [[[1.0] * count for count in row] for row in counts]
    return {"id": name, "note": note, "config": config, "counts": counts, "acro": run(ones, None, config)}


def magnitude(name, note, aggfunc, cells, **config):
    config = CONFIG | config
    found = run(cells, aggfunc, config)
    return {"id": name, "note": note, "aggfunc": aggfunc, "config": config, "contributions": cells, "acro": found}


LARGE = [1.0] * 11 + [500.0]
EVEN = [5.0] * 12
write(
    "disclosure_acro_frequency",
    [
        frequency("zero harmless", "an empty cell, zeros declared harmless", [[12, 0], [25, 40]], False),
        frequency("row of one", "all units of a row in one cell", [[0, 30], [15, 40]], True),
    ],
)
write(
    "disclosure_acro_magnitude",
    [
        magnitude("zeros", "a total of nothing but zeros", "sum", [[[0.0] * 12, EVEN]]),
        magnitude("beside negative", "a dominated cell beside a negative one", "sum", [[[-5.0] + EVEN, LARGE]]),
        magnitude("few and negative", "a small cell beside a negative one", "sum", [[[-5.0] + EVEN, EVEN[:4]]]),
        magnitude("median", "of cells that are dominated", "median", [[LARGE, EVEN], [EVEN[:3], EVEN]],
                  zeros_are_disclosive=True),
        magnitude("empty", "a cell without contributions", "sum", [[LARGE, EVEN], [EVEN, []]]),
        magnitude("empty median", "a cell without contributions", "median", [[LARGE, EVEN], [EVEN, []]],
                  zeros_are_disclosive=True),
        magnitude("mean", "two contributors, and one", "mean", [[LARGE[-2:], [7.0]], [EVEN, LARGE[1:]]]),
        magnitude("p only", "a rest of 4 beside 50 and 45, dominance above 99 %", "sum",
                  [[[0.4] * 10 + [50.0, 45.0], EVEN]], safe_nk_k=0.99),
        magnitude("seven percent", "a rest of 7 and of 6 beside 100 and 80", "sum",
                  [[[0.7] * 10 + [100.0, 80.0], [0.6] * 10 + [100.0, 80.0]]], safe_nk_k=0.99, safe_pratio_p=0.07),
    ],
)
