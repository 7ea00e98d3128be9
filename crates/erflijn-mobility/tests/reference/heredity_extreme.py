"""Reference values for the heredity of poverty where doubles are delicate. Run in this folder: python heredity_extreme.py

Writes heredity_extreme.txt, a name and numbers on each line. Python 3.11, standard library only. The children are made up.

All arithmetic has 100 digits. Normal equations are solved by elimination. No influence function is worked out: the error
of a number is sqrt(G / (G - 1) * sum over families of (its derivative by the logarithm of the family's weight)^2), each
derivative a difference over a step of 1e-40.
"""
from decimal import Decimal as D, getcontext
import random

getcontext().prec = 100
random.seed(20261126)
STEP = D("1e-40")
out = []


def say(name, *values):
    out.append(" ".join([name, *(repr(float(value)) for value in values)]))


def solve(matrix, right):
    n, rows = len(matrix), [list(a) + [b] for a, b in zip(matrix, right)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(rows[r][c]))
        rows[c], rows[pivot] = rows[pivot], rows[c]
        for r in range(n):
            if r != c:
                factor = rows[r][c] / rows[c][c]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[c])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def moments(columns, y, weights):
    gram = [[sum(w * a * b for w, a, b in zip(weights, left, right)) for right in columns] for left in columns]
    return gram, [sum(w * a * b for w, a, b in zip(weights, left, y)) for left in columns]


def least_squares(columns, y, weights):
    return solve(*moments(columns, y, weights))


def chance(eta):
    return 1 / (1 + (-eta).exp())


def predictor(b, columns, i):
    return sum(slope * column[i] for slope, column in zip(b, columns))


def logit(columns, y, weights, start=None):
    b = start or [D(0)] * len(columns)
    for _ in range(3 if start else 60):
        p = [chance(predictor(b, columns, i)) for i in range(len(y))]
        curved, _ = moments(columns, y, [w * q * (1 - q) for w, q in zip(weights, p)])
        score = [sum(w * x * (o - q) for w, x, o, q in zip(weights, column, y, p)) for column in columns]
        b = [old + step for old, step in zip(b, solve(curved, score))]
    return b


def with_errors(prefix, statistics, weights, family):
    """`statistics` takes weights and gives names with numbers."""
    base, numbers = statistics(weights), sorted(set(family))
    squares = {name: D(0) for name in base}
    for own in numbers:
        moved = statistics([w * (1 + STEP) if f == own else w for w, f in zip(weights, family)])
        for name in base:
            squares[name] += ((moved[name] - base[name]) / STEP) ** 2
    factor = D(len(numbers)) / (len(numbers) - 1)
    for name, value in base.items():
        say(prefix + name, value, (squares[name] * factor).sqrt())


children = 32
family = [i // 2 for i in range(children)]
weight = [round(random.uniform(0.5, 3), 2) for _ in family]
area = [int(i % 3 == 0) for i in range(children)]
far = [1e8 + round(random.gauss(0, 1), 3) for _ in family]
outlier = [round(random.gauss(0, 1), 3) for _ in family]
outlier[7] = 1e8
effect = [int(random.random() < 0.4) for _ in family]
y = [int(random.random() < 0.3 + 0.3 * x + 0.1 * (f - 1e8 > 0)) for x, f in zip(effect, far)]
for name, column in [("family", family), ("weight", weight), ("area", area), ("far", far), ("outlier", outlier),
                     ("effect", effect), ("poor", y)]:
    say(name, *column)
exact = lambda column: [D(value) for value in column]
one, w, poor, x_far, x_outlier, x_effect = [D(1)] * children, *map(exact, [weight, y, far, outlier, effect])
in_area = exact(area)


def oaxaca(weights):
    columns = [one, x_far, x_effect]
    of = lambda inside: [v if bool(a) == inside else D(0) for v, a in zip(weights, area)]
    a, b = of(True), of(False)
    mean = lambda column, v: sum(p * q for p, q in zip(column, v)) / sum(v)
    b_a, b_b, star = (least_squares(columns, poor, v) for v in (a, b, weights))
    x_a, x_b = [mean(c, a) for c in columns], [mean(c, b) for c in columns]
    other = [p * (s - q) + r * (q - t) for p, s, q, r, t in zip(x_a, b_a, star, x_b, b_b)]
    return {"gap": mean(poor, a) - mean(poor, b), "explained": sum((p - q) * s for p, q, s in zip(x_a, x_b, star)),
            "unexplained": sum(other), "unexplained0": other[0], "unexplained1": other[1], "unexplained2": other[2],
            "coefficients": sum(q * (s - t) for q, s, t in zip(x_b, b_a, b_b)),
            "interaction": sum((p - q) * (s - t) for p, q, s, t in zip(x_a, x_b, b_a, b_b))}


def gelbach(weights):
    short, mediators = [one, x_effect], [x_far, x_outlier]
    long = short + mediators
    full = least_squares(long, poor, weights)
    parts = [least_squares(short, z, weights)[1] * b for z, b in zip(mediators, full[2:])]
    return {"base": least_squares(short, poor, weights)[1], "full": full[1], "part0": parts[0], "part1": parts[1],
            "explained": sum(parts)}


of_logit = [one, x_effect, x_far, x_outlier]
maximum = logit(of_logit, poor, w)


def logit_and_effects(weights):
    b = maximum if weights is w else logit(of_logit, poor, weights, maximum)
    p = [chance(predictor(b, of_logit, i)) for i in range(children)]

    def averages(v):
        steps = []
        for i in range(children):
            without = predictor(b, of_logit, i) - b[1] * x_effect[i]
            steps.append(chance(without + b[1]) - chance(without))
        slope = sum(q * c * (1 - c) for q, c in zip(v, p)) / sum(v) * b[2]
        return slope, sum(q * s for q, s in zip(v, steps)) / sum(v)

    (sampled_slope, sampled_step), (slope, step) = averages(weights), averages(w)
    return {"b0": b[0], "b1": b[1], "b2": b[2], "b3": b[3], "slope_sampled": sampled_slope, "step_sampled": sampled_step,
            "slope_fixed": slope, "step_fixed": step}


with_errors("oaxaca.", oaxaca, w, family)
with_errors("gelbach.", gelbach, w, family)
with_errors("logit.", logit_and_effects, w, family)
with open("heredity_extreme.txt", "w") as f:
    f.write("\n".join(out) + "\n")
