# Reference values for tests/elasticity.rs.
#
#   Rscript regressions.R > regressions.csv
#
# Run with R 4.2.2, sandwich 3.0-2, AER 1.2-10, lme4 1.1-31 (versions are printed to standard error).
# No data of a package is used. Families come from the generator of Park and Miller (1988),
# state <- 16807 * state mod (2^31 - 1), which the test repeats; all steps but the logarithm are exact in doubles.
#
# Columns: model, what (coefficient, or the kind of standard error), number of the coefficient, value.

suppressPackageStartupMessages({ library(sandwich); library(AER); library(lme4) })
for (p in c("sandwich", "AER", "lme4")) message(p, " ", packageVersion(p))

state <- 4711
uniform <- function() { state <<- (16807 * state) %% 2147483647; state / 2147483647 }
n <- 150
rows <- t(sapply(seq_len(n), function(i) c(uniform(), uniform(), uniform(), uniform(), uniform())))
x <- 8000 + floor(40000 * rows[, 1] * rows[, 1])                    # parents' income
edu <- floor(4 * (rows[, 1] + rows[, 2]))                           # parents' education, 0 to 7
y <- floor(0.4 * x + 30000 * rows[, 3] * rows[, 3])                 # children's income
y[rows[, 4] < 0.08] <- 0
w <- 1 + floor(24 * rows[, 5]) / 8
family <- floor(40 * rows[, 4] * 7) %% 40
kept <- y > 0

emit <- function(model, what, values) {
  for (j in seq_along(values)) cat(model, ",", what, ",", j - 1, ",", sprintf("%.17g", values[j]), "\n", sep = "")
}
errors <- function(model, fit, cluster, leverage = TRUE) {
  emit(model, "coefficient", coef(fit))
  root <- function(v) sqrt(diag(v))
  for (type in if (leverage) c("HC0", "HC1", "HC2", "HC3") else c("HC0", "HC1"))
    emit(model, type, root(vcovHC(fit, type = type)))
  emit(model, "CR0", root(vcovCL(fit, cluster, type = "HC0", cadjust = FALSE)))
  emit(model, "CR1", root(vcovCL(fit, cluster, type = "HC1", cadjust = TRUE)))
}
cat("model,what,number,value\n")

d <- data.frame(lx = log(x), ly = log(ifelse(kept, y, 1)), y, edu, w, family)
pos <- d[kept, ]
fit <- lm(ly ~ lx + edu, pos)
errors("ols", fit, pos$family); emit("ols", "classical", sqrt(diag(vcov(fit)))); emit("ols", "r2", summary(fit)$r.squared)
fit <- lm(ly ~ lx + edu, pos, weights = w)
errors("wls", fit, pos$family); emit("wls", "classical", sqrt(diag(vcov(fit)))); emit("wls", "r2", summary(fit)$r.squared)
fit <- lm(ly ~ 0 + lx + edu, pos, weights = w)
errors("origin", fit, pos$family); emit("origin", "r2", summary(fit)$r.squared)

strict <- glm.control(epsilon = 1e-15, maxit = 100)
fit <- glm(y ~ lx + edu, quasipoisson, d, control = strict)
errors("poisson", fit, d$family)
emit("poisson", "deviance", deviance(fit))
fit <- glm(y ~ lx + edu, quasipoisson, d, weights = w, control = strict)
errors("poisson weighted", fit, d$family)

fit <- ivreg(ly ~ lx | edu, data = pos)
errors("iv", fit, pos$family, leverage = FALSE)
emit("iv", "classical", sqrt(diag(vcov(fit))))
emit("iv", "first stage F", summary(lm(lx ~ edu, pos))$fstatistic[1])
first <- lm(lx ~ w + edu + I(edu^2), pos, weights = w)
f_by <- function(v) { g <- coef(first)[3:4]; sum(g * solve(v[3:4, 3:4], g)) / 2 }
emit("iv weighted", "first stage F; HC1", f_by(vcovHC(first, type = "HC1")))
emit("iv weighted", "first stage F; CR1", f_by(vcovCL(first, pos$family, type = "HC1", cadjust = TRUE)))
fit <- ivreg(ly ~ lx + w | edu + I(edu^2) + w, data = pos, weights = w)
errors("iv weighted", fit, pos$family, leverage = FALSE)

# Variance components of a panel of 50 persons and 3 years.
panel <- log(matrix(x, 50, 3) + 0.5 * matrix(x[1:50], 50, 3) * 2)
long <- data.frame(v = c(panel), person = factor(rep(1:50, 3)), year = factor(rep(1:3, each = 50)))
fit <- lmer(v ~ year + (1 | person), long, control = lmerControl(optCtrl = list(xtol_rel = 1e-14, ftol_rel = 1e-15)))
table <- anova(lm(v ~ year + person, long))
emit("panel", "passing", table["Residuals", "Mean Sq"])
emit("panel", "permanent", (table["person", "Mean Sq"] - table["Residuals", "Mean Sq"]) / 3)
emit("panel", "REML permanent", as.data.frame(VarCorr(fit))$vcov[1])
