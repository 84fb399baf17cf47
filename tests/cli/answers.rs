//! `ask`, in all its ways.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use serde_json::Value;

use crate::home::{Home, PIXEL, Running};

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The token texts of one answer, joined.
fn tokens<'a>(events: impl IntoIterator<Item = &'a Value>) -> String {
    events.into_iter().filter_map(|event| event["token"]["text"].as_str()).collect()
}

#[test]
fn an_answer_is_printed_and_kept() {
    let home = Home::new();
    let answer = home.ok(["ask", "--seed", "1", "How", "do", "I", "resample?"]);
    assert!(answer.trim().len() > 10, "{answer}");
    assert!(answer.ends_with('\n') && !answer.ends_with("\n\n"));
    let shown = home.ok(["show", "how do i resample"]);
    assert!(shown.contains("\nHow do I resample?\n"), "{shown}");
    assert!(shown.contains(answer.trim_end()), "{shown}");
    assert!(shown.contains("Grok · offline/ngram"), "{shown}");
    assert_eq!(home.ok(["ask", "--seed", "1", "How do I resample?"]), answer, "the same seed");
    assert_ne!(home.ok(["ask", "--seed", "2", "How do I resample?"]), answer, "another seed");
}

#[test]
fn events_come_one_a_line_under_the_names_of_the_wire() {
    let home = Home::new();
    let events = home.events(["ask", "--json", "--temperature", "0.5", "--seed", "4", "Hello"]);
    let (first, last) = (&events[0], &events[events.len() - 1]);
    assert_eq!(first["user_response"]["message"], "Hello");
    assert_eq!(first["user_response"]["sender"], "human");
    assert_eq!(first["user_response"]["parent_response_id"], Value::Null);
    let answer = &last["model_response"];
    assert_eq!(last["conversation_id"], first["conversation_id"]);
    assert_eq!(answer["parent_response_id"], first["user_response"]["response_id"]);
    assert_eq!(answer["partial"], false);
    assert_eq!(answer["model_name"], "offline/ngram");
    assert_eq!(answer["sampling"]["temperature"], 0.5);
    assert_eq!(answer["sampling"]["seed"], 4);
    assert!(text(&answer["create_time"]).ends_with('Z'));
    assert_eq!(tokens(&events), text(&answer["message"]));
    for event in &events[1..events.len() - 1] {
        let token = &event["token"];
        assert!((0.0..=1.0).contains(&token["prob"].as_f64().unwrap()), "{event}");
        let candidates = token["top_k"].as_array().unwrap();
        assert!(candidates.iter().all(|c| c["text"].is_string() && c["prob"].is_number()));
        assert!(event.get("index").is_none());
    }
}

#[test]
fn several_answers_are_siblings_with_seeds_in_a_row() {
    let home = Home::new();
    let events = home.events(["ask", "--json", "-n", "3", "--seed", "7", "Hello"]);
    let asked: Vec<_> = events.iter().filter(|e| e["user_response"].is_object()).collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].get("index").is_none());
    for index in 0..3 {
        let own: Vec<_> = events.iter().filter(|event| event["index"] == index).collect();
        let answer = &own.last().unwrap()["model_response"];
        assert_eq!(answer["parent_response_id"], asked[0]["user_response"]["response_id"]);
        assert_eq!(answer["sampling"]["seed"], 7 + index);
        assert_eq!(tokens(own), text(&answer["message"]));
    }
    let conversation = home.json(["show", "Hello", "--json"]);
    assert_eq!(conversation["responses"].as_array().unwrap().len(), 4);
    assert_eq!(conversation["response_count"], 4);
    let printed = home.ok(["ask", "-n", "2", "--seed", "7", "Hello"]);
    assert!(printed.starts_with("[1/2]\n") && printed.contains("\n\n[2/2]\n"), "{printed}");
}

#[test]
fn what_to_say_comes_from_the_command_line_or_standard_input() {
    let home = Home::new();
    assert_eq!(home.pipe(["ask"], "piped in\n").code, 0);
    assert_eq!(home.pipe(["ask", "-"], "with a dash\n\nand more\n").code, 0);
    assert_eq!(home.pipe(["ask", "words"], "not read").code, 0);
    let listed = home.json(["list", "--json"]);
    let titles: Vec<_> =
        listed["conversations"].as_array().unwrap().iter().map(|c| text(&c["title"])).collect();
    assert_eq!(titles, ["words", "with a dash and more", "piped in"]);
    let dashed = home.json(["show", "with a dash", "--json"]);
    assert_eq!(dashed["responses"][0]["message"], "with a dash\n\nand more");
    for nothing in [home.pipe(["ask"], "\n"), home.run(["ask", ""]), home.run(["ask"])] {
        assert_eq!(nothing.code, 2, "{nothing:?}");
        assert!(nothing.out.is_empty() && nothing.err.contains("nothing to say"), "{nothing:?}");
    }
    for bad in [
        ["ask", "-n", "0", "x"],
        ["ask", "--temperature", "-1", "x"],
        ["ask", "--parent", "x", "y"],
    ] {
        assert_eq!(home.run(bad).code, 2, "{bad:?}");
    }
}

#[test]
fn a_conversation_goes_on_from_its_newest_answer_or_from_where_one_says() {
    let home = Home::new();
    let [id, question, answer] = home.asked("First");
    let events = home.events(["ask", "--json", "-c", &id[..30], "Second"]);
    assert_eq!(events[0]["user_response"]["parent_response_id"], *answer);
    let events = home.events(["ask", "--json", "-c", "first", "--parent", &answer, "Third"]);
    assert_eq!(events[0]["user_response"]["parent_response_id"], *answer);
    let events = home.events(["ask", "--json", "-c", &id, "--parent", &question, ""]);
    assert!(events.iter().all(|event| event.get("user_response").is_none()));
    let again = &events.last().unwrap()["model_response"];
    assert_eq!(again["parent_response_id"], *question);
    let wrong = home.run(["ask", "-c", "First", "--parent", "zzz", "x"]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("no response has the id \"zzz\""), "{wrong:?}");
}

#[test]
fn a_length_is_kept_to() {
    let home = Home::new();
    let events = home.events(["ask", "--json", "--max-tokens", "3", "Hello"]);
    let answer = &events.last().unwrap()["model_response"];
    assert_eq!(answer["finish_reason"], "length");
    assert_eq!(events.iter().filter(|event| event["token"].is_object()).count(), 3);
}

/// A question whose answer has come half way and goes no further.
fn half_an_answer(home: &Home) -> (Server, Running) {
    let server = Server::start(&["Half", " an", " answer"]);
    let mut command = home.command(["ask", "--json", "Why?"]);
    command.env("OPENAI_BASE_URL", server.address()).env("OPENAI_MODEL", "slow");
    let mut running = Running(command.spawn().unwrap());
    let mut seen = String::new();
    while seen != "Half an answer" {
        let event: Value = serde_json::from_str(&running.line()).unwrap();
        seen.push_str(event["token"]["text"].as_str().unwrap_or_default());
    }
    (server, running)
}

#[test]
fn ctrl_c_keeps_the_partial_answer() {
    let home = Home::new();
    let (_server, running) = half_an_answer(&home);
    running.signal("INT");
    let run = running.end();
    assert_eq!(run.code, 130, "{run:?}");
    assert!(run.err.contains("whatever arrived is kept"), "{run:?}");
    let last: Value = serde_json::from_str(run.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["error"]["kind"], "cancelled");
    let kept = home.json(["show", "Why?", "--json"]);
    assert_eq!(last["conversation_id"], kept["conversation_id"]);
    assert_eq!(last["error"]["response_id"], kept["responses"][1]["response_id"]);
    assert_eq!(last["error"]["parent_response_id"], kept["responses"][0]["response_id"]);
    assert_eq!(kept["responses"][1]["message"], "Half an answer");
    assert_eq!(kept["responses"][1]["partial"], true);
    let partial = text(&kept["responses"][1]["response_id"]);
    let rest = home.events([
        "ask",
        "--json",
        "-c",
        "Why?",
        "--parent",
        partial,
        "--model",
        "offline/ngram",
        "",
    ]);
    assert_eq!(rest.last().unwrap()["model_response"]["parent_response_id"], *partial);
}

#[test]
fn what_ends_the_program_or_its_terminal_keeps_the_partial_answer() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let home = Home::new();
        let (_server, running) = half_an_answer(&home);
        running.signal(signal);
        let run = running.end();
        assert_eq!(run.code, code, "{signal}: {run:?}");
        let kept = home.json(["show", "Why?", "--json"]);
        assert_eq!(kept["responses"][1]["message"], "Half an answer", "{signal}");
    }
}

#[test]
fn what_a_killed_program_has_shown_is_kept_and_found() {
    let home = Home::new();
    let server = Server::start(&["Pineapples"]);
    let mut command = home.command(["ask", "--json", "Why?"]);
    command.env("OPENAI_BASE_URL", server.address()).env("OPENAI_MODEL", "slow");
    let mut running = Running(command.spawn().unwrap());
    while !running.line().contains("Pineapples") {}
    // At once, and without a chance to put anything in order.
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    let kept = home.json(["show", "Why?", "--json"]);
    assert_eq!(kept["responses"][1]["message"], "Pineapples");
    assert_eq!(kept["responses"][1]["partial"], true);
    assert!(home.ok(["search", "pineapples"]).contains("Why?"));
    // Whoever goes on below it is told.
    let partial = text(&kept["responses"][1]["response_id"]);
    let below = home.run(["ask", "--model", "offline/ngram", "-c", "Why?", "And then?"]);
    assert!(below.code == 0 && below.err.contains(partial), "{below:?}");
    assert!(below.err.contains("is not complete") && below.err.contains("--parent"), "{below:?}");
    let offline = "--model=offline/ngram";
    let named = home.run(["ask", offline, "-c", "Why?", "--parent", partial, ""]);
    assert!(named.code == 0 && named.err.is_empty(), "{named:?}");
    assert_eq!(home.run(["ask", "-c", "Why?", "And?"]).err, "");
}

#[test]
fn a_model_that_fails_is_told_in_words_and_the_question_is_kept() {
    let home = Home::new();
    let mut command = home.command(["ask", "--model", "openai/any", "Why?"]);
    command.env("OPENAI_BASE_URL", refusing());
    let run: crate::home::Run = command.output().unwrap().into();
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("error: ") && run.err.contains("OPENAI_API_KEY"), "{run:?}");
    let kept = home.json(["show", "Why?", "--json"]);
    assert_eq!(kept["responses"].as_array().unwrap().len(), 1);
    // What is advised works.
    let advice = run.err.split_once("grok-tui ask ").unwrap().1;
    let advised: Vec<&str> = advice.split_whitespace().take(7).collect();
    let &[model, any, c, conversation, parent, question, empty] = &advised[..] else {
        panic!("{advised:?}")
    };
    assert_eq!((model, any, c, parent, empty), ("--model", "openai/any", "-c", "--parent", "\"\""));
    assert_eq!(kept["conversation_id"], *conversation);
    home.ok(["ask", "-c", conversation, "--parent", question, ""]);
    let kept = home.json(["show", conversation, "--json"]);
    assert_eq!(kept["responses"][1]["parent_response_id"], *question);
}

#[test]
fn pictures_are_read_from_files() {
    let home = Home::new();
    let server = Server::start(&["A cat."]);
    let file = home.path("a;b.png");
    let ask = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        let mut command = home.command(["ask", "--json", "--image", file.to_str().unwrap(), "x"]);
        command.env("OPENAI_BASE_URL", server.address()).env("OPENAI_MODEL", "slow");
        Running(command.spawn().unwrap())
    };
    let event: Value = serde_json::from_str(&ask(PIXEL).line()).unwrap();
    let attached = text(&event["user_response"]["image_attachments"][0]);
    assert!(
        attached.starts_with("data:image/png;name=a_b.png;base64,iVBORw0KGgoAAA"),
        "{attached}"
    );
    let shown = home.ok(["show", "x"]);
    assert!(shown.contains("\n▣ a_b.png · image/png · 67 B\nx\n"), "{shown}");
    for (bytes, words) in
        [(&b"no picture"[..], "no PNG"), (&PIXEL[..8], "does not say how large it is")]
    {
        let run = ask(bytes).end();
        assert!(run.code == 1 && run.err.contains(words), "{run:?}");
    }
    let folder = home.run(["ask", "--image", "/tmp", "x"]);
    assert!(folder.code == 1 && folder.err.contains("/tmp is a folder"), "{folder:?}");
}

#[test]
fn what_cannot_be_asked_leaves_nothing_behind() {
    let home = Home::new();
    std::fs::write(home.path("cat.png"), PIXEL).unwrap();
    let picture = home.path("cat.png");
    let picture = picture.to_str().unwrap();
    std::fs::write(home.path("odd.toml"), "model = \"nobody/everything\"").unwrap();
    let odd = home.path("odd.toml");
    for (args, words) in [
        (["ask", "--model", "nobody/nothing", "x"], "no backend \"nobody\""),
        (["ask", "--config", odd.to_str().unwrap(), "x"], "no backend \"nobody\""),
        (["ask", "--image", picture, "x"], "offline/ngram takes no pictures"),
    ] {
        let refused = home.run(args);
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{refused:?}");
        assert!(refused.err.contains(words) && !refused.err.contains("kept"), "{refused:?}");
        assert!(home.ok(["list"]).is_empty(), "{args:?}");
    }
    home.asked("Why?");
    let refused = home.run(["set", "Why?", "model=nobody/nothing"]);
    assert!(refused.code == 1 && refused.err.contains("OPENAI_BASE_URL"), "{refused:?}");
    assert!(!home.ok(["set", "Why?"]).contains("nobody"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let home = Home::new();
    let mut command = home.command(["ask", "Hello"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

/// A model's server that says some words and then nothing more. `[stop]` ends the answer as it should be.
pub(crate) struct Server(TcpListener);

impl Server {
    fn start(words: &'static [&'static str]) -> Self {
        Self::saying(words, false)
    }

    /// One that hangs up after its last word.
    pub(crate) fn hanging_up(words: &'static [&'static str]) -> Self {
        Self::saying(words, true)
    }

    fn saying(words: &'static [&'static str], hangs_up: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let served = listener.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in served.incoming().map_while(Result::ok) {
                open.extend(answer(stream, words).filter(|_| !hangs_up));
            }
        });
        Self(listener)
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}/v1", self.0.local_addr().unwrap())
    }
}

/// Answers a request for a completion; the connection stays open as long as the result lives.
fn answer(mut stream: TcpStream, words: &[&str]) -> Option<TcpStream> {
    let wants_models = read_request(&stream).starts_with("GET");
    if wants_models {
        let body = r#"{"object":"list","data":[{"id":"slow","object":"model"}]}"#;
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
        return None;
    }
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n").ok()?;
    for word in words {
        let (word, reason) = if *word == "[stop]" { ("", "\"stop\"") } else { (*word, "null") };
        write!(
            stream,
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\"finish_reason\":{reason}}}]}}\n\n"
        )
        .ok()?;
    }
    stream.flush().ok()?;
    Some(stream)
}

/// Reads a request with its body; returns the first line.
fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    first
}

/// The address of a server that accepts no key.
fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            read_request(&stream);
            let body = r#"{"error":{"message":"no key"}}"#;
            let _ = write!(
                stream,
                "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
        }
    });
    format!("http://{address}/v1")
}
