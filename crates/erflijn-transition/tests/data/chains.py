#!/usr/bin/env python3
"""Exact values of what erflijn-transition says of chains: writes chains.json.

Python 3.11, mpmath 1.3.0. Everything but logarithms is exact in fractions; logarithms of matrices by
mpmath.logm with 60 digits.
"""
import json
import math
import os
from fractions import Fraction as F

import mpmath

mpmath.mp.dps = 60


def solve(a, b):
    """Gauss-Jordan in fractions: a x = b for matrices."""
    n = len(a)
    rows = [list(r) + list(s) for r, s in zip(a, b)]
    for c in range(n):
        pivot = next(r for r in range(c, n) if rows[r][c] != 0)
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [v / rows[c][c] for v in rows[c]]
        for r in range(n):
            if r != c and rows[r][c] != 0:
                rows[r] = [v - rows[r][c] * w for v, w in zip(rows[r], rows[c])]
    return [r[n:] for r in rows]


def reach(p):
    k = len(p)
    r = [[i == j or p[i][j] > 0 for j in range(k)] for i in range(k)]
    for m in range(k):
        for i in range(k):
            for j in range(k):
                r[i][j] = r[i][j] or (r[i][m] and r[m][j])
    return r


def power_sets(p, steps):
    """Which lengths up to `steps` bring each state back to itself."""
    k = len(p)
    here = [[i == j for j in range(k)] for i in range(k)]
    back = [[] for _ in range(k)]
    for t in range(1, steps + 1):
        here = [[any(here[i][l] and p[l][j] > 0 for l in range(k)) for j in range(k)] for i in range(k)]
        for i in range(k):
            if here[i][i]:
                back[i].append(t)
    return back


def chain(label, p):
    p = [[F(v) for v in row] for row in p]
    assert all(sum(row) == 1 for row in p)
    k = len(p)
    r = reach(p)
    classes = []
    for i in range(k):
        if not any(i in c for c in classes):
            classes.append([j for j in range(k) if r[i][j] and r[j][i]])
    recurrent = [c for c in classes if all(r[j][c[0]] for j in range(k) if r[c[0]][j])]
    transient = [i for i in range(k) if not any(i in c for c in recurrent)]
    iq = [[F(i == j) - p[i][j] for j in transient] for i in transient]
    eye = [[F(i == j) for j in transient] for i in transient]
    n = solve(iq, eye) if transient else []
    place = {s: a for a, s in enumerate(transient)}
    absorb = [[F(0)] * len(recurrent) for _ in range(k)]
    for a, c in enumerate(recurrent):
        for i in range(k):
            if i in c:
                absorb[i][a] = F(1)
            elif i in place:
                absorb[i][a] = sum(n[place[i]][place[t]] * sum(p[t][j] for j in c) for t in transient)
    times = [sum(n[place[i]]) if i in place else F(0) for i in range(k)]
    visits = [["inf" if j not in place and r[i][j] else (n[place[i]][place[j]] if i in place and j in place else F(0))
               for j in range(k)] for i in range(k)]
    back = power_sets(p, 4 * k * k)
    case = {
        "label": label,
        "p": [[float(v) for v in row] for row in p],
        "communicating_classes": classes,
        "periods": [math.gcd(*b) if b else None for b in back],
        "absorbing_states": [c[0] for c in recurrent if len(c) == 1],
        "absorption_probabilities": [[float(v) for v in row] for row in absorb],
        "absorption_times": [float(v) for v in times],
        "expected_visits": [[v if v == "inf" else float(v) for v in row] for row in visits],
    }
    pis = []
    for c in recurrent:
        a = [[p[i][j] - F(i == j) for i in c] for j in c]
        a[-1] = [F(1)] * len(c)
        x = solve(a, [[F(0)]] * (len(c) - 1) + [[F(1)]])
        pi = [F(0)] * k
        for s, v in zip(c, x):
            pi[s] = v[0]
        pis.append(pi)
    long_run = [[sum(absorb[i][a] * pis[a][j] for a in range(len(pis))) for j in range(k)] for i in range(k)]
    case["long_run"] = [[float(v) for v in row] for row in long_run]
    if len(recurrent) == 1:
        m = [[F(i == j) - p[i][j] + pis[0][j] for j in range(k)] for i in range(k)]
        z = solve(m, [[F(i == j) for j in range(k)] for i in range(k)])
        case["fundamental_matrix"] = [[float(v) for v in row] for row in z]
    tenth = p
    for _ in range(9):
        tenth = [[sum(tenth[i][l] * p[l][j] for l in range(k)) for j in range(k)] for i in range(k)]
    case["power_10"] = [[float(v) for v in row] for row in tenth]
    return case


def generator(label, p):
    """Principal logarithm; the caller knows that it is a generator."""
    p = [[F(v) for v in row] for row in p]
    assert all(sum(row) == 1 for row in p)
    log = mpmath.logm(mpmath.matrix([[mpmath.mpf(v.numerator) / v.denominator for v in row] for row in p]))
    k = len(p)
    rates = [[log[i, j].real for j in range(k)] for i in range(k)]
    assert all(abs(mpmath.im(log[i, j])) < 1e-40 for i in range(k) for j in range(k))
    assert all(rates[i][j] > -mpmath.mpf(10) ** -40 for i in range(k) for j in range(k) if i != j)
    zero = lambda v: 0.0 if abs(v) < mpmath.mpf(10) ** -40 else float(v)
    return {"label": label, "p": [[float(v) for v in row] for row in p],
            "generator": [[zero(v) for v in row] for row in rates]}


us = [[729, 71, 1, 0, 0], [72, 567, 80, 3, 0], [0, 81, 631, 86, 2], [0, 3, 86, 573, 56], [0, 0, 1, 57, 741]]
us = [[F(v, sum(row)) for v in row] for row in us]
h, q, t = F(1, 2), F(1, 4), F(1, 3)
chains = [
    chain("us_states", us),
    chain("gambler", [[1, 0, 0, 0, 0], [h, 0, h, 0, 0], [0, h, 0, h, 0], [0, 0, h, 0, h], [0, 0, 0, 0, 1]]),
    chain("two_closed_classes_and_two_ways_in", [
        [q, q, q, q, 0, 0], [0, h, 0, q, q, 0], [0, 0, t, 2 * t, 0, 0], [0, 0, h, h, 0, 0],
        [0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 0]]),
    chain("transient_to_one_class", [[h, q, q], [0, F(3, 5), F(2, 5)], [0, F(3, 10), F(7, 10)]]),
    chain("passing_through", [[0, 1, 0], [0, 0, 1], [0, 0, 1]]),
    chain("period_two_of_four", [[0, h, 0, h], [h, 0, h, 0], [0, h, 0, h], [h, 0, h, 0]]),
    chain("period_three_with_a_chord", [[0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [h, 0, 0, h, 0, 0],
                                        [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0]]),
    chain("land_of_oz", [[h, q, q], [h, 0, h], [q, q, h]]),
    chain("identity", [[1, 0], [0, 1]]),
    chain("alone", [[1]]),
    chain("nearly_apart", [[1 - F(1, 2**40), F(1, 2**40)], [F(1, 2**39), 1 - F(1, 2**39)]]),
]
generators = [
    generator("two_classes", [[F(3, 4), q], [F(1, 8), F(7, 8)]]),
    generator("three_classes", [[F(8, 10), F(15, 100), F(5, 100)], [F(1, 10), F(8, 10), F(1, 10)], [F(5, 100), F(15, 100), F(8, 10)]]),
    generator("absorbing_default", [[F(90, 100), F(8, 100), F(2, 100)], [F(10, 100), F(80, 100), F(10, 100)], [0, 0, 1]]),
    generator("complex_eigenvalues", [[F(7, 10), F(2, 10), F(1, 10)], [F(1, 10), F(7, 10), F(2, 10)], [F(2, 10), F(1, 10), F(7, 10)]]),
    generator("fast", [[F(40, 100), F(30, 100), F(30, 100)], [F(30, 100), F(40, 100), F(30, 100)], [F(30, 100), F(30, 100), F(40, 100)]]),
]
out = {
    "id": "chains",
    "source": {"package": "exact fractions; logarithms by mpmath.logm with 60 digits",
               "versions": {"python": "3.11", "mpmath": mpmath.__version__}},
    "chains": chains,
    "generators": generators,
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chains.json")
with open(path, "w") as f:
    f.write(json.dumps(out, indent=None, separators=(", ", ": ")).replace('{"label"', '\n{"label"') + "\n")
