# Reference deviances of layer effects in tables whose counts differ by many powers of ten. R 4.2.2, gnm 1.1-2. The tables
# are made up: most cells are the whole part of a power of ten with a random exponent.
# Run in this folder: Rscript extreme_layers.R     (writes extreme_layers.txt: on each line classes, layers, the lowest
# deviance of ten random starts of gnm, and the cells by layer, origin and destination)
suppressMessages(library(gnm))
set.seed(5)
quiet <- function(e) suppressWarnings(suppressMessages(tryCatch(e, error = function(z) NULL)))
out <- c()
unidiff <- function(k, layers, y) {
  d <- expand.grid(j = 1:k, i = 1:k, l = 1:layers)
  d$y <- y; d$o <- factor(d$i); d$d <- factor(d$j); d$k <- factor(d$l)
  lowest <- Inf
  for (i in 1:10) {
    m <- quiet(gnm(y ~ k * o + k * d + Mult(k, o:d), family = poisson, data = d, verbose = FALSE, trace = FALSE, iterMax = 800))
    if (!is.null(m) && m$converged && is.finite(deviance(m))) lowest <- min(lowest, deviance(m))
  }
  out <<- c(out, paste(c(k, layers, format(lowest, digits = 17), format(y, trim = TRUE, scientific = FALSE)), collapse = " "))
}
unidiff(5, 2, c(182, 9, 4, 66, 1,
  17, 5, 0, 0, 5,
  1, 1, 0, 1, 154,
  0, 322, 1, 55, 0,
  1, 2, 4, 0, 39,
  24, 0, 31, 53, 194,
  106, 64, 17, 50, 370,
  38, 1, 116, 0, 0,
  41, 121, 17, 1, 69,
  110, 4, 5, 0, 3))
unidiff(5, 2, c(8, 3, 3, 198, 9,
  1, 0, 1, 8, 0,
  0, 0, 20, 0, 297,
  567, 13, 58, 24, 1,
  221, 0, 44, 1, 0,
  340, 7, 2, 0, 5,
  0, 45, 1463, 380, 0,
  0, 217, 73, 2, 110,
  14, 2, 2245, 200, 129,
  3, 85, 20, 2, 0))
unidiff(4, 3, c(3, 1, 266382, 3005005,
  2, 66, 1744716, 5397,
  697666, 0, 379460, 11619,
  0, 7709, 228, 1,
  147946, 12033, 645726, 356,
  556, 1148, 43139, 1329687,
  21139, 8168, 2119, 0,
  1, 3, 740119, 0,
  19132, 68452, 3084, 168,
  0, 28, 410, 1,
  9, 7902962, 733, 6,
  13354, 214797, 4, 508))
unidiff(4, 3, c(2, 3, 235, 38,
  18, 0, 179, 0,
  55, 14, 1, 4,
  258, 108, 1, 108,
  10, 180, 137, 180,
  49, 18, 0, 1,
  18, 280, 26, 8,
  0, 206, 61, 1,
  256, 0, 175, 6,
  0, 0, 201, 0,
  1, 0, 117, 18,
  8, 15, 4, 47))
writeLines(out, "extreme_layers.txt")
