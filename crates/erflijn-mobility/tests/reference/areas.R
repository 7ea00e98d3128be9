# Shrinkage of areas by metafor. Writes areas_R.csv beside this file: Rscript areas.R
library(metafor)
sets <- list(
  eight = list(y = c(0.41, 0.38, 0.46, 0.35, 0.52, 0.44, 0.39, 0.48),
               se = c(0.02, 0.05, 0.03, 0.06, 0.08, 0.015, 0.04, 0.07)),
  spread = list(y = c(12.1, 9.4, 15.8, 7.7, 11.0, 13.9, 10.2, 18.4, 6.1, 12.6),
                se = c(1.2, 0.8, 2.5, 1.1, 0.6, 1.9, 0.9, 3.1, 1.4, 0.7)),
  alike = list(y = c(0.30, 0.31, 0.29, 0.305), se = c(0.05, 0.04, 0.06, 0.05))
)
control <- list(tau2.max = 1e4, tol = 1e-15, threshold = 1e-14, maxiter = 10000)
rows <- NULL
for (name in names(sets)) for (method in c("DL", "PM", "REML")) {
  fit <- rma(yi = sets[[name]]$y, sei = sets[[name]]$se, method = method, control = control)
  if (fit$tau2 > 0) b <- blup(fit) else b <- list(pred = rep(coef(fit), length(fit$yi)), se = rep(fit$se, length(fit$yi)))
  add <- function(what, value) rows <<- rbind(rows, data.frame(set = name, method = method, what = what,
                                               value = formatC(value, digits = 17, format = "g")))
  add("tau2", fit$tau2); add("mean", coef(fit)); add("mean_se", fit$se); add("q", fit$QE)
  for (i in seq_along(b$pred)) { add(paste0("value_", i - 1), b$pred[i]); add(paste0("first_two_", i - 1), b$se[i]^2) }
}
head <- paste0("# ", R.version.string, ", metafor ", packageVersion("metafor"))
writeLines(c(head, "set,method,what,value", apply(rows, 1, paste, collapse = ",")), "areas_R.csv")
