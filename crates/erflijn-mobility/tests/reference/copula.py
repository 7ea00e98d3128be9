"""Reference values of tests/rank_measures.rs: the Gaussian copula by mpmath's quadrature with 40 digits.

    python3 copula.py > copula.csv

Run with Python 3.11.7 and mpmath 1.3.0. Columns: u, v, rho, C(u, v).
"""
from mpmath import mp, mpf, erfc, erfinv, sqrt, exp, quad, pi, linspace

mp.dps = 40


def phi(x):
    return erfc(-x / sqrt(2)) / 2


def quantile(p):
    return sqrt(2) * erfinv(2 * p - 1)


def copula(u, v, rho):
    u, v, rho = mpf(u), mpf(v), mpf(rho)
    h, k, rest = quantile(u), quantile(v), sqrt(1 - rho**2)

    def integrand(x):
        return exp(-x * x / 2) / sqrt(2 * pi) * phi((k - rho * x) / rest)

    # The integrand turns where rho x = k, within a few times rest / rho.
    turn = k / rho if rho else mpf(0)
    marks = sorted({mpf(-12), h, *[turn + rest * step for step in (-12, -6, -3, 0, 3, 6, 12)], mpf(-6), mpf(-3), mpf(0)})
    marks = [mark for mark in marks if -12 <= mark <= h]
    return quad(integrand, marks)


print("u,v,rho,copula")
for u, v, rho in [
    ("0.2", "0.2", "0.3"), ("0.01", "0.02", "0.9"), ("0.99", "0.5", "0.6"), ("0.42", "0.83", "0.94"),
    ("0.6", "0.55", "0.98"), ("0.3", "0.31", "0.9999"), ("0.5", "0.499", "0.99999"), ("0.1", "0.9", "-0.7"),
    ("0.7", "0.29", "-0.999"), ("0.001", "0.001", "0.5"), ("0.25", "0.75", "0.001"),
]:
    print(f"{u},{v},{rho},{mp.nstr(copula(u, v, rho), 20)}")
