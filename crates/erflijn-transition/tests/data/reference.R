# Reference values of tests of tables and of survey corrections. R 4.2.2, survey 4.1-1.
# Run in this folder: Rscript reference.R
library(survey)
options(digits = 17)
number <- function(x) if (length(x) == 1) format(x, digits = 17) else paste0("[", paste(format(x, digits = 17, trim = TRUE), collapse = ", "), "]")
rows <- function(m) paste0("[", paste(apply(m, 1, function(r) paste0("[", paste(format(r, digits = 17, trim = TRUE), collapse = ", "), "]")), collapse = ", "), "]")
out <- c()
say <- function(name, text) out <<- c(out, sprintf('  "%s": %s', name, text))

# Symmetry: occupational status of British fathers and sons, of R's own data sets.
table <- unclass(occupationalStatus); k <- nrow(table)
say("symmetry_counts", rows(matrix(as.numeric(table), k)))
bowker <- mcnemar.test(table, correct = FALSE)
say("bowker", number(c(bowker$statistic, bowker$parameter, bowker$p.value)))
long <- data.frame(n = as.vector(table), row = factor(rep(1:k, k)), column = factor(rep(1:k, each = k)))
pair <- with(long, pmin(as.integer(row), as.integer(column)) * 100 + pmax(as.integer(row), as.integer(column)))
fit <- glm(n ~ row + column + factor(pair), family = poisson, data = long, control = glm.control(epsilon = 1e-9))
pearson <- sum((long$n - fitted(fit))^2 / fitted(fit))
say("quasi_symmetry", number(c(pearson, deviance(fit), df.residual(fit))))
say("quasi_symmetry_expected", rows(matrix(fitted(fit), k)))
# Independence, by iterative proportional fitting.
independent <- loglin(table, list(1, 2), print = FALSE)
say("independence", number(c(independent$pearson, independent$lrt, independent$df)))

# A sample of families with weights. Linear congruential numbers, so that any language has the same.
state <- 1
draw <- function() { state <<- (state * 16807) %% 2147483647; state / 2147483647 }
n <- 300
family <- parent <- child <- region <- integer(n); weight <- numeric(n)
for (i in 1:n) {
  family[i] <- (i - 1) %/% 2
  if (i %% 2 == 1) parent[i] <- floor(3 * draw()) else parent[i] <- parent[i - 1]
  u <- draw(); child[i] <- if (u < 0.4) parent[i] else floor(3 * draw())
  if (i %% 2 == 0 && draw() < 0.5) child[i] <- child[i - 1]
  region[i] <- floor(2 * draw())
  weight[i] <- 1 + floor(4 * draw())
}
say("family", number(family)); say("parent", number(parent)); say("child", number(child))
say("region", number(region)); say("weight", number(weight))
data <- data.frame(family, parent = factor(parent), child = factor(child), region = factor(region), weight)
design <- svydesign(ids = ~family, weights = ~weight, data = data)
f <- svychisq(~parent + child, design, statistic = "F")
first <- svychisq(~parent + child, design, statistic = "Chisq")
say("svychisq_F", number(c(f$statistic, f$parameter, f$p.value)))
say("svychisq_first_order", number(c(first$statistic, first$parameter, first$p.value)))
# Homogeneity of regions among children of one class of parents is independence of region and child.
by_region <- svychisq(~region + child, design, statistic = "F")
say("svychisq_region_F", number(c(by_region$statistic, by_region$parameter, by_region$p.value)))
# Covariance of all cells: shares, and probabilities within rows.
data$cell <- factor(3 * parent + child, levels = 0:8)
design <- svydesign(ids = ~family, weights = ~weight, data = data)
shares <- svymean(~cell, design)
say("shares", number(as.numeric(shares))); say("covariance_of_shares", rows(unname(vcov(shares))))
within <- svyby(~child, ~parent, design, svymean, covmat = TRUE)
# svyby has children in the outer order: cell of row i, column j at 3 j + i.
order <- as.vector(sapply(0:2, function(i) 3 * (0:2) + i + 1))
say("covariance_of_matrix", rows(unname(vcov(within))[order, order]))
# Intervals.
wilson <- prop.test(7, 40, correct = FALSE)$conf.int
say("wilson_7_of_40", number(as.numeric(wilson)))
say("jeffreys_7_of_40", number(qbeta(c(0.025, 0.975), 7.5, 33.5)))
say("jeffreys_500000_of_1000000", number(qbeta(c(0.025, 0.975), 500000.5, 500000.5)))
say("jeffreys_3_of_1000000", number(qbeta(c(0.025, 0.975), 3.5, 999997.5)))
kendall_x <- c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3); kendall_y <- c(2, 7, 1, 8, 2, 8, 1, 8, 2, 8)
say("kendall_x", number(kendall_x)); say("kendall_y", number(kendall_y))
kendall <- suppressWarnings(cor.test(kendall_x, kendall_y, method = "kendall", exact = FALSE))
say("kendall", number(c(kendall$estimate, kendall$p.value)))
writeLines(c("{", sprintf('  "source": "R %s, survey %s, reference.R",', getRversion(), packageVersion("survey")), paste(out, collapse = ",\n"), "}"), "reference.json")
