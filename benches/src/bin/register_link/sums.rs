//! Sums over links of two logarithms of income.

/// Sums over links. Logarithms are taken less their value in the first link, so that no digits cancel, and
/// so that incomes that are all equal have no spread at all.
#[derive(Default)]
pub(crate) struct Sums {
    links: u64,
    /// By whether the parent is poor, then the child.
    poor: [[u64; 2]; 2],
    origin: [f64; 2],
    sum: [f64; 2],
    square: f64,
    product: f64,
}

impl Sums {
    /// Adds a link: the incomes of parent and child, and whether they are poor.
    #[inline]
    pub(crate) fn add(&mut self, incomes: [f64; 2], poor: [bool; 2]) {
        let logs = incomes.map(f64::ln);
        if self.links == 0 {
            self.origin = logs;
        }
        let [x, y] = [logs[0] - self.origin[0], logs[1] - self.origin[1]];
        self.links += 1;
        self.sum[0] += x;
        self.sum[1] += y;
        self.square += x * x;
        self.product += x * y;
        self.poor[usize::from(poor[0])][usize::from(poor[1])] += 1;
    }

    /// As an object of JSON. What is not defined is `null`: the means of no links, the slope where all parents
    /// have one income.
    pub(crate) fn json(&self) -> String {
        let n = self.links as f64;
        let [mean_x, mean_y] = self.sum.map(|sum| sum / n);
        let slope = (self.product - n * mean_x * mean_y) / (self.square - n * mean_x * mean_x);
        let [[_, np], [pn, pp]] = self.poor;
        format!(
            "{{\"links\": {}, \"pp\": {pp}, \"pn\": {pn}, \"np\": {np}, \"mean_lp\": {}, \"mean_lc\": {}, \"slope\": {}}}",
            self.links,
            number(self.origin[0] + mean_x),
            number(self.origin[1] + mean_y),
            number(slope)
        )
    }
}

fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { "null".to_owned() }
}
