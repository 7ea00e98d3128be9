# Reference values for the heredity of poverty. Run in this folder: Rscript heredity.R
# Reads synthetic_families.csv (written by heredity.py), writes heredity_R.csv (names and values).
# R 4.2.2, sandwich 3.0.2, survey 4.1.1. The packages oaxaca, khb and fairlie were not at hand.
suppressMessages({library(sandwich); library(survey)})
options(digits = 15)
d <- read.csv("synthetic_families.csv")
d$parent <- ifelse(is.na(d$father), ifelse(is.na(d$mother), 0, d$mother),
                   ifelse(is.na(d$mother), d$father, pmax(d$father, d$mother)))
out <- character(0)
put <- function(name, value) out <<- c(out, sprintf("%s,%.17g", name, as.numeric(value)))

# Logit and probit.
f <- poor ~ parent + schooling + female + area
tight <- glm.control(epsilon = 1e-15, maxit = 100)
m <- glm(f, binomial, d, control = tight)
for (j in 1:5) {
  put(sprintf("glm.b%d", j - 1), coef(m)[j])
  put(sprintf("glm.b%d.model_se", j - 1), sqrt(vcov(m)[j, j]))
  put(sprintf("glm.b%d.cluster_se", j - 1), sqrt(vcovCL(m, ~ family, type = "HC0")[j, j]))
}
put("glm.loglik", logLik(m))
s <- svydesign(~ family, weights = ~ weight, data = d)
g <- svyglm(f, s, family = quasibinomial(), control = tight)
for (j in 1:5) {
  put(sprintf("svyglm.b%d", j - 1), coef(g)[j])
  put(sprintf("svyglm.b%d.se", j - 1), sqrt(vcov(g)[j, j]))
}
# A column of years beside the constant, and numbers of very different size.
d$year <- 1980 + d$age
d$euros <- 1e6 * d$schooling
m <- glm(poor ~ parent + year + euros, binomial, d, control = tight)
for (j in 1:4) {
  put(sprintf("scaled.b%d", j - 1), coef(m)[j])
  put(sprintf("scaled.b%d.cluster_se", j - 1), sqrt(vcovCL(m, ~ family, type = "HC0")[j, j]))
}

# Measures of the table, weighted and clustered: contrasts of the four shares.
d$ca <- d$parent * d$poor; d$cb <- d$parent * (1 - d$poor)
d$cc <- (1 - d$parent) * d$poor; d$cd <- (1 - d$parent) * (1 - d$poor)
for (label in c("families", "weighted")) {
  w <- if (label == "weighted") d$weight else rep(1, nrow(d))
  s <- svydesign(~ family, weights = w, data = d)
  cells <- svymean(~ ca + cb + cc + cd, s)
  measures <- list(
    exit = quote(cb / (ca + cb)), retrospective_share = quote(ca / (ca + cc)),
    joint_share = quote(ca / (ca + cb + cc + cd)),
    attributable_fraction = quote(1 - cc * (ca + cb + cc + cd) / ((cc + cd) * (ca + cc))),
    fourfold_correlation = quote((ca * cd - cb * cc) / sqrt((ca + cb) * (cc + cd) * (ca + cc) * (cb + cd))))
  for (name in names(measures)) {
    e <- svycontrast(cells, measures[[name]])
    put(sprintf("table.%s.%s", label, name), coef(e))
    put(sprintf("table.%s.%s.se", label, name), SE(e))
  }
}

# Adult poverty by years of exposure, with all covariances; Wald's test of a straight line.
d$band <- pmin(d$poor_years, 6)
for (label in c("families", "weighted")) {
  w <- if (label == "weighted") d$weight else rep(1, nrow(d))
  s <- svydesign(~ family, weights = w, data = d)
  curve <- svyby(~ after, ~ band, s, svymean, covmat = TRUE)
  v <- vcov(curve)
  for (i in seq_along(coef(curve))) {
    put(sprintf("curve.%s.m%d", label, curve$band[i]), coef(curve)[i])
    put(sprintf("curve.%s.m%d.se", label, curve$band[i]), sqrt(v[i, i]))
  }
  k <- length(coef(curve))
  put(sprintf("curve.%s.difference.se", label), sqrt(v[1, 1] + v[k, k] - 2 * v[1, k]))
  # The bands are 0 to 6: all steps are 1.
  contrast <- t(sapply(2:(k - 1), function(i) replace(rep(0, k), c(i - 1, i, i + 1), c(1, -2, 1))))
  distance <- contrast %*% coef(curve)
  w2 <- t(distance) %*% solve(contrast %*% v %*% t(contrast)) %*% distance
  put(sprintf("curve.%s.wald", label), w2)
  put(sprintf("curve.%s.p", label), pchisq(w2, k - 2, lower.tail = FALSE))

  # Three generations.
  d$history <- 2 * (1 - d$grandparent) + (1 - d$parent)
  s <- svydesign(~ family, weights = w, data = d)
  chances <- svyby(~ poor, ~ history, s, svymean, covmat = TRUE)
  v <- vcov(chances); p <- coef(chances)
  for (i in 1:4) {
    put(sprintf("generations.%s.p%d", label, i - 1), p[i])
    put(sprintf("generations.%s.p%d.se", label, i - 1), sqrt(v[i, i]))
  }
  contrast <- rbind(c(1, 0, -1, 0), c(0, 1, 0, -1))
  distance <- contrast %*% p
  put(sprintf("generations.%s.effect_poor_parent.se", label), sqrt((contrast %*% v %*% t(contrast))[1, 1]))
  w2 <- t(distance) %*% solve(contrast %*% v %*% t(contrast)) %*% distance
  put(sprintf("generations.%s.wald", label), w2)
  put(sprintf("generations.%s.p", label), pchisq(w2, 2, lower.tail = FALSE))
}

# Exposure with controls.
e <- lm(after ~ I(poor_years / 18) + age + female, d)
v <- vcovCL(e, ~ family, type = "HC1")
put("exposure.slope", coef(e)[2]); put("exposure.slope.se", sqrt(v[2, 2]))

# A quasi-separated column: R gives a warning and a large number.
d$never <- as.integer(d$poor == 0 & d$schooling > 14)
put("separated.columns_told", sum(d$never))
writeLines(out, "heredity_R.csv")
