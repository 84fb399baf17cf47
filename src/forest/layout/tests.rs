//! The rules of the layout, as properties of random forests, and its picture of a known one.

use proptest::prelude::*;

use super::*;
use crate::forest::{Response, Time};

fn id(number: usize) -> ResponseId {
    ResponseId::parse(&format!("r{number:05}")).unwrap()
}

fn forest(parents: &[Option<usize>]) -> Forest {
    Forest::from_responses(parents.iter().enumerate().map(|(n, parent)| Response {
        parent: parent.map(id),
        ..Response::human(id(n), "", Time(n as i64))
    }))
}

/// Parents of a random forest; `spread` from 1 (chains) to all (flat).
fn parents() -> impl Strategy<Value = Vec<Option<usize>>> {
    (1..200usize, 1..30usize).prop_flat_map(|(n, spread)| {
        (0..n)
            .map(|i| match i {
                0 => Just(None).boxed(),
                _ => proptest::option::weighted(0.97, i.saturating_sub(spread)..i).boxed(),
            })
            .collect::<Vec<_>>()
    })
}

fn everything_open(forest: &Forest) -> Folds {
    let ids = || forest.slots().map(|slot| forest.response(slot).id.clone());
    Folds {
        rows: ids().map(|id| (id, true)).collect(),
        runs: ids().collect(),
        archives: ids().map(Some).chain([None]).collect(),
    }
}

fn rows(forest: &Forest, leaf: Option<Slot>, folds: &Folds, selected: Option<Slot>) -> Vec<Row> {
    let none = Annotations::default();
    let Some(layout) = Layout::new(forest, &none, folds, leaf) else { return Vec::new() };
    layout.selecting(selected).rows().collect()
}

fn shown(rows: &[Row]) -> Vec<Slot> {
    rows.iter().filter_map(Row::shown).collect()
}

proptest! {
    #[test]
    fn with_everything_open_every_response_has_one_row(parents in parents(), pick: prop::sample::Index) {
        let forest = forest(&parents);
        let active = Slot::clone(&forest.slots().nth(pick.index(forest.len())).unwrap());
        let rows = rows(&forest, Some(active), &everything_open(&forest), None);
        let mut slots = shown(&rows);
        slots.sort();
        prop_assert_eq!(slots, forest.slots().collect::<Vec<_>>());
    }

    #[test]
    fn levels_grow_with_branching_only(parents in parents()) {
        let forest = forest(&parents);
        let rows = rows(&forest, None, &everything_open(&forest), None);
        let bound = 2.0 * (forest.len() as f64).log2() + 2.0;
        for row in &rows {
            prop_assert!((row.level as f64) <= bound, "level {} of {}", row.level, forest.len());
        }
        for pair in rows.windows(2) {
            prop_assert!(pair[1].level <= pair[0].level + 1);
        }
    }

    #[test]
    fn closed_rows_say_how_much_they_hide(parents in parents(), pick: prop::sample::Index) {
        let forest = forest(&parents);
        let active = forest.slots().nth(pick.index(forest.len())).unwrap();
        let rows = rows(&forest, Some(active), &Folds::default(), None);
        let hidden: usize = rows.iter().map(|row| row.hidden).sum();
        prop_assert_eq!(shown(&rows).len() + hidden, forest.len());
        prop_assert!(rows.iter().any(|row| row.level == 0));
    }

    #[test]
    fn the_active_path_is_on_the_first_level_and_the_selected_row_is_shown(parents in parents(), pick: prop::sample::Index) {
        let forest = forest(&parents);
        let active = forest.slots().nth(pick.index(forest.len())).unwrap();
        let path = forest.path(active);
        for &slot in &path {
            let rows = rows(&forest, Some(active), &Folds::default(), Some(slot));
            prop_assert!(rows.iter().any(|row| row.kind == Kind::Main(slot) && row.level == 0));
        }
    }

    #[test]
    fn new_leaves_leave_other_rows_in_order(parents in parents(), pick: prop::sample::Index) {
        let before = forest(&parents);
        let mut after = before.clone();
        let below = before.slots().nth(pick.index(before.len())).unwrap();
        let parent = Some(before.response(below).id.clone());
        let new = Response { parent, ..Response::human(id(99_999), "", Time(99_999)) };
        after.insert(new).unwrap();
        let active = before.newest_leaf();
        let folds = everything_open(&before);
        let old = shown(&rows(&before, active, &folds, None));
        let mut new = shown(&rows(&after, active, &everything_open(&after), None));
        new.retain(|slot| old.contains(slot));
        // The new response may make another line the main one; what the active path fixes stays.
        let fixed = before.path(active.unwrap());
        let on_path = |slots: &[Slot]| slots.iter().copied().filter(|s| fixed.contains(s)).collect::<Vec<_>>();
        prop_assert_eq!(on_path(&old), on_path(&new));
        prop_assert_eq!(old.len(), new.len());
    }
}

#[test]
fn an_empty_forest_has_no_rows() {
    assert_eq!(rows(&Forest::default(), None, &Folds::default(), None), []);
}

#[test]
fn alternates_hang_below_their_row_and_quiet_turns_fold() {
    // 0 - 1 - 2 - ... - 9, with 10 and 11 as further answers to 0, and 12 below 10.
    let mut parents: Vec<Option<usize>> = (0..10usize).map(|n| n.checked_sub(1)).collect();
    parents.extend([Some(0), Some(0), Some(10)]);
    let forest = forest(&parents);
    let active = forest.slot(&id(9));
    let text = |folds: &Folds| -> Vec<String> {
        rows(&forest, active, folds, None)
            .iter()
            .map(|row| {
                let what = match row.kind {
                    Kind::Main(_) | Kind::Alternate(_) => {
                        forest.response(row.slot()).id.to_string()
                    }
                    Kind::Run { count, .. } => format!("… {count}"),
                    Kind::Archived { count, .. } => format!("({count} archived)"),
                };
                let mark = match row.open {
                    None => ' ',
                    Some(true) => '▾',
                    Some(false) => '▸',
                };
                format!("{}{mark} {what} +{}", "  ".repeat(row.level), row.hidden)
            })
            .collect()
    };
    let expected = [
        "  r00000 +0",
        "▾ r00001 +0",
        "  ▸ r00010 +1",
        "    r00011 +0",
        "▸ … 6 +6",
        "  r00008 +0",
        "  r00009 +0",
    ];
    assert_eq!(text(&Folds::default()), expected);

    let mut folds = Folds::default();
    folds.rows.insert(id(10), true);
    folds.rows.insert(id(1), false);
    assert_eq!(text(&folds)[1], "▸ r00001 +3");
    folds.rows.insert(id(1), true);
    assert_eq!(text(&folds)[2..4], ["  ▾ r00010 +0", "      r00012 +0"]);
}
