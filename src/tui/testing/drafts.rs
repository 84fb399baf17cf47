//! Drafts: one for each node and purpose, kept whatever happens to the screen.

use super::*;
use crate::tui::state::Mode;
use crate::tui::state::chat::Anchor;

fn long(name: &str) -> Vec<Response> {
    let text = (0..60).map(|row| format!("{name}, row {row}.\n\n")).collect::<String>();
    vec![
        human("h", "", "A question?", 60),
        model("m", "h", &text, 50),
        model("n", "h", "Another answer.", 40),
    ]
}

fn remembered(effects: &[Effect]) -> Option<&Place> {
    effects.iter().find_map(|effect| match effect {
        Effect::Remember(_, place) => Some(place),
        _ => None,
    })
}

#[test]
fn every_node_has_a_draft_of_its_own() {
    let mut client = Client::new(120, 40).opened("c", long("m"));
    client.type_text("below n").keys("Esc [");
    assert_eq!(client.state.composer.text(), "");
    client.keys("i").type_text("below m").keys("Esc ]");
    assert_eq!(client.state.composer.text(), "below n");
    client.keys("e").type_text(" (changed)").keys("Esc");
    assert_eq!(client.state.composer.text(), "below n");
    client.keys("Esc e");
    assert_eq!(client.state.composer.text(), "Another answer. (changed)");
    let (_, place) = update::place(&client.state).unwrap();
    let drafts: Vec<(&str, &str)> =
        place.drafts.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    let all = [("m:m", "below m"), ("m:n", "below n"), ("r:n", "Another answer. (changed)")];
    assert_eq!(drafts, all);
}

#[test]
fn a_conversation_that_leaves_the_screen_is_remembered_at_once() {
    let mut client = Client::new(120, 40).opened("c", long("m"));
    client.type_text("quick").keys("C-n");
    let effects = client.effects();
    let place = remembered(&effects).expect("the place is stored before anything else happens");
    assert_eq!(place.drafts["m:n"], "quick");

    // The same when another one is opened, or this one is deleted.
    let mut client = Client::new(120, 40).opened("c", long("m"));
    client.type_text("quick");
    client.state.open.loading = Some(conversation_id("d"));
    client.load(conversation("d", "Other", 1), long("d"), Place::default());
    assert_eq!(remembered(&client.effects()).unwrap().drafts["m:n"], "quick");
    let mut client = Client::new(120, 40).opened("c", long("m"));
    client.type_text("quick").event(deleted());
    assert_eq!(remembered(&client.effects()).unwrap().drafts["m:n"], "quick");
}

#[test]
fn the_draft_of_a_new_conversation_waits_for_its_return() {
    let mut client = Client::new(120, 40);
    client.list(vec![conversation("c", "About c", 5)]);
    client.type_text("half a thought").keys("Tab Enter");
    client.load(conversation("c", "About c", 5), long("m"), Place::default());
    assert_eq!(client.state.composer.text(), "");
    assert_eq!(client.state.session().draft, "half a thought", "it outlives the program, too");
    client.keys("C-n");
    assert_eq!(client.state.composer.text(), "half a thought");
    assert_eq!(client.state.session().draft, "half a thought");
}

#[test]
fn what_is_typed_while_the_last_conversation_loads_is_kept() {
    let session = Session {
        conversation: Some("c".to_owned()),
        draft: "for a new one".to_owned(),
        ..Session::default()
    };
    let mut client = Client::start(120, 40, session.clone(), Connection::Embedded);
    client.type_text("early");
    assert_eq!(client.state.session(), session, "leaving now changes nothing");
    let drafts = [("m:n".to_owned(), "a draft, ".to_owned())];
    let place = Place { drafts: drafts.into(), ..Place::default() };
    client.load(conversation("c", "About c", 5), long("m"), place);
    assert_eq!(client.state.composer.text(), "a draft, early");
    client.keys("C-n");
    assert_eq!(client.state.composer.text(), "for a new one");
}

#[test]
fn a_conversation_that_is_gone_does_not_lock_the_client() {
    let session = Session {
        conversation: Some("c".to_owned()),
        draft: "for a new one".to_owned(),
        ..Session::default()
    };
    let mut client = Client::start(120, 40, session.clone(), Connection::Embedded);
    let gone = error(ErrorKind::NotFound, "no such conversation");
    client.event(Event::NotOpened { id: conversation_id("c"), error: gone });
    assert!(client.notice().contains("no such conversation"));
    assert_eq!(client.state.composer.text(), "for a new one");
    client.effects();
    client.keys("Enter");
    assert_eq!(client.asked().1.message, "for a new one");

    // A user need not wait for it either.
    let mut client = Client::start(120, 40, session, Connection::Embedded);
    client.keys("C-n").load(conversation("c", "About c", 5), long("m"), Place::default());
    assert_eq!(client.state.open.id(), None, "it comes too late");
    assert_eq!(client.state.composer.text(), "for a new one");
}

#[test]
fn a_change_from_elsewhere_leaves_the_user_where_he_is() {
    let mut client = Client::new(120, 40).opened("c", long("m"));
    client.keys("Esc [ 7 C-y");
    let top = client.state.open.chat.top;
    assert_ne!(client.state.open.chat.anchor, Anchor::End);
    client.keys("e Up Up Up").type_text("Now");
    let row = client.screen().lines().last().unwrap().to_owned();

    client.event(Event::Changed(None));
    assert!(client.effects().contains(&Effect::Open(conversation_id("c"))));
    let mut more = long("m");
    more.push(model("o", "h", "From another program.", 1));
    client.load(conversation("c", "New title", 0), more, Place::default());

    assert_eq!(client.state.open.forest.len(), 4);
    assert_eq!(client.state.open.title(), "New title");
    assert_eq!(client.state.mode, Mode::Replace(response_id("m")), "still editing");
    assert!(client.state.composer.text().contains("Now"));
    assert_eq!(client.state.open.chat.top, top, "still at the same row");
    assert_eq!(client.screen().lines().last().unwrap(), row, "the cursor has not moved");
    client.keys("M-u");
    assert!(!client.state.composer.text().contains("Now"), "undo still works");
}

#[test]
fn messages_sent_come_back_in_order() {
    let mut client = Client::new(120, 40).opened("c", long("m"));
    for words in ["first", "second"] {
        client.type_text(words).keys("Enter");
        let (id, _) = client.asked();
        client.event(Event::AnswerEnded { id, error: None });
    }
    client.type_text("now").keys("M-p");
    assert_eq!(client.state.composer.text(), "second");
    client.keys("M-p M-p");
    assert_eq!(client.state.composer.text(), "first", "there is nothing before the first");
    client.keys("M-n M-n");
    assert_eq!(client.state.composer.text(), "now");
}
