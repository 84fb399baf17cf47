//! The same screens with other looks: in ASCII, and at widths at which parts have to be left out.

use super::*;
use crate::forest::{Annotation, Details, Settings, Usage};
use crate::model::ModelInfo;
use crate::tui::theme::{Name, Role, Signs};

const SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];

fn ascii() -> Wishes {
    Wishes { glyphs: Signs::Ascii, ..Wishes::default() }
}

/// A conversation with everything that has a sign, and texts that are ASCII.
fn plain() -> Vec<Response> {
    let usage = Usage { completion_tokens: 42, ..Usage::default() };
    let details = Details {
        usage: Some(usage),
        query: "entropy".to_owned(),
        reasoning: "Let me think.".to_owned(),
        image_attachments: vec!["data:image/png;name=a.png;base64,AAAA".to_owned()],
        sources: vec![Default::default()],
        ..Details::default()
    };
    let text = "The *law*:\n\n```rust\nfn main() {}\n```\n\n- one\n- [x] done\n\n> quoted\n\n\
                | a | b |\n|---|---|\n| 1 | 2 |\n\n---\n";
    let manual = Response { manual: true, ..model("m3", "h1", "Honestly, nobody knows.", 700) };
    let details = Some(Box::new(details));
    let mut all = vec![
        human("h1", "", "Why does entropy increase, of all the things that could?", 900),
        model("m1", "h1", "Because of typicality.", 890),
        Response { details, ..model("m2", "h1", text, 800) },
        manual,
        human("h2", "m2", "And black holes?", 600),
        Response { partial: true, ..model("m4", "h2", "Hawking radiation", 590) },
        model("m5", "m4", " carries it away.", 580),
        human("h0", "", "Something else entirely", 300),
    ];
    for turn in 0..8 {
        let parent = if turn == 0 { "h0".to_owned() } else { format!("r{}", turn - 1) };
        let (id, seconds) = (format!("r{turn}"), 200 - turn);
        all.push(if turn % 2 == 0 {
            model(&id, &parent, "Answer", seconds)
        } else {
            human(&id, &parent, "Question", seconds)
        });
    }
    all
}

fn opened(client: Client) -> Client {
    let mut client = client.opened("c", plain());
    let slot = client.slot("m5");
    client.state.open.select(slot);
    client
}

/// Scenes of every view, by name.
fn scenes(name: &str, client: Client) -> Client {
    let mut client = if name == "welcome" { client } else { opened(client) };
    match name {
        "welcome" => drop(client.list(Vec::new())),
        "chat" => drop(client.keys("Esc")),
        "top" => drop(client.keys("Esc g g")),
        "forest" => drop(client.keys("Tab Tab")),
        "list" => {
            client.keys("Tab");
            let starred = Conversation { starred: true, ..conversation("s", "Entropy", 90) };
            let open = conversation("c", "About c", 5);
            let long = "A title that is much longer than the pane has cells for it, and more";
            client.list(vec![starred, open, conversation("l", long, 600_000)]);
        }
        "models" => {
            client.keys("M-m");
            let models = ["openai/large", "offline/ngram"].map(ModelInfo::named);
            client.event(Event::Models(models.into(), vec!["lab: Nothing answers.".to_owned()]));
        }
        "help" => drop(client.keys("F1")),
        "choice" => drop(client.keys("Esc k e").type_text(" x").keys("Enter")),
        "streaming" => {
            client.type_text("More.").keys("Enter");
            let (id, _) = client.asked();
            let begun = Response { partial: true, ..model("m6", "h3", "", 0) };
            client.arrive(id, vec![Piece::User(human("h3", "m5", "More.", 0))]);
            client.arrive(id, vec![Piece::Started(begun)]);
            client.wait(500).arrive(id, vec![Piece::Text("One\n\nTwo thr".to_owned(), 4)]);
        }
        "failed" => {
            let away = error(ErrorKind::Unavailable, "The disk is full.");
            client.event(Event::Failed { what: "star the conversation", error: away });
        }
        name => unreachable!("{name}"),
    }
    client
}

const SCENES: [&str; 10] =
    ["welcome", "chat", "top", "forest", "list", "models", "help", "choice", "streaming", "failed"];

#[test]
fn a_terminal_with_nothing_but_ascii_gets_nothing_else() {
    for (width, height) in [(120, 40), (80, 24), (50, 15), (30, 10)] {
        for scene in SCENES {
            let mut client = scenes(scene, Client::new(width, height).with_looks(ascii()));
            let shown = client.screen();
            let odd: Vec<char> = shown.chars().filter(|c| !c.is_ascii()).collect();
            assert!(odd.is_empty(), "{scene} at {width}x{height}: {odd:?}\n{shown}");
        }
    }
}

#[test]
fn main_views_in_ascii() {
    for (width, height) in SIZES {
        for scene in ["welcome", "chat", "top", "forest", "list", "streaming"] {
            let mut client = scenes(scene, Client::new(width, height).with_looks(ascii()));
            let name = format!("ascii_{scene}_{width}x{height}");
            insta::assert_snapshot!(name, client.screen());
        }
    }
}

#[test]
fn another_theme_draws_everything_anew() {
    let mut client = scenes("chat", Client::new(120, 40));
    let before = client.screen();
    client = client.with_looks(ascii());
    let plain = client.screen();
    assert!(plain.is_ascii(), "{plain}");
    client = client.with_looks(Wishes { theme: Name::Light, ..Wishes::default() });
    assert_eq!(client.screen(), before);
    let light = client.state.theme.style(Role::Human);
    let row = client.state.open.chat.rows.len();
    assert!(row > 0 && light != Theme::new(true).style(Role::Human));
}

/// The first and the last row at several widths: nothing overlaps, what matters stays.
#[test]
fn the_first_and_the_last_row_where_there_is_little_room() {
    let title = "Why entropy increases, and what it is";
    let mut rows = Vec::new();
    let away = || error(ErrorKind::Unavailable, "Nothing answers at http://lab.example:4242.");
    for width in [120, 100, 80, 60, 40, 20] {
        for (connection, lost) in [
            (Connection::Embedded, false),
            (Connection::Connected("http://lab.example:4242".to_owned()), false),
            (Connection::Connecting("http://lab.example:4242".to_owned()), true),
        ] {
            let start = Client::start(width, 16, Session::default(), connection);
            let mut client = start.opened("c", plain());
            let sampling =
                Sampling { temperature: Some(0.7), seed: Some(7), ..Sampling::default() };
            let known = client.state.open.conversation.as_mut().unwrap();
            known.title = title.to_owned();
            known.starred = true;
            known.settings = Settings { sampling, ..Settings::default() };
            client.state.model = "xai/grok-4-0709".to_owned();
            if lost {
                client.event(Event::Failed { what: "reach the service", error: away() });
                client.state.notice = None;
            }
            let screen = client.screen();
            let rows_of: Vec<&str> = screen.lines().collect();
            rows.push(format!("{width:>3}|{}", rows_of[0]));
            rows.push(format!("   |{}", rows_of[15]));
            assert!(rows_of[0].contains("Why") && rows_of[0].contains('★') || width == 20);
        }
    }
    insta::assert_snapshot!("rows_at_widths", rows.join("\n"));
}

#[test]
fn what_has_no_room_in_a_row_says_so() {
    let label = "a label that goes on and on and on";
    let mut client = Client::new(30, 16).opened(
        "c",
        vec![
            human("h", "", "A question?", 60),
            Response { partial: true, ..model("m", "h", "An answer", 50) },
            model("s", "m", " that goes on.", 40),
        ],
    );
    let annotation = Annotation { label: label.to_owned(), starred: true, ..Default::default() };
    let slot = client.slot("m");
    let open = &mut client.state.open;
    open.annotations.set(&open.forest, slot, annotation);
    let shown = client.screen();
    for cut in ["★ a label", "continued"] {
        let row = shown.lines().find(|row| row.contains(cut)).unwrap();
        assert!(row.contains('…'), "{shown}");
    }

    let mut client = client.with_looks(linear());
    for begin in [" About c, changed", " You: A question?"] {
        client.keys("Tab");
        let shown = client.screen();
        let row = shown.lines().find(|row| row.starts_with(begin));
        assert!(row.is_some_and(|row| row.ends_with('…')), "{shown}");
    }
}

fn linear() -> Wishes {
    Wishes { linear: true, ..Wishes::default() }
}

#[test]
fn main_views_read_aloud() {
    for (width, height) in SIZES {
        for scene in SCENES {
            let mut client = scenes(scene, Client::new(width, height).with_looks(linear()));
            let shown = client.screen();
            let odd = |c: char| "│─┌┐└┘├┤┼▌▏▮★◀▾▸⋯┃‹›⚠▣⌕⏎↑↓".contains(c);
            assert!(!shown.contains(odd), "{scene} at {width}x{height}:\n{shown}");
            assert!(shown.contains("cursor at"), "{scene} at {width}x{height}:\n{shown}");
            insta::assert_snapshot!(format!("linear_{scene}_{width}x{height}"), shown);
        }
    }
}

#[test]
fn the_cursor_stands_on_what_is_selected() {
    for (keys, words) in [
        ("Tab", "open, selected"),
        ("Tab k", "starred, changed 1h ago, selected"),
        ("Tab Tab", "selected"),
        ("Esc", "Continued, selected"),
    ] {
        let mut client = scenes("list", Client::new(100, 30).with_looks(linear()));
        client.keys("Esc i").keys(keys);
        let screen = client.screen();
        let rows: Vec<&str> = screen.lines().collect();
        let at = rows.last().and_then(|row| row.strip_prefix("cursor at (")).unwrap();
        let y: usize = at.trim_end_matches(')').split(", ").nth(1).unwrap().parse().unwrap();
        assert!(rows[y].contains(words), "{keys}: {}\n{screen}", rows[y]);
    }
}

#[test]
fn an_answer_read_aloud_shows_whole_rows_only_and_says_when_it_is_there() {
    let mut client = scenes("streaming", Client::new(100, 30).with_looks(linear()));
    let screen = client.screen();
    assert!(screen.contains("Grok is answering"), "{screen}");
    assert!(screen.contains("One") && !screen.contains("Two"), "{screen}");
    let before = screen;
    let (id, _) = client.state.answers.iter().next().unwrap();
    client.arrive(id, vec![Piece::Text("ee".to_owned(), 1)]);
    assert_eq!(client.screen(), before, "nothing is read again");
    let done =
        Response { parent: ResponseId::parse("h3"), ..model("m6", "h3", "One\n\nTwo three", 0) };
    client.arrive(id, vec![Piece::Finished(done)]);
    client.event(Event::AnswerEnded { id, error: None });
    let screen = client.screen();
    assert!(
        screen.contains("Two three") && screen.contains("Grok has answered, 5 tokens"),
        "{screen}"
    );
}

#[test]
fn the_next_theme_is_named_with_how_to_keep_it() {
    let mut client = Client::new(120, 40).opened("c", plain());
    client.keys("F4").type_text("theme").keys("Enter");
    assert_eq!(client.effects(), [Effect::NextTheme]);
    let before = client.buffer();
    let wishes = Wishes { theme: Name::Light, ..Wishes::default() };
    let light = Theme::of(&wishes, &Environment::default(), Background::Dark);
    let chosen =
        |colourless| Event::ThemeChosen { name: Name::Light, theme: Box::new(light), colourless };
    client.event(chosen(false));
    assert_eq!(
        client.notice(),
        "Theme light; to keep it: theme = \"light\" in the [ui] table of config.toml"
    );
    assert_ne!(client.buffer(), before);
    client.event(chosen(true));
    assert!(client.notice().contains("without colours because of NO_COLOR"));
}
