"""Reference values for the heredity of poverty. Run in this folder: python heredity.py

Writes synthetic_families.csv (made up, seeded) and heredity_python.csv (names and values).
Python 3.11, numpy 2.4.6, statsmodels 0.15.0.

Three kinds of values:
1. statsmodels: Logit and Probit, marginal effects, OaxacaBlinder.
2. Published formulas of Gelbach (2016), Karlson, Holm and Breen (2012), Fairlie (2005) and the five regressions of
   Parolin and others (2024), written out on numpy's least squares and statsmodels' Logit.
3. Their errors from one general rule: all parameters solve sum of w psi(theta) = 0; the covariance is the sandwich of
   the stacked equations, its Jacobian by complex steps, the middle summed within families, factor G / (G - 1) or
   n / (n - 1). Nothing is derived by hand here, so it is independent of influence functions worked out on paper.
"""
import csv
import numpy as np
import statsmodels.api as sm
from statsmodels.stats.oaxaca import OaxacaBlinder

out = []


def put(name, value):
    out.append((name, float(value)))


# ------------------------------------------------------------------ made-up families
rng = np.random.default_rng(20260611)
rows, number = [], 0
for family in range(170):
    luck = rng.normal()
    area = rng.random() < 0.4
    grand = rng.normal() + 0.5 * luck - 0.3 * area
    for child in range(1 + rng.integers(0, 4)):
        father = int(luck + 0.8 * rng.normal() < -0.6 + 0.3 * area)
        mother = int(luck + 0.8 * rng.normal() < -0.5 + 0.3 * area)
        poor_years = int(np.clip(round(5 - 4 * luck + 3 * rng.normal()), 0, 18))
        single = int(rng.random() < 1 / (1 + np.exp(1 + luck)))
        mother_schooling = round(12 + 1.5 * luck + rng.normal(), 1)
        age = int(rng.integers(25, 36))
        female = int(rng.integers(0, 2))
        schooling = round(13 + 0.8 * luck + 0.1 * (mother_schooling - 12) - 0.1 * poor_years + rng.normal(), 1)
        employed = int(rng.random() < 1 / (1 + np.exp(-0.8 - 0.2 * (schooling - 13) - 0.4 * luck)))
        living = int(rng.random() < 0.25)
        risk = -0.6 + 0.9 * max(father, mother) - 0.25 * (schooling - 13) - 0.9 * employed + 0.3 * area - 0.3 * luck
        poor = int(rng.random() < 1 / (1 + np.exp(-risk)))
        before = round(float(np.clip(0.35 + 0.02 * poor_years - 0.2 * employed + 0.25 * rng.normal(), 0, 1)), 2)
        after = round(float(np.clip(before * (0.6 + 0.1 * rng.normal()), 0, 1)), 2)
        weight = round(0.5 + 2 * rng.random(), 2)
        count = int(rng.integers(0, 4))
        known_father = rng.random() < 0.93
        known_mother = rng.random() < 0.97
        rows.append([family, weight, count, father if known_father else "", mother if known_mother else "",
                     int(grand < -0.3), poor, living, poor_years, before, after, single, mother_schooling, age, female,
                     schooling, employed, int(area)])
names = ["family", "weight", "count", "father", "mother", "grandparent", "poor", "with_parent", "poor_years", "before",
         "after", "single", "mother_schooling", "age", "female", "schooling", "employed", "area"]
with open("synthetic_families.csv", "w", newline="") as f:
    writer = csv.writer(f, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)

col = {name: np.array([np.nan if row[i] == "" else float(row[i]) for row in rows]) for i, name in enumerate(names)}
n = len(rows)
one = np.ones(n)
family, w, count = col["family"].astype(int), col["weight"], col["count"]
parent = np.fmax(col["father"], col["mother"])  # either, of the known ones
parent = np.where(np.isnan(parent), 0.0, parent)
y, area = col["poor"], col["area"]


def design(*columns):
    return np.column_stack([one, *columns])


# ------------------------------------------------------------------ 3. stacked estimating equations
def sandwich(theta, psi, weights, clusters=None, frequency=False):
    """Covariance of theta; psi(theta) gives a row of equations per observation."""
    p = len(theta)
    jacobian = np.empty((p, p))
    for j in range(p):
        step = np.array(theta, dtype=complex)
        step[j] += 1e-30j
        jacobian[:, j] = (weights[:, None] * psi(step)).sum(0).imag / 1e-30
    values = psi(np.array(theta, dtype=complex)).real
    gap = np.abs((weights[:, None] * values).sum(0)).max()
    assert gap < 1e-7, gap
    if clusters is not None:
        used = np.unique(clusters[weights > 0])
        sums = np.array([(weights[:, None] * values)[clusters == c].sum(0) for c in used])
        middle = sums.T @ sums * len(used) / (len(used) - 1)
    elif frequency:
        total = weights.sum()
        middle = (values.T * weights) @ values * total / (total - 1)
    else:
        m = (weights > 0).sum()
        middle = (values.T * weights**2) @ values * m / (m - 1)
    bread = np.linalg.inv(jacobian)
    return bread @ middle @ bread.T


def ols_psi(b, x, outcome):
    return (outcome - x @ b)[:, None] * x


def logit_psi(b, x, outcome):
    return (outcome - 1 / (1 + np.exp(-(x @ b))))[:, None] * x


def ols(x, outcome, weights):
    root = np.sqrt(weights)
    return np.linalg.lstsq(x * root[:, None], outcome * root, rcond=None)[0]


def logit(x, outcome, weights):
    b = np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-(x @ b)))
        b = b + np.linalg.solve((x.T * (weights * p * (1 - p))) @ x, x.T @ (weights * (outcome - p)))
    return b


def put_linear(name, gradient, theta, covariance):
    gradient = np.asarray(gradient)
    put(name, gradient @ theta)
    put(name + ".se", np.sqrt(gradient @ covariance @ gradient))


samples = {"equal": (one, None, False), "families": (one, family, False), "weighted": (w, family, False),
           "frequency": (count, None, True)}

# ------------------------------------------------------------------ 1. statsmodels: logit, probit, marginal effects
x = design(parent, col["schooling"], col["female"], area)
k = x.shape[1]
for label, model in [("logit", sm.Logit(y, x)), ("probit", sm.Probit(y, x))]:
    plain = model.fit(disp=0, tol=1e-14, maxiter=100)
    put(f"{label}.loglik", plain.llf)
    hc0 = model.fit(disp=0, tol=1e-14, maxiter=100, cov_type="HC0")
    cluster = model.fit(disp=0, tol=1e-14, maxiter=100, cov_type="cluster",
                        cov_kwds={"groups": family, "use_correction": False})
    groups = len(np.unique(family))
    for j in range(k):
        put(f"{label}.b{j}", plain.params[j])
        put(f"{label}.b{j}.model_se", plain.bse[j])
        put(f"{label}.b{j}.robust_se", hc0.bse[j] * np.sqrt(n / (n - 1)))
        put(f"{label}.b{j}.cluster_se", cluster.bse[j] * np.sqrt(groups / (groups - 1)))
    for name, fit, factor in [("robust", hc0, n / (n - 1)), ("cluster", cluster, groups / (groups - 1))]:
        slopes = fit.get_margeff(at="overall", method="dydx")
        steps = fit.get_margeff(at="overall", method="dydx", dummy=True)
        put(f"{label}.ame2.{name}", slopes.margeff[1])
        put(f"{label}.ame2.{name}.se", slopes.margeff_se[1] * np.sqrt(factor))
        put(f"{label}.ame1.{name}", steps.margeff[0])
        put(f"{label}.ame1.{name}.se", steps.margeff_se[0] * np.sqrt(factor))

# Average marginal effect of a sampled population: the mean is one more estimated parameter.
for label, (weights, clusters, frequency) in samples.items():
    b = logit(x, y, weights)
    x1, x0 = x.copy(), x.copy()
    x1[:, 1], x0[:, 1] = 1, 0
    chance = lambda b, x: 1 / (1 + np.exp(-(x @ b)))
    for name, effect in [("ame1", lambda b: chance(b, x1) - chance(b, x0)),
                         ("ame2", lambda b: b[2] * chance(b, x) * (1 - chance(b, x)))]:
        mean = (weights * effect(b)).sum() / weights.sum()
        theta = np.append(b, mean)
        psi = lambda t: np.column_stack([logit_psi(t[:-1], x, y), effect(t[:-1]) - t[-1]])
        covariance = sandwich(theta, psi, weights, clusters, frequency)
        put(f"{name}.sampled.{label}", mean)
        put(f"{name}.sampled.{label}.se", np.sqrt(covariance[-1, -1]))
    covariance = sandwich(b, lambda t: logit_psi(t, x, y), weights, clusters, frequency)
    for j in range(k):
        put(f"logit.{label}.b{j}", b[j])
        put(f"logit.{label}.b{j}.se", np.sqrt(covariance[j, j]))

# ------------------------------------------------------------------ 2. Gelbach; Karlson, Holm and Breen
groups_of = [[col["schooling"], col["mother_schooling"]], [col["employed"]]]
z = np.column_stack([c for g in groups_of for c in g])
short = design(parent, col["female"])
long = np.column_stack([short, z])
ks, kl, kz = short.shape[1], long.shape[1], z.shape[1]
member = [[0, 1], [2]]
for label, (weights, clusters, frequency) in samples.items():
    base, full = ols(short, y, weights), ols(long, y, weights)
    slopes = [ols(short, z[:, j], weights) for j in range(kz)]
    parts = [sum(slopes[j][1] * full[ks + j] for j in m) for m in member]
    assert abs(base[1] - full[1] - sum(parts)) < 1e-10
    theta = np.concatenate([base, full, *slopes])

    def psi(t):
        blocks = [ols_psi(t[:ks], short, y), ols_psi(t[ks:ks + kl], long, y)]
        blocks += [ols_psi(t[ks + kl + j * ks:ks + kl + (j + 1) * ks], short, z[:, j]) for j in range(kz)]
        return np.column_stack(blocks)

    covariance = sandwich(theta, psi, weights, clusters, frequency)

    def part_gradient(m, t, offset_full, offset_slopes):
        g = np.zeros(len(t))
        for j in m:
            g[offset_full + ks + j] = t[offset_slopes + j * ks + 1]
            g[offset_slopes + j * ks + 1] = t[offset_full + ks + j]
        return g

    for name, position in [("base", 1), ("full", ks + 1)]:
        put(f"gelbach.{label}.{name}", theta[position])
        put(f"gelbach.{label}.{name}.se", np.sqrt(covariance[position, position]))
    gradients = [part_gradient(m, theta, ks, ks + kl) for m in member]
    for g, (part, gradient) in enumerate(zip(parts, gradients)):
        put(f"gelbach.{label}.part{g}", part)
        put(f"gelbach.{label}.part{g}.se", np.sqrt(gradient @ covariance @ gradient))
        share = gradient / base[1]
        share[1] -= part / base[1] ** 2
        put(f"gelbach.{label}.share{g}", part / base[1])
        put(f"gelbach.{label}.share{g}.se", np.sqrt(share @ covariance @ share))
    both = sum(gradients)
    put(f"gelbach.{label}.explained", sum(parts))
    put(f"gelbach.{label}.explained.se", np.sqrt(both @ covariance @ both))

    full = logit(long, y, weights)
    theta = np.concatenate([full, *slopes])

    def psi(t):
        return np.column_stack([logit_psi(t[:kl], long, y)]
                               + [ols_psi(t[kl + j * ks:kl + (j + 1) * ks], short, z[:, j]) for j in range(kz)])

    covariance = sandwich(theta, psi, weights, clusters, frequency)
    residual = np.column_stack([z[:, j] - short @ slopes[j] for j in range(kz)])
    reduced = logit(np.column_stack([short, residual]), y, weights)
    put(f"khb.{label}.reduced", reduced[1])  # from its own model, as the paper defines it
    gradients = [part_gradient(m, theta, 0, kl) for m in member]
    both = sum(gradients)
    put(f"khb.{label}.difference", reduced[1] - full[1])
    put(f"khb.{label}.difference.se", np.sqrt(both @ covariance @ both))
    put(f"khb.{label}.full", full[1])
    put(f"khb.{label}.full.se", np.sqrt(covariance[1, 1]))
    with_full = both.copy()
    with_full[1] += 1
    put(f"khb.{label}.reduced.se", np.sqrt(with_full @ covariance @ with_full))
    for g, gradient in enumerate(gradients):
        put(f"khb.{label}.part{g}.se", np.sqrt(gradient @ covariance @ gradient))
    difference = reduced[1] - full[1]
    share = both * full[1] / reduced[1] ** 2
    share[1] -= difference / reduced[1] ** 2
    put(f"khb.{label}.share", difference / reduced[1])
    put(f"khb.{label}.share.se", np.sqrt(share @ covariance @ share))
    # The paper and Stata's khb: the two blocks are independent.
    apart = covariance.copy()
    apart[:kl, kl:] = apart[kl:, :kl] = 0
    put(f"khb.{label}.published_se", np.sqrt(both @ apart @ both))

# ------------------------------------------------------------------ 2. Parolin and others: five regressions
exposure = col["poor_years"] / 18
controls = [col["age"], col["female"], col["with_parent"]]
background, mediators = [col["single"], col["mother_schooling"]], [col["schooling"], col["employed"]]
x1 = design(exposure, *controls)
x2 = design(exposure, *controls, *background)
x3 = design(exposure, *controls, *background, *mediators)
fits = [(col["after"], x1), (col["before"], x1), (col["before"], x2), (col["before"], x3), (col["after"], x3)]
for label, (weights, clusters, frequency) in samples.items():
    found = [ols(x, outcome, weights) for outcome, x in fits]
    theta = np.concatenate(found)
    ends = np.cumsum([0] + [x.shape[1] for _, x in fits])
    psi = lambda t: np.column_stack(
        [ols_psi(t[ends[i]:ends[i + 1]], x, outcome) for i, (outcome, x) in enumerate(fits)])
    covariance = sandwich(theta, psi, weights, clusters, frequency)
    place = [end + 1 for end in ends[:-1]]
    for name, signs in [("total", (1, 0, 0, 0, 0)), ("family_background", (0, 1, -1, 0, 0)),
                        ("mediators", (0, 0, 1, -1, 0)), ("insurance", (1, -1, 0, 1, -1)),
                        ("residual", (0, 0, 0, 0, 1))]:
        gradient = np.zeros(len(theta))
        gradient[place] = signs
        put_linear(f"four_part.{label}.{name}", gradient, theta, covariance)

# ------------------------------------------------------------------ Blinder and Oaxaca
xo = [parent, col["schooling"], col["employed"]]
xa = design(*xo)
ko = xa.shape[1]
a, b = area == 1, area == 0
oaxaca = OaxacaBlinder(y, np.column_stack([*xo, area, one]), 3, hasconst=True, swap=False)
# statsmodels takes the lower value of the group first: elsewhere less area.
for name, kind in [("pooled_with_area", "pooled"), ("pooled", "nuemark"), ("cotton", "cotton")]:
    fit = oaxaca.two_fold(two_fold_type=kind)
    unexplained, explained, gap = fit.params
    put(f"oaxaca.statsmodels.{name}.explained", -explained)
    put(f"oaxaca.statsmodels.{name}.unexplained", -unexplained)
swapped = OaxacaBlinder(y, np.column_stack([*xo, 1 - area, one]), 3, hasconst=True, swap=False)
endowments, coefficients, interaction, gap = swapped.three_fold().params
put("oaxaca.statsmodels.endowments", endowments)
put("oaxaca.statsmodels.coefficients", coefficients)
put("oaxaca.statsmodels.interaction", interaction)
put("oaxaca.statsmodels.gap", gap)
xg = design(*xo, area)
for label, (weights, clusters, frequency) in samples.items():
    ba, bb = ols(xa[a], y[a], weights[a]), ols(xa[b], y[b], weights[b])
    ma, mb = ((weights[g, None] * xa[g]).sum(0) / weights[g].sum() for g in (a, b))
    pooled, with_area = ols(xa, y, weights), ols(xg, y, weights)
    share = weights[a].sum() / weights.sum()
    theta = np.concatenate([ba, bb, ma, mb, pooled, with_area, [share]])
    cut = np.cumsum([0, ko, ko, ko, ko, ko, ko + 1, 1])
    get = lambda t, i: t[cut[i]:cut[i + 1]]

    def psi(t):
        return np.column_stack([
            area[:, None] * ols_psi(get(t, 0), xa, y), (1 - area)[:, None] * ols_psi(get(t, 1), xa, y),
            area[:, None] * (xa - get(t, 2)), (1 - area)[:, None] * (xa - get(t, 3)),
            ols_psi(get(t, 4), xa, y), ols_psi(get(t, 5), xg, y), area - t[-1]])

    covariance = sandwich(theta, psi, weights, clusters, frequency)

    def delta(name, f):
        g = np.array([f(theta + 1e-30j * np.eye(len(theta))[j]).imag / 1e-30 for j in range(len(theta))])
        put(f"oaxaca.{label}.{name}", f(theta.astype(complex)).real)
        put(f"oaxaca.{label}.{name}.se", np.sqrt(g @ covariance @ g))

    stars = {"area": lambda t: get(t, 0), "elsewhere": lambda t: get(t, 1), "pooled": lambda t: get(t, 4),
             "pooled_with_area": lambda t: get(t, 5)[:ko],
             "cotton": lambda t: t[-1] * get(t, 0) + (1 - t[-1]) * get(t, 1)}
    for name, star in stars.items():
        delta(f"{name}.explained", lambda t: (get(t, 2) - get(t, 3)) @ star(t))
        delta(f"{name}.unexplained",
              lambda t: get(t, 2) @ (get(t, 0) - star(t)) + get(t, 3) @ (star(t) - get(t, 1)))
        delta(f"{name}.explained2", lambda t: (get(t, 2) - get(t, 3))[2] * star(t)[2])
        delta(f"{name}.unexplained2", lambda t: get(t, 2)[2] * (get(t, 0) - star(t))[2]
              + get(t, 3)[2] * (star(t) - get(t, 1))[2])
    delta("endowments", lambda t: (get(t, 2) - get(t, 3)) @ get(t, 1))
    delta("coefficients", lambda t: get(t, 3) @ (get(t, 0) - get(t, 1)))
    delta("interaction", lambda t: (get(t, 2) - get(t, 3)) @ (get(t, 0) - get(t, 1)))
    delta("gap", lambda t: get(t, 2) @ get(t, 0) - get(t, 3) @ get(t, 1))

# ------------------------------------------------------------------ Fairlie
F = lambda v: 1 / (1 + np.exp(-v))
for label, (weights, clusters, frequency) in samples.items():
    for name, holds, extra in [("area", a, False), ("elsewhere", b, False), ("pooled", a | b, False),
                               ("pooled_with_area", a | b, True)]:
        xm = np.column_stack([xa, area]) if extra else xa
        masked = np.where(holds, weights, 0.0)
        beta = logit(xm, y, masked)
        used = beta[:ko]
        means = [(weights[g] * F(xa[g] @ used)).sum() / weights[g].sum() for g in (a, b)]
        shares = [(weights[g] * y[g]).sum() / weights[g].sum() for g in (a, b)]
        theta = np.concatenate([beta, means, shares])
        psi = lambda t: np.column_stack([
            holds[:, None] * logit_psi(t[:len(beta)], xm, y),
            area * (F(xa @ t[:ko]) - t[-4]), (1 - area) * (F(xa @ t[:ko]) - t[-3]),
            area * (y - t[-2]), (1 - area) * (y - t[-1])])
        covariance = sandwich(theta, psi, weights, clusters, frequency)
        end = np.zeros(len(theta))
        end[-4:] = [1, -1, 0, 0]
        put_linear(f"fairlie.{label}.{name}.explained", end, theta, covariance)
        end[-4:] = [-1, 1, 1, -1]
        put_linear(f"fairlie.{label}.{name}.unexplained", end, theta, covariance)

# Quantile with quantile: unlike the walk along both groups, weights are whole and members are written out one by one,
# each group as often as makes them equally long.
sets = [[1], [2, 3]]
for label, whole in [("equal", one.astype(int)), ("frequency", count.astype(int))]:
    beta = logit(xa, y, whole.astype(float))
    p = F(xa @ beta)
    information = np.linalg.inv((xa.T * (whole * p * (1 - p))) @ xa)
    score = logit_psi(beta, xa, y)
    total = whole.sum()
    v = information @ ((score.T * whole) @ score * total / (total - 1)) @ information
    order = np.lexsort((*xa.T[::-1], p))
    lists = [np.repeat(order[g[order]], whole[order[g[order]]]) for g in (a, b)]
    length = np.lcm(len(lists[0]), len(lists[1]))
    left, right = (np.repeat(one_list, length // len(one_list)) for one_list in lists)
    current = xa[left].copy()
    for s, columns in enumerate(sets):
        before, density_before = F(current @ beta), F(current @ beta) * (1 - F(current @ beta))
        after_x = current.copy()
        after_x[:, columns] = xa[right][:, columns]
        after, density_after = F(after_x @ beta), F(after_x @ beta) * (1 - F(after_x @ beta))
        gradient = (density_before[:, None] * current - density_after[:, None] * after_x).mean(0)
        put(f"fairlie.quantiles.{label}.set{s}", (before - after).mean())
        put(f"fairlie.quantiles.{label}.set{s}.se", np.sqrt(gradient @ v @ gradient))
        current = after_x

# Fairlie's draws, many of them, for the average that the drawn version estimates.
beta = logit(xa, y, one)
p = F(xa @ beta)
order = np.lexsort((*xa.T[::-1], p))
la, lb = order[a[order]], order[b[order]]
size = min(len(la), len(lb))
values = []
for _ in range(20000):
    left = la[np.sort(rng.choice(len(la), size, replace=False))]
    right = lb[np.sort(rng.choice(len(lb), size, replace=False))]
    mixed = xa[left].copy()
    mixed[:, 1] = xa[right, 1]
    values.append((p[left] - F(mixed @ beta)).mean())
put("fairlie.drawn.set0", np.mean(values))
put("fairlie.drawn.set0.monte_carlo_se", np.std(values) / np.sqrt(len(values)))
put("fairlie.drawn.set0.spread", np.std(values))

# ------------------------------------------------------------------ differences between parents and populations
def cells(status):
    known = ~np.isnan(status)
    s = np.where(known, status, 0)
    return [known * s * y, known * s * (1 - y), known * (1 - s) * y, known * (1 - s) * (1 - y)]


measures = {
    "persistence": lambda c: c[0] / (c[0] + c[1]),
    "entry": lambda c: c[2] / (c[2] + c[3]),
    "risk_difference": lambda c: c[0] / (c[0] + c[1]) - c[2] / (c[2] + c[3]),
    "log_risk_ratio": lambda c: np.log(c[0] / (c[0] + c[1]) * (c[2] + c[3]) / c[2]),
    "log_odds_ratio": lambda c: np.log(c[0] * c[3] / c[1] / c[2]),
    "retrospective_share": lambda c: c[0] / (c[0] + c[2]),
    "joint_share": lambda c: c[0] / (c[0] + c[1] + c[2] + c[3]),
    "attributable_fraction": lambda c: 1 - c[2] * (c[0] + c[1] + c[2] + c[3]) / (c[2] + c[3]) / (c[0] + c[2]),
    "fourfold_correlation": lambda c: (c[0] * c[3] - c[1] * c[2])
    / np.sqrt((c[0] + c[1]) * (c[2] + c[3]) * (c[0] + c[2]) * (c[1] + c[3])),
}
both = np.where(np.isnan(col["father"] + col["mother"]), np.nan, np.fmin(col["father"], col["mother"]))
home, own = col["with_parent"] == 1, col["with_parent"] == 0
for label, (weights, clusters, frequency) in samples.items():
    for name, left, right in [("father_mother", col["father"], col["mother"]),
                              ("both_father", both, col["father"]),
                              ("living", np.where(home, col["mother"], np.nan), np.where(own, col["mother"], np.nan))]:
        variables = np.column_stack(cells(left) + cells(right))
        theta = (weights[:, None] * variables).sum(0) / weights.sum()
        covariance = sandwich(theta, lambda t: variables - t, weights, clusters, frequency)
        for measure, f in measures.items():
            h = lambda t: f(t[:4]) - f(t[4:])
            g = np.array([h(theta + 1e-30j * np.eye(8)[j]).imag / 1e-30 for j in range(8)])
            put(f"contrast.{label}.{name}.{measure}", h(theta))
            put(f"contrast.{label}.{name}.{measure}.se", np.sqrt(g @ covariance @ g))

with open("heredity_python.csv", "w", newline="") as f:
    for name, value in out:
        f.write(f"{name},{value!r}\n")
