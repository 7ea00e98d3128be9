use erflijn_core::{Distribution, MunicipalityCode, Omega, Weights};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::community::NONE;
use crate::income::{HouseholdClass, Shocks};
use crate::{Country, Descendants, Settings, StudyTruth, SyntheticError, calendar};

mod expected;

/// What is true of a country.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Truth {
    /// The choices, all parameters of inheritance and income among them.
    pub settings: Settings,
    /// What the rule of inheritance gives in a population without end, by formula; the shares of municipalities are those of
    /// this population.
    pub expected: Mobility,
    /// What holds in this population.
    pub realised: Realised,
}

/// Mobility of everybody who was fifteen in the country and has a mother there, from standing and outcome: no
/// measurement error, no choice of years.
///
/// Ranks are mid-ranks, 0 to 1, over all of these people; fifths are those of ranks.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Mobility {
    /// Correlation of a child's standing `z` with that of its parents together, `p`.
    pub standing_correlation: f64,
    /// Slope of the rank of `z` on the rank of `p`: `6 / pi * asin(correlation / 2)`.
    pub standing_rank_slope: f64,
    /// Correlation of `z` between full siblings; `None` where nobody has one.
    pub sibling_correlation: Option<f64>,
    /// Slope of the rank of outcome `y` on the rank of `p`.
    pub outcome_rank_slope: f64,
    /// Share of children with `y` in the lowest fifth among those with `p` in the lowest fifth.
    pub bottom_persistence: f64,
    /// Share of children with `y` in the highest fifth among those with `p` in the lowest fifth.
    pub bottom_to_top: f64,
    /// Fifths of `p` in rows, of `y` in columns; rows sum to 1.
    pub fifths: [[f64; 5]; 5],
    /// By municipality at fifteen.
    pub municipalities: Vec<OfMunicipality>,
}

/// Outcomes of the youth of one municipality.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OfMunicipality {
    /// Its code in the borders of 2021.
    pub code: MunicipalityCode,
    /// Children who were fifteen there.
    pub children: u64,
    /// Mean rank of their outcome; `None` where there are none, as is the next.
    pub mean_rank: Option<f64>,
    /// Mean rank of the outcome of those with `p` in the lower half.
    pub mean_rank_lower_half: Option<f64>,
}

/// What holds in this population: every number is counted over all its people.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Realised {
    /// Persons in the registers.
    pub registered: u64,
    /// Living in the country on 31 December 2022.
    pub inhabitants: u64,
    /// The same statistics as the expected ones.
    pub mobility: Mobility,
    /// Low income by year.
    pub poverty: Vec<PovertyOfYear>,
    /// Poverty and income of two generations, as registers could show them.
    pub generations: Generations,
    /// What studies under three sets of rules ought to find.
    pub studies: Studies,
}

/// What studies ought to find; others can be asked of [`Country::study_truth`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Studies {
    /// Under [`crate::StudyRules::default`].
    pub mobility: StudyTruth,
    /// Under [`crate::StudyRules::monitor`].
    pub monitor: StudyTruth,
    /// Under [`crate::StudyRules::three_generations`].
    pub three_generations: StudyTruth,
}

/// Persons in private households that are not of students, below [`Country::low_income_line`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PovertyOfYear {
    /// The year.
    pub year: i16,
    /// Persons counted.
    pub persons: u64,
    /// Share of them below the line; `None` where there are none, as is the next.
    pub poor: Option<f64>,
    /// The same without the shocks of the year.
    pub poor_noiseless: Option<f64>,
    /// By municipality of residence.
    pub municipalities: Vec<PoorOfMunicipality>,
}

/// Low income among the inhabitants of one municipality.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PoorOfMunicipality {
    /// Its code in the borders of 2021.
    pub code: MunicipalityCode,
    /// Persons counted.
    pub persons: u64,
    /// Share of them below the line; `None` where there are none, as is the next.
    pub poor: Option<f64>,
    /// The same without the shocks of the year.
    pub poor_noiseless: Option<f64>,
}

/// People born from 1981 to 1987 and their mothers, or their fathers where no mother is there: the child's household in 2019
/// and the parent's in 2005, both private and not of students, and not the same home in 2019.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Generations {
    /// Children with both incomes.
    pub children: u64,
    /// Slope of the child's rank on the parent's, standardised income of the one year each; `None` where fewer than two
    /// children are there.
    pub rank_slope: Option<f64>,
    /// The same without the shocks of the years.
    pub rank_slope_noiseless: Option<f64>,
    /// Share of children below the line in 2019 among those whose parent was in 2005; `None` where there are none.
    pub poor_of_poor: Option<f64>,
    /// Share of children below the line in 2019 among those whose parent was not in 2005; `None` where there are none.
    pub poor_of_others: Option<f64>,
}

const POVERTY_YEARS: [i16; 4] = [2005, 2010, 2015, 2020];
const PARENT_YEAR: i16 = 2005;
const CHILD_YEAR: i16 = 2019;

/// Below this many there are no fifths to speak of.
const LEAST_DESCENDANTS: u64 = 100;

pub(crate) fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

impl Country {
    /// What is true of this country.
    ///
    /// # Errors
    /// [`SyntheticError::FewDescendants`] for a country in which hardly anybody was born.
    ///
    /// # Complexity
    /// Some sorts of all descendants, and ten passes over all household stays.
    pub fn truth(&self) -> Result<Truth, SyntheticError> {
        let descendants = self.descendants();
        let found = descendants.outcome.len() as u64;
        if found < LEAST_DESCENDANTS {
            return Err(SyntheticError::FewDescendants { found, least: LEAST_DESCENDANTS });
        }
        let mobility = self.realised_mobility(&descendants);
        let expected = expected::mobility(&self.settings.inheritance, self.municipalities(), &mobility);
        let last = calendar::last_registered();
        let stays = self.communities.iter().flat_map(|community| &community.chronicle.households);
        let realised = Realised {
            registered: u64::from(self.registered()),
            inhabitants: stays.filter(|stay| stay.end == last).count() as u64,
            mobility,
            poverty: POVERTY_YEARS.iter().map(|year| self.poverty(*year)).collect(),
            generations: self.generations(),
            studies: self.studies()?,
        };
        Ok(Truth { settings: self.settings.clone(), expected, realised })
    }

    fn realised_mobility(&self, all: &Descendants) -> Mobility {
        let (standing, parents, outcome) = (ranks(&all.standing), ranks(&all.parents), ranks(&all.outcome));
        let mut fifths = [[0.0; 5]; 5];
        for (from, to) in parents.iter().zip(&outcome) {
            fifths[fifth(*from)][fifth(*to)] += 1.0;
        }
        for row in &mut fifths {
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|cell| *cell /= sum);
        }
        let mut municipalities = Vec::new();
        let mut sums = vec![[0.0; 4]; self.municipalities().len()];
        for ((youth, from), to) in all.youth.iter().zip(&parents).zip(&outcome) {
            let lower = f64::from(u8::from(*from < 0.5));
            for (sum, term) in sums[*youth].iter_mut().zip([1.0, *to, lower, lower * to]) {
                *sum += term;
            }
        }
        for (municipality, [children, sum, lower, lower_sum]) in self.municipalities().iter().zip(sums) {
            municipalities.push(OfMunicipality {
                code: municipality.code,
                children: children as u64,
                mean_rank: ratio(sum, children),
                mean_rank_lower_half: ratio(lower_sum, lower),
            });
        }
        Mobility {
            standing_correlation: correlation(&all.standing, &all.parents),
            standing_rank_slope: slope(&standing, &parents),
            sibling_correlation: sibling_correlation(&all.standing, &all.family),
            outcome_rank_slope: slope(&outcome, &parents),
            bottom_persistence: fifths[0][0],
            bottom_to_top: fifths[0][4],
            fifths,
            municipalities,
        }
    }

    fn poverty(&self, year: i16) -> PovertyOfYear {
        let line = self.low_income_line(year);
        let mut sums = vec![[0_u64; 3]; self.municipalities().len()];
        for community in 0..self.communities.len() {
            let with = self.homes_on_day(community, year, Shocks::With);
            let without = self.homes_on_day(community, year, Shocks::Without);
            for (index, home) in with.homes.iter().enumerate() {
                if home.class == HouseholdClass::Private {
                    let poor = [true, with.standardised[index] < line, without.standardised[index] < line];
                    let sum = &mut sums[home.municipality()];
                    for (sum, counts) in sum.iter_mut().zip(poor) {
                        *sum += u64::from(counts) * u64::from(home.members());
                    }
                }
            }
        }
        let share = |part: u64, all: u64| ratio(part as f64, all as f64);
        let total = |column: usize| sums.iter().map(|sum| sum[column]).sum::<u64>();
        let municipalities =
            self.municipalities().iter().zip(&sums).map(|(municipality, [all, poor, noiseless])| {
                PoorOfMunicipality {
                    code: municipality.code,
                    persons: *all,
                    poor: share(*poor, *all),
                    poor_noiseless: share(*noiseless, *all),
                }
            });
        PovertyOfYear {
            year,
            persons: total(0),
            poor: share(total(1), total(0)),
            poor_noiseless: share(total(2), total(0)),
            municipalities: municipalities.collect(),
        }
    }

    fn generations(&self) -> Generations {
        let (mut child, mut parent) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        let (from, before) = (calendar::new_year(1981), calendar::new_year(1988));
        for (number, community) in self.communities.iter().enumerate() {
            let at = |year, shocks| self.homes_on_day(number, year, shocks);
            let parent_year = [at(PARENT_YEAR, Shocks::With), at(PARENT_YEAR, Shocks::Without)];
            let child_year = [at(CHILD_YEAR, Shocks::With), at(CHILD_YEAR, Shocks::Without)];
            let private = |year: &[crate::income::HomesOnDay; 2], person: u32| {
                let home = *year[0].home_of.get(person as usize)?;
                let is_private =
                    home != NONE && year[0].homes[home as usize].class == HouseholdClass::Private;
                is_private.then_some(home as usize)
            };
            for (index, one) in community.chronicle.people.iter().enumerate() {
                if !(from..before).contains(&one.birth) {
                    continue;
                }
                let elder = [one.mother, one.father]
                    .into_iter()
                    .find_map(|elder| private(&parent_year, elder).map(|home| (elder, home)));
                let own = private(&child_year, index as u32);
                if let (Some((elder, theirs)), Some(own)) = (elder, own) {
                    if child_year[0].home_of[elder as usize] == own as u32 {
                        continue;
                    }
                    for shocks in 0..2 {
                        child[shocks].push(child_year[shocks].standardised[own]);
                        parent[shocks].push(parent_year[shocks].standardised[theirs]);
                    }
                }
            }
        }
        let slope_of =
            |kind: usize| (child[kind].len() > 1).then(|| slope(&ranks(&child[kind]), &ranks(&parent[kind])));
        let (line, parent_line) = (self.low_income_line(CHILD_YEAR), self.low_income_line(PARENT_YEAR));
        let share = |parent_poor: bool| {
            let pairs = child[0].iter().zip(&parent[0]);
            let chosen = pairs.filter(|(_, parent)| (**parent < parent_line) == parent_poor);
            let (poor, all) = chosen
                .fold((0_u64, 0_u64), |(poor, all), (child, _)| (poor + u64::from(*child < line), all + 1));
            ratio(poor as f64, all as f64)
        };
        Generations {
            children: child[0].len() as u64,
            rank_slope: slope_of(0),
            rank_slope_noiseless: slope_of(1),
            poor_of_poor: share(true),
            poor_of_others: share(false),
        }
    }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    // Nobody is ranked among nobody.
    Distribution::new(values, Weights::Equal).map_or_else(|_| Vec::new(), |all| all.ranks(Omega::MID))
}

fn fifth(rank: f64) -> usize {
    ((rank * 5.0) as usize).min(4)
}

pub(crate) fn moments(y: &[f64], x: &[f64]) -> [f64; 3] {
    let n = y.len() as f64;
    let (mean_y, mean_x) = (y.iter().sum::<f64>() / n, x.iter().sum::<f64>() / n);
    y.iter().zip(x).fold([0.0; 3], |[yy, xy, xx], (y, x)| {
        let (y, x) = (y - mean_y, x - mean_x);
        [yy + y * y, xy + x * y, xx + x * x]
    })
}

pub(crate) fn slope(y: &[f64], x: &[f64]) -> f64 {
    let [_, xy, xx] = moments(y, x);
    xy / xx
}

fn correlation(y: &[f64], x: &[f64]) -> f64 {
    let [yy, xy, xx] = moments(y, x);
    xy / (xx * yy).sqrt()
}

/// `None` for nothing of nothing.
pub(crate) fn ratio(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

/// Mean product of full siblings' standing, whose mean is 0 and variance 1 by construction; all pairs count alike.
fn sibling_correlation(standing: &[f64], family: &[u64]) -> Option<f64> {
    let mut by_family: Vec<(u64, f64)> = family.iter().copied().zip(standing.iter().copied()).collect();
    by_family.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut products, mut pairs) = (0.0, 0.0);
    for family in by_family.chunk_by(|a, b| a.0 == b.0) {
        let sum: f64 = family.iter().map(|(_, standing)| standing).sum();
        let squares: f64 = family.iter().map(|(_, standing)| standing * standing).sum();
        products += sum * sum - squares;
        pairs += (family.len() * (family.len() - 1)) as f64;
    }
    ratio(products, pairs)
}
