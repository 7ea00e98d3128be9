use std::fmt;

use erflijn_core::Date;

/// A register that this crate knows the layout of.
///
/// # References
/// Layouts as seen in public descriptions of Statistics Netherlands and in public code that runs on
/// the registers; the crate page says where that leaves room for doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Register {
    /// `GBAPERSOON`: one row per person ever registered since 1995.
    Persons,
    /// `KINDOUDER`: one row per child, with its legal parents.
    ParentChild,
    /// `GBAHUISHOUDENS`: spells of living in one household.
    HouseholdSpells,
    /// `GBAADRESOBJECT`: spells of living at one address.
    AddressSpells,
    /// `VSLGWB`: municipality of every object (dwelling) by classification year.
    Regions,
    /// `HUISHBVRINK` to 2010, `INHA` from 2011: income of every household in a year.
    HouseholdIncome,
    /// `Koppeltabel_IPI_IHI_IVB` to 2010, `KOPPELPERSOONHUISHOUDEN` from 2011: household of every person in a year.
    HouseholdOf,
    /// `INHARMA`, from 2018: household income as a percentage of the poverty line of 2024.
    PovertyPercentage,
}

impl Register {
    /// All registers.
    pub const ALL: [Self; 8] = [
        Self::Persons,
        Self::ParentChild,
        Self::HouseholdSpells,
        Self::AddressSpells,
        Self::Regions,
        Self::HouseholdIncome,
        Self::HouseholdOf,
        Self::PovertyPercentage,
    ];

    /// Names that its files carry, each with the era in which they do (`None`: in both).
    pub(crate) fn names(self) -> &'static [(&'static str, Option<Era>)] {
        match self {
            Self::Persons => &[("GBAPERSOON", None)],
            Self::ParentChild => &[("KINDOUDER", None)],
            Self::HouseholdSpells => &[("GBAHUISHOUDENS", None)],
            Self::AddressSpells => &[("GBAADRESOBJECT", None)],
            Self::Regions => &[("VSLGWB", None)],
            Self::HouseholdIncome => &[("HUISHBVRINK", Some(Era::To2010)), ("INHA", Some(Era::From2011))],
            Self::HouseholdOf => &[
                ("Koppeltabel_IPI_IHI_IVB", Some(Era::To2010)),
                ("KOPPELPERSOONHUISHOUDEN", Some(Era::From2011)),
            ],
            Self::PovertyPercentage => &[("INHARMA", Some(Era::From2011))],
        }
    }
}

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, _)) in self.names().iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

/// The two income statistics, before and after the revision of 2011.
///
/// File names, column names, the code for a missing amount and the day on which households are
/// composed all change at the break; so does the concept of income.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Era {
    /// Income years to 2010: `HUISHBVRINK` and `Koppeltabel_IPI_IHI_IVB`, keyed by `KERN`.
    To2010,
    /// Income years from 2011: `INHA` and `KOPPELPERSOONHUISHOUDEN`, keyed by `HKW`.
    From2011,
}

impl Era {
    /// The era of an income year.
    #[must_use]
    pub fn of(year: i16) -> Self {
        if year <= 2010 { Self::To2010 } else { Self::From2011 }
    }

    /// The amount that stands for a missing one: nine nines to 2010, ten nines from 2011.
    ///
    /// # Units
    /// Euros per year, were it an amount.
    #[must_use]
    pub fn missing_amount(self) -> f64 {
        match self {
            Self::To2010 => 999_999_999.0,
            Self::From2011 => 9_999_999_999.0,
        }
    }

    /// Columns of the household key: class and number of the main earner.
    #[must_use]
    pub fn household_columns(self) -> [&'static str; 2] {
        match self {
            Self::To2010 => ["RINPERSOONSKERN", "RINPERSOONKERN"],
            Self::From2011 => ["RINPERSOONSHKW", "RINPERSOONHKW"],
        }
    }

    /// Columns of gross, primary, disposable and standardised household income.
    #[must_use]
    pub fn income_columns(self) -> [&'static str; 4] {
        match self {
            Self::To2010 => ["BVRBRUTINKH", "BVRPRIMINKH", "BVRBESTINKH", "BVRGESTINKH"],
            Self::From2011 => ["INHBRUTINKH", "INHPRIMINKH", "INHBESTINKH", "INHGESTINKH"],
        }
    }

    /// The day in `year` on which the households of that income year are composed: 31 December to
    /// 2010, 1 January from 2011.
    ///
    /// The second rests on indirect evidence: a published table on the same files defines its
    /// population on 1 January, and ownership in them is documented as of that day. The public
    /// description of the income files themselves was not seen to say so.
    ///
    /// # Panics
    /// Never for years from -9999 to 9999.
    #[must_use]
    pub fn composition_date(self, year: i16) -> Date {
        let (month, day) = match self {
            Self::To2010 => (12, 31),
            Self::From2011 => (1, 1),
        };
        Date::new(year, month, day).expect("31 December and 1 January are in every year of the calendar")
    }

    /// The other era.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::To2010 => Self::From2011,
            Self::From2011 => Self::To2010,
        }
    }
}
