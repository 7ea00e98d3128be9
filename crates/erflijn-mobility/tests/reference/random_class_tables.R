# Reference values of association models of random tables. R 4.2.2, gnm 1.1-2. All tables are made up.
# Run in this folder: Rscript random_class_tables.R     (writes random_class_tables.txt: on each line the model, the kind of
# table, origins, destinations, layers, deviance, degrees of freedom, and the cells by layer, origin and destination)
# A product has the lowest deviance of ten random starts of gnm. Only tables in which no fitted value goes to zero are kept,
# and those whose RC(1) has a lower deviance on the way to zero (rc_without_end).
suppressMessages(library(gnm))
set.seed(20)
out <- c()
quiet <- function(e) suppressWarnings(suppressMessages(tryCatch(e, error = function(z) NULL)))
# Smaller epsilons make glm overlook combinations of columns (its QR tolerance is a thousandth of it).
tight <- glm.control(epsilon = 1e-10, maxit = 300)
# Tables are fitted in persons, since both stop by absolute tolerances; deviances and cells are then multiplied by unit.
put <- function(m, model, kind, shape, y, unit, freedom = df.residual(m)) {
  if (is.null(m) || !m$converged || min(fitted(m)) < 1e-6 * sum(y)) return()
  out <<- c(out, paste(c(model, kind, shape, format(c(deviance(m) * unit), digits = 17), freedom,
                         format(y * unit, digits = 17, trim = TRUE)), collapse = " "))
}
lowest <- function(f, d, starts = 10) {
  best <- NULL
  for (i in 1:starts) {
    m <- quiet(gnm(f, family = poisson, data = d, verbose = FALSE, trace = FALSE, iterMax = 1500, tolerance = 1e-8))
    if (!is.null(m) && m$converged && is.finite(deviance(m)) && (is.null(best) || deviance(m) < deviance(best))) best <- m
  }
  best
}
# RC(1) by BFGS from twenty starts: a deviance below that of gnm, with a fitted value on its way to zero, shows that what gnm
# found is not the largest maximum, and that there is none.
descent <- function(y, r, s) {
  n <- matrix(y, r, s, byrow = TRUE)
  logs <- function(p) outer(p[1:r], c(0, p[r + 2:s - 1]), "+") + outer(p[r + s - 1 + 1:r], p[2 * r + s - 1 + 1:s])
  value <- function(p) {
    e <- logs(p); v <- 2 * sum(ifelse(n > 0, n * (log(pmax(n, 1e-300)) - e), 0) - n + exp(e))
    if (is.finite(v)) v else 1e100
  }
  slope <- function(p) {
    R <- 2 * (exp(logs(p)) - n); a <- p[r + s - 1 + 1:r]; b <- p[2 * r + s - 1 + 1:s]
    c(rowSums(R), colSums(R)[-1], R %*% b, t(R) %*% a)
  }
  best <- NULL
  for (i in 1:20) {
    o <- quiet(optim(rnorm(2 * (r + s) - 1, 0, 0.5), value, slope, method = "BFGS", control = list(maxit = 5000, reltol = 1e-14)))
    if (!is.null(o) && (is.null(best) || o$value < best$value)) best <- o
  }
  list(deviance = best$value, least = min(exp(logs(best$par))) / sum(y))
}
two_way <- function(y, r, s, kind, unit) {
  d <- expand.grid(j = 1:s, i = 1:r)
  d$y <- y; d$o <- factor(d$i); d$d <- factor(d$j); d$u <- d$i - (r + 1) / 2; d$v <- d$j - (s + 1) / 2
  fit <- function(f) quiet(glm(f, poisson, d, control = tight))
  shape <- c(r, s, 1)
  m <- lowest(y ~ o + d + Mult(o, d), d)
  below <- if (any(y == 0)) descent(y, r, s)
  if (!is.null(below) && below$least < 1e-6 && (is.null(m) || below$deviance < deviance(m) - 1e-4)) {
    out <<- c(out, paste(c("rc_without_end", kind, shape, format(below$deviance * unit, digits = 17), (r - 2) * (s - 2),
                           format(y * unit, digits = 17, trim = TRUE)), collapse = " "))
  } else put(m, "rc", kind, shape, y, unit, (r - 2) * (s - 2))
  put(fit(y ~ o + d + u:v), "uniform", kind, shape, y, unit)
  put(fit(y ~ o + d + o:v), "row_effects", kind, shape, y, unit)
  put(fit(y ~ o + d + d:u), "column_effects", kind, shape, y, unit)
  if (r == s) {
    d$pair <- factor(pmin(d$i, d$j) * 10 + pmax(d$i, d$j)); d$diag <- factor(ifelse(d$i == d$j, d$i, 0))
    put(fit(y ~ o + d + pair), "quasi_symmetry", kind, shape, y, unit)
    if (r > 3) put(lowest(y ~ o + d + diag + Mult(o, d), d), "quasi_rc", kind, shape, y, unit)
  }
}

# Five tables in which a search by scoring alone ends without a maximum, or in a lesser one.
two_way(c(77, 22, 11, 2, 12, 103, 16, 7, 4, 15, 59, 23),
        3, 4, "hard", 1)
two_way(c(14.168, 1.97, 2.474, 2.93, 1.901, 0.751, 4.677, 8.648, 5.073, 1.424, 0.531, 0.943, 1.712, 4.724, 8.47, 5.12, 0.783, 1.438, 1.431, 3.027, 4.147, 3.423, 0.767, 4.005, 0.604, 1.906, 2.707, 5.263, 6.851, 2.334),
        5, 6, "hard", 1)
two_way(c(2.101, 0.957, 1.581, 0.169, 0.519, 0.054, 4.182, 0.032, 0.413, 1.711, 0.438, 0.476, 1.38, 0.78, 0.962),
        3, 5, "hard", 1)
two_way(c(71, 54, 63, 52, 77, 81, 24, 20, 53, 64, 27, 68, 23, 67, 50, 25),
        4, 4, "hard", 1e-06)
two_way(c(7, 7, 2, 5, 2, 13, 18, 14, 5, 4, 2, 8, 6, 2, 0, 5, 5, 9, 9, 3, 1, 2, 1, 0, 6),
        5, 5, "hard", 1e-06)

for (t in 1:28) {
  kind <- c("plain", "sparse", "weighted", "flat", "diagonal", "small", "large")[(t - 1) %% 7 + 1]
  r <- sample(3:7, 1); s <- if (t %% 2 == 0) r else sample(3:7, 1)
  association <- 0.6 * outer(sort(rnorm(s)), sort(rnorm(r))) + rnorm(r * s, 0, 0.25)
  if (kind == "flat") association <- rnorm(r * s, 0, 0.02)
  if (kind == "diagonal") association <- association + 2.5 * outer(1:s, 1:r, "==")
  level <- switch(kind, sparse = 0.8, flat = 6, diagonal = 2.5, 3)
  margins <- outer(rnorm(s, 0, 0.5), rnorm(r, 0, 0.5), "+")
  y <- rpois(r * s, exp(level + as.vector(margins + association)))
  if (kind == "weighted") y <- y * 1.37 + round(runif(r * s), 3)
  two_way(y, r, s, kind, switch(kind, small = 1e-6, large = 1e6, 1))
}
for (t in 1:8) {
  layers <- sample(3:4, 1); r <- sample(3:5, 1); s <- sample(3:5, 1)
  e <- expand.grid(j = 1:s, i = 1:r, l = 1:layers)
  association <- 0.6 * outer(sort(rnorm(s)), sort(rnorm(r))) + rnorm(r * s, 0, 0.2)
  e$y <- rpois(nrow(e), exp(3 + as.vector(association) * (0.4 + runif(layers))[e$l] + rnorm(nrow(e), 0, 0.1)))
  unit <- c(1, 1e-6, 1e6, 1.37)[t %% 4 + 1]
  e$o <- factor(e$i); e$d <- factor(e$j); e$k <- factor(e$l)
  # Multipliers of any sign, as here; Mult(Exp(k), o:d) allows positive ones only.
  put(lowest(y ~ k * o + k * d + Mult(k, o:d), e), "unidiff", "layers", c(r, s, layers), e$y, unit,
      (layers - 1) * ((r - 1) * (s - 1) - 1))
}
writeLines(out, "random_class_tables.txt")
