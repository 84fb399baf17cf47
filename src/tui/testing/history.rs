//! Messages sent before: going back to them, and searching them while writing.

use super::*;

fn sent(messages: &[&str]) -> Client {
    let history = messages.iter().map(|&message| message.to_owned()).collect();
    Client::start(120, 40, Session { history, ..Session::default() }, Connection::Embedded)
}

#[test]
fn a_search_finds_the_newest_and_goes_on_to_older_ones() {
    let mut client = sent(&["one apple", "two\napples", "three pears"]);
    client.type_text("draft").keys("C-r").type_text("Apple");
    assert_eq!(client.state.composer.text(), "two\napples");
    assert!(client.screen().contains("search: Apple"));
    client.keys("C-r");
    assert_eq!(client.state.composer.text(), "one apple");
    client.keys("C-r");
    assert_eq!(client.state.composer.text(), "one apple", "there is no older one");
    assert!(client.screen().contains("nothing older has: Apple"));
    client.keys("Backspace Backspace Backspace Backspace Backspace").type_text("pear");
    assert_eq!(client.state.composer.text(), "three pears");
    client.keys("Esc");
    assert_eq!(client.state.composer.text(), "draft", "what was there before is back");
    client.effects();
    client.keys("C-r").type_text("two").keys("Enter");
    assert_eq!(client.state.composer.text(), "two\napples");
    assert!(client.effects().is_empty(), "nothing was sent");
    client.keys("M-u");
    assert_eq!(client.state.composer.text(), "draft", "taking it can be undone");
}

#[test]
fn what_is_changed_of_a_message_costs_neither_the_draft_nor_the_change() {
    let mut client = sent(&["one", "two", "three"]);
    client.type_text("a draft").keys("Up").type_text("!").keys("Up Up");
    assert_eq!(client.state.composer.text(), "one");
    client.keys("Down Down");
    assert_eq!(client.state.composer.text(), "three!", "what was changed");
    client.keys("Down");
    assert_eq!(client.state.composer.text(), "a draft");
    // Elsewhere the draft is what was written, not what one looked at.
    let mut client = sent(&["one"]).opened("c", vec![human("h", "", "Question", 9)]);
    client.type_text("a draft").keys("Up C-n");
    let draft = |client: &mut Client| {
        client.effects().into_iter().find_map(|effect| match effect {
            Effect::Remember(_, place) => place.drafts.get("m:h").cloned(),
            _ => None,
        })
    };
    assert_eq!(draft(&mut client).as_deref(), Some("a draft"));
    let mut client = sent(&["one"]).opened("c", vec![human("h", "", "Question", 9)]);
    client.type_text("a draft").keys("Up").type_text("!").keys("C-n");
    assert_eq!(draft(&mut client).as_deref(), Some("one!"));
    client.keys("Up");
    assert_eq!(client.state.composer.text(), "a draft", "it is among the messages sent before");
}

#[test]
fn other_keys_take_what_was_found_and_do_what_they_do() {
    let mut client = sent(&["an apple"]);
    client.keys("C-r").type_text("app").keys("C-a").type_text("not ");
    assert_eq!(client.state.composer.text(), "not an apple");
    client.keys("C-r C-c");
    assert_eq!(client.state.composer.text(), "not an apple");
    assert!(!client.state.leaving, "it only ended the search");
}

#[test]
fn a_search_touches_no_draft() {
    let mut client = sent(&["an apple"]).opened("c", vec![human("h", "", "Question", 9)]);
    client.type_text("draft").keys("C-r").type_text("app");
    let (_, place) = update::place(&client.state).unwrap();
    assert_eq!(place.drafts["m:h"], "draft", "what is stored is what was written");
    client.keys("C-n");
    let effects = client.effects();
    let place = effects.iter().find_map(|effect| match effect {
        Effect::Remember(_, place) => Some(place),
        _ => None,
    });
    assert_eq!(place.unwrap().drafts["m:h"], "an apple", "this key took what was found");
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut client = Client::new(120, 40).opened("c", vec![model("m", "", "Answer", 9)]);
    for round in 0..5 {
        client.state.composer.set(&format!("{round}{}", "x".repeat(100_000)));
        client.keys("Enter");
        let (id, _) = client.asked();
        client.event(Event::AnswerEnded { id, error: None });
    }
    let kept: Vec<&str> = client.state.history.iter().map(|sent| &sent[..1]).collect();
    assert_eq!(kept, ["3", "4"]);
}

#[test]
fn a_backslash_at_the_end_of_a_line_makes_enter_a_line_break() {
    let mut client = Client::new(120, 40);
    client.effects();
    client.type_text("one\\").keys("Enter").type_text("two");
    assert_eq!(client.state.composer.text(), "one\ntwo");
    assert!(client.effects().is_empty());
    client.type_text("\\\\").keys("Enter");
    assert_eq!(client.asked().1.message, "one\ntwo\\\\", "two of them are meant");
}

#[test]
fn an_editor_brings_a_text_back_or_leaves_it() {
    let mut client = Client::new(120, 40).opened("c", vec![model("m", "", "Answer", 9)]);
    client.type_text("draft").keys("C-g");
    assert_eq!(client.effects(), [Effect::Edit("draft".to_owned())]);
    client.event(Event::Edited(Ok("better\ndraft".to_owned())));
    assert_eq!(client.state.composer.text(), "better\ndraft");
    client.keys("M-u");
    assert_eq!(client.state.composer.text(), "draft", "it is one step to undo");
    client.event(Event::Edited(Err("vi ended with status 1".to_owned())));
    assert_eq!(client.notice(), "vi ended with status 1. Your text is as it was");
    assert_eq!(client.state.composer.text(), "draft");
    client.keys("Esc E");
    assert_eq!(client.effects(), [Effect::Edit("Answer".to_owned())]);
    client.event(Event::Edited(Ok("Another answer".to_owned()))).keys("Enter k");
    assert!(matches!(&client.effects()[..], [Effect::Store { text, .. }]
        if text.message == "Another answer" && text.edited_from == Some(response_id("m"))));
}
