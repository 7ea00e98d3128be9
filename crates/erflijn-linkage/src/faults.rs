use erflijn_core::PersonKey;

/// Persons whose records contradict themselves, among those checked.
///
/// A fault of one person in a sound file is no error: the person is set aside and counted. A file in
/// which many persons are at fault is not sound, and [`Self::share`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// What is wrong, in words.
    pub what: &'static str,
    /// Persons checked.
    pub checked: u64,
    /// Persons at fault.
    pub found: u64,
    /// The first few persons at fault, in the order of their keys. Never to leave the closed environment.
    pub examples: Vec<PersonKey>,
}

impl Faults {
    const EXAMPLES: usize = 3;

    /// Counts the persons `at_fault` of `checked`.
    #[must_use]
    pub fn new(what: &'static str, checked: u64, mut at_fault: Vec<PersonKey>) -> Self {
        at_fault.sort_unstable();
        at_fault.dedup();
        let found = at_fault.len() as u64;
        at_fault.truncate(Self::EXAMPLES);
        Self { what, checked, found, examples: at_fault }
    }

    /// Share of the persons checked that are at fault; zero when nobody was checked.
    ///
    /// # Units
    /// Share in `0..=1`.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.checked == 0 { 0.0 } else { self.found as f64 / self.checked as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;

    #[test]
    fn a_person_is_at_fault_once() {
        let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
        let faults = Faults::new("overlapping spells", 10, vec![key(5), key(1), key(5), key(4), key(3)]);
        assert_eq!(faults.found, 4);
        assert_eq!(faults.examples, [key(1), key(3), key(4)]);
        assert!((faults.share() - 0.4).abs() < 1e-15);
    }
}
