# Reference values for tests/inequality, tests/counting.rs and tests/shapley.rs.
#
#   Rscript inequality.R > inequality.csv
#
# Run with R 4.2.2, laeken 0.5.2 and survey 4.1-1. The packages convey and ineq were not installed: their
# formulas are written out below from their published sources, under their names
#   convey 0.2.2  R/svygini.R, R/svygei.R, R/svyatk.R, R/svyisq.R, R/svyqsr.R, R/svygeidec.R, R/svyafc.R
#   (its later rewrites of svygini and svyatk, CalcGini and CalcAtkinson, compute the same)
#   ineq 0.2-13   R/ineq.R, R/Lc.R
#   DescTools     Gini(), as recoded for weights in September 2022
# No data of a package is used. Persons come from the generator of Park and Miller (1988),
# state <- 16807 * state mod (2^31 - 1), which the test repeats; all steps are exact in doubles.
#
# Columns: package, measure, parameter, domain (0 is everybody, 1 to 4 a region), weights (w as given, 1 equal),
# value, linearised standard error (independent draws, survey package), delete-one jackknife error.

suppressPackageStartupMessages({ library(laeken); library(survey) })
stopifnot(packageVersion("laeken") == "0.5.2")

persons <- function(n, seed) {
  state <- seed
  uniform <- function() { state <<- (16807 * state) %% 2147483647; state / 2147483647 }
  rows <- t(sapply(seq_len(n), function(i) c(uniform(), uniform(), uniform())))
  u <- rows[, 1]
  data.frame(x = floor(2000 + 60000 * (u * u * u)), w = 1 + floor(400 * rows[, 2]) / 8,
             region = 1 + floor(4 * rows[, 3]))
}
d <- persons(400, 20211)
later <- persons(400, 777)

emit <- function(package, measure, parameter, domain, weights, value, se = NA, jack = NA) {
  f <- function(v) if (is.na(v)) "" else sprintf("%.17g", v)
  cat(package, measure, parameter, domain, weights, f(value), f(se), f(jack), sep = ","); cat("\n")
}
cat("package,measure,parameter,domain,weights,value,linearised,jackknife\n")

# ---- values ----
laeken_gini <- function(x, w) gini(x, weights = w)$value / 100
laeken_qsr <- function(x, w) qsr(x, weights = w)$value
# The rule that laeken documents, and Eurostat uses: the mean of both neighbours where the cumulated weight
# hits the share exactly. (In laeken 0.5.2 the branch for it is never reached.)
averaged_quantile <- function(x, w, p) {
  o <- order(x); x <- x[o]; cw <- cumsum(w[o]); target <- p * sum(w)
  k <- which(cw >= target - 1e-12 * sum(w))[1]
  if (abs(cw[k] - target) <= 1e-12 * sum(w)) (x[k] + x[k + 1]) / 2 else x[k]
}
averaged_qsr <- function(x, w) {
  low <- averaged_quantile(x, w, 0.2); high <- averaged_quantile(x, w, 0.8)
  sum((w * x)[x > high]) / sum((w * x)[x <= low])
}
desctools_gini <- function(x, w) {
  w <- w / sum(w); o <- order(x); x <- x[o]; w <- w[o]
  f <- w / 2 + c(0, head(cumsum(w), -1)); m <- weighted.mean(x, w)
  2 / m * sum(w * (x - m) * (f - weighted.mean(f, w))) / (1 - sum(w^2))
}
convey_gini <- function(x, w) {
  o <- order(x); x <- x[o]; w <- w[o]
  (2 * sum(cumsum(w) * x * w) - sum(w * x)) / (sum(w * x) * sum(w)) - 1
}
U <- function(x, w, g) sum(w * x^g)
T <- function(x, w, g) sum(w * x^g * log(x))
convey_gei <- function(x, w, e) {
  if (e == 0) -T(x, w, 0) / U(x, w, 0) + log(U(x, w, 1) / U(x, w, 0))
  else if (e == 1) T(x, w, 1) / U(x, w, 1) - log(U(x, w, 1) / U(x, w, 0))
  else (e * (e - 1))^-1 * (U(x, w, 0)^(e - 1) * U(x, w, 1)^-e * U(x, w, e) - 1)
}
convey_gei_lin <- function(x, w, e) {
  if (e == 0) -log(x) / U(x, w, 0) + x / U(x, w, 1) + (T(x, w, 0) / U(x, w, 0) - 1) / U(x, w, 0)
  else if (e == 1) x * log(x) / U(x, w, 1) - (T(x, w, 1) / U(x, w, 1) + 1) * x / U(x, w, 1) + 1 / U(x, w, 0)
  else e^-1 * U(x, w, e) * U(x, w, 1)^-e * U(x, w, 0)^(e - 2) -
    (e - 1)^-1 * U(x, w, e) * U(x, w, 1)^(-e - 1) * U(x, w, 0)^(e - 1) * x +
    (e^2 - e)^-1 * U(x, w, 0)^(e - 1) * U(x, w, 1)^-e * x^e
}
convey_atk <- function(x, w, e) {
  if (e == 1) 1 - U(x, w, 0) / U(x, w, 1) * exp(T(x, w, 0) / U(x, w, 0))
  else 1 - U(x, w, 0)^(-e / (1 - e)) * U(x, w, 1 - e)^(1 / (1 - e)) / U(x, w, 1)
}
convey_atk_lin <- function(x, w, e) {
  a <- convey_atk(x, w, e)
  if (e != 1) (e / (1 - e)) * U(x, w, 1)^-1 * U(x, w, 1 - e)^(1 / (1 - e)) * U(x, w, 0)^(-1 / (1 - e)) +
    U(x, w, 0)^(-e / (1 - e)) * U(x, w, 1 - e)^(1 / (1 - e)) * U(x, w, 1)^-2 * x -
    (1 / (1 - e)) * U(x, w, 0)^(-e / (1 - e)) * U(x, w, 1)^-1 * U(x, w, 1 - e)^(e / (1 - e)) * x^(1 - e)
  else (a - 1) / U(x, w, 0) * (1 - T(x, w, 0) / U(x, w, 0)) + (1 - a) / U(x, w, 1) * x + (a - 1) / U(x, w, 0) * log(x)
}
# Total up to a quantile after Deville (1999) and Langel and Tille (2011), without densities; and convey's, whose
# two kernel densities have the quantile as their ratio only in the limit.
deville_total <- function(x, w, p) {
  q <- averaged_quantile(x, w, p)
  list(value = sum((w * x)[x <= q]), lin = (x - q) * (x <= q) + p * q)
}
# The same with the person at the limit divided, so that the groups weigh a fifth exactly.
fractional_total <- function(x, w, p) {
  total <- deville_total(x, w, p)
  o <- order(x)
  total$value <- approx(c(0, cumsum(w[o])), c(0, cumsum((w * x)[o])), p * sum(w))$y
  total
}
fractional_qsr <- function(x, w) (sum(w * x) - fractional_total(x, w, 0.8)$value) / fractional_total(x, w, 0.2)$value
convey_total <- function(x, w, p) {
  q <- averaged_quantile(x, w, p); N <- sum(w)
  h <- sqrt((sum(w * x * x) - sum(w * x)^2 / N) / N) / exp(0.2 * log(N))
  kernel <- exp(-((q - x) / h)^2 / 2) / sqrt(2 * pi)
  density <- sum(kernel * w) / (N * h); income <- sum(kernel * w * x) / h
  list(value = sum((w * x)[x <= q]), lin = x * (x <= q) - income / (N * density) * ((x <= q) - p))
}
qsr_lin <- function(x, w, total) {
  low <- total(x, w, 0.2); high <- total(x, w, 0.8)
  top <- sum(w * x) - high$value
  ((x - high$lin) - top / low$value * low$lin) / low$value
}
# Derivative of a value with respect to each weight, by central differences.
slope <- function(f, x, w) sapply(seq_along(w), function(k) {
  step <- 1e-4 * w[k]; up <- w; down <- w; up[k] <- w[k] + step; down[k] <- w[k] - step
  (f(x, up) - f(x, down)) / (2 * step)
})

design <- function(w) svydesign(ids = ~1, weights = w, data = data.frame(w = w))
# The design is that of the whole sample; who is outside the domain contributes zero.
error <- function(lin, inside, w) {
  z <- numeric(length(w)); z[inside] <- lin
  as.numeric(SE(svytotal(z, design(w))))
}
jackknife <- function(f, x, w, n) {
  value <- f(x, w)
  left_out <- sapply(seq_along(x), function(i) f(x[-i], w[-i]))
  sqrt((n - 1) / n * sum((left_out - value)^2))
}

measures <- list(
  list("laeken", "gini", "", laeken_gini, function(x, w) slope(laeken_gini, x, w)),
  list("DescTools", "gini_distinct", "", desctools_gini, function(x, w) slope(desctools_gini, x, w)),
  list("laeken", "qsr", "", laeken_qsr, function(x, w) qsr_lin(x, w, deville_total)),
  list("LangelTille", "qsr_fractional", "", fractional_qsr, function(x, w) qsr_lin(x, w, fractional_total)),
  list("convey", "qsr_kernel", "", averaged_qsr, function(x, w) qsr_lin(x, w, convey_total)),
  list("convey", "gini_convey", "", convey_gini, function(x, w) slope(convey_gini, x, w)))
for (e in c(-1, 0, 0.5, 1, 2)) measures <- c(measures, list(local({ e <- e
  list("convey", "entropy", e, function(x, w) convey_gei(x, w, e), function(x, w) convey_gei_lin(x, w, e)) })))
for (e in c(0.5, 1, 2)) measures <- c(measures, list(local({ e <- e
  list("convey", "atkinson", e, function(x, w) convey_atk(x, w, e), function(x, w) convey_atk_lin(x, w, e)) })))
for (m in measures) for (domain in 0:4) {
  inside <- which(domain == 0 | d$region == domain)
  x <- d$x[inside]; w <- d$w[inside]
  emit(m[[1]], m[[2]], m[[3]], domain, "w", m[[4]](x, w), error(m[[5]](x, w), inside, d$w),
       jackknife(m[[4]], x, w, nrow(d)))
}

# ---- ineq, which knows no weights ----
x <- d$x; n <- length(x)
ineq_gini <- function(x, corr) { n <- length(x); x <- sort(x); G <- 2 * sum(x * 1:n) / sum(x) - (n + 1); if (corr) G / (n - 1) else G / n }
emit("ineq", "gini", "", 0, "1", ineq_gini(x, FALSE))
emit("ineq", "gini_distinct", "", 0, "1", ineq_gini(x, TRUE))
emit("ineq", "atkinson", 0.5, 0, "1", 1 - mean((x / mean(x))^0.5)^2)
emit("ineq", "atkinson", 1, 0, "1", 1 - exp(mean(log(x))) / mean(x))
emit("ineq", "entropy", 0, 0, "1", -log(exp(mean(log(x))) / mean(x)))            # Theil(parameter = 1)
emit("ineq", "entropy", 1, 0, "1", sum(x * log(x / mean(x))) / sum(x))           # Theil(parameter = 0)
emit("ineq", "entropy", 0.5, 0, "1", mean((x / mean(x))^0.5 - 1) / (0.5 * (0.5 - 1)))
emit("laeken", "qsr_unit", "", 0, "1", laeken_qsr(x, rep(1, n)))                 # 80 of 400 lie exactly at a fifth
emit("Eurostat", "qsr", "", 0, "1", averaged_qsr(x, rep(1, n)))

# ---- Lorenz curve, ineq::Lc with frequencies and linear interpolation ----
lorenz <- function(share) function(x, w) {
  o <- order(x); p <- c(0, cumsum(w[o]) / sum(w)); L <- c(0, cumsum((w * x)[o]) / sum(w * x))
  approx(p, L, share)$y
}
for (share in c(0.05, 0.2, 0.5, 0.8, 0.99)) {
  f <- lorenz(share); value <- f(d$x, d$w)
  lin <- (deville_total(d$x, d$w, share)$lin - value * d$x) / sum(d$w * d$x)
  emit("ineq", "lorenz", share, 0, "w", value, error(lin, seq_len(nrow(d)), d$w), jackknife(f, d$x, d$w, nrow(d)))
}

# ---- within and between regions, convey::svygeidec ----
for (e in c(-1, 0, 0.5, 1, 2)) {
  within <- sum(sapply(1:4, function(g) { i <- d$region == g
    share <- sum(d$w[i]) / sum(d$w); income <- sum((d$w * d$x)[i]) / sum(d$w * d$x)
    income^e * share^(1 - e) * convey_gei(d$x[i], d$w[i], e) }))
  emit("convey", "within", e, 0, "w", within)
  emit("convey", "between", e, 0, "w", convey_gei(d$x, d$w, e) - within)
}

# ---- counting, convey::svyafc: deprived below 9000 of x, below 20 of w, below 3 of region ----
dims <- cbind(d$x, d$w, d$region); cuts <- c(9000, 20, 3); dimw <- c(0.5, 0.25, 0.25)
deprived <- sapply(1:3, function(i) 1 * (cuts[i] > dims[, i]))
gaps <- sapply(1:3, function(i) deprived[, i] * (cuts[i] - dims[, i]) / cuts[i])
sums <- as.vector(deprived %*% dimw)
for (k in c(0.25, 0.5, 0.75, 1)) for (domain in 0:4) {
  poor <- 1 * (sums >= k)
  s <- subset(svydesign(ids = ~1, weights = ~w, data = data.frame(w = d$w, poor = poor, m0 = sums * poor,
    m1 = as.vector(gaps %*% dimw) * poor, region = d$region)), domain == 0 | region == domain)
  for (v in c("poor", "m0", "m1")) { m <- svymean(as.formula(paste("~", v)), s)
    emit("convey", c(poor = "afc_h", m0 = "afc_m0", m1 = "afc_m1")[[v]], k, domain, "w", coef(m), SE(m)) }
  a <- svyratio(~m0, ~poor, s)
  emit("convey", "afc_a", k, domain, "w", coef(a), as.numeric(SE(a)))
}

# ---- growth and redistribution (Datt and Ravallion 1992, averaged over both orders), share below 12000 ----
share_below <- function(x, w) sum(w[x < 12000]) / sum(w)
m1 <- weighted.mean(d$x, d$w); m2 <- weighted.mean(later$x, later$w)
P11 <- share_below(d$x, d$w); P22 <- share_below(later$x, later$w)
P21 <- share_below(d$x * (m2 / m1), d$w); P12 <- share_below(later$x * (m1 / m2), later$w)
emit("R", "growth", "", 0, "w", ((P21 - P11) + (P22 - P12)) / 2)
emit("R", "redistribution", "", 0, "w", ((P12 - P11) + (P22 - P21)) / 2)
