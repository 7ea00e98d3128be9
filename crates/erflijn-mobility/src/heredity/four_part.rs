use erflijn_core::{Estimate, Weights};

use super::centred::Centred;
use super::exposure::require_shares;
use super::joint::{Joint, interleave, sample_of};
use crate::MobilityError;
use crate::sampling::require_length;

/// Columns of a [`FourPartDecomposition`], of one row per child.
#[derive(Debug, Clone, Copy)]
pub struct FourPartColumns<'a> {
    /// Share of childhood years in poverty, after taxes and transfers.
    pub childhood: &'a [f64],
    /// Share of adult years in poverty after taxes and transfers.
    pub adult_after: &'a [f64],
    /// Share of adult years in poverty before taxes and transfers.
    pub adult_before: &'a [f64],
    /// Controls of every regression: ages and years observed, sex, living with parents.
    pub controls: &'a [&'a [f64]],
    /// Of the family in childhood: single parent, age, education and work of the mother, number of children.
    pub family_background: &'a [&'a [f64]],
    /// Of young adulthood: education, work, partner, children.
    pub mediators: &'a [&'a [f64]],
}

/// The persistence of poverty between generations in four parts, after Parolin and others.
///
/// Five least-squares regressions on the share of childhood in poverty, one row per child:
///
/// ```text
/// coefficient   outcome                       beside childhood poverty
/// beta          after taxes and transfers     controls
/// rho           before                        controls
/// delta         before                        controls, family background
/// gamma         before                        controls, family background, mediators
/// theta         after                         controls, family background, mediators
///
/// family background   F = rho - delta
/// mediators           M = delta - gamma
/// insurance           T = (beta - rho) - (theta - gamma)
/// residual penalty    R = theta
/// total               beta = F + M + T + R
/// ```
///
/// `T` is what background and mediators explain after taxes and transfers less what they explain before:
/// below zero when taxes and transfers insure. Errors come from the stacked influence functions of the five
/// regressions, summed within families; so the covariance of the parts is known. The paper's table 4 defines the
/// parts; its equations were not available to us, and the outcome of each regression is read from that table.
///
/// When not to use it: parts are descriptive; a mediator that is itself a consequence of transfers moves `T` into `M`.
///
/// # Units
/// Share of adult years per share of childhood years.
///
/// # References
/// Parolin, Pintro-Schmitt, Esping-Andersen and Fallesen, 2024, Intergenerational persistence of poverty in five
/// high-income countries, Nature Human Behaviour, table 4 (IZA discussion paper 16194).
#[derive(Debug, Clone)]
pub struct FourPartDecomposition {
    /// beta, rho, delta, gamma, theta.
    joint: Joint,
}

impl FourPartDecomposition {
    /// Fits the five regressions.
    ///
    /// # Errors
    /// [`MobilityError::NoColumns`] without family background or mediators; [`MobilityError::Core`] for a share
    /// outside 0 to 1, unequal lengths or unusable weights; [`MobilityError::Collinear`] with the position among
    /// intercept, childhood, controls, family background, mediators; [`MobilityError::NotFinite`],
    /// [`MobilityError::TooFewObservations`], [`MobilityError::TooFewClusters`].
    ///
    /// # Complexity
    /// O(n k^2).
    pub fn fit(
        columns: FourPartColumns<'_>,
        weights: Weights<'_>,
        clusters: Option<&[u32]>,
    ) -> Result<Self, MobilityError> {
        let FourPartColumns { childhood, adult_after, adult_before, .. } = columns;
        require_length("adult_after", adult_after.len(), childhood.len())?;
        require_length("adult_before", adult_before.len(), childhood.len())?;
        for (name, values) in
            [("childhood", childhood), ("adult_after", adult_after), ("adult_before", adult_before)]
        {
            require_shares(name, values)?;
        }
        for (name, list) in
            [("family background", columns.family_background), ("mediators", columns.mediators)]
        {
            if list.is_empty() {
                return Err(MobilityError::NoColumns { name });
            }
        }
        let sampling = sample_of("childhood", childhood, weights, clusters)?;
        let short = std::iter::once(childhood).chain(columns.controls.iter().copied());
        let middle = short.clone().chain(columns.family_background.iter().copied());
        let long = middle.clone().chain(columns.mediators.iter().copied());
        let children = childhood.len();
        let [short, middle, long] = [
            Centred::new(children, short)?.design,
            Centred::new(children, middle)?.design,
            Centred::new(children, long)?.design,
        ];
        sampling.require_more_than(long.width)?;
        let (mut values, mut influences) = (Vec::new(), Vec::new());
        for (outcome, design) in [
            (adult_after, &short),
            (adult_before, &short),
            (adult_before, &middle),
            (adult_before, &long),
            (adult_after, &long),
        ] {
            let fit = design.regress(outcome, &sampling)?;
            values.push(fit.coefficients[1]);
            influences.push(design.influence(&fit, 1).collect());
        }
        Ok(Self { joint: Joint::new(values, &interleave(&influences), &sampling) })
    }

    /// `beta`: the persistence of poverty between generations.
    #[must_use]
    pub fn total(&self) -> Estimate {
        self.joint.get(0)
    }

    /// `F`: through the family background.
    #[must_use]
    pub fn family_background(&self) -> Estimate {
        self.joint.combine(&[0.0, 1.0, -1.0, 0.0, 0.0])
    }

    /// `M`: through education, work and family in young adulthood, at equal background.
    #[must_use]
    pub fn mediators(&self) -> Estimate {
        self.joint.combine(&[0.0, 0.0, 1.0, -1.0, 0.0])
    }

    /// `T`: what taxes and transfers change of the two; below zero when they insure.
    #[must_use]
    pub fn insurance(&self) -> Estimate {
        self.joint.combine(&[1.0, -1.0, 0.0, 1.0, -1.0])
    }

    /// `R`: the penalty that remains.
    #[must_use]
    pub fn residual(&self) -> Estimate {
        self.joint.get(4)
    }

    /// The five coefficients, in the order of the table above.
    #[must_use]
    pub fn coefficients(&self) -> [Estimate; 5] {
        std::array::from_fn(|regression| self.joint.get(regression))
    }
}
