//! Asking, receiving, stopping, failing, and the ways out of an edit.

use super::*;
use crate::tui::effect::ModelText;
use crate::tui::state::{Mode, Overlay};

/// A question and its answer.
fn talk() -> Client {
    Client::new(120, 40)
        .opened("c", vec![human("h", "", "A question?", 60), model("m", "h", "An answer.", 50)])
}

/// The same while the answer to a second question arrives: its name, too.
fn streaming() -> (Client, AnswerId) {
    let mut client = talk();
    client.type_text("More?").keys("Enter");
    let (id, turn) = client.asked();
    assert_eq!((turn.message.as_str(), turn.parent), ("More?", Some(response_id("m"))));
    let begun = Response { partial: true, ..model("m2", "h2", "", 0) };
    client.arrive(id, vec![Piece::User(human("h2", "m", "More?", 1)), Piece::Started(begun)]);
    client.arrive(id, vec![Piece::Text("So".to_owned(), 1)]);
    (client, id)
}

#[test]
fn a_message_while_an_answer_arrives_waits_for_it() {
    let (mut client, _) = streaming();
    client.type_text("And then?").keys("Enter");
    assert_eq!(client.effects(), []);
    assert_eq!(client.state.composer.text(), "");
    assert!(client.screen().contains("queued: And then?"));
}

#[test]
fn text_arrives_in_order_and_the_end_completes_it() {
    let (mut client, id) = streaming();
    client.wait(100).arrive(id, vec![Piece::Text(" much".to_owned(), 1)]);
    assert!(client.screen().contains("streaming 2 tok · 10 tok/s"), "{}", client.screen());
    client.arrive(id, vec![Piece::Finished(model("m2", "h2", "So much more.", 0))]);
    client.event(Event::AnswerEnded { id, error: None });
    let last = client.state.open.forest.response(client.slot("m2"));
    assert_eq!((last.message.as_str(), last.partial), ("So much more.", false));
    assert!(client.state.answers.is_empty());
    assert!(!client.screen().contains("streaming"));
}

#[test]
fn what_arrives_faster_than_frames_can_show_is_shown_by_the_next_ones() {
    let (mut client, id) = streaming();
    client.screen();
    let words: String = (0..10_000).map(|n| format!("Number {n}.\n\n")).collect();
    client.arrive(id, vec![Piece::Text(words.clone(), 20_000)]);
    let mut behind = 0;
    let whole = loop {
        let screen = client.screen();
        if !client.state.open.chat.is_behind() {
            break screen;
        }
        // It ends before all of it was shown.
        if behind == 3 {
            let all = format!("So{words}");
            client.arrive(id, vec![Piece::Finished(model("m2", "h2", &all, 0))]);
            client.event(Event::AnswerEnded { id, error: None });
        }
        behind += 1;
    };
    assert!(whole.contains("Number 9999."), "{whole}");
    let frames = words.len() / (8 << 10);
    // Events look at the rows, too.
    assert!((frames / 2..=frames).contains(&behind), "{behind} of {frames}");
}

#[test]
fn a_silent_answer_says_for_how_long_instead_of_how_fast_it_was() {
    let (mut client, id) = streaming();
    client.wait(100).arrive(id, vec![Piece::Text(" much".to_owned(), 1)]);
    let at = |client: &Client| client.state.silence_grows_at().map(|at| at.0 - client.now.0);
    assert_eq!(at(&client), Some(2_000_000), "it is drawn again after two seconds");
    client.wait(1_999).event(Event::Silence);
    assert!(client.screen().contains("2 tok · 10 tok/s · Esc stops"), "{}", client.screen());
    assert_eq!(at(&client), Some(1_000));
    client.wait(1).event(Event::Silence);
    assert!(client.screen().contains("2 tok · nothing for 2 s · Esc stops"), "{}", client.screen());
    assert_eq!(at(&client), Some(1_000_000), "and after that once a second");
    client.wait(73_500).event(Event::Silence);
    assert!(
        client.screen().contains("2 tok · nothing for 1 min 15 s · Esc"),
        "{}",
        client.screen()
    );
    client.arrive(id, vec![Piece::Text(" more".to_owned(), 1)]);
    assert!(client.screen().contains("3 tok · 0 tok/s"), "{}", client.screen());
    client.event(Event::AnswerEnded { id, error: None });
    assert_eq!(at(&client), None, "nothing wakes a program at rest");
}

#[test]
fn escape_stops_and_what_arrived_can_be_continued() {
    let (mut client, id) = streaming();
    client.keys("Esc");
    assert_eq!(client.effects(), [Effect::Stop(id)]);
    assert!(client.screen().contains("stopping"));
    client.keys("Esc");
    assert_eq!(client.effects(), [], "it is stopped once");
    client.event(Event::AnswerEnded { id, error: None });
    client.effects();
    assert!(client.screen().contains("⚠ incomplete · c continues it"), "{}", client.screen());
    client.keys("c");
    let (_, turn) = client.asked();
    assert_eq!((turn.message.as_str(), turn.parent), ("", Some(response_id("m2"))));
}

#[test]
fn a_message_that_was_not_taken_comes_back() {
    let mut client = talk();
    client.type_text("Lost?").keys("Enter");
    let (id, _) = client.asked();
    let why = error(ErrorKind::Other, "the disk is full");
    client.event(Event::AnswerEnded { id, error: Some(why.clone()) });
    assert_eq!(client.state.composer.text(), "Lost?");
    assert!(client.notice().contains("the disk is full"), "{}", client.notice());

    // What was written since is not disturbed.
    client.keys("Enter").type_text("newer");
    let (id, _) = client.asked();
    client.event(Event::AnswerEnded { id, error: Some(why) });
    assert_eq!(client.state.composer.text(), "newer");
    client.keys("C-u M-p");
    assert_eq!(client.state.composer.text(), "Lost?");
}

#[test]
fn a_question_without_answer_says_why_and_is_asked_again() {
    let mut client = talk();
    client.type_text("Why?").keys("Enter");
    let (id, _) = client.asked();
    client.arrive(id, vec![Piece::User(human("h2", "m", "Why?", 1))]);
    let why = error(ErrorKind::Unauthenticated, "the key was not accepted");
    client.event(Event::AnswerEnded { id, error: Some(why) });
    assert_eq!(client.state.composer.text(), "", "the service has the message");
    assert!(client.screen().contains("⚠ no answer: the key was not accepted · r tries again"));
    client.effects();
    client.keys("Esc r");
    let (_, turn) = client.asked();
    assert_eq!((turn.message.as_str(), turn.parent), ("", Some(response_id("h2"))));
    assert!(!client.screen().contains("no answer"));
}

#[test]
fn a_question_that_failed_stays_marked_above_the_next_one() {
    let mut client = talk();
    client.type_text("Why?").keys("Enter");
    let (id, _) = client.asked();
    client.arrive(id, vec![Piece::User(human("h2", "m", "Why?", 1))]);
    let why = error(ErrorKind::Unavailable, "nothing answers there");
    client.event(Event::AnswerEnded { id, error: Some(why) });
    client.type_text("And now?").keys("Enter");
    let (id, _) = client.asked();
    client.arrive(id, vec![Piece::User(human("h3", "h2", "And now?", 0))]);
    assert!(client.screen().contains("⚠ no answer: nothing answers there"), "{}", client.screen());
    // The next time the reason is not known any more.
    client.state.open.failures.clear();
    assert!(client.screen().contains("⚠ not answered"), "{}", client.screen());
}

#[test]
fn a_count_samples_so_many_and_the_screen_follows_one() {
    let mut client = talk();
    client.keys("Esc 3 r");
    let ids: Vec<AnswerId> = client
        .effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Answer { id, turn } => {
                assert_eq!(turn.parent, Some(response_id("h")));
                Some(id)
            }
            _ => None,
        })
        .collect();
    assert_eq!(ids.len(), 3);
    for (id, name) in ids.into_iter().zip(["s1", "s2", "s3"]) {
        let begun = Response { partial: true, ..model(name, "h", "", 0) };
        client.arrive(id, vec![Piece::Started(begun), Piece::Text(name.to_owned(), 1)]);
    }
    assert_eq!(client.state.open.selected(), Some(client.slot("s1")));
    assert_eq!(client.state.open.forest.len(), 5);
}

#[test]
fn the_first_message_makes_a_conversation() {
    let mut client = Client::new(120, 40);
    client.effects();
    client.type_text("Hello").keys("Enter");
    let (id, turn) = client.asked();
    assert_eq!(turn.conversation, None);
    assert!(client.screen().contains("▯ sending…"));
    client.event(Event::Created { answer: id, conversation: conversation("new", "", 0) });
    assert_eq!(client.state.open.id(), Some(&conversation_id("new")));
    assert_eq!(client.state.list.conversations.len(), 1);
    client.arrive(id, vec![Piece::User(human("h", "", "Hello", 0))]);
    client.arrive(id, vec![Piece::Finished(model("m", "h", "Hi.", 0))]);
    client.effects();
    client.event(Event::AnswerEnded { id, error: None });
    let title = Effect::ImproveTitle(conversation_id("new"), response_id("m"));
    assert!(client.effects().contains(&title));
}

#[test]
fn a_failure_elsewhere_says_where() {
    let (mut client, id) = streaming();
    client.list(vec![conversation("c", "About c", 5)]);
    client.keys("C-n");
    let error = Some(error(ErrorKind::RateLimited, "wait"));
    client.event(Event::AnswerEnded { id, error });
    assert_eq!(client.notice(), "Could not finish the answer in “About c”: wait");
}

#[test]
fn an_answer_goes_on_while_another_conversation_is_read() {
    let (mut client, id) = streaming();
    client.keys("C-n").arrive(id, vec![Piece::Text(" far".to_owned(), 1)]);
    assert!(!client.screen().contains("So far"));
    client.state.open.loading = Some(conversation_id("c"));
    let stored = vec![
        human("h", "", "A question?", 60),
        model("m", "h", "An answer.", 50),
        human("h2", "m", "More?", 1),
        Response { partial: true, ..model("m2", "h2", "S", 0) },
    ];
    client.load(conversation("c", "About c", 0), stored, Place::default());
    assert!(client.screen().contains("So far"), "what arrived is newer than what is stored");
    client.arrive(id, vec![Piece::Text(" away".to_owned(), 1)]);
    assert!(client.screen().contains("So far away"));
}

fn stored(client: &mut Client) -> (ModelText, Then) {
    match client.effects().as_slice() {
        [Effect::Store { text, then }] => (text.clone(), then.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_edited_answer_leaves_by_one_of_three_exits() {
    for (letter, partial, then) in [
        ("k", false, Then::Keep),
        ("c", true, Then::Continue),
        (
            "r",
            false,
            Then::Say(Box::new(Written { text: "More?".to_owned(), attached: Vec::new() })),
        ),
    ] {
        let (mut client, id) = streaming();
        client.arrive(id, vec![Piece::Finished(model("m2", "h2", "So.", 0))]);
        client.event(Event::AnswerEnded { id, error: None });
        client.keys("Esc k k e").type_text("!").keys("Enter");
        client.effects();
        assert!(matches!(client.state.overlay, Some(Overlay::Choice(_))));
        client.keys(letter);
        let (request, follows) = stored(&mut client);
        assert_eq!((request.partial, &follows), (partial, &then));
        assert_eq!(request.message, "An answer.!");
        assert_eq!(request.edited_from, Some(response_id("m")));
        assert_eq!(request.parent, Some(response_id("h")));
        assert_eq!(client.state.composer.text(), "An answer.!", "kept until it is stored");

        let response = Response { manual: true, partial, ..model("e", "h", "An answer.!", 0) };
        let conversation = conversation_id("c");
        client.event(Event::Stored { conversation, made: None, response, then });
        assert_eq!((client.state.composer.text(), &client.state.mode), ("", &Mode::Message));
        assert_eq!(client.state.open.selected(), Some(client.slot("e")));
        match follows {
            Then::Keep => assert_eq!(client.effects(), []),
            Then::Continue => assert_eq!(client.asked().1.message, ""),
            Then::Say(said) => {
                let turn = client.asked().1;
                assert_eq!((turn.message, turn.parent), (said.text, Some(response_id("e"))));
            }
        }
    }
}

#[test]
fn an_answer_that_arrives_is_edited_as_far_as_it_is() {
    let (mut client, id) = streaming();
    client.keys("BackTab e");
    assert!(client.notice().contains("arrived so far"), "{}", client.screen());
    let so_far = client.state.composer.text().to_owned();
    assert!(!so_far.is_empty());
    client.arrive(id, vec![Piece::Text(" And on.".to_owned(), 1)]);
    client.type_text("!");
    assert_eq!(client.state.composer.text(), format!("{so_far}!"));
    client.keys("Enter k");
    let (request, then) = stored(&mut client);
    assert_eq!((request.message, then), (format!("{so_far}!"), Then::Keep));
    assert!(client.state.answers.get_mut(id).is_some(), "the answer goes on");
}

#[test]
fn a_text_that_could_not_be_stored_is_still_there() {
    let mut client = talk();
    client.keys("Esc m").type_text("In its name").keys("Enter p");
    let (request, then) = stored(&mut client);
    assert_eq!((request.partial, then), (true, Then::Keep));
    let failed = Event::Failed { what: "store it", error: error(ErrorKind::Other, "no room") };
    client.event(failed);
    assert_eq!(client.state.composer.text(), "In its name");
    assert_eq!(client.state.mode, Mode::AsModel(Some(response_id("m"))));
    assert!(client.notice().contains("no room"));
}

#[test]
fn an_edit_of_a_question_is_asked_beside_it() {
    let mut client = talk();
    client.keys("Esc k e").type_text("!").keys("Enter");
    let (_, turn) = client.asked();
    assert_eq!((turn.message.as_str(), turn.parent), ("A question?!", None));
    assert_eq!(turn.edited_from, Some(response_id("h")));
}

#[test]
fn what_makes_no_sense_is_said_and_asks_for_nothing() {
    let mut client = Client::new(120, 40);
    client.effects();
    client.keys("Enter");
    assert_eq!(client.notice(), "There is nothing to send yet");
    client.keys("Esc r");
    assert!(client.notice().contains("no response yet"), "{}", client.notice());
    let mut client = Client::new(120, 40).opened("c", vec![model("m", "", "Alone.", 9)]);
    client.keys("Esc r");
    assert!(client.notice().contains("c continues it"), "{}", client.notice());
    client.keys("x");
    assert_eq!(client.notice(), "The selected response is not being received");
    assert_eq!(client.effects(), []);
}

#[test]
fn a_pace_of_zero_is_no_limit() {
    for (pace, limit) in [(60.0, Some(60.0)), (0.0, None)] {
        let mut client = Client::new(80, 24);
        client.state.pace = pace;
        client.state.model = "offline/ngram".to_owned();
        client.type_text("Hello").keys("Enter");
        assert_eq!(client.asked().1.sampling.max_tokens_per_second, limit);
    }
}

#[test]
fn a_further_answer_that_has_not_begun_is_seen_in_the_chat() {
    let mut client = talk();
    client.keys("Esc r");
    client.effects();
    assert!(client.screen().contains("waiting for the first token"), "{}", client.screen());
}

#[test]
fn a_conversation_whose_first_answer_fails_is_named_by_its_question() {
    let mut client = Client::new(120, 40);
    client.type_text("Why?").keys("Enter");
    let (id, _) = client.asked();
    client.event(Event::Created { answer: id, conversation: conversation("c", "", 5) });
    client.arrive(id, vec![Piece::User(human("h", "", "Why?", 1))]);
    let error = Some(error(ErrorKind::Other, "the key was not accepted"));
    client.event(Event::AnswerEnded { id, error });
    let title = Effect::ImproveTitle(conversation_id("c"), response_id("h"));
    assert!(client.effects().contains(&title));
}

#[test]
fn a_conversation_that_was_left_before_its_first_answer_gets_a_title_all_the_same() {
    let mut client = Client::new(120, 40);
    client.type_text("Why?").keys("Enter");
    let (id, _) = client.asked();
    client.event(Event::Created { answer: id, conversation: conversation("c", "", 5) });
    client.arrive(id, vec![Piece::User(human("h", "", "Why?", 1))]);
    client.keys("C-n").type_text("Something else");
    client.arrive(id, vec![Piece::Finished(model("m", "h", "So.", 0))]);
    client.effects();
    client.event(Event::AnswerEnded { id, error: None });
    let title = Effect::ImproveTitle(conversation_id("c"), response_id("m"));
    assert!(client.effects().contains(&title));
}

#[test]
fn the_beginning_of_the_question_is_a_title_until_there_is_a_better_one() {
    for (renamed, asks) in [(false, true), (true, false)] {
        let mut client = Client::new(120, 40);
        client.type_text("Why?").keys("Enter");
        let (id, _) = client.asked();
        client.event(Event::Created { answer: id, conversation: conversation("c", "Why?", 5) });
        assert!(client.screen().contains("▮ Why?"), "{}", client.screen());
        client.arrive(id, vec![Piece::User(human("h", "", "Why?", 1))]);
        client.arrive(id, vec![Piece::Finished(model("m", "h", "So.", 0))]);
        if renamed {
            client.event(Event::Updated(conversation("c", "My own", 0)));
        }
        client.effects();
        client.event(Event::AnswerEnded { id, error: None });
        let title = Effect::ImproveTitle(conversation_id("c"), response_id("m"));
        assert_eq!(client.effects().contains(&title), asks, "renamed: {renamed}");
    }
}

#[test]
fn a_first_answer_that_breaks_off_leaves_the_title_at_the_question() {
    let mut client = Client::new(120, 40);
    client.type_text("Why?").keys("Enter");
    let (id, _) = client.asked();
    client.event(Event::Created { answer: id, conversation: conversation("c", "Why?", 5) });
    client.arrive(id, vec![Piece::User(human("h", "", "Why?", 1))]);
    client.effects();
    let error = Some(error(ErrorKind::Other, "the key was not accepted"));
    client.event(Event::AnswerEnded { id, error });
    let effects = client.effects();
    let asks = |effect: &Effect| matches!(effect, Effect::ImproveTitle(..));
    assert!(!effects.iter().any(asks), "{effects:?}");
}
