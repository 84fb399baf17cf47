//! Several answers at once: the panel, what it does, and what it costs.

use super::*;
use crate::tui::state::Focus;
use crate::tui::state::samples::Likelihood;
use crate::tui::theme::Signs;

/// A question and its answer, at a size.
fn talk(width: u16, height: u16) -> Client {
    Client::new(width, height)
        .opened("c", vec![human("h", "", "A question?", 60), model("m", "h", "An answer.", 50)])
}

/// The same with so many samples asked for.
fn sampling(count: usize) -> (Client, Vec<AnswerId>) {
    sampling_at(120, 40, count)
}

fn sampling_at(width: u16, height: u16, count: usize) -> (Client, Vec<AnswerId>) {
    let mut client = talk(width, height);
    client.keys("Esc");
    for digit in count.to_string().chars() {
        client.keys(&digit.to_string());
    }
    client.keys("r");
    let ids = client.all_asked().into_iter().map(|(id, _)| id).collect();
    (client, ids)
}

fn name(index: usize) -> String {
    format!("s{}", index + 1)
}

/// A sample has begun.
fn begin(client: &mut Client, id: AnswerId, index: usize) {
    let begun = Response { partial: true, ..model(&name(index), "h", "", -(index as i64)) };
    client.arrive(id, vec![Piece::Started(begun)]);
}

fn text(client: &mut Client, id: AnswerId, words: &str, tokens: u32, prob: f64) {
    let likelihood = Likelihood { log_sum: f64::from(tokens) * prob.ln(), tokens };
    let pieces = vec![Piece::Likelihood(likelihood), Piece::Text(words.to_owned(), tokens)];
    client.arrive(id, pieces);
}

/// A sample is complete.
fn end(client: &mut Client, id: AnswerId, index: usize, words: &str) {
    let whole = model(&name(index), "h", words, -(index as i64));
    client.arrive(id, vec![Piece::Finished(whole)]);
    client.event(Event::AnswerEnded { id, error: None });
}

fn fail(client: &mut Client, id: AnswerId, words: &str) {
    let error = Some(error(ErrorKind::Other, words));
    client.event(Event::AnswerEnded { id, error });
}

/// Five samples, each in another state.
fn five(width: u16, height: u16) -> (Client, Vec<AnswerId>) {
    let (mut client, ids) = sampling_at(width, height, 5);
    begin(&mut client, ids[0], 0);
    begin(&mut client, ids[1], 1);
    begin(&mut client, ids[3], 3);
    client.wait(100);
    text(&mut client, ids[0], "Because there", 2, 0.5);
    text(&mut client, ids[1], "Entropy is", 2, 0.9);
    text(&mut client, ids[3], "Nobody", 1, 0.25);
    client.wait(1_000);
    text(&mut client, ids[0], " are more ways to be mixed than to be sorted", 40, 0.71);
    text(&mut client, ids[1], " what we do not know", 120, 0.9);
    end(&mut client, ids[1], 1, "Entropy is what we do not know.");
    fail(&mut client, ids[2], "the model takes no more requests for now (429); try again later");
    client.state.notice = None;
    (client, ids)
}

#[test]
fn samples_on_their_way() {
    for (width, height) in [(120, 40), (80, 24), (50, 15)] {
        let (mut client, _) = five(width, height);
        insta::assert_snapshot!(format!("samples_{width}x{height}"), client.screen());
        client.keys("P j");
        insta::assert_snapshot!(format!("samples_chosen_{width}x{height}"), client.screen());
    }
}

#[test]
fn where_there_is_no_room_a_row_says_how_samples_fare() {
    for (width, height) in [(20, 6), (60, 12)] {
        let (mut client, ids) = five(width, height);
        assert!(client.screen().contains("5 samples · 3 runn"), "{}", client.screen());
        client.keys("P");
        assert!(client.screen().contains("▌1/5 ‹2› ▮▯▯▯"), "{}", client.screen());
        client.keys("j x");
        assert!(client.screen().contains(" 2/5 ‹3› ▮▮▮▮"), "{}", client.screen());
        client.keys("j j x");
        assert_eq!(client.effects().last(), Some(&Effect::Stop(ids[3])));
        insta::assert_snapshot!(format!("samples_one_row_{width}x{height}"), client.screen());
    }
}

#[test]
fn the_panel_says_which_siblings_its_samples_are() {
    let (mut client, ids) = sampling(3);
    assert!(client.screen().contains(" 1/3 ▯▯▯▯ waiting"), "{}", client.screen());
    // The third is stored first.
    begin(&mut client, ids[2], 0);
    begin(&mut client, ids[0], 2);
    let screen = client.screen();
    assert!(screen.contains("1/3 ‹3› ▯▯▯▯") && screen.contains("3/3 ‹2› ▯▯▯▯"), "{screen}");
    assert!(screen.contains(" 2/3     ▯▯▯▯ waiting"), "{screen}");
    let shown = client.state.open.selected_response().unwrap();
    assert_eq!(shown.id, response_id("s1"));
    assert!(screen.contains("Grok  ‹ 2/3 ›"), "as the chat says: {screen}");
}

#[test]
fn placeholders_stand_at_once_and_a_single_sample_needs_no_panel() {
    let (mut client, _) = sampling(5);
    let screen = client.screen();
    assert!(screen.contains("5 samples · 5 running"), "{screen}");
    assert!(screen.contains("5/5 ▯▯▯▯ waiting for the first token"), "{screen}");
    let (mut client, _) = sampling(1);
    assert!(!client.screen().contains("samples"), "{}", client.screen());
}

#[test]
fn a_sample_beside_one_that_arrives_joins_it() {
    let (mut client, ids) = sampling(1);
    begin(&mut client, ids[0], 0);
    client.keys("r");
    assert!(client.screen().contains("2 samples · 2 running"), "{}", client.screen());

    // Also beside the answer to a message.
    let mut client = talk(120, 40);
    client.type_text("More?").keys("Enter");
    let (id, _) = client.asked();
    client.arrive(id, vec![Piece::User(human("h2", "m", "More?", 1))]);
    client.arrive(id, vec![Piece::Started(model("m2", "h2", "", 0))]);
    client.keys("Tab Tab Tab r");
    assert!(client.screen().contains("2 samples · 2 running"), "{}", client.screen());
}

#[test]
fn the_same_text_has_one_line_and_the_end_says_how_many_differ() {
    let (mut client, ids) = sampling(5);
    for (index, words) in ["Four.", "Five.", "Four.\n", "Four. ", "4"].into_iter().enumerate() {
        begin(&mut client, ids[index], index);
        text(&mut client, ids[index], words, 3, 0.5);
        end(&mut client, ids[index], index, words);
    }
    let screen = client.screen();
    assert!(screen.contains("5 samples · 3 different"), "{screen}");
    assert!(screen.contains("×3 Four."), "{screen}");
    // Whichever of them is on the screen, their line says so.
    for index in [0, 2, 3] {
        let slot = client.slot(&name(index));
        client.state.open.select(slot);
        assert!(client.screen().contains("▌1/5"), "{}", client.screen());
    }
    // It stays until Escape, or until something is sent.
    client.keys("k j");
    assert!(client.screen().contains("5 samples"));
    client.keys("Esc");
    assert!(!client.screen().contains("5 samples"), "{}", client.screen());
    assert_eq!(client.notice(), "");
}

#[test]
fn siblings_that_say_the_same_say_so() {
    let mut client = Client::new(120, 40).opened(
        "c",
        vec![
            human("h", "", "How much is 2 + 2?", 60),
            model("m1", "h", "Four.", 50),
            model("m2", "h", "Four.\n", 40),
            model("m3", "h", "Five.", 30),
            Response { partial: true, ..model("m4", "h", "Four.", 20) },
        ],
    );
    let slot = client.slot("m1");
    client.state.open.select(slot);
    let screen = client.screen();
    assert!(screen.contains("Grok  ‹ 1/4 ›  ×2 identical"), "{screen}");
    assert!(screen.contains("Four. 1/4 ×2") && screen.contains("Four. 2/4 ×2"), "{screen}");
    assert!(screen.contains("Five. 3/4\n") || !screen.contains("Five. 3/4 ×"), "{screen}");
    client.keys("Esc ] ]");
    assert!(!client.screen().contains("identical"));
    // One that was just completed counts; one that is incomplete does not.
    client.keys("r");
    let (id, _) = client.asked();
    end(&mut client, id, 4, "Four.");
    assert!(client.screen().contains("Grok  ‹ 5/5 ›  ×3 identical"), "{}", client.screen());
    assert_eq!(client.state.open.identical(client.slot("m4")), 1);
}

#[test]
fn a_count_fills_what_is_free_and_says_so() {
    let (mut client, _) = sampling(48);
    client.keys("5 r");
    assert_eq!(client.all_asked().len(), 2);
    assert!(
        client.notice().contains("2 answers were asked for: no more than 50"),
        "{}",
        client.notice()
    );
    client.keys("r");
    assert_eq!(client.effects(), []);
    assert!(client.notice().contains("50 answers are arriving here"), "{}", client.notice());
}

#[test]
fn the_next_message_takes_the_panel_away() {
    let (mut client, ids) = sampling(2);
    for (index, &id) in ids.iter().enumerate() {
        begin(&mut client, id, index);
        end(&mut client, id, index, "x");
    }
    assert!(client.screen().contains("2 samples · 1 different"), "{}", client.screen());
    client.effects();
    client.keys("i").type_text("On.").keys("Enter");
    client.asked();
    assert!(!client.screen().contains("2 samples"), "{}", client.screen());
}

#[test]
fn the_panel_shows_and_stops_what_is_under_its_cursor() {
    let (mut client, ids) = five(120, 40);
    client.keys("P j Enter");
    assert_eq!(client.state.open.selected(), Some(client.slot("s2")));
    // A failed one that never began says the whole reason.
    client.keys("j Enter");
    assert!(client.notice().contains("try again later"), "{}", client.notice());
    client.effects();
    client.keys("j x");
    assert_eq!(client.effects(), [Effect::Stop(ids[3])]);
    client.event(Event::AnswerEnded { id: ids[3], error: None });
    assert!(client.screen().contains("■      1 tok"), "{}", client.screen());
    client.effects();
    client.keys("x");
    assert_eq!(client.effects(), []);
    client.keys("X");
    assert_eq!(client.effects(), [Effect::Stop(ids[0]), Effect::Stop(ids[4])]);
    assert!(client.notice().contains("Stopping 2 answers"), "{}", client.notice());
    client.keys("Esc");
    assert_eq!((client.state.focus, client.state.samples_have_keys()), (Focus::Chat, false));
    client.keys("X");
    assert_eq!(client.effects(), []);
}

#[test]
fn another_key_leaves_the_panel_and_does_what_it_does() {
    let (mut client, _) = five(120, 40);
    client.keys("P i");
    assert_eq!((client.state.focus, client.state.samples_have_keys()), (Focus::Composer, false));
    client.type_text("j");
    assert_eq!(client.state.composer.text(), "j");
    let mut client = talk(120, 40);
    client.keys("Esc P");
    assert!(client.notice().contains("5r"), "{}", client.notice());
    assert!(!client.state.samples_have_keys());
}

#[test]
fn the_first_to_begin_is_followed_and_nobody_else() {
    let (mut client, ids) = sampling(3);
    begin(&mut client, ids[1], 1);
    assert_eq!(client.state.open.selected(), Some(client.slot("s2")));
    begin(&mut client, ids[0], 0);
    end(&mut client, ids[2], 2, "Without a beginning.");
    assert_eq!(client.state.open.selected(), Some(client.slot("s2")));
}

#[test]
fn who_went_elsewhere_is_not_fetched_back() {
    for keys in ["k", "g"] {
        let (mut client, ids) = sampling(3);
        client.keys(keys);
        let selected = client.state.open.selected();
        begin(&mut client, ids[0], 0);
        end(&mut client, ids[1], 1, "Whole.");
        assert_eq!(client.state.open.selected(), selected);
        assert_eq!(client.state.open.leaf(), Some(client.slot("m")));
    }
}

#[test]
fn several_samples_further_up_do_not_take_the_path_away() {
    let mut client = Client::new(120, 40).opened(
        "c",
        vec![
            human("h", "", "A question?", 60),
            model("m", "h", "An answer.", 50),
            human("h2", "m", "And?", 40),
        ],
    );
    client.keys("Esc k 2 r");
    let asked = client.all_asked();
    begin(&mut client, asked[0].0, 0);
    assert_eq!(client.state.open.selected(), Some(client.slot("m")));
    assert_eq!(client.state.open.leaf(), Some(client.slot("h2")));
    assert!(client.screen().contains("2 samples · 2 running"));
}

#[test]
fn one_that_fails_says_so_and_the_question_does_not() {
    let (mut client, ids) = sampling(2);
    fail(&mut client, ids[0], "the server failed (500)");
    begin(&mut client, ids[1], 1);
    end(&mut client, ids[1], 1, "Fine.");
    let screen = client.screen();
    assert!(
        screen.contains("1/2     ✗    failed · P r tries again · the server failed"),
        "{screen}"
    );
    assert!(!screen.contains("no answer"), "{screen}");
    assert!(screen.contains("2 samples · 1 different · 1 incomplete"), "{screen}");

    // Where all fail the question says why.
    let (mut client, ids) = sampling(2);
    fail(&mut client, ids[0], "the server failed (500)");
    fail(&mut client, ids[1], "the server failed (500)");
    assert!(client.screen().contains("⚠ no answer: the server failed (500) · r tries again"));
}

#[test]
fn one_that_dies_half_way_can_be_continued() {
    let (mut client, ids) = sampling(2);
    begin(&mut client, ids[0], 0);
    text(&mut client, ids[0], "It began", 2, 0.5);
    fail(&mut client, ids[0], "the connection broke");
    assert!(
        client.screen().contains("broke off · P c continues it, P r tries a"),
        "{}",
        client.screen()
    );
    assert!(client.screen().contains("⚠ incomplete: the connection broke"));
}

#[test]
fn what_is_being_continued_is_not_said_to_be_incomplete() {
    let partial = Response { partial: true, ..model("m", "h", "It began", 50) };
    let mut client = Client::new(120, 40).opened("c", vec![human("h", "", "A?", 60), partial]);
    client.keys("Esc c");
    let screen = client.screen();
    assert!(screen.contains("waiting for the first token") && !screen.contains("⚠"), "{screen}");
}

#[test]
fn a_failed_one_is_tried_again_in_its_line_and_in_the_same_way() {
    let (mut client, ids) = sampling(3);
    let (_, first) = (ids[0], &ids[1..]);
    for &id in first {
        fail(&mut client, id, "the model takes no more requests (429)");
    }
    client.effects();
    client.keys("P j r");
    let (again, turn) = client.asked();
    assert_eq!((turn.parent, turn.message.as_str()), (Some(response_id("h")), ""));
    let screen = client.screen();
    assert!(screen.contains("3 samples · 2 running"), "{screen}");
    assert!(screen.contains("2/3 ▯▯▯▯ waiting for the first token"), "{screen}");
    assert!(screen.contains("3/3 ✗    failed · r tries again"), "{screen}");
    begin(&mut client, again, 1);
    end(&mut client, again, 1, "This time.");
    assert!(client.screen().contains("2/3 ‹2› ▮▮▮▮ This time."), "{}", client.screen());
    // Also when all others have ended, and as often as one likes.
    fail(&mut client, ids[0], "gone");
    client.effects();
    client.keys("k r");
    let (again, _) = client.asked();
    fail(&mut client, again, "gone again");
    assert!(client.screen().contains("1/3     ✗    failed · r tries again · gone again"));
    assert_eq!(client.all_asked(), []);
}

#[test]
fn a_stopped_one_keeps_what_arrived_and_is_asked_for_in_one_line_more() {
    let mut client = talk(120, 40);
    client.state.open.conversation.as_mut().unwrap().settings = "seed=7".parse().unwrap();
    client.keys("Esc 2 r");
    let ids: Vec<_> = client.all_asked().into_iter().map(|(id, _)| id).collect();
    begin(&mut client, ids[1], 1);
    text(&mut client, ids[1], "Half a", 2, 0.5);
    client.keys("P G x");
    client.event(Event::AnswerEnded { id: ids[1], error: None });
    client.effects();
    client.keys("r");
    let (_, turn) = client.asked();
    assert_eq!(turn.sampling.seed, Some(8), "the seed of this very sample");
    let screen = client.screen();
    assert!(screen.contains("stopped · Half a") && screen.contains("3/3     ▯▯▯▯"), "{screen}");
    // Nothing had arrived of this one.
    client.event(Event::AnswerEnded { id: ids[0], error: None });
    let screen = client.screen();
    let first = screen.lines().find(|line| line.contains("1/3")).unwrap();
    assert!(first.contains("stopped") && !first.contains("stopped ·"), "{first}");
}

#[test]
fn what_the_cursor_of_the_panel_points_to_is_continued_and_copied() {
    let (mut client, ids) = five(120, 40);
    fail(&mut client, ids[3], "the connection broke");
    client.effects();
    client.keys("P j y");
    assert_eq!(client.state.open.selected(), Some(client.slot("s2")));
    assert!(client.state.samples_have_keys());
    assert!(
        matches!(client.effects().as_slice(), [Effect::Copy { text, .. }] if text.starts_with("Entropy"))
    );
    client.keys("j c");
    assert_eq!(client.effects(), [], "nothing has arrived of the third");
    client.keys("j c");
    let (_, turn) = client.asked();
    assert_eq!(turn.parent, Some(response_id("s4")));
    assert!(!client.state.samples_have_keys());
}

#[test]
fn the_mouse_shows_samples_and_the_wheel_goes_through_them() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let (mut client, _) = five(120, 40);
    let screen = client.screen();
    let row = screen.lines().position(|line| line.contains("2/5 ‹3› ▮▮▮▮")).unwrap() as u16;
    let at = |kind| {
        let modifiers = KeyModifiers::NONE;
        Event::Terminal(Terminal::Mouse(MouseEvent { kind, column: 60, row, modifiers }))
    };
    client.event(at(MouseEventKind::Down(MouseButton::Left)));
    assert_eq!(client.state.open.selected(), Some(client.slot("s2")));
    assert!(client.state.samples_have_keys());
    client.event(at(MouseEventKind::ScrollDown));
    assert_eq!(client.state.sample_row(), 2);
    client.event(at(MouseEventKind::ScrollUp)).event(at(MouseEventKind::ScrollUp));
    assert_eq!(client.state.sample_row(), 0);
}

#[test]
fn samples_in_ascii_and_read_aloud() {
    let looks = |glyphs, linear| Wishes { glyphs, linear, ..Wishes::default() };
    for (width, height) in [(120, 40), (80, 24), (50, 15)] {
        let mut client = five(width, height).0.with_looks(looks(Signs::Ascii, false));
        client.keys("P j j j x");
        let screen = client.screen();
        assert!(screen.is_ascii(), "{screen}");
        insta::assert_snapshot!(format!("ascii_{width}x{height}"), screen);
        let mut client = five(width, height).0.with_looks(looks(Signs::Unicode, true));
        client.keys("P j");
        let screen = client.screen();
        let odd = |c: char| "│─┌┐└┘▌▮▯✗■×›‹".contains(c) || c == '\u{304}';
        assert!(!screen.contains(odd), "{screen}");
        assert!(screen.contains(", selected\n") && screen.contains("cursor at"), "{screen}");
        insta::assert_snapshot!(format!("linear_{width}x{height}"), screen);
    }
}

#[test]
fn a_token_changes_nothing_of_the_panel_that_is_read_aloud() {
    let (client, ids) = five(120, 40);
    let linear = Wishes { linear: true, ..Wishes::default() };
    let mut client = client.with_looks(linear);
    client.keys("P");
    let panel = |screen: String| {
        screen.lines().filter(|line| line.contains(" of 5")).collect::<Vec<_>>().join("\n")
    };
    let before = panel(client.screen());
    assert!(
        before.contains("1 of 5, sibling 2 of 4, streaming, on the path, selected"),
        "{before}"
    );
    text(&mut client, ids[0], " more", 1, 0.5);
    assert_eq!(panel(client.screen()), before);
}

#[test]
fn x_on_the_question_stops_the_latest() {
    let (mut client, ids) = sampling(3);
    begin(&mut client, ids[0], 0);
    begin(&mut client, ids[1], 1);
    begin(&mut client, ids[2], 2);
    client.keys("k x");
    assert_eq!(client.effects(), [Effect::Stop(ids[2])]);
    client.keys("x x");
    assert_eq!(client.effects(), [Effect::Stop(ids[1]), Effect::Stop(ids[0])]);
}

#[test]
fn no_more_than_fifty_run_below_one_response() {
    let (mut client, ids) = sampling(60);
    assert_eq!(ids.len(), 50);
    assert!(client.notice().contains("50 answers were asked for"), "{}", client.notice());
    client.keys("r");
    assert_eq!(client.effects(), []);
    assert!(client.notice().contains("X stops them all"), "{}", client.notice());
    for (index, &id) in ids.iter().enumerate() {
        begin(&mut client, id, index);
    }
    let screen = client.screen();
    assert!(screen.contains("1-10 of 50"), "{screen}");
    client.keys("P G");
    assert!(client.screen().contains("50/50 ‹51› ▯▯▯▯"), "{}", client.screen());
    end(&mut client, ids[0], 0, "Room.");
    client.keys("r");
    assert_eq!(client.all_asked().len(), 1);
    assert!(client.screen().contains("50 samples · 50 running"), "{}", client.screen());
}

#[test]
fn a_sample_that_did_not_fail_is_not_tried_again_and_the_list_stays() {
    let (mut client, ids) = sampling(2);
    for (index, &id) in ids.iter().enumerate() {
        begin(&mut client, id, index);
        end(&mut client, id, index, &format!("Text {index}."));
    }
    client.effects();
    client.keys("P r");
    assert_eq!(client.effects(), []);
    assert_eq!(client.notice(), "This sample did not fail; a count samples more, as in 5r");
    assert!(client.screen().contains("2 samples"), "{}", client.screen());
}

#[test]
fn another_conversation_does_not_show_them() {
    let (mut client, ids) = sampling(2);
    client.keys("C-n");
    assert!(!client.screen().contains("2 samples"));
    begin(&mut client, ids[0], 0);
    end(&mut client, ids[0], 0, "Done elsewhere.");
    client.state.open.loading = Some(conversation_id("c"));
    let stored = vec![
        human("h", "", "A question?", 60),
        model("m", "h", "An answer.", 50),
        model("s1", "h", "Done elsewhere.", 0),
    ];
    client.load(conversation("c", "About c", 0), stored, Place::default());
    assert!(client.screen().contains("2 samples · 1 running"), "{}", client.screen());
    assert!(client.screen().contains("1/2 ‹2› ▮▮▮▮ Done elsewhere."), "{}", client.screen());
}

/// Answers looked at for a token and for a frame while so many stream.
fn work(count: usize) -> (usize, usize) {
    let (mut client, ids) = sampling(count);
    for (index, &id) in ids.iter().enumerate() {
        begin(&mut client, id, index);
        text(&mut client, id, "words ", 1, 0.5);
    }
    let visits = |client: &Client| client.state.answers.visits.get();
    let before = visits(&client);
    let pieces = vec![Piece::Text("more ".to_owned(), 1)];
    let _ = update::update(&mut client.state, Event::Answer { id: ids[0], pieces }, client.now);
    let token = visits(&client) - before;
    let before = visits(&client);
    client.screen();
    (token, visits(&client) - before)
}

#[test]
fn neither_a_token_nor_a_frame_costs_more_for_fifty() {
    let (few, many) = (work(40), work(50));
    assert_eq!(few.0, many.0, "a token looks at its own answer only");
    assert_eq!(few.1, many.1, "a frame looks at what is on the screen only");
}
