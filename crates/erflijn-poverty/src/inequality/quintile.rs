use erflijn_core::{CompensatedSum, Linearised};

use crate::parade::finite;
use crate::{Parade, PovertyError};

const MEASURE: &str = "quintile share ratio";

/// Where the people go whose income is exactly a quintile limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum QuintileLimits {
    /// Whole people: the poorest fifth are all at or below the first limit, the richest all *above* the fourth.
    /// Groups may weigh a little more or less than a fifth, and more than a little where incomes are heaped on
    /// round amounts. What Eurostat publishes. In small samples it is biased low, by 0.2 standard errors for
    /// 1,200 persons: whoever straddles a limit counts at the bottom whole, and at the top not at all.
    #[default]
    Whole,
    /// The people at a limit are divided, so that both groups weigh a fifth exactly: the ratio of two pieces of
    /// the Lorenz curve, `(1 - L(0.8)) / L(0.2)`. It does not jump when one person moves.
    Fractional,
}

/// Income quintile share ratio S80/S20: total income of the richest fifth over that of the poorest.
///
/// Limits are inverse-ecdf quantiles, [`Distribution::cut_blocks`](erflijn_core::Distribution::cut_blocks).
/// Eurostat takes the mean of two neighbouring incomes where the cumulated weight hits a fifth exactly; that
/// puts the same people in the same groups. DIFFERENCE: R `laeken` 0.5.2 documents that mean but never reaches
/// it, takes the next higher income instead, and finds 0 for the incomes 1 to 5, where the ratio is 5.
///
/// Negative incomes are allowed as long as the poorest fifth has more than nothing together.
///
/// # Units
/// None: euros over euros. 1 when all are equal and limits are fractional.
///
/// # Errors
/// [`PovertyError::Undefined`] when the poorest fifth has no income, or, with whole people, when nobody lies
/// above the fourth limit (as when all are equal).
///
/// # Complexity
/// One pass over the parade.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{Parade, QuintileLimits, Sample, quintile_share_ratio};
///
/// // Six people: a fifth is 1.2 of them. Whole: 6 / (1 + 2). Fractional: (6 + 0.2 * 5) / (1 + 0.2 * 2).
/// let parade = Parade::new(Sample::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], Weights::Equal)?)?;
/// assert!((quintile_share_ratio(&parade, QuintileLimits::Whole)? - 2.0).abs() < 1e-12);
/// assert!((quintile_share_ratio(&parade, QuintileLimits::Fractional)? - 5.0).abs() < 1e-12);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Eurostat, 2004, *Common cross-sectional EU indicators based on EU-SILC*, working paper EU-SILC 131-rev/04,
/// published as table ilc_di11; Alfons and Templ, 2013, *Journal of Statistical Software* 54(15),
/// <https://doi.org/10.18637/jss.v054.i15>. Langel and Tillé, 2011, *Journal of Statistical Planning and
/// Inference* 141(8), 2976-2985, for the fractional ratio.
pub fn quintile_share_ratio(parade: &Parade<'_>, limits: QuintileLimits) -> Result<f64, PovertyError> {
    Ok(Fifths::new(parade, limits)?.ratio)
}

/// The same with what each person contributes to its error.
///
/// ```text
/// total up to share p:  l_k = (x_k - q) [x_k <= q] + p q,     q the limit
/// z_k = (x_k - l_k(0.8) - R l_k(0.2)) / (income of the poorest fifth)
/// ```
///
/// With fractional limits this is the derivative with respect to a person's weight, exactly, except for the
/// people at a limit, where the ratio has a kink. With whole people the ratio is a step function of the
/// weights; this is then the derivative of its smooth twin. It needs no density, hence no bandwidth: R
/// `convey::svyqsr` divides two kernel estimates whose ratio is `q` in the limit. Delete-one jackknife errors
/// are not consistent for the whole variant.
///
/// # Errors
/// Those of [`quintile_share_ratio`].
///
/// # Complexity
/// Two passes over the parade.
///
/// # References
/// Langel and Tillé, 2011, as above; Osier, 2009, *Survey Research Methods* 3(3), 167-195,
/// <https://doi.org/10.18148/srm/2009.v3i3.369>.
pub fn quintile_share_ratio_linearised(
    parade: &Parade<'_>,
    limits: QuintileLimits,
) -> Result<Linearised, PovertyError> {
    let fifths = Fifths::new(parade, limits)?;
    let (first, fourth) = fifths.limits;
    let up_to = |income: f64, limit: f64, share: f64| (income - limit).min(0.0) + share * limit;
    let by_block: Vec<f64> = parade
        .distribution()
        .values()
        .iter()
        .map(|&income| {
            let richest = income - up_to(income, fourth, 0.8);
            (richest - fifths.ratio * up_to(income, first, 0.2)) / fifths.poorest
        })
        .collect();
    Ok(parade.linearised(fifths.ratio, &by_block))
}

struct Fifths {
    limits: (f64, f64),
    poorest: f64,
    ratio: f64,
}

impl Fifths {
    fn new(parade: &Parade<'_>, limits: QuintileLimits) -> Result<Self, PovertyError> {
        let distribution = parade.distribution();
        let values = distribution.values();
        let cuts = distribution.cut_blocks(5);
        let (first, fourth) = (cuts[0], cuts[3]);
        let income = |block: usize| distribution.weight_at(block) * values[block];
        let mut poorest: CompensatedSum = (0..first).map(income).collect();
        let mut richest: CompensatedSum = (fourth + 1..values.len()).map(income).collect();
        let above = parade.total() - distribution.weight_below(fourth + 1);
        match limits {
            QuintileLimits::Whole if above <= 0.0 => {
                let reason = "nobody lies above the fourth quintile limit";
                return Err(PovertyError::Undefined { measure: MEASURE, reason });
            }
            QuintileLimits::Whole => poorest.add(income(first)),
            QuintileLimits::Fractional => {
                let fifth = parade.total() / 5.0;
                poorest.add((fifth - distribution.weight_below(first)) * values[first]);
                richest.add((fifth - above) * values[fourth]);
            }
        }
        let poorest = poorest.value();
        if poorest <= 0.0 {
            let reason = "the poorest fifth has no income";
            return Err(PovertyError::Undefined { measure: MEASURE, reason });
        }
        let ratio = finite(richest.value() / poorest, MEASURE)?;
        Ok(Self { limits: (values[first], values[fourth]), poorest, ratio })
    }
}
