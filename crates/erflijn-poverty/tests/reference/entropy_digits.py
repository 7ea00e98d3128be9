"""Values of generalised entropy and Atkinson's index to 17 digits, where doubles are delicate.

    python3 entropy_digits.py > entropy_digits.csv

Python 3 standard library only (decimal, 220 digits). Columns: measure, parameter, value, incomes.
Parameters and incomes are taken as the doubles that the printed numbers round to.
"""
from decimal import Decimal, getcontext

getcontext().prec = 220
getcontext().Emin, getcontext().Emax = -999999999, 999999999


def entropy(incomes, alpha):
    mean = sum(incomes) / len(incomes)
    ratios = [x / mean for x in incomes]
    if alpha == 0:
        terms = [-r.ln() for r in ratios]
    elif alpha == 1:
        terms = [r * r.ln() for r in ratios]
    else:
        terms = [((alpha * r.ln()).exp() - 1) / (alpha * (alpha - 1)) for r in ratios]
    return sum(terms) / len(terms)


def atkinson(incomes, epsilon):
    mean = sum(incomes) / len(incomes)
    logs = [(x / mean).ln() for x in incomes]
    alpha = 1 - epsilon
    if alpha == 0:
        return 1 - (sum(logs) / len(logs)).exp()
    return 1 - ((sum((alpha * log).exp() for log in logs) / len(logs)).ln() / alpha).exp()


samples = [
    [1e9, 1e9 + 1, 1e9 + 3, 1e9 + 7],
    [1e15, 1e15 + 1, 1e15 + 2],
    [0.001, 1.0, 250.0, 1e6],
    [20000.0, 21000.0, 24000.0, 30000.0, 90000.0],
    [0.3, 0.3, 0.1],
]
alphas = [-20.0, -2.0, -0.5, -1e-8, 0.0, 1e-60, 1e-12, 1e-5, 0.25, 0.5, 1 - 1e-5, 1 - 1e-12, 1.0, 1 + 1e-8, 1.5, 2.0, 3.0, 12.5]
epsilons = [1e-9, 0.5, 1 - 1e-9, 1.0, 1 + 1e-12, 1.5, 2.0, 20.0, 900.0]
print("measure,parameter,value,incomes")
for sample in samples:
    exact = [Decimal(x) for x in sample]
    shown = " ".join(repr(x) for x in sample)
    for alpha in alphas:
        print(f"entropy,{alpha!r},{entropy(exact, Decimal(alpha)):.20e},{shown}")
    for epsilon in epsilons:
        print(f"atkinson,{epsilon!r},{atkinson(exact, Decimal(epsilon)):.20e},{shown}")
