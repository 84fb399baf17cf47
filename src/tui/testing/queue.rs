//! Messages written while an answer streams: sent below it, in order, and nowhere else.

use super::*;

/// A client whose answer to "Question" has begun as `m`.
fn streaming() -> (Client, AnswerId) {
    let mut client = Client::new(120, 40).opened("c", vec![model("a", "", "Hello.", 99)]);
    client.type_text("Question").keys("Enter");
    let (id, _) = client.asked();
    client.arrive(id, vec![Piece::User(human("h", "a", "Question", 9))]);
    (client, id)
}

fn begin(client: &mut Client, id: AnswerId, name: &str, parent: &str) {
    let begun = Response { partial: true, ..model(name, parent, "", 8) };
    client.arrive(id, vec![Piece::Started(begun), Piece::Text("Some".to_owned(), 1)]);
}

fn complete(client: &mut Client, id: AnswerId, name: &str, parent: &str) {
    client.arrive(id, vec![Piece::Finished(model(name, parent, "Some words.", 8))]);
    client.event(Event::AnswerEnded { id, error: None });
}

#[test]
fn what_is_sent_early_waits_and_goes_below_the_answer_in_order() {
    let (mut client, id) = streaming();
    client.type_text("one").keys("Enter");
    begin(&mut client, id, "m", "h");
    client.type_text("two").keys("Enter");
    assert!(client.effects().is_empty(), "nothing is sent yet");
    assert_eq!(client.state.composer.text(), "");
    assert!(client.screen().contains("queued (2): one"));
    client.type_text("a draft");
    complete(&mut client, id, "m", "h");
    let (next, turn) = client.asked();
    assert_eq!((turn.message.as_str(), turn.parent), ("one", Some(response_id("m"))));
    assert_eq!(client.state.composer.text(), "a draft", "what is being written stays");
    client.arrive(next, vec![Piece::User(human("h2", "m", "one", 7))]);
    assert_eq!(client.state.open.selected_id(), Some(response_id("h2")), "the screen goes along");
    begin(&mut client, next, "m2", "h2");
    complete(&mut client, next, "m2", "h2");
    let (_, turn) = client.asked();
    assert_eq!((turn.message.as_str(), turn.parent), ("two", Some(response_id("m2"))));
    assert_eq!(client.state.queues.waiting(), []);
}

#[test]
fn an_answer_that_breaks_off_leaves_what_waits_to_the_user() {
    for stopped in [false, true] {
        let (mut client, id) = streaming();
        begin(&mut client, id, "m", "h");
        client.type_text("one").keys("Enter").type_text("two").keys("Enter");
        client.effects();
        if stopped {
            client.keys("Esc");
            assert_eq!(client.effects(), [Effect::Stop(id)]);
            client.event(Event::AnswerEnded { id, error: None });
        } else {
            let gone = error(ErrorKind::Unavailable, "the server is gone");
            client.event(Event::AnswerEnded { id, error: Some(gone) });
        }
        let asked = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::Answer { .. }));
        assert!(!asked(&client.effects()));
        let screen = client.screen();
        assert!(screen.contains("not sent (2): one") && screen.contains("⏎ sends it"), "{screen}");
        client.keys("Enter");
        let (next, turn) = client.asked();
        assert_eq!((turn.message.as_str(), turn.parent), ("one", Some(response_id("m"))));
        assert_eq!(client.state.queues.get(0).unwrap().answer, Some(next), "the rest waits for it");
    }
}

#[test]
fn nothing_is_offered_on_another_branch() {
    let (mut client, id) = streaming();
    begin(&mut client, id, "m", "h");
    client.type_text("one").keys("Enter");
    client.event(Event::AnswerEnded { id, error: Some(error(ErrorKind::Other, "broke")) });
    client.effects();
    let other = client.slot("a");
    client.state.open.select(other);
    assert!(!client.screen().contains("not sent"));
    client.keys("Enter");
    assert!(client.effects().is_empty(), "it belongs after another response");
    let human = client.slot("h");
    client.state.open.select(human);
    client.keys("Enter");
    assert!(client.effects().is_empty());
}

#[test]
fn what_waits_is_sent_where_it_was_written_though_another_conversation_is_open() {
    let (mut client, id) = streaming();
    begin(&mut client, id, "m", "h");
    client.type_text("one").keys("Enter C-n");
    client.effects();
    assert!(!client.screen().contains("queued"));
    complete(&mut client, id, "m", "h");
    let (_, turn) = client.asked();
    assert_eq!(turn.conversation, Some(conversation_id("c")));
    assert_eq!(turn.parent, Some(response_id("m")));
    assert_eq!(client.state.open.id(), None, "the screen stays where it is");
}

#[test]
fn what_waits_can_be_taken_back() {
    let (mut client, id) = streaming();
    client.type_text("one").keys("Enter").type_text("two").keys("Enter").type_text("three");
    client.keys("M-q");
    assert_eq!(client.state.composer.text(), "two\nthree");
    client.keys("C-u C-u Backspace").keys("M-q M-q");
    assert!(client.state.composer.text().starts_with("one"));
    assert_eq!(client.notice(), "No message waits here");
    client.effects();
    begin(&mut client, id, "m", "h");
    complete(&mut client, id, "m", "h");
    assert!(!client.effects().iter().any(|effect| matches!(effect, Effect::Answer { .. })));
}

#[test]
fn what_waits_outlives_the_program_and_is_never_sent_by_itself() {
    let (mut client, id) = streaming();
    begin(&mut client, id, "m", "h");
    client.type_text("one").keys("Enter");
    let session = client.state.session();
    let mut again = Client::start(120, 40, session, Connection::Embedded);
    let partial = Response { partial: true, ..model("m", "h", "Some", 8) };
    let responses = vec![model("a", "", "Hello.", 99), human("h", "a", "Question", 9), partial];
    again.load(conversation("c", "About c", 5), responses, Place::default());
    assert!(again.screen().contains("not sent: one"));
    again.effects();
    again.keys("Enter");
    assert_eq!(again.asked().1.message, "one");
}

#[test]
fn a_message_waits_for_the_first_answer_of_a_new_conversation_too() {
    let mut client = Client::new(120, 40);
    client.effects();
    client.type_text("first").keys("Enter").type_text("second").keys("Enter");
    let (id, _) = client.asked();
    client.event(Event::Created { answer: id, conversation: conversation("n", "", 0) });
    client.arrive(id, vec![Piece::User(human("h", "", "first", 5))]);
    begin(&mut client, id, "m", "h");
    complete(&mut client, id, "m", "h");
    let (_, turn) = client.asked();
    assert_eq!(turn.conversation, Some(conversation_id("n")));
    assert_eq!((turn.message.as_str(), turn.parent), ("second", Some(response_id("m"))));
}

#[test]
fn what_is_attached_waits_with_its_message() {
    let (mut client, id) = streaming();
    begin(&mut client, id, "m", "h");
    client.event(Event::Terminal(Terminal::Paste("a line\n".repeat(312))));
    let picture = "data:image/png;name=cat.png;base64,AAAA".to_owned();
    client.event(Event::PicturesRead { pasted: None, pictures: Ok(vec![picture.clone()]) });
    client.type_text("one").keys("Enter");
    assert!(client.state.is_blank(), "all of it waits");
    let waiting = client.state.queues.waiting();
    assert_eq!(waiting[0].messages[0].attached.len(), 2, "and is there in the next run");

    // Taken back it is as it was, before what was written since.
    client.type_text("two").keys("M-q");
    assert_eq!(client.state.composer.text(), "one\ntwo");
    assert_eq!(client.state.attachments.items().len(), 2);
    client.keys("Enter");
    complete(&mut client, id, "m", "h");
    let (_, turn) = client.asked();
    assert!(turn.message.starts_with("a line\n") && turn.message.ends_with("\n\none\ntwo"));
    assert_eq!(turn.images.iter().map(AsRef::as_ref).collect::<Vec<_>>(), [picture]);
}
