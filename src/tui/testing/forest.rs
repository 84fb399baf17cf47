//! The forest pane: what is noted about responses, filters, subtrees, unread marks, larger moves.

use super::*;
use crate::forest::Annotation;
use crate::forest::layout::Kind;
use crate::tui::state::Focus;

fn branches() -> Vec<Response> {
    vec![
        human("a", "", "First question", 900),
        model("b", "a", "First answer", 890),
        model("c", "a", "Second answer", 880),
        model("d", "a", "Third answer", 870),
        human("e", "c", "On from the second", 860),
        model("f", "e", "So it goes", 850),
        model("g", "e", "Or otherwise", 840),
        human("h", "g", "A last word", 830),
    ]
}

fn in_forest(id: &str) -> Client {
    let mut client = Client::new(120, 40).opened("c", branches());
    let slot = client.slot(id);
    client.state.open.select(slot);
    client.state.focus = Focus::Forest;
    update::prepare(&mut client.state);
    client
}

/// The responses that the pane shows.
fn rows(client: &mut Client) -> Vec<String> {
    update::prepare(&mut client.state);
    let open = &client.state.open;
    let name = |slot| open.forest.response(slot).id.to_string();
    let rows = open.pane.rows().0.iter();
    rows.map(|row| match row.kind {
        Kind::Main(slot) | Kind::Alternate(slot) => name(slot),
        Kind::Run { count, .. } => format!("run {count}"),
        Kind::Archived { count, .. } => format!("archived {count}"),
    })
    .collect()
}

fn under_cursor(client: &Client) -> String {
    let open = &client.state.open;
    open.forest.response(open.cursor_slot().unwrap()).id.to_string()
}

/// What the service is asked to keep, and takes.
fn noted(client: &mut Client) -> (ResponseId, Annotation) {
    let effects = client.effects();
    let [Effect::Annotate { conversation, response, annotation }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let noted = (response.clone(), annotation.clone());
    client.event(Event::Annotated {
        conversation: conversation.clone(),
        response: response.clone(),
        annotation: annotation.clone(),
    });
    noted
}

fn opened(annotations: Vec<(ResponseId, Annotation)>) -> Event {
    Event::Opened {
        conversation: conversation("c", "About c", 5),
        forest: Box::new(Forest::from_responses(branches())),
        annotations,
        place: Box::default(),
    }
}

#[test]
fn a_label_that_is_too_long_can_be_shortened() {
    let mut client = in_forest("g");
    client.keys("b").type_text(&"x".repeat(201)).keys("Enter");
    assert!(client.notice().contains("at most 200 characters"), "{}", client.notice());
    assert_eq!(client.effects(), []);
    client.keys("Backspace Enter");
    assert_eq!(noted(&mut client).1.label, "x".repeat(200));
}

#[test]
fn stars_labels_and_notes_are_shown_at_once_and_stored_together() {
    let mut client = in_forest("g");
    client.keys("*");
    let starred = Annotation { starred: true, ..Annotation::default() };
    assert_eq!(noted(&mut client), (response_id("g"), starred.clone()));
    client.keys("b").type_text("the key").keys("Enter");
    let labelled = Annotation { label: "the key".to_owned(), ..starred };
    assert_eq!(noted(&mut client).1, labelled);
    client.keys("B").type_text("two").keys("C-j").type_text("lines").keys("Enter");
    assert_eq!(noted(&mut client).1, Annotation { note: "two\nlines".to_owned(), ..labelled });
    let screen = client.screen();
    for shown in ["★ the key Or otherwise", "¶ two", "lines"] {
        assert!(screen.contains(shown), "{shown} in\n{screen}");
    }
    client.keys("*");
    assert!(!noted(&mut client).1.starred);
}

#[test]
fn what_is_noted_quickly_is_sent_in_order_and_an_older_load_does_not_undo_it() {
    let mut client = in_forest("g");
    client.keys("* b").type_text("quick").keys("Enter");
    let starred = Annotation { starred: true, ..Annotation::default() };
    client.event(opened(vec![(response_id("g"), starred.clone())]));
    assert_eq!(noted(&mut client).1, starred, "the first, and only that");
    client.keys("*");
    let labelled = Annotation { label: "quick".to_owned(), ..Annotation::default() };
    assert_eq!(noted(&mut client).1, Annotation { starred: true, ..labelled.clone() });
    assert_eq!(noted(&mut client).1, labelled, "the star was taken away meanwhile");
    assert_eq!(client.effects(), []);
}

#[test]
fn what_the_service_does_not_take_is_taken_back() {
    let mut client = in_forest("g");
    client.keys("*");
    let event = |kind| Event::NotAnnotated {
        conversation: conversation_id("c"),
        response: response_id("g"),
        error: error(kind, "no"),
    };
    client.effects();
    client.event(event(ErrorKind::Other));
    assert!(client.state.open.annotations.slots().is_empty());
    assert!(client.notice().contains("note that down"));
    client.keys("*");
    client.effects();
    client.event(event(ErrorKind::Unimplemented));
    assert!(client.notice().contains("keeps no stars"));
    client.keys("*");
    assert_eq!(client.effects(), []);
    assert_eq!(client.notice(), "", "said once");
}

#[test]
fn what_is_archived_goes_to_a_row_that_can_be_opened() {
    let mut client = in_forest("h");
    assert_eq!(rows(&mut client), ["a", "c", "b", "d", "e", "g", "f", "h"]);
    client.keys("g j j a");
    assert!(client.notice().contains("archived; a brings it back"));
    assert_eq!(rows(&mut client), ["a", "c", "d", "archived 1", "e", "g", "f", "h"]);
    assert!(client.screen().contains("(1 archived)"));
    client.keys("Space");
    assert_eq!(rows(&mut client), ["a", "c", "d", "archived 1", "b", "e", "g", "f", "h"]);
    client.keys("j a");
    assert_eq!(rows(&mut client), ["a", "c", "b", "d", "e", "g", "f", "h"]);
    assert_eq!(under_cursor(&client), "b");
}

#[test]
fn annotations_come_with_the_conversation_and_are_renewed_with_it() {
    let mut client = in_forest("h");
    let label = |words: &str| Annotation { label: words.to_owned(), ..Annotation::default() };
    client.event(opened(vec![(response_id("f"), label("seen")), (response_id("?"), label("x"))]));
    assert!(client.screen().contains("seen So it goes"));
    client.event(opened(Vec::new()));
    assert!(!client.screen().contains("seen So it goes"));
}

#[test]
fn words_filter_the_forest_and_escape_ends_it() {
    let mut client = in_forest("h");
    client.keys("/").type_text("ANSWER").keys("Enter");
    assert_eq!(rows(&mut client), ["b", "c", "d"]);
    assert!(client.screen().contains("with “ANSWER” · 3 hits · Esc ends"));
    client.keys("j Enter");
    assert_eq!(client.state.open.selected_id(), Some(response_id("c")));
    let new = model("i", "a", "Another answer", 1);
    client.state.open.put(new);
    assert_eq!(rows(&mut client), ["b", "c", "d", "i"], "what arrives is filtered too");
    client.keys("G");
    assert_eq!(under_cursor(&client), "i");
    client.keys("Esc");
    assert_eq!(under_cursor(&client), "i");
    assert_eq!(rows(&mut client).len(), 9);
}

#[test]
fn filters_are_chosen_from_a_list() {
    for (moves, shown) in [
        ("j", &["g"][..]),
        ("j j", &["a", "e", "h"]),
        ("j j j", &["b", "d", "f", "h"]),
        ("j j j j j", &["b", "c", "d", "f", "g"]),
    ] {
        let mut client = in_forest("h");
        client.keys("k k * f").keys(moves).keys("Enter");
        assert_eq!(rows(&mut client), shown, "{moves}");
        client.keys("f g Enter");
        assert_eq!(rows(&mut client).len(), 8);
    }
}

#[test]
fn a_large_forest_is_filtered_in_steps() {
    let mut client = Client::new(80, 24);
    let many = (0..50_000).map(|n| human(&format!("r{n}"), "", "word", 900)).collect();
    client = client.opened("c", many);
    client.state.focus = Focus::Forest;
    client.keys("/").type_text("word").keys("Enter");
    let mut steps = 1;
    while client.effects() == [Effect::FilterOn] {
        assert!(client.screen().contains("hits…"));
        client.keys("j");
        client.event(Event::FilterOn);
        steps += 1;
    }
    assert_eq!(steps, 3);
    assert_eq!(client.state.open.filtered().unwrap().hits().0.len(), 50_000);
    assert_eq!(rows(&mut client).len(), client.state.open.pane.rows().0.len());
}

#[test]
fn only_a_subtree_is_shown_and_that_can_be_left_again() {
    let mut client = in_forest("h");
    client.keys("k k k z");
    assert_eq!(rows(&mut client), ["e", "g", "f", "h"]);
    assert!(client.screen().contains("⊢ below “On from the se…” · Z back"));
    client.keys("j z");
    assert_eq!(rows(&mut client), ["g", "h"]);
    client.keys("Z");
    assert_eq!(rows(&mut client), ["e", "g", "f", "h"]);
    let outside = client.slot("b");
    client.state.open.select(outside);
    assert_eq!(rows(&mut client).len(), 4, "what is selected is shown: {:?}", rows(&mut client));
    client.keys("Z");
    assert!(client.notice().contains("whole forest"));
}

#[test]
fn answers_that_were_not_on_the_screen_are_marked_until_they_are() {
    let mut client = in_forest("h");
    client.state.open.put(model("x", "a", "News", 1));
    assert!(client.screen().contains("• News"));
    assert_eq!(client.state.open.unread_count(), 1);
    let place = client.state.open.place();
    assert_eq!(place.unread, ["x"]);
    let slot = client.slot("x");
    client.state.open.select(slot);
    assert!(!client.screen().contains("• News"));
    assert_eq!(client.state.open.unread_count(), 0);

    let mut later = Client::new(120, 40);
    later.state.open.loading = Some(conversation_id("c"));
    let mut responses = branches();
    responses.extend([model("y", "b", "Since then", 1), model("x", "a", "News", 900)]);
    let place =
        Place { newest: Some((NOON - 800) * 1_000_000), selected: Some("h".to_owned()), ..place };
    later.load(conversation("c", "", 1), responses, place);
    assert!(later.state.open.is_unread(later.slot("y")));
    assert!(later.state.open.is_unread(later.slot("x")));
    assert_eq!(later.state.open.unread_count(), 2);
}

#[test]
fn larger_moves_can_be_gone_back() {
    let mut client = in_forest("h");
    client.state.focus = Focus::Chat;
    client.keys("k k");
    client.keys("{");
    assert_eq!(client.state.open.selected_id(), Some(response_id("c")), "the fork before");
    client.keys("}");
    assert_eq!(client.state.open.selected_id(), Some(response_id("g")), "the next fork");
    client.keys("}");
    assert!(client.notice().contains("no fork"));
    client.keys("(");
    assert_eq!(client.state.open.selected_id(), Some(response_id("c")));
    client.keys(")");
    assert_eq!(client.state.open.selected_id(), Some(response_id("g")));
    client.keys(")");
    assert!(client.notice().contains("no place"));
}

#[test]
fn the_cursor_stays_where_it_is_while_answers_arrive() {
    let mut client = in_forest("h");
    client.keys("g j j");
    assert_eq!(under_cursor(&client), "b");
    client.state.open.put(model("x", "h", "News", 1));
    assert_eq!(under_cursor(&client), "b");
}

#[test]
fn the_way_up_leads_out_of_a_filter_and_a_subtree() {
    let mut client = in_forest("h");
    client.keys("/").type_text("otherwise").keys("Enter h");
    assert!(client.state.open.filtered().is_none());
    assert_eq!(under_cursor(&client), "e");
    client.keys("z h");
    assert_eq!(under_cursor(&client), "c");
    assert_eq!(client.state.open.hoisted(), None);
    assert_eq!(client.state.open.selected_id(), Some(response_id("h")), "nothing was selected");
}

#[test]
fn a_click_on_a_hit_selects_it() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let mut client = in_forest("h");
    client.keys("/").type_text("answer").keys("Enter");
    update::prepare(&mut client.state);
    let area = view::areas(&client.state).forest;
    let click = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: area.x + 9,
        row: area.y + 3,
        modifiers: KeyModifiers::NONE,
    };
    client.event(Event::Terminal(Terminal::Mouse(click)));
    assert_eq!(client.state.open.selected_id(), Some(response_id("d")));
}

#[test]
fn an_open_run_is_closed_from_any_row_of_it() {
    let mut talk = vec![human("t0", "", "turn", 900)];
    talk.extend((1..20).map(|n| model(&format!("t{n}"), &format!("t{}", n - 1), "turn", 900 - n)));
    let mut client = Client::new(120, 40).opened("c", talk);
    client.state.focus = Focus::Forest;
    assert_eq!(rows(&mut client), ["t0", "run 17", "t18", "t19"]);
    client.keys("g j Space j j j");
    assert_eq!(rows(&mut client).len(), 21);
    assert_eq!(under_cursor(&client), "t3");
    client.keys("Space");
    assert_eq!(rows(&mut client), ["t0", "run 17", "t18", "t19"]);
    // A selection inside cuts the run in two, and both parts stay open.
    client.keys("Space j j j j Enter");
    assert_eq!(client.state.open.selected_id(), Some(response_id("t4")));
    assert_eq!(rows(&mut client).len(), 21);
}

#[test]
fn archiving_twice_at_the_same_place_archives_nothing_else() {
    let mut client = in_forest("h");
    client.keys("g j j a");
    let archived = rows(&mut client);
    client.keys("a");
    assert!(client.notice().contains("is back"), "{}", client.notice());
    assert_eq!(rows(&mut client), ["a", "c", "b", "d", "e", "g", "f", "h"]);
    // A star on the row of what is archived belongs to none of it.
    client.keys("g j j a *");
    assert!(client.notice().contains("open it and choose"), "{}", client.notice());
    assert_eq!(rows(&mut client), archived);
}
