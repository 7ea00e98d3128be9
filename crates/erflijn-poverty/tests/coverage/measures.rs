//! Every measure with an error, beside its truth.

use erflijn_core::{Linearised, Weights};
use erflijn_poverty::time::{LongTermRule, SpellKind, StatusPanel, share_linearised, survival_linearised};
use erflijn_poverty::{
    Boundary, Centre, CommonLine, CountingMeasure, CountingRule, DeprivationCutoff, Deprivations, GiniPairs,
    Parade, PovertyError, PovertyMeasure, QuintileLimits, Sample, atkinson_linearised,
    generalised_entropy_linearised, gini_linearised, lorenz_ordinate_linearised,
    quintile_share_ratio_linearised,
};
use ndarray::Array2;

use crate::people::{CUTOFFS, Drawn, FIXED, LAST_YEAR, Of, incomes, people};
use crate::truth::{DIMENSIONS, Histories, YEARS, counting};

/// A sample made ready for all measures.
pub(crate) struct View<'a> {
    whole: Sample<'a>,
    domain: Sample<'a>,
    parades: [Parade<'a>; 2],
    /// Known, of the median, of the mean.
    lines: [CommonLine; 3],
    achievements: Array2<f64>,
    panel: StatusPanel,
    members: &'a [bool],
}

impl<'a> View<'a> {
    pub(crate) fn new(drawn: &'a Drawn, weights: Weights<'a>) -> Self {
        let whole = Sample::new(&drawn.incomes, weights).unwrap();
        let domain = whole.domain(&drawn.members).unwrap();
        let boundary = Boundary::StrictlyBelow;
        let relative = |centre| CommonLine::relative(&whole, 0.6, centre, boundary).unwrap();
        Self {
            whole,
            domain,
            parades: [whole, domain].map(|sample| Parade::new(sample).unwrap()),
            lines: [
                CommonLine::fixed(FIXED, boundary).unwrap(),
                relative(Centre::Median),
                relative(Centre::Mean),
            ],
            achievements: Array2::from_shape_vec((drawn.incomes.len(), 3), drawn.achievements.clone())
                .unwrap(),
            panel: StatusPanel::from_rows(2010, YEARS, &drawn.statuses).unwrap(),
            members: &drawn.members,
        }
    }

    fn sample(&self, of: Of) -> &Sample<'a> {
        if of == Of::Domain { &self.domain } else { &self.whole }
    }

    fn parade(&self, of: Of) -> &Parade<'a> {
        &self.parades[usize::from(of == Of::Domain)]
    }

    fn counted(&self, of: Of, measure: CountingMeasure) -> Result<Linearised, PovertyError> {
        let rule = CountingRule::new(DIMENSIONS.to_vec(), DeprivationCutoff::AtLeast(0.5))?;
        let (weights, boundary) = (self.whole.weights(), Boundary::StrictlyBelow);
        let all = Deprivations::from_achievements(&self.achievements, &CUTOFFS, boundary, weights)?;
        let people = if of == Of::Domain { all.domain(self.members)? } else { all };
        people.linearised(&rule, measure)
    }

    fn long_term(&self, rule: LongTermRule) -> Result<Linearised, PovertyError> {
        share_linearised(&rule.statuses(&self.panel, LAST_YEAR)?, self.whole.weights())
    }
}

/// A measure with its true value.
pub(crate) struct Measure {
    pub(crate) name: String,
    pub(crate) truth: f64,
    pub(crate) of: Statistic,
}

type Statistic = Box<dyn Fn(&View<'_>) -> Result<Linearised, PovertyError>>;

fn measure(
    name: impl Into<String>,
    truth: f64,
    of: impl Fn(&View<'_>) -> Result<Linearised, PovertyError> + 'static,
) -> Measure {
    Measure { name: name.into(), truth, of: Box::new(of) }
}

pub(crate) fn all_measures() -> Vec<Measure> {
    let known = [(Of::Everybody, 0), (Of::Everybody, 1), (Of::Everybody, 2), (Of::Domain, 1)];
    let of_lines = known.into_iter().flat_map(|(of, line)| POVERTY.map(|one| against_line(one, of, line)));
    [Of::Everybody, Of::Domain]
        .into_iter()
        .flat_map(|of| [inequality_measures(of), counting_measures(of)])
        .flatten()
        .chain(of_lines)
        .chain((1..3).map(|line| {
            measure(LINES[line], line_in_euros(line), move |view| Ok(view.lines[line].linearised()?.unwrap()))
        }))
        .chain(measures_over_time())
        .collect()
}

const POVERTY: [PovertyMeasure; 8] = [
    PovertyMeasure::Headcount,
    PovertyMeasure::PovertyGap,
    PovertyMeasure::FosterGreerThorbecke { alpha: 2.0 },
    PovertyMeasure::Watts,
    PovertyMeasure::Sen,
    PovertyMeasure::SenShorrocksThon,
    PovertyMeasure::IncomeGapRatio,
    PovertyMeasure::RelativeMedianGap,
];

pub(crate) const LINES: [&str; 3] = ["known line", "0.6 of the median", "0.6 of the mean"];

fn line_in_euros(line: usize) -> f64 {
    let everybody = incomes(Of::Everybody);
    [FIXED, 0.6 * everybody.quantile(0.5), 0.6 * everybody.moment(1.0)][line]
}

/// Lines are those of everybody, in a domain too.
pub(crate) fn against_line(one: PovertyMeasure, of: Of, line: usize) -> Measure {
    let truth = incomes(of).poverty(one, line_in_euros(line));
    measure(format!("{one:?}, {}, {of:?}", LINES[line]), truth, move |view| {
        one.linearised(view.sample(of), &view.lines[line])
    })
}

pub(crate) fn inequality_measures(of: Of) -> Vec<Measure> {
    let people = incomes(of);
    let mut all = Vec::new();
    for pairs in [GiniPairs::All, GiniPairs::Distinct] {
        all.push(measure(format!("Gini {pairs:?}, {of:?}"), people.gini(), move |view| {
            gini_linearised(view.parade(of), pairs)
        }));
    }
    for limits in [QuintileLimits::Whole, QuintileLimits::Fractional] {
        if limits == QuintileLimits::Whole && of == Of::Domain {
            // Off by a third of a standard error among 480 people: see WHOLE_PEOPLE.
            continue;
        }
        let (name, truth) = (format!("QSR {limits:?}, {of:?}"), people.quintile_share_ratio());
        all.push(measure(name, truth, move |view| quintile_share_ratio_linearised(view.parade(of), limits)));
    }
    for alpha in [-1.0, 0.0, 1.0, 2.0] {
        all.push(measure(format!("GE({alpha}), {of:?}"), people.entropy(alpha), move |view| {
            generalised_entropy_linearised(view.sample(of), alpha)
        }));
    }
    for epsilon in [0.5, 1.0, 2.0] {
        all.push(measure(format!("Atkinson({epsilon}), {of:?}"), people.atkinson(epsilon), move |view| {
            atkinson_linearised(view.sample(of), epsilon)
        }));
    }
    for share in [0.2, 0.5] {
        all.push(measure(format!("Lorenz({share}), {of:?}"), people.lorenz(share), move |view| {
            lorenz_ordinate_linearised(view.parade(of), share)
        }));
    }
    all
}

fn counting_measures(of: Of) -> Vec<Measure> {
    let (headcount, adjusted) = counting(&people(of));
    // Gaps are uniform between 0 and 1.
    [
        (CountingMeasure::Headcount, headcount),
        (CountingMeasure::Intensity, adjusted / headcount),
        (CountingMeasure::AdjustedHeadcount, adjusted),
        (CountingMeasure::AdjustedGap, adjusted / 2.0),
    ]
    .into_iter()
    .map(|(one, truth)| {
        measure(format!("counting {one:?}, {of:?}"), truth, move |view| view.counted(of, one))
    })
    .collect()
}

fn measures_over_time() -> Vec<Measure> {
    let histories = Histories::new(&people(Of::Everybody));
    let mut all = vec![
        measure("four years of four", histories.long_term, |view| view.long_term(LongTermRule::FOUR_OF_FOUR)),
        measure("persistent", histories.persistent, |view| view.long_term(LongTermRule::EU_PERSISTENT)),
    ];
    for duration in [1, 3] {
        all.push(measure(format!("survival({duration})"), histories.survival(duration), move |view| {
            survival_linearised(&view.panel, view.whole.weights(), SpellKind::Poverty, duration)
        }));
    }
    all
}
