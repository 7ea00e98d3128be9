# Student's quantiles to 17 digits, for tests/student_quantiles.rs.
# mpmath 1.3.0 at 60 digits: root of the regularised incomplete beta function of the tail.
# Run: python3 student_quantiles.py > student_quantiles.csv
from mpmath import mp, mpf, betainc, findroot, log, exp, erfinv, sqrt, nstr, pi, gamma, loggamma

mp.dps = 60


def tail(t, n):
    # P(T > t), from whichever side keeps its digits.
    x = n / (n + t * t)
    return betainc(n / 2, mpf(1) / 2, 0, x, regularized=True) / 2


def quantile(p, n):
    p, n = mpf(p), mpf(n)
    if p == mpf(1) / 2:
        return mpf(0)
    sign, q = (1, 1 - p) if p > mpf(1) / 2 else (-1, p)
    # Bisection in ln t on a bracket, then mpmath's secant method.
    low, high = mpf(-80), mpf(2)
    while tail(exp(high), n) > q:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if tail(exp(middle), n) > q:
            low = middle
        else:
            high = middle
    u = findroot(lambda u: log(tail(exp(u), n)) - log(q), (low, high), tol=mpf(10) ** -80)
    return sign * exp(u)



freedoms = [0.1, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 20, 30, 50, 99, 100, 101, 137.5, 200, 300, 485, 700, 1000,
            2000, 4000, 5000, 10000, 1e5, 1e6, 1e7, 1.5e7, 1e8, 1e9]
probabilities = [1e-10, 1e-9, 1e-6, 0.0001, 0.005, 0.025, 0.1, 0.24, 0.26, 0.4, 0.499, 0.5000000001, 0.6, 0.75,
                 0.9, 0.95, 0.975, 0.995, 0.9999, 1 - 1e-9, 1 - 1e-10]
print("degrees_of_freedom,p,quantile")
for n in freedoms:
    for p in probabilities:
        print(f"{n!r},{p!r},{nstr(quantile(p, n), 17)}", flush=True)
