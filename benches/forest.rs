//! The costs of the forest at 1,000, 100,000 and 1,000,000 responses: building it, appending a
//! response, the path to a leaf, siblings and the position among them, subtree counts, layout.

use divan::{Bencher, black_box};
use grok_tui::forest::layout::{self, Folds};
use grok_tui::forest::{Forest, Response, ResponseId, Slot, Time};

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];

fn main() {
    divan::main();
}

fn id(number: usize) -> ResponseId {
    // Ids as ours are: UUIDs.
    ResponseId::parse(&format!("018f0000-0000-7000-8000-{number:012x}")).expect("an id")
}

/// A conversation in which every eighth turn was resampled three times; it goes on from the last.
fn responses(count: usize) -> impl Iterator<Item = Response> {
    (0..count).map(|number| {
        let parent = match number % 10 {
            _ if number == 0 => None,
            8 | 9 => Some(id(number - number % 10 + 6)),
            _ => Some(id(number - 1)),
        };
        Response { parent, ..Response::model(id(number), "some words", Time(number as i64)) }
    })
}

fn forest(count: usize) -> Forest {
    Forest::from_responses(responses(count))
}

fn last(forest: &Forest) -> Slot {
    forest.slots().next_back().expect("a response")
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn build(bencher: Bencher<'_, '_>, count: usize) {
    bencher
        .with_inputs(|| responses(count).collect::<Vec<_>>())
        .bench_values(|all| black_box(Forest::from_responses(all)));
}

/// Per response, in the order of a conversation as it grows.
#[divan::bench(args = SIZES)]
fn append(bencher: Bencher<'_, '_>, count: usize) {
    let mut forest = forest(count);
    let mut next = count;
    bencher.bench_local(move || {
        let parent = Some(id(next - 1));
        let response = Response { parent, ..Response::model(id(next), "", Time(next as i64)) };
        next += 1;
        black_box(forest.insert(response).expect("a new response"))
    });
}

#[divan::bench(args = SIZES)]
fn path_to_leaf(bencher: Bencher<'_, '_>, count: usize) {
    let forest = forest(count);
    let leaf = last(&forest);
    bencher.bench_local(|| black_box(forest.path(leaf)));
}

#[divan::bench(args = SIZES)]
fn siblings_and_position(bencher: Bencher<'_, '_>, count: usize) {
    let forest = forest(count);
    let middle = forest.slots().nth(count / 2 + 7).expect("a response");
    bencher.bench_local(|| black_box((forest.siblings(middle), forest.position(middle))));
}

#[divan::bench(args = SIZES)]
fn subtree_count(bencher: Bencher<'_, '_>, count: usize) {
    let forest = forest(count);
    let middle = forest.slots().nth(count / 2).expect("a response");
    bencher.bench_local(|| black_box(forest.subtree_count(middle)));
}

/// On a commit only; frames draw the rows that are there.
#[divan::bench(args = SIZES)]
fn lay_out(bencher: Bencher<'_, '_>, count: usize) {
    let forest = forest(count);
    let active = Some(last(&forest));
    bencher.bench_local(|| black_box(layout::rows(&forest, active, &Folds::default(), &[])));
}
