//! The laws of the text field.

use super::*;
use proptest::prelude::*;

fn typed(text: &str) -> Composer {
    let mut composer = Composer::default();
    for c in text.chars() {
        composer.insert(c.encode_utf8(&mut [0; 4]));
    }
    composer
}

#[test]
fn backspace_takes_whole_clusters() {
    for cluster in ["👨‍👩‍👧‍👦", "🇳🇴", "e\u{301}", "नि", "字"] {
        let mut composer = typed(&format!("a{cluster}"));
        composer.delete(Motion::Left);
        assert_eq!(composer.text(), "a");
    }
}

#[test]
fn undo_goes_word_by_word_and_redo_back() {
    let mut composer = typed("one two");
    composer.undo();
    assert_eq!(composer.text(), "one ");
    composer.undo();
    assert_eq!(composer.text(), "");
    composer.redo();
    composer.redo();
    assert_eq!(composer.text(), "one two");
}

#[test]
fn words_and_lines_are_cut_and_put_back() {
    let mut composer = typed("one two\nthree");
    composer.delete(Motion::WordLeft);
    assert_eq!(composer.text(), "one two\n");
    composer.yank();
    composer.move_by(Motion::LineStart);
    composer.delete(Motion::LineEnd);
    assert_eq!(composer.text(), "one two\n");
    composer.move_by(Motion::Start);
    composer.yank();
    assert_eq!(composer.text(), "threeone two\n");
}

#[test]
fn moving_up_and_down_keeps_the_column() {
    let mut composer = typed("long line\nx\nlong line");
    assert!(composer.move_rows(-1, 80));
    assert!(composer.move_rows(-1, 80));
    assert_eq!(composer.cursor_cell(&composer.rows(80)), (0, 9));
    assert!(!composer.move_rows(-1, 80));
}

#[test]
fn pasted_line_breaks_become_ours() {
    let mut composer = Composer::default();
    composer.insert("a\r\nb\rc");
    assert_eq!(composer.text(), "a\nb\nc");
}

proptest! {
    #[test]
    fn the_cursor_never_leaves_cluster_borders(steps in proptest::collection::vec((0..14u8, "\\PC{1,3}|\n|\u{200d}|\u{301}"), 0..60), cells in 1..12usize) {
        let mut composer = Composer::default();
        for (step, text) in steps {
            match step {
                0..5 => composer.insert(&text),
                5 => composer.move_by(Motion::Left),
                6 => composer.move_by(Motion::Right),
                7 => composer.move_by(Motion::WordLeft),
                8 => composer.delete(Motion::Left),
                9 => composer.delete(Motion::WordRight),
                10 => composer.undo(),
                11 => composer.redo(),
                12 => drop(composer.move_rows(-1, cells)),
                _ => composer.click(0, 3, cells),
            }
            prop_assert!(composer.text.is_char_boundary(composer.cursor));
            let rows = composer.rows(cells);
            let (row, _) = composer.cursor_cell(&rows);
            prop_assert!(rows.get(&composer.text, row).is_some());
        }
    }
}

#[test]
fn cuts_in_a_row_are_one_text_and_older_ones_come_back_in_turn() {
    let mut composer = typed("one two three");
    composer.delete(Motion::WordLeft);
    composer.delete(Motion::WordLeft);
    assert_eq!(composer.text(), "one ");
    composer.yank();
    assert_eq!(composer.text(), "one two three");
    composer.move_by(Motion::Start);
    composer.delete(Motion::WordRight);
    composer.yank();
    assert_eq!(composer.text(), "one two three");
    composer.yank_older();
    assert_eq!(composer.text(), "two three two three");
    composer.yank_older();
    assert_eq!(composer.text(), "one two three", "behind the oldest comes the newest");
    composer.move_by(Motion::Right);
    composer.yank_older();
    assert_eq!(composer.text(), "one two three", "only right after putting something back");
}

#[test]
fn cuts_outlive_the_message_that_is_sent() {
    let mut composer = typed("keep this");
    composer.delete(Motion::LineStart);
    composer.insert("sent");
    composer.take();
    composer.load("");
    composer.yank();
    assert_eq!(composer.text(), "keep this");
}

#[test]
fn transposing_works_by_cluster() {
    let mut composer = typed("a🇳🇴");
    composer.transpose();
    assert_eq!(composer.text(), "🇳🇴a");
    composer.move_by(Motion::Start);
    composer.transpose();
    assert_eq!(composer.text(), "🇳🇴a", "there is nothing before the first");
    let mut composer = typed("x\n");
    composer.transpose();
    assert_eq!(composer.text(), "x\n", "an empty line has nothing to exchange");
}

#[test]
fn clusters_of_every_script_are_one_step() {
    for (text, steps) in [
        ("👨‍👩‍👧‍👦🇳🇴", 2),
        ("क्षत्रिय", 3),
        ("مرحبا", 5),
        ("שָׁלוֹם", 4),
        ("日本語", 3),
        ("👍🏽e\u{301}\u{323}", 2),
    ] {
        let mut composer = Composer::with_text(text);
        let mut counted = 0;
        while composer.cursor > 0 {
            composer.move_by(Motion::Left);
            counted += 1;
        }
        assert_eq!(counted, steps, "{text}");
        for _ in 0..steps {
            composer.delete(Motion::Right);
        }
        assert_eq!(composer.text(), "");
    }
}

/// The cell in which the cursor stands, at this many cells a row.
fn cell(composer: &Composer, cells: usize) -> (usize, usize) {
    composer.cursor_cell(&composer.rows(cells))
}

#[test]
fn the_cursor_stands_where_text_goes_in() {
    assert_eq!(cell(&typed("日本"), 10), (0, 4));
    assert_eq!(cell(&typed("a\tb"), 10), (0, 6), "a tab takes four cells");
    assert_eq!(cell(&typed("a\u{1b}\u{202e}"), 20), (0, 10), "controls are shown");
    // Behind a full row it stands in the margin; a space takes it to the next row, and so does
    // whatever makes the word too long.
    assert_eq!(cell(&typed("abcd"), 4), (0, 4));
    assert_eq!(cell(&typed("abcd "), 4), (1, 0));
    assert_eq!(cell(&typed("abcd  "), 4), (1, 1));
    assert_eq!(cell(&typed("abcde"), 4), (1, 1));
    assert_eq!(cell(&typed("ab cde"), 5), (1, 3));
    assert_eq!(cell(&typed("日本語"), 5), (1, 2));
    let mut composer = typed("abcd efgh");
    composer.move_rows(-1, 5);
    assert_eq!(cell(&composer, 5), (0, 4), "not behind the space, which is the row below");
}

#[test]
fn a_part_is_taken_out_wherever_the_cursor_is() {
    let mut composer = typed("one [part] two");
    assert!(composer.take_out("[part] "));
    assert_eq!((composer.text(), composer.cursor), ("one two", 7));
    composer.undo();
    assert_eq!(composer.text(), "one [part] two");
    composer.move_by(Motion::Start);
    assert!(composer.is_at_start() && composer.take_out("one "));
    assert_eq!((composer.text(), composer.cursor), ("[part] two", 0));
    assert!(!composer.take_out("three") && !composer.take_out(""));
}

#[test]
fn setting_a_text_is_one_small_step() {
    let mut composer = Composer::with_text("Grüße an alle");
    composer.set("Grüsse an alle");
    assert_eq!(composer.text(), "Grüsse an alle");
    assert!(composer.undo.bytes() <= 4, "only what differs is kept");
    composer.undo();
    assert_eq!(composer.text(), "Grüße an alle");
}

#[test]
fn a_key_costs_its_row_however_long_the_text_is() {
    for line in ["word ", "word word word word word word\n", "x", "字"] {
        let mut composer = Composer::with_text(&line.repeat(100_000 / line.len()));
        composer.wrap(80);
        for place in [Motion::End, Motion::Start] {
            composer.move_by(place);
            for _ in 0..20 {
                composer.move_rows(if place == Motion::End { -1 } else { 1 }, 80);
            }
            composer.insert("a");
            let before = composer.rows.measured;
            for _ in 0..100 {
                composer.insert("b");
                composer.delete(Motion::Left);
                composer.insert("c ");
            }
            let work = composer.rows.measured - before;
            assert!(work < 300 * 80 * 22, "{line:?}: {work} clusters were measured");
        }
        assert!(composer.undo.bytes() < 2_000, "edits are kept, not copies of the text");
        assert_eq!(all_rows(&composer.rows, &composer.text), {
            all_rows(&Rows::of(&composer.text, 80), &composer.text)
        });
    }
}

fn all_rows(rows: &Rows, text: &str) -> Vec<Row> {
    rows.from(text, 0).collect()
}

proptest! {
    /// Rows that were mended after each edit are those of the text wrapped anew; what is undone and
    /// made again is what was there.
    #[test]
    fn mended_rows_and_undone_texts_are_right(
        steps in proptest::collection::vec((0..16u8, "[a-c ]{1,9}|\\PC{1,3}|\n|\t|字字|👩\u{200d}|🇳|\u{301}|\r\n"), 0..40),
        cells in 1..14usize,
    ) {
        let mut composer = Composer::default();
        composer.wrap(cells);
        let mut texts = vec![String::new()];
        for (step, text) in steps {
            match step {
                0..6 => composer.insert(&text),
                6 => composer.move_by(Motion::Left),
                7 => composer.move_by(Motion::WordLeft),
                8 => composer.move_by(Motion::Start),
                9 => composer.delete(Motion::Left),
                10 => composer.delete(Motion::WordRight),
                11 => composer.delete(Motion::LineStart),
                12 => composer.yank(),
                13 => composer.transpose(),
                14 => composer.set(&format!("{text}{}", composer.text().to_owned())),
                _ => drop(composer.move_rows(1, cells)),
            }
            composer.undo.close();
            let fresh = Rows::of(&composer.text, cells);
            prop_assert_eq!(all_rows(&composer.rows, &composer.text), all_rows(&fresh, &composer.text));
            prop_assert_eq!(composer.row_count(cells, 1_000), all_rows(&fresh, &composer.text).len());
            let (row, column) = composer.cursor_cell(&composer.rows);
            prop_assert_eq!(row, fresh.at(&composer.text, composer.cursor));
            prop_assert!(fresh.get(&composer.text, row).is_some());
            let first = composer.text[..composer.cursor].graphemes(true).map(rows::width).max();
            prop_assert!(column <= cells.max(first.unwrap_or(0)), "the cursor is on the screen");
            if texts.last() != Some(&composer.text) {
                texts.push(composer.text.clone());
            }
        }
        let end = composer.text.clone();
        for text in texts.iter().rev().skip(1) {
            // Exchanging two equal characters is a step as well.
            for _ in 0..40 {
                if composer.text != *text {
                    composer.undo();
                }
            }
            prop_assert_eq!(&composer.text, text);
        }
        for _ in 0..40 {
            composer.redo();
        }
        prop_assert_eq!(&composer.text, &end);
        prop_assert_eq!(all_rows(&composer.rows, &composer.text), all_rows(&Rows::of(&end, cells), &end));
    }
}
