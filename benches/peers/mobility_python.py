"""The tasks of the comparison of mobility in statsmodels, and the indices of pairs in plain numpy.

`python mobility_python.py PEER FOLDER`, PEER being statsmodels or numpy, reads the columns that our part wrote and
prints what it prints: a line per task with its name, the best of three times in seconds of the processor, and values.
What takes longer than ten seconds is done once.
"""

import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

TIMES = 3
TOO_LONG = 10.0


def measure(task, work):
    best = float("inf")
    for _ in range(TIMES):
        start, runs, used = time.process_time(), 0, 0.0
        while used < 0.1:
            values = work()
            runs += 1
            used = time.process_time() - start
        best = min(best, used / runs)
        if best > TOO_LONG:
            break
    print(task, best, " ".join(f"{name}={float(value)!r}" for name, value in values.items()), sep="\t", flush=True)


def of_statsmodels(x, y, y0, age, poor, family):
    import statsmodels
    import statsmodels.api as sm

    one, three = sm.add_constant(np.log(x)), np.column_stack((np.ones(len(x)), np.log(x), age))
    log_y, outcome = np.log(y), poor.astype(float)
    by_family = {"cov_type": "cluster", "cov_kwds": {"groups": family}}

    def log_log():
        fit = sm.OLS(log_y, one).fit(cov_type="HC1")
        clustered = fit.get_robustcov_results("cluster", groups=family)
        return {"slope": fit.params[1], "hc1": fit.bse[1], "cr1": clustered.bse[1]}

    def expectation():
        model = sm.GLM(y0, three, family=sm.families.Poisson())
        plain, clustered = model.fit(tol=1e-12, cov_type="HC0"), model.fit(tol=1e-12, **by_family)
        return {"slope": plain.params[1], "hc0": plain.bse[1], "cr1": clustered.bse[1]}

    def logit():
        fit = sm.Logit(outcome, three).fit(disp=0)
        return {"slope": fit.params[1], "model_error": fit.bse[1], "effect": fit.get_margeff().margeff[0]}

    measure("elasticity_log_log", log_log)
    measure("elasticity_of_expectation", expectation)
    measure("logit", logit)
    if len(x) <= 100_000:
        def reml():
            fit = sm.MixedLM(log_y, np.column_stack((np.ones(len(x)), age)), groups=family).fit(reml=True)
            between = fit.cov_re[0, 0]
            return {"correlation": between / (between + fit.scale), "age": fit.fe_params[1]}

        measure("sibling_reml", reml)
    print("version", 0, f"statsmodels {statsmodels.__version__}", sep="\t")


def of_numpy(x, y):
    def theil(values):
        shares = values / values.mean()
        return (shares * np.log(shares)).mean()

    def gini(values):
        ordered = np.sort(values)
        n = len(ordered)
        return 2 * (np.arange(1, n + 1) * ordered).sum() / (n * ordered.sum()) - (n + 1) / n

    def mid_ranks(values):
        _, block, count = np.unique(values, return_inverse=True, return_counts=True)
        return (np.cumsum(count) - count / 2)[block]

    def fields_ok():
        change, log_change = y - x, np.log(y / x)
        return {"distance": np.abs(change).mean(), "growth": abs(change.mean()),
                "transfer": np.abs(change).mean() - abs(change.mean()),
                "log": np.abs(log_change).mean(), "log_directional": log_change.mean()}

    def mobility(inequality):
        both = inequality(x + y)
        mean_x, mean_y = x.mean(), y.mean()
        return 1 - both * (mean_x + mean_y) / (mean_x * inequality(x) + mean_y * inequality(y))

    def equalising():
        return {"shorrocks_theil": mobility(theil), "shorrocks_gini": mobility(gini),
                "fields_theil": 1 - theil((x + y) / 2) / theil(x)}

    def correlations():
        rank_x, rank_y = mid_ranks(x), mid_ranks(y)
        return {"hart": 1 - np.corrcoef(np.log(x), np.log(y))[0, 1],
                "rank_correlation": np.corrcoef(rank_x, rank_y)[0, 1],
                "gini_correlation": np.cov(x, rank_y)[0, 1] / np.cov(x, rank_x)[0, 1]}

    def rank_rank():
        rank_x, rank_y = mid_ranks(x), mid_ranks(y)
        covariance = np.cov(rank_x, rank_y)
        return {"slope": covariance[0, 1] / covariance[0, 0]}

    measure("rank_rank", rank_rank)
    measure("fields_ok", fields_ok)
    measure("equalising", equalising)
    measure("correlations", correlations)
    print("version", 0, f"numpy {np.__version__}", sep="\t")


def main():
    peer, folder = sys.argv[1:]
    read = lambda name, kind="<f8": np.fromfile(f"{folder}/{name}", dtype=kind)
    x, y = read("parent"), read("child")
    if peer == "numpy":
        of_numpy(x, y)
    else:
        of_statsmodels(x, y, read("with_zeros"), read("age"), y < 15_000, read("family", "<u4"))


main()
