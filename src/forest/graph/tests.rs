//! Properties of the forest against a plain model of it, and its costs at a million responses.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn id(number: usize) -> ResponseId {
    ResponseId::parse(&format!("r{number:07}")).unwrap()
}

fn response(number: usize, parent: Option<usize>) -> Response {
    Response {
        parent: parent.map(id),
        ..Response::human(id(number), format!("text {number}"), Time(number as i64))
    }
}

/// Parents of some responses, each pointing anywhere: also forwards, to itself, or out of the forest.
fn wild() -> impl Strategy<Value = Vec<Option<usize>>> {
    (1..40usize)
        .prop_flat_map(|n| proptest::collection::vec(proptest::option::weighted(0.9, 0..n + 3), n))
}

/// Parents that close no cycle, and an order of arrival.
fn tame() -> impl Strategy<Value = (Vec<Option<usize>>, Vec<usize>)> {
    (1..60usize).prop_flat_map(|n| {
        let parents: Vec<_> = (0..n)
            .map(|i| {
                if i == 0 {
                    Just(None).boxed()
                } else {
                    proptest::option::weighted(0.9, 0..i).boxed()
                }
            })
            .collect();
        (parents, Just((0..n).collect::<Vec<_>>()).prop_shuffle())
    })
}

fn grown(parents: &[Option<usize>], order: &[usize]) -> Forest {
    let mut forest = Forest::default();
    for &number in order {
        forest.insert(response(number, parents[number])).unwrap();
    }
    forest
}

fn names(forest: &Forest, slots: &[Slot]) -> Vec<String> {
    slots.iter().map(|&slot| forest.response(slot).id.to_string()).collect()
}

/// Children, path, subtree count, length of the main line, position.
type Said = (Vec<String>, Vec<String>, usize, usize, Position);

/// Everything the forest says, by name.
fn picture(forest: &Forest) -> HashMap<String, Said> {
    forest
        .slots()
        .map(|slot| {
            let said = (
                names(forest, forest.children(slot)),
                names(forest, &forest.path(slot)),
                forest.subtree_count(slot),
                forest.main_line(slot).count(),
                forest.position(slot),
            );
            (forest.response(slot).id.to_string(), said)
        })
        .collect()
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter((parents, order) in tame()) {
        let sorted: Vec<usize> = (0..parents.len()).collect();
        let one = grown(&parents, &sorted);
        let other = grown(&parents, &order);
        let bulk = Forest::from_responses(order.iter().map(|&n| response(n, parents[n])));
        prop_assert_eq!(picture(&one), picture(&other));
        prop_assert_eq!(picture(&one), picture(&bulk));
        prop_assert_eq!(names(&one, one.roots()), names(&other, other.roots()));
        prop_assert_eq!(names(&one, one.roots()), names(&bulk, bulk.roots()));
        prop_assert_eq!(one.leaf_count(), other.leaf_count());
        prop_assert_eq!(one.leaf_count(), bulk.leaf_count());
    }

    #[test]
    fn counts_paths_and_ancestors_agree_with_a_plain_walk((parents, order) in tame()) {
        let forest = grown(&parents, &order);
        for a in forest.slots() {
            let below: Vec<Slot> =
                forest.slots().filter(|&b| forest.path(b).contains(&a)).collect();
            prop_assert_eq!(forest.subtree_count(a), below.len());
            for b in forest.slots() {
                prop_assert_eq!(forest.is_ancestor(a, b), below.contains(&b));
            }
        }
        let leaves = forest.slots().filter(|&s| forest.children(s).is_empty()).count();
        prop_assert_eq!(forest.leaf_count(), leaves);
    }

    #[test]
    fn chains_ways_and_order_agree_with_a_plain_walk((parents, order) in tame()) {
        let bulk = Forest::from_responses(order.iter().map(|&n| response(n, parents[n])));
        for forest in [grown(&parents, &order), bulk] {
            let mut walked = Vec::new();
            for &root in forest.roots() {
                let mut stack = vec![root];
                while let Some(slot) = stack.pop() {
                    walked.push(slot);
                    stack.extend(forest.children(slot).iter().rev());
                }
            }
            for pair in walked.windows(2) {
                let (a, b) = (forest.order(pair[0]), forest.order(pair[1]));
                prop_assert!(a.0 != b.0 || a.1 < b.1);
            }
            for a in forest.slots() {
                let chain = forest.chain(a);
                let head = chain.at(0);
                prop_assert!(forest.siblings(head).len() != 1 || forest.parent(head).is_none());
                for index in 1..chain.len() {
                    prop_assert_eq!(forest.children(chain.at(index - 1)), [chain.at(index)]);
                    prop_assert_eq!(chain.index(chain.at(index)), Some(index));
                }
                prop_assert_ne!(forest.children(chain.at(chain.len() - 1)).len(), 1);
                prop_assert!(chain.index(a).is_some());
                for b in forest.slots() {
                    let (one, other) = (forest.path(a), forest.path(b));
                    let shared = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
                    let last = shared.checked_sub(1).map(|index| one[index]);
                    prop_assert_eq!(forest.common(a, b), last);
                    let towards = (shared == one.len()).then(|| other.get(shared)).flatten();
                    prop_assert_eq!(forest.child_towards(a, b), towards.copied());
                }
            }
        }
    }

    #[test]
    fn of_many_children_the_one_with_most_below_is_the_main_one(
        counts in prop::collection::vec(0..4usize, 17..40), heavy in any::<prop::sample::Index>(),
    ) {
        let heavy = heavy.index(counts.len());
        let mut forest = grown(&[None], &[0]);
        let mut next = 1_000;
        for (child, &count) in counts.iter().enumerate() {
            forest.insert(response(child + 1, Some(0))).unwrap();
            let count = if child == heavy { 200 } else { count };
            for _ in 0..count {
                forest.insert(response(next, Some(child + 1))).unwrap();
                next += 1;
            }
        }
        let root = forest.roots()[0];
        prop_assert_eq!(forest.main_child(root), forest.slot(&id(heavy + 1)));
    }

    #[test]
    fn no_input_makes_a_cycle_and_nothing_is_left_out(parents in wild()) {
        let all = || (0..parents.len()).map(|n| response(n, parents[n]));
        let bulk = Forest::from_responses(all());
        prop_assert_eq!(bulk.len(), parents.len());
        let mut grown = Forest::default();
        for response in all() {
            let before = grown.len();
            match grown.insert(response.clone()) {
                Ok(slot) => prop_assert_eq!(grown.response(slot), &response),
                Err(error) => {
                    prop_assert_eq!(error, InsertError::Cycle(response.id));
                    prop_assert_eq!(grown.len(), before);
                }
            }
        }
        for forest in [&bulk, &grown] {
            for slot in forest.slots() {
                let path = forest.path(slot);
                prop_assert!(path.len() <= forest.len());
                prop_assert!(forest.roots().contains(&path[0]));
                let named = forest.response(slot).parent.is_some();
                let found = forest.parent(slot).is_some();
                prop_assert_eq!(forest.lost_parent(slot).is_some(), named && !found);
            }
        }
    }
}

#[test]
fn a_late_parent_adopts_and_a_lost_one_is_remembered() {
    let mut forest = Forest::default();
    let child = forest.insert(response(2, Some(1))).unwrap();
    assert_eq!(forest.lost_parent(child), Some(&id(1)));
    assert_eq!(forest.roots(), [child]);
    let parent = forest.insert(response(1, None)).unwrap();
    assert_eq!(forest.parent(child), Some(parent));
    assert_eq!(forest.lost_parent(child), None);
    assert_eq!(forest.roots(), [parent]);
}

#[test]
fn a_cycle_is_refused_and_changes_nothing() {
    let mut forest = Forest::default();
    forest.insert(response(2, Some(1))).unwrap();
    forest.insert(response(3, Some(2))).unwrap();
    assert_eq!(forest.insert(response(1, Some(3))), Err(InsertError::Cycle(id(1))));
    assert_eq!(forest.insert(response(9, Some(9))), Err(InsertError::Cycle(id(9))));
    assert_eq!(forest.insert(response(3, None)), Err(InsertError::Exists(id(3))));
    assert_eq!(forest.len(), 2);
}

#[test]
fn replacing_keeps_the_place_and_sorts_by_the_new_time() {
    let mut forest = grown(&[None, Some(0), Some(0)], &[0, 1, 2]);
    forest.insert(response(3, Some(1))).unwrap();
    let newer = Response { create_time: Time(99), ..response(1, None) };
    assert!(forest.replace(newer));
    let first = forest.slot(&id(1)).unwrap();
    assert_eq!(forest.parent(first), forest.slot(&id(0)));
    assert_eq!(forest.position(first), Position { index: 1, count: 2 });
    assert_eq!(forest.subtree_count(first), 2);
    let below = forest.slot(&id(3)).unwrap();
    assert_eq!(forest.child_towards(forest.roots()[0], below), Some(first));
    assert!(!forest.replace(response(7, None)));
}

#[test]
fn a_chain_of_a_million_works_in_any_order() {
    const LENGTH: usize = 1_000_000;
    let chain = |n: usize| response(n, n.checked_sub(1));
    let bulk = Forest::from_responses((0..LENGTH).rev().map(chain));
    let mut grown = Forest::default();
    for n in (0..LENGTH).rev() {
        grown.insert(chain(n)).unwrap();
    }
    for forest in [bulk, grown] {
        let leaf = forest.slot(&id(LENGTH - 1)).unwrap();
        assert_eq!(forest.path(leaf).len(), LENGTH);
        assert_eq!(forest.subtree_count(forest.roots()[0]), LENGTH);
        assert_eq!(forest.main_leaf(forest.roots()[0]), leaf);
        drop(forest);
    }
}
