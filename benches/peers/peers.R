# The tasks of the comparison in base R, and with laeken where it has the measure.
#
# `Rscript peers.R FOLDER LINE` reads the columns that our part wrote and prints what it prints: a line per
# task with its name, the best of three times in seconds of the processor, and values.

suppressPackageStartupMessages(library(laeken))

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
line <- as.numeric(arguments[2])
years <- 20
options(digits = 17)

read <- function(name, kind, bytes) {
  path <- file.path(folder, name)
  readBin(path, kind, n = file.size(path) / bytes, size = bytes, signed = bytes > 1, endian = "little")
}
y <- read("incomes.f64", "double", 8)
w <- read("weights.f64", "double", 8)
adults <- read("adults.u8", "integer", 1)
children <- read("children.u8", "integer", 1)
panel <- matrix(read("statuses.u8", "integer", 1), ncol = years)
panel[panel == 2L] <- NA
table <- read.csv(file.path(folder, "thresholds.csv"))

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
  }
  values <- paste0(names(values), "=", format(as.numeric(values), digits = 17, trim = TRUE))
  cat(task, format(best), paste(values, collapse = " "), sep = "\t")
  cat("\n")
}

# The smallest income at or below which the share of the weight lies, of sorted incomes.
quantile_of <- function(y, w, share) {
  cumulated <- cumsum(w)
  y[which(cumulated >= share * cumulated[length(w)] * (1 - 1e-12))[1]]
}

measure("sum", function() c(sum = sum(w * y)))

measure("fgt", function() {
  poor <- y < line
  w_poor <- w[poor]
  gap <- (line - y[poor]) / line
  total <- sum(w)
  c(headcount = sum(w_poor) / total, poverty_gap = sum(w_poor * gap) / total,
    severity = sum(w_poor * gap^2) / total)
})

measure("arop", function() {
  c(line = as.numeric(arpt(y, weights = w)), headcount = arpr(y, weights = w)$value / 100)
})

measure("ranked", function() {
  poor <- y < line
  order <- order(y[poor])
  own <- w[poor][order]
  incomes <- y[poor][order]
  gap <- (line - incomes) / line
  total <- sum(w)
  q <- sum(own)
  gaps <- sum(own * gap)
  before <- cumsum(own) - own
  gaps_before <- cumsum(own * gap) - own * gap
  pairs <- 2 * sum(own * (gaps_before - gap * before))
  c(sen = (gaps + pairs / (2 * q)) / total,
    sen_shorrocks_thon = (gaps + (pairs + 2 * (total - q) * gaps) / (2 * total)) / total,
    relative_median_gap = (line - quantile_of(incomes, own, 0.5)) / line)
})

measure("gini_quintiles", function() {
  c(gini = gini(y, weights = w)$value / 100, quintile_share_ratio = qsr(y, weights = w)$value)
})

measure("entropy", function() {
  total <- sum(w)
  r <- y / (sum(w * y) / total)
  log_r <- log(r)
  c(entropy_0 = -sum(w * log_r) / total, entropy_1 = sum(w * r * log_r) / total,
    entropy_2 = (sum(w * r^2) / total - 1) / 2, atkinson_half = 1 - (sum(w * sqrt(r)) / total)^2)
})

measure("four_of_four", function() {
  poor <- 0
  windows <- 0
  for (year in 1:(years - 3)) {
    sums <- panel[, year] + panel[, year + 1] + panel[, year + 2] + panel[, year + 3]
    poor <- poor + sum(sums == 4L, na.rm = TRUE)
    windows <- windows + sum(!is.na(sums))
  }
  c(poor = poor, windows = windows)
})

measure("thresholds", function() {
  lookup <- matrix(NA_real_, max(table$adults), max(table$children) + 1)
  lookup[cbind(table$adults, table$children + 1)] <- table$threshold
  c(poor = sum(y < lookup[cbind(adults, children + 1)]))
})

cat("version", 0, paste0("R ", getRversion(), ", laeken ", packageVersion("laeken")), sep = "\t")
cat("\n")
