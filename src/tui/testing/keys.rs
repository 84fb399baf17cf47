//! Keys: the palette, the help, counts, and what Ctrl+C does to a text.

use super::*;
use crate::tui::action::Action;
use crate::tui::state::{Focus, Overlay};

fn talk() -> Client {
    let responses = vec![human("h", "", "Question", 9), model("m", "h", "Answer", 8)];
    Client::new(120, 40).opened("c", responses)
}

#[test]
fn the_palette_finds_an_action_and_does_it_so_many_times() {
    let mut client = talk();
    client.keys("Esc 3 :").type_text("resam");
    assert!(client.screen().contains("› resam"));
    client.keys("Enter");
    let asked = client.effects().iter().filter(|e| matches!(e, Effect::Answer { .. })).count();
    assert_eq!(asked, 3);
    assert!(client.state.overlay.is_none());
}

#[test]
fn while_writing_the_palette_does_what_has_no_key_there() {
    let mut client = talk();
    client.type_text("a draft").keys("M-x").type_text("generate").keys("Enter");
    assert_eq!(client.effects(), [Effect::GenerateTitle(conversation_id("c"), response_id("m"))]);
    assert_eq!(client.state.composer.text(), "a draft");
    assert_eq!(client.state.focus, Focus::Composer);
    client.keys("F4").type_text("nothing like it").keys("Enter");
    assert!(client.screen().contains("Nothing has these words"));
    client.keys("Esc");
    assert!(client.state.overlay.is_none());
}

#[test]
fn the_palette_offers_what_makes_sense_where_it_was_opened() {
    let mut client = talk();
    client.keys("Tab :").type_text("fold");
    assert!(client.screen().contains("Nothing has these words"), "the list has no folds");
    client.keys("Esc Tab :").type_text("fold");
    assert!(client.screen().contains("toggle fold"));
    client.keys("Esc M-x M-x");
    assert!(client.state.overlay.is_none(), "its own key closes it");
}

#[test]
fn what_is_said_names_the_keys_that_there_are() {
    let changes = [
        ("resample", vec!["Q"]),
        ("continue_response", vec!["K"]),
        ("replace", vec!["f12"]),
        ("help", vec!["f11"]),
        ("send", vec!["f9"]),
    ];
    let changes = changes.map(|(action, keys)| {
        (action.to_owned(), keys.into_iter().map(str::to_owned).collect::<Vec<_>>())
    });
    let keymap = Keymap::new(&changes.into()).unwrap();
    let mut client = Client::new(100, 30);
    client.state.keymap = keymap;
    let screen = client.screen();
    for part in ["press F9", "resampled (Q)", "edited (F12)", "(K); nothing", "F11 shows"] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    let partial = Response { partial: true, ..model("m", "h", "An", 50) };
    let mut client = client.opened("c", vec![human("h", "", "A question?", 60), partial]);
    assert!(client.screen().contains("K continues it"), "{}", client.screen());
    // Digits are counts.
    let digit = [("star_response".to_owned(), vec!["9".to_owned()])];
    let error = Keymap::new(&digit.into()).unwrap_err().to_string();
    assert!(error.starts_with("9, given for \"star_response\", begins a count"), "{error}");
}

#[test]
fn letters_are_typed_into_what_covers_the_screen() {
    let mut client = talk();
    client.effects();
    client.keys("Esc : q j k");
    let Some(Overlay::Palette(palette)) = &client.state.overlay else { panic!("it is open") };
    assert_eq!(palette.field.text(), "qjk");
    assert_eq!(client.effects(), [], "q does not leave the program");
    client.keys("Esc ?").type_text("resam");
    let screen = client.screen();
    assert!(screen.contains("Keys with: resam") && screen.contains("with a count before it"));
    assert!(!screen.contains("next sibling"), "what does not match is not shown");
    client.keys("Esc");
    assert!(client.screen().contains("next sibling"), "the first Esc takes the search back");
    client.keys("Esc");
    assert!(client.state.overlay.is_none());
}

#[test]
fn the_help_begins_with_what_holds_here_and_shows_what_has_no_key() {
    let mut client = talk();
    let changes = BTreeMap::from([("star".to_owned(), Vec::new())]);
    client.state.keymap = Keymap::new(&changes).unwrap();
    client.keys("F1");
    let heading = |client: &mut Client, row: usize| {
        client.screen().lines().nth(row).unwrap().trim_matches([' ', '│']).to_owned()
    };
    assert!(heading(&mut client, 1).contains("Writing"));
    client.keys("F1 Esc F1");
    assert!(heading(&mut client, 1).contains("Chat"));
    client.type_text("star or");
    assert!(client.screen().contains("(no key)"));
}

#[test]
fn a_count_is_shown_until_its_command_comes() {
    let mut client = talk();
    client.keys("Esc 1 2");
    let footer = |client: &mut Client| client.screen().lines().nth(39).unwrap().to_owned();
    assert!(footer(&mut client).starts_with(" 12 × "), "{}", footer(&mut client));
    client.keys("j");
    assert!(!footer(&mut client).contains("12"));
}

#[test]
fn control_c_asks_first_and_destroys_no_text() {
    let mut client = talk();
    client.effects();
    client.type_text("a draft").keys("C-c");
    assert_eq!(client.effects(), []);
    assert!(client.notice().contains("Press Ctrl+C again to leave"));
    assert_eq!(client.state.composer.text(), "a draft");
    client.keys("C-c");
    assert_eq!(client.effects(), [Effect::Quit]);
    assert_eq!(update::place(&client.state).unwrap().1.drafts["m:m"], "a draft");
}

/// Hints are left out whole where there is no room for them.
#[test]
fn hints_are_never_cut() {
    let mut client = talk();
    client.keys("Esc");
    for width in 20..120 {
        client.state.size.width = width;
        let footer = client.screen().lines().nth(39).unwrap().to_owned();
        let words = footer.trim().rsplit("  ").next().unwrap().to_owned();
        let hints = ["resample", "edit", "continue", "as Grok", "sibling", "write", "do…"];
        let all = hints.iter().chain(&["all keys", "search", "star"]);
        assert!(all.clone().any(|hint| words.ends_with(hint)), "{width}: {footer:?}");
    }
    assert_eq!(client.state.key_for(Action::GenerateTitle).as_deref(), Some("Alt-t"));
}
