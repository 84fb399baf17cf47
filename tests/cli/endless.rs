//! What is named in place of a file or a text and never ends, or never begins.

use std::fs::File;
use std::process::Stdio;

use crate::home::{Home, Run};

#[test]
fn standard_input_is_read_no_further_than_a_service_takes() {
    let home = Home::new();
    let endless = Stdio::from(File::open("/dev/zero").unwrap());
    let run: Run = home.command(["ask", "-"]).stdin(endless).output().unwrap().into();
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("standard input: it is longer than 20 MiB"), "{run:?}");
    assert!(home.ok(["list"]).is_empty());
}

#[test]
fn a_configuration_is_read_no_further_than_one_can_be_long() {
    let home = Home::new();
    for args in [["config", "show"], ["list", "--json"]] {
        let mut command = home.command(args);
        let run: Run = command.args(["--config", "/dev/zero"]).output().unwrap().into();
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains("/dev/zero: cannot read: it is longer than 1 MiB"), "{run:?}");
    }
    let run = home.run(["list", "--endpoint", "https://127.0.0.1:1", "--ca-cert", "/dev/zero"]);
    assert!(run.code == 1 && run.err.contains("/dev/zero: it is longer than 1 MiB"), "{run:?}");
}

#[test]
fn a_service_is_waited_for_as_long_as_the_configuration_says() {
    let home = Home::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // The system takes connections to it, and nobody answers.
    for (scheme, setting, words) in [
        ("https", "connect", "nothing at SERVICE has taken the connection"),
        ("http", "call", "the service at SERVICE has not answered a call"),
    ] {
        let file = format!("[timeouts]\n{setting} = 0.1\n");
        std::fs::write(home.path("config.toml"), file).unwrap();
        for args in [["list", "--json"], ["ask", "Hello"]] {
            let mut command = home.command(args);
            let endpoint = format!("{scheme}://{address}");
            let run: Run = command.args(["--endpoint", &endpoint]).output().unwrap().into();
            let words = words.replace("SERVICE", &endpoint);
            assert!(run.code == 1 && run.err.contains(&words), "{run:?}");
        }
    }
    let shown = home.ok(["config", "show"]);
    assert!(shown.contains("timeouts.call = 0.1  # file"), "{shown}");
}

#[test]
fn only_regular_files_are_prompts_and_others_are_named() {
    let home = Home::new();
    let folder = home.path("prompts");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("pirate.md"), "Speak like a pirate.\n").unwrap();
    let pipe = folder.join("pipe.md");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let listed = home.run(["prompts"]);
    assert!(listed.code == 0 && listed.out.contains("pirate   Speak"), "{listed:?}");
    assert!(!listed.out.contains("pipe"), "{listed:?}");
    assert!(listed.err.contains("pipe cannot be read: it is no regular file"), "{listed:?}");
    let listed = home.json(["prompts", "--json"]);
    assert!(listed["problems"][0].as_str().unwrap().contains("pipe"), "{listed}");
    let asked = home.run(["ask", "--system-prompt", "pipe", "Hello"]);
    assert!(asked.code == 1 && asked.err.contains("no regular file"), "{asked:?}");
}
