//! Configuration, models, completions, the manual, terminals, logs and mistakes.

use std::io::Read as _;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::home::{Home, PROGRAM};

/// What the program sends to a terminal.
fn on_terminal(home: &Home, args: &[&str], extra: &[(&str, &str)]) -> String {
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pty = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(args);
    command.env_clear();
    for (name, value) in home.environment() {
        command.env(name, value);
    }
    for (name, value) in extra {
        command.env(name, value);
    }
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let mut sent = Vec::new();
    // Reading ends with an error once the program has left the terminal.
    let _ = pty.master.try_clone_reader().unwrap().read_to_end(&mut sent);
    child.wait().unwrap();
    String::from_utf8(sent).unwrap()
}

#[test]
fn text_is_data_on_a_terminal_and_raw_in_a_pipe() {
    let home = Home::new();
    let wild = "\u{1b}]0;owned\u{7} \u{202e}txet";
    home.ok(["rename", &home.asked("Hello")[0], wild]);
    assert!(home.ok(["list"]).contains(wild));
    let sent = on_terminal(&home, &["list"], &[]);
    assert!(!sent.contains('\u{1b}') && !sent.contains('\u{7}'), "{sent:?}");
    assert!(sent.contains("␛]0;owned␇ <U+202E>txet"), "{sent:?}");
    let sent = on_terminal(&home, &["show", "owned"], &[]);
    assert!(sent.contains("\u{1b}[1m␛]0;owned␇"), "{sent:?}");
    let sent = on_terminal(&home, &["show", "no \u{1b}[2J such"], &[]);
    assert!(!sent.contains('\u{1b}') && sent.contains("no ␛[2J such"), "{sent:?}");
}

#[test]
fn what_was_typed_wrongly_is_data_too() {
    let home = Home::new();
    let wild = "\u{1b}]0;owned\u{7} \u{9b}31m\u{202e}\u{1b}[2Jx";
    let option = format!("--{wild}");
    let assignment = format!("{wild}=1");
    home.asked("Hello");
    for args in [
        &[option.as_str()][..],
        &["ask", &option],
        &["ask", "--temperature", wild, "x"],
        &["serve", "--log-format", wild],
        &["serve", "--listen", wild],
        &["completions", wild],
        &["config", wild],
        &["man", wild],
        &["set", "Hello", &assignment],
        &["list", wild],
        // Begins like what the program would set its own words apart with.
        &["ask", "--\u{1b}]8;;x"],
    ] {
        let sent = on_terminal(&home, args, &[]);
        let acts = |c: char| c.is_control() && !matches!(c, '\r' | '\n') || c == '\u{202e}';
        assert!(!sent.contains(acts), "{args:?}: {sent:?}");
        assert!(sent.contains("error: "), "{args:?}: {sent}");
        let run: crate::home::Run = home.command(args).output().unwrap().into();
        assert!(run.code == 2 && !run.err.contains(['\u{1b}', '\u{9b}']), "{args:?}: {run:?}");
    }
    let sent = on_terminal(&home, &["ask", "--temperature", wild, "x"], &[]);
    assert!(sent.contains("␛]0;owned␇ <U+009B>31m<U+202E>␛[2Jx"), "{sent:?}");
}

#[test]
fn colours_are_only_for_terminals_that_want_them() {
    let home = Home::new();
    home.asked("Hello");
    assert!(!home.ok(["show", "Hello"]).contains('\u{1b}'));
    assert!(on_terminal(&home, &["show", "Hello"], &[]).contains("\u{1b}[1m"));
    assert!(!on_terminal(&home, &["show", "Hello"], &[("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!on_terminal(&home, &["show", "Hello"], &[("TERM", "dumb")]).contains('\u{1b}'));
}

#[test]
fn what_is_said_of_an_answer_stands_below_it() {
    let home = Home::new();
    let args = ["ask", "--max-tokens", "3", "-n", "2", "--seed", "1", "Hello"];
    let sent = on_terminal(&home, &args, &[("NO_COLOR", "1")]);
    let lines: Vec<&str> = sent.lines().map(|line| line.trim_end_matches('\r')).collect();
    let cut = "(the answer reached the longest length allowed)";
    assert_eq!(lines.iter().filter(|line| **line == cut).count(), 2, "{sent}");
    let second = lines.iter().position(|line| *line == "[2/2]").unwrap();
    assert_eq!(lines[second - 2..second], [cut, ""], "{sent}");
    assert_eq!(lines.last(), Some(&cut), "{sent}");
}

#[test]
fn the_offline_model_is_always_there() {
    let home = Home::new();
    let models = home.json(["models", "--json"]);
    assert_eq!(models["default_model"], "offline/ngram");
    let names: Vec<_> = models["models"].as_array().unwrap().iter().map(|m| &m["name"]).collect();
    assert!(names.iter().any(|name| *name == "offline/ngram"), "{models}");
    assert!(models["problems"].as_array().unwrap().is_empty());
    let run = home.run(["models"]);
    assert!(
        run.out.starts_with("* offline/ngram ") && run.out.contains("131072 tokens · logprobs"),
        "{run:?}"
    );
    assert!(run.err.contains("OPENAI"), "how to connect a real model: {run:?}");
}

#[test]
fn the_configuration_is_found_shown_and_made() {
    let home = Home::new();
    let file = home.path("config.toml");
    assert_eq!(home.ok(["config", "path"]).trim_end(), file.to_str().unwrap());
    assert!(home.ok(["config", "show"]).contains("#model ="));
    assert_eq!(home.run(["config", "init"]).code, 0);
    assert!(std::fs::read_to_string(&file).unwrap().contains("[sampling]"));
    let twice = home.run(["config", "init"]);
    assert!(twice.code == 1 && twice.err.contains("config.toml"), "{twice:?}");
    assert_eq!(home.run(["config", "init", "--force"]).code, 0);

    std::fs::write(&file, "[sampling]\nmax_tokens = 2\ntemperature = 0.25\n").unwrap();
    let shown = home.ok(["config", "show"]);
    assert!(shown.contains("sampling.temperature = 0.25  # file\n"), "{shown}");
    let again: toml::Table = shown.parse().unwrap();
    assert_eq!(again["sampling"]["max_tokens"].as_integer(), Some(2));
    let events = home.events(["ask", "--json", "Hello"]);
    assert_eq!(events.last().unwrap()["model_response"]["sampling"]["max_tokens"], 2);

    std::fs::write(&file, "\nmodle = \"x\"\n").unwrap();
    for args in [["list", "--json"], ["config", "show"], ["ask", "x"]] {
        let wrong = home.run(args);
        assert_eq!((wrong.code, wrong.out.as_str()), (1, ""));
        assert!(wrong.err.contains("line 2") && wrong.err.contains("modle"), "{wrong:?}");
    }
    assert_eq!(home.run(["config", "path"]).code, 0);
}

#[test]
fn the_configuration_is_shown_as_it_holds_with_where_it_comes_from() {
    let home = Home::new();
    let file = "model = \"lab/a\"\nendpoint = \"http://me:hidden1@127.0.0.1:9\"\n[timeouts]\nidle = 7\n\
                [[servers]]\nname = \"lab\"\nbase_url = \"http://u:hidden2@127.0.0.1:8/v1?k=hidden3\"\n\
                api_key_command = \"echo hidden4\"\nheaders = { x-key = \"hidden5\" }\n";
    std::fs::write(home.path("config.toml"), file).unwrap();
    let shown = |args: &[&str], variables: &[(&str, &str)]| {
        let run = home.command(args).envs(variables.iter().copied()).output().unwrap();
        let out = String::from_utf8(run.stdout).unwrap();
        out.parse::<toml::Table>().unwrap_or_else(|error| panic!("{error}: {out}"));
        assert!(!out.contains("hidden"), "{out}");
        out
    };
    let plain = shown(&["config", "show"], &[]);
    for line in [
        "model = \"lab/a\"  # file",
        "endpoint = \"http://127.0.0.1:9\"  # file",
        "timeouts.idle = 7.0  # file",
        "timeouts.connect = 10.0  # default",
        "#sampling.seed =  # not set",
        "serve.connections = 4096  # default",
        "base_url = \"http://127.0.0.1:8/v1\"",
        "#   lab: http://127.0.0.1:8/v1",
        "#   XAI_API_KEY: not set",
    ] {
        assert!(plain.lines().any(|shown| shown == line), "{line}: {plain}");
    }
    assert!(
        plain
            .lines()
            .any(|l| l.starts_with("# conversations: ") && l.ends_with("# GROK_TUI_DATA_DIR"))
    );
    let variables = [
        ("GROK_TUI_MODEL", "xai/b"),
        ("GROK_TUI_ENDPOINT", ""),
        ("XAI_API_KEY", "hidden6"),
        ("OPENAI_BASE_URL", "http://u:hidden7@127.0.0.1:7/v1"),
    ];
    let set = shown(&["config", "show"], &variables);
    for line in [
        "model = \"xai/b\"  # GROK_TUI_MODEL",
        "#   xai: https://api.x.ai",
        "#   openai: http://127.0.0.1:7/v1",
        "#   XAI_API_KEY: set",
        "#   OPENAI_BASE_URL: \"http://127.0.0.1:7/v1\"",
    ] {
        assert!(set.lines().any(|shown| shown == line), "{line}: {set}");
    }
    let typed = shown(&["config", "show", "--model", "lab/c"], &variables);
    assert!(typed.contains("model = \"lab/c\"  # --model\n"), "{typed}");
}

#[test]
fn completions_and_manual_are_printed() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(home.ok(["completions", shell]).contains("grok-tui"), "{shell}");
    }
    assert!(home.ok(["man"]).contains(".TH grok-tui 1"));
    assert!(home.ok(["man", "ask"]).contains("temperature"));
    assert!(home.ok(["man", "users", "add"]).contains(".TH grok-tui-users-add 1"));
    for (args, words) in [
        (&["man", "nonsense"][..], "`grok-tui help`"),
        (&["man", "users", "nonsense"], "`grok-tui help users`"),
    ] {
        let run: crate::home::Run = home.command(args).output().unwrap().into();
        assert!(run.code == 2 && run.err.contains(words), "{run:?}");
    }
    assert_eq!(home.run(["completions", "nonsense"]).code, 2);
}

#[test]
fn mistakes_are_told_on_stderr_with_their_own_exit_code() {
    let home = Home::new();
    for args in [["--nonsense", ""], ["list", "--nonsense"], ["some talk", "list"]] {
        let run = home.run(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.starts_with("error: "), "{run:?}");
    }
    for good in [["--help"], ["--version"], ["help"]] {
        let run = home.run(good);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{good:?}");
    }
    let slip = home.run(["lst"]);
    assert!(slip.code == 1 && slip.err.contains("did you mean `grok-tui list`"), "{slip:?}");
    let shown = on_terminal(&home, &["lst"], &[]);
    assert!(shown.contains("\"lst\"") && shown.contains("did you mean `grok-tui list`"), "{shown}");
    let nowhere = home.run(["list", "--endpoint", "nonsense://x"]);
    assert!(nowhere.code == 1 && nowhere.err.contains("http://HOST:PORT"), "{nowhere:?}");
}

#[test]
fn a_log_is_written_only_when_asked_for_and_only_for_its_owner() {
    let home = Home::new();
    home.ok(["list"]);
    let log = home.path("the.log");
    assert!(!log.exists());
    home.ok(["--log-file", log.to_str().unwrap(), "list"]);
    assert!(log.exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_reader_that_goes_away_early_is_no_error() {
    let home = Home::new();
    let mut child = home.command(["man"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn wrong_usage_is_told_from_failure() {
    let home = Home::new();
    let wrong =
        |run: crate::home::Run| assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    wrong(home.run(["serve", "--listen", "foo"]));
    wrong(home.run(["serve", "--listen", "127.0.0.1:99999"]));
    wrong(home.run(["man", "nosuch"]));
    wrong(home.run(["show", ""]));
    wrong(home.run(["search", ""]));
    for (setting, values) in [
        ("--temperature", &["99", "-1", "nan", "warm"][..]),
        ("--top-p", &["5", "0", "-0.5", "nan", "inf", ""]),
        ("--top-k", &["21", "-1", "x"]),
        ("--max-tokens", &["0", "-1", "1.5"]),
        ("--seed", &["-1", "0.5", "18446744073709551616"]),
        ("--stop", &[""]),
        ("-n", &["0", "101", "-1"]),
    ] {
        for value in values {
            let run = home.run(["ask", setting, value, "hello"]);
            assert!(run.err.contains("invalid value") && run.err.contains(value), "{run:?}");
            wrong(run);
        }
    }
    let mut stops = ["--stop=END"; 67];
    (stops[0], stops[1]) = ("ask", "hello");
    wrong(home.run(stops));
    for setting in ["top_p=5", "temperature=-1", "top_k=21", "max_tokens=0", "seed=-1"] {
        home.asked("hello");
        wrong(home.run(["set", "hello", setting]));
        home.ok(["delete", "hello"]);
    }
    assert_eq!(home.run(["show", "nosuch"]).code, 1);
}

#[test]
fn the_usage_of_a_mistake_is_that_of_the_command_whatever_is_set() {
    let home = Home::new();
    for (args, usage) in [
        (&["show"][..], "Usage: grok-tui show [OPTIONS] <CONV> [RESPONSE]\n"),
        (&["users", "revoke"], "Usage: grok-tui users revoke [OPTIONS] <NAME>\n"),
        (&["--nonsense"], "Usage: grok-tui [OPTIONS] [CONVERSATION] [COMMAND]\n"),
    ] {
        let mut command = home.command(args);
        // Whatever the program is called, and with a folder named by the environment.
        std::os::unix::process::CommandExt::arg0(&mut command, "/weird/name");
        let run: crate::home::Run = command.output().unwrap().into();
        assert!(run.code == 2 && run.err.contains(usage), "{run:?}");
        assert!(!run.err.contains("--data-dir"), "{run:?}");
    }
}

#[test]
fn a_configuration_that_is_named_has_to_be_there() {
    let home = Home::new();
    let file = home.path("mine.toml");
    let file = file.to_str().unwrap();
    let missing = home.run(["list", "--config", file]);
    assert!(missing.code == 1 && missing.err.contains(file), "{missing:?}");
    home.ok(["config", "init", "--config", file]);
    home.ok(["list", "--config", file]);
    let again = home.run(["config", "init", "--config", file]);
    assert!(again.code == 1 && again.err.contains("left as it is"), "{again:?}");
}

#[test]
fn settings_are_shown_changed_and_followed() {
    let home = Home::new();
    home.ok(["ask", "--seed", "1", "Hello"]);
    let none = home.run(["set", "hello"]);
    assert!(none.code == 0 && none.out.is_empty(), "{none:?}");
    assert!(none.err.contains("nothing is set") && none.err.contains("temperature="), "{none:?}");
    let set = ["set", "hello", "prompt=fun", "seed=4", "max_tokens=5", "stop=\"a b\""];
    let shown = "prompt=fun seed=4 max_tokens=5 stop=\"a b\"\n";
    assert_eq!(home.ok(set), shown);
    assert_eq!(home.ok(["set", "hello"]), shown);
    let events = home.events(["ask", "--json", "-c", "hello", "Again"]);
    let answer = &events[events.len() - 1]["model_response"];
    assert_eq!(
        (answer["sampling"]["seed"].as_u64(), answer["usage"]["completion_tokens"].as_u64()),
        (Some(4), Some(5))
    );
    assert!(answer["system_prompt_name"].as_str().unwrap().starts_with("fun@"));
    assert_eq!(home.ok(["set", "hello", "prompt=", "seed=", "max_tokens=", "stop="]), "");
    let id = answer["response_id"].as_str().unwrap();
    let again = home.events(["ask", "--json", "-c", "hello", "--again", id]);
    let twin = &again[again.len() - 1]["model_response"];
    for same in ["message", "sampling", "system_prompt_name", "parent_response_id", "model_name"] {
        assert_eq!(twin[same], answer[same], "{same}");
    }
    for (wrong, said) in [("seed=x", "whole number"), ("prompt=odd", "no system prompt odd")] {
        let run = home.run(["set", "hello", wrong]);
        assert!(run.code != 0 && run.err.contains(said), "{run:?}");
    }
}

#[test]
fn prompts_of_ones_own_are_files() {
    let home = Home::new();
    let folder = home.path("prompts");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("pirate.md"), "Speak like a pirate.\n").unwrap();
    let listed = home.ok(["prompts"]);
    for line in ["regular  ", "raw      (none)", "pirate   Speak like a pirate."] {
        assert!(listed.contains(line), "{listed}");
    }
    let events = home.events(["ask", "--json", "--system-prompt", "pirate", "Hello"]);
    let answer = &events[events.len() - 1]["model_response"];
    assert!(answer["system_prompt_name"].as_str().unwrap().starts_with("pirate@"));
    // What is there and not used is said.
    for (name, text) in [("fun.md", "Be funny."), ("raw.txt", "Be raw."), ("empty.md", "\n")] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let listed = home.run(["prompts"]);
    for words in ["prompt fun of", "prompt raw of", "prompt empty is empty"] {
        assert!(listed.code == 0 && listed.err.contains(words), "{listed:?}");
    }
    assert!(!listed.out.contains("Be funny") && !listed.out.contains("empty"), "{listed:?}");
    let empty = home.run(["ask", "--system-prompt", "empty", "Hello"]);
    assert!(empty.code == 1 && empty.err.contains("is empty"), "{empty:?}");
    let run = home.run(["ask", "--system-prompt", "nun", "Hello"]);
    assert!(run.code == 1 && run.err.contains("nun.md") && run.err.contains("pirate"), "{run:?}");
}

#[test]
fn without_a_terminal_the_screen_is_refused_and_nothing_is_written() {
    let home = Home::new();
    let run = home.command([""; 0]).env("TERM", "xterm").output().unwrap();
    let words = String::from_utf8_lossy(&run.stderr);
    assert!(words.contains("no terminal") && words.contains("grok-tui ask"), "{words}");
    assert_eq!((run.status.code(), run.stdout), (Some(1), Vec::new()));
}
