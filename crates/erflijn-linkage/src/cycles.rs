use erflijn_core::PersonKey;

use crate::index::Grouped;
use crate::{PersonIndex, PersonTable};

/// Persons who are their own ancestors, in the order of keys.
///
/// Whoever has no recorded parents left is taken away, and so on down the generations; what remains
/// descends from a cycle. Among those, the strongly connected components of more than one person are
/// the cycles themselves. A person as its own parent is found as well.
///
/// # Complexity
/// O(persons), and no recursion: a cycle may be as long as the register.
pub(crate) fn own_ancestors(
    parents_of: &PersonTable<[Option<PersonKey>; 2]>,
    children: &Grouped<PersonKey>,
) -> Vec<PersonKey> {
    let index = PersonIndex::new(parents_of.iter().map(|(person, _)| person));
    let recorded = |parent: &PersonKey| index.contains(*parent);
    let mut pending: Vec<u8> = parents_of
        .iter()
        .map(|(_, parents)| parents.iter().flatten().filter(|parent| recorded(parent)).count() as u8)
        .collect();
    let mut free: Vec<PersonKey> =
        index.persons().zip(&pending).filter(|(_, left)| **left == 0).map(|(person, _)| person).collect();
    while let Some(person) = free.pop() {
        for child in children.of(person) {
            let position = index.position(*child).expect("every child has a record");
            pending[position] -= 1;
            if pending[position] == 0 {
                free.push(*child);
            }
        }
    }
    let below_a_cycle: Vec<_> =
        index.persons().zip(pending).filter(|(_, left)| *left > 0).map(|(person, _)| person).collect();
    on_cycles(&below_a_cycle, |person| parents_of.get(person).unwrap_or_default())
}

const UNSEEN: usize = usize::MAX;

/// The members of `persons`, sorted by key, on a cycle within `persons`: the path-based algorithm for
/// strongly connected components (Gabow, 2000, Information Processing Letters 74, 107-114).
fn on_cycles(persons: &[PersonKey], parents: impl Fn(PersonKey) -> [Option<PersonKey>; 2]) -> Vec<PersonKey> {
    let within = |node: usize| {
        parents(persons[node]).map(|parent| parent.and_then(|parent| persons.binary_search(&parent).ok()))
    };
    // Order in which a node was first seen; back to UNSEEN - 1 when its component is complete.
    const DONE: usize = UNSEEN - 1;
    let mut seen = vec![UNSEEN; persons.len()];
    let (mut walk, mut open, mut bounds) = (Vec::new(), Vec::new(), Vec::<usize>::new());
    let mut found = Vec::new();
    for root in 0..persons.len() {
        if seen[root] != UNSEEN {
            continue;
        }
        walk.push((root, 0));
        while let Some((node, edge)) = walk.pop() {
            if edge == 0 {
                seen[node] = open.len();
                open.push(node);
                bounds.push(node);
            }
            if edge < 2 {
                walk.push((node, edge + 1));
                match within(node)[edge] {
                    Some(parent) if seen[parent] == UNSEEN => walk.push((parent, 0)),
                    Some(parent) if seen[parent] != DONE => {
                        while bounds.last().is_some_and(|bound| seen[*bound] > seen[parent]) {
                            bounds.pop();
                        }
                    }
                    _ => {}
                }
            } else if bounds.last() == Some(&node) {
                bounds.pop();
                let component = open.split_off(seen[node]);
                component.iter().for_each(|member| seen[*member] = DONE);
                if component.len() > 1 || within(node).contains(&Some(node)) {
                    found.extend(component.iter().map(|member| persons[*member]));
                }
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::KeyClass;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn found(rows: &[(u32, Option<u32>, Option<u32>)]) -> Vec<u32> {
        let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
        let table = PersonTable::from_rows(rows.iter().map(|(c, f, m)| (key(*c), [f.map(key), m.map(key)])));
        let links = table
            .iter()
            .flat_map(|(child, parents)| parents.into_iter().flatten().map(move |parent| (parent, child)));
        own_ancestors(&table, &Grouped::new(links)).into_iter().map(PersonKey::number).collect()
    }

    #[test]
    fn a_path_between_two_cycles_is_no_cycle() {
        // 1 and 2 are each other's parents; so are 5 and 6; 3 descends from 2, 4 from 3, and 5 from 4.
        let rows = [
            (1, Some(2), None),
            (2, Some(1), None),
            (3, Some(2), None),
            (4, None, Some(3)),
            (5, Some(4), Some(6)),
            (6, Some(5), None),
            (7, Some(6), Some(8)),
        ];
        assert_eq!(found(&rows), [1, 2, 5, 6]);
    }

    #[test]
    fn a_cycle_through_a_whole_register_is_found_without_recursion() {
        let rows: Vec<_> = (0..200_000).map(|n| (n, Some((n + 1) % 200_000), None)).collect();
        assert_eq!(found(&rows).len(), 200_000);
    }

    proptest! {
        #[test]
        fn own_ancestors_are_those_reached_again_by_walking_up(
            rows in prop::collection::btree_map(0u32..12, (prop::option::of(0u32..14), prop::option::of(0u32..14)), 0..12),
        ) {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(child, (father, mother))| (child, father, mother.filter(|mother| Some(*mother) != father)))
                .collect();
            let parents = |person: u32| -> Vec<u32> {
                rows.iter().filter(|row| row.0 == person).flat_map(|row| [row.1, row.2]).flatten().collect()
            };
            let reaches_itself = |person: u32| {
                let mut reached = BTreeSet::new();
                let mut next = parents(person);
                while let Some(one) = next.pop() {
                    if reached.insert(one) {
                        next.extend(parents(one));
                    }
                }
                reached.contains(&person)
            };
            let expected: Vec<u32> = (0..14).filter(|person| reaches_itself(*person)).collect();
            prop_assert_eq!(found(&rows), expected);
        }
    }
}
