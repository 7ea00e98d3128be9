#!/usr/bin/env python3
"""The second eigenvalue of a matrix with the delta-method error of its modulus: writes second_eigenvalue.json.

Python 3.11, mpmath 1.3.0 with 60 digits. Gradient from left and right eigenvectors, checked here against central
differences of step 1e-25; rows are independent multinomial samples.
"""
import json
import os

import mpmath as mp

mp.mp.dps = 60

TABLES = {
    "quintiles": [[50, 30, 12, 6, 2], [25, 35, 20, 12, 8], [12, 20, 36, 20, 12], [8, 12, 20, 36, 24], [5, 3, 12, 26, 54]],
    "British occupations": [
        [50, 19, 26, 8, 7, 11, 6, 2], [16, 40, 34, 18, 11, 20, 8, 3], [12, 35, 65, 66, 35, 88, 23, 21],
        [11, 20, 58, 110, 40, 183, 64, 32], [2, 8, 12, 23, 25, 46, 28, 12], [12, 28, 102, 162, 90, 554, 230, 177],
        [0, 6, 19, 40, 21, 158, 143, 71], [0, 3, 14, 32, 15, 126, 91, 106]],
    "complex pair": [[10, 80, 10], [10, 10, 80], [80, 10, 10]],
    "three, two of them close": [[8005, 1000, 995], [1000, 7999, 1001], [1002, 1001, 7997]],
    "closer": [[8000005, 999998, 999997], [1000000, 8000000, 1000000], [1000001, 1000000, 7999999]],
    "negative": [[1, 99], [90, 10]],
    "large": [[900000000000, 100000000000], [200000000001, 799999999999]],
}


def matrix(counts):
    return mp.matrix([[mp.mpf(cell) / sum(row) for cell in row] for row in counts])


def second(p):
    values, left, right = mp.eig(p, left=True, right=True)
    order = sorted(range(len(values)), key=lambda i: -abs(values[i]))
    i = order[1]
    return values[i], left[i, :], right[:, i]


def error(counts):
    p, k = matrix(counts), len(counts)
    value, u, v = second(p)
    product = sum(u[0, i] * v[i, 0] for i in range(k))
    gradient = [[mp.re(mp.conj(value) / abs(value) * u[0, i] * v[j, 0] / product) for j in range(k)] for i in range(k)]
    h = mp.mpf(10) ** -25
    for i in range(k):
        for j in range(k):
            up, down = p.copy(), p.copy()
            up[i, j] += h
            down[i, j] -= h
            slope = (abs(second(up)[0]) - abs(second(down)[0])) / (2 * h)
            assert abs(slope - gradient[i][j]) < mp.mpf(10) ** -15 * (1 + abs(slope)), (counts, i, j)
    variance = mp.mpf(0)
    for i, row in enumerate(counts):
        mean = sum(p[i, j] * gradient[i][j] for j in range(k))
        variance += sum(p[i, j] * (gradient[i][j] - mean) ** 2 for j in range(k)) / sum(row)
    return float(abs(value)), float(mp.sqrt(variance))


cases = []
for label, counts in TABLES.items():
    modulus, standard_error = error(counts)
    cases.append({"label": label, "counts": counts, "modulus": modulus, "standard_error": standard_error})
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "second_eigenvalue.json")
with open(path, "w", encoding="utf-8") as file:
    json.dump({"mpmath": mp.__version__, "cases": cases}, file, indent=1)
    file.write("\n")
