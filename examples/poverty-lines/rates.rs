//! Published poverty rates, and why they can or cannot be computed again from public data.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::text_table;

/// A published rate of the country or of an area.
pub(crate) struct Rate {
    pub area: String,
    pub measure: String,
    pub year: i16,
    pub unit: String,
    pub percent: f64,
    /// Number of units and the population that it implies, in thousands.
    pub thousands: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct National {
    measure: String,
    year: i16,
    unit: String,
    count_thousand: Option<f64>,
    percent: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Regional {
    area: String,
    measure: String,
    year: i16,
    unit: String,
    percent: f64,
}

pub(crate) fn read(data: &Path) -> Result<Vec<Rate>> {
    let national = rows::<National>(&data.join("poverty-lines/published_rates_nl.csv"))?;
    let regional = rows::<Regional>(&data.join("cbs-regional/published_points.csv"))?;
    let of_country = national.into_iter().filter_map(|row| {
        Some(Rate {
            area: "Netherlands".into(),
            measure: row.measure,
            year: row.year,
            unit: row.unit,
            percent: row.percent?,
            thousands: row.count_thousand,
        })
    });
    let of_areas = regional.into_iter().map(|row| Rate {
        area: row.area,
        measure: row.measure,
        year: row.year,
        unit: row.unit,
        percent: row.percent,
        thousands: None,
    });
    Ok(of_country.chain(of_areas).collect())
}

/// A municipality in the public table.
#[derive(Debug, Deserialize)]
struct Municipality {
    province: String,
    population: f64,
    mean_household_size: f64,
    pct_households_low_income: f64,
    veenkolonien: String,
}

/// Percentages of households with a low income in areas, from those of their municipalities.
pub(crate) fn areas_table(data: &Path) -> Result<String> {
    let municipalities = rows::<Municipality>(&data.join("cbs-regional/kwb2021_municipalities_income.csv"))?;
    let area = |name: &str, belongs: &dyn Fn(&Municipality) -> bool| {
        let members: Vec<_> = municipalities.iter().filter(|municipality| belongs(municipality)).collect();
        let households = |of: &Municipality| of.population / of.mean_household_size;
        let all: f64 = members.iter().map(|of| households(of)).sum();
        let low: f64 = members.iter().map(|of| households(of) * of.pct_households_low_income).sum();
        vec![
            name.into(),
            members.len().to_string(),
            format!("{:.0}", all / 1000.0),
            format!("{:.1}", low / all),
        ]
    };
    let cells = vec![
        area("Veenkoloniën", &|of| of.veenkolonien == "yes"),
        area("Drenthe", &|of| of.province == "Drenthe"),
        area("Groningen", &|of| of.province == "Groningen"),
        area("Netherlands", &|_| true),
    ];
    let header = ["area", "municipalities", "thousand households", "percent with low income"];
    Ok(format!(
        "Households with a low income by area, from the percentages of municipalities\n{}\n  Weighted by households (inhabitants over mean size). Municipalities of 2021; the year of the incomes is not named in the table.\n",
        text_table(&header, cells, 1)
    ))
}

fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let context = || path.display().to_string();
    let mut reader = csv::Reader::from_path(path).with_context(context)?;
    reader.deserialize().collect::<Result<_, _>>().with_context(context)
}

impl Rate {
    pub(crate) fn measure_in_words(&self) -> String {
        self.measure.replace('_', " ")
    }

    /// Population behind the rate, in thousands: the number over the share.
    fn population(&self) -> Option<f64> {
        Some(self.thousands? / self.percent * 100.0)
    }
}

pub(crate) fn table(rates: &[Rate]) -> String {
    let cells = rates.iter().map(|rate| {
        let whole = |number: Option<f64>| number.map_or("–".into(), |number| format!("{number:.0}"));
        vec![
            rate.area.clone(),
            rate.measure_in_words(),
            rate.unit.clone(),
            rate.year.to_string(),
            format!("{:.1}", rate.percent),
            whole(rate.thousands),
            whole(rate.population()),
        ]
    });
    let header = ["area", "measure", "of", "year", "percent", "thousands", "of thousands"];
    format!(
        "Published poverty rates\n{}\n  Of thousands: the population that number and percentage imply; those of long-term rates are smaller, since they need four years.\n  None can be computed again here: rates of the country, and of people of 22 to 26, need the income of every household (microdata);\n  the public table of municipalities has one year, which its source does not name, and no published rate of that year was found.\n",
        text_table(&header, cells.collect(), 3)
    )
}
