//! Stays in households and at addresses, and where addresses are.

use super::cells::Cells;
use super::{Kind, Plan, TrapStream, date_of};
use crate::places::FIRST_BORDERS;
use crate::{SyntheticError, Written};

const HOUSEHOLDS: [(&str, Kind); 11] = [
    ("RINPERSOONS", Kind::Text(1)),
    ("RINPERSOON", Kind::Text(9)),
    ("DATUMAANVANGHH", Kind::Text(8)),
    ("DATUMEINDEHH", Kind::Text(8)),
    ("HUISHOUDNR", Kind::Text(12)),
    ("TYPHH", Kind::Text(1)),
    ("PLHH", Kind::Text(2)),
    ("REFPERSOONHH", Kind::Text(1)),
    ("AANTALPERSHH", Kind::Number),
    ("AANTALKINDHH", Kind::Number),
    ("AANTALOVHH", Kind::Number),
];

const ADDRESSES: [(&str, Kind); 6] = [
    ("RINPERSOONS", Kind::Text(1)),
    ("RINPERSOON", Kind::Text(9)),
    ("GBADATUMAANVANGADRESHOUDING", Kind::Text(8)),
    ("GBADATUMEINDEADRESHOUDING", Kind::Text(8)),
    ("SOORTOBJECTNUMMER", Kind::Text(1)),
    ("RINOBJECTNUMMER", Kind::Text(32)),
];

/// Kind of every object: a dwelling.
const OBJECT_KIND: &[u8] = b"D";

impl Plan<'_> {
    pub(super) fn write_household_stays(self, written: &mut Written) -> Result<(), SyntheticError> {
        let traps = self.traps;
        let mut table = self.table("GBAHUISHOUDENS2022BUSV1", (4, 0), &HOUSEHOLDS, written)?;
        let mut random = self.traps_of(TrapStream::Households, 0);
        let mut overlaps = self.traps_of(TrapStream::OverlappingHouseholds, 0);
        for community in &self.country.communities {
            let numbers = u64::from(community.chronicle.household_numbers);
            for stay in &community.chronicle.households {
                let person = Cells::number(self.country.known_key(community, stay.person));
                let household = |number: u64| Cells::digits::<12>(community.first_household + number);
                let place = [b' ', b'0' + stay.role as u8];
                let reference: &[u8] = if place[1] == b'1' { b"1" } else { b"0" };
                let (own, kind) = (household(stay.household.into()), [b'0' + stay.kind]);
                let (start, end) = (Cells::date(date_of(stay.start)), Cells::date(date_of(stay.end)));
                let sizes = [stay.members, stay.children.into(), stay.others.into()]
                    .map(|size| Cells::whole(size.into()));
                let mut row: [&[u8]; 11] = [
                    b"R", &person, &start, &end, &own, &kind, &place, reference, &sizes[0], &sizes[1],
                    &sizes[2],
                ];
                table.row(&row)?;
                if random.chance(traps.repeated_household_row) {
                    table.row(&row)?;
                    written.repeated_household_rows += 1;
                }
                if overlaps.chance(traps.overlapping_household) {
                    let other = household((u64::from(stay.household) + 1) % numbers);
                    row[4] = &other;
                    table.row(&row)?;
                    written.overlapping_households += 1;
                }
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    pub(super) fn write_address_stays(self, written: &mut Written) -> Result<(), SyntheticError> {
        let mut table = self.table("GBAADRESOBJECT2022BUSV1", (5, 0), &ADDRESSES, written)?;
        let mut random = self.traps_of(TrapStream::Addresses, 0);
        for community in &self.country.communities {
            let objects = community.chronicle.objects.len() as u32;
            for stay in &community.chronicle.addresses {
                let person = Cells::number(self.country.known_key(community, stay.person));
                let (start, end) = (Cells::date(date_of(stay.start)), Cells::date(date_of(stay.end)));
                let object = |object: u32| Cells::digits::<32>(community.first_object + u64::from(object));
                table.row(&[b"R", &person, &start, &end, OBJECT_KIND, &object(stay.object)])?;
                if random.chance(self.traps.overlapping_address) {
                    let other = object((stay.object + 1) % objects);
                    table.row(&[b"R", &person, &start, &end, OBJECT_KIND, &other])?;
                    written.overlapping_addresses += 1;
                }
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    /// Municipality and district of every object in the borders of all years up to that of the edition.
    pub(super) fn write_regions(self, edition: i16, written: &mut Written) -> Result<(), SyntheticError> {
        let places = &self.country.places;
        let years = usize::from((edition - FIRST_BORDERS).unsigned_abs()) + 1;
        let names: Vec<[String; 2]> =
            (FIRST_BORDERS..=edition).map(|year| [format!("gem{year}"), format!("wc{year}")]).collect();
        let mut columns = vec![("SOORTOBJECTNUMMER", Kind::Text(1)), ("RINOBJECTNUMMER", Kind::Text(32))];
        columns.extend(names.iter().flat_map(|[municipality, district]| {
            [(municipality.as_str(), Kind::Text(4)), (district.as_str(), Kind::Text(6))]
        }));
        let stem = format!("VSLGWB{edition}TAB03V1");
        let mut table = self.table(&stem, (6, edition), &columns, written)?;
        let mut random = self.traps_of(TrapStream::Regions, 0);
        let codes: Vec<Vec<[String; 2]>> = places
            .lands
            .iter()
            .map(|land| {
                let codes = land.codes[..years].iter();
                codes.map(|code| [code.municipality.to_string(), code.to_string()]).collect()
            })
            .collect();
        for community in &self.country.communities {
            for (index, land) in community.chronicle.objects.iter().enumerate() {
                let object = Cells::digits::<32>(community.first_object + index as u64);
                let unknown = random.chance(self.traps.unknown_municipality);
                written.unknown_municipalities += u64::from(unknown);
                let mut row: Vec<&[u8]> = vec![OBJECT_KIND, &object];
                row.extend(codes[usize::from(*land)].iter().flat_map(|[municipality, district]| {
                    if unknown {
                        [b"----".as_slice(), b"------"]
                    } else {
                        [municipality.as_bytes(), district.as_bytes()]
                    }
                }));
                table.row(&row)?;
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }
}
