//! The list of models.

use super::*;
use crate::model::ModelInfo;

fn models() -> Client {
    let mut client = Client::new(80, 24);
    client.keys("F3");
    let names = ["offline/ngram", "openai/large", "openai/small", "xai/grok-4"];
    client.event(Event::Models(names.map(ModelInfo::named).into(), Vec::new()));
    client
}

#[test]
fn letters_filter_the_models() {
    let mut client = models();
    client.type_text("OPEN").keys("Down");
    let screen = client.screen();
    assert!(screen.contains("┌ OPEN · ⏎ takes one") && !screen.contains("xai/grok-4"), "{screen}");
    client.keys("Down Enter");
    assert_eq!(client.state.model, "openai/small", "the cursor stays within what is shown");
    assert!(client.state.overlay.is_none());
}

#[test]
fn where_no_model_is_left_nothing_is_taken() {
    let mut client = models();
    client.type_text("jq");
    assert!(client.screen().contains("None has that in its name"), "{}", client.screen());
    client.keys("Enter");
    assert_eq!((client.state.model.as_str(), client.notice()), ("", ""));
}

#[test]
fn a_model_that_no_server_lists_is_taken_by_its_whole_name() {
    let mut client = models();
    client.type_text("openai/new-1");
    assert!(client.screen().contains("⏎ takes it as it is"), "{}", client.screen());
    client.keys("Enter");
    assert_eq!(client.state.model, "openai/new-1");
    assert!(client.notice().contains("openai/new-1"), "{}", client.notice());
}

#[test]
fn what_is_typed_while_the_models_are_asked_for_filters_them() {
    let mut client = Client::new(80, 24);
    client.keys("F3").type_text("xx").keys("Backspace");
    let names = ["offline/ngram", "xai/grok-4"];
    client.event(Event::Models(names.map(ModelInfo::named).into(), Vec::new()));
    client.keys("Enter");
    assert_eq!(client.state.model, "xai/grok-4");
}

#[test]
fn on_a_narrow_screen_the_names_are_there() {
    for (width, height) in [(40, 12), (20, 6)] {
        let mut client = Client::new(width, height);
        client.keys("F3");
        let named = |name: &str| ModelInfo {
            context_length: Some(131_072),
            logprobs: true,
            ..ModelInfo::named(name.to_owned())
        };
        client.event(Event::Models(["offline/ngram", "x/grok-4"].map(named).into(), Vec::new()));
        let screen = client.screen();
        assert!(screen.contains("offline/ngram") && screen.contains("x/grok-4"), "{screen}");
        assert_eq!(screen.contains("131072"), width == 40, "{screen}");
    }
}
