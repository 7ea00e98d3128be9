# Reference values of the poverty measures, from R packages and from formulas written out in R.
#
# Run in this folder:  Rscript poverty_measures.R
# Made with R 4.2.2, laeken 0.5.2, survey 4.1-1. Writes synthetic_persons.csv (synthetic persons) and
# poverty_measures.csv (name, domain, value). Domain 0 is everybody, 1 to 4 are the regions.
#
# The packages convey and vardpoor could not be installed; their source was read (convey 0.2.3,
# vardpoor, ineq 0.2-12). The variables of estimated lines below are their formulas, in our own words,
# with poor strictly below the line; laeken's bootstrap checks their size from another side.
suppressPackageStartupMessages({ library(laeken); library(survey) })
options(digits = 17)

# ---- synthetic persons from Lehmer's generator x <- 16807 x mod (2^31 - 1), seed 20261125 ----
state <- 20261125
uniform <- function() { state <<- (16807 * state) %% 2147483647; state / 2147483647 }
uniforms <- function(n) vapply(seq_len(n), function(i) uniform(), 0)
n <- 900
region <- 1 + floor(4 * uniforms(n))
income <- round((18000 + 2000 * region) * exp(0.6 * qnorm(uniforms(n))), 2)
heaped <- uniforms(n) < 0.2 # some incomes are reported in thousands: ties
income[heaped] <- 1000 * ceiling(income[heaped] / 1000)
weight <- round(20 + 180 * uniforms(n), 3)
frequency <- 1 + floor(4 * uniforms(n))
write.csv(data.frame(income = sprintf("%.2f", income), weight = sprintf("%.3f", weight), frequency, region),
          "synthetic_persons.csv", row.names = FALSE, quote = FALSE)

out <- data.frame(name = character(), domain = integer(), value = character())
tell <- function(name, domain, value)
  out <<- rbind(out, data.frame(name = name, domain = domain, value = sprintf("%.17g", value)))
domains <- list("0" = rep(TRUE, n))
for (r in 1:4) domains[[as.character(r)]] <- region == r

# ---- laeken: thresholds, at-risk-of-poverty rates, relative median gaps, and a bootstrap ----
for (p in c(0.4, 0.5, 0.6, 0.7)) {
  tell(sprintf("laeken arpt %.1f", p), 0, arpt(income, weight, p = p))
  rate <- arpr(income, weight, breakdown = region, p = p)
  tell(sprintf("laeken arpr %.1f", p), 0, rate$value / 100)
  for (r in 1:4) tell(sprintf("laeken arpr %.1f", p), r, rate$valueByStratum$value[r] / 100)
}
gap <- rmpg(income, weight, breakdown = region)
tell("laeken rmpg", 0, gap$value / 100)
for (r in 1:4) tell("laeken rmpg", r, gap$valueByStratum$value[r] / 100)
boot <- function(indicator) {
  v <- variance(income, weight, breakdown = region, indicator = indicator, R = 2000, seed = 1,
                type = "bootstrap", bootType = "naive")
  sqrt(c(v$var, v$varByStratum$var)) / 100
}
errors <- boot(arpr(income, weight, breakdown = region))
for (d in 0:4) tell("laeken bootstrap se arpr", d, errors[d + 1])

# ---- survey: measures against a known line, with standard errors of domains ----
design <- svydesign(ids = ~1, weights = ~weight, data = data.frame(income, weight, region))
z <- 12000
poor <- income < z
g <- ifelse(poor, (z - income) / z, 0)
design <- update(design, fgt0 = 1 * poor, fgt1 = g, fgt2 = g^2, fgt3.5 = g^3.5, fgt0.5 = sqrt(g),
                 watts = ifelse(poor, log(z / income), 0))
for (d in names(domains)) {
  part <- subset(design, domains[[d]])
  for (v in c("fgt0", "fgt1", "fgt2", "fgt3.5", "fgt0.5", "watts")) {
    m <- svymean(as.formula(paste0("~", v)), part)
    tell(paste("survey", v), d, coef(m)[[1]])
    tell(paste("survey se", v), d, SE(m)[[1]])
  }
  ratio <- svyratio(~fgt1, ~fgt0, part)
  tell("survey income gap ratio", d, coef(ratio)[[1]])
  tell("survey se income gap ratio", d, SE(ratio)[[1]])
}

# ---- Gini coefficients of laeken: Sen and Sen-Shorrocks-Thon against the known line ----
for (d in names(domains)) {
  inside <- domains[[d]]
  w <- weight[inside]; y <- income[inside]; gaps <- g[inside]; p <- poor[inside]
  headcount <- sum(w * p) / sum(w); pg <- sum(w * gaps) / sum(w); igr <- pg / headcount
  tell("laeken gini sen", d, headcount * (igr + (1 - igr) * laeken::gini(y[p], w[p])$value / 100))
  tell("laeken gini sst", d, pg * (1 + laeken::gini(gaps, w)$value / 100))
}
# Shorrocks (1995) word by word, on the replicated sample; Sen with all pairs of the replicated poor.
gaps <- sort(rep(g, frequency), decreasing = TRUE); N <- length(gaps)
tell("replicated sst", 0, sum((2 * N - 2 * seq_len(N) + 1) * gaps) / N^2)
of_poor <- gaps[rep(poor, frequency)[order(rep(g, frequency), decreasing = TRUE)]]
tell("replicated sen", 0, sum(of_poor) / N + length(of_poor) / N * mean(abs(outer(of_poor, of_poor, "-"))) / 2)

# ---- estimated lines: the variables of Osier (2009), and standard errors by survey ----
se <- function(variable) {
  d <- svydesign(ids = ~1, weights = ~weight, data = data.frame(variable, weight))
  SE(svytotal(~variable, d))[[1]]
}
W <- sum(weight)
h <- sqrt(sum(weight * (income - sum(weight * income) / W)^2) / W) / W^0.2
kernel <- function(x, inside) sum((weight * dnorm((x - income) / h))[inside]) / (sum(weight[inside]) * h)
type1 <- function(inside) { # smallest income that half of the weight does not exceed
  o <- order(income[inside]); y <- income[inside][o]; w <- weight[inside][o]
  y[which(cumsum(w) >= sum(w) / 2)[1]]
}
m <- type1(rep(TRUE, n))
lines <- list(median = list(z = 0.6 * m, lin = -0.6 * ((income <= m) - 0.5) / (W * kernel(m, rep(TRUE, n)))),
              mean = list(z = 0.5 * sum(weight * income) / W, lin = (0.5 * income - 0.5 * sum(weight * income) / W) / W))
for (l in names(lines)) {
  z <- lines[[l]]$z; lin <- lines[[l]]$lin
  tell(paste("line", l), 0, z)
  tell(paste("line se", l), 0, se(lin))
  for (d in names(domains)) {
    i <- domains[[d]]; N <- sum(weight[i])
    poor <- i & income < z; g <- (z - income) / z
    total <- function(x) sum((weight * x)[poor]) / N
    rate <- total(rep(1, n))
    rate_lin <- i * (poor - rate) / N + kernel(z, i) * lin
    tell(paste(l, "headcount"), d, rate); tell(paste(l, "se headcount"), d, se(rate_lin))
    for (a in 1:2) {
      value <- total(g^a)
      slope <- total(a * g^(a - 1) * income / z^2)
      tell(paste0(l, " fgt", a), d, value)
      tell(paste0(l, " se fgt", a), d, se(i * (ifelse(poor, g^a, 0) - value) / N + slope * lin))
    }
    watts <- total(log(z / income))
    tell(paste(l, "watts"), d, watts)
    tell(paste(l, "se watts"), d, se(i * (ifelse(poor, log(z / income), 0) - watts) / N + rate / z * lin))
    mp <- type1(poor)
    mp_lin <- (0.5 * rate_lin - i * ((income <= mp) - 0.5 * rate) / N) / kernel(mp, i)
    tell(paste(l, "rmpg"), d, 1 - mp / z)
    tell(paste(l, "se rmpg"), d, se(mp * lin / z^2 - mp_lin / z))
  }
}
write.csv(out, "poverty_measures.csv", row.names = FALSE, quote = FALSE)
