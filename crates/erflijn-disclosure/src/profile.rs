//! Profiles: the numbers that an environment puts into the rules, as versioned data.

use crate::DisclosureError;

/// What a cell without any unit tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ZeroCells {
    /// Nothing: there is nobody to tell of.
    Safe,
    /// That nobody has the property: class disclosure.
    Sensitive,
}

/// Whether the units without a property are counted as those with it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum BothSides {
    /// A share needs enough units with and without the property.
    Required,
    /// A share needs enough units in its numerator only.
    NotRequired,
}

/// Which side of a bound the bound itself is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Comparison {
    /// What lies above the bound breaks the rule; the bound itself does not.
    Above,
    /// The bound itself breaks the rule.
    AtLeast,
}

/// The (n,k) rule: the few largest contributions may not be most of a total.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Dominance {
    /// n: how many of the largest contributions are added.
    pub largest: usize,
    /// k: their share of the total, in 0..=1.
    pub share: f64,
    /// Whether a share of exactly k breaks the rule.
    pub comparison: Comparison,
}

/// The pq rule: how well a contributor who knew others within q percent knows them within p percent.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PriorPosterior {
    /// p: precision that may not be reached afterwards, in percent of the largest contribution.
    pub p: f64,
    /// q: precision that is known before, in percent of the others.
    pub q: f64,
}

/// How far from the truth an outsider must be kept: for a hidden count `a` both `a - below` (or 0) and `a + above` stay possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Protection {
    /// Units below the true count.
    pub below: u64,
    /// Units above it.
    pub above: u64,
}

/// The numbers of all rules; `None` where a rule does not apply.
///
/// Start from a built-in profile and change what your environment changes:
///
/// ```
/// use erflijn_disclosure::{Profile, Rules};
///
/// let strict = Rules { minimum_units: 15, ..Profile::european_rule_of_thumb().rules().clone() };
/// let profile = Profile::new("our centre", "2026-01", "house rules of our centre", strict)?;
/// assert_eq!(profile.rules().minimum_units, 15);
/// # Ok::<(), erflijn_disclosure::DisclosureError>(())
/// ```
///
/// # Units
/// Units are distinct persons or households, never weights. Shares in 0..=1, `p` and `q` in percent.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Rules {
    /// Fewest units behind a number.
    pub minimum_units: u64,
    /// What an empty cell tells.
    pub zero_cells: ZeroCells,
    /// Whether units without a property count too.
    pub both_sides: BothSides,
    /// Share of a row or column that a single cell may not reach.
    pub group_disclosure: Option<f64>,
    /// The (n,k) rule.
    pub dominance: Option<Dominance>,
    /// The p% rule, in percent of the largest contribution.
    pub p_percent: Option<f64>,
    /// The pq rule.
    pub prior_posterior: Option<PriorPosterior>,
    /// Fewest residual degrees of freedom of a model.
    pub degrees_of_freedom: u64,
    /// Fewest units on either side of a quantile.
    pub quantile_units: Option<u64>,
    /// The interval that a hidden count keeps.
    pub protection: Protection,
}

/// Rules with a name, a version and a source, checked when they are put together.
///
/// # References
/// Brandt et al., 2010, *Guidelines for the checking of output based on microdata research*, ESSnet SDC.
/// Bond, Brandt and De Wolf, 2015, *Guidelines for output checking*, Data without Boundaries.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Unchecked", into = "Unchecked"))]
pub struct Profile {
    name: String,
    version: String,
    source: String,
    rules: Rules,
}

/// A profile as it is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    name: String,
    version: String,
    source: String,
    rules: Rules,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for Profile {
    type Error = DisclosureError;

    fn try_from(Unchecked { name, version, source, rules }: Unchecked) -> Result<Self, DisclosureError> {
        Self::new(&name, &version, &source, rules)
    }
}

#[cfg(feature = "serde")]
impl From<Profile> for Unchecked {
    fn from(Profile { name, version, source, rules }: Profile) -> Self {
        Self { name, version, source, rules }
    }
}

impl Profile {
    /// A profile of one's own.
    ///
    /// # Errors
    /// [`DisclosureError::UnnamedProfile`] without a name, version or source; [`DisclosureError::Parameter`] for a number
    /// that no rule can have: no units at all, a share outside 0..=1, a percentage that is not positive.
    pub fn new(name: &str, version: &str, source: &str, rules: Rules) -> Result<Self, DisclosureError> {
        for (what, text) in [("name", name), ("version", version), ("source", source)] {
            if text.trim().is_empty() {
                return Err(DisclosureError::UnnamedProfile { what });
            }
        }
        rules.check()?;
        Ok(Self { name: name.to_owned(), version: version.to_owned(), source: source.to_owned(), rules })
    }

    /// The European rule of thumb for checking research output: 10 units on both sides of a share, no cell with 90 % of
    /// its row or column, no contributor with more than half of a total, 10 degrees of freedom.
    ///
    /// An output checker can decide otherwise, in both directions.
    ///
    /// ```
    /// use erflijn_disclosure::Profile;
    ///
    /// let profile = Profile::european_rule_of_thumb();
    /// assert_eq!((profile.rules().minimum_units, profile.rules().group_disclosure), (10, Some(0.9)));
    /// ```
    #[must_use]
    pub fn european_rule_of_thumb() -> Self {
        built_in(include_str!("../profiles/european_rule_of_thumb.csv"))
    }

    /// The defaults of SACRO's `acro`, with the complementary suppression that it does not have.
    ///
    /// DIFFERENCE: `acro` flags an all-zero total by its p-ratio check, and leaves every cell of a table untested for dominance
    /// when one has a negative contribution; rules here look at each cell alone, and a total of nothing is safe from both.
    #[must_use]
    pub fn sacro() -> Self {
        built_in(include_str!("../profiles/sacro.csv"))
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where its numbers come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The numbers.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}

impl Rules {
    fn check(&self) -> Result<(), DisclosureError> {
        at_least_one("minimum_units", self.minimum_units)?;
        at_least_one("degrees_of_freedom", self.degrees_of_freedom)?;
        self.quantile_units.map_or(Ok(()), |units| at_least_one("quantile_units", units))?;
        self.group_disclosure.map_or(Ok(()), |share| share_of("group_disclosure", share))?;
        if let Some(Dominance { largest, share, .. }) = self.dominance {
            at_least_one("dominance.largest", largest as u64)?;
            share_of("dominance.share", share)?;
        }
        self.p_percent.map_or(Ok(()), |p| percentage("p_percent", p))?;
        if let Some(PriorPosterior { p, q }) = self.prior_posterior {
            percentage("prior_posterior.p", p)?;
            percentage("prior_posterior.q", q)?;
            if p >= q {
                return Err(DisclosureError::PriorPosterior { p, q });
            }
        }
        Ok(())
    }
}

fn at_least_one(name: &'static str, found: u64) -> Result<(), DisclosureError> {
    let expected = "a whole number of at least 1";
    if found > 0 { Ok(()) } else { Err(DisclosureError::Parameter { name, found: 0.0, expected }) }
}

fn share_of(name: &'static str, found: f64) -> Result<(), DisclosureError> {
    let expected = "a share above 0 and up to 1";
    if found > 0.0 && found <= 1.0 {
        Ok(())
    } else {
        Err(DisclosureError::Parameter { name, found, expected })
    }
}

fn percentage(name: &'static str, found: f64) -> Result<(), DisclosureError> {
    let expected = "a percentage above 0";
    if found > 0.0 && found.is_finite() {
        Ok(())
    } else {
        Err(DisclosureError::Parameter { name, found, expected })
    }
}

/// The profile of a file of this crate; the tests read every one.
fn built_in(table: &str) -> Profile {
    let value = |name: &str| -> &str {
        let rest = table.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(','));
        let rest = rest.expect("every parameter has a line");
        rest.strip_prefix('"')
            .and_then(|quoted| quoted.split('"').next())
            .unwrap_or_else(|| rest.split(',').next().expect("a split has a first part"))
    };
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let whole = |text: &str| text.parse::<u64>().expect("a whole number");
    let optional = |name: &str| Some(value(name)).filter(|text| !text.is_empty());
    let (below, above) = value("protection").split_once(' ').expect("two numbers");
    let rules = Rules {
        minimum_units: whole(value("minimum_units")),
        zero_cells: if value("zero_cells") == "safe" { ZeroCells::Safe } else { ZeroCells::Sensitive },
        both_sides: match value("both_sides") {
            "required" => BothSides::Required,
            _ => BothSides::NotRequired,
        },
        group_disclosure: optional("group_disclosure").map(number),
        dominance: optional("dominance").map(|text| {
            let (largest, rest) = text.split_once(' ').expect("a number and a share");
            let (comparison, share) = rest.rsplit_once(' ').expect("a comparison and a share");
            let comparison = if comparison == "above" { Comparison::Above } else { Comparison::AtLeast };
            Dominance { largest: whole(largest) as usize, share: number(share), comparison }
        }),
        p_percent: optional("p_percent").map(number),
        prior_posterior: optional("prior_posterior").map(|text| {
            let (p, q) = text.split_once(' ').expect("two percentages");
            PriorPosterior { p: number(p), q: number(q) }
        }),
        degrees_of_freedom: whole(value("degrees_of_freedom")),
        quantile_units: optional("quantile_units").map(whole),
        protection: Protection { below: whole(below), above: whole(above) },
    };
    Profile::new(value("name"), value("version"), value("source"), rules)
        .expect("built-in profiles are sound")
}
