"""A slow twin of the programs `veenkolonien` and `three-generations`: the same tables, from the definitions.

It reads registers in Parquet with Polars and counts person by person with dictionaries. Errors are infinitesimal jackknives:
the weight of one person is moved a little, the statistic is computed anew. No line is taken from the Rust code; the order of
reasons and which families count as one follow its documentation.
See README.md for how to run it.
"""

import argparse
import csv
import datetime
import json
import math
import re
import sys
import tomllib
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

# CBS, StatLine 83131NED, 2015 = 100; from 2020 chained on the World Bank's FP.CPI.TOTL.ZG.
PRICES = dict(zip(range(2000, 2023), [
    75.06, 78.17, 80.74, 82.43, 83.48, 84.88, 85.82, 87.20, 89.37, 90.44, 91.59, 93.73, 96.04, 98.44, 99.40, 100.00,
    100.32, 101.70, 103.44, 106.16, 107.51, 110.39, 121.43]))
# CBS, equivalence factors of 1995-2000: one to four adults (rows) with up to four children.
FACTORS = [[1.00, 1.33, 1.51, 1.76, 1.95], [1.37, 1.67, 1.88, 2.06, 2.28], [1.73, 1.95, 2.14, 2.32, 2.49],
           [2.00, 2.19, 2.37, 2.53, 2.68]]
Z = 1.959963984540054  # normal quantile of 0.975
UNKNOWN, INSTITUTION, NOT_IN_TARGET, NOT_OBSERVED = (
    "unknown", "institutional household", "not in the target population", "not observed")


class Lost(Exception):
    """Why somebody is not in a study."""


# ------------------------------------------------------------------------------------------------- registers

def key(letter, number):
    """Class and number; None for nobody. Only R and S identify."""
    letter, number = (letter or "").strip(), (number or "").strip()
    return (letter, number) if letter in ("R", "S") and number.strip("-") else None


def date(text):
    return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def agreed(rows):
    """One value for each key; a key with two different values has none. Both are returned."""
    values = defaultdict(set)
    for one, value in rows:
        values[one].add(value)
    return ({one: next(iter(found)) for one, found in values.items() if len(found) == 1},
            {one for one, found in values.items() if len(found) > 1})


class Registers:
    def __init__(self, folder, study, years):
        self.folder, self.study = Path(folder), study
        self.read_persons()
        self.read_parents()
        self.read_places()
        self.years = {year: Year(self, year) for year in sorted(years)}

    def table(self, stem):
        """The columns, in lower case, of the file of a register with the highest version."""
        files = [f for f in self.folder.iterdir() if re.fullmatch(stem + r"\D*(\d*)\.parquet", f.name)]
        version = lambda f: int(re.search(r"V(\d+)\.parquet$", f.name)[1]) if "V" in f.name[len(stem):] else 0
        table = pl.read_parquet(max(files, key=version))
        return {name.lower(): table[name].to_list() for name in table.columns}

    def read_persons(self):
        t = self.table("GBAPERSOON2022.*?")
        whole = lambda text: int(text) if text and text.strip("- ") else None
        rows = zip(t["rinpersoons"], t["rinpersoon"], t["gbageslacht"], t["gbageboortejaar"], t["gbageboortemaand"],
                   t["gbageboortedag"])
        people = [(key(s, n), (sex, whole(y), whole(m), whole(d))) for s, n, sex, y, m, d in rows]
        self.people, _ = agreed((one, value) for one, value in people if one)

    def birth_year(self, person):
        return self.people.get(person, (None, None))[1]

    def birth(self, person):
        _, year, month, day = self.people.get(person, (None,) * 4)
        return datetime.date(year, month, day) if year and month and day else None

    def read_parents(self):
        t = self.table("KINDOUDER2022.*?")
        rows = [(key(s, n), (key(fs, fn), key(ms, mn))) for s, n, fs, fn, ms, mn in zip(
            t["rinpersoons"], t["rinpersoon"], t["rinpersoonspa"], t["rinpersoonpa"], t["rinpersoonsma"], t["rinpersoonma"])]
        rows = [row for row in rows if row[0]]
        self.children = [child for child, _ in rows]
        self.parents, self.two_records = agreed(rows)

    def parents_fault(self, child):
        father, mother = self.parents[child]
        if child in (father, mother):
            return "own number stands as parent"
        if father and father == mother:
            return "one person as father and mother"
        for parent, (low, high) in [(father, self.study["checks"]["father_age"]), (mother, self.study["checks"]["mother_age"])]:
            born, own = parent and self.birth_year(parent), self.birth_year(child)
            if born and own and not low <= own - born <= high:
                return "parent of impossible age"
        return None

    def read_places(self):
        t = self.table("VSLGWB2022.*?")
        column = f"gem{self.study['region']['classification_year']}"
        self.municipality = {(s, n): code for s, n, code in zip(t["soortobjectnummer"], t["rinobjectnummer"], t[column])
                             if code and code.strip("- ")}
        t = self.table("GBAADRESOBJECT2022.*?")
        spells = defaultdict(set)
        for s, n, first, last, kind, number in zip(
                t["rinpersoons"], t["rinpersoon"], t["gbadatumaanvangadreshouding"], t["gbadatumeindeadreshouding"],
                t["soortobjectnummer"], t["rinobjectnummer"]):
            if key(s, n):
                spells[key(s, n)].add((date(first), date(last), (kind, number)))
        self.spells = {person: sorted(found) for person, found in spells.items()}
        self.overlapping = {person for person, found in self.spells.items()
                            if any(b[0] <= a[1] for i, a in enumerate(found) for b in found[i + 1:])}

    def municipality_at(self, person, age):
        born = self.birth(person)
        if not born:
            return None
        try:
            day = born.replace(year=born.year + age)
        except ValueError:  # 29 February: the age is completed on 1 March
            day = datetime.date(born.year + age, 3, 1)
        at = [place for first, last, place in self.spells.get(person, []) if first <= day <= last]
        return self.municipality.get(at[-1]) if at else None

    def days_registered(self, person, first, last):
        days = set()
        for start, end, _ in self.spells.get(person, []):
            start, end = max(start, first), min(end, last)
            days.update(range(start.toordinal(), end.toordinal() + 1))
        return len(days)

    def in_area(self, municipality):
        return municipality in self.study["region"]["area"]


class Year:
    """Who lives with whom in a year, on how much, and whether that is poor."""

    def __init__(self, registers, year):
        old = year <= 2010
        self.day = datetime.date(year, 12, 31) if old else datetime.date(year, 1, 1)
        head, stem = ("kern", "Koppeltabel_IPI_IHI_IVB") if old else ("hkw", "KOPPELPERSOONHUISHOUDEN")
        t = registers.table(f"{stem}{year}.*?")
        rows = zip(t["rinpersoons"], t["rinpersoon"], t[f"rinpersoons{head}"], t[f"rinpersoon{head}"])
        rows = [(key(a, b), key(c, d)) for a, b, c, d in rows]
        self.home, _ = agreed((one, house) for one, house in rows if one and house)
        self.members = defaultdict(list)
        for person, house in self.home.items():
            self.members[house].append(person)
        self.read_incomes(registers, year, old, head)

    def read_incomes(self, registers, year, old, head):
        t = registers.table(f"{'HUISHBVRINK' if old else 'INHA'}{year}.*?")
        prefix, code = ("bvr", 999999999) if old else ("inh", 9999999999)
        names = dict(gross="brut", primary="prim", disposable="best", standardised="gest")
        self.incomes, self.student, self.percent = {}, set(), {}
        for row, (s, n) in enumerate(zip(t[f"rinpersoons{head}"], t[f"rinpersoon{head}"])):
            house = key(s, n)
            if not house:
                continue
            population = None if old else (t["inhpopiiv"][row] or "").strip()
            reason = {"3": INSTITUTION, "8": INSTITUTION, "9": NOT_IN_TARGET}.get(population, UNKNOWN)
            self.incomes[house] = {
                name: (reason if (euros := t[f"{prefix}{short}inkh"][row]) is None or euros == code else euros)
                for name, short in names.items()}
            if population == "2":
                self.student.add(house)
            if not old and t["inharmlag"][row] is not None and t["inharmlag"][row] >= 0:
                self.percent[house] = t["inharmlag"][row]
        line = 9249.0 * (PRICES[year] / PRICES[2000])
        weak = registers.study["poverty"]["boundary"] == "at_or_below"
        self.status = {}
        for house, incomes in self.incomes.items():
            euros, factor = incomes["disposable"], self.factor(registers, house)
            if isinstance(euros, str):
                self.status[house] = euros
            elif factor is None:
                self.status[house] = NOT_IN_TARGET
            else:
                self.status[house] = euros < line * factor or (weak and euros == line * factor)

    def factor(self, registers, house):
        adults = children = 0
        for member in self.members[house]:
            born = registers.birth(member)
            if born and age_on(born, self.day) < 18:
                children += 1
            else:
                adults += 1
        return FACTORS[adults - 1][children] if 1 <= adults <= 4 and children <= 4 else None

    def poor(self, person):
        """True, False, or the reason in words."""
        return self.status.get(self.home.get(person), NOT_OBSERVED)

    def income(self, house, concept):
        return self.incomes[house][concept] if house in self.incomes else NOT_OBSERVED

    def together(self, one, other):
        return one in self.home and self.home[one] == self.home.get(other)


def age_on(born, day):
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def over_years(statuses, rule):
    """Poor over several years, or the first reason."""
    known = [status for status in statuses if isinstance(status, bool)]
    if len(known) < rule["observed"]:
        return next(status for status in statuses if isinstance(status, str))
    return sum(known) >= rule["poor"]


def mean_income(registers, years, persons, design, observed, separated):
    """Mean over the years of the incomes of distinct households, in prices of the study, or the first reason."""
    by_year = []
    for year in years:
        books = registers.years[year]
        homes = sorted({books.home[person] for person in persons if person in books.home})
        incomes = [books.income(home, design["income"]) for home in homes]
        treat = {"zero": lambda x: max(x, 0.0), "keep": lambda x: x, "missing": lambda x: x if x >= 0 else UNKNOWN}
        incomes = [x if isinstance(x, str) else treat[design["negative_income"]](x) for x in incomes]
        missing = [x for x in incomes if isinstance(x, str)]
        if missing or not incomes:
            by_year.append(missing[0] if missing else NOT_OBSERVED)
            continue
        total = sum(incomes) * PRICES[design["price_year"]] / PRICES[year]
        by_year.append(total / len(incomes) if separated == "mean" else total)
    known = [x for x in by_year if not isinstance(x, str)]
    if not known or len(known) < observed:
        return next((x for x in by_year if isinstance(x, str)), NOT_OBSERVED)
    return math.fsum(known) / len(known)


# ------------------------------------------------------------------------------------------------- statistics

def interval(value, error):
    return {"low": value - Z * error, "high": value + Z * error}


def clustered(psi, families):
    """G / (G - 1) times the sum of squares of the sums by family; psi has a row for each person."""
    sums = defaultdict(float)
    for row, family in zip(psi, families):
        sums[family] = sums[family] + row
    squares = sum(np.square(one) for one in sums.values())
    return np.sqrt(len(sums) / (len(sums) - 1) * squares)


def jackknife(statistic, n):
    """Derivative of statistics by the weight of each person."""
    step, weights, rows = 1e-4, np.ones(n), []
    for person in range(n):
        weights[person] = 1 + step
        up = np.asarray(statistic(weights), float)
        weights[person] = 1 - step
        rows.append((up - np.asarray(statistic(weights), float)) / (2 * step))
        weights[person] = 1.0
    return np.array(rows)


def with_error(statistic, families):
    n = len(families)
    if len(set(families)) < 2:
        return statistic(np.ones(n)), None
    return statistic(np.ones(n)), clustered(jackknife(statistic, n), families)


def persistence(parent, own, families):
    """Persons, outflow, inflow, ratio and difference, in the columns of the programs."""
    n = len(own)
    cells = Counter(zip(parent, own))
    a, b, c, d = cells[True, True], cells[True, False], cells[False, True], cells[False, False]
    share = lambda part, whole: part / whole if whole else None
    p1, p0 = share(a, a + b), share(c, c + d)
    ratio = p1 / p0 if p1 is not None and p0 else None
    row = [n, p1, p0, share(a, a + c), share(b, b + d), ratio, None, None, None]
    if p1 is None or p0 is None or n < 3 or len(set(families)) < 2:
        return row
    u = defaultdict(lambda: np.zeros(2))
    for was, poor, family in zip(parent, own, families):
        u[family] += [(poor - p1) / (a + b), 0] if was else [0, (poor - p0) / (c + d)]
    G = len(u)
    V = G / (G - 1) * (n - 1) / (n - 2) * sum(np.outer(one, one) for one in u.values())
    if p1 > 0 and p0 > 0:
        error = math.sqrt(max(0.0, V[0, 0] / p1**2 + V[1, 1] / p0**2 - 2 * V[0, 1] / (p1 * p0)))
        row[6] = {end: math.exp(x) for end, x in interval(math.log(ratio), error).items()}
    row[7], row[8] = p1 - p0, interval(p1 - p0, math.sqrt(max(0.0, V[0, 0] + V[1, 1] - 2 * V[0, 1])))
    return row


class Ranks:
    """Weighted fractional ranks within birth year: who has less, and omega of those who have as much."""

    def __init__(self, values, cohorts, omega):
        self.groups = []
        values, cohorts = np.array(values), np.array(cohorts)
        for cohort in sorted(set(cohorts)):
            members = np.flatnonzero(cohorts == cohort)
            v = values[members]
            self.groups.append((members, (v[None, :] < v[:, None]) + omega * (v[None, :] == v[:, None])))
        self.n = len(values)

    def __call__(self, weights):
        ranks = np.empty(self.n)
        for members, below in self.groups:
            w = weights[members]
            ranks[members] = below @ w / w.sum()
        return ranks


def line(x, y, weights, *others):
    """Least squares with intercept: all coefficients; nan where there is no line."""
    X = np.column_stack([np.ones(len(x)), x, *others])
    if weights.sum() == 0 or np.linalg.matrix_rank(X[weights > 0]) < X.shape[1]:
        return np.full(X.shape[1], np.nan)
    return np.linalg.solve(X.T @ (weights[:, None] * X), X.T @ (weights * y))


def classes(values, cohorts, k):
    """Classes from 0 within birth year: limits are the smallest values with at least j/k at or below; ties go down."""
    result = [0] * len(values)
    for cohort in set(cohorts):
        members = [i for i, c in enumerate(cohorts) if c == cohort]
        ordered = sorted(values[i] for i in members)
        limits = [ordered[math.ceil(Fraction(j * len(ordered), k)) - 1] for j in range(1, k)]
        for i in members:
            result[i] = sum(values[i] > limit for limit in limits)
    return result


HEREDITY = ["persons", "poor if parent poor", "poor if not", "parent poor if poor", "parent poor if not", "risk ratio",
            "ratio 95%", "risk difference", "difference 95%"]


def shares_poor(people):
    """Who is poor: of all, of those with a poor parent, of those without; each with its interval, cut at 0 and 1."""
    whom = {"poor": people, "poor if parent poor": [p for p in people if through(p, "either parent") is True],
            "poor if not": [p for p in people if through(p, "either parent") is False]}
    row = {}
    for name, group in whom.items():
        poor = np.array([float(p.poor) for p in group])
        families = [p.family for p in group]
        row[name], row[name + " 95%"] = poor.mean() if group else None, None
        if len(set(families)) > 1 and 0 < row[name] < 1:
            (share,), (error,) = with_error(lambda w: [(w * poor).sum() / w.sum()], families)
            row[name + " 95%"] = {"low": max(0.0, share - Z * error), "high": min(1.0, share + Z * error)}
    return row


def flow(total, losses, order):
    """Everybody, each loss with who is left, and who is in."""
    rows, left = [{"step": "in the parent-child register", "lost": None, "left": total}], total
    for reason in sorted(losses, key=order):
        left -= losses[reason]
        rows.append({"step": reason, "lost": losses[reason], "left": left})
    return rows + [{"step": "in the study", "lost": None, "left": left}]


REASONS = [UNKNOWN, INSTITUTION, NOT_IN_TARGET, NOT_OBSERVED]


def in_order(*steps):
    def order(reason):
        for place, step in enumerate(steps):
            if reason == step:
                return place, 0
            if reason.startswith(step + ": "):
                return place, REASONS.index(reason[len(step) + 2:])
        raise ValueError(reason)
    return order


LINK = ["two records with different parents", "own number stands as parent", "one person as father and mother",
        "parent of impossible age", "no legal parent known"]


# ------------------------------------------------------------------------------------------------- veenkolonien

class Person(dict):
    __getattr__ = dict.__getitem__


def link(registers, child):
    if child in registers.two_records:
        raise Lost(LINK[0])
    if fault := registers.parents_fault(child):
        raise Lost(fault)
    father, mother = registers.parents[child]
    if not father and not mother:
        raise Lost(LINK[4])
    return father, mother


def known(status):
    return status if isinstance(status, bool) else None


def select(children, choose):
    found, losses = [], Counter()
    for child in sorted(children):
        try:
            found.append(choose(child))
        except Lost as reason:
            losses[str(reason)] += 1
    return found, losses


def young_adults(registers, design, year):
    def choose(child):
        born = registers.birth(child)
        if not born:
            raise Lost("date of birth not or not fully known")
        books = registers.years[year]
        if not design["ages"][0] <= age_on(born, books.day) <= design["ages"][1]:
            raise Lost("outside the ages of the study")
        if child in registers.overlapping:
            raise Lost("overlapping address spells")
        father, mother = link(registers, child)
        if books.home.get(child) in books.student:
            raise Lost("student household")
        poor = books.poor(child)
        if isinstance(poor, str):
            raise Lost(f"own household income: {poor}")
        back = registers.years[year + design["parent_year"] - design["year"]]
        return Person(poor=poor, father=known(back.poor(father)), mother=known(back.poor(mother)), family=mother or father,
                      sex={"1": "men", "2": "women"}.get(registers.people[child][0], "sex unknown"),
                      with_parent=any(books.together(child, p) for p in (father, mother) if p),
                      municipality=registers.municipality_at(child, registers.study["region"]["age"]))
    return select(registers.children, choose)


def descendants(registers, design):
    first, last = design["cohorts"]

    def choose(child):
        cohort = registers.birth_year(child)
        if cohort is None:
            raise Lost("year of birth not known")
        if not first <= cohort <= last:
            raise Lost("outside the cohorts of the study")
        if child in registers.overlapping:
            raise Lost("overlapping address spells")
        father, mother = link(registers, child)
        youngest, oldest = cohort + design["child_ages"][0], cohort + design["child_ages"][1]
        window = datetime.date(youngest, 1, 1), datetime.date(oldest, 12, 31)
        if (window[1] - window[0]).days + 1 - registers.days_registered(child, *window) > design["absent_days"]:
            raise Lost("too few days in the population register")
        own_years, elder = range(youngest, oldest + 1), range(design["parent_years"][0], design["parent_years"][1] + 1)
        books = [registers.years[year] for year in own_years]
        if any(book.home.get(child) in book.student for book in books):
            raise Lost("student household")
        with_parent = any(book.together(child, p) for book in books for p in (father, mother) if p)
        parents = [p for p in (father, mother) if p]
        income = mean_income(registers, elder, parents, design, design["parent_observed_years"], design["separated_parents"])
        if isinstance(income, str):
            raise Lost(f"income of the parents: {income}")
        own = mean_income(registers, own_years, [child], design, design["child_observed_years"], design["separated_parents"])
        if isinstance(own, str):
            raise Lost(f"own household income: {own}")
        over = lambda who, years, rule: known(over_years([registers.years[y].poor(who) for y in years], design[rule]))
        return Person(cohort=cohort, parent_income=income, child_income=own, with_parent=with_parent, family=mother or father,
                      poor=over(child, own_years, "child_poor"), father=over(father, elder, "parent_poor"),
                      mother=over(mother, elder, "parent_poor"), sex=None,
                      municipality=registers.municipality_at(child, registers.study["region"]["age"]))
    return select(registers.children, choose)


def through(person, which):
    if which in ("father", "mother"):
        return person[which]
    if person.father is None or person.mother is None:
        return None
    return person.father or person.mother if which == "either parent" else person.father and person.mother


PROVINCES = ["Groningen", "Friesland", "Drenthe", "Overijssel", "Flevoland", "Gelderland", "Utrecht", "Noord-Holland",
             "Zuid-Holland", "Zeeland", "Noord-Brabant", "Limburg"]
THROUGH = ["father", "mother", "either parent", "both parents"]


def heredity(people, which):
    people = [p for p in people if through(p, which) is not None]
    return dict(zip(HEREDITY, persistence([through(p, which) for p in people], [p.poor for p in people],
                                          [p.family for p in people])))


def territories(registers, people):
    area = lambda p: registers.in_area(p["municipality"])
    yield "country", people
    yield registers.study["region"]["area_name"], [p for p in people if area(p)]
    yield "elsewhere", [p for p in people if not area(p)]


def heredity_rows(registers, people):
    rows, split = [], any(p.with_parent for p in people)
    for region, members in territories(registers, people):
        for living in ["all"] + (["with a parent", "independent"] if split else []):
            group = [p for p in members if living == "all" or p.with_parent == (living == "with a parent")]
            if group:
                rows += [{"region": region, "living": living, "parent": which, **heredity(group, which)} for which in THROUGH]
    return rows


def monitor_rows(registers, people):
    groups = {"all": lambda p: True, "men": lambda p: p.sex == "men", "women": lambda p: p.sex == "women",
              "sex unknown": lambda p: p.sex == "sex unknown", "with a parent": lambda p: p.with_parent,
              "independent": lambda p: not p.with_parent}
    names, rows = {"father": "father", "mother": "mother", "either": "either parent", "both": "both parents"}, []
    for region, members in territories(registers, people):
        for name, belongs in groups.items():
            group = [p for p in members if belongs(p)]
            for of in ["the poor", "all"] if group else []:
                row = {"region": region, "group": name, "persons": len(group),
                       "poor": sum(p.poor for p in group) / len(group), "parent poor, of": of}
                for column, which in names.items():
                    told = [through(p, which) for p in group if (p.poor or of == "all") and through(p, which) is not None]
                    row[column] = sum(told) / len(told) if told else None
                rows.append(row)
    return rows


def provinces(registers, people):
    """Each province in which the area lies, with the places of its people in a list: those outside the area too."""
    with open(Path(__file__).parents[3] / "crates/erflijn-regions/data/municipalities.csv", encoding="utf-8") as file:
        of = {row["code"]: row["province"] for row in csv.DictReader(file, delimiter=";")}
    mine = {of[code] for code in registers.study["region"]["area"]}
    for name in (name for name in PROVINCES if name in mine):
        yield name, [place for place, person in enumerate(people) if of.get(person["municipality"]) == name]


def by_code(people):
    groups = defaultdict(list)
    for place, person in enumerate(people):
        groups[person["municipality"] or ""].append(place)
    return dict(sorted(groups.items()))


def mobility_tables(registers, people, design):
    cohorts, families = [p.cohort for p in people], [p.family for p in people]
    x, y = [p.parent_income for p in people], [p.child_income for p in people]
    rank_x, rank_y = Ranks(x, cohorts, design["omega"]), Ranks(y, cohorts, design["omega"])
    k = design["classes"]
    from_class, to_class = classes(x, cohorts, k), classes(y, cohorts, k)
    places = [np.array([p["municipality"] is not None and registers.in_area(p["municipality"]) for p in people])]
    groups = {"country": np.ones(len(people)), registers.study["region"]["area_name"]: places[0].astype(float),
              "elsewhere": (~places[0]).astype(float)}
    codes = by_code(people)
    for code, members in codes.items():
        groups["code " + code] = np.isin(np.arange(len(people)), members).astype(float)

    within = dict(provinces(registers, people))
    for name, members in within.items():
        groups["province " + name] = np.isin(np.arange(len(people)), members).astype(float)

    def lines(weights):
        rx, ry, found = rank_x(weights), rank_y(weights), []
        for members in groups.values():
            a, b = line(rx, ry, weights * members)
            found += [b, a + b / 4]
        return found
    values, errors = with_error(lines, families)
    of_line = {}
    for place, name in enumerate(groups):
        slope, at = values[2 * place], values[2 * place + 1]
        cells = [slope, interval(slope, errors[2 * place]), at, interval(at, errors[2 * place + 1])]
        of_line[name] = [None] * 4 if math.isnan(slope) else cells
    line_columns = ["rank-rank slope", "slope 95%", "expected rank at p25", "expected rank 95%"]

    def matrix(members):
        counts = np.zeros((k, k), int)
        for i in members:
            counts[from_class[i], to_class[i]] += 1
        return counts

    def bottom(counts):
        row = counts[0]
        return [row[-1] / row.sum(), row[0] / row.sum()] if row.sum() else [None, None]

    tables = {"mobility": [], "classes_country": [], "classes_area": [], "mobility_municipalities": []}
    for region in list(groups)[:3]:
        members = np.flatnonzero(groups[region])
        counts = matrix(members)
        row = {"region": region, "children": len(members), **dict(zip(line_columns, of_line[region]))}
        n = counts.sum(axis=1)
        if (n > 0).all():
            stay = np.diag(counts) / n
            index = (k - stay.sum()) / (k - 1)
            error = math.sqrt((stay * (1 - stay) / n).sum()) / (k - 1)
            row |= {"Shorrocks index": index, "index 95%": interval(index, error)}
        else:
            row |= {"Shorrocks index": None, "index 95%": None}
        row |= dict(zip(["top if bottom", "bottom if bottom"], bottom(counts)))
        row["with a parent"] = float(np.mean([people[i].with_parent for i in members])) if len(members) else None
        tables["mobility"].append(row)
        if region != "elsewhere":
            total = counts.sum()
            children = [f"child {c + 1}" for c in range(k)]
            rows = tables["classes_country" if region == "country" else "classes_area"]
            for c in range(k):
                rows.append({"parents": str(c + 1), **dict(zip(children, counts[c].tolist())), "children": int(n[c]),
                             "share": n[c] / total})
            sums = counts.sum(axis=0)
            rows.append({"parents": "children", **dict(zip(children, sums.tolist())), "children": int(total), "share": 1.0})
            rows.append({"parents": "share", **dict(zip(children, (sums / total).tolist())), "children": 1.0, "share": None})
    for code, members in codes.items():
        told = [people[i] for i in members if people[i].poor is not None]
        poor = heredity(told, "either parent")
        tables["mobility_municipalities"].append({
            "code": code, "children": len(members), **dict(zip(line_columns, of_line["code " + code])),
            **dict(zip(["top if bottom", "bottom if bottom"], bottom(matrix(members)))),
            "poor if either parent poor": poor["poor if parent poor"], "poor if not": poor["poor if not"]})
    tables["mobility_provinces"] = [
        {"province": name, "children": len(members), **dict(zip(line_columns, of_line["province " + name])),
         **dict(zip(["top if bottom", "bottom if bottom"], bottom(matrix(members))))} for name, members in within.items()]
    return tables


def veenkolonien(folder, study):
    monitor, mobility = study["monitor"], study["mobility"]
    series = range(monitor["series"][0], monitor["series"][1] + 1)
    back = monitor["parent_year"] - monitor["year"]
    years = {monitor["year"], monitor["parent_year"], *series, *(year + back for year in series)}
    years |= set(range(mobility["parent_years"][0], mobility["parent_years"][1] + 1))
    years |= set(range(mobility["cohorts"][0] + mobility["child_ages"][0], mobility["cohorts"][1] + mobility["child_ages"][1] + 1))
    registers = Registers(folder, study, years)
    total = len(set(registers.children))
    people, losses = young_adults(registers, monitor, monitor["year"])
    tables = {"monitor_flow": flow(total, losses, in_order(
        "date of birth not or not fully known", "outside the ages of the study", "overlapping address spells", *LINK,
        "student household", "own household income"))}
    tables["monitor"] = monitor_rows(registers, people)
    tables["monitor_heredity"] = heredity_rows(registers, people)
    tables["monitor_municipalities"] = [
        {"code": code, **heredity([people[i] for i in members], "either parent")} for code, members in by_code(people).items()]
    tables["monitor_provinces"] = []
    for name, members in provinces(registers, people):
        group = [people[i] for i in members]
        tables["monitor_provinces"].append({"province": name, "poor": sum(p.poor for p in group) / len(group),
                                            **heredity(group, "either parent")})
    tables["monitor_series"], tables["monitor_trends"] = [], []
    for year in series:
        adults, _ = young_adults(registers, monitor, year)
        places = list(territories(registers, adults))[:2]
        places += [("province of " + name, [adults[i] for i in members]) for name, members in provinces(registers, adults)]
        tables["monitor_trends"] += [{"region": place, "year": str(year), **shares_poor(group)} for place, group in places if group]
        for region, members in territories(registers, adults):
            for living in ["all", "independent"]:
                group = [p for p in members if living == "all" or not p.with_parent]
                if group:
                    tables["monitor_series"].append({"region": region, "living": living, "year": str(year),
                                                     **heredity(group, "either parent")})
    regions = [region for region, _ in territories(registers, [])]
    tables["monitor_series"].sort(key=lambda row: (regions.index(row["region"]), row["living"]))
    places = regions[:2] + ["province of " + name for name in PROVINCES]
    tables["monitor_trends"].sort(key=lambda row: places.index(row["region"]))
    people, losses = descendants(registers, mobility)
    tables["mobility_flow"] = flow(total, losses, in_order(
        "year of birth not known", "outside the cohorts of the study", "overlapping address spells", *LINK,
        "too few days in the population register", "student household", "income of the parents", "own household income"))
    tables |= mobility_tables(registers, people, mobility)
    tables["mobility_heredity"] = heredity_rows(registers, [p for p in people if p.poor is not None])
    tables["agreement"] = []
    for year in sorted(years):
        books = registers.years[year]
        both = Counter((books.status[h], p < 100) for h, p in books.percent.items() if isinstance(books.status[h], bool))
        if year >= 2011:
            n = sum(both.values())
            tables["agreement"].append({
                "year": str(year), "households": n, "poor by both": both[True, True], "by the study's line only": both[True, False],
                "by the register only": both[False, True], "agree": (both[True, True] + both[False, False]) / n})
    return tables


# ------------------------------------------------------------------------------------------------- three generations

GENERATIONS = ["grandparents", "parents", "child"]


def own_ancestors(registers, usable):
    """Who is an ancestor of himself by the usable records: on a cycle."""
    found = set()
    for start in usable:
        reached, open_ = set(), list(usable[start])
        while open_:
            person = open_.pop()
            if person and person not in reached:
                reached.add(person)
                open_ += usable.get(person, ())
        if start in reached:
            found.add(start)
    return found


def find_lines(registers, design):
    usable = {child: registers.parents[child] for child in registers.parents if not registers.parents_fault(child)}
    cyclic = own_ancestors(registers, usable)
    span = lambda name: range(design[name][0], design[name][1] + 1)
    windows = [span("grandparent_years"), span("parent_years"), span("child_years")]
    rules = [design["grandparent_poor"], design["parent_poor"], design["child_poor"]]

    def choose(child):
        cohort = registers.birth_year(child)
        if cohort is None:
            raise Lost("year of birth not known")
        if cohort not in span("cohorts"):
            raise Lost("outside the cohorts of the study")
        if child in registers.overlapping:
            raise Lost("overlapping address spells")
        if child not in usable:
            raise Lost("parent record that cannot be true")
        if child in cyclic:
            raise Lost("own ancestor by the records")
        parents = sorted(p for p in usable[child] if p)
        if not parents:
            raise Lost("no parent known")
        elders = sorted({g for p in parents for g in usable.get(p, ()) if g})
        if not elders:
            raise Lost("no grandparent known")
        own = [registers.years[year] for year in windows[2]]
        if any(book.home.get(child) in book.student for book in own):
            raise Lost("student household")
        people, poor, number = [elders, parents, [child]], [], None
        for who, members, years, rule in zip(GENERATIONS, people, windows, rules):
            statuses = [over_years([registers.years[y].poor(m) for y in years], rule) for m in members]
            decided = [s for s in statuses if isinstance(s, bool)]
            if not decided:
                raise Lost(f"poverty of {who}: {statuses[0]}")
            if who == "grandparents":
                number = len(decided)
                if number < design["grandparents_needed"]:
                    raise Lost("poverty of too few grandparents known")
            poor.append(any(decided))
        incomes, ages = [], []
        for who, members, years in zip(GENERATIONS, people, windows):
            income = mean_income(registers, years, members, design, design["observed_years"], "mean")
            if isinstance(income, str):
                raise Lost(f"income of {who}: {income}")
            incomes.append(income)
            middle = (years[0] + years[-1]) / 2
            born = [middle - registers.birth_year(m) for m in members if registers.birth_year(m)]
            ages.append(sum(born) / len(born) if born else None)
        if design["destination"] == "independent" and any(book.together(child, p) for book in own for p in parents):
            raise Lost("shares a household with a parent")
        mother = registers.parents[child][1]
        return Person(cohort=cohort, poor=poor, income=incomes, age=ages, family=mother or child,
                      municipality=registers.municipality_at(child, registers.study["region"]["age"]))
    return select(registers.children, choose)


def share_with_error(of, among, families):
    """A share among some, its error over all of the part."""
    of, among = np.array(of, float), np.array(among, float)
    value, error = with_error(lambda w: (w * of * among).sum() / (w * among).sum(), families)
    return value, None if error is None else interval(value, error)


def excess_row(g, p, c, from_, to, families):
    """Observed, predicted over the states of the parents, and their difference."""
    g, p, c = np.array(g), np.array(p), np.array(c)
    ask = lambda w, of, among: (w * of * among).sum() / (w * among).sum()

    def excess(w):
        observed = ask(w, c == to, g == from_)
        predicted = sum(ask(w, p == k, g == from_) * ask(w, c == to, p == k) for k in set(p[g == from_]))
        return np.array([observed, predicted, observed - predicted])
    values, errors = with_error(excess, families)
    return {"lines": int((g == from_).sum()), "observed": values[0], "predicted": values[1], "excess": values[2],
            "excess 95%": interval(values[2], errors[2])}


def order_row(g, p, c):
    """Pearson's chi-square of child by grandparents, within each state of the parents."""
    statistic, freedom = 0.0, 0
    for state in set(p):
        table = Counter((a, b) for a, k, b in zip(g, p, c) if k == state)
        rows, columns = {a for a, _ in table}, {b for _, b in table}
        n = sum(table.values())
        for a in rows:
            for b in columns:
                expected = sum(table[a, x] for x in columns) * sum(table[x, b] for x in rows) / n
                statistic += (table[a, b] - expected) ** 2 / expected
        freedom += (len(rows) - 1) * (len(columns) - 1)
    return {"lines": len(g), "chi-square": statistic, "degrees of freedom": str(freedom)}


def rank_rows(region, part, design):
    cohorts, families = [p.cohort for p in part], [p.family for p in part]
    ranks = [Ranks([p.income[of] for p in part], cohorts, design["omega"]) for of in range(3)]
    ones, rows = np.ones(len(part)), []
    slope = lambda x, others=(): with_error(lambda w: line(x(w), ranks[2](w), w, *others)[1], families)
    cells = lambda found: [found[0], interval(*found)]
    one, two = slope(ranks[1]), slope(ranks[0])
    both = slope(ranks[1], (ranks[0](ones),)), slope(ranks[0], (ranks[1](ones),))
    names = ["slope on parents", "parents 95%", "slope on grandparents", "grandparents 95%"]
    for name, found in [("parents", cells(one) + [None] * 2), ("grandparents", [None] * 2 + cells(two)),
                        ("both", cells(both[0]) + cells(both[1]))]:
        rows.append({"region": region, "regressors": name, "lines": len(part), **dict(zip(names, found))})
    return rows


def three_generations(folder, study):
    design = study["generations"]
    windows = ["grandparent_years", "parent_years", "child_years"]
    years = {year for name in windows for year in range(design[name][0], design[name][1] + 1)}
    registers = Registers(folder, study, years)
    lines, losses = find_lines(registers, design)
    poverty = [f"poverty of {who}" for who in GENERATIONS]
    tables = {"flow": flow(len(set(registers.children)), losses, in_order(
        "year of birth not known", "outside the cohorts of the study", "overlapping address spells",
        "parent record that cannot be true", "own ancestor by the records", "no parent known", "no grandparent known",
        "student household", *poverty, "poverty of too few grandparents known",
        *(f"income of {who}" for who in GENERATIONS), "shares a household with a parent"))}
    for name in ["generations", "ancestors", "steps", "excess", "order", "ranks"]:
        tables[name] = []
    words = {True: "poor", False: "not poor"}
    steps = ["lines", "outflow of poor", "outflow of others", "inflow to poor", "inflow to others", "risk ratio", "ratio 95%",
             "risk difference", "difference 95%"]
    for region, part in territories(registers, lines):
        families = [p.family for p in part]
        g, p, c = ([one.poor[of] for one in part] for of in range(3))
        for of, who in enumerate(GENERATIONS):
            ages = [one.age[of] for one in part if one.age[of] is not None]
            value, ends = share_with_error([one.poor[of] for one in part], [True] * len(part), families)
            first, last = design[windows[of]]
            tables["generations"].append({"region": region, "generation": who, "years": f"{first}-{last}",
                                          "mean age": sum(ages) / len(ages), "poor": value, "poor 95%": ends})
        for was, were in [(True, True), (True, False), (False, True), (False, False)]:
            among = [a == was and b == were for a, b in zip(g, p)]
            row = {"region": region, "grandparents": words[was], "parents": words[were], "lines": None,
                   "share of lines": None, "child poor": None, "child poor 95%": None}
            if any(among):
                row |= {"lines": sum(among), "share of lines": sum(among) / len(part)}
                row["child poor"], row["child poor 95%"] = share_with_error(c, among, families)
            tables["ancestors"].append(row)
        for from_, to, a, b, held in [("grandparents", "parents", g, p, None), ("parents", "child", p, c, None),
                                      ("grandparents", "child", g, c, None), ("grandparents", "child", g, c, True),
                                      ("grandparents", "child", g, c, False)]:
            keep = [i for i in range(len(part)) if held is None or p[i] == held]
            found = persistence([a[i] for i in keep], [b[i] for i in keep], [families[i] for i in keep])
            tables["steps"].append({"region": region, "from": from_, "to": to, "where parents": {
                None: "any", True: "are poor", False: "are not poor"}[held], **dict(zip(steps, found))})
        for was in [True, False]:
            tables["excess"].append({"region": region, "grandparents": words[was], "child": "poor",
                                     **excess_row(g, p, c, was, True, families)})
        tables["order"].append({"region": region, "states": "poor, not poor", **order_row(g, p, c)})
        tables["ranks"] += rank_rows(region, part, design)
    cohorts, k = [one.cohort for one in lines], design["classes"]
    g, p, c = (classes([one.income[of] for one in lines], cohorts, k) for of in range(3))
    for place, name in [(0, "lowest income class"), (k - 1, "highest income class")]:
        tables["excess"].append({"region": "country", "grandparents": name, "child": name,
                                 **excess_row(g, p, c, place, place, [one.family for one in lines])})
    tables["order"].append({"region": "country", "states": f"{k} classes of income", **order_row(g, p, c)})
    return tables


# ------------------------------------------------------------------------------------------------- comparison

PRINTED = 0.0005 + 2e-6  # three decimals, and the derivatives by small steps


def names_of(row):
    return tuple(value for value in row.values() if isinstance(value, str))


def differences(twin, program):
    """Cells that differ, and how many were compared and withheld."""
    found, counts = [], Counter()
    for name, rows in twin.items():
        theirs = program[name]["rows"]
        if name.endswith("_municipalities"):
            theirs, rows = sorted(theirs, key=lambda r: r["code"]), sorted(rows, key=lambda r: r["code"])
        if len(rows) != len(theirs):
            found.append(f"{name}: {len(rows)} rows against {len(theirs)}")
        for ours, other in zip(rows, theirs):
            for column, value in ours.items():
                told = other[column]
                if told == "withheld":
                    counts["withheld"] += 1
                    continue
                counts["compared"] += 1
                if column == "mean age":
                    same = abs(value - float(told)) <= 0.05 + 1e-9
                elif isinstance(value, dict) and isinstance(told, dict):
                    same = all(abs(value[end] - told[end]) <= PRINTED * max(1, abs(value[end]) * 1e-3) for end in value)
                elif isinstance(value, (int, float)) and isinstance(told, (int, float)):
                    same = value == told if isinstance(value, int) else abs(value - told) <= PRINTED
                else:
                    same = value == told
                if not same:
                    found.append(f"{name} {names_of(other)} {column}: twin {value}, program {told}")
    return found, counts


def plain(value):
    """Six decimals are enough for numbers that are printed with three."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return round(float(value), 6) if isinstance(value, (float, np.floating)) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", choices=["veenkolonien", "three-generations"])
    parser.add_argument("registers", help="folder of registers in Parquet")
    parser.add_argument("study", help="study file of the program")
    parser.add_argument("--write", help="write the tables as JSON")
    parser.add_argument("--against", help="results.json of the program")
    arguments = parser.parse_args()
    study = tomllib.loads(Path(arguments.study).read_text())
    tables = (veenkolonien if arguments.program == "veenkolonien" else three_generations)(arguments.registers, study)
    if arguments.write:
        Path(arguments.write).write_text(json.dumps(plain(tables), ensure_ascii=False, separators=(",", ":")) + "\n")
    if arguments.against:
        found, counts = differences(tables, json.loads(Path(arguments.against).read_text())["tables"])
        print("\n".join(found))
        print(f"{counts['compared']} cells compared, {counts['withheld']} withheld, {len(found)} differences")
        sys.exit(bool(found))


if __name__ == "__main__":
    main()
