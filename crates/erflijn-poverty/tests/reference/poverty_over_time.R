# Reference values for poverty over time. Run in this folder: Rscript poverty_over_time.R
# Writes synthetic_panel.csv (made up, seeded) and poverty_over_time.csv (names and values).
# R 4.2.2, survival 3.5.3, sandwich 3.0.2, survey 4.1.1.
suppressMessages({library(survival); library(sandwich); library(survey)})
set.seed(20260101)
n <- 120; T <- 8
status <- matrix(NA_integer_, n, T)
for (i in 1:n) {
  stick <- runif(1)
  for (t in 1:T) {
    p <- if (t == 1) 0.3 else if (status[i, t - 1] == 1) 0.45 + 0.4 * stick else 0.1 + 0.15 * stick
    status[i, t] <- as.integer(runif(1) < p)
  }
}
status[matrix(runif(n * T) < 0.06, n, T)] <- NA
family <- sort(sample(1:45, n, replace = TRUE))
probability <- round(runif(n, 0.5, 4), 2)
frequency <- sample(0:3, n, replace = TRUE)
text <- apply(status, 1, function(r) paste(ifelse(is.na(r), ".", r), collapse = ""))
write.csv(data.frame(status = text, family, probability, frequency), "synthetic_panel.csv",
          row.names = FALSE, quote = FALSE)

out <- list()
put <- function(name, value) for (k in seq_along(value))
  out[[length(out) + 1]] <<- c(if (length(value) > 1) paste0(name, ".", k) else name, sprintf("%.17g", value[k]))

# Spells with an observed start, in long form. An unseen end after L years gives time L - 1.
spells <- function(s, poor) {
  rows <- NULL
  for (i in 1:nrow(s)) for (t in 2:ncol(s)) {
    if (is.na(s[i, t]) || is.na(s[i, t - 1]) || s[i, t] != poor || s[i, t - 1] == poor) next
    u <- t
    while (u < ncol(s) && !is.na(s[i, u + 1]) && s[i, u + 1] == poor) u <- u + 1
    ended <- u < ncol(s) && !is.na(s[i, u + 1])
    len <- u - t + 1
    rows <- rbind(rows, data.frame(person = i, time = if (ended) len else len - 1, event = as.integer(ended)))
  }
  rows
}
for (poor in 1:0) {
  d <- spells(status, poor); kind <- if (poor) "exit" else "reentry"
  plain <- survfit(Surv(time, event) ~ 1, data = d)
  table <- summary(plain, times = 1:max(d$time))
  for (what in c("n.risk", "n.event", "surv")) put(paste0(kind, ".equal.", what), table[[what]])
  put(paste0(kind, ".equal.greenwood"), table$std.err)
  robust <- survfit(Surv(time, event) ~ 1, data = d, id = person, robust = TRUE)
  put(paste0(kind, ".equal.robust"), summary(robust, times = 1:max(d$time))$std.err)
  d$w <- probability[d$person]
  weighted <- survfit(Surv(time, event) ~ 1, data = d, weights = w, id = person, robust = TRUE)
  put(paste0(kind, ".probability.surv"), summary(weighted, times = 1:max(d$time))$surv)
  put(paste0(kind, ".probability.robust"), summary(weighted, times = 1:max(d$time))$std.err)
  many <- d[rep(seq_len(nrow(d)), frequency[d$person]), ]
  replicated <- survfit(Surv(time, event) ~ 1, data = many)
  put(paste0(kind, ".frequency.surv"), summary(replicated, times = 1:max(many$time))$surv)
  put(paste0(kind, ".frequency.greenwood"), summary(replicated, times = 1:max(many$time))$std.err)
}

# Pooled flows: intercept of a regression, persons as clusters.
pairs <- do.call(rbind, lapply(2:T, function(t) data.frame(person = 1:n, before = status[, t - 1], now = status[, t])))
pairs <- pairs[complete.cases(pairs), ]; pairs$w <- probability[pairs$person]
for (poor in 0:1) {
  d <- pairs[pairs$before == poor, ]; d$moved <- as.integer(d$now != poor)
  name <- if (poor) "flow.exit" else "flow.entry"
  fit <- lm(moved ~ 1, data = d)
  put(paste0(name, ".equal"), c(coef(fit), sqrt(vcovCL(fit, cluster = d$person, type = "HC1"))))
  fit <- lm(moved ~ 1, data = d, weights = w)
  put(paste0(name, ".probability"), c(coef(fit), sqrt(vcovCL(fit, cluster = d$person, type = "HC1"))))
}

# EU persistent rate in the last year: survey mean over persons observed in all four years.
four <- status[, (T - 3):T]; seen <- complete.cases(four)
d <- data.frame(y = as.integer(four[seen, 4] == 1 & rowSums(four[seen, ]) >= 3), w = probability[seen])
m <- svymean(~y, svydesign(ids = ~1, weights = ~w, data = d))
put("eu_last.probability", c(coef(m), SE(m)))

# Exposure: second half on first half, over observed years.
share <- function(m) rowSums(m, na.rm = TRUE) / rowSums(!is.na(m))
d <- data.frame(x = share(status[, 1:(T / 2)]), y = share(status[, (T / 2 + 1):T]), family, w = probability, f = frequency)
d <- d[is.finite(d$x) & is.finite(d$y), ]
fit <- lm(y ~ x, data = d)
put("slope.equal", c(coef(fit), sqrt(diag(vcovHC(fit, type = "HC1")))))
put("slope.equal.family", sqrt(diag(vcovCL(fit, cluster = d$family, type = "HC1"))))
fit <- lm(y ~ x, data = d, weights = w)
put("slope.probability", c(coef(fit), sqrt(diag(vcovHC(fit, type = "HC1")))))
put("slope.probability.family", sqrt(diag(vcovCL(fit, cluster = d$family, type = "HC1"))))
many <- d[rep(seq_len(nrow(d)), d$f), ]
fit <- lm(y ~ x, data = many)
put("slope.frequency", c(coef(fit), sqrt(diag(vcovHC(fit, type = "HC1")))))

# Order of the chain: nested logits on sequences of three.
three <- do.call(rbind, lapply(3:T, function(t) data.frame(i = status[, t - 2], j = status[, t - 1], k = status[, t])))
three <- three[complete.cases(three), ]
control <- glm.control(epsilon = 1e-14, maxit = 100)
first <- glm(k ~ factor(j), binomial, three, control = control)
second <- glm(k ~ factor(j) * factor(i), binomial, three, control = control)
lr <- deviance(first) - deviance(second)
put("order", c(lr, first$df.residual - second$df.residual, pchisq(lr, 2, lower.tail = FALSE)))

write.csv(setNames(as.data.frame(do.call(rbind, out)), c("name", "value")), "poverty_over_time.csv", row.names = FALSE, quote = FALSE)
