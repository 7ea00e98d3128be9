//! The people of both designs as the tables see them: by region, sex and living situation.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use anyhow::Result;
use erflijn::core::MunicipalityCode;
use erflijn::disclosure::{DisclosureReport, Profile};
use erflijn::mobility::PovertyTable;
use erflijn::regions::{BorderHistory, Province};
use erflijn::registers::Sex;
use erflijn::report::Cell;
use erflijn_examples::{
    Basis, FlowRows, FlowStep, Gate, GroupId, Opened, Territory, family_numbers, persistence_cells,
};

use crate::heredity::{Heir, Through};
use crate::measure::{Alike, Detail, Measure, Own, Parents, count_municipality, count_stratum, four};
use crate::provinces::{ProvincePeople, count_provinces};

/// A person with poverty known in both generations, as far as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub heir: Heir,
    pub sex: Option<Sex>,
    pub with_parent: bool,
    pub municipality: Option<MunicipalityCode>,
    pub in_area: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    All,
    Men,
    Women,
    SexUnknown,
    WithParent,
    Independent,
}

impl Group {
    pub(crate) const ALL: [Self; 6] =
        [Self::All, Self::Men, Self::Women, Self::SexUnknown, Self::WithParent, Self::Independent];
    const BY_SEX: [Self; 3] = [Self::Men, Self::Women, Self::SexUnknown];
    pub(crate) const BY_LIVING: [Self; 2] = [Self::WithParent, Self::Independent];

    fn has(self, subject: &Subject) -> bool {
        match self {
            Self::All => true,
            Self::Men => subject.sex == Some(Sex::Man),
            Self::Women => subject.sex == Some(Sex::Woman),
            Self::SexUnknown => subject.sex.is_none(),
            Self::WithParent => subject.with_parent,
            Self::Independent => !subject.with_parent,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Men => "men",
            Self::Women => "women",
            Self::SexUnknown => "sex unknown",
            Self::WithParent => "with a parent",
            Self::Independent => "independent",
        })
    }
}

/// The people of one region and group.
pub(crate) struct Stratum<'a> {
    pub territory: Territory,
    pub group: Group,
    pub subjects: Vec<&'a Subject>,
    id: GroupId,
}

/// The people of one municipality.
pub(crate) struct Municipality<'a> {
    pub code: Option<MunicipalityCode>,
    pub subjects: Vec<&'a Subject>,
    pub in_area: bool,
    pub id: GroupId,
}

/// Whether the own income and the parents' are of one year, so that people who share a household with a parent
/// cannot differ from that parent: their empty cells are no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Years {
    Same,
    Different,
}

/// What tables tell of people.
pub(crate) struct Tabulation<'a> {
    pub groups: &'a [Group],
    pub detail: Detail,
    pub years: Years,
    /// Those in which the study area lies.
    pub provinces: &'a [Province],
}

/// People with poverty known in both generations, by stratum and by municipality, after disclosure control.
///
/// Region, sex and living situation each divide known totals, and municipalities add up to their region: all counts are
/// cleared together, so that none follows from the others.
pub(crate) struct Heredity<'a> {
    /// Those that hold anybody.
    pub strata: Vec<Stratum<'a>>,
    /// First those of the area.
    pub municipalities: Vec<Municipality<'a>>,
    /// Those in which the area lies and anybody is, as far as their municipalities are known; where poverty is told of all.
    pub provinces: Vec<ProvincePeople<'a>>,
    opened: Rc<Opened<Measure>>,
}

/// The same before disclosure control.
pub(crate) struct CountedHeredity<'a> {
    strata: Vec<Stratum<'a>>,
    municipalities: Vec<Municipality<'a>>,
    provinces: Vec<ProvincePeople<'a>>,
}

impl<'a> CountedHeredity<'a> {
    pub(crate) fn new(
        gate: &mut Gate<'_, Measure>,
        subjects: &'a [Subject],
        &Tabulation { groups, detail, years, provinces }: &Tabulation<'_>,
    ) -> Result<Self> {
        let mut strata = Vec::new();
        for territory in Territory::ALL {
            for group in groups {
                let members = |one: &&Subject| territory.has(one.in_area) && group.has(one);
                let people: Vec<_> = subjects.iter().filter(members).collect();
                if !people.is_empty() {
                    let id = gate.group(format!("{territory:?}, {group}"));
                    let alike = match (years, group) {
                        (Years::Same, Group::WithParent) => Alike::ByConstruction,
                        _ => Alike::No,
                    };
                    count_stratum(gate, id, &people, detail, alike)?;
                    strata.push(Stratum { territory, group: *group, subjects: people, id });
                }
            }
        }
        let mut municipalities = Vec::new();
        for ((elsewhere, code), people) in by_municipality(subjects, |one| (one.municipality, one.in_area)) {
            let name = code.map_or_else(|| "municipality not known".to_owned(), |code| code.to_string());
            let id = gate.group(name);
            if detail != Detail::ThroughEither {
                count_municipality(gate, id, &people)?;
            }
            municipalities.push(Municipality { code, subjects: people, in_area: !elsewhere, id });
        }
        add_up(gate, &strata, &municipalities)?;
        let provinces = match detail {
            Detail::All | Detail::ThroughEither => {
                let regions = [Territory::Area, Territory::Elsewhere].map(|territory| {
                    let is_it = |one: &&Stratum<'_>| (one.territory, one.group) == (territory, Group::All);
                    strata.iter().find(is_it).map(|stratum| stratum.id)
                });
                count_provinces(gate, provinces, regions, &municipalities)?
            }
            Detail::ByParents => Vec::new(),
        };
        Ok(Self { strata, municipalities, provinces })
    }

    /// A group that holds anybody.
    pub(crate) fn stratum(&self, territory: Territory, group: Group) -> Option<GroupId> {
        let is_it = |one: &&Stratum<'_>| (one.territory, one.group) == (territory, group);
        self.strata.iter().find(is_it).map(|stratum| stratum.id)
    }

    /// A municipality where anybody is.
    pub(crate) fn municipality(&self, in_area: bool, code: Option<MunicipalityCode>) -> Option<GroupId> {
        let is_it = |one: &&Municipality<'_>| (one.in_area, one.code) == (in_area, code);
        self.municipalities.iter().find(is_it).map(|municipality| municipality.id)
    }

    /// After disclosure control.
    pub(crate) fn opened(self, opened: Rc<Opened<Measure>>) -> Heredity<'a> {
        let Self { strata, municipalities, provinces } = self;
        Heredity { strata, municipalities, provinces, opened }
    }
}

impl<'a> Heredity<'a> {
    /// What is told of these people alone. `flow` is that at whose end they are.
    pub(crate) fn new<R: Ord + Copy + fmt::Display>(
        subjects: &'a [Subject],
        flow: &FlowRows<R>,
        years: Years,
        provinces: &[Province],
        profile: &Profile,
    ) -> Result<Self> {
        let mut gate = Gate::new(profile);
        let tabulation = Tabulation { groups: &Group::ALL, detail: Detail::All, years, provinces };
        let counted = CountedHeredity::new(&mut gate, subjects, &tabulation)?;
        if let Some(country) = counted.stratum(Territory::Country, Group::All) {
            flow.add_to(&mut gate, country, Measure::Flow)?;
            gate.adds_up(country, Measure::Flow(flow.kept()), &[Measure::People])?;
        }
        Ok(counted.opened(Rc::new(gate.open()?)))
    }

    /// What is told of them through either parent, and of no municipality.
    pub(crate) fn through_either(
        subjects: &'a [Subject],
        years: Years,
        provinces: &[Province],
        profile: &Profile,
    ) -> Result<Self> {
        let mut gate = Gate::new(profile);
        let groups = [Group::All, Group::WithParent, Group::Independent];
        let tabulation = Tabulation { groups: &groups, detail: Detail::ThroughEither, years, provinces };
        let counted = CountedHeredity::new(&mut gate, subjects, &tabulation)?;
        Ok(counted.opened(Rc::new(gate.open()?)))
    }

    /// What outflow, inflow and ratios through a parent rest on.
    pub(crate) fn basis(&self, stratum: &Stratum<'_>, through: Through) -> Result<Basis<'_>> {
        self.opened.basis(stratum.id, &four(through))
    }

    /// The share of people of a region who share a household with a parent: it tells of those who do not, too.
    pub(crate) fn share_with_parent(&self, with: &Stratum<'_>) -> Result<Cell> {
        let groups: Vec<&Stratum<'_>> = [Group::All, Group::WithParent, Group::Independent]
            .into_iter()
            .filter_map(|group| self.stratum(with.territory, group))
            .collect();
        let [all, part] = [groups[0], with].map(|stratum| stratum.subjects.len() as f64);
        let ids: Vec<GroupId> = groups.iter().map(|stratum| stratum.id).collect();
        Ok(self.opened.joint_basis(&ids, &[Measure::People])?.share(part / all))
    }

    /// What numbers rest on that need no parents.
    pub(crate) fn own_basis(&self, stratum: &Stratum<'_>) -> Result<Basis<'_>> {
        self.opened.basis(stratum.id, &Own::BOTH.map(|own| Measure::Of(Parents::Any, own)))
    }

    /// What shares of the poor with poor parents rest on.
    pub(crate) fn basis_of_the_poor(&self, stratum: &Stratum<'_>, through: Through) -> Result<Basis<'_>> {
        let poor = Parents::through(through).map(|parents| Measure::Of(parents, Own::Poor));
        self.opened.basis(stratum.id, &poor)
    }

    /// Outflow, inflow, risk ratio and risk difference of a stratum.
    pub(crate) fn cells(&self, stratum: &Stratum<'_>, through: Through) -> Result<Vec<Cell>> {
        heredity_cells(&self.basis(stratum, through)?, &stratum.subjects, through)
    }

    /// The same of a municipality, through either parent.
    pub(crate) fn cells_of(&self, municipality: &Municipality<'_>) -> Result<Vec<Cell>> {
        heredity_cells(&self.basis_of(municipality)?, &municipality.subjects, Through::Either)
    }

    /// What outflow and inflow through either parent rest on in a province.
    pub(crate) fn basis_of_province(&self, province: &ProvincePeople<'_>) -> Result<Basis<'_>> {
        self.opened.basis(province.id, &four(Through::Either))
    }

    /// What numbers of a province rest on that need no parents.
    pub(crate) fn own_basis_of_province(&self, province: &ProvincePeople<'_>) -> Result<Basis<'_>> {
        self.opened.basis(province.id, &Own::BOTH.map(|own| Measure::Of(Parents::Any, own)))
    }

    /// Outflow, inflow, risk ratio and risk difference of a province, through either parent.
    pub(crate) fn cells_of_province(&self, province: &ProvincePeople<'_>) -> Result<Vec<Cell>> {
        heredity_cells(&self.basis_of_province(province)?, &province.subjects, Through::Either)
    }

    pub(crate) fn province(&self, name: Province) -> Option<&ProvincePeople<'a>> {
        self.provinces.iter().find(|one| one.province == name)
    }

    pub(crate) fn basis_of(&self, municipality: &Municipality<'_>) -> Result<Basis<'_>> {
        self.opened.basis(municipality.id, &four(Through::Either))
    }

    /// A number of the flow that led to these people.
    pub(crate) fn of_flow(&self, step: FlowStep) -> Result<Cell> {
        let country = self.stratum(Territory::Country, Group::All);
        country.map_or(Ok(Cell::Undefined), |country| self.opened.count(country.id, Measure::Flow(step)))
    }

    pub(crate) fn stratum(&self, territory: Territory, group: Group) -> Option<&Stratum<'a>> {
        self.strata.iter().find(|stratum| stratum.territory == territory && stratum.group == group)
    }

    pub(crate) fn municipality(
        &self,
        in_area: bool,
        code: Option<MunicipalityCode>,
    ) -> Option<&Municipality<'a>> {
        self.municipalities.iter().find(|one| (one.in_area, one.code) == (in_area, code))
    }

    /// Names of the municipalities of the area.
    pub(crate) fn municipality_names(&self) -> Vec<String> {
        let of_area = self.municipalities.iter().filter(|one| one.in_area);
        let names = of_area.filter_map(|one| BorderHistory::netherlands().name(one.code?));
        names.map(str::to_owned).collect()
    }

    pub(crate) fn evidence(&self, of: impl Into<String>) -> (String, DisclosureReport) {
        (of.into(), self.opened.report().clone())
    }
}

/// Says which strata and municipalities make up which.
fn add_up(
    gate: &mut Gate<'_, Measure>,
    strata: &[Stratum<'_>],
    municipalities: &[Municipality<'_>],
) -> Result<()> {
    let ids = |keep: &dyn Fn(&Stratum<'_>) -> bool| -> Vec<GroupId> {
        strata.iter().filter(|stratum| keep(stratum)).map(|stratum| stratum.id).collect()
    };
    for stratum in strata {
        let (territory, group) = (stratum.territory, stratum.group);
        if territory == Territory::Country {
            let regions = ids(&|s| s.territory != Territory::Country && s.group == group);
            gate.made_up_of(stratum.id, &regions)?;
        }
        if group == Group::All {
            for division in [&Group::BY_SEX[..], &Group::BY_LIVING] {
                let parts = ids(&|s| s.territory == territory && division.contains(&s.group));
                if !parts.is_empty() {
                    gate.made_up_of(stratum.id, &parts)?;
                }
            }
            if territory != Territory::Country {
                let there = municipalities.iter().filter(|one| territory.has(one.in_area));
                gate.made_up_of(stratum.id, &there.map(|one| one.id).collect::<Vec<_>>())?;
            }
        }
    }
    Ok(())
}

/// The people by municipality: first those of the area, which add up to it, then the others, which with everybody of
/// unknown municipality add up to the rest of the country.
pub(crate) fn by_municipality<T>(
    people: &[T],
    municipality: impl Fn(&T) -> (Option<MunicipalityCode>, bool),
) -> BTreeMap<(bool, Option<MunicipalityCode>), Vec<&T>> {
    let mut groups: BTreeMap<_, Vec<&T>> = BTreeMap::new();
    for person in people {
        let (code, in_area) = municipality(person);
        groups.entry((!in_area, code)).or_default().push(person);
    }
    groups
}

/// The four cells of the table of poor parents by poor children.
fn counts(subjects: &[&Subject], through: Through) -> [u64; 4] {
    let mut cells = [0; 4];
    for heir in subjects.iter().map(|subject| &subject.heir) {
        if let Some(parent_poor) = heir.parent_poor(through) {
            cells[usize::from(!parent_poor) * 2 + usize::from(!heir.poor)] += 1;
        }
    }
    cells
}

/// The table of poor parents by poor children; `None` of nobody whose parents' status is known.
pub(crate) fn poverty_table(subjects: &[&Subject], through: Through) -> Result<Option<PovertyTable>> {
    let cells = counts(subjects, through);
    if cells == [0; 4] {
        return Ok(None);
    }
    let [both, parent_only, child_only, neither] = cells.map(|count| count as f64);
    Ok(Some(PovertyTable::new(both, parent_only, child_only, neither)?))
}

/// Outflow, inflow, risk ratio and risk difference of those whose parents' status is known.
fn heredity_cells(basis: &Basis<'_>, subjects: &[&Subject], through: Through) -> Result<Vec<Cell>> {
    let known: Vec<(&Heir, bool)> = subjects
        .iter()
        .filter_map(|subject| Some((&subject.heir, subject.heir.parent_poor(through)?)))
        .collect();
    let parent_poor: Vec<bool> = known.iter().map(|(_, poor)| *poor).collect();
    let poor: Vec<bool> = known.iter().map(|(heir, _)| heir.poor).collect();
    let families = family_numbers(known.iter().map(|(heir, _)| heir.family));
    persistence_cells(basis, &parent_poor, &poor, &families)
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn::core::{KeyClass, PersonKey};
    use erflijn::linkage::Lineage;

    /// So many people of one kind: (own, father's, mother's poverty), and whether they live with a parent.
    fn people(number: usize, [poor, father, mother]: [bool; 3], with_parent: bool) -> Vec<Subject> {
        let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
        let lineage = Lineage { child: key(1), father: Some(key(2)), mother: Some(key(3)) };
        let heir = Heir::new(&lineage, poor, |parent| Some(if parent == key(2) { father } else { mother }));
        vec![Subject { heir, sex: Some(Sex::Man), with_parent, municipality: None, in_area: true }; number]
    }

    /// Whether the table of fathers, and those of either and of both parents, may be shown.
    fn shown(subjects: &[Subject], years: Years, group: Group) -> (bool, bool) {
        let profile = Profile::european_rule_of_thumb();
        let mut gate = Gate::new(&profile);
        let tabulation = Tabulation { groups: &Group::ALL, detail: Detail::All, years, provinces: &[] };
        let counted = CountedHeredity::new(&mut gate, subjects, &tabulation).unwrap();
        let heredity = counted.opened(Rc::new(gate.open().unwrap()));
        let stratum = heredity.stratum(Territory::Country, group).unwrap();
        let is_shown = |through| heredity.basis(stratum, through).unwrap().is_shown();
        (is_shown(Through::Father), is_shown(Through::Either) && is_shown(Through::Both))
    }

    /// A table of two by two for each parent with at least twenty in each cell.
    fn large() -> Vec<Subject> {
        [[true; 3], [true, false, false], [false, true, true], [false; 3]]
            .into_iter()
            .flat_map(|kind| people(20, kind, false))
            .collect()
    }

    #[test]
    fn tables_that_tell_of_few_with_one_poor_parent_are_not_shown_together() {
        let mut subjects = large();
        subjects.extend(people(3, [true, true, false], false));
        subjects.extend(people(15, [false, true, false], false));
        let (father, couples) = shown(&subjects, Years::Different, Group::All);
        assert!(!(father && couples));
        subjects.extend(people(7, [true, true, false], false));
        assert_eq!(shown(&subjects, Years::Different, Group::All), (true, true));
    }

    #[test]
    fn few_with_just_a_poor_father_hide_something_even_where_as_many_have_just_a_poor_mother() {
        // Everybody's parents are known: those with a poor father less those with both are the three.
        let mut subjects = large();
        subjects.extend(people(3, [true, true, false], false));
        subjects.extend(people(17, [true, false, true], false));
        subjects.extend(people(20, [false, true, false], false));
        let (father, couples) = shown(&subjects, Years::Different, Group::All);
        assert!(!(father && couples));
    }

    #[test]
    fn cells_that_are_empty_by_construction_hide_nothing() {
        // Who shares a household with a parent is as poor as that parent: nobody differs from both.
        let alike = [
            [true; 3],
            [true, true, false],
            [true, false, true],
            [false, true, false],
            [false, false, true],
            [false; 3],
        ];
        let mut subjects: Vec<Subject> = alike.into_iter().flat_map(|kind| people(20, kind, true)).collect();
        subjects.extend(large());
        subjects.extend(people(20, [true, true, false], false));
        subjects.extend(people(20, [false, true, false], false));
        assert_eq!(shown(&subjects, Years::Same, Group::WithParent), (true, true));
        assert!(!shown(&subjects, Years::Different, Group::WithParent).1);
    }

    #[test]
    fn a_cell_that_happens_to_be_empty_is_no_public_knowledge() {
        // Nobody with a poor father is not poor, though the mother could be the one who is lived with.
        let mut subjects = large();
        subjects.extend(people(20, [true; 3], true));
        subjects.extend(people(20, [false; 3], true));
        assert_eq!(shown(&subjects, Years::Same, Group::WithParent), (false, false));
    }

    #[test]
    fn a_stratum_that_would_follow_by_subtraction_is_withheld() {
        let mut subjects = large();
        subjects.extend(people(5, [true; 3], true));
        let fathers_shown = |group| shown(&subjects, Years::Different, group).0;
        let groups = [Group::WithParent, Group::Independent, Group::All];
        assert_eq!(groups.map(fathers_shown), [false, false, true]);
    }
}
