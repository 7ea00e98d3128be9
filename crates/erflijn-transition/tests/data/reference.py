"""Goodman's intervals. statsmodels 0.15.0. Prints the values that tests/reference.rs quotes."""

from statsmodels.stats.proportion import multinomial_proportions_confint

print(multinomial_proportions_confint([56, 72, 73, 59, 62, 87, 58], 0.05, method="goodman").tolist())
print(multinomial_proportions_confint([0, 5, 15], 0.05, method="goodman").tolist())
