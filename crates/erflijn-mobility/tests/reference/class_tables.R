# Reference values of tests of class tables. R 4.2.2, gnm 1.1-2, survey 4.1-1. All tables are made up.
# Run in this folder: Rscript class_tables.R     (writes class_tables.txt: a name and numbers on each line)
suppressMessages({library(gnm); library(survey)})
options(digits = 17)
out <- c()
say <- function(name, ...) out <<- c(out, paste(c(name, format(c(...), digits = 17, trim = TRUE)), collapse = " "))
# Smaller epsilons make glm overlook combinations of columns (its QR tolerance is a thousandth of it).
tight <- glm.control(epsilon = 1e-10, maxit = 200)
long <- function(m) {
  d <- as.data.frame(as.table(m)); names(d) <- c("o", "d", "n")
  d$u <- as.integer(d$o) - (nrow(m) + 1) / 2; d$v <- as.integer(d$d) - (ncol(m) + 1) / 2
  d
}
# Errors are from the weights before the last step: a second run starts where the first ended.
fit <- function(f, d) { d$mu <- fitted(glm(f, poisson, d, control = tight)); glm(f, poisson, d, mustart = mu, control = tight) }
told <- function(name, m) { force(m); say(name, deviance(m), df.residual(m), sum(residuals(m, "pearson")^2), AIC(m), BIC(m)) }

# Five classes, with an empty cell off the diagonal.
five <- matrix(c(48, 31, 17, 9, 0,  30, 95, 60, 41, 12,  19, 66, 120, 88, 31,  7, 37, 101, 160, 77,  4, 15, 36, 90, 104),
               5, byrow = TRUE)
d <- long(five); d$diag <- factor(ifelse(as.integer(d$o) == as.integer(d$d), as.integer(d$o), 0))
d$pair <- factor(pmin(as.integer(d$o), as.integer(d$d)) * 10 + pmax(as.integer(d$o), as.integer(d$d)))
lev <- matrix(c(1, 2, 3, 4, 4,  2, 1, 2, 3, 4,  3, 2, 2, 2, 3,  4, 3, 2, 1, 2,  4, 4, 3, 2, 1), 5, byrow = TRUE)
d$level <- factor(lev[cbind(as.integer(d$o), as.integer(d$d))])
told("independence", fit(n ~ o + d, d))
told("quasi_independence", fit(n ~ o + d + diag, d))
told("symmetry", fit(n ~ pair, d))
told("quasi_symmetry", fit(n ~ o + d + pair, d))
m <- fit(n ~ o + d + u:v, d); told("uniform", m); say("uniform_slope", coef(summary(m))["u:v", 1:2])
m <- fit(n ~ o + d + diag + u:v, d); told("quasi_uniform", m); say("quasi_uniform_slope", coef(summary(m))["u:v", 1:2])
m <- fit(n ~ o + d + o:v, d); told("row_effects", m)
m <- fit(n ~ o + d + d:u, d); told("column_effects", m)
m <- fit(n ~ o + d + o:v + d:u, d); told("row_and_column_effects", m)
m <- fit(n ~ o + d + level, d); told("levels", m); say("level_values", coef(summary(m))[paste0("level", 2:4), 1])
say("level_errors", coef(summary(m))[paste0("level", 2:4), 2])
set.seed(1)
mult <- function(f, d) {
  best <- NULL
  for (i in 1:20) {
    m <- try(gnm(f, family = poisson, data = d, verbose = FALSE, tolerance = 1e-12, iterMax = 2000), silent = TRUE)
    if (!inherits(m, "try-error") && !is.null(m) && m$converged && (is.null(best) || deviance(m) < deviance(best) - 1e-9)) best <- m
  }
  best
}
unit <- function(m, which) {  # scores around 0 with mean square 1, errors from gnm
  k <- length(which)
  g <- getContrasts(m, which, ref = "mean", scaleRef = "mean", scaleWeights = rep(1 / k, k), check = FALSE)$qvframe
  if (g[k, 1] < g[1, 1]) g[, 1] <- -g[, 1]
  g[, 1:2]
}
rc <- mult(n ~ o + d + Mult(o, d), d); told("rc", rc)
g <- unit(rc, pickCoef(rc, "Mult(., d).o", fixed = TRUE)); say("rc_origin", g[, 1]); say("rc_origin_errors", g[, 2])
told("quasi_rc", mult(n ~ o + d + diag + Mult(o, d), d))
told("equal_scores_rc", mult(n ~ o + d + MultHomog(o, d), d))
told("quasi_equal_scores_rc", mult(n ~ o + d + diag + MultHomog(o, d), d))

# Four origins by three destinations.
flat <- matrix(c(40, 22, 9,  35, 50, 31,  12, 44, 60,  5, 20, 71), 4, byrow = TRUE)
e <- long(flat)
told("flat_rc", mult(n ~ o + d + Mult(o, d), e))
told("flat_row_effects", fit(n ~ o + d + o:v, e))

# Three layers of four classes; nobody of layer 2 is in destination 4.
layer <- function(...) matrix(c(...), 4, byrow = TRUE)
layers <- list(layer(60, 30, 12, 6,  28, 70, 35, 15,  14, 40, 80, 33,  5, 16, 36, 64),
               layer(31, 20, 11, 0,  18, 30, 22, 0,  9, 21, 33, 0,  6, 12, 20, 0),
               layer(90, 30, 8, 3,  33, 101, 29, 10,  10, 35, 120, 28,  2, 9, 30, 99))
a <- do.call(rbind, lapply(1:3, function(k) cbind(long(layers[[k]]), k = factor(k))))
a$diag <- factor(ifelse(as.integer(a$o) == as.integer(a$d), as.integer(a$o), 0))
full <- a[!(a$k == 2 & a$d == "D"), ]  # an empty margin is neither a cell nor a parameter
full$level <- factor(abs(as.integer(full$o) - as.integer(full$d)))
told("layers_independence", fit(n ~ k * o + k * d, full))
told("layers_common", fit(n ~ k * o + k * d + o:d, full))
told("layers_uniform_separate", fit(n ~ k * o + k * d + k:u:v, full))
told("layers_diagonal_separate", fit(n ~ k * o + k * d + k:diag, full))
ud <- mult(n ~ k * o + k * d + Mult(Exp(k), o:d), full); told("unidiff", ud)
g <- getContrasts(ud, pickCoef(ud, "Exp(.)", fixed = TRUE), check = FALSE)$qvframe
if (is.null(g)) g <- getContrasts(ud, pickCoef(ud, "[.]k[0-9]"), check = FALSE)$qvframe
say("unidiff_log_phi", g[, 1]); say("unidiff_log_phi_errors", g[, 2])
um <- mult(n ~ k * o + k * d + Mult(Exp(k), level), full); told("unidiff_levels", um)
um <- mult(n ~ k * o + k * d + k:diag + Mult(Exp(k), o:v), full); told("unidiff_row_effects_diagonal", um)

# Weights and families: covariance of the cells by survey::svytotal, then the sandwich.
state <- 1
draw <- function() { state <<- (state * 16807) %% 2147483647; state / 2147483647 }
n <- 600; family <- o <- dd <- integer(n); w <- numeric(n)
for (i in 1:n) {
  family[i] <- (i - 1) %/% 3
  o[i] <- if (i %% 3 == 1) floor(3 * draw()) else o[i - 1]
  dd[i] <- if (draw() < 0.4) o[i] else floor(3 * draw())
  w[i] <- 0.5 + 2 * draw()
}
people <- data.frame(family, cell = factor(o * 3 + dd, levels = 0:8), w)
cells <- as.vector(tapply(w, people$cell, sum)); cells[is.na(cells)] <- 0
x <- data.frame(n = cells, o = factor(rep(0:2, each = 3)), d = factor(rep(0:2, 3)), u = rep(-1:1, each = 3), v = rep(-1:1, 3))
for (clustered in c(FALSE, TRUE)) {
  design <- svydesign(if (clustered) ~family else ~1, weights = ~w, data = people)
  V <- vcov(svytotal(~cell, design))
  for (model in c("independence", "uniform")) {
    m <- suppressWarnings(glm(if (model == "uniform") n ~ o + d + u:v else n ~ o + d, poisson, x, control = tight))
    X <- model.matrix(m); mu <- fitted(m); B <- solve(t(X) %*% (mu * X)); M <- t(X) %*% V %*% X
    name <- paste0(if (clustered) "families_" else "weights_", model)
    effect <- (sum(diag(V) / mu) - sum(diag(B %*% M))) / (9 - ncol(X))
    say(name, deviance(m), effect, if (model == "uniform") c(coef(m)["u:v"], sqrt((B %*% M %*% B)["u:v", "u:v"])))
  }
}

# Diagonal reference: made-up shares of 4 classes.
hit <- c(60, 20, 12, 5,  25, 50, 22, 11,  18, 30, 70, 31,  9, 14, 40, 90)
all <- c(80, 45, 40, 30,  50, 90, 60, 40,  45, 70, 150, 90,  25, 45, 100, 260)
r <- data.frame(hit, all, o = factor(rep(1:4, each = 4)), d = factor(rep(1:4, 4)))
m <- gnm(cbind(hit, all - hit) ~ -1 + Dref(o, d), family = binomial, data = r, verbose = FALSE, tolerance = 1e-12)
dw <- DrefWeights(m)
say("diagonal_reference", deviance(m), df.residual(m), dw$o["weight"], dw$o["se"], coef(m)[3:6])
writeLines(out, "class_tables.txt")
