//! The costs of the forest at 1,000, 100,000 and 1,000,000 responses: building it, appending a
//! response, the path to a leaf, siblings and the position among them, subtree counts; and those of the
//! forest pane in forests of several shapes.

use divan::{Bencher, black_box};
use grok_tui::forest::{
    Conversation, ConversationId, Forest, Response, ResponseId, Settings, Slot, Time,
};
use grok_tui::tui::session::Place;
use grok_tui::tui::state::filter::Filter;
use grok_tui::tui::state::open::Open;

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

/// The shapes of large forests: a long talk with branches, one without, many answers to one
/// question, many roots.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Talk,
    Chain,
    Wide,
    Roots,
}

const SHAPES: [Shape; 4] = [Shape::Talk, Shape::Chain, Shape::Wide, Shape::Roots];

/// The forest pane, as the client uses it.
fn open(shape: Shape) -> Open {
    let parents: Vec<Option<usize>> = match shape {
        Shape::Talk => return opened(forest(1_000_000)),
        Shape::Chain => (0..100_000usize).map(|n| n.checked_sub(1)).collect(),
        Shape::Wide => (0..10_001usize).map(|n| (n > 0).then_some(0)).collect(),
        Shape::Roots => (0..1_000_000usize).map(|n| (n % 5_000 > 0).then(|| n - 1)).collect(),
    };
    let responses = parents.iter().enumerate().map(|(number, parent)| Response {
        parent: parent.map(id),
        ..Response::model(id(number), "some words", Time(number as i64))
    });
    opened(Forest::from_responses(responses))
}

fn opened(forest: Forest) -> Open {
    let conversation = Conversation {
        id: ConversationId::random(),
        title: String::new(),
        starred: false,
        create_time: Time(0),
        modify_time: Time(0),
        settings: Settings::default(),
        response_count: forest.len() as u64,
    };
    let mut open = Open::new(conversation, forest, &Place::default());
    open.lay_out(HEIGHT);
    open
}

/// Rows of the pane on a large screen.
const HEIGHT: usize = 60;

/// A response arrives below the selected one, and the rows in sight are laid out.
#[divan::bench(args = SHAPES)]
fn pane_put(bencher: Bencher<'_, '_>, shape: Shape) {
    let mut open = open(shape);
    let parent = open.selected_id();
    let mut next = 2_000_000;
    bencher.bench_local(move || {
        let parent = parent.clone();
        open.put(Response { parent, ..Response::model(id(next), "", Time(next as i64)) });
        open.lay_out(HEIGHT);
        next += 1;
    });
}

/// A response and another beside it are selected in turns: near the end of the talk.
#[divan::bench(args = SHAPES)]
fn pane_select(bencher: Bencher<'_, '_>, shape: Shape) {
    let mut open = open(shape);
    let last = last(&open.forest);
    let sibling = match shape {
        Shape::Talk => open.forest.slots().rev().nth(2),
        Shape::Chain => open.forest.parent(last),
        Shape::Wide | Shape::Roots => open.forest.slots().nth(1),
    };
    let both = [last, sibling.unwrap_or(last)];
    let mut turn = 0;
    bencher.bench_local(move || {
        open.select(both[turn % 2]);
        open.lay_out(HEIGHT);
        turn += 1;
    });
}

/// From the end of the talk to a response at its beginning, and back, in turns: the path between is
/// walked.
#[divan::bench(args = [Shape::Talk, Shape::Roots], sample_count = 20)]
fn pane_select_far(bencher: Bencher<'_, '_>, shape: Shape) {
    let mut open = open(shape);
    let near = open.forest.slots().nth(8).expect("a response");
    let both = [near, last(&open.forest)];
    let mut turn = 0;
    bencher.bench_local(move || {
        open.select(both[turn % 2]);
        open.lay_out(HEIGHT);
        turn += 1;
    });
}

/// One step of a filter by words that are not there.
#[divan::bench(args = SHAPES)]
fn pane_filter_step(bencher: Bencher<'_, '_>, shape: Shape) {
    let mut open = open(shape);
    bencher.bench_local(move || open.filter(Some(Filter::Text("entropy".to_owned()))));
}

/// The row under the cursor, or the one above it, is opened and closed.
#[divan::bench(args = SHAPES)]
fn pane_fold(bencher: Bencher<'_, '_>, shape: Shape) {
    let mut open = open(shape);
    while open.row().is_some_and(|row| row.open.is_none()) {
        open.move_cursor(-1);
    }
    bencher.bench_local(move || {
        let is_open = open.row().is_some_and(|row| row.open == Some(true));
        open.set_fold(!is_open);
        open.lay_out(HEIGHT);
    });
}

/// The cursor goes to the first row and to the last in turns.
#[divan::bench(args = SHAPES)]
fn pane_ends(bencher: Bencher<'_, '_>, shape: Shape) {
    let mut open = open(shape);
    let mut turn = false;
    bencher.bench_local(move || {
        turn = !turn;
        open.move_to_end(turn);
        open.lay_out(HEIGHT);
    });
}
