use erflijn_core::{CompensatedSum, Linearised};

use crate::{CommonLine, PovertyError, Sample};

/// A measure that is a mean over persons of something that only their own income decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mean {
    Headcount,
    PovertyGap,
    /// Relative gaps to a power above 0.
    Power(f64),
    Watts,
}

impl Mean {
    /// Relative gaps to the power `alpha`.
    pub(crate) fn power(alpha: f64) -> Result<Self, PovertyError> {
        if !(alpha.is_finite() && alpha >= 0.0) {
            let expected = "a finite number of at least 0";
            return Err(PovertyError::Parameter { name: "alpha", found: alpha, expected });
        }
        Ok(if alpha > 0.0 { Self::Power(alpha) } else { Self::Headcount })
    }

    /// What somebody contributes; nothing without being poor.
    pub(crate) fn contribution(
        self,
        line: &CommonLine,
        index: usize,
        income: f64,
    ) -> Result<f64, PovertyError> {
        if self == Self::Watts && line.is_poor(income) && income <= 0.0 {
            let (measure, expected) = ("the Watts measure", "above 0 among the poor");
            return Err(PovertyError::Income { index, found: income, measure, expected });
        }
        Ok(self.of_income(line, income))
    }

    /// The same, of an income that was checked.
    fn of_income(self, line: &CommonLine, income: f64) -> f64 {
        if !line.is_poor(income) {
            return 0.0;
        }
        match self {
            Self::Headcount => 1.0,
            Self::PovertyGap => line.relative_gap(income),
            // Severity without `powf`, which costs more than all the rest.
            Self::Power(alpha) if (alpha - 2.0).abs() <= 0.0 => line.relative_gap(income).powi(2),
            Self::Power(alpha) => line.relative_gap(income).powf(alpha),
            Self::Watts => {
                let ratio = line.euros() / income;
                if ratio.is_finite() { ratio.ln() } else { line.euros().ln() - income.ln() }
            }
        }
    }

    pub(crate) fn value(self, sample: &Sample<'_>, line: &CommonLine) -> Result<f64, PovertyError> {
        let mut sum = CompensatedSum::default();
        for (index, income, weight) in sample.iter() {
            sum.add(weight * self.contribution(line, index, income)?);
        }
        Ok(sum.value() / sample.total())
    }

    pub(crate) fn linearised(
        self,
        sample: &Sample<'_>,
        line: &CommonLine,
    ) -> Result<Linearised, PovertyError> {
        let (value, total) = (self.value(sample, line)?, sample.total());
        Ok(sample.linearised(value, |income| (self.of_income(line, income) - value) / total))
    }

    /// Whether the contribution of somebody who becomes poor is not 0.
    pub(crate) fn jumps_at_line(self) -> bool {
        self == Self::Headcount
    }

    /// The derivative of the value with respect to the line, apart from the jump.
    pub(crate) fn slope(self, sample: &Sample<'_>, line: &CommonLine) -> f64 {
        let z = line.euros();
        let of_income = |income: f64| match self {
            Self::Headcount => 0.0,
            Self::PovertyGap => income / (z * z),
            Self::Power(alpha) => {
                let gap = line.relative_gap(income);
                // Below 1 the derivative of gap^alpha grows without bound towards the line.
                let steepness = if gap > 0.0 || alpha >= 1.0 { gap.powf(alpha - 1.0) } else { 0.0 };
                alpha * steepness * income / (z * z)
            }
            Self::Watts => 1.0 / z,
        };
        let poor = sample.iter().filter(|(_, income, _)| line.is_poor(*income));
        let terms = poor.map(|(_, income, weight)| weight * of_income(income));
        terms.collect::<CompensatedSum>().value() / sample.total()
    }
}
