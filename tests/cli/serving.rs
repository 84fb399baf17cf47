//! `serve`, and the program against a service elsewhere.

use std::process::{Command, Stdio};

use crate::home::{Home, Running};

fn serving(home: &Home) -> (Running, String) {
    let mut running = Running(home.command(["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap());
    let address = running.line();
    (running, address)
}

#[test]
fn others_use_the_same_conversations_and_a_signal_ends_it_cleanly() {
    let home = Home::new();
    home.asked("From inside");
    let (server, address) = serving(&home);
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{address}");
    let elsewhere = Home::new();
    let endpoint = format!("http://{address}");
    elsewhere.ok(["--endpoint", &endpoint, "ask", "From outside"]);
    let listed = elsewhere.ok(["list", "--endpoint", &address]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(elsewhere.ok(["list"]).is_empty());
    let listed = home.ok(["list"]);
    assert!(listed.contains("From outside") && listed.contains("From inside"), "{listed}");
    server.signal("TERM");
    let run = server.end();
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run:?}");
    let gone = elsewhere.run(["list", "--endpoint", &endpoint]);
    assert_eq!((gone.code, gone.out.as_str()), (1, ""));
    assert!(gone.err.contains(&format!("nothing answers at {endpoint}")), "{gone:?}");
}

#[test]
fn ctrl_c_ends_it_too() {
    let home = Home::new();
    let (server, _) = serving(&home);
    server.signal("INT");
    assert_eq!(server.end().code, 0);
}

#[test]
fn others_are_served_only_with_users_and_encryption() {
    let home = Home::new();
    let open = home.run(["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!((open.code, open.out.as_str()), (2, ""));
    for needed in ["other machines", "--tls-cert FILE --tls-key FILE", "grok-tui users add NAME"] {
        assert!(open.err.contains(needed), "{open:?}");
    }
    home.ok(["users", "add", "ada"]);
    let open = home.run(["serve", "--listen", "0.0.0.0:0"]);
    assert!(open.code == 2 && !open.err.contains("users add"), "{open:?}");
    let half = home.run(["serve", "--tls-cert", "cert.pem"]);
    assert!(half.code == 2 && half.err.contains("--tls-key"), "{half:?}");
    let missing = home.run(["serve", "--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    assert!(missing.code == 1 && missing.err.contains("cert.pem"), "{missing:?}");
    let confused = home.run(["serve", "--endpoint", "http://127.0.0.1:1"]);
    assert_eq!(confused.code, 2, "{confused:?}");
}

#[test]
fn pages_are_served_where_it_says_and_unencrypted_only_on_this_machine() {
    let home = Home::new();
    let [conversation, ..] = home.asked("Why?");
    let serve = |more: &[&str]| {
        let mut command = home.command(["serve", "--listen", "127.0.0.1:0"]);
        command.args(more);
        command
    };
    let mut server = Running(serve(&["--http", "127.0.0.1:0"]).spawn().unwrap());
    let (address, pages) = (server.line(), server.line());
    let port = pages.strip_prefix("http://127.0.0.1:").unwrap().parse::<u16>().unwrap();
    assert_ne!(port, 0);
    let link = home.ok(["share", "--endpoint", &address, &conversation]);
    assert!(link.starts_with(&format!("{pages}/share/")), "{link}");
    let port = port.to_string();
    for (more, words) in [
        (&["--http", "0.0.0.0:0"][..], "--tls-cert FILE --tls-key FILE"),
        (&["--http", "0.0.0.0:0"], "--plain-http"),
        (&["--http", "0.0.0.0:0", "--plain-http"], "--public-url"),
        (&["--http", "127.0.0.1:0", "--public-url", "javascript:x"], "https://NAME"),
        (&["--plain-http"], "--http"),
    ] {
        let refused: crate::home::Run = serve(more).output().unwrap().into();
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{more:?}: {refused:?}");
        assert!(refused.err.contains(words), "{more:?}: {refused:?}");
    }
    let taken: crate::home::Run =
        serve(&["--http", &format!("127.0.0.1:{port}")]).output().unwrap().into();
    assert!(taken.code == 1 && taken.err.contains("cannot listen on 127.0.0.1"), "{taken:?}");
    let behind = ["--http", "0.0.0.0:0", "--plain-http", "--public-url", "https://talk.example/"];
    let mut behind = Running(serve(&behind).spawn().unwrap());
    let address = behind.line();
    assert_eq!(behind.line(), "https://talk.example/");
    let link = home.ok(["share", "--endpoint", &address, &conversation]);
    assert!(link.starts_with("https://talk.example/share/"), "{link}");
}

#[test]
fn where_no_pages_are_served_it_is_said_how_they_would_be() {
    let home = Home::new();
    let [conversation, ..] = home.asked("Why?");
    let (_server, address) = serving(&home);
    let run = home.run(["share", "--endpoint", &address, &conversation]);
    let id = run.out.trim_end();
    assert!(run.code == 0 && id.len() == 36, "{run:?}");
    assert!(
        run.err.contains("serve --http") && run.err.contains(&format!("/share/{id}")),
        "{run:?}"
    );
    let shared = home.run(["share", "--endpoint", &address, &conversation, "--json"]);
    assert!(shared.code == 0 && shared.err.is_empty(), "{shared:?}");
}

#[test]
fn an_address_that_is_taken_is_said() {
    let home = Home::new();
    let (_server, address) = serving(&home);
    let taken = home.run(["serve", "--listen", &address]);
    assert_eq!(taken.code, 1);
    assert!(taken.err.contains(&format!("cannot listen on {address}")), "{taken:?}");
}

#[test]
fn users_have_keys_and_conversations_of_their_own() {
    let home = Home::new();
    home.asked("From the machine itself");
    let ada = home.ok(["users", "add", "ada"]);
    let own = home.ok(["users", "add", "me", "--local"]);
    let twice = home.run(["users", "add", "ada"]);
    assert!(twice.code == 1 && twice.err.contains("users revoke ada"), "{twice:?}");
    let listed = home.json(["users", "list", "--json"]);
    assert_eq!(listed["users"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(ada.trim()), "{listed}");
    let log = home.path("log");
    let mut command = home.command(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    let mut server = Running(command.arg("--log-file").arg(&log).spawn().unwrap());
    let endpoint = format!("http://{}", server.line());
    let elsewhere = Home::new();
    let run = |key: &str, args: &[&str]| {
        let mut command = elsewhere.command(args);
        command.args(["--endpoint", &endpoint]).env("GROK_TUI_API_KEY", key.trim());
        crate::home::Run::from(command.output().unwrap())
    };
    let none = run("", &["list"]);
    assert!(none.code == 1 && none.err.contains("GROK_TUI_API_KEY"), "{none:?}");
    assert_eq!(run(&ada, &["list"]).out, "");
    assert_eq!(run(&ada, &["ask", "A confidential question"]).code, 0);
    assert!(run(&ada, &["list"]).out.contains("A confidential question"));
    let own = run(&own, &["list"]).out;
    assert!(own.contains("From the machine itself") && !own.contains("confidential"), "{own}");
    let revoked = home.run(["users", "revoke", "ada"]);
    assert_eq!((revoked.code, revoked.out.as_str(), revoked.err.as_str()), (0, "", ""));
    let gone = home.run(["users", "revoke", "ada"]);
    assert!(gone.code == 1 && gone.err.contains("no user ada"), "{gone:?}");
    // Whoever takes the last key away is told how to get back in, and so are those who knock.
    let last = home.run(["users", "revoke", "me"]);
    assert!(last.code == 0 && last.err.contains("grok-tui users add NAME"), "{last:?}");
    // The server may have seen the first change and not yet the second.
    let told = |run: &crate::home::Run| run.err.contains("grok-tui users add NAME");
    let refused = std::iter::repeat_with(|| run(&ada, &["list"])).take(1_000).find(told);
    assert_eq!(refused.map(|run| run.code), Some(1));
    server.signal("TERM");
    assert_eq!(server.end().code, 0);
    let log = std::fs::read_to_string(log).unwrap();
    let calls: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asked = calls.iter().find(|call| call["method"] == "prompt_ide.Chat/AddResponse").unwrap();
    assert_eq!(
        (asked["user"].as_str(), asked["code"].as_str()),
        (Some("ada"), Some("Ok")),
        "{asked}"
    );
    let secret = ada.trim().rsplit('_').next().unwrap();
    assert!(!log.contains("onfidential") && !log.contains(secret), "{log}");
}

#[test]
fn a_log_without_a_file_goes_to_stderr() {
    let home = Home::new();
    let args = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json"];
    let mut server = Running(home.command(args).spawn().unwrap());
    home.ok(["list", "--endpoint", &server.line()]);
    server.signal("TERM");
    let run = server.end();
    let first: serde_json::Value = serde_json::from_str(run.err.lines().next().unwrap()).unwrap();
    assert_eq!(first["method"], "prompt_ide.Chat/ListConversations", "{run:?}");
}

#[test]
fn a_socket_in_the_file_system_serves_too() {
    let home = Home::new();
    let socket = format!("unix:{}", home.path("socket").to_str().unwrap());
    let mut server = Running(home.command(["serve", "--listen", &socket]).spawn().unwrap());
    assert_eq!(server.line(), socket);
    let elsewhere = Home::new();
    elsewhere.ok(["ask", "--endpoint", &socket, "Through the socket"]);
    assert!(home.ok(["list"]).contains("Through the socket"));
    server.signal("TERM");
    assert_eq!(server.end().code, 0);
    assert!(!home.path("socket").exists());
}

/// Needs python3 with grpcio and protobuf; `PYTHON` names another interpreter.
#[test]
fn a_client_like_the_original_sdk_does_everything() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let able = Command::new(&python)
        .args(["-c", "import grpc, google.protobuf"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !able {
        eprintln!("skipped: {python} has no grpcio and protobuf");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/conformance.py");
    for keys in [false, true] {
        let home = Home::new();
        let key = keys.then(|| home.ok(["users", "add", "ada"]));
        let (_server, address) = serving(&home);
        let mut command = Command::new(&python);
        command.args(["-B", script, &address]).args(key.as_deref().map(str::trim));
        let run: crate::home::Run = command.output().unwrap().into();
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.out.ends_with("all steps held\n"), "{run:?}");
    }
}
