//! The files of the folder `data`, as they are read; `data/README.md` says where they come from.

use std::str::FromStr;

use erflijn_core::MunicipalityCode;

use crate::Province;

const BLOCKS: &str = include_str!("../data/blocks.csv");
const MUNICIPALITIES: &str = include_str!("../data/municipalities.csv");
const SPLITS: &str = include_str!("../data/splits.csv");
const REUSES: &str = include_str!("../data/reuses.csv");
const REGION_SETS: &str = include_str!("../data/region_sets.csv");

const SOUND: &str = "the embedded files are checked by the tests";

pub(crate) struct BlockRow {
    pub(crate) block: usize,
    pub(crate) from_year: i16,
    pub(crate) code: MunicipalityCode,
}

pub(crate) struct MunicipalityRow {
    pub(crate) code: MunicipalityCode,
    pub(crate) name: &'static str,
    pub(crate) province: Province,
}

pub(crate) struct SplitRow {
    pub(crate) code: MunicipalityCode,
    pub(crate) undivided_until: i16,
    pub(crate) divided_from: i16,
    pub(crate) part: Option<MunicipalityCode>,
    pub(crate) addresses: Option<u32>,
}

pub(crate) struct RegionSetRow {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) classification_year: i16,
    pub(crate) source: &'static str,
    pub(crate) codes: Vec<MunicipalityCode>,
}

pub(crate) fn blocks() -> impl Iterator<Item = BlockRow> {
    rows(BLOCKS).map(|[block, from_year, code]| BlockRow {
        block: read(block),
        from_year: read(from_year),
        code: read(code),
    })
}

pub(crate) fn municipalities() -> impl Iterator<Item = MunicipalityRow> {
    rows(MUNICIPALITIES).map(|[code, name, _, province]| MunicipalityRow {
        code: read(code),
        name,
        province: Province::ALL.into_iter().find(|known| known.name() == province).expect(SOUND),
    })
}

pub(crate) fn splits() -> impl Iterator<Item = SplitRow> {
    rows(SPLITS).map(|[code, undivided_until, divided_from, part, addresses]| SplitRow {
        code: read(code),
        undivided_until: read(undivided_until),
        divided_from: read(divided_from),
        part: (!part.is_empty()).then(|| read(part)),
        addresses: (!addresses.is_empty()).then(|| read(addresses)),
    })
}

pub(crate) fn reuses() -> impl Iterator<Item = (MunicipalityCode, i16)> {
    rows(REUSES).map(|[code, year]| (read(code), read(year)))
}

pub(crate) fn region_sets() -> impl Iterator<Item = RegionSetRow> {
    rows(REGION_SETS).map(|[id, name, classification_year, source, codes]| RegionSetRow {
        id,
        name,
        classification_year: read(classification_year),
        source,
        codes: codes.split(' ').map(read).collect(),
    })
}

/// The rows below the header, each of `N` cells.
fn rows<const N: usize>(file: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    file.lines().skip(1).map(|line| {
        let cells: Vec<_> = line.split(';').collect();
        cells.try_into().expect(SOUND)
    })
}

fn read<T: FromStr>(cell: &str) -> T {
    cell.parse().unwrap_or_else(|_| unreachable!("{SOUND}: {cell}"))
}
