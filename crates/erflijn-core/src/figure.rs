use crate::{CoreError, Estimate, StandardError, Vintage};

/// An estimate of one year with all that it rests on: what is printed, kept and compared.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Figure {
    /// The estimate.
    pub estimate: Estimate,
    /// The year that it describes.
    pub year: i16,
    /// Definition, population, borders, prices, files and version behind it.
    pub vintage: Vintage,
}

impl Figure {
    /// How much higher this figure is than `other`.
    ///
    /// Its method is that of both errors, and [`StandardError::Combined`] when they differ.
    ///
    /// ```text
    /// Var(a - b) = Var(a) + Var(b) - 2 covariance
    /// ```
    ///
    /// # Units
    /// Those of the figures. `covariance` is that of the two estimates: 0 for independent samples; people
    /// who are in both make it positive.
    ///
    /// # Errors
    /// [`CoreError::NotComparable`] when definition, population, borders or prices differ: convert one of
    /// them first ([`Conversion`]). [`CoreError::OutOfRange`] for a covariance that two such estimates cannot have.
    /// [`CoreError::Parameter`] for a value or standard error that is no finite number, or an error below 0;
    /// [`CoreError::ResultNotFinite`] when the difference or its error overflows.
    pub fn minus(&self, other: &Self, covariance: f64) -> Result<Estimate, CoreError> {
        self.vintage.check_comparable(&other.vintage)?;
        let (a, b) = (check(self.estimate)?, check(other.estimate)?);
        let largest = a.standard_error * b.standard_error;
        // Equal estimates have exactly this covariance; it is computed on another way.
        const ROUNDING: f64 = 1e-9;
        if covariance.is_nan() || covariance.abs() > largest * (1.0 + ROUNDING) {
            let (name, low, high) = ("covariance", -largest, largest);
            return Err(CoreError::OutOfRange { name, found: covariance, low, high });
        }
        let variance = a.standard_error.powi(2) + b.standard_error.powi(2) - 2.0 * covariance;
        let method = if a.method == b.method { a.method } else { StandardError::Combined };
        Ok(Estimate {
            value: CoreError::require_finite("difference", a.value - b.value)?,
            standard_error: CoreError::require_finite("standard error", variance.max(0.0).sqrt())?,
            method,
        })
    }
}

/// How figures of one vintage become figures of another: by their ratio in a year that was measured
/// under both.
///
/// It assumes that the ratio of that year holds in the others, and takes it as given: the error of a
/// converted figure is that of the figure itself, scaled.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Conversion {
    from: Vintage,
    to: Vintage,
    ratio: f64,
    year: i16,
}

impl Conversion {
    /// Takes the ratio from one year under both vintages.
    ///
    /// # Errors
    /// [`CoreError::NotComparable`] when the two are not of one year; [`CoreError::Parameter`] when one of them
    /// or its error is not a finite number, or a figure is not above 0; [`CoreError::ResultNotFinite`] when
    /// their ratio overflows, and [`CoreError::Zero`] when it vanishes.
    pub fn by_overlap(old: &Figure, new: &Figure) -> Result<Self, CoreError> {
        if old.year != new.year {
            let (left, right) = (old.year.to_string(), new.year.to_string());
            return Err(CoreError::NotComparable { what: "year", left, right });
        }
        for (name, figure) in [("old figure", old), ("new figure", new)] {
            let found = check(figure.estimate)?.value;
            if found <= 0.0 {
                return Err(CoreError::Parameter { name, found, expected: "a number above 0" });
            }
        }
        let name = "ratio of the conversion";
        let ratio = CoreError::require_finite(name, new.estimate.value / old.estimate.value)?;
        if ratio <= 0.0 {
            return Err(CoreError::Zero { name });
        }
        Ok(Self { from: old.vintage.clone(), to: new.vintage.clone(), ratio, year: old.year })
    }

    /// The figure as the new vintage would probably have it.
    ///
    /// # Errors
    /// [`CoreError::NotComparable`] when the figure is not of the vintage that is converted from;
    /// [`CoreError::Parameter`] for a value or standard error that cannot be, and
    /// [`CoreError::ResultNotFinite`] when one of them overflows.
    pub fn apply(&self, figure: &Figure) -> Result<Figure, CoreError> {
        self.from.check_comparable(&figure.vintage)?;
        let Estimate { value, standard_error, method } = check(figure.estimate)?;
        let estimate = Estimate {
            value: CoreError::require_finite("converted figure", value * self.ratio)?,
            standard_error: CoreError::require_finite("standard error", standard_error * self.ratio)?,
            method,
        };
        Ok(Figure { estimate, year: figure.year, vintage: self.to.clone() })
    }

    /// New figure over old in the year of overlap.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.ratio
    }

    /// The year of overlap.
    #[must_use]
    pub fn year(&self) -> i16 {
        self.year
    }
}

/// Refuses an estimate that nothing can be computed with.
fn check(estimate: Estimate) -> Result<Estimate, CoreError> {
    let (value, error) = (estimate.value, estimate.standard_error);
    if !value.is_finite() {
        return Err(CoreError::Parameter { name: "figure", found: value, expected: "a finite number" });
    }
    if !(error.is_finite() && error >= 0.0) {
        let expected = "a finite number of at least 0";
        return Err(CoreError::Parameter { name: "standard error", found: error, expected });
    }
    Ok(estimate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(year: i16, definition: &str, value: f64, standard_error: f64) -> Figure {
        let estimate = Estimate { value, standard_error, method: StandardError::Binomial };
        let vintage = Vintage {
            definition: definition.into(),
            population: "all".into(),
            classification_year: 2022,
            price_year: 2015,
            sources: Vec::new(),
            erflijn_version: "0.1.0".into(),
        };
        Figure { estimate, year, vintage }
    }

    #[test]
    fn figures_of_one_definition_are_subtracted() {
        let (a, b) = (figure(2020, "old", 0.08, 0.003), figure(2019, "old", 0.06, 0.004));
        let independent = a.minus(&b, 0.0).unwrap();
        assert!((independent.value - 0.02).abs() < 1e-15);
        assert!((independent.standard_error - 0.005).abs() < 1e-15); // 3-4-5
        // A panel: 9 + 16 - 2 * 8 = 9 millionths.
        assert!((a.minus(&b, 8e-6).unwrap().standard_error - 0.003).abs() < 1e-15);
        assert!(a.minus(&a, 9e-6).unwrap().standard_error < 1e-9);
        assert!(matches!(a.minus(&b, 13e-6), Err(CoreError::OutOfRange { name: "covariance", .. })));
    }

    #[test]
    fn figures_of_two_definitions_are_not() {
        let (old, new) = (figure(2020, "old", 0.08, 0.003), figure(2020, "new", 0.06, 0.004));
        assert!(matches!(
            new.minus(&old, 0.0),
            Err(CoreError::NotComparable { what: "poverty definition", .. })
        ));
        let other_borders = Vintage { classification_year: 2021, ..old.vintage.clone() };
        let moved = Figure { vintage: other_borders, ..old.clone() };
        assert!(matches!(
            old.minus(&moved, 0.0),
            Err(CoreError::NotComparable { what: "classification year", .. })
        ));
        // Another year has other files; that is no hindrance.
        assert!(old.minus(&figure(2018, "old", 0.07, 0.001), 0.0).is_ok());
    }

    #[test]
    fn an_overlap_converts() {
        let (old, new) = (figure(2020, "old", 0.08, 0.003), figure(2020, "new", 0.06, 0.004));
        let conversion = Conversion::by_overlap(&old, &new).unwrap();
        let converted = conversion.apply(&figure(2019, "old", 0.10, 0.004)).unwrap();
        assert!((converted.estimate.value - 0.075).abs() < 1e-15);
        assert!((converted.estimate.standard_error - 0.003).abs() < 1e-15);
        assert!(new.minus(&converted, 0.0).is_ok());
        assert!(conversion.apply(&new).is_err());
        let other_year = figure(2021, "new", 0.06, 0.004);
        assert!(matches!(
            Conversion::by_overlap(&old, &other_year),
            Err(CoreError::NotComparable { what: "year", .. })
        ));
        assert!(Conversion::by_overlap(&figure(2020, "old", 0.0, 0.0), &new).is_err());
    }

    #[test]
    fn figures_that_are_no_numbers_are_refused() {
        let sound = figure(2020, "old", 0.1, 0.01);
        let conversion = Conversion::by_overlap(&sound, &sound).unwrap();
        for (value, error, wrong) in [
            (f64::NAN, 0.01, "figure"),
            (f64::INFINITY, 0.01, "figure"),
            (0.1, f64::NAN, "standard error"),
            (0.1, f64::INFINITY, "standard error"),
            (0.1, -0.01, "standard error"),
        ] {
            let unsound = figure(2020, "old", value, error);
            let found = [
                unsound.minus(&sound, 0.0).err(),
                sound.minus(&unsound, 0.0).err(),
                Conversion::by_overlap(&sound, &unsound).err(),
                conversion.apply(&unsound).err(),
            ];
            for refused in found {
                assert!(matches!(refused, Some(CoreError::Parameter { name, .. }) if name == wrong));
            }
        }
        let told = sound.minus(&sound, 1.0).unwrap_err().to_string();
        assert_eq!(told, "covariance is 1, expected a number from -0.0001 to 0.0001");
    }

    #[test]
    fn a_ratio_that_overflows_or_vanishes_converts_nothing() {
        let (small, large) = (figure(2020, "old", 1e-300, 0.0), figure(2020, "new", 1e300, 0.0));
        assert!(matches!(Conversion::by_overlap(&small, &large), Err(CoreError::ResultNotFinite { .. })));
        assert!(matches!(Conversion::by_overlap(&large, &small), Err(CoreError::Zero { .. })));
    }

    #[test]
    fn a_difference_of_two_methods_says_so() {
        let (a, mut b) = (figure(2020, "old", 0.08, 0.003), figure(2019, "old", 0.06, 0.004));
        assert_eq!(a.minus(&b, 0.0).unwrap().method, StandardError::Binomial);
        b.estimate.method = StandardError::Bootstrap;
        assert_eq!(a.minus(&b, 0.0).unwrap().method, StandardError::Combined);
    }
}
