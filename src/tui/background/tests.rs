//! Laws of the sieve: an answer never reaches the input, and everything else does, in order.

use proptest::prelude::*;

use super::*;

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

/// The events that the reader makes of bytes that come in one piece.
fn events(bytes: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut chars = bytes.chars();
    while let Some(c) = chars.next() {
        events.push(match c {
            '\x1b' => match chars.next() {
                Some(c) => key(KeyCode::Char(c), KeyModifiers::ALT),
                None => key(KeyCode::Esc, KeyModifiers::NONE),
            },
            '\x07' => key(KeyCode::Char('g'), KeyModifiers::CONTROL),
            c if c.is_uppercase() => key(KeyCode::Char(c), KeyModifiers::SHIFT),
            c => key(KeyCode::Char(c), KeyModifiers::NONE),
        });
    }
    events
}

/// What comes of events that follow each other at once, and of waiting afterwards.
fn sorted(sieve: &mut Sieve, events: Vec<Event>, now: Instant) -> Sorted {
    let mut all = Sorted::default();
    for event in events {
        let sorted = sieve.sort(event, now);
        all.input.extend(sorted.input);
        all.background = all.background.or(sorted.background);
    }
    all.input.extend(sieve.wake(now + PATIENCE));
    all
}

fn listening(now: Instant) -> Sieve {
    let mut sieve = Sieve::default();
    sieve.listen(now);
    sieve
}

#[test]
fn answers_of_terminals_are_understood() {
    for (body, background) in [
        ("11;rgb:0000/0000/0000", Some(Background::Dark)),
        ("11;rgb:ffff/ffff/FFFF", Some(Background::Light)),
        ("11;rgb:fd/f6/e3", Some(Background::Light)),
        ("11;rgb:0/2/3", Some(Background::Dark)),
        ("11;rgba:2828/2828/2828/ffff", Some(Background::Dark)),
        ("11;rgb:ffff/ffff", None),
        ("11;rgb:ffff/ffff/fffff", None),
        ("11;rgb:+fff/ffff/ffff", None),
        ("11;rgb://", None),
        ("10;rgb:0000/0000/0000", None),
        ("", None),
    ] {
        assert_eq!(parse(body), background, "{body}");
    }
}

#[test]
fn an_answer_is_swallowed_however_it_ends_and_wherever_it_is_cut() {
    let now = Instant::now();
    for ending in ["\x07", "\x1b\\"] {
        let answer = format!("\x1b]11;rgb:ffff/ffff/ffff{ending}");
        for cut in 0..=answer.len() {
            let mut pieces = events(&answer[..cut]);
            pieces.extend(events(&answer[cut..]));
            let sorted = sorted(&mut listening(now), pieces, now);
            assert_eq!(sorted.background, Some(Background::Light), "cut at {cut}");
            assert_eq!(sorted.input, [], "cut at {cut}");
        }
    }
}

#[test]
fn typed_keys_around_an_answer_stay() {
    let now = Instant::now();
    let sorted = sorted(&mut listening(now), events("ab\x1b]11;rgb:00/00/00\x07cd"), now);
    assert_eq!(sorted, Sorted { input: events("abcd"), background: Some(Background::Dark) });
}

#[test]
fn what_only_begins_like_an_answer_is_let_go_after_a_moment() {
    let now = Instant::now();
    let mut sieve = listening(now);
    for typed in ["\x1b", "\x1b]", "\x1b]11;rgb:ffff/ff", "\x1b]11;rgb:00/00/00\x1b"] {
        for event in events(typed) {
            assert_eq!(sieve.sort(event, now), Sorted::default());
        }
        assert_eq!(sieve.wake(now), []);
        let at = sieve.wakes_at().unwrap();
        assert_eq!(sieve.wake(at), events(typed));
        assert_eq!(sieve.wakes_at(), None);
    }
}

#[test]
fn nothing_is_held_without_a_question_after_an_answer_or_too_late() {
    let now = Instant::now();
    let alone = || key(KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(Sieve::default().sort(alone(), now).input, [alone()]);
    let mut answered = listening(now);
    sorted(&mut answered, events("\x1b]11;rgb:00/00/00\x07"), now);
    assert_eq!(answered.sort(alone(), now).input, [alone()]);
    assert_eq!(listening(now).sort(alone(), now + LISTENED).input, [alone()]);
}

#[test]
fn a_change_of_size_in_the_midst_of_an_answer_harms_nothing() {
    let now = Instant::now();
    let mut all = events("\x1b]11;rgb:00/00/00\x07");
    all.insert(5, Event::Resize(80, 24));
    let sorted = sorted(&mut listening(now), all, now);
    assert_eq!(sorted.input, [Event::Resize(80, 24)]);
    assert_eq!(sorted.background, Some(Background::Dark));
}

/// What users do, much of it resembling an answer.
fn typed() -> impl Strategy<Value = Event> {
    let likely = prop::sample::select(vec![
        "\x1b", "\x1b]", "]", "1", ";", "r", "g", "b", ":", "/", "f", "F", "0", "\x07", "\x1b\\",
        "\\", "x",
    ]);
    prop_oneof![
        20 => likely.prop_map(|text| events(text).remove(0)),
        1 => Just(Event::Paste("11;rgb:".to_owned())),
        1 => any::<char>().prop_map(|c| key(KeyCode::Char(c), KeyModifiers::NONE)),
    ]
}

proptest! {
    #[test]
    fn what_holds_no_whole_answer_comes_through_unchanged(all in prop::collection::vec(typed(), 0..60)) {
        let now = Instant::now();
        let sorted = sorted(&mut listening(now), all.clone(), now);
        // Chance makes no answer of 15 keys or more.
        prop_assume!(sorted.background.is_none());
        prop_assert_eq!(sorted.input, all);
    }

    #[test]
    fn beginnings_of_answers_lose_no_key(cut in 0..22_usize, after in prop::collection::vec(typed(), 0..9)) {
        let now = Instant::now();
        let mut all = events(&"\x1b]11;rgb:ffff/ffff/ffff\x07"[..cut]);
        all.push(Event::Paste(String::new()));
        all.extend(after);
        let sorted = sorted(&mut listening(now), all.clone(), now);
        prop_assert_eq!(sorted.background, None);
        prop_assert_eq!(sorted.input, all);
    }

    #[test]
    fn an_answer_among_keys_is_all_that_is_swallowed(
        before in "[a-z1;:/]{0,12}",
        channels in prop::collection::vec("[0-9a-fA-F]{1,4}", 3..=4),
        bell in any::<bool>(),
        after in "[a-z1;:/]{0,12}",
    ) {
        let now = Instant::now();
        let kind = if channels.len() == 4 { "rgba" } else { "rgb" };
        let end = if bell { "\x07" } else { "\x1b\\" };
        let text = format!("{before}\x1b]11;{kind}:{}{end}{after}", channels.join("/"));
        let sorted = sorted(&mut listening(now), events(&text), now);
        prop_assert!(sorted.background.is_some());
        prop_assert_eq!(sorted.input, events(&format!("{before}{after}")));
    }
}
