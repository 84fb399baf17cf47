//! `doctor`, with healthy and with sick surroundings.

use serde_json::Value;

use crate::home::Home;

/// The finding of that name.
fn finding<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name}: {report}"))
}

fn report(home: &Home) -> (i32, Value) {
    let run = home.run(["doctor", "--json"]);
    (run.code, serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{run:?}")))
}

#[test]
fn an_empty_home_is_healthy_and_stays_empty() {
    let home = Home::new();
    let (code, report) = report(&home);
    assert_eq!((code, &report["ok"]), (0, &Value::Bool(true)), "{report}");
    for name in [
        "configuration",
        "store",
        "offline list",
        "offline answer",
        "offline logprobs",
        "offline prefill",
    ] {
        assert_eq!(finding(&report, name)["status"], "ok", "{name}");
    }
    assert_eq!(finding(&report, "real models")["status"], "warning");
    assert!(!home.path("data").exists(), "nothing is made");
    let shown = home.ok(["doctor", "--no-sampling"]);
    assert!(shown.contains("Models\n") && shown.contains("! warning  real models"), "{shown}");
    assert!(!shown.contains("offline answer"), "{shown}");
}

#[test]
fn a_store_that_cannot_be_written_is_said() {
    let home = Home::new();
    home.asked("A question");
    // Stands where SQLite needs a file of its own.
    std::fs::create_dir(home.path("data").join("conversations.db-shm")).unwrap();
    let (code, report) = report(&home);
    assert_eq!((code, &finding(&report, "writing")["status"]), (1, &Value::from("failed")));
    assert_eq!(finding(&report, "integrity")["status"], "ok");
}

#[test]
fn a_store_is_checked_and_left_as_it_is() {
    let home = Home::new();
    home.asked("A question");
    let (code, healthy) = report(&home);
    assert_eq!(code, 0, "{healthy}");
    let size = finding(&healthy, "size")["detail"].as_str().unwrap().to_owned();
    assert!(size.starts_with("1 conversations, 2 responses"), "{size}");
    let file = home.path("data").join("conversations.db");
    let mut bytes = std::fs::read(&file).unwrap();
    for byte in bytes.iter_mut().skip(4_096 + 100) {
        *byte ^= 0x5a;
    }
    std::fs::write(&file, &bytes).unwrap();
    let (code, sick) = report(&home);
    assert_eq!(code, 1);
    let checks = sick["checks"].as_array().unwrap();
    let failed: Vec<_> = checks.iter().filter(|check| check["status"] == "failed").collect();
    assert!(failed.iter().all(|check| check["area"] == "Conversations"), "{sick}");
    assert!(
        failed.iter().any(|check| check["advice"].as_str().unwrap().contains("copy")),
        "{sick}"
    );
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "the file is kept");
    std::fs::write(&file, "something else entirely, long enough to be looked at as a file")
        .unwrap();
    assert_eq!(report(&home).0, 1);
}

#[test]
fn a_broken_configuration_and_a_server_that_is_not_there_are_found() {
    let home = Home::new();
    let server = "[[servers]]\nname = \"lab\"\nbase_url = \"http://127.0.0.1:9/v1\"\n";
    std::fs::write(home.path("config.toml"), server).unwrap();
    let (code, found) = report(&home);
    assert_eq!(code, 1);
    let list = finding(&found, "lab list");
    assert!(list["status"] == "failed" && list["detail"].as_str().unwrap().contains("127.0.0.1:9"));
    std::fs::write(home.path("config.toml"), "modle = 1\n").unwrap();
    let (code, found) = report(&home);
    assert_eq!(code, 1);
    let detail = finding(&found, "configuration")["detail"].as_str().unwrap();
    assert!(detail.contains("line 1") && detail.contains("modle"), "{detail}");
    let keys = "[keys]\nquit = [\"no such key\"]\n";
    std::fs::write(home.path("config.toml"), keys).unwrap();
    assert_eq!(finding(&report(&home).1, "keys")["status"], "failed");
    let keys = "[keys]\nresample = \"e\"\n";
    std::fs::write(home.path("config.toml"), keys).unwrap();
    let shown = home.run(["config", "show"]);
    let names = ["e means both", "\"resample\"", "\"replace\"", "in the chat"];
    assert!(names.iter().all(|name| shown.err.contains(name)), "{}", shown.err);
}

#[test]
fn a_service_elsewhere_is_asked_instead() {
    let home = Home::new();
    let run = home.run(["doctor", "--json", "--endpoint", "http://127.0.0.1:9"]);
    let found: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &finding(&found, "http://127.0.0.1:9")["status"]), (1, &"failed".into()));
}
