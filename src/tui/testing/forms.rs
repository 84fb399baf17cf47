//! The forms: a conversation's settings, and sampling with choices.

use super::*;
use crate::forest::Settings;
use crate::model::ModelInfo;
use crate::tui::state::form::Name;
use crate::tui::theme::Signs;
use crate::tui::words;

fn talk(width: u16, height: u16, settings: &str) -> Client {
    let mut client = Client::new(width, height)
        .opened("c", vec![human("h", "", "A question?", 60), model("m", "h", "An answer.", 50)]);
    let settings: Settings = settings.parse().unwrap();
    client.state.default_model = "offline/ngram".to_owned();
    client.state.open.conversation.as_mut().unwrap().settings = settings;
    client
}

/// A form, with the names that it asked for.
fn form(width: u16, height: u16, settings: &str, letter: &str) -> Client {
    let mut client = talk(width, height, settings);
    client.keys("Esc").keys(letter);
    assert_eq!(client.effects(), [Effect::LoadModels, Effect::LoadPrompts]);
    let names = ["offline/ngram", "xai/grok-4", "xai/grok-4-fast"];
    client.event(Event::Models(names.map(ModelInfo::named).into(), Vec::new()));
    client.event(Event::Prompts(["regular", "fun", "raw", "pirate"].map(str::to_owned).into()));
    client
}

/// Goes to a field, empties it and writes.
fn fill(client: &mut Client, name: Name, text: &str) {
    while client.state.form().unwrap().field().name != name {
        client.keys("Tab");
    }
    client.keys("C-e C-u").type_text(text);
}

fn errors(client: &Client) -> Vec<String> {
    let fields = &client.state.form().unwrap().fields;
    fields.iter().map(|field| field.error.clone()).filter(|error| !error.is_empty()).collect()
}

#[test]
fn what_the_forms_look_like() {
    for (width, height) in [(120, 40), (80, 24), (50, 15)] {
        let settings = "temperature=0.7 stop=\"END\" stop=\"\\n\\n\" search=off";
        let mut client = form(width, height, settings, "o");
        fill(&mut client, Name::TopP, "7");
        client.keys("Enter");
        insta::assert_snapshot!(format!("settings_{width}x{height}"), client.screen());

        let mut client = form(width, height, settings, "R");
        fill(&mut client, Name::Count, "3");
        fill(&mut client, Name::Seed, "41");
        insta::assert_snapshot!(format!("resample_{width}x{height}"), client.screen());
        client.keys("BackTab BackTab Space Down Space Down Space");
        insta::assert_snapshot!(format!("resample_models_{width}x{height}"), client.screen());
    }
}

#[test]
fn forms_in_ascii_and_read_aloud() {
    let looks = |glyphs, linear| Wishes { glyphs, linear, ..Wishes::default() };
    for (width, height) in [(120, 40), (80, 24), (50, 15)] {
        for (letter, name) in [("o", "settings"), ("R", "resample")] {
            let mut client = form(width, height, "temperature=0.7", letter);
            client = client.with_looks(looks(Signs::Ascii, false));
            fill(&mut client, Name::Temperature, "hot");
            client.keys("Enter");
            assert!(client.screen().is_ascii(), "{}", client.screen());
            fill(&mut client, Name::Model, "");
            client.keys("Space Down");
            assert!(client.screen().is_ascii(), "{}", client.screen());
            client = client.with_looks(looks(Signs::Unicode, true));
            client.keys("Space");
            let odd = |c: char| "│─┌┐└┘▌✓⏎⚠".contains(c);
            let screen = client.screen();
            assert!(!screen.contains(odd) && screen.contains("cursor at"), "{screen}");
            insta::assert_snapshot!(format!("linear_{name}_{width}x{height}"), screen);
        }
    }
}

#[test]
fn a_field_says_what_holds_while_it_is_empty_and_why() {
    let mut client = talk(120, 40, "prompt=fun temperature=0.7");
    client.state.sampling.top_p = Some(0.9);
    client.state.sampling.temperature = Some(0.2);
    client.keys("Esc R");
    let screen = client.screen();
    for words in [
        "model        offline/ngram · the default",
        "temperature  0.7 · from the conversation",
        "top_p        0.9 · from the configuration",
        "max_tokens   left to the model",
        "seed         another one each time",
        "prompt       fun · from the conversation",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    client.keys("Esc o Tab Tab");
    let screen = client.screen();
    assert!(screen.contains("temperature  0.7 "), "{screen}");
    assert!(screen.contains("empty: 0.2, from the configuration"), "{screen}");
    // A model chosen for this run wins over that of the conversation.
    client.state.model = "xai/grok-4".to_owned();
    client.keys("BackTab");
    assert!(client.screen().contains("in this run xai/grok-4 answers"), "{}", client.screen());
    client.keys("Esc R");
    assert!(client.screen().contains("xai/grok-4 · chosen for this run"), "{}", client.screen());
}

#[test]
fn a_click_goes_to_a_field_and_the_wheel_through_the_names() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let mut client = form(80, 24, "", "R");
    let screen = client.screen();
    let row = screen.lines().position(|line| line.contains("│ seed ")).unwrap() as u16;
    let at = |kind, row| {
        let modifiers = KeyModifiers::NONE;
        Event::Terminal(Terminal::Mouse(MouseEvent { kind, column: 30, row, modifiers }))
    };
    let press = MouseEventKind::Down(MouseButton::Left);
    client.event(at(press, row));
    assert_eq!(client.state.form().unwrap().field().name, Name::Seed);
    client.event(at(press, 1)).event(at(MouseEventKind::ScrollUp, 1));
    assert_eq!(client.state.form().unwrap().field().name, Name::MaxTokens);
    fill(&mut client, Name::Model, "");
    client.keys("Space").event(at(MouseEventKind::ScrollDown, 1)).keys("Space Enter");
    assert_eq!(client.state.form().unwrap().value(Name::Model), "xai/grok-4");
}

#[test]
fn settings_come_prefilled_and_are_set_as_a_whole() {
    let mut client = form(120, 40, "prompt=fun temperature=0.7 stop=\"a b\" seed=3", "o");
    let pace = Some(9.0);
    let conversation = client.state.open.conversation.as_mut().unwrap();
    conversation.settings.sampling.max_tokens_per_second = pace;
    fill(&mut client, Name::Seed, "");
    fill(&mut client, Name::Stop, "END \"\\n\"");
    fill(&mut client, Name::Search, "on");
    client.keys("Enter");
    let mut settings: Settings =
        "prompt=fun temperature=0.7 stop=END stop=\"\\n\" search=on".parse().unwrap();
    settings.sampling.max_tokens_per_second = pace;
    assert_eq!(client.effects(), [Effect::SetSettings { id: conversation_id("c"), settings }]);
    assert!(client.state.overlay.is_none());
}

#[test]
fn a_conversation_can_be_set_before_it_is_begun() {
    let mut client = Client::new(120, 40);
    client.effects();
    client.keys("Esc o");
    fill(&mut client, Name::Prompt, "pirate");
    fill(&mut client, Name::Temperature, "0.5");
    client.keys("Enter");
    assert!(client.screen().contains("t 0.5 · pirate"), "{}", client.screen());
    assert_eq!(client.notice(), words::forms::BEGINS_SO);
    client.effects();
    client.keys("i").type_text("Ahoy?").keys("Enter");
    let (id, turn) = client.asked();
    let settings: Settings = "prompt=pirate temperature=0.5".parse().unwrap();
    assert_eq!((turn.conversation, &turn.settings), (None, &settings));
    // What the service does not take is there for the next attempt, and then for no other conversation.
    let made = Conversation { settings: settings.clone(), ..conversation("c", "Ahoy?", 0) };
    client.event(Event::Created { answer: id, conversation: made.clone() });
    client.event(Event::Discarded(conversation_id("c")));
    let refused = Some(error(ErrorKind::InvalidArgument, "there is no model"));
    client.event(Event::AnswerEnded { id, error: refused });
    client.keys("Enter");
    let (id, turn) = client.asked();
    assert_eq!(turn.settings, settings);
    client.event(Event::Created { answer: id, conversation: made });
    client.keys("C-n");
    client.effects();
    client.type_text("Another").keys("Enter");
    assert_eq!(client.asked().1.settings, Settings::default());
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_nothing_is_done() {
    let mut client = form(120, 40, "", "o");
    fill(&mut client, Name::Temperature, "hot");
    fill(&mut client, Name::TopK, "21");
    fill(&mut client, Name::Stop, "\"a");
    client.keys("Enter");
    assert_eq!(client.effects(), []);
    let errors = errors(&client);
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors[0].contains("from 0 to 2, not \"hot\""), "{errors:?}");
    assert!(errors[1].contains("closing quote"), "{errors:?}");
    assert!(errors[2].contains("from 0 to 20"), "{errors:?}");
    assert_eq!(client.state.form().unwrap().field().name, Name::Temperature);
    // Writing takes the word away.
    client.keys("C-u").type_text("1");
    assert!(!client.screen().contains("hot"), "{}", client.screen());
    client.keys("Esc");
    assert!(client.state.overlay.is_none());
    assert_eq!(client.effects(), []);
}

#[test]
fn every_model_gets_so_many_answers_with_seeds_in_a_row() {
    let mut client = form(120, 40, "temperature=0.3 prompt=fun", "R");
    fill(&mut client, Name::Count, "2");
    fill(&mut client, Name::Model, "xai/grok-4, offline/ngram,xai/grok-4");
    fill(&mut client, Name::Seed, "18446744073709551615");
    fill(&mut client, Name::Prompt, "raw");
    client.keys("Enter");
    let asked: Vec<_> = client.all_asked().into_iter().map(|(_, turn)| turn).collect();
    let told: Vec<_> = asked.iter().map(|t| (t.model.as_str(), t.sampling.seed)).collect();
    let seeds = [Some(u64::MAX), Some(0)];
    let expected = [
        ("xai/grok-4", seeds[0]),
        ("xai/grok-4", seeds[1]),
        ("offline/ngram", seeds[0]),
        ("offline/ngram", seeds[1]),
    ];
    assert_eq!(told, expected);
    for turn in &asked {
        assert_eq!((turn.message.as_str(), turn.parent.clone()), ("", Some(response_id("h"))));
        assert_eq!(turn.system_prompt_name, "raw");
        assert_eq!(turn.sampling.temperature, Some(0.3), "what is left out is as usual");
    }
    assert_eq!(asked[0].sampling.max_tokens_per_second, None);
    assert!(asked[2].sampling.max_tokens_per_second.is_some(), "the offline one is slowed down");
    let screen = client.screen();
    assert!(screen.contains("4 samples · 4 running"), "{screen}");
    assert!(screen.contains("xai/grok-4 waiting"), "{screen}");

    // The next time it is as it was left, but for a count that was typed.
    client.keys("R");
    assert_eq!(client.state.form().unwrap().value(Name::Count), "2");
    assert_eq!(client.state.form().unwrap().value(Name::Prompt), "raw");
    client.keys("Esc 7 R");
    assert_eq!(client.state.form().unwrap().value(Name::Count), "7");
}

#[test]
fn a_plain_count_with_a_fixed_seed_also_counts_the_seeds_up() {
    let mut client = talk(120, 40, "seed=5");
    client.keys("Esc 3 r");
    let seeds: Vec<_> = client.all_asked().iter().map(|(_, turn)| turn.sampling.seed).collect();
    assert_eq!(seeds, [Some(5), Some(6), Some(7)]);
}

#[test]
fn counts_beyond_the_bound_are_refused_at_the_field() {
    let mut client = form(120, 40, "", "R");
    for (count, said) in [("0", "from 1 to 50"), ("51", "from 1 to 50"), ("", "from 1 to 50")] {
        fill(&mut client, Name::Count, count);
        client.keys("Enter");
        assert!(errors(&client)[0].contains(said), "{count}: {:?}", errors(&client));
    }
    fill(&mut client, Name::Count, "26");
    fill(&mut client, Name::Model, "a/b, c/d");
    client.keys("Enter");
    assert!(errors(&client)[0].contains("26 × 2 models = 52 answers are too many"));
    assert_eq!(client.effects(), []);
}

#[test]
fn a_model_that_no_server_lists_is_doubted_once() {
    for letter in ["R", "o"] {
        let mut client = form(120, 40, "", letter);
        fill(&mut client, Name::Model, "xai/grok-44");
        client.keys("Enter");
        assert_eq!(errors(&client).len(), 1);
        assert!(errors(&client)[0].contains("no server lists xai/grok-44"), "{}", client.screen());
        assert_eq!(client.effects(), []);
        client.keys("Enter");
        assert!(client.state.form().is_none() && !client.effects().is_empty(), "{letter}");
    }
    // Another one is another doubt, and what is listed is none.
    let mut client = form(120, 40, "", "R");
    fill(&mut client, Name::Model, "one");
    client.keys("Enter").type_text("s").keys("Enter");
    assert!(errors(&client)[0].contains("no server lists ones"));
    fill(&mut client, Name::Model, "xai/grok-4, offline/ngram");
    client.keys("Enter");
    assert_eq!(client.all_asked().len(), 10);
}

#[test]
fn names_are_chosen_from_lists_that_letters_filter() {
    let mut client = form(120, 40, "", "R");
    client.keys("Tab Space").type_text("FAST").keys("Space");
    assert_eq!(client.state.form().unwrap().value(Name::Model), "xai/grok-4-fast");
    client.keys("Backspace Backspace Backspace Backspace Space Enter");
    assert_eq!(client.state.form().unwrap().value(Name::Model), "xai/grok-4-fast, offline/ngram");
    client.keys("Space Space Esc");
    assert_eq!(client.state.form().unwrap().value(Name::Model), "xai/grok-4-fast");

    let mut client = form(120, 40, "prompt=fun", "o");
    client.keys("Space Down Down Down Down Down Enter");
    assert_eq!(client.state.form().unwrap().value(Name::Prompt), "pirate");
    client.keys("Space Enter");
    assert_eq!(client.state.form().unwrap().value(Name::Prompt), "");
    // A service that lists none, or has not answered yet, does not stand in the way.
    client.event(Event::Prompts(Vec::new())).keys("Space");
    assert!(client.screen().contains("lists none"), "{}", client.screen());
    client.keys("Esc").type_text("mine");
    assert_eq!(client.state.form().unwrap().value(Name::Prompt), "mine");
}

#[test]
fn a_field_takes_any_text_by_cluster_and_shows_the_part_around_the_cursor() {
    let mut client = form(50, 15, "", "o");
    client.event(Event::Terminal(Terminal::Paste("日本語\n👩‍👩‍👧x".to_owned())));
    client.keys("Backspace Backspace");
    assert_eq!(client.state.form().unwrap().field().text.text(), "日本語 ");
    client.type_text(&"abc".repeat(30)).type_text("end");
    let screen = client.screen();
    assert!(screen.contains("abcend"), "{screen}");
    client.keys("C-a");
    assert!(client.screen().contains("日本語 abc"), "{}", client.screen());
}

#[test]
fn the_keys_of_a_form_are_not_those_of_what_lies_below() {
    let mut client = form(120, 40, "", "R");
    client.keys("C-n C-o C-b F1 PageUp");
    assert!(client.state.form().is_some());
    assert_eq!(client.effects(), []);
    client.keys("C-c");
    assert!(client.state.form().is_none());
    assert_eq!(client.state.samples.remembered, Vec::<String>::new());
}

#[test]
fn what_was_chosen_for_samples_outlives_escape() {
    for leaves in ["Esc", "C-c"] {
        let mut client = form(120, 40, "", "R");
        fill(&mut client, Name::Count, "3");
        fill(&mut client, Name::Temperature, "1.5");
        client.keys(leaves);
        assert!(client.state.overlay.is_none());
        client.keys("R");
        let value = |client: &Client, name| client.state.form().unwrap().value(name).to_owned();
        assert_eq!(
            (value(&client, Name::Count), value(&client, Name::Temperature)),
            ("3".into(), "1.5".into())
        );
        // Elsewhere it is what was sampled with last.
        client.keys("Esc");
        let other = human("h2", "m", "Another question?", 10);
        let slot = client.state.open.put(other).unwrap();
        client.state.open.select(slot);
        client.keys("R");
        assert_eq!(
            (value(&client, Name::Count), value(&client, Name::Temperature)),
            ("5".into(), String::new())
        );
    }
}

#[test]
fn settings_that_were_left_are_what_they_were() {
    let mut client = form(120, 40, "temperature=0.7", "o");
    fill(&mut client, Name::Temperature, "1.5");
    client.keys("Esc o");
    assert_eq!(client.state.form().unwrap().value(Name::Temperature), "0.7");
}

#[test]
fn the_frame_and_the_last_row_say_the_same_of_enter() {
    for (letter, verb) in [("R", "⏎ sample  "), ("o", "⏎ save  ")] {
        let mut client = form(120, 40, "", letter);
        assert_eq!(client.screen().matches(verb).count(), 2, "{}", client.screen());
        fill(&mut client, Name::Model, "");
        client.keys("Space");
        assert!(client.screen().lines().nth(39).unwrap().contains("⏎ take"), "{}", client.screen());
    }
}
