//! Looking at pictures: which, how they come, and that nothing of them stays behind.

use super::*;
use crate::forest::Details;
use crate::tui::picture::testing::drawn;
use crate::tui::picture::{Drawn, Way};
use crate::tui::state::Overlay;

const CAT: &str = "data:image/png;name=cat\u{1b}[31m.png;base64,iVBORw0KGgo=";
const DOG: &str = "data:image/jpeg;name=dog.jpg;base64,/9j/";
const FAR: &str = "https://example.org/a\u{202e}.png";

fn talk() -> Vec<Response> {
    let pictures = [CAT, DOG, FAR].map(str::to_owned).to_vec();
    let details = Details { image_attachments: pictures, ..Details::default() };
    let asked = human("h", "", "What are they?", 60);
    vec![
        Response { details: Some(Box::new(details)), ..asked },
        model("m", "h", "A cat and a dog.", 50),
    ]
}

/// The client with the picture of the question asked for by these keys.
fn looking(width: u16, height: u16, keys: &str) -> Client {
    let mut client = Client::new(width, height).opened("c", talk());
    client.keys("Esc g").keys(keys);
    client
}

impl Client {
    /// The picture that was asked for: its name, address and room.
    fn wanted(&mut self) -> (u32, String, Size) {
        let effects = self.effects();
        let wanted = effects.into_iter().find_map(|effect| match effect {
            Effect::DrawPicture { request, picture, room } => Some((request, picture, room)),
            _ => None,
        });
        wanted.expect("a picture was to be drawn")
    }

    fn drawn(&mut self, request: u32, drawn: Result<Box<Drawn>, String>) -> &mut Self {
        self.event(Event::PictureDrawn { request, drawn })
    }
}

#[test]
fn pictures_are_walked_through() {
    let mut client = looking(120, 40, "2 p");
    let (first, address, room) = client.wanted();
    assert_eq!((address.as_str(), room), (DOG, Size { width: 118, height: 38 }));
    client.keys("[");
    let (second, address, _) = client.wanted();
    assert_eq!(address, CAT);
    client.drawn(first, Ok(drawn(40, 42, room, Way::Blocks, first)));
    assert!(client.screen().contains("Reading the picture"), "that one comes too late");
    client.drawn(second, Ok(drawn(40, 42, room, Way::Blocks, second)));
    let screen = client.screen();
    assert!(screen.contains("1/3 · cat␛[31m.png · image/png · 8 B · 40×42 · blocks"), "{screen}");
    assert!(screen.contains('▄'));
    client.keys("[").effects();
    client.keys("] ]");
    let screen = client.screen();
    assert!(screen.contains("Nothing is fetched") && screen.contains("example.org/a<U+202E>.png"));
    client.keys("Esc");
    assert!(client.state.overlay.is_none());
    assert!(!client.effects().contains(&Effect::ErasePicture(None)));

    client.keys("j p");
    assert!(client.notice().contains("No picture"), "the answer has none");
}

#[test]
fn what_the_terminal_keeps_is_taken_off_the_screen() {
    for (way, named) in [(Way::Kitty, true), (Way::Iterm2, false), (Way::Sixel, false)] {
        for keys in ["Esc", "q", "C-c", "]", "C-q", "C-z"] {
            let mut client = looking(80, 24, "p");
            let (id, _, room) = client.wanted();
            client.drawn(id, Ok(drawn(90, 90, room, way, id)));
            assert!(client.effects().is_empty());
            client.keys(keys);
            let erase = Effect::ErasePicture(named.then_some(id));
            assert_eq!(client.effects().first(), Some(&erase), "{way:?} {keys}");
        }
        // A new size has a picture of its own.
        let mut client = looking(80, 24, "p");
        let (id, _, room) = client.wanted();
        client.drawn(id, Ok(drawn(90, 90, room, way, id)));
        client.event(Event::Terminal(Terminal::Resize(60, 20)));
        assert!(client.effects.contains(&Effect::ErasePicture(named.then_some(id))));
        assert_eq!(client.wanted().2, Size { width: 58, height: 18 });
    }
}

#[test]
fn a_picture_that_cannot_be_shown_is_a_sentence() {
    let mut client = looking(80, 24, "p");
    let (id, _, _) = client.wanted();
    client.drawn(id, Err("This picture is broken\u{1b}[0m.".to_owned()));
    assert!(client.screen().contains("This picture is broken␛[0m."));
    assert!(matches!(client.state.overlay, Some(Overlay::Picture(_))));
}

#[test]
fn a_picture_of_another_size_than_the_screen_is_not_drawn() {
    let mut client = looking(80, 24, "p");
    let (id, _, room) = client.wanted();
    client.drawn(id, Ok(drawn(2_000, 2_000, room, Way::Blocks, id)));
    client.state.size = Size { width: 30, height: 10 };
    assert!(!client.screen().contains('▄'));
}

#[test]
fn what_a_picture_looks_like() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut client = looking(width, height, "p");
        let (id, _, room) = client.wanted();
        client.drawn(id, Ok(drawn(300, 200, room, Way::Blocks, id)));
        insta::assert_snapshot!(format!("picture_{width}x{height}"), client.screen());
    }
}

#[test]
fn q_closes_what_covers_the_screen_and_not_the_program() {
    for (keys, quits) in [("p q", false), ("? q", false), ("p C-q", true), ("? C-q", true)] {
        let mut client = looking(80, 24, keys);
        assert_eq!(client.effects().contains(&Effect::Quit), quits, "{keys}");
    }
}
