"""Regressions and indices where incomes lie far from 0, weights differ much, or powers are small.

Everything in 60 digits, from the formulas, so that no digit of a double is lost. Made with Python 3.11.7 and mpmath
1.3.0: python3 far_from_zero.py > far_from_zero.csv
"""

from mpmath import mp, mpf, matrix, exp, log, sqrt

mp.dps = 60

# Incomes about a hundred million, as in a currency of small units.
X = [mpf(100_000_000 + step) for step in (0, 3, 1, 4, 1, 5, 9, 2, 6, 5)]
Y = [mpf(step) for step in (2, 7, 1, 8, 2, 8, 1, 8, 2, 8)]
Z = [mpf(100_000_000 + step) for step in (2, 7, 1, 8, 2, 8, 1, 8, 2, 8)]
W = [mpf(1), mpf(2), mpf(3), mpf(4), mpf(1), mpf(2), mpf(3), mpf(4), mpf(1), mpf(2)]

# Children of whom few tell a coefficient.
COUNTS = [mpf(1000), mpf(1), mpf(0), mpf(0)]
COLUMN = [mpf(2), mpf(0), mpf(-1), mpf(2)]
FEW = [mpf(2) ** 14, mpf(2) ** -14, mpf(2) ** -12, mpf(2) ** 10]


def gram(rows, weights):
    size = len(rows[0])
    sums = matrix(size, size)
    for row, weight in zip(rows, weights):
        for i in range(size):
            for j in range(size):
                sums[i, j] += weight * row[i] * row[j]
    return sums


def sandwich(rows, errors, weights, bread, curvature, power):
    size = len(rows[0])
    middle = matrix(size, size)
    for row, error, weight, own in zip(rows, errors, weights, curvature):
        leverage = own * sum(row[i] * bread[i, j] * row[j] for i in range(size) for j in range(size))
        for i in range(size):
            for j in range(size):
                middle[i, j] += (weight * error) ** 2 / (1 - leverage) ** power * row[i] * row[j]
    return bread * middle * bread


def show(name, value):
    print(f"{name},{mp.nstr(value, 17)}")


def linear(name, weights):
    rows = [(mpf(1), x) for x in X]
    bread = gram(rows, weights) ** -1
    moments = [sum(w * row[i] * y for w, row, y in zip(weights, rows, Y)) for i in range(2)]
    slope = bread[1, 0] * moments[0] + bread[1, 1] * moments[1]
    intercept = bread[0, 0] * moments[0] + bread[0, 1] * moments[1]
    errors = [y - intercept - slope * x for x, y in zip(X, Y)]
    show(f"{name} slope", slope)
    for power, kind in ((0, "hc0"), (1, "hc2"), (2, "hc3")):
        show(f"{name} {kind}", sqrt(sandwich(rows, errors, weights, bread, weights, power)[1, 1]))


def poisson():
    rows = [(mpf(1), x) for x in COLUMN]
    beta = [mpf(0), log(mpf(1000)) / 2]
    for _ in range(400):
        means = [exp(beta[0] + beta[1] * x) for x in COLUMN]
        score = [sum(w * (y - m) * row[i] for w, y, m, row in zip(FEW, COUNTS, means, rows)) for i in range(2)]
        bread = gram(rows, [w * m for w, m in zip(FEW, means)]) ** -1
        step = [sum(bread[i, j] * score[j] for j in range(2)) for i in range(2)]
        size = max(abs(part) for part in step)
        beta = [b + part * min(1, 1 / size) if size else b for b, part in zip(beta, step)]
    show("poisson intercept", beta[0])
    show("poisson slope", beta[1])
    errors = [y - m for y, m in zip(COUNTS, means)]
    curvature = [w * m for w, m in zip(FEW, means)]
    show("poisson hc0", sqrt(sandwich(rows, errors, FEW, bread, curvature, 0)[1, 1]))


def mean(values):
    return sum(w * v for w, v in zip(W, values)) / sum(W)


def fields_ok():
    change = mean(Z) - mean(X)
    distance = mean([abs(z - x) for x, z in zip(X, Z)])
    show("growth", abs(change))
    show("transfer", distance - abs(change))


def theil(values):
    centre = sum(values) / len(values)
    return sum(v / centre * log(v / centre) for v in values) / len(values)


def maasoumi_zandvakili():
    parent, child = [mpf(1), mpf(2), mpf(5), mpf(9)], [mpf(4), mpf(1), mpf(7), mpf(3)]
    for name, scale, power in (("small power", mpf(1), mpf(2) ** -30), ("small unit", mpf(10) ** -200, mpf(-1)),
                               ("large unit", mpf(10) ** 200, mpf(-1)), ("steep", mpf(1), mpf(-2000))):
        x, y = [scale * v for v in parent], [scale * v for v in child]
        both = [((a**power + b**power) / 2) ** (1 / power) for a, b in zip(x, y)]
        show(f"maasoumi-zandvakili {name}", 1 - theil(both) / ((theil(x) + theil(y)) / 2))


print("what,value")
linear("equal", [mpf(1)] * len(X))
linear("weighted", W)
poisson()
fields_ok()
maasoumi_zandvakili()
