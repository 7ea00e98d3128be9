# The tasks of the comparison of mobility in R: stats, sandwich, lme4 and gnm.
#
# `Rscript mobility.R FOLDER` reads the columns that our part wrote and prints what it prints: a line per
# task with its name, the best of three times in seconds of the processor, and values. What takes longer than
# ten seconds is done once.

suppressPackageStartupMessages({library(sandwich); library(lme4); library(gnm)})

folder <- commandArgs(trailingOnly = TRUE)[1]
classes <- 9
options(digits = 17)

read <- function(name, kind, bytes) {
  path <- file.path(folder, name)
  readBin(path, kind, n = file.size(path) / bytes, size = bytes, endian = "little")
}
d <- data.frame(x = log(read("parent", "double", 8)), child = read("child", "double", 8),
                y0 = read("with_zeros", "double", 8), age = read("age", "double", 8), family = read("family", "integer", 4))
d$y <- log(d$child)
d$poor <- d$child < 15000
cells <- read("layers", "double", 8)
k <- length(cells) / classes^2
tables <- expand.grid(d = factor(1:classes), o = factor(1:classes), k = factor(1:k))
tables$n <- cells

measure <- function(task, work) {
  best <- Inf
  for (time in 1:3) {
    gc(FALSE)
    start <- proc.time()
    runs <- 0
    seconds <- 0
    while (seconds < 0.1) {
      values <- work()
      runs <- runs + 1
      used <- proc.time() - start
      seconds <- used[["user.self"]] + used[["sys.self"]]
    }
    best <- min(best, seconds / runs)
    if (best > 10) break
  }
  values <- paste0(names(values), "=", format(as.numeric(values), digits = 17, trim = TRUE))
  cat(task, format(best), paste(values, collapse = " "), sep = "\t")
  cat("\n")
}
error <- function(covariance) sqrt(covariance["x", "x"])

measure("elasticity_log_log", function() {
  m <- lm(y ~ x, d)
  c(slope = coef(m)[["x"]], hc1 = error(vcovHC(m, type = "HC1")), cr1 = error(vcovCL(m, cluster = d$family)))
})

measure("elasticity_of_expectation", function() {
  m <- glm(y0 ~ x + age, quasipoisson, d, control = list(epsilon = 1e-12))
  c(slope = coef(m)[["x"]], hc0 = error(vcovHC(m, type = "HC0")), cr1 = error(vcovCL(m, cluster = d$family, type = "HC1")))
})

measure("logit", function() {
  m <- glm(poor ~ x + age, binomial, d, control = list(epsilon = 1e-12))
  covariance <- vcovCL(m, cluster = d$family, type = "HC1")
  p <- fitted(m)
  c(slope = coef(m)[["x"]], model_error = error(vcov(m)), effect = coef(m)[["x"]] * mean(p * (1 - p)))
})

measure("rank_rank", function() {
  x <- rank(d$x)
  y <- rank(d$y)
  c(slope = cov(x, y) / var(x))
})

measure("sibling_reml", function() {
  m <- lmer(y ~ age + (1 | family), d, control = lmerControl(calc.derivs = FALSE))
  v <- as.data.frame(VarCorr(m))$vcov
  c(correlation = v[1] / sum(v), age = fixef(m)[["age"]])
})

measure("rc", function() {
  set.seed(1)
  m <- gnm(n ~ o + d + Mult(o, d), family = poisson, data = tables[tables$k == 1, ], verbose = FALSE, tolerance = 1e-10)
  c(deviance = deviance(m), first_cell = fitted(m)[[1]])
})

measure("unidiff", function() {
  set.seed(1)
  m <- gnm(n ~ k * o + k * d + Mult(Exp(k), o:d), family = poisson, data = tables, verbose = FALSE, tolerance = 1e-10)
  contrasts <- getContrasts(m, pickCoef(m, "Mult(Exp(.)", fixed = TRUE), ref = "first")$qvframe
  c(deviance = deviance(m), log_multiplier = contrasts[k, 1], log_multiplier_error = contrasts[k, 2])
})

versions <- sapply(c("sandwich", "lme4", "gnm"), function(p) paste(p, packageVersion(p)))
cat("version", 0, paste(c(paste("R", getRversion()), versions), collapse = ", "), sep = "\t")
cat("\n")
