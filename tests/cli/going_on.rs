//! `ask -c`: which model answers, and below what, where nobody says so.

use serde_json::Value;

use crate::answers::Server;
use crate::home::{Home, Run};

/// Asks where a server is configured whose default model is `model`.
fn ask(home: &Home, server: &Server, model: &str, args: &[&str]) -> Run {
    let mut command = home.command([&["ask", "--json"], args].concat());
    command.env("OPENAI_BASE_URL", server.address()).env("OPENAI_MODEL", model);
    command.output().unwrap().into()
}

/// The last response of a conversation.
fn last(home: &Home, conversation: &str) -> Value {
    let shown = home.json(["show", conversation, "--json"]);
    shown["responses"].as_array().unwrap().last().unwrap().clone()
}

#[test]
fn the_model_that_answered_last_answers_unless_another_is_named() {
    let home = Home::new();
    let server = Server::hanging_up(&["Yes.", "[stop]"]);
    assert_eq!(ask(&home, &server, "one", &["Why?"]).code, 0);
    let parent = last(&home, "why")["response_id"].as_str().unwrap().to_owned();
    let on = |args: &[&str]| {
        let run = ask(&home, &server, "two", &[&["-c", "Why?"], args].concat());
        assert_eq!(run.code, 0, "{run:?}");
        last(&home, "why")["model_name"].as_str().unwrap().to_owned()
    };
    assert_eq!(on(&["And?"]), "openai/one");
    assert_eq!(on(&["--model", "openai/three", "And?"]), "openai/three");
    assert_eq!(on(&["And?"]), "openai/three");
    assert_eq!(on(&["--parent", &parent, "And?"]), "openai/one");
    home.ok(["set", "why", "model=offline/ngram"]);
    assert_eq!(on(&["And?"]), "offline/ngram");
    // What cannot be asked any more is named.
    home.ok(["set", "why", "model="]);
    let run = home.run(["ask", "-c", "why", "--parent", &parent, "And?"]);
    assert!(run.code == 1 && run.err.contains("openai"), "{run:?}");
}

#[test]
fn a_question_goes_below_the_newest_complete_answer_and_that_is_said() {
    let home = Home::new();
    let [conversation, _, answer] = home.asked("First");
    // A question that nobody answers.
    let server = Server::hanging_up(&[]);
    let run = ask(&home, &server, "m", &["--model", "openai/m", "-c", "First", "Second"]);
    assert_eq!(run.code, 1, "{run:?}");
    let question = last(&home, &conversation)["response_id"].as_str().unwrap().to_owned();
    let on = |text: &str| {
        let run = home.run(["ask", "--json", "-c", "First", text]);
        assert_eq!(run.code, 0, "{run:?}");
        let asked: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        (asked["user_response"]["parent_response_id"].as_str().unwrap().to_owned(), run.err)
    };
    let (parent, said) = on("Third");
    assert_eq!(parent, answer);
    assert!(said.contains(&question) && said.contains("without an answer"), "{said}");
    assert!(said.contains(&answer) && said.contains("--parent"), "{said}");
    // An answer that broke off.
    let half = Server::hanging_up(&["Half"]);
    assert_eq!(ask(&home, &half, "m", &["--model", "openai/m", "-c", "First", "4"]).code, 1);
    let broken = last(&home, &conversation);
    assert_eq!(broken["partial"], true);
    let (parent, said) = on("Fifth");
    assert!(parent != broken["response_id"] && parent != broken["parent_response_id"]);
    assert!(said.contains("is not complete"), "{said}");
    // Below what is complete nothing is to be said.
    assert_eq!(on("Sixth").1, "");
}

#[test]
fn what_is_advised_leads_to_the_same_conversations() {
    let home = Home::new();
    let (data, config) = (home.path("my data"), home.path("my.toml"));
    std::fs::write(&config, "").unwrap();
    let [data, config] = [&data, &config].map(|path| path.to_str().unwrap());
    let places = ["--data-dir", data, "--config", config, "--model", "openai/m"];
    let run = ask(&home, &Server::hanging_up(&[]), "m", &[&places[..], &["Why?"]].concat());
    assert_eq!(run.code, 1, "{run:?}");
    let advised = run.err.split_once("grok-tui ask ").unwrap().1;
    let advised = advised.split_once(" asks again").unwrap().0;
    let line = format!("{} ask --model offline/ngram {advised}", crate::home::PROGRAM);
    let line = line.replace("--model openai/m ", "");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &line]).env_clear().envs(home.environment());
    let run: Run = shell.output().unwrap().into();
    assert!(run.code == 0 && !run.out.is_empty(), "{line}: {run:?}");
    let shown = home.json(["show", "Why?", "--json", "--data-dir", data]);
    assert_eq!(shown["responses"].as_array().unwrap().len(), 2);
    assert_eq!(home.ok(["list"]), "");
}

#[test]
fn an_error_says_in_json_what_is_stored() {
    let home = Home::new();
    let failed = |run: Run| {
        assert_eq!(run.code, 1, "{run:?}");
        let event: Value = serde_json::from_str(run.out.lines().last().unwrap()).unwrap();
        event
    };
    let event = failed(ask(&home, &Server::hanging_up(&["Half"]), "m", &["Why?"]));
    let kept = home.json(["show", "Why?", "--json"]);
    assert_eq!(event["conversation_id"], kept["conversation_id"]);
    assert_eq!(event["error"]["response_id"], kept["responses"][1]["response_id"]);
    assert_eq!(event["error"]["parent_response_id"], kept["responses"][0]["response_id"]);
    // Nothing of the answer is there, and then not even a question is said.
    let question = kept["responses"][0]["response_id"].as_str().unwrap();
    let nothing = Server::hanging_up(&[]);
    for (text, parent) in [("Why then?", None), ("", Some(question))] {
        let args = ["-c", "Why?", "--parent", question, text];
        let event = failed(ask(&home, &nothing, "m", &args));
        assert_eq!(event["conversation_id"], kept["conversation_id"]);
        assert_eq!(event["error"].get("response_id"), None, "{event}");
        let told = event["error"]["parent_response_id"].as_str().unwrap();
        assert!(parent.is_none_or(|parent| parent == told), "{event}");
    }
}

#[test]
fn several_answers_to_a_picture_are_siblings() {
    let home = Home::new();
    let picture = home.path("a.png");
    std::fs::write(&picture, crate::home::PIXEL).unwrap();
    let server = Server::hanging_up(&["A cat.", "[stop]"]);
    let picture = picture.to_str().unwrap();
    let run = ask(&home, &server, "m", &["--image", picture, "-n", "2", "What is it?"]);
    assert_eq!(run.code, 0, "{run:?}");
    let kept = home.json(["show", "What is it?", "--json"]);
    let responses = kept["responses"].as_array().unwrap();
    assert_eq!(responses.len(), 3, "{kept}");
    for answer in &responses[1..] {
        assert_eq!(answer["parent_response_id"], responses[0]["response_id"]);
    }
}
