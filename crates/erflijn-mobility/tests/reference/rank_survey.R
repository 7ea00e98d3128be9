# Reference errors by family of a correlation, of movements between given ranks, of a share below two ranks, and of bounds
# of shares where the status of some is unknown.
# R 4.2.2, survey 4.1-1. All numbers are made up.
# Run in this folder: Rscript rank_survey.R     (writes rank_survey.csv)
suppressMessages(library(survey))
i <- 0:59
d <- data.frame(
  x = ((i + 1) * 7) %% 61, y = ((i + 1) * 7) %% 61 + 3 * (((i + 1) * 11) %% 61),
  p = (((i + 1) * 7) %% 61 - 0.5) / 60, q = (((i + 1) * 24) %% 61 - 0.5) / 60,
  w = 1 + (i %% 5) / 2, family = i %/% 3, one = 1)
d$inside <- d$p > 0.1 & d$p <= 0.5
d$up <- d$q - d$p > 0.05; d$down <- d$p - d$q > 0.05; d$over <- d$q > 0.55; d$under <- d$q <= 0.05
d$both <- d$p <= 0.4 & d$q <= 0.6
# Poor are the lowest places; each seventh parent and each fifth child is unknown.
d$parent <- ifelse(i %% 7 == 6, NA, d$p < 0.5); d$child <- ifelse(i %% 5 == 4, NA, d$q < 0.4)
is <- function(status, value) !is.na(status) & status == value
out <- c()
put <- function(name, s) out <<- c(out, paste(name, format(as.numeric(coef(s)), digits = 17), format(as.numeric(SE(s)), digits = 17), sep = ","))
for (plan in c("persons", "families")) {
  design <- svydesign(if (plan == "families") ~family else ~1, weights = ~w, data = d)
  # Products about the means: a mean that moves does not change them, to the first order.
  mean_x <- coef(svymean(~x, design)); mean_y <- coef(svymean(~y, design))
  design <- update(design, xx = (x - mean_x)^2, yy = (y - mean_y)^2, xy = (x - mean_x) * (y - mean_y))
  put(paste("correlation", plan), svycontrast(svymean(~xx + yy + xy, design), quote(xy / sqrt(xx * yy))))
  for (v in c("up", "down", "over", "under"))
    put(paste(v, plan), svymean(as.formula(paste0("~as.numeric(", v, ")")), subset(design, inside)))
  put(paste("both", plan), svymean(~as.numeric(both), design))
  for (group in c(TRUE, FALSE)) {
    own <- is(d$parent, group); unknown <- is.na(d$parent); name <- if (group) "persistence" else "entry"
    design <- update(design, low = own & is(d$child, TRUE), least = own | (unknown & !is(d$child, TRUE)),
                     high = (own | unknown) & !is(d$child, FALSE), most = own | (unknown & !is(d$child, FALSE)))
    for (v in list(c("low", "least"), c("high", "most"))) {
      ratio <- svyratio(as.formula(paste0("~as.numeric(", v[1], ")")), as.formula(paste0("~as.numeric(", v[2], ")")), design)
      out <- c(out, paste(paste(name, v[1], plan), format(as.numeric(coef(ratio)), digits = 17), format(as.numeric(SE(ratio)), digits = 17), sep = ","))
    }
  }
}
writeLines(out, "rank_survey.csv")
