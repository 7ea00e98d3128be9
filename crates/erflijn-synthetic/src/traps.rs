use crate::SyntheticError;

/// Faults to plant in register files, as they occur in real ones: probabilities for each row, household or object.
///
/// What registers say by design is not a trap here and is always there: dashes for unknown parents, two eras of income files with
/// their own codes for missing amounts and days of composition, codes below zero for institutions, student households, and
/// municipality codes that change with the year, parents who are not known, and people born on 29 February.
///
/// # Units
/// Probabilities from 0 to 1.
///
/// # Examples
/// ```
/// use erflijn_synthetic::Traps;
/// assert_eq!(Traps::none().missing_income, 0.0);
/// let traps = Traps { missing_income: 0.1, ..Traps::default() };
/// assert!(traps.negative_income < 0.01);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Traps {
    /// `GBAPERSOON`: month and day of birth are dashes.
    pub unknown_birth_month: f64,
    /// `GBAPERSOON`: the sex is a dash.
    pub unknown_sex: f64,
    /// `GBAPERSOON`: a second person has the number, under class S.
    pub number_in_two_classes: f64,
    /// `GBAPERSOON`: a further row has a key that identifies nobody (class N, dashes).
    pub unidentified_row: f64,
    /// `GBAPERSOON`: the row occurs twice. By default never: a strict reader refuses such a file.
    pub repeated_person_row: f64,
    /// `GBAPERSOON`: month and day of birth were another, 1 July, in the version before. Above 0 there are two
    /// versions, 9 and 10, so that the older comes last in the order of the alphabet.
    pub changed_between_versions: f64,
    /// `KINDOUDER`: the child's own number stands as its mother's.
    pub own_number_as_mother: f64,
    /// `KINDOUDER`: a known father is replaced by somebody born after the child.
    pub father_younger_than_child: f64,
    /// `KINDOUDER`: the row occurs twice. By default never: a strict reader refuses such a file.
    pub repeated_parent_row: f64,
    /// `GBAHUISHOUDENS`: the row occurs twice.
    pub repeated_household_row: f64,
    /// `GBAHUISHOUDENS`: a further row puts the person in another household on the same days.
    pub overlapping_household: f64,
    /// `GBAADRESOBJECT`: a further row puts the person at another address on the same days.
    pub overlapping_address: f64,
    /// `VSLGWB`: all municipalities and districts of the object are dashes.
    pub unknown_municipality: f64,
    /// Income of a private household is missing: all nines, -1 for percentages, 998 in `INHARMA`.
    pub missing_income: f64,
    /// Income of a private household is negative.
    pub negative_income: f64,
    /// Income of a private household is zero.
    pub zero_income: f64,
    /// Income of a private household is that of three to eleven months, which no column tells.
    pub part_year_income: f64,
    /// Wealth of a household that is no institution is missing: eleven nines.
    pub missing_wealth: f64,
    /// Any file: its columns have names in lower case, as in converted copies.
    pub lower_case_names: f64,
}

impl Default for Traps {
    fn default() -> Self {
        Self {
            unknown_birth_month: 0.002,
            unknown_sex: 0.0002,
            number_in_two_classes: 0.0002,
            unidentified_row: 0.0005,
            repeated_person_row: 0.0,
            changed_between_versions: 0.001,
            own_number_as_mother: 0.0005,
            father_younger_than_child: 0.0005,
            repeated_parent_row: 0.0,
            repeated_household_row: 0.0002,
            overlapping_household: 0.0003,
            overlapping_address: 0.0003,
            unknown_municipality: 0.001,
            missing_income: 0.01,
            negative_income: 0.003,
            zero_income: 0.003,
            part_year_income: 0.01,
            missing_wealth: 0.01,
            lower_case_names: 0.1,
        }
    }
}

impl Traps {
    /// No faults at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            unknown_birth_month: 0.0,
            unknown_sex: 0.0,
            number_in_two_classes: 0.0,
            unidentified_row: 0.0,
            repeated_person_row: 0.0,
            changed_between_versions: 0.0,
            own_number_as_mother: 0.0,
            father_younger_than_child: 0.0,
            repeated_parent_row: 0.0,
            repeated_household_row: 0.0,
            overlapping_household: 0.0,
            overlapping_address: 0.0,
            unknown_municipality: 0.0,
            missing_income: 0.0,
            negative_income: 0.0,
            zero_income: 0.0,
            part_year_income: 0.0,
            missing_wealth: 0.0,
            lower_case_names: 0.0,
        }
    }

    pub(crate) fn check(&self) -> Result<(), SyntheticError> {
        for (name, found) in [
            ("traps.unknown_birth_month", self.unknown_birth_month),
            ("traps.unknown_sex", self.unknown_sex),
            ("traps.number_in_two_classes", self.number_in_two_classes),
            ("traps.unidentified_row", self.unidentified_row),
            ("traps.repeated_person_row", self.repeated_person_row),
            ("traps.changed_between_versions", self.changed_between_versions),
            ("traps.own_number_as_mother", self.own_number_as_mother),
            ("traps.father_younger_than_child", self.father_younger_than_child),
            ("traps.repeated_parent_row", self.repeated_parent_row),
            ("traps.repeated_household_row", self.repeated_household_row),
            ("traps.overlapping_household", self.overlapping_household),
            ("traps.overlapping_address", self.overlapping_address),
            ("traps.unknown_municipality", self.unknown_municipality),
            ("traps.missing_income", self.missing_income),
            ("traps.negative_income", self.negative_income),
            ("traps.zero_income", self.zero_income),
            ("traps.part_year_income", self.part_year_income),
            ("traps.missing_wealth", self.missing_wealth),
            ("traps.lower_case_names", self.lower_case_names),
            (
                "the sum of traps.missing_income, traps.negative_income and traps.zero_income",
                self.missing_income + self.negative_income + self.zero_income,
            ),
        ] {
            if !(0.0..=1.0).contains(&found) {
                return Err(SyntheticError::OutOfRange { name, found, low: 0.0, high: 1.0 });
            }
        }
        Ok(())
    }
}

/// What was written, and what was planted in it: exact counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Written {
    /// The register files, in the order of their registers and years.
    pub files: Vec<WrittenFile>,
    /// Persons whose month and day of birth are dashes.
    pub unknown_birth_months: u64,
    /// Persons whose sex is a dash.
    pub unknown_sexes: u64,
    /// Numbers that occur under two classes.
    pub numbers_in_two_classes: u64,
    /// Rows of persons whose key identifies nobody.
    pub unidentified_rows: u64,
    /// Rows of persons that repeat the one before.
    pub repeated_person_rows: u64,
    /// Persons born on 29 February; not a trap.
    pub born_on_29_february: u64,
    /// Persons who had another month and day of birth in the version before.
    pub changed_between_versions: u64,
    /// Children with dashes for the father; not a trap.
    pub children_without_father: u64,
    /// Children with dashes for the mother; not a trap.
    pub children_without_mother: u64,
    /// Children with dashes for both; not a trap.
    pub children_without_parent: u64,
    /// Children whose own number stands as the mother's.
    pub own_number_as_mother: u64,
    /// Children whose father was born after them.
    pub fathers_younger_than_child: u64,
    /// Rows of children that repeat the one before.
    pub repeated_parent_rows: u64,
    /// Household rows that repeat the one before.
    pub repeated_household_rows: u64,
    /// Household rows that put somebody in a second household.
    pub overlapping_households: u64,
    /// Address rows that put somebody at a second address.
    pub overlapping_addresses: u64,
    /// Objects whose municipality is unknown, in each edition of the region table.
    pub unknown_municipalities: u64,
    /// Files whose columns have names in lower case.
    pub files_with_lower_case_names: u64,
}

impl Written {
    /// Adds what another part wrote.
    pub(crate) fn add(&mut self, mut other: Self) {
        self.files.append(&mut other.files);
        for (sum, part) in self.counts().into_iter().zip(other.counts()) {
            *sum += *part;
        }
    }

    fn counts(&mut self) -> [&mut u64; 18] {
        [
            &mut self.unknown_birth_months,
            &mut self.unknown_sexes,
            &mut self.numbers_in_two_classes,
            &mut self.unidentified_rows,
            &mut self.repeated_person_rows,
            &mut self.born_on_29_february,
            &mut self.changed_between_versions,
            &mut self.children_without_father,
            &mut self.children_without_mother,
            &mut self.children_without_parent,
            &mut self.own_number_as_mother,
            &mut self.fathers_younger_than_child,
            &mut self.repeated_parent_rows,
            &mut self.repeated_household_rows,
            &mut self.overlapping_households,
            &mut self.overlapping_addresses,
            &mut self.unknown_municipalities,
            &mut self.files_with_lower_case_names,
        ]
    }
}

/// A register file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WrittenFile {
    /// Its name.
    pub name: String,
    /// Rows of data, planted ones included.
    pub rows: u64,
    /// Households with missing income; 0 where the file has no incomes, as are the next five.
    pub missing_incomes: u64,
    /// Households with negative disposable income.
    pub negative_incomes: u64,
    /// Households with a disposable income of zero.
    pub zero_incomes: u64,
    /// Households with the income of a part of the year.
    pub part_year_incomes: u64,
    /// Institutions, whose income and wealth are never there; not a trap.
    pub institutions: u64,
    /// Student households; not a trap.
    pub student_households: u64,
    /// Households with -4 for the four years: not in the population of private households in an earlier one; not a trap.
    pub not_in_earlier_population: u64,
    /// Households with missing wealth; 0 where the file has none, as is the next.
    pub missing_wealth: u64,
    /// Households with more debts than possessions; not a trap.
    pub negative_wealth: u64,
}
