//! What every view looks like, at two sizes at least.

use super::*;
use crate::forest::{Annotation, Details, Usage};
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
        client.keys("F3");
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

/// What is noted, archived, unread, streaming: in letters of many kinds, and with what a terminal
/// would act on.
fn annotated(mut client: Client) -> Client {
    client = at(client.opened("c", branches()), "m4");
    let hostile = "\u{1b}[31mred\u{202e} מִילִים 熱力学 very long label indeed";
    let note = |starred, label: &str, note: &str, archived| Annotation {
        starred,
        label: label.to_owned(),
        note: note.to_owned(),
        archived,
    };
    for (id, annotation) in [
        ("m2", note(true, "law", "", false)),
        ("m1", note(false, hostile, "\u{7}see also\n熱力学 and שלום", false)),
        ("m4", note(true, "", "two lines\n\u{1b}]0;owned\u{7} of a note", false)),
        ("m3", note(false, "", "", true)),
    ] {
        let slot = client.slot(id);
        client.state.open.annotate(slot, annotation);
    }
    client.state.open.put(model("m9", "h1", "News from elsewhere", 1));
    client.keys("Tab Tab");
    client
}

#[test]
fn the_forest_with_annotations() {
    assert_looks("annotated", &[(120, 40), (80, 24), (50, 15)], annotated);
}

#[test]
fn the_forest_filtered() {
    assert_looks("filtered", &SIZES, |client| {
        let mut client = annotated(client);
        client.keys("/").type_text("he").keys("Enter");
        client
    });
}

#[test]
fn the_forest_below_a_response() {
    assert_looks("hoisted", &SIZES, |client| {
        let mut client = annotated(client);
        client.keys("k k z");
        client
    });
}

#[test]
fn the_filters_and_a_label_being_written() {
    assert_looks("filters", &SIZES, |client| {
        let mut client = annotated(client);
        client.keys("f j");
        client
    });
    assert_looks("label", &SIZES, |client| {
        let mut client = annotated(client);
        client.keys("b");
        client
    });
}

#[test]
fn a_deep_forest_and_its_forks() {
    assert_looks("deep", &[(120, 40), (80, 24), (50, 15)], |client| {
        // Each response has two answers; the way down goes to the second, then along the first.
        let mut all = vec![human("r0", "", "Root", 5_000), human("z", "", "Other root", 4_999)];
        for turn in 1..30 {
            let parent = format!("r{}", turn - 1);
            all.push(model(
                &format!("r{turn}"),
                &parent,
                &format!("Answer {turn}"),
                4_900 - turn * 9,
            ));
            all.push(model(&format!("s{turn}"), &parent, "Another", 4_895 - turn * 9));
        }
        let mut client = at(client.opened("c", all), "z");
        client = at(client, "s29");
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

/// All that a message can consist of.
const RICH: &str = "# Entropy\n\nIt *grows*, **always**, ~~never~~ [here](https://x.ai/docs) and `there`: $S = k \\ln W$, \
    \\(a*b*c\\), for $5 or $6.[^1]\n\n## Lists\n\n1. one\n   - nested, with more words than fit into one row of a narrow \
    screen, so that they have to be wrapped\n   - [x] done\n   - [ ] open\n2. two\n\n> quoted\n> > twice\n\n\
    | name | 値 | a long column |\n|:-----|:-:|--:|\n| 熱力学 | e\u{301} | one two three four five six seven eight nine \
    ten eleven twelve thirteen fourteen fifteen sixteen |\n| 👩‍👩‍👧 | 2 | x |\n\n![a plot](https://x.ai/plot.png) <b>bold</b>\n\n\
    ```rust\nfn main() {\n\tprintln!(\"{}\", 1);\n}\n```\n\nשלום עולם and नमस्ते\n\n```\nplain\n```\n\n---\n\n[^1]: A note.\n";

#[test]
fn a_rich_message() {
    assert_looks("rich", &[(120, 60), (60, 80)], |client| {
        let source = |name: &str| crate::forest::Source {
            url: format!("https://{name}.org"),
            title: name.to_owned(),
            kind: "web".to_owned(),
        };
        let details = Details {
            reasoning: "Why would anyone ask?".to_owned(),
            sources: vec![source("one"), source("two")],
            ..Details::default()
        };
        let answer = Response { details: Some(Box::new(details)), ..model("m", "h", RICH, 50) };
        let mut client = client.opened("c", vec![human("h", "", "What is entropy?", 60), answer]);
        client.state.sidebar = false;
        client.keys("Esc w");
        client
    });
}

#[test]
fn hostile_words_in_every_place() {
    assert_looks("hostile", &SIZES, |client| {
        let bad = "a\u{1b}[2J\u{202e}b\u{7}";
        let text = format!(
            "# {bad}\n\n[{bad}](https://x/{bad}) ![{bad}](y{bad})\n\n```{bad}\n{bad}\n```\n\n| {bad} |\n|---|\n| {bad} |\n\n\
             <b {bad}>\n\n- [x] {bad}\n\n${bad}$\n\n[^{bad}]\n\n[^{bad}]: {bad}\n"
        );
        let details = Details { reasoning: bad.to_owned(), ..Details::default() };
        let answer = Response { details: Some(Box::new(details)), ..model("m", "h", &text, 50) };
        let mut client = client.opened("c", vec![human("h", "", bad, 60), answer]);
        client.state.sidebar = false;
        client.keys("Esc w");
        client
    });
}

#[test]
fn a_search_in_the_conversation() {
    assert_looks("find", &SIZES, |client| {
        let mut client = at(client.opened("c", branches()), "m4");
        client.keys("Esc").type_text("/").type_text("EN");
        client
    });
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
fn attachments_above_the_text() {
    assert_looks("attachments", &[(120, 40), (80, 24), (50, 11)], |client| {
        let mut client = at(client.opened("c", branches()), "m4");
        let picture =
            |name: &str| format!("data:image/png;name={name};base64,{}", "A".repeat(9_000));
        let pictures = ["cat.png", "a very long name \u{202e} with all that.png", "猫.png"];
        let pictures = Ok(pictures.map(picture).to_vec());
        client.event(Event::PicturesRead { pasted: None, pictures });
        client.event(Event::Terminal(Terminal::Paste("a line\n".repeat(312))));
        client.type_text("What do they have in common?");
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
fn the_prompt_for_a_picture() {
    assert_looks("attach", &SIZES, |mut client| {
        client.keys("F6").type_text("~/cat.png");
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
