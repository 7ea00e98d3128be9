use erflijn_core::MunicipalityCode;
use erflijn_regions::Province;

use crate::SyntheticError;

/// Every choice of a made-up country.
///
/// # Examples
/// ```
/// use erflijn_synthetic::{Country, Settings, SyntheticError};
/// let mut settings = Settings { inhabitants: 2_000, ..Settings::default() };
/// settings.inheritance.parents = 1.5;
/// assert!(matches!(Country::generate(&settings), Err(SyntheticError::OutOfRange { .. })));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Settings {
    /// Seed of the generator, PCG64 (XSL-RR 128/64) with a stream for each community, year and purpose. Same seed and settings:
    /// same bytes, on any number of threads.
    pub seed: u64,
    /// Inhabitants wanted on 31 December 2022, at least 200. Births and deaths are chance: under the default demography
    /// it is met within a few percent from twenty thousand on, and not under others. No municipality is left without
    /// people: fewer than a hundred for each of them is not to be had.
    pub inhabitants: u32,
    /// Where they live.
    pub area: Area,
    /// Births, partners, moves.
    pub demography: Demography,
    /// Which legal parents the registers do not know.
    pub gaps: ParentGaps,
    /// What passes from generation to generation.
    pub inheritance: Inheritance,
    /// From standing to euros.
    pub income: IncomeRules,
}

impl Default for Settings {
    /// A hundred thousand people in Groningen and Drenthe.
    fn default() -> Self {
        Self {
            seed: 1,
            inhabitants: 100_000,
            area: Area::Provinces(vec![Province::Groningen, Province::Drenthe]),
            demography: Demography::default(),
            gaps: ParentGaps::default(),
            inheritance: Inheritance::default(),
            income: IncomeRules::default(),
        }
    }
}

/// The municipalities of the country; their relative sizes are those published for 2021.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Area {
    /// All of some provinces.
    Provinces(Vec<Province>),
    /// Some municipalities, by their codes in the borders of 2021.
    Municipalities(Vec<MunicipalityCode>),
}

/// How lives go, as multiples of the built-in rates: 1 is as built in, 0 is never.
///
/// # Units
/// Factors from 0 to 3, but for `students`, a share from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Demography {
    /// Children of a woman: built in is about 1.7 from 1975, more before.
    pub births: f64,
    /// Immigration, emigration and return.
    pub migration: f64,
    /// Couples that part: built in is 2.2 percent a year in the first fifteen years, 0.6 percent after.
    pub separation: f64,
    /// Households that move: built in is from 18 percent a year (young) to 2.5 percent (old).
    pub moves: f64,
    /// Share of the people of eighteen who study and live away from their parents.
    pub students: f64,
}

impl Default for Demography {
    fn default() -> Self {
        Self { births: 1.0, migration: 1.0, separation: 1.0, moves: 1.0, students: 0.3 }
    }
}

/// Probabilities that a legal parent is absent from the parent-child register although the person exists.
///
/// Missing in any case are parents who died or left before October 1994, fathers never known, and parents who never
/// came to the country.
///
/// # Units
/// Shares from 0 to 1, for each parent apart.
///
/// # References
/// The register is described as reliable for births from 1966 on, and as selective before and for people born
/// abroad. The shares are invented.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct ParentGaps {
    /// Children born in the country before 1966.
    pub before_1966: f64,
    /// Children born in the country from 1966 on.
    pub from_1966: f64,
    /// Children born abroad who came with their parents.
    pub foreign_born: f64,
}

impl Default for ParentGaps {
    fn default() -> Self {
        Self { before_1966: 0.6, from_1966: 0.005, foreign_born: 0.3 }
    }
}

/// What is planted between generations.
///
/// Everybody has a *standing* `z`, standard normal. It comes about as
///
/// ```text
/// z = b p + g q + s f + e u,   b = parents (1 - grandparents), g = grandparents
/// p = (z_mother + z_father) / sqrt(2), or z_mother where there is no legal father
/// q = the mean of the same kind over the parents' own p
/// f = drawn once for full siblings, u = drawn for each child
/// ```
///
/// with `s` and `e` such that `z` has variance 1 and full siblings have the correlation `siblings`; then `parents` is the
/// correlation of `z` and `p`. Partners meet regardless of standing, and no event of life depends on it: so `z`, `p` and `q`
/// are normal in every generation, and the truth follows by formula. At fifteen a person's *outcome* is set:
///
/// ```text
/// y = z + place(municipality at 15) - trap_depth, the last with probability trap_chance where p is
///                                                 among the lowest trap_share
/// ```
///
/// Income follows `y`; `z` alone is passed on. Immigrants and founders have a `p` that nobody sees.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Inheritance {
    /// Correlation of a child's standing with that of the parents together: from -0.9 to 0.9.
    pub parents: f64,
    /// Effect of the grandparents' standing with that of the parents held fixed: from 0 to 0.5.
    pub grandparents: f64,
    /// Correlation of full siblings, 0 to 1; not below what parents and grandparents bring.
    pub siblings: f64,
    /// Share of children, with the lowest parents, at risk of the trap.
    pub trap_share: f64,
    /// Probability that a child at risk is trapped.
    pub trap_chance: f64,
    /// What the trap costs, in standard deviations of standing: from 0 to 5.
    pub trap_depth: f64,
    /// How strongly the municipality of the youth counts: 1 spreads places as far as the published shares of low
    /// income lie apart, 0 makes all places equal. From 0 to 5.
    pub place: f64,
}

impl Default for Inheritance {
    fn default() -> Self {
        Self {
            parents: 0.45,
            grandparents: 0.05,
            siblings: 0.35,
            trap_share: 0.1,
            trap_chance: 0.2,
            trap_depth: 1.0,
            place: 1.0,
        }
    }
}

/// Where the place effect, the shares and the variances come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    pub(crate) parents: f64,
    pub(crate) grandparents: f64,
    pub(crate) family: f64,
    pub(crate) own: f64,
}

impl Inheritance {
    /// What parents and grandparents alone make siblings share.
    fn shared_by_descent(&self) -> f64 {
        let (b, g) = (self.parents * (1.0 - self.grandparents), self.grandparents);
        b * b + g * g + 2.0 * b * g * self.parents
    }

    /// The weights of the four sources of standing; settings are checked.
    pub(crate) fn weights(&self) -> Weights {
        Weights {
            parents: self.parents * (1.0 - self.grandparents),
            grandparents: self.grandparents,
            family: (self.siblings - self.shared_by_descent()).max(0.0).sqrt(),
            own: (1.0 - self.siblings).sqrt(),
        }
    }
}

/// How outcome becomes income.
///
/// The logarithm of a household's standardised income is that of `median`, plus `spread` times the household's outcome (a
/// person's own `y`, a couple's `(y + y') / sqrt(2)`), plus what municipality, household type and age of the main earner add, plus a shock
/// of the year, plus the trend.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct IncomeRules {
    /// Standardised income of a couple in mid-life with middling outcome in 2015, euros per year.
    pub median: f64,
    /// Standard deviation that outcome gives to log income.
    pub spread: f64,
    /// Standard deviation of the shock of a household in a year, in logs; shocks of two years are independent.
    pub shock: f64,
    /// Growth of consumer prices, a share per year.
    pub prices: f64,
    /// Growth of incomes beyond prices, a share per year.
    pub growth: f64,
    /// How strongly the municipality of residence counts, beside that of the youth: log income of a household rises by this
    /// times `spread` times the effect of the place. From 0 to 5.
    pub local: f64,
    /// How much less the young and the old have than people in mid-life, in logs at the ages of 22 and 82.
    pub life_cycle: f64,
}

impl Default for IncomeRules {
    fn default() -> Self {
        Self {
            median: 26_000.0,
            spread: 0.38,
            shock: 0.12,
            prices: 0.02,
            growth: 0.005,
            local: 0.7,
            life_cycle: 0.2,
        }
    }
}

impl Settings {
    /// Checks every number.
    pub(crate) fn check(&self) -> Result<(), SyntheticError> {
        let Demography { births, migration, separation, moves, students } = self.demography;
        let ParentGaps { before_1966, from_1966, foreign_born } = self.gaps;
        let inheritance = &self.inheritance;
        let income = &self.income;
        for (name, found, low, high) in [
            ("inhabitants", f64::from(self.inhabitants), 200.0, 50e6),
            ("demography.births", births, 0.0, 3.0),
            ("demography.migration", migration, 0.0, 3.0),
            ("demography.separation", separation, 0.0, 3.0),
            ("demography.moves", moves, 0.0, 3.0),
            ("demography.students", students, 0.0, 1.0),
            ("gaps.before_1966", before_1966, 0.0, 1.0),
            ("gaps.from_1966", from_1966, 0.0, 1.0),
            ("gaps.foreign_born", foreign_born, 0.0, 1.0),
            ("inheritance.parents", inheritance.parents, -0.9, 0.9),
            ("inheritance.grandparents", inheritance.grandparents, 0.0, 0.5),
            ("inheritance.siblings", inheritance.siblings, 0.0, 1.0),
            ("inheritance.trap_share", inheritance.trap_share, 0.0, 1.0),
            ("inheritance.trap_chance", inheritance.trap_chance, 0.0, 1.0),
            ("inheritance.trap_depth", inheritance.trap_depth, 0.0, 5.0),
            ("inheritance.place", inheritance.place, 0.0, 5.0),
            ("income.median", income.median, 1_000.0, 1e6),
            ("income.spread", income.spread, 0.0, 2.0),
            ("income.shock", income.shock, 0.0, 2.0),
            ("income.prices", income.prices, -0.2, 0.5),
            ("income.growth", income.growth, -0.2, 0.5),
            ("income.local", income.local, 0.0, 5.0),
            ("income.life_cycle", income.life_cycle, 0.0, 2.0),
        ] {
            if !(low..=high).contains(&found) {
                return Err(SyntheticError::OutOfRange { name, found, low, high });
            }
        }
        let least = inheritance.shared_by_descent();
        if inheritance.siblings < least {
            return Err(SyntheticError::Siblings { found: inheritance.siblings, least });
        }
        Ok(())
    }
}
