//! Pictures and long pasted texts: coming, going, being sent, kept and given back.

use super::*;
use crate::forest::Details;
use crate::tui::state::Mode;

const CAT: &str = "data:image/png;name=cat.png;base64,iVBORw0KGgo=";
const DOG: &str = "data:image/jpeg;name=dog.jpg;base64,/9j/";

impl Client {
    fn paste(&mut self, text: &str) -> &mut Self {
        self.event(Event::Terminal(Terminal::Paste(text.to_owned())))
    }

    /// The file that was to be read holds these pictures.
    fn pictures(&mut self, pictures: &[&str]) -> &mut Self {
        let effects = self.effects();
        let read = effects.into_iter().find_map(|effect| match effect {
            Effect::ReadPictures { text, pasted } => Some((text, pasted)),
            _ => None,
        });
        let (text, pasted) = read.expect("a file was to be read");
        let pictures = Ok(pictures.iter().map(|&address| address.to_owned()).collect());
        self.event(Event::PicturesRead { pasted: pasted.then_some(text), pictures })
    }

    fn attached(&self) -> Vec<&str> {
        self.state.attachments.items().iter().map(|one| one.content.as_ref()).collect()
    }
}

fn talk() -> Vec<Response> {
    let details = Details { image_attachments: vec![CAT.to_owned()], ..Details::default() };
    let asked = human("h", "", "What is it?", 60);
    vec![
        Response { details: Some(Box::new(details)), ..asked },
        model("m", "h", "A cat.", 50),
        human("i", "m", "And now?", 40),
    ]
}

fn long(lines: usize) -> String {
    "a pasted line\r\n".repeat(lines)
}

#[test]
fn a_pasted_path_gives_way_to_its_picture() {
    let mut client = Client::new(120, 40);
    client.type_text("Look: ").paste("'/tmp/my cat.png' ").type_text("now");
    assert_eq!(client.state.composer.text(), "Look: '/tmp/my cat.png' now");
    client.pictures(&[CAT]);
    assert_eq!((client.state.composer.text(), client.attached()), ("Look: now", vec![CAT]));
    client.type_text("!").keys("Enter");
    let (_, turn) = client.asked();
    assert_eq!(turn.message, "Look: now!");
    assert_eq!(turn.images, [CAT.into()]);
    assert_eq!(client.attached(), [""; 0], "it is sent once");
}

#[test]
fn what_is_no_picture_or_was_edited_meanwhile_stays_text() {
    let mut client = Client::new(120, 40);
    client.paste("/tmp/notes.txt").pictures(&[]);
    assert_eq!(client.state.composer.text(), "/tmp/notes.txt");
    client.paste("/tmp/cat.png").keys("Backspace").pictures(&[CAT]);
    assert_eq!(client.state.composer.text(), "/tmp/notes.txt/tmp/cat.pn");
    assert_eq!(client.attached(), [""; 0]);
    client.effects();
    client.keys("C-u").paste("an ordinary text");
    assert_eq!(client.effects(), [], "no file is looked for");
}

#[test]
fn a_picture_is_asked_for_by_its_path() {
    for key in ["M-a", "F6"] {
        let mut client = Client::new(120, 40);
        client.type_text("What is it?").keys(key).type_text("~/cat.png").keys("Enter");
        client.keys("Enter");
        assert!(client.notice().contains("still being read"), "{}", client.notice());
        client.pictures(&[CAT]).keys("Enter");
        let (_, turn) = client.asked();
        assert_eq!((turn.message.as_str(), turn.images), ("What is it?", vec![CAT.into()]));
    }
    let mut client = Client::new(120, 40);
    client.keys("F6").type_text("/tmp/x").keys("Enter");
    client.event(Event::PicturesRead { pasted: None, pictures: Err("/tmp/x is none".to_owned()) });
    assert_eq!(client.notice(), "/tmp/x is none");
    // The path can be mended.
    client.keys("Backspace").type_text("y").keys("Enter");
    let again = Effect::ReadPictures { text: "/tmp/y".to_owned(), pasted: false };
    assert!(client.effects().contains(&again));
    client.event(Event::PicturesRead { pasted: None, pictures: Err("no".to_owned()) });
    client.keys("Esc").type_text("Never mind").keys("Enter");
    assert_eq!(client.asked().1.message, "Never mind");
}

#[test]
fn a_picture_alone_is_a_message_too() {
    let mut client = Client::new(120, 40);
    client.paste("/tmp/cat.png").pictures(&[CAT]).keys("Enter");
    let (_, turn) = client.asked();
    assert_eq!((turn.message.as_str(), turn.images.len()), ("", 1));
    assert!(client.state.history.is_empty());
}

#[test]
fn a_long_paste_is_put_aside_and_sent_in_its_place() {
    let mut client = Client::new(120, 40);
    client.type_text("Summarize.").paste(&long(312));
    assert_eq!(client.state.composer.text(), "Summarize.");
    assert!(client.screen().contains("[pasted text 1 · 312 lines · 5 kB]"), "{}", client.screen());
    client.keys("Enter");
    let (_, turn) = client.asked();
    assert_eq!(turn.message, format!("{}\n\nSummarize.", long(312).replace('\r', "")));
    assert_eq!(client.state.history, ["Summarize."], "the history holds what was typed");
}

#[test]
fn a_long_paste_goes_into_the_field_when_that_is_wanted() {
    let mut client = Client::new(120, 40);
    client.type_text("a").paste(&long(200)).keys("M-v").type_text("z");
    assert_eq!(client.state.composer.text(), format!("{}\n\naz", long(200).replace('\r', "")));
    assert_eq!(client.attached(), [""; 0]);
    // It is attached no more, so undoing leaves it where it is.
    let text = client.state.composer.text().to_owned();
    client.keys("C-_ C-_ C-_");
    assert_eq!(client.state.composer.text().len(), text.len() - 1);
    client.keys("M-v");
    assert!(client.notice().contains("no pasted text"));
}

#[test]
fn attachments_are_taken_away_and_brought_back() {
    let mut client = Client::new(120, 40);
    client.paste("/tmp/cat.png").pictures(&[CAT]).paste(&long(200)).type_text("ab");
    client.keys("Backspace Backspace");
    assert_eq!(client.attached().len(), 2, "first the text");
    client.keys("Backspace");
    assert_eq!(client.attached(), [CAT]);
    assert!(client.notice().contains("brings it back"));
    client.keys("Backspace M-u M-u");
    assert_eq!(client.attached().len(), 2);
    client.keys("Backspace").type_text("c").keys("M-u");
    assert_eq!(client.attached(), [CAT], "undo goes on with the text");
}

#[test]
fn every_draft_has_its_own_attachments() {
    let mut client = Client::new(120, 40).opened("c", talk());
    client.paste("/tmp/dog.jpg").pictures(&[DOG]).keys("Esc k");
    assert_eq!(client.attached(), [""; 0]);
    let (_, place) = update::place(&client.state).unwrap();
    assert_eq!(place.attached["m:i"][0].content.as_ref(), DOG);
    client.keys("j");
    assert_eq!(client.attached(), [DOG]);
    let (_, place) = update::place(&client.state).unwrap();
    assert_eq!(
        place.attached["m:i"][0].content.as_ref(),
        DOG,
        "as long as it is in the field, too"
    );

    // The next run finds it.
    let mut again = Client::new(120, 40);
    again.state.open.loading = Some(conversation_id("c"));
    again.load(conversation("c", "About c", 5), talk(), place);
    assert_eq!(again.attached(), [DOG]);
}

#[test]
fn the_attachments_of_a_new_conversation_wait_for_its_return() {
    let mut client = Client::new(120, 40);
    client.list(vec![conversation("c", "About c", 5)]);
    client.paste("/tmp/dog.jpg").pictures(&[DOG]).keys("Tab Enter");
    client.load(conversation("c", "About c", 5), talk(), Place::default());
    assert_eq!(client.attached(), [""; 0]);
    let session = client.state.session();
    assert_eq!(session.attached[0].content.as_ref(), DOG);
    client.keys("C-n");
    assert_eq!(client.attached(), [DOG]);

    // It outlives the program, and is not given to the conversation that is opened first.
    let mut again = Client::start(120, 40, session, Connection::Embedded);
    again.paste(&long(200));
    again.load(conversation("c", "About c", 5), talk(), Place::default());
    assert_eq!(again.attached().len(), 1);
    assert_ne!(again.attached(), [DOG]);
    again.keys("C-n");
    assert_eq!(again.attached(), [DOG]);
}

#[test]
fn what_was_not_taken_comes_back_with_its_attachments() {
    let refused = || Some(error(ErrorKind::Other, "offline/ngram takes no pictures"));
    let mut client = Client::new(120, 40).opened("c", talk());
    client.paste("/tmp/dog.jpg").pictures(&[DOG]).paste(&long(200)).type_text("And?");
    let before = client.state.attachments.items().to_vec();
    client.keys("Enter");
    let (id, _) = client.asked();
    client.event(Event::AnswerEnded { id, error: refused() });
    assert_eq!(client.state.composer.text(), "And?");
    assert_eq!(client.state.attachments.items(), before);

    // Something else is in the field by then: the attachments join it.
    client.keys("Enter");
    let (id, _) = client.asked();
    client.type_text("More").event(Event::AnswerEnded { id, error: refused() });
    assert_eq!((client.state.composer.text(), client.attached().len()), ("More", 2));
    // Another conversation is on the screen.
    client.keys("Enter");
    let (id, _) = client.asked();
    client.state.open.loading = Some(conversation_id("d"));
    client.load(conversation("d", "Other", 1), talk(), Place::default());
    client.event(Event::AnswerEnded { id, error: refused() });
    assert_eq!(client.attached(), [""; 0]);
    client.keys("C-n");
    assert_eq!(client.attached().len(), 2);
}

#[test]
fn an_edit_keeps_the_pictures() {
    let mut client = Client::new(120, 40).opened("c", talk());
    client.keys("Esc g e").type_text("!");
    assert_eq!(client.state.mode, Mode::Replace(response_id("h")));
    assert_eq!(client.attached(), [CAT]);
    client.keys("Enter");
    let (_, turn) = client.asked();
    assert_eq!((turn.message.as_str(), turn.images), ("What is it?!", vec![CAT.into()]));
    assert_eq!(turn.edited_from, Some(response_id("h")));
}

#[test]
fn what_grok_says_has_no_pictures() {
    let mut client = Client::new(120, 40).opened("c", talk());
    client.keys("Esc m").paste("/tmp/cat.png");
    assert_eq!(client.effects(), []);
    client.keys("M-a");
    assert!(client.notice().contains("messages of yours"));
    client.keys("C-u").paste(&long(200)).type_text("End.").keys("Enter k");
    let effects = client.effects();
    let [Effect::Store { text, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let wanted = format!("{}\n\nEnd.", long(200).replace('\r', ""));
    assert_eq!(text.message, wanted);
    let response = Response { manual: true, ..model("x", "i", &wanted, 0) };
    let conversation = conversation_id("c");
    client.event(Event::Stored { conversation, made: None, response, then: Then::Keep });
    assert!(client.state.is_blank());
}

#[test]
fn what_is_said_again_has_its_pictures() {
    let mut responses = talk();
    responses[2].details = responses[0].details.clone();
    let mut client = Client::new(120, 40).opened("c", responses);
    client.keys("Esc k e").type_text("!").keys("Enter r");
    let effects = client.effects();
    let [Effect::Store { then: Then::Say(said), .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((said.text.as_str(), said.images()), ("And now?", vec![CAT.into()]));
}
