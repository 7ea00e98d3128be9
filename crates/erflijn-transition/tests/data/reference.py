"""Goodman's intervals and small tails. statsmodels 0.15.0, mpmath 1.3 or later. Prints the values that tests/reference.rs quotes."""

import mpmath
from statsmodels.stats.proportion import multinomial_proportions_confint

print(multinomial_proportions_confint([56, 72, 73, 59, 62, 87, 58], 0.05, method="goodman").tolist())
print(multinomial_proportions_confint([0, 5, 15], 0.05, method="goodman").tolist())

# Upper tails of chi-squared: one degree of freedom at 2 a is erfc(sqrt(a)); 25 at 1500.
mpmath.mp.dps = 50
print([mpmath.nstr(mpmath.erfc(mpmath.sqrt(a)), 17) for a in (20, 340, 690)])
