//! The rules of the layout, as properties of random forests, and its picture of a known one.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::forest::{Annotation, Response, Time};

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

    #[test]
    fn going_up_is_the_way_down_backwards(scene in scene()) {
        let layout = scene.layout();
        let down: Vec<Spot> =
            std::iter::successors(Some(layout.first()), |spot| layout.next(spot)).collect();
        let mut up: Vec<Spot> =
            std::iter::successors(Some(layout.last()), |spot| layout.previous(spot)).collect();
        up.reverse();
        prop_assert_eq!(&down, &up);
        let middle = down.len() / 2;
        for height in [1, 2, 7, 40] {
            let (window, at) = layout.window(&down[middle], height);
            prop_assert_eq!(window.len(), height.min(down.len()));
            prop_assert_eq!(&window[at].0, &down[middle]);
            let first = middle - at;
            for (index, (spot, _)) in window.iter().enumerate() {
                prop_assert_eq!(spot, &down[first + index]);
            }
        }
    }

    #[test]
    fn no_response_has_two_rows_and_none_is_lost(scene in scene()) {
        let layout = scene.layout();
        let rows: Vec<Row> = layout.rows().collect();
        let mut slots = shown(&rows);
        slots.sort();
        let count = slots.len();
        slots.dedup();
        prop_assert_eq!(slots.len(), count);
        let hidden: usize = rows.iter().map(|row| row.hidden).sum();
        let all = scene.top.map_or(scene.forest.len(), |top| scene.forest.subtree_count(top));
        prop_assert_eq!(count + hidden, all);
        for slot in scene.forest.slots() {
            let below = scene.top.is_none_or(|top| scene.forest.is_ancestor(top, slot));
            let spot = layout.spot(slot);
            prop_assert_eq!(spot.is_some(), below);
            if slots.contains(&slot) {
                prop_assert_eq!(layout.row(&spot.unwrap()).shown(), Some(slot));
            }
        }
    }

    #[test]
    fn opening_folds_leads_to_every_response(mut scene in scene()) {
        let bound = 4 * (2 + scene.forest.len().ilog2() as usize);
        for slot in scene.forest.slots() {
            if scene.top.is_some_and(|top| !scene.forest.is_ancestor(top, slot)) {
                continue;
            }
            let mut opened = 0;
            loop {
                let layout = scene.layout();
                let spot = layout.spot(slot).unwrap();
                let row = layout.row(&spot);
                if row.shown() == Some(slot) {
                    break;
                }
                prop_assert_eq!(row.open, Some(false));
                scene.open(row);
                opened += 1;
                prop_assert!(opened <= bound, "{} folds", opened);
            }
        }
    }

    #[test]
    fn folds_and_selection_survive_what_arrives(mut scene in scene(), below in any::<prop::sample::Index>()) {
        let selected = scene.selected;
        let before: HashMap<Kind, Option<bool>> =
            scene.layout().rows().filter(|row| row.level == 0).map(|row| (row.kind, row.open)).collect();
        let parent = scene.forest.slots().nth(below.index(scene.forest.len())).unwrap();
        let parent = Some(scene.forest.response(parent).id.clone());
        let new = Response { parent, ..Response::human(id(99_999), "", Time(99_999)) };
        scene.forest.insert(new).unwrap();
        let layout = scene.layout();
        for row in layout.rows().filter(|row| row.level == 0) {
            // A first alternate makes a row that could not be opened one that can.
            if let (Kind::Main(slot), Some(Some(open))) = (row.kind, before.get(&row.kind))
                && scene.forest.siblings(slot).len() != MOST_SHOWN + 1
            {
                prop_assert_eq!(row.open, Some(*open));
            }
        }
        if let Some(selected) = selected {
            let spot = layout.spot(selected).unwrap();
            prop_assert_eq!(layout.row(&spot).kind, Kind::Main(selected));
        }
    }
}

/// A forest with folds, annotations and a path, and perhaps only a part of it shown.
#[derive(Debug)]
struct Scene {
    forest: Forest,
    annotations: Annotations,
    folds: Folds,
    leaf: Slot,
    selected: Option<Slot>,
    top: Option<Slot>,
}

impl Scene {
    fn layout(&self) -> Layout<'_> {
        let layout = Layout::new(&self.forest, &self.annotations, &self.folds, Some(self.leaf));
        layout.unwrap().selecting(self.selected).below(self.top)
    }

    fn open(&mut self, row: Row) {
        let id = |slot| self.forest.response(slot).id.clone();
        match row.kind {
            Kind::Main(slot) | Kind::Alternate(slot) => {
                self.folds.rows.insert(id(slot), true);
            }
            Kind::Run { first, .. } => {
                self.folds.runs.insert(id(first));
            }
            Kind::Archived { of, .. } => {
                self.folds.archives.insert(self.forest.parent(of).map(id));
            }
        }
    }
}

fn scene() -> impl Strategy<Value = Scene> {
    let picks = prop::collection::vec((any::<prop::sample::Index>(), 0..7usize), 0..40);
    let places = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let top = prop::option::weighted(0.3, any::<prop::sample::Index>());
    (parents(), picks, places, top).prop_map(|(parents, picks, (leaf, selected), top)| {
        let forest = forest(&parents);
        let slots: Vec<Slot> = forest.slots().collect();
        let mut annotations = Annotations::default();
        let mut folds = Folds::default();
        for (pick, what) in picks {
            let slot = slots[pick.index(slots.len())];
            let id = forest.response(slot).id.clone();
            let parent = forest.parent(slot).map(|slot| forest.response(slot).id.clone());
            match what {
                0 => annotations.set(
                    &forest,
                    slot,
                    Annotation { starred: true, ..Default::default() },
                ),
                1 | 2 => {
                    annotations.set(
                        &forest,
                        slot,
                        Annotation { archived: true, ..Default::default() },
                    );
                }
                3 => drop(folds.runs.insert(id)),
                4 => drop(folds.archives.insert(parent)),
                open => drop(folds.rows.insert(id, open == 5)),
            }
        }
        let leaf = slots[leaf.index(slots.len())];
        let path = forest.path(leaf);
        let top = top.map(|top| slots[top.index(slots.len())]);
        // What is selected is on the path, and below what is shown.
        let selected = Some(path[selected.index(path.len())]);
        let selected = selected.filter(|&slot| top.is_none_or(|top| forest.is_ancestor(top, slot)));
        Scene { forest, annotations, folds, leaf, selected, top }
    })
}

/// What a window of 40 rows around a response costs, in responses looked at.
fn work(forest: &Forest, leaf: usize, around: usize) -> usize {
    let (annotations, mut folds) = (Annotations::default(), Folds::default());
    let slot = |number| forest.slot(&id(number)).unwrap();
    // Also with everything open that is on the way.
    folds.rows.insert(id(around), true);
    let layout = Layout::new(forest, &annotations, &folds, Some(slot(leaf))).unwrap();
    let layout = layout.selecting(Some(slot(leaf)));
    let spot = layout.spot(slot(around)).unwrap();
    assert!(layout.window(&spot, 40).0.len() > 1);
    assert!(layout.previous(&layout.last()).is_some());
    layout.work()
}

#[test]
fn a_window_costs_the_same_in_a_forest_of_any_shape_and_size() {
    let chain: Vec<_> = (0..100_000usize).map(|n| n.checked_sub(1)).collect();
    // One in ten turns was resampled twice; it goes on from the first.
    let talk: Vec<_> = (0..100_000usize)
        .map(|n| match n % 10 {
            _ if n == 0 => None,
            8 | 9 => Some(n - n % 10 + 6),
            0 => Some(n - 3),
            _ => Some(n - 1),
        })
        .collect();
    let wide: Vec<_> = (0..10_001usize).map(|n| (n > 0).then_some(0)).collect();
    let roots: Vec<_> = (0..20_000usize).map(|n| (n % 100 > 0).then(|| n - 1)).collect();
    for (name, parents, leaf, around) in [
        ("chain", &chain, 99_999, 50_000),
        ("chain", &chain, 99_999, 99_999),
        ("talk", &talk, 99_997, 50_001),
        ("talk", &talk, 99_997, 99_997),
        ("talk", &talk, 8, 8),
        ("wide", &wide, 1, 1),
        ("wide", &wide, 5_000, 5_000),
        ("roots", &roots, 19_999, 10_000),
        ("roots", &roots, 19_999, 19_999),
    ] {
        let forest = forest(parents);
        let work = work(&forest, leaf, around);
        assert!(work < 2_000, "{name} around {around}: {work}");
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
