"""Derives the files of this folder from the tables named in README.md. Usage: derive.py SHARED_DATA_FOLDER"""

import csv
import sys
from pathlib import Path

shared = Path(sys.argv[1])
here = Path(__file__).parent
YEARS = range(1981, 2022)


def rows(path):
    with open(shared / path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name, header, lines):
    with open(here / name, "w", encoding="utf-8", newline="\n") as file:
        file.write(";".join(header) + "\n")
        for line in lines:
            assert all(";" not in str(cell) for cell in line), line
            file.write(";".join(map(str, line)) + "\n")


table = rows("municipality-changes/cbs_municipality_codes_1981_2021.csv")
income = rows("cbs-regional/kwb2021_municipalities_income.csv")
north = rows("municipality-changes/municipalities_groningen_drenthe.csv")
changes = rows("municipality-changes/changes_nl_1982_2023.csv")

with open(here / "later_changes.csv", encoding="utf-8", newline="") as file:
    later = list(csv.DictReader(file, delimiter=";"))

# A block is a row of the table: a municipality of 1981, or the part of one that CBS follows apart.
blocks = []
for number, row in enumerate(table, start=1):
    last = None
    for year in YEARS:
        code = row[f"gm_{year}"]
        if code != last:
            blocks.append((number, year, code))
        last = code
    blocks += [(number, int(change["year"]), change["new"]) for change in later if change["old"] == last]
write("blocks.csv", ("block", "from_year", "code"), blocks)

# The income table leaves the province of Eemsdelta empty; the northern list has it.
province_of_2021 = {row["gm_code"][2:]: row["province"] for row in income if row["province"]}
province_of_2021.update({row["code"]: row["province"] for row in north})

# It also leaves the names of municipalities empty that were abolished after 2021.
names = {row["gm_code"][2:]: (row["name"], "85039NED") for row in income if row["name"]}
act = "Act of 19 June 1997 (names); code by alphabetical order and successor check"
for row in north:
    if "memory" not in row["name_source"]:
        source = "act-1997" if row["name_source"] == act else "list-2015"
        names.setdefault(row["code"], (row["name"], source))
# Of its last rows only the new names are from memory; of the north it repeats those that are.
from_memory = {row["code"] for row in north if "memory" in row["name_source"]}
for row in changes:
    if row["old_name"] and row["old_code"] not in from_memory:
        names.setdefault(row["old_code"], (row["old_name"], "list-2015"))
with open(here / "list-2014.csv", encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file, delimiter=";"):
        known, _ = names.setdefault(row["code"], (row["name"], "list-2014"))
        assert known == row["name"], (row, known)

for change in later:
    known, _ = names.setdefault(change["new"], (change["new_name"], "list-2025"))
    assert known == change["new_name"], (change, known)

provinces = {}
for row in table:
    for year in YEARS:
        provinces.setdefault(row[f"gm_{year}"], set()).add(province_of_2021[row["gm_2021"]])
for change in later:
    provinces.setdefault(change["new"], set()).update(provinces[change["old"]])
assert all(len(found) == 1 for found in provinces.values())
municipalities = [
    (code, *names.get(code, ("", "")), min(found)) for code, found in sorted(provinces.items())
]
write("municipalities.csv", ("code", "name", "name_source", "province"), municipalities)

# Undivided up to and including `undivided_until`, divided from `divided_from` on. The 2016-to-2024 matrix does not
# say when a part moved; Groningen and Drenthe did not change after 2021.
warned = [("0993", 2010), ("0055", 2014), ("1671", 2015), ("0140", 2018)]
splits = [(code, year - 1, year, "", "") for code, year in warned]
splits += [("0788", 2020, 2021, part, "") for part in ("0757", "0824", "0865")]
for row in rows("municipality-changes/splits_address_shares.csv"):
    splits.append((row["old_code"], row["from_year"], 2021, row["new_code"], row["addresses"]))
write("splits.csv", ("code", "undivided_until", "divided_from", "part", "addresses"), splits)
