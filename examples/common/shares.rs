use anyhow::Result;
use erflijn::core::{Clusters, Estimate, Linearised, SamplingPlan, SurveyDesign, Weights};

/// Persons of whom shares are taken, members of one family clustered.
#[derive(Debug)]
pub struct Shares<'a> {
    design: SurveyDesign<'a>,
    persons: usize,
}

impl<'a> Shares<'a> {
    /// Everybody with the family that he or she belongs to.
    ///
    /// # Errors
    /// Nobody at all, or a single family.
    pub fn new(families: &[u32]) -> Result<Self> {
        let plan = SamplingPlan { clusters: Clusters::Unique(families), ..SamplingPlan::default() };
        Ok(Self { design: SurveyDesign::new(families.len(), Weights::Equal, plan)?, persons: families.len() })
    }

    /// The share with `of` among those with `among`, by their places.
    ///
    /// # Errors
    /// Nobody is among them.
    pub fn share(&self, of: impl Fn(usize) -> bool, among: impl Fn(usize) -> bool) -> Result<Linearised> {
        let count = |holds: &dyn Fn(usize) -> bool| {
            let ones: Vec<f64> = (0..self.persons).map(|person| f64::from(u8::from(holds(person)))).collect();
            Linearised::total(&ones, Weights::Equal)
        };
        Ok(count(&|person| among(person) && of(person))?.over(&count(&among)?)?)
    }

    /// The same with its error.
    ///
    /// # Errors
    /// Nobody is among them.
    pub fn estimate(&self, of: impl Fn(usize) -> bool, among: impl Fn(usize) -> bool) -> Result<Estimate> {
        Ok(self.design.estimate(&self.share(of, among)?)?)
    }

    /// Any statistic of these persons with its error.
    ///
    /// # Errors
    /// A statistic of other persons.
    pub fn of(&self, statistic: &Linearised) -> Result<Estimate> {
        Ok(self.design.estimate(statistic)?)
    }
}
