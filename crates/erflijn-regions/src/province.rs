use std::fmt;

/// A Dutch province, by the land it has today.
///
/// Land that changed provinces counts for the province in which it lies in 2021, in every year: Flevoland is
/// there before 1986, and Leerdam is in Utrecht before 2019.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Province {
    /// Groningen.
    Groningen,
    /// Friesland (Fryslân).
    Friesland,
    /// Drenthe.
    Drenthe,
    /// Overijssel.
    Overijssel,
    /// Flevoland.
    Flevoland,
    /// Gelderland.
    Gelderland,
    /// Utrecht.
    Utrecht,
    /// Noord-Holland.
    NoordHolland,
    /// Zuid-Holland.
    ZuidHolland,
    /// Zeeland.
    Zeeland,
    /// Noord-Brabant.
    NoordBrabant,
    /// Limburg.
    Limburg,
}

impl Province {
    /// All twelve, from north to south.
    pub const ALL: [Self; 12] = [
        Self::Groningen,
        Self::Friesland,
        Self::Drenthe,
        Self::Overijssel,
        Self::Flevoland,
        Self::Gelderland,
        Self::Utrecht,
        Self::NoordHolland,
        Self::ZuidHolland,
        Self::Zeeland,
        Self::NoordBrabant,
        Self::Limburg,
    ];

    /// Its name, for print.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Groningen => "Groningen",
            Self::Friesland => "Friesland",
            Self::Drenthe => "Drenthe",
            Self::Overijssel => "Overijssel",
            Self::Flevoland => "Flevoland",
            Self::Gelderland => "Gelderland",
            Self::Utrecht => "Utrecht",
            Self::NoordHolland => "Noord-Holland",
            Self::ZuidHolland => "Zuid-Holland",
            Self::Zeeland => "Zeeland",
            Self::NoordBrabant => "Noord-Brabant",
            Self::Limburg => "Limburg",
        }
    }
}

impl fmt::Display for Province {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
