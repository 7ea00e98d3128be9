use erflijn_core::PersonKey;
use rustc_hash::FxHashMap;

use crate::Kinship;

/// Which children of a sample count as one family in inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FamilyRule {
    /// Children of one mother. Who has no known mother is a family of its own.
    Mother,
    /// Children of one father. Who has no known father is a family of its own.
    Father,
    /// Children with a common ancestor within so many generations, and whoever is connected to them by
    /// others of the sample: connected components. With 1, half siblings join the families of both of
    /// their parents; with 2, cousins belong together; with 0, each child is a family of its own.
    Connected {
        /// Generations above each child that connect.
        generations: u8,
    },
}

/// The family of each child, numbered from 0 in the order in which families first occur in `children`:
/// the clusters of a sandwich error or of a bootstrap.
///
/// A child that is listed twice is in one family. Under [`FamilyRule::Connected`] a child of the sample and
/// its own ancestor in the sample, within the generations, belong together too.
///
/// # Complexity
/// One step into a hash table per child and ancestor.
///
/// # Examples
/// ```
/// use erflijn_core::{KeyClass, PersonKey};
/// use erflijn_linkage::{FamilyRule, Kinship, Parentage, PlausibleAges, family_clusters};
///
/// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
/// let children = [1, 2, 3].map(key);
/// let fathers = [8, 9, 9].map(|number| Some(key(number)));
/// let mothers = [5, 5, 6].map(|number| Some(key(number)));
/// let parentage = Parentage::new(&children, &fathers, &mothers)?;
/// let kinship = Kinship::new(&parentage, &PlausibleAges::default(), |_| None);
///
/// assert_eq!(family_clusters(&children, &kinship, FamilyRule::Mother), [0, 0, 1]);
/// // The second child is half sibling of both others, so all three hang together.
/// let connected = FamilyRule::Connected { generations: 1 };
/// assert_eq!(family_clusters(&children, &kinship, connected), [0, 0, 0]);
/// # Ok::<(), erflijn_linkage::LinkageError>(())
/// ```
#[must_use]
pub fn family_clusters(children: &[PersonKey], kinship: &Kinship, rule: FamilyRule) -> Vec<u32> {
    let by_parent = |child: PersonKey, parent: Option<PersonKey>| match parent {
        Some(parent) => (false, parent),
        None => (true, child),
    };
    match rule {
        FamilyRule::Mother => {
            number(children.iter().map(|child| by_parent(*child, kinship.lineage(*child).mother)))
        }
        FamilyRule::Father => {
            number(children.iter().map(|child| by_parent(*child, kinship.lineage(*child).father)))
        }
        FamilyRule::Connected { generations } => {
            number(connected(children, kinship, generations).into_iter())
        }
    }
}

/// The place of some child of the same component, for each child.
fn connected(children: &[PersonKey], kinship: &Kinship, generations: u8) -> Vec<usize> {
    let mut parts: Vec<usize> = (0..children.len()).collect();
    let mut first_with: FxHashMap<PersonKey, usize> = FxHashMap::default();
    for (place, child) in children.iter().enumerate() {
        let ancestors = kinship.ancestors(*child, generations).into_iter().map(|(_, ancestor)| ancestor);
        for person in ancestors.chain([*child]) {
            let other = *first_with.entry(person).or_insert(place);
            let [one, other] = [root(&mut parts, place), root(&mut parts, other)];
            parts[one.max(other)] = one.min(other);
        }
    }
    (0..children.len()).map(|place| root(&mut parts, place)).collect()
}

/// The root of the component of `place`; halves the way on the way.
fn root(parts: &mut [usize], mut place: usize) -> usize {
    while parts[place] != place {
        parts[place] = parts[parts[place]];
        place = parts[place];
    }
    place
}

/// Numbers names in the order in which they first occur.
fn number<N: Eq + std::hash::Hash>(names: impl Iterator<Item = N>) -> Vec<u32> {
    let mut numbers = FxHashMap::default();
    names
        .map(|name| {
            let next = numbers.len() as u32;
            *numbers.entry(name).or_insert(next)
        })
        .collect()
}
