# Reference values of tests of families. R 4.2.2, nlme 3.1-162, lme4 1.1-31. Outcomes are made up.
# Run in this folder: Rscript families.R     (writes families.txt: a name and numbers on each line)
suppressMessages({library(nlme); library(lme4)})
options(digits = 17)
out <- c()
say <- function(name, ...) out <<- c(out, paste(c(name, format(c(...), digits = 17, trim = TRUE)), collapse = " "))
state <- 11
draw <- function() { state <<- (state * 16807) %% 2147483647; state / 2147483647 }
made <- function(families, share) {
  family <- c(); x <- c(); y <- c()
  for (f in 1:families) {
    size <- 1 + floor(4 * draw()); u <- sum(sapply(1:12, function(i) draw())) - 6
    for (s in 1:size) {
      e <- sum(sapply(1:12, function(i) draw())) - 6; z <- draw()
      family <- c(family, f); x <- c(x, z); y <- c(y, 20 + 2 * z + share * u + e)
    }
  }
  data.frame(family = factor(family), x, y)
}
d <- made(80, 0.7)
say("families", as.integer(d$family)); say("x", d$x); say("y", d$y)
a <- anova(lm(y ~ family, d)); say("anova", a[["Mean Sq"]])
m <- lmer(y ~ 1 + (1 | family), d, control = lmerControl(optCtrl = list(xtol_rel = 1e-12, ftol_rel = 1e-14)))
v <- as.data.frame(VarCorr(m))$vcov; say("reml", v[1], v[2], fixef(m))
m <- lmer(y ~ x + (1 | family), d, control = lmerControl(optCtrl = list(xtol_rel = 1e-12, ftol_rel = 1e-14)))
v <- as.data.frame(VarCorr(m))$vcov; say("reml_x", v[1], v[2], fixef(m))
# Compound symmetry, whose covariance may be negative: the outcome less two fifths of the family mean.
d$n <- d$y - 0.4 * ave(d$y, d$family)
g <- gls(n ~ x, d, correlation = corCompSymm(form = ~1 | family), method = "REML",
         control = glsControl(tolerance = 1e-12, msTol = 1e-12, msMaxIter = 500))
say("compound", coef(g$modelStruct$corStruct, unconstrained = FALSE), coef(g), g$sigma)
# Error of the correlation from the curvature of the restricted likelihood at its maximum.
r0 <- coef(g$modelStruct$corStruct, unconstrained = FALSE)
at <- function(r) as.numeric(logLik(gls(n ~ x, d, correlation = corCompSymm(r, form = ~1 | family, fixed = TRUE), method = "REML")))
h <- 0.01; second <- (-at(r0 + 2 * h) + 16 * at(r0 + h) - 30 * at(r0) + 16 * at(r0 - h) - at(r0 - 2 * h)) / (12 * h^2)
say("compound_error", sqrt(-1 / second))
# Families within dynasties, all of one size.
o <- c(1, 3, 3, 5, 6, 8, 10, 8, 2, 4, 5, 5)
k <- data.frame(o, f = factor(rep(1:6, each = 2)), d = factor(rep(1:3, each = 4)))
m <- lmer(o ~ 1 + (1 | d / f), k, control = lmerControl("bobyqa", optCtrl = list(rhobeg = 0.1, rhoend = 1e-11, maxfun = 1e5)))
v <- as.data.frame(VarCorr(m)); say("nested", v$vcov[match(c("d", "f:d", "Residual"), v$grp)])
writeLines(out, "families.txt")
