//! What markdown looks like, and that growing documents look like finished ones.

use proptest::prelude::*;

use super::*;

fn page(width: usize) -> Page {
    Page { width, theme: Theme::new(false), role: Role::Text }
}

fn shown(document: &Document) -> Vec<String> {
    document.rows(0, usize::MAX).map(|row| row.to_string().trim_end().to_owned()).collect()
}

fn rows(source: &str, width: usize) -> Vec<String> {
    let mut document = Document::default();
    document.settle(source, page(width));
    shown(&document)
}

#[test]
fn what_is_nested_deeply_keeps_room_for_its_text() {
    let list: String =
        (0..60).map(|level| format!("{}- item {level}\n", "  ".repeat(level))).collect();
    let shown = rows(&list, 40);
    for level in 0..60 {
        let item = format!("• item {level}");
        assert!(shown.iter().any(|row| row.ends_with(&item)), "{item} in {shown:#?}");
    }
    assert_eq!(shown[59], "…                 • item 59");
    let quote = format!("{} deep down", ">".repeat(200));
    assert_eq!(rows(&quote, 40), ["… ▏ ▏ ▏ ▏ ▏ ▏ ▏ ▏ ▏ deep down"]);
}

#[test]
fn blocks_have_an_empty_row_between_them() {
    let source = "# Head\nOne *two*\nthree\n\n- a\n- b\n  1. c\n\n> quoted\n\n```rust\nfn x() {}\n\n}\n```\n---\nend";
    let expected = [
        "Head",
        "",
        "One two",
        "three",
        "",
        "• a",
        "• b",
        "  1. c",
        "",
        "▏ quoted",
        "",
        "rust ───────────── 1",
        "│ fn x() {}",
        "│",
        "│ }",
        "",
        "────────────────────",
        "",
        "end",
    ];
    assert_eq!(rows(source, 20), expected);
}

#[test]
fn long_paragraphs_and_items_are_wrapped_with_their_indent() {
    assert_eq!(rows("- one two three four", 12), ["• one two", "  three four"]);
    assert_eq!(rows("> a [link](http://x.y) here", 40), ["▏ a link <http://x.y> here"]);
}

#[test]
fn tables_are_aligned_or_stacked() {
    let table = "| a | bbbb |\n|---|---:|\n| long | 1 |";
    assert_eq!(rows(table, 20), ["a    │ bbbb", "─────┼─────", "long │    1"]);
    assert_eq!(rows(table, 10), ["a: long", "bbbb: 1"]);
}

#[test]
fn hostile_text_is_made_visible() {
    let all = rows("a\u{1b}[2Jb `\u{7}` <b\u{202e}>\n\n```\n\u{1b}]0;x\n```", 60).join("\n");
    assert!(all.contains("a␛[2Jb ␇"), "{all}");
    assert!(all.contains("<U+202E>"), "{all}");
    assert!(all.contains("│ ␛]0;x"), "{all}");
}

#[test]
fn a_huge_code_block_freezes_line_by_line() {
    let mut source = "intro\n\n```c\n".to_owned();
    let mut document = Document::default();
    for number in 0..4_000 {
        source.push_str(&format!("line {number};\n"));
        document.update(&source, page(40));
    }
    assert!(document.fence.is_some());
    source.push_str("```\nafter\n\nthe end");
    document.update(&source, page(40));
    assert!(document.fence.is_none());
    assert_eq!(shown(&document), rows_at_once(&source, 40));
}

fn rows_at_once(source: &str, width: usize) -> Vec<String> {
    rows(source, width)
}

#[test]
fn a_huge_paragraph_freezes_word_by_word() {
    let mut source = String::new();
    let mut document = Document::default();
    for number in 0..8_000 {
        source.push_str(&format!("word{number} "));
        if number % 50 == 0 {
            document.update(&source, page(40));
        }
    }
    document.update(&source, page(40));
    assert!(document.frozen_to > 0);
    let words = |rows: Vec<String>| {
        rows.join(" ").split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(words(shown(&document)), words(rows_at_once(&source, 40)));
}

#[test]
fn a_document_that_grows_in_large_pieces_ends_with_its_end() {
    let part = "The **law** says:\n\n```rust\nfn main() {\n    run();\n}\n```\n\n- one\n- two\n\n";
    let source = format!("{}\n\nthe end.", part.repeat(2_500));
    let expected = rows_at_once(&source, 60);
    for step in [1_000, 20_011, 50_021, 99_991] {
        let mut document = Document::default();
        let mut end = 0;
        while end < source.len() {
            end = (end + step).min(source.len());
            document.update(&source[..end], page(60));
        }
        let rows = shown(&document);
        assert_eq!(rows[rows.len() - 5..], expected[expected.len() - 5..], "{step}");
        assert_eq!(rows.len(), expected.len(), "{step}");
    }
}

#[test]
fn a_long_text_looks_as_if_it_were_parsed_as_a_whole() {
    let ordinary =
        "# Law\n\nIt **says**:\n\n```rust\nfn main() {}\n```\n\n- one\n- 你好\n\n".repeat(3_000);
    let one_block = format!("- a\n\n```c\n{}```\n\nend", "int x;\n".repeat(30_000));
    let explained = format!("[a] {ordinary}\n[a]: http://x.y\n");
    for source in [ordinary, one_block, explained] {
        let mut document = Document::default();
        assert!(document.settle(&source, page(40)));
        assert!(!document.settle(&source, page(40)), "nothing is new");
        let part = Part { source: &source, from: 0, separate: false, code_before: 0 };
        let whole = render::render(&part, page(40));
        assert_eq!(document.height(), whole.rows.len());
        for (index, row) in whole.rows.iter().enumerate() {
            assert_eq!(document.row(index).as_ref(), Some(&row.line), "row {index}");
            assert_eq!(document.code_at(index), row.code);
            assert_eq!(document.source_of(index), row.source);
        }
        let code = |block: &CodeBlock| block.code(&source).into_owned();
        let blocks = document.blocks().iter().map(code);
        assert!(blocks.eq(whole.blocks.iter().map(code)));
    }
}

#[test]
fn only_lines_that_may_explain_something_are_waited_for() {
    for source in
        ["[a]: u", "x\n> [a]: u", "x\r1. [^a]: u", "[b\na]: u", "- * [a]: u [b]:", "]: [a]: u"]
    {
        assert!(explains(source), "{source}");
    }
    for source in
        ["", "[a] : u", "if x[1]:\n    y", "for (a, b) in c[:]:", "so [a]: b", "[a](u)\n: b"]
    {
        assert!(!explains(source), "{source}");
    }
}

#[test]
fn a_document_that_is_behind_catches_up() {
    let source = "# Law\n\nIt **says** 你好:\n\n```rust\nfn main() {}\n```\n\n- one\n\n".repeat(50);
    let mut document = Document::default();
    assert!(!document.is_behind(&source, page(40)), "nothing was begun");
    let mut frames = 1;
    while !document.follow(&source, page(40), &mut 100) {
        assert!(document.is_behind(&source, page(40)) && !document.is_behind(&source, page(30)));
        frames += 1;
    }
    assert!((source.len() / 103..=source.len() / 100 + 1).contains(&frames), "{frames}");
    assert!(!document.is_behind(&source, page(40)));
    document.settle(&source, page(40));
    assert_eq!(shown(&document), rows(&source, 40));
    let mut room = 0;
    assert!(!document.follow(&format!("{source}x"), page(40), &mut room), "there is no room");
}

fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,8} ",
        4 => Just("\n".to_owned()),
        4 => Just("\n\n".to_owned()),
        10 => proptest::sample::select(&[
            "# ", "- ", "* ", "1. ", "2) ", "> ", "```", "```rust\n", "~~~~\n", "~~~", "**", "*", "`",
            "---\n", "===\n", "--\n", "***\n", "|a|b|\n|-|-|\n", "| x | y |\n", "|", "    ", "  ",
            "\t", "[a]", "x[a]:\n", "]: ", "[a]: http://x.y\n", "[a]: <", "[^a]", "[^a]: ", "[l](http://x.y)", "![i](u)",
            "<div>\n", "</div>\n", "<!-- ", " -->\n", "<pre>\n", "<script>\n", "<b>", "</pre>",
            "$x_1$", "$$\n", "$", "\\(", "\\)", "\\[", "\\]", "\\", "~~", "- [ ] ", "- [x] ", "  - ",
            "   1. ", "\r\n", "&amp;", "```\n", "`````\n", ">\n", "\u{1b}[2J",
        ][..]).prop_map(str::to_owned),
        1 => "\\PC{1,3}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// The rows of a text that came in pieces of these sizes, again and again.
fn grown(source: &str, width: usize, steps: &[usize]) -> Document {
    let mut document = Document::default();
    let mut end = 0;
    for step in steps.iter().cycle() {
        end = source.ceil_char_boundary((end + step).min(source.len()));
        document.update(&source[..end], page(width));
        if end == source.len() {
            return document;
        }
    }
    document
}

#[test]
fn a_place_is_in_the_row_that_shows_it() {
    let source = "# Head\n\none two three\n\n| abc | d |\n|---|---|\n| e | fgh |\n\n```c\nint x;\nint y;\n```\n\n> - last\n";
    let mut document = Document::default();
    document.settle(source, page(9));
    for word in ["Head", "one", "three", "abc", "d", "fgh", "int x", "int y", "last"] {
        let row = document.row_of(source.find(word).unwrap());
        let content = document.content(row).unwrap();
        assert!(content.text.contains(word), "{word} in {content:?}");
    }
}

proptest! {
    #[test]
    fn no_text_is_lost_or_panics(source in markdown(), width in 1..60usize) {
        if source.contains("]:") {
            return Ok(());
        }
        // A word may go on in the next row, behind what stands in front of that.
        let all: String = rows(&source, width).concat();
        let all: String = all.chars().filter(char::is_ascii_lowercase).collect();
        // What stands behind a fence is cut where it has no room.
        let lines = source.split(['\n', '\r']).filter(|line| !line.contains("~~~") && !line.contains("```"));
        for word in lines.flat_map(|line| line.split(|c: char| !c.is_ascii_lowercase())) {
            if word.len() < width && !["amp", "http", "x", "y", "rust"].contains(&word) {
                // Rows of cells that are wrapped beside each other have their words in turns.
                let count = |text: &str, letter| text.chars().filter(|&c| c == letter).count();
                let mut letters = word.chars();
                let in_turns = source.contains('|')
                    && letters.all(|letter| count(&all, letter) >= count(word, letter));
                prop_assert!(
                    in_turns || all.contains(word),
                    "{word:?} of {source:?} in {all:?}"
                );
            }
        }
    }

    #[test]
    fn a_document_that_grew_looks_like_one_that_came_at_once(
        source in markdown(),
        steps in proptest::collection::vec(1..9usize, 1..5),
        width in 8..50usize,
    ) {
        let mut document = grown(&source, width, &steps);
        if !explains(&source) {
            prop_assert_eq!(shown(&document), rows_at_once(&source, width), "before its end");
        }
        document.settle(&source, page(width));
        prop_assert_eq!(shown(&document), rows_at_once(&source, width));
        let blocks = |document: &Document| {
            document.blocks().iter().map(|block| block.code(&source).into_owned()).collect::<Vec<_>>()
        };
        let mut at_once = Document::default();
        at_once.settle(&source, page(width));
        prop_assert_eq!(blocks(&document), blocks(&at_once));
    }

    #[test]
    fn places_in_the_text_are_found_in_the_rows(source in markdown(), width in 8..50usize) {
        let mut document = Document::default();
        document.settle(&source, page(width));
        for (offset, _) in source.char_indices() {
            let row = document.row_of(offset);
            prop_assert!(row < document.height().max(1));
            prop_assert!(row == 0 || document.source_of(row) <= offset);
        }
    }
}

#[test]
fn packed_rows_are_the_rows_that_were_packed() {
    let source = "# A\n\n**b** `c` [d](http://e.f)\n\n> g 你好\n\n```rust\nfn h() {}\n\n```\n\n| i | j |\n|---|---|\n| k | l |\n\n- m\n";
    let part = Part { source, from: 0, separate: false, code_before: 0 };
    let rows = render::render(&part, page(30)).rows;
    let mut packed = Rows::default();
    packed.extend(&rows);
    assert_eq!(packed.len(), rows.len());
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(packed.get(index).as_ref(), Some(&row.line));
        let content = packed.content(index).unwrap();
        assert_eq!((&content.text, content.wrapped), (&row.content().text, row.wrapped));
        assert_eq!(packed.code(index), row.code);
    }
    assert_eq!(packed.get(rows.len()), None);
}

/// What was parsed while a text grew: the bytes between what is frozen and the end, summed up.
fn parsed(document: &mut Document, source: &str) -> usize {
    let (mut sum, mut end) = (0, 0);
    while end < source.len() {
        // Not in step with what is repeated in the text.
        let step = 1_000 + end * 7_919 % 997;
        end = source.ceil_char_boundary((end + step).min(source.len()));
        let from = document.frozen_to;
        document.update(&source[..end], page(80));
        sum += end - from;
    }
    sum
}

#[test]
fn a_token_costs_the_same_at_any_length() {
    let prose = "The **law** says that `x` grows with *time*, [as shown](https://x.ai).\n\n- one\n- two\n\n";
    let code = "    let x = 1;\n";
    let kinds = [
        ("", prose.to_owned()),
        ("```rust\n", code.to_owned()),
        ("", "word ".to_owned()),
        ("", "- item\n".to_owned()),
        ("| a | b |\n|---|---|\n", "| c | d |\n".to_owned()),
        ("> ", "quoted\n> ".to_owned()),
    ];
    for (head, part) in kinds {
        let text = |bytes: usize| format!("{head}{}", part.repeat(bytes / part.len()));
        let per_byte = |bytes: usize| {
            let text = text(bytes);
            parsed(&mut Document::default(), &text) as f64 / text.len() as f64
        };
        // Long enough that the largest open block was reached in both.
        let (short, long) = (per_byte(40_000), per_byte(160_000));
        assert!(long < short * 1.3, "{part:?}: {short} and {long} bytes parsed for each");
    }
}

#[test]
fn the_line_above_a_code_block_says_its_language() {
    for source in ["```a─b x\n1\n```\nend", "> ```a─b x\n> 1\n> ```\n>\n> end"] {
        let mut document = Document::default();
        for settled in [false, true] {
            if settled {
                document.settle(source, page(30));
            } else {
                document.update(source, page(30));
            }
            let front = if source.starts_with('>') { "▏ " } else { "" };
            let said = |row| document.words(row).unwrap();
            assert_eq!(said(0), format!("{front}a─b x"));
            assert!(said(1).ends_with("│ 1"), "{}", said(1));
        }
    }
    let mut document = Document::default();
    document.settle("---\n\n    old", page(30));
    assert_eq!(document.words(0).unwrap().chars().count(), 30, "a drawn line is what it is");
    assert_eq!(document.words(2).unwrap(), "", "a block without a language says nothing");
}

/// The texts that are links, row by row, and what they lead to.
fn linked(source: &str, width: usize) -> Vec<(String, String)> {
    let mut document = Document::default();
    document.settle(source, page(width));
    let mut found = Vec::new();
    for row in 0..document.height() {
        let addresses = document.links_in(row);
        for span in document.row(row).unwrap().spans {
            let Some(number) = links::of(span.style) else { continue };
            let address =
                addresses.iter().find(|(known, _)| *known == number).unwrap().1.to_string();
            match found.last_mut() {
                Some((text, last)) if *last == address => String::push_str(text, &span.content),
                _ => found.push((span.content.into_owned(), address)),
            }
        }
    }
    found
}

#[test]
fn addresses_in_a_text_are_links() {
    let whole = |address: &str| vec![(address.to_owned(), address.to_owned())];
    assert_eq!(linked("See https://x.y/a_b_c*d, or not.", 40), whole("https://x.y/a_b_c*d"));
    assert_eq!(linked("**https://x.y/**: there", 40), whole("https://x.y/"));
    assert_eq!(linked("- a (https://x.y/a_(b))", 40), whole("https://x.y/a_(b)"));
    assert_eq!(
        linked("https://x.y/long/one", 10),
        whole("https://x.y/long/one"),
        "in every row of it"
    );
    assert_eq!(linked("| a |\n|---|\n| https://x.y |", 40), whole("https://x.y"));
    assert_eq!(linked("<https://x.y>", 40), whole("https://x.y"));
    let named = ("here <https://x.y>".to_owned(), "https://x.y".to_owned());
    assert_eq!(linked("[here](https://x.y)", 40), [named]);
    for none in [
        "`https://x.y`",
        "    https://x.y",
        "```\nhttps://x.y\n```",
        "$https://x.y$",
        "<!-- https://x.y -->",
    ] {
        assert_eq!(linked(none, 40), [], "{none}");
    }
    assert_eq!(linked("[here](<https://x.y/ a>)", 40), [], "no link for being shown");
    assert_eq!(rows("See https://x.y/a.", 40), ["See https://x.y/a."], "nothing is added");
}
