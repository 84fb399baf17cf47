//! Messages as rows: what a token costs while an answer arrives, what a whole message costs, and what a
//! frame from rows that are there.

use divan::Bencher;
use divan::counter::BytesCount;
use grok_tui::tui::markdown::{Document, Page};
use grok_tui::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

const PART: &str = "The **second law** says that *entropy* grows, see [there](https://x.ai/docs) and `here`.\n\n\
    ```rust\nfn main() {\n    let x = 1;\n}\n```\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n";

fn main() {
    divan::main();
}

fn page() -> Page {
    Page { width: 116, theme: Theme::new(true), role: Role::Text }
}

/// A message of so many bytes.
fn message(bytes: usize) -> String {
    PART.repeat(bytes.div_ceil(PART.len()))
}

/// The next 1,000 tokens of four bytes, each drawn on its own, of an answer that has so many already.
#[divan::bench(args = [2_000, 100_000])]
fn thousand_tokens_more(bencher: Bencher<'_, '_>, tokens: usize) {
    let text = message(4 * (tokens + 2_000));
    bencher
        .with_inputs(|| {
            let mut document = Document::default();
            document.update(&text[..4 * tokens], page());
            document
        })
        .bench_local_refs(|document| {
            for end in (4 * tokens..4 * (tokens + 1_000)).step_by(4) {
                document.update(&text[..end], page());
            }
        });
}

/// A message of one megabyte that is seen for the first time.
#[divan::bench]
fn megabyte_at_once(bencher: Bencher<'_, '_>) {
    show_at_once(bencher, &message(1 << 20));
}

/// One megabyte without a line break.
#[divan::bench]
fn megabyte_in_one_line(bencher: Bencher<'_, '_>) {
    show_at_once(bencher, &"word ".repeat((1 << 20) / 5));
}

fn show_at_once(bencher: Bencher<'_, '_>, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        let mut document = Document::default();
        document.settle(divan::black_box(text), page());
        document.height()
    });
}

/// The rows of a frame from the middle of a megabyte.
#[divan::bench]
fn frame_of_cached_rows(bencher: Bencher<'_, '_>) {
    let mut document = Document::default();
    document.settle(&message(1 << 20), page());
    let area = Rect::new(0, 0, 116, 34);
    let mut buffer = Buffer::empty(area);
    let middle = document.height() / 2;
    bencher.bench_local(|| {
        for (row, y) in document.rows(middle, 34).zip(0..) {
            row.render(Rect { y, height: 1, ..area }, &mut buffer);
        }
    });
}
