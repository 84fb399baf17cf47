//! Drives a headless chromium over its debugging pipe: opens a page as a phone would, and looks.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// What is to be seen of a page.
pub(crate) struct Seen {
    pub(crate) title: String,
    pub(crate) text: String,
    /// What hostile scripts set.
    pub(crate) ran: Value,
    /// Of the whole page, in a window of 360 pixels.
    pub(crate) width: u64,
    /// What was asked for.
    pub(crate) requests: Vec<String>,
}

/// The browser, if there is one.
pub(crate) fn find() -> Option<String> {
    let runs = |program: &&str| {
        let version = Command::new(program).arg("--version").stderr(Stdio::null()).output();
        version.is_ok_and(|run| run.status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs).map(str::to_owned)
}

/// Opens `address` and waits until it is there.
pub(crate) fn look_at(program: &str, address: &str) -> Seen {
    let mut browser = Browser::start(program);
    let target = browser.call(None, "Target.createTarget", json!({"url": "about:blank"}));
    let id = &target["targetId"];
    let attached =
        browser.call(None, "Target.attachToTarget", json!({"targetId": id, "flatten": true}));
    let session = attached["sessionId"].as_str().unwrap().to_owned();
    let session = Some(session.as_str());
    let phone = json!({"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": true});
    browser.call(session, "Emulation.setDeviceMetricsOverride", phone);
    browser.call(session, "Network.enable", json!({}));
    browser.call(session, "Page.enable", json!({}));
    browser.call(session, "Page.navigate", json!({"url": address}));
    browser.event("Page.loadEventFired");
    let expression = "({title: document.title, text: document.body.innerText, ran: window.ran ?? null, \
                      width: document.documentElement.scrollWidth})";
    let parameters = json!({"expression": expression, "returnByValue": true});
    let seen = browser.call(session, "Runtime.evaluate", parameters);
    let value = &seen["result"]["value"];
    let requested =
        browser.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    Seen {
        title: value["title"].as_str().unwrap().to_owned(),
        text: value["text"].as_str().unwrap().to_owned(),
        ran: value["ran"].clone(),
        width: value["width"].as_u64().unwrap(),
        requests: requested
            .map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned())
            .collect(),
    }
}

struct Browser {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    asked: u64,
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    fn start(program: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // The browser speaks on descriptors 3 and 4.
        let command = format!(
            "exec {program} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
             --no-first-run --user-data-dir=\"$0\" --remote-debugging-pipe 3<&0 4>&1 1>/dev/null"
        );
        let mut child = Command::new("sh")
            .args(["-c", &command])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdin, stdout, asked: 0, events: Vec::new(), _profile: profile }
    }

    fn read(&mut self) -> Value {
        let mut message = Vec::new();
        self.stdout.read_until(0, &mut message).unwrap();
        message.pop();
        serde_json::from_slice(&message).unwrap()
    }

    fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut message = json!({"id": self.asked, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.stdin.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.read();
            if answer["id"] == self.asked {
                assert_eq!(answer["error"], Value::Null, "{method}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    /// Waits for an event that may have come already.
    fn event(&mut self, method: &str) {
        while !self.events.iter().any(|event| event["method"] == method) {
            let event = self.read();
            self.events.push(event);
        }
    }
}
