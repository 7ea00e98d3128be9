"""Bootstrap samples drawn by an independent implementation of what `Bootstrap` documents.

    python3 bootstrap.py > bootstrap.csv     (any Python 3; whole numbers only)

PCG64 XSL RR 128/64 as in O'Neill's pcg_variants.h; SplitMix64 as in Steele, Lea and Flood (2014); whole
numbers below n as in Lemire (2019).

Sample: ten observations with values 1, 4, 9, ..., 100; strata of four and six. Each line: resampling, seed,
replicate, and the replicate's weighted total. Plain: n_h draws. Rao-Wu: n_h - 1 draws, times n_h / (n_h - 1);
printed times 15, so that it stays whole.
"""

M64, M128 = (1 << 64) - 1, (1 << 128) - 1
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
STREAM = 0x0A02BDBF7BB3C0A7AC28FA16A64ABF96
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


class Pcg64:
    def __init__(self, seed, replicate):
        first = mix((seed + GOLDEN) & M64)
        high = mix((first + replicate * GOLDEN) & M64)
        rotated = ((seed << 32) | (seed >> 32)) & M64
        low = mix((high + GOLDEN + rotated) & M64)
        self.increment = ((STREAM << 1) | 1) & M128
        self.state = (((high << 64) | low) + self.increment) & M128
        self.step()

    def step(self):
        self.state = (self.state * MULTIPLIER + self.increment) & M128

    def next(self):
        self.step()
        rotation = self.state >> 122
        folded = (self.state >> 64) ^ (self.state & M64)
        return ((folded >> rotation) | (folded << (-rotation & 63))) & M64

    def below(self, size):
        while True:
            product = self.next() * size
            if (product & M64) >= (1 << 64) % size:
                return product >> 64


values = [k * k for k in range(1, 11)]
strata = [range(0, 4), range(4, 10)]
for seed in (0, 42, 2**64 - 1):
    for replicate in range(20):
        for name, fewer in (("plain", 0), ("rao_wu", 1)):
            random, total = Pcg64(seed, replicate), 0
            for units in strata:
                n = len(units)
                drawn = sum(values[units[random.below(n)]] for _ in range(n - fewer))
                total += drawn if fewer == 0 else 15 * drawn * n // (n - 1)
            print(f"{name},{seed},{replicate},{total}")
