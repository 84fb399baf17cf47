//! What every view looks like, at two sizes at least.

use super::*;
use crate::forest::{Details, Usage};
use crate::model::ModelInfo;

const SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];

/// Compares a scene with what it looked like before.
fn assert_looks(name: &str, sizes: &[(u16, u16)], scene: impl Fn(Client) -> Client) {
    for &(width, height) in sizes {
        let mut client = scene(Client::new(width, height));
        let info = crate::client::ServiceInfo {
            server: "grok-tui 0".to_owned(),
            default_model: "offline/ngram".to_owned(),
            hint: "Only the offline model is here.".to_owned(),
        };
        client.event(Event::Service(info));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), client.screen());
    }
}

/// A conversation with branches: two roots, siblings, an edited answer, wide characters, code.
fn branches() -> Vec<Response> {
    let usage = Usage {
        prompt_tokens: 9,
        completion_tokens: 42,
        reasoning_tokens: 0,
        cost_in_usd_ticks: None,
    };
    let details = Details { usage: Some(usage), ..Details::default() };
    let code = "The second law says that *disorder* grows:\n\n```rust\nfn main() {}\n```\n\n\
                - 熱力学 and e\u{301}ntropy\n- 👩‍👩‍👧 and 🇳🇴\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
    vec![
        human("h1", "", "Why does entropy increase?", 900),
        model("m1", "h1", "Because of typicality: there are more disordered states.", 890),
        Response { details: Some(Box::new(details)), ..model("m2", "h1", code, 800) },
        Response {
            manual: true,
            edited_from: Some(response_id("m1")),
            ..model("m3", "h1", "Honestly, nobody knows.", 700)
        },
        human("h2", "m2", "And black holes?", 600),
        model("m4", "h2", "Hawking radiation carries it away.", 590),
        human("h0", "", "Something else entirely", 300),
    ]
}

/// One long talk without a branch but at its end.
fn runs() -> Vec<Response> {
    let mut all = vec![human("r0", "", "Question 0", 5_000)];
    for turn in 1..40 {
        let (id, parent) = (format!("r{turn}"), format!("r{}", turn - 1));
        let seconds = 5_000 - turn * 10;
        all.push(if turn % 2 == 0 {
            human(&id, &parent, &format!("Question {turn}"), seconds)
        } else {
            model(&id, &parent, &format!("Answer {turn}"), seconds)
        });
    }
    all.push(model("s", "r38", "Another last answer", 20));
    all.push(model("t", "r20", "An answer to an old question", 10));
    all
}

fn at(mut client: Client, id: &str) -> Client {
    let slot = client.slot(id);
    client.state.open.select(slot);
    client
}

#[test]
fn welcome() {
    assert_looks("welcome", &[(120, 40), (80, 24), (50, 15), (19, 5)], |mut client| {
        client.list(Vec::new());
        client
    });
}

#[test]
fn a_conversation_with_branches() {
    assert_looks("branches", &[(120, 40), (80, 24), (50, 15)], |client| {
        let mut client = at(client.opened("c", branches()), "m4");
        client.keys("Esc");
        client
    });
}

#[test]
fn an_answer_that_streams() {
    assert_looks("streaming", &[(120, 40), (80, 24), (50, 15)], |client| {
        let mut client = at(client.opened("c", branches()), "m4");
        client.type_text("Derive the temperature.").keys("Enter");
        let (id, _) = client.asked();
        let asked = human("h3", "m4", "Derive the temperature.", 0);
        let begun = Response { partial: true, ..model("m5", "h3", "", 0) };
        client.arrive(id, vec![Piece::User(asked), Piece::Started(begun)]);
        let text = "Take the **surface gravity** of the horizon and\n\n1. divide";
        client.arrive(id, vec![Piece::Text("".to_owned(), 1)]);
        client.wait(500).arrive(id, vec![Piece::Text(text.to_owned(), 20)]);
        client
    });
}

#[test]
fn an_answer_that_is_waited_for() {
    assert_looks("waiting", &SIZES, |client| {
        let mut client = at(client.opened("c", branches()), "m4");
        client.type_text("And?").keys("Enter");
        let (id, _) = client.asked();
        client.arrive(id, vec![Piece::User(human("h3", "m4", "And?", 0))]);
        let words = "localhost is loading the model; trying again in 3 s".to_owned();
        client.arrive(id, vec![Piece::Notice(words)]);
        client
    });
}

#[test]
fn a_partial_answer_with_its_error() {
    assert_looks("partial", &SIZES, |client| {
        let mut responses = branches();
        let why = "http://there/v1 ended the connection before the answer was complete.";
        let details = Details { error: why.to_owned(), ..Details::default() };
        let broken = model("p", "h0", "It began well and", 200);
        responses.push(Response { partial: true, details: Some(Box::new(details)), ..broken });
        let mut client = at(client.opened("c", responses), "p");
        client.keys("Esc");
        client
    });
}

#[test]
fn a_partial_answer_and_its_continuation() {
    assert_looks("continued", &SIZES, |client| {
        let mut responses = branches();
        responses.push(Response { partial: true, ..model("p", "h0", "It began well and", 200) });
        responses.push(model("q", "p", " went on.", 100));
        at(client.opened("c", responses), "q")
    });
}

#[test]
fn the_text_field_with_several_lines() {
    assert_looks("composer", &SIZES, |client| {
        let mut client = at(client.opened("c", branches()), "h2");
        client.event(Event::Terminal(Terminal::Paste(
            "First line\r\nsecond 行\twith a tab\n\n\u{1b}[31mnot red\u{202e} nor reversed"
                .to_owned(),
        )));
        client
    });
}

#[test]
fn an_edit_and_the_ways_out_of_it() {
    assert_looks("edit", &SIZES, |client| {
        let mut client = at(client.opened("c", branches()), "m2");
        client.keys("Esc e C-u").type_text("- Better words").keys("Enter");
        client
    });
}

#[test]
fn the_help() {
    assert_looks("help", &SIZES, |mut client| {
        client.keys("F1");
        client
    });
}

#[test]
fn the_models() {
    assert_looks("models", &SIZES, |mut client| {
        client.keys("C-o");
        let known = |name: &str, length, logprobs, prefill| ModelInfo {
            context_length: length,
            logprobs,
            prefill: Some(prefill),
            ..ModelInfo::named(name)
        };
        let models = vec![
            known("openai/large", Some(131_072), true, false),
            known("offline/ngram", None, true, true),
        ];
        let problems = vec!["lab: Nothing answers at http://lab:1/v1; is it running?".to_owned()];
        client.event(Event::Models(models, problems));
        client
    });
}

#[test]
fn the_list_while_searching() {
    assert_looks("search", &[(120, 40), (80, 24), (50, 15)], |client| {
        let mut client = client.opened("c", branches());
        client.keys("Tab /").type_text("entropy").keys("Enter");
        let starred = Conversation { starred: true, ..conversation("s", "Entropy probe", 90) };
        client.list(vec![
            starred,
            conversation("c", "About c", 5),
            conversation(
                "w",
                "エントロピーとは何か、そして時間とは何かという長い題名の会話",
                3_000,
            ),
            conversation("x", "", 600_000),
        ]);
        client.keys("j");
        client
    });
}

#[test]
fn the_forest_with_long_runs() {
    assert_looks("forest", &[(120, 40), (80, 24), (50, 15)], |client| {
        let mut client = at(client.opened("c", runs()), "s");
        client.keys("Tab Tab");
        client
    });
}

#[test]
fn a_server_that_is_out_of_reach() {
    for (width, height) in SIZES {
        let connection = Connection::Connecting("http://there:1".to_owned());
        let mut client = Client::start(width, height, Session::default(), connection);
        let away = error(ErrorKind::Unavailable, "Nothing answers at http://there:1.");
        client.event(Event::Failed { what: "reach the service", error: away });
        client.keys("a");
        insta::assert_snapshot!(format!("lost_{width}x{height}"), client.screen());
    }
}

#[test]
fn messages_that_wait_for_an_answer() {
    assert_looks("queued", &SIZES, |client| {
        let mut client = at(client.opened("c", branches()), "m4");
        client.type_text("Derive the temperature.").keys("Enter");
        let (id, _) = client.asked();
        let begun = Response { partial: true, ..model("m5", "h3", "Take the", 0) };
        let asked = human("h3", "m4", "Derive the temperature.", 0);
        client.arrive(id, vec![Piece::User(asked), Piece::Started(begun)]);
        client.type_text("And its mass? Tell me about evaporation as well, please.").keys("Enter");
        client.type_text("And 熱?").keys("Enter").type_text("A draft");
        client
    });
}

#[test]
fn a_search_through_what_was_sent() {
    assert_looks("history", &SIZES, |client| {
        let mut client = at(client.opened("c", branches()), "m4");
        client.state.history.push_back("Why is it so?\nTell me.".to_owned());
        client.keys("C-r").type_text("why");
        client
    });
}

#[test]
fn the_palette() {
    assert_looks("palette", &SIZES, |client| {
        let mut client = at(client.opened("c", branches()), "m4");
        client.keys("Esc 5 :").type_text("s");
        client
    });
}

#[test]
fn the_help_while_searching() {
    assert_looks("help_search", &SIZES, |mut client| {
        client.keys("F1").type_text("conversation");
        client
    });
}
