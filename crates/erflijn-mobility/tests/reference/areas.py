"""Bounds by linear programming, and Leroux's prior by a dense likelihood with numerical derivatives.

Writes coarse_bounds.csv and leroux.csv beside this file: python3 areas.py
"""

import numpy as np
import scipy
from scipy.optimize import linprog, minimize

HEAD = f"# numpy {np.__version__}, scipy {scipy.__version__}"


def bounds(edges, means, low, high, start, end):
    """Least and greatest mean between two ranks over all non-decreasing curves with the means of the bins.

    The curve is flat between consecutive cuts, which are the ends of bins and of the interval: replacing a curve by its
    means between them changes neither what it must satisfy nor what is sought.
    """
    cuts = np.unique(np.concatenate([edges, [start, end]]))
    widths = np.diff(cuts)
    n = len(widths)
    equal, right = [], []
    for j in range(len(means)):
        inside = (cuts[:-1] >= edges[j] - 1e-12) & (cuts[1:] <= edges[j + 1] + 1e-12)
        equal.append(np.where(inside, widths, 0.0))
        right.append(means[j] * (edges[j + 1] - edges[j]))
    rise = np.zeros((n - 1, n))
    for i in range(n - 1):
        rise[i, i], rise[i, i + 1] = 1.0, -1.0
    own = (cuts[:-1] >= start - 1e-12) & (cuts[1:] <= end + 1e-12)
    aim = np.where(own, widths, 0.0) / (end - start)
    found = []
    for sign in (1.0, -1.0):
        r = linprog(sign * aim, A_ub=rise, b_ub=np.zeros(n - 1), A_eq=np.array(equal), b_eq=right,
                    bounds=[(low, high)] * n, method="highs")
        assert r.status == 0
        found.append(sign * r.fun)
    return found


def write_bounds():
    curves = [
        ([0, 0.3, 0.55, 0.8, 1.0], [0.36, 0.47, 0.55, 0.66], 0.0, 1.0),
        ([0, 0.57, 0.68, 0.78, 1.0], [0.41, 0.52, 0.55, 0.71], 0.0, 1.0),
        ([0, 0.1, 0.2, 0.9, 1.0], [0.2, 0.2, 0.5, 0.9], 0.1, 0.95),
        ([0, 1.0], [0.5], 0.0, 1.0),
    ]
    intervals = [(0, 0.5), (0, 0.2), (0.2, 0.3), (0.25, 0.75), (0.4, 0.6), (0.6, 1.0), (0.55, 0.56), (0.05, 0.95), (0, 1)]
    with open("coarse_bounds.csv", "w") as out:
        print(HEAD, file=out)
        print("edges,means,lowest,highest,from,to,low,high", file=out)
        for edges, means, low, high in curves:
            for start, end in intervals:
                a, b = bounds(np.array(edges, float), means, low, high, start, end)
                words = lambda xs: " ".join(map(repr, xs))
                print(words(edges), words(means), low, high, start, end, repr(float(a)), repr(float(b)), sep=",", file=out)


def grid(rows, columns):
    """Neighbours in a grid of squares."""
    n = rows * columns
    a = np.zeros((n, n))
    for r in range(rows):
        for c in range(columns):
            for dr, dc in ((0, 1), (1, 0)):
                if r + dr < rows and c + dc < columns:
                    i, j = r * columns + c, (r + dr) * columns + c + dc
                    a[i, j] = a[j, i] = 1.0
    return a


def prior(a, s2, r):
    d = np.diag(a.sum(1))
    return s2 * np.linalg.inv(r * (d - a) + (1 - r) * np.eye(len(a)))


def restricted(y, v, a, s2, r):
    cov = prior(a, s2, r) + np.diag(v)
    inv = np.linalg.inv(cov)
    one = np.ones(len(y))
    mean = one @ inv @ y / (one @ inv @ one)
    return -0.5 * (np.linalg.slogdet(cov)[1] + np.log(one @ inv @ one) + (y - mean) @ inv @ (y - mean))


def weights(v, a, s2, r):
    """The matrix that turns y - m into deviations of the areas."""
    g = prior(a, s2, r)
    return g @ np.linalg.inv(g + np.diag(v))


def write_leroux():
    rng = np.random.default_rng(20240611)
    rows, columns = 5, 6
    a = grid(rows, columns)
    n = len(a)
    v = rng.uniform(0.2, 1.5, n) ** 2 * 0.01
    truth = 0.4 + np.linalg.cholesky(prior(a, 0.02, 0.8)) @ rng.standard_normal(n)
    y = np.round(truth + np.sqrt(v) * rng.standard_normal(n), 4)
    se = np.round(np.sqrt(v), 4)
    v = se**2
    scale = lambda p: (np.exp(p[0]), 1 / (1 + np.exp(-p[1])))
    best = None
    for start in ([-4, 0], [-3, 2], [-6, -1]):
        fit = minimize(lambda p: -restricted(y, v, a, *scale(p)), start, method="Nelder-Mead",
                       options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 20000, "maxfev": 20000})
        best = fit if best is None or fit.fun < best.fun else best
    s2, r = scale(best.x)
    g = prior(a, s2, r)
    cov = g + np.diag(v)
    inv = np.linalg.inv(cov)
    one = np.ones(n)
    info = one @ inv @ one
    mean = one @ inv @ y / info
    b = g @ inv
    value = mean + b @ (y - mean)
    g1 = np.diag(g - b @ g)
    g2 = (1 - b @ one) ** 2 / info
    steps = (s2 * 1e-4, 1e-4)
    up = lambda j: tuple(p + (steps[j] if k == j else 0) for k, p in enumerate((s2, r)))
    down = lambda j: tuple(p - (steps[j] if k == j else 0) for k, p in enumerate((s2, r)))
    change = [(weights(v, a, *up(j)) - weights(v, a, *down(j))) / (2 * steps[j]) for j in range(2)]
    shift = [(prior(a, *up(j)) - prior(a, *down(j))) / (2 * steps[j]) for j in range(2)]
    proj = inv - np.outer(inv @ one, one @ inv) / info
    fisher = np.array([[0.5 * np.trace(proj @ shift[i] @ proj @ shift[j]) for j in range(2)] for i in range(2)])
    spread = np.linalg.inv(fisher)
    g3 = sum(spread[i, j] * np.diag(change[i] @ cov @ change[j].T) for i in range(2) for j in range(2))
    alone = max(restricted(y, v, a, t, 0.0) for t in np.exp(np.linspace(-12, 2, 200001)[::20]))
    with open("leroux.csv", "w") as out:
        print(HEAD, f"grid {rows} x {columns}", file=out)
        print(f"# mean {float(mean)!r} scale {float(s2)!r} dependence {float(r)!r} ratio {float(2 * (-best.fun - alone))!r}", file=out)
        print("estimate,se,value,reliability,plug_in,mse", file=out)
        for i in range(n):
            print(*(repr(float(x)) for x in (y[i], se[i], value[i], b[i, i], np.sqrt(g1[i]), g1[i] + g2[i] + 2 * g3[i])),
                  sep=",", file=out)


write_bounds()
write_leroux()
