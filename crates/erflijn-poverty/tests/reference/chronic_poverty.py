"""Exact values of chronic and transient poverty, in rational arithmetic. Run in this folder: python3 chronic_poverty.py

Writes synthetic_incomes.csv (made up, seeded) and chronic_poverty.csv (names and values). Standard library only
(Python 3.11). Standard errors are square roots of exact variances.
"""

import csv
import math
import random
from fractions import Fraction as F

random.seed(20260102)
PERSONS, YEARS, LINE = 60, 5, 1000
incomes = []
for _ in range(PERSONS):
    level = random.randint(300, 2200)
    incomes.append([level + random.randint(-700, 700) for _ in range(YEARS)])
incomes[3] = [LINE] * YEARS  # at the line in all years
incomes[4] = [-200, 0, 500, 1000, 3000]
weights = [F(random.randint(50, 400), 100) for _ in range(PERSONS)]
with open("synthetic_incomes.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow([f"year{t}" for t in range(YEARS)] + ["weight"])
    for row, weight in zip(incomes, weights):
        out.writerow(row + [float(weight)])


def poor(y, at):
    return y <= LINE if at else y < LINE


def gap(y, alpha, at):
    return (F(LINE - y) / LINE) ** alpha if poor(y, at) else F(0)


def estimate(values, w):
    total, n = sum(w), len(values)
    mean = sum(a * b for a, b in zip(values, w)) / total
    variance = F(n, n - 1) * sum((b * (a - mean)) ** 2 for a, b in zip(values, w)) / total**2
    return mean, math.sqrt(variance)


def mean(values):
    values = list(values)
    return F(sum(values), 1) / len(values)


rows = []


def put(name, values, w):
    value, error = estimate(values, w)
    rows.extend([(name, repr(float(value))), (name + ".se", repr(error))])


for weighted in (False, True):
    w = weights if weighted else [F(1)] * PERSONS
    for at in (False, True):
        for alpha in (0, 1, 2, 3):
            tag = f"{'weighted' if weighted else 'equal'}.{'at' if at else 'below'}.{alpha}"
            total = [mean(gap(y, alpha, at) for y in row) for row in incomes]
            chronic = [gap(mean(row), alpha, at) for row in incomes]
            put(f"jr.chronic.{tag}", chronic, w)
            put(f"jr.transient.{tag}", [t - c for t, c in zip(total, chronic)], w)
            put(f"total.{tag}", total, w)
            for years in (1, 3, 5):
                long = [sum(poor(y, at) for y in row) >= years for row in incomes]
                put(f"foster.chronic.{tag}.{years}", [t if c else F(0) for t, c in zip(total, long)], w)
                put(f"foster.transient.{tag}.{years}", [F(0) if c else t for t, c in zip(total, long)], w)
                put(f"foster.headcount.{tag}.{years}", [F(int(c)) for c in long], w)
with open("chronic_poverty.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["name", "value"])
    out.writerows(rows)
