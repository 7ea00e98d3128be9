"""Reference values for correlations in families where doubles are delicate. Run in this folder: python families.py

Writes families_exact.txt, a name and numbers on each line. Python 3.11, standard library only. Outcomes are made up.

Sums are fractions, and so exact; logarithms and roots have 60 digits. Nothing is taken from a sum: every family that is
left out is a new sample, every pair is listed, and every likelihood is that of the dense covariance matrix.
"""
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import combinations
import random

getcontext().prec = 60
random.seed(20261126)
out = []


def decimal(value):
    return Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)


def say(name, *values):
    out.append(" ".join([name, *(repr(float(value)) for value in values)]))


def groups(family):
    members = {}
    for person, own in enumerate(family):
        members.setdefault(own, []).append(person)
    return list(members.values())


def anova(y, family):
    members, n = groups(family), len(y)
    mean = sum(y) / n
    means = [sum(y[i] for i in group) / len(group) for group in members]
    g = len(members)
    between = sum(len(group) * (own - mean) ** 2 for group, own in zip(members, means)) / Fraction(g - 1)
    within = sum((y[i] - own) ** 2 for group, own in zip(members, means) for i in group) / Fraction(n - g)
    n0 = (n - Fraction(sum(len(group) ** 2 for group in members), n)) / (g - 1)
    return (between - within) / (between + (n0 - 1) * within)


def over_pairs(y, weight, pairs):
    """`pairs` lists two persons and the weight of their pair."""
    total = sum(weight)
    mean = sum(v * y for v, y in zip(weight, y)) / total
    variance = sum(v * (y - mean) ** 2 for v, y in zip(weight, y)) / total
    of_pairs = sum(weight[i] * w for i, j, w in pairs)
    return sum(weight[i] * w * (y[i] - mean) * (y[j] - mean) for i, j, w in pairs) / of_pairs / variance


def siblings(family, kind):
    listed = []
    for group in groups(family):
        n = len(group)
        w = {"pairs": 1, "persons": Fraction(1, max(n - 1, 1)), "families": Fraction(2, max(n * (n - 1), 1))}[kind]
        listed += [(i, j, w) for i, j in combinations(group, 2)]
    return listed


def cousins(family, dynasty, kind):
    listed = []
    for group in groups(dynasty):
        pairs = [(i, j) for i, j in combinations(group, 2) if family[i] != family[j]]
        count = {i: sum(1 for j in group if family[j] != family[i]) for i in group}
        for i, j in pairs:
            w = {"pairs": 1, "persons": Fraction(1, count[i]) + Fraction(1, count[j]) if count[i] and count[j] else 0,
                 "families": Fraction(1, len(pairs))}[kind]
            listed.append((i, j, w))
    return listed


def jackknife(unit, statistic):
    """`statistic` takes the persons who are kept."""
    units = sorted(set(unit))
    values = [decimal(statistic([i for i, own in enumerate(unit) if own != left_out])) for left_out in units]
    mean = sum(values) / len(values)
    return (sum((value - mean) ** 2 for value in values) * (len(values) - 1) / len(values)).sqrt()


# One outcome far outside: what the others hold is lost when it is taken from a sum of squares.
family = [1, 1, 2, 2, 2, 3, 4, 4, 5, 5, 5, 5, 6, 6, 7, 8, 8, 9, 9, 9]
dynasty = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4]
effect = {own: random.gauss(0, 1) for own in set(family)}
doubles = [round(effect[own] + random.gauss(0, 1), 3) for own in family]
doubles[13] = 1e8
y = [Fraction(value) for value in doubles]
of_family = {own: Fraction(random.randrange(1, 9), 4) for own in set(family)}
of_dynasty = {own: Fraction(random.randrange(1, 9), 4) for own in set(dynasty)}
say("outlier_y", *doubles)
say("outlier_family", *family)
say("outlier_dynasty", *dynasty)
say("outlier_family_weight", *(of_family[own] for own in family))
say("outlier_dynasty_weight", *(of_dynasty[own] for own in dynasty))


def picked(column, rows):
    return [column[row] for row in rows]


say("outlier_anova", anova(y, family),
    jackknife(family, lambda rows: anova(picked(y, rows), picked(family, rows))))
for kind in ["pairs", "persons", "families"]:
    def sibling(rows):
        own = picked(family, rows)
        return over_pairs(picked(y, rows), [of_family[f] for f in own], siblings(own, kind))

    def cousin(rows):
        own, above = picked(family, rows), picked(dynasty, rows)
        return over_pairs(picked(y, rows), [of_dynasty[d] for d in above], cousins(own, above, kind))

    everybody = range(len(y))
    say("outlier_siblings_" + kind, sibling(everybody), jackknife(family, sibling))
    say("outlier_cousins_" + kind, cousin(everybody), jackknife(dynasty, cousin))


# ------------------------------------------------------------------ nested analysis of variance
def sums_of_squares(y, family, dynasty):
    n, mean = len(y), sum(y) / len(y)
    of = lambda column: {own: sum(y[i] for i in rows) / len(rows) for rows in groups(column) for own in [column[rows[0]]]}
    by_family, by_dynasty = of(family), of(dynasty)
    return [sum((by_dynasty[dynasty[i]] - mean) ** 2 for i in range(n)),
            sum((by_family[family[i]] - by_dynasty[dynasty[i]]) ** 2 for i in range(n)),
            sum((y[i] - by_family[family[i]]) ** 2 for i in range(n))]


def nested(y, family, dynasty):
    """Variances whose expected sums of squares are those found.

    A sum of squares is a quadratic form: it expects of a variance its values at the indicators of the groups, added up.
    """
    def expected(column):
        rows = [sums_of_squares([Fraction(int(other == own)) for other in column], family, dynasty) for own in set(column)]
        return [sum(row[k] for row in rows) for k in range(3)]

    found = sums_of_squares(y, family, dynasty)
    of_dynasty, of_family, of_person = expected(dynasty), expected(family), expected(list(range(len(y))))
    # Within families dynasties and families add nothing, between families dynasties add nothing.
    assert of_dynasty[1:] == [0, 0] and of_family[2] == 0
    within = found[2] / of_person[2]
    between = (found[1] - of_person[1] * within) / of_family[1]
    among = (found[0] - of_person[0] * within - of_family[0] * between) / of_dynasty[0]
    return among, between, within


def of_rows(rows, share):
    among, between, within = nested(picked(y, rows), picked(family, rows), picked(dynasty, rows))
    return share(among, between) / (among + between + within)


y = [Fraction(round(4 * random.gauss(0, 1) + 3 * effect[own] + 2 * of_dynasty[above]), 4)
     for own, above in zip(family, dynasty)]
say("nested_y", *y)
say("nested_variances", *nested(y, family, dynasty))
for name, share in [("cousins", lambda among, between: among), ("siblings", lambda among, between: among + between)]:
    say("nested_" + name, of_rows(everybody, share), jackknife(dynasty, lambda rows: of_rows(rows, share)))


# ------------------------------------------------------------------ restricted likelihood
def solved(matrix, right):
    """Solution and determinant, by elimination with pivots."""
    n, rows, determinant = len(matrix), [list(a) + list(b) for a, b in zip(matrix, right)], Decimal(1)
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(rows[r][c]))
        if pivot != c:
            rows[c], rows[pivot], determinant = rows[pivot], rows[c], -determinant
        determinant *= rows[c][c]
        for r in range(n):
            if r != c:
                factor = rows[r][c] / rows[c][c]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[c])]
    return [[value / rows[i][i] for value in rows[i][n:]] for i in range(n)], determinant


def criterion(y, columns, family, r):
    """-2 ln of the restricted likelihood but for constants, with coefficients and the variance of a person."""
    n = len(y)
    covariance = [[Decimal(1) if i == j else r if family[i] == family[j] else Decimal(0) for j in range(n)]
                  for i in range(n)]
    x = [[Decimal(1), *(decimal(column[i]) for column in columns)] for i in range(n)]
    k = len(x[0])
    inverse, determinant = solved(covariance, [[*x[i], decimal(y[i])] for i in range(n)])
    gram = [[sum(x[i][a] * inverse[i][b] for i in range(n)) for b in range(k + 1)] for a in range(k)]
    coefficients, of_gram = solved([row[:k] for row in gram], [[row[k]] for row in gram])
    coefficients = [row[0] for row in coefficients]
    residual = [decimal(y[i]) - sum(b * value for b, value in zip(coefficients, x[i])) for i in range(n)]
    weighed = sum(residual[i] * (inverse[i][k] - sum(b * inverse[i][a] for a, b in enumerate(coefficients)))
                  for i in range(n))
    # The scale of the covariance matrix is profiled out.
    return (n - k) * weighed.ln() + determinant.ln() + of_gram.ln(), coefficients, weighed / (n - k)


def reml(name, y, columns, family, low, high):
    """Golden section between two correlations, then Newton's steps on differences."""
    at = lambda r: criterion(y, columns, family, r)[0]
    low, high, golden = Decimal(low), Decimal(high), (Decimal(5).sqrt() - 1) / 2
    for _ in range(60):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if at(a) < at(b) else (a, high)
    r, step = (low + high) / 2, (1 - abs(low)) * Decimal("1e-14")
    for _ in range(4):
        slope = (at(r + step) - at(r - step)) / (2 * step)
        curvature = (at(r + step) - 2 * at(r) + at(r - step)) / step ** 2
        r -= slope / curvature
    _, coefficients, variance = criterion(y, columns, family, r)
    say(name, r, (2 / curvature).sqrt(), r * variance, (1 - r) * variance, *coefficients)


# Brothers and sisters alike but for a hundred-thousandth: the correlation differs from 1 by 1e-10.
family = [1, 1, 2, 2, 2, 3, 4, 4, 5, 5, 6]
effect = {own: random.gauss(0, 1) for own in set(family)}
doubles = [effect[own] + 1e-5 * random.gauss(0, 1) for own in family]
say("alike_family", *family)
say("alike_y", *doubles)
reml("alike_reml", doubles, [], family, "0.99999", "0.999999999999")
# The columns leave no one-against-all of any family: the likelihood is the same for every correlation.
family, y, column = [1, 1, 2, 2, 2], [1, 3, 5, 4, 9], [0, 0, 1, 1, 1]
values = [criterion(y, [column], family, Decimal(r))[0] for r in ["-0.4", "0", "0.5", "0.99"]]
assert max(values) - min(values) < Decimal("1e-50")
# The likelihood rises all the way down, and all the way up.
family, y = [1, 1, 2, 3], [4, 8, 7, 2]
values = [criterion(y, [], family, -1 + Decimal(step) / 50)[0] for step in [Decimal("0.001"), *range(1, 100)]]
assert all(a < b for a, b in zip(values, values[1:]))
family, y, column = [1, 1, 2, 3, 4], [8, 6, 5, 3, 3], [1, 3, 5, 4, 5]
steps = [*(Decimal(step) / 50 - 1 for step in range(1, 100)), Decimal("0.999"), Decimal("0.999999")]
values = [criterion(y, [column], family, r)[0] for r in steps]
highest = values.index(max(values))
assert all(a > b for a, b in zip(values[highest:], values[highest + 1:])) and values[-1] < values[0]
assert all(a < b for a, b in zip(values[:highest], values[1:highest + 1]))

with open("families_exact.txt", "w") as f:
    f.write("\n".join(out) + "\n")
