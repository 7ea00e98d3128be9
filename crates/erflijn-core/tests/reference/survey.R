# Reference values for crates/erflijn-core/tests/survey_reference.rs.
#
#   Rscript survey.R > survey.csv
#
# Data: a linear congruential generator, the same in R and Rust. All products stay below 2^53, so that
# doubles are exact:
#   s <- (s * 16807) mod 2147483647  (Park and Miller, 1988),  u = s / 2147483647,  first s = 20260101
# For each of 60 observations k = 0..59, in this order of draws:
#   stratum  = k %/% 12 + 1                      five strata of twelve
#   cluster  = stratum * 100 + (k %% 12) %/% c   c = 2, 3, 4, 3, 2: 6, 4, 3, 4, 6 clusters
#   weight   = 1 + 9 u                           first draw
#   income   = 10 + 40 u + 3 * stratum + 6 v     second draw; v third draw
#   members  = 1 + floor(4 u)                    fourth draw
#   woman    = u < 0.5                           fifth draw
suppressMessages(library(survey))

state <- 20260101
draw <- function() {
  state <<- (state * 16807) %% 2147483647
  state / 2147483647
}
n <- 60
size <- c(2, 3, 4, 3, 2)
d <- data.frame(stratum = rep(0, n), cluster = 0, weight = 0, income = 0, members = 0, woman = FALSE)
for (k in 0:(n - 1)) {
  h <- k %/% 12 + 1
  weight <- 1 + 9 * draw()
  first <- draw()
  income <- 10 + 40 * first + 3 * h + 6 * draw()
  members <- 1 + floor(4 * draw())
  woman <- draw() < 0.5
  d[k + 1, ] <- list(h, h * 100 + (k %% 12) %/% size[h], weight, income, members, woman)
}
d$population <- c(20, 10, 3, 40, 12)[d$stratum] # primary sampling units; stratum 3 is sampled whole
d$people <- c(60, 100, 12, 24, 1000)[d$stratum] # for designs without clusters; stratum 3 is sampled whole

tell <- function(name, value, error) cat(sprintf("%s,%.17g,%.17g\n", name, value, error))
told <- function(name, estimate) tell(name, as.numeric(coef(estimate))[1], as.numeric(SE(estimate))[1])
cat("# R", as.character(getRversion()), "survey", as.character(packageVersion("survey")), "\n")
cat("name,value,standard_error\n")

designs <- list(
  iid = svydesign(~1, weights = ~weight, data = d),
  strata = svydesign(~1, strata = ~stratum, weights = ~weight, data = d),
  strata_fpc = svydesign(~1, strata = ~stratum, weights = ~weight, fpc = ~people, data = d),
  clusters = svydesign(~cluster, weights = ~weight, data = d),
  both = svydesign(~cluster, strata = ~stratum, weights = ~weight, data = d),
  both_fpc = svydesign(~cluster, strata = ~stratum, weights = ~weight, fpc = ~population, data = d)
)
for (name in names(designs)) {
  design <- designs[[name]]
  told(paste0(name, "/total"), svytotal(~income, design))
  told(paste0(name, "/mean"), svymean(~income, design))
  told(paste0(name, "/ratio"), svyratio(~income, ~members, design))
  told(paste0(name, "/women_total"), svytotal(~income, subset(design, woman)))
  told(paste0(name, "/women_mean"), svymean(~income, subset(design, woman)))
  told(paste0(name, "/women_ratio"), svyratio(~income, ~members, subset(design, woman)))
  both <- svytotal(~income + members, design)
  tell(paste0(name, "/covariance"), vcov(both)[1, 2], degf(design))
  by <- svyby(~income, ~woman, design, svymean, covmat = TRUE)
  told(paste0(name, "/women_less_men"), svycontrast(by, c(-1, 1)))
  logged <- svycontrast(svytotal(~income, design), quote(log(income)))
  told(paste0(name, "/log_total"), logged)
  interval <- confint(svymean(~income, design), df = degf(design))
  tell(paste0(name, "/mean_interval"), interval[1], interval[2])
}

# Strata 2 and 4 keep their first cluster only.
lonely <- d[!(d$stratum %in% c(2, 4)) | d$cluster %in% c(200, 400), ]
for (rule in c("adjust", "certainty", "average")) {
  options(survey.lonely.psu = rule)
  design <- svydesign(~cluster, strata = ~stratum, weights = ~weight, data = lonely)
  told(paste0("lonely_", rule, "/total"), svytotal(~income, design))
  told(paste0("lonely_", rule, "/mean"), svymean(~income, design))
  told(paste0("lonely_", rule, "/ratio"), svyratio(~income, ~members, design))
  fpc <- svydesign(~cluster, strata = ~stratum, weights = ~weight, fpc = ~population, data = lonely)
  told(paste0("lonely_", rule, "/fpc_mean"), svymean(~income, fpc))
}
options(survey.lonely.psu = "certainty")
told("lonely_certainty/jkn_ratio",
     svyratio(~income, ~members, as.svrepdesign(design, type = "JKn")))
options(survey.lonely.psu = "fail")

# Replicates: a ratio by withReplicates, so that the jackknife is not that of a linear statistic.
ratio <- function(w, data) sum(w * data$income) / sum(w * data$members)
squared <- function(w, data) (sum(w * data$income) / sum(w))^2
for (mse in c(FALSE, TRUE)) {
  suffix <- if (mse) "_mse" else ""
  replicated <- list(
    jk1_iid = as.svrepdesign(designs$iid, type = "JK1", mse = mse),
    jk1_clusters = as.svrepdesign(designs$clusters, type = "JK1", mse = mse),
    jkn_strata = as.svrepdesign(designs$strata, type = "JKn", mse = mse),
    jkn_both = as.svrepdesign(designs$both, type = "JKn", mse = mse),
    jkn_both_fpc = as.svrepdesign(designs$both_fpc, type = "JKn", mse = mse, fpc = NULL)
  )
  for (name in names(replicated)) {
    told(paste0(name, suffix, "/ratio"), withReplicates(replicated[[name]], ratio))
    told(paste0(name, suffix, "/squared"), withReplicates(replicated[[name]], squared))
    told(paste0(name, suffix, "/mean"), svymean(~income, replicated[[name]]))
  }
}

# Given weights: two half samples of each stratum (clusters in two halves), from brrweights; the weights are
# written to survey_replicates.csv, a row for each observation.
half <- d$stratum * 10 + ((1:n - 1) %% 12) %/% 6
paired <- svydesign(~half, strata = ~stratum, weights = ~weight, data = cbind(d, half = half))
brr <- as.svrepdesign(paired, type = "BRR")
fay <- as.svrepdesign(paired, type = "Fay", fay.rho = 0.3)
brr_weights <- weights(brr, "analysis")
fay_weights <- weights(fay, "analysis")
set.seed(1)
own_scales <- round(runif(ncol(brr_weights)), 3)
own_scales[3] <- 0
own <- function(mse) svrepdesign(data = d, weights = d$weight, repweights = brr_weights, type = "other",
                                 scale = 0.2, rscales = own_scales, combined.weights = TRUE, mse = mse)
boot <- suppressWarnings(svrepdesign(data = d, weights = d$weight, repweights = brr_weights,
                                     type = "bootstrap", combined.weights = TRUE, mse = FALSE))
jk1 <- suppressWarnings(svrepdesign(data = d, weights = d$weight, repweights = brr_weights,
                                    type = "JK1", combined.weights = TRUE, mse = FALSE))
given <- list(brr = brr, fay = fay, own = own(FALSE), own_mse = own(TRUE), boot = boot, jk1 = jk1)
for (name in names(given)) {
  told(paste0("given_", name, "/ratio"), withReplicates(given[[name]], ratio))
  told(paste0("given_", name, "/squared"), withReplicates(given[[name]], squared))
}
rows <- rbind(cbind(brr_weights, fay_weights), c(own_scales, rep(NA, ncol(fay_weights))))
write.table(format(rows, digits = 17, trim = TRUE), "survey_replicates.csv",
            sep = ",", quote = FALSE, row.names = FALSE, col.names = FALSE)

# Half samples by Sylvester's matrix.
sylvester <- matrix(1)
for (i in 1:3) sylvester <- rbind(cbind(sylvester, sylvester), cbind(sylvester, -sylvester))
for (mse in c(FALSE, TRUE)) {
  suffix <- if (mse) "_mse" else ""
  halves <- list(
    half_0 = as.svrepdesign(paired, type = "BRR", hadamard.matrix = sylvester, mse = mse),
    half_3 = as.svrepdesign(paired, type = "Fay", fay.rho = 0.3, hadamard.matrix = sylvester, mse = mse)
  )
  for (name in names(halves)) {
    told(paste0(name, suffix, "/ratio"), withReplicates(halves[[name]], ratio))
    told(paste0(name, suffix, "/squared"), withReplicates(halves[[name]], squared))
    told(paste0(name, suffix, "/mean"), svymean(~income, halves[[name]]))
  }
}

# Student's quantiles.
for (df in c(1, 2, 3, 5, 12, 40, 1000)) for (p in c(0.6, 0.95, 0.975, 0.9995))
  tell(sprintf("student/%g/%g", df, p), qt(p, df), NA)
