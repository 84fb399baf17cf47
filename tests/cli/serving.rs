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
fn only_this_machine_is_served() {
    let home = Home::new();
    let open = home.run(["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!((open.code, open.out.as_str()), (2, ""));
    assert!(open.err.contains("other machines"), "{open:?}");
    let (_server, address) = serving(&home);
    let taken = home.run(["serve", "--listen", &address]);
    assert_eq!(taken.code, 1);
    assert!(taken.err.contains(&format!("cannot listen on {address}")), "{taken:?}");
    let confused = home.run(["serve", "--endpoint", "http://127.0.0.1:1"]);
    assert_eq!(confused.code, 2, "{confused:?}");
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
    let home = Home::new();
    let (_server, address) = serving(&home);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/conformance.py");
    let run: crate::home::Run =
        Command::new(&python).args(["-B", script, &address]).output().unwrap().into();
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.ends_with("all steps held\n"), "{run:?}");
}
