//! Measures the real program in a pseudo-terminal of 120x40, as a user meets it: launch, keys,
//! streaming, idleness, memory. `cargo bench --bench pty` prints a table; `-- --large` adds the store
//! of 10,000 conversations with 1,000,000 responses, which takes a few minutes to make. With
//! `--features timing` the program also tells how long its frames took. `GROK_TUI_MEASURED` names
//! another build of the program: cargo builds the one beside a benchmark with features that only tests
//! need, which takes a little more memory.

#![expect(clippy::print_stdout, clippy::panic, reason = "a program that prints figures, or stops")]

mod model;
mod program;
mod store;

use std::time::{Duration, Instant};

use program::{Launch, Program, Usage};

/// Figures of one kind, in microseconds.
#[derive(Default)]
struct Series(Vec<f64>);

impl Series {
    fn add(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64() * 1e6);
    }

    fn at(&mut self, share: f64) -> f64 {
        self.0.sort_by(f64::total_cmp);
        self.0[((self.0.len() - 1) as f64 * share).round() as usize]
    }

    fn row(&mut self, what: &str) {
        let (p50, p95, p99) = (self.at(0.5), self.at(0.95), self.at(0.99));
        println!("| {what} | {:.2} | {:.2} | {:.2} |", p50 / 1e3, p95 / 1e3, p99 / 1e3);
    }
}

fn main() {
    // `cargo test --benches` only wants to know whether this runs.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let large = std::env::args().any(|arg| arg == "--large");
    println!("| what, ms | p50 | p95 | p99 |\n|---|---|---|---|");
    let empty = store::empty();
    launches("empty store", empty.path(), 30);
    openings(10_000);
    keys_when_idle(empty.path());
    let model = model::Server::start();
    let streamed = store::empty();
    keys_while_streaming(streamed.path(), &model);
    let forest = store::forest(100_000);
    keys_while_streaming_into(forest.path(), &model, "forest of 100,000");
    println!("\n| what | figure |\n|---|---|");
    rest(empty.path());
    cpu(&model);
    large_answers(&model);
    if cfg!(feature = "timing") {
        let responses = if large { 1_000_000 } else { 100_000 };
        frames(&model, responses);
    }
    if large {
        let large = store::large();
        println!("\n| what, ms | p50 | p95 | p99 |\n|---|---|---|---|");
        launches("10,000 conversations, 1,000,000 responses", &large, 20);
        println!("\n| what | figure |\n|---|---|");
        let mut program = Program::start(Launch::new(&large));
        program.wait("Conversations", Duration::from_secs(20));
        program.settle();
        println!("| resident, 10,000 conversations | {} |", program.usage().memory());
    }
}

fn launches(what: &str, data: &std::path::Path, rounds: usize) {
    let (mut frame, mut echo) = (Series::default(), Series::default());
    for _ in 0..rounds {
        let mut program = Program::start(Launch::new(data));
        program.write("Q");
        program.wait("grok-tui", Duration::from_secs(10));
        frame.add(program.since_start());
        program.wait("│ Q", Duration::from_secs(10));
        echo.add(program.since_start());
        program.kill();
        // The next round is to find no draft.
        let _ = std::fs::remove_file(data.join("state/session.json"));
    }
    frame.row(&format!("launch to first frame, {what}"));
    echo.row(&format!("launch to a typed character, {what}"));
}

/// Opening a large conversation, the launch of the program included.
fn openings(responses: usize) {
    let data = store::forest(responses);
    let mut series = Series::default();
    for _ in 0..20 {
        let mut program = Program::start(Launch::new(data.path()).with_argument("forest"));
        program.wait(&format!("{responses} nodes"), Duration::from_secs(10));
        series.add(program.since_start());
        program.kill();
    }
    series.row(&format!("launch to a conversation of {responses} responses"));
}

fn keys_when_idle(data: &std::path::Path) {
    let mut program = Program::start(Launch::new(data));
    program.wait("grok-tui", Duration::from_secs(10));
    program.settle();
    press(&mut program, 400, Duration::from_millis(5)).row("key to changed bytes, idle");
}

/// Types letters and takes the time until bytes with the letter come back.
fn press(program: &mut Program, count: usize, every: Duration) -> Series {
    let mut series = Series::default();
    for number in 0..count {
        if number % 60 == 59 {
            program.write("\x15");
            program.settle_for(Duration::from_millis(30));
        }
        let letter = char::from(b'a' + (number % 26) as u8);
        let began = Instant::now();
        program.write(&letter.to_string());
        program.wait_typed(letter, Duration::from_secs(5));
        series.add(began.elapsed());
        program.settle_for(every);
    }
    series
}

fn keys_while_streaming(data: &std::path::Path, model: &model::Server) {
    let mut program = Program::start(Launch::new(data).with_model(model, "paced-1000"));
    program.wait("paced-1000", Duration::from_secs(10));
    program.write("go\r");
    program.wait("streaming", Duration::from_secs(10));
    press(&mut program, 300, Duration::from_millis(7)).row("key, while 1,000 tokens/s stream");
}

fn keys_while_streaming_into(data: &std::path::Path, model: &model::Server, what: &str) {
    let launch = Launch::new(data).with_model(model, "paced-1000").with_argument("forest");
    let mut program = Program::start(launch);
    program.wait("100000 nodes", Duration::from_secs(30));
    program.write("go\r");
    program.wait("streaming", Duration::from_secs(10));
    press(&mut program, 300, Duration::from_millis(7))
        .row(&format!("key, while 1,000 tokens/s stream into a {what}"));
}

fn rest(data: &std::path::Path) {
    let mut program = Program::start(Launch::new(data));
    program.wait("grok-tui", Duration::from_secs(10));
    program.settle();
    let before = program.usage();
    let bytes = program.bytes();
    program.settle_for(Duration::from_secs(10));
    let after = program.usage();
    println!("| resident, at rest | {} |", after.memory());
    println!("| bytes in 10 s of rest | {} |", program.bytes() - bytes);
    println!("| CPU in 10 s of rest | {:.2} ms |", after.cpu_since(before).as_secs_f64() * 1e3);
    println!("| wakeups in 10 s of rest | {} |", after.wakeups - before.wakeups);
}

fn cpu(model: &model::Server) {
    for (name, tokens, what) in [
        ("full-2000", 2_000, "CPU per 1,000 tokens at full speed, 2,000 tokens"),
        ("full-100000", 100_000, "CPU per 1,000 tokens at full speed, 100,000 tokens"),
        ("paced-200-2000", 2_000, "CPU per 1,000 tokens at 200 tokens/s"),
    ] {
        let data = store::empty();
        let (usage, bytes) = answer(data.path(), model, name);
        let per_thousand = usage.cpu.as_secs_f64() * 1e3 / (f64::from(tokens) / 1e3);
        println!(
            "| {what} | {per_thousand:.1} ms, {} bytes to the terminal |",
            bytes / (tokens as usize / 1_000)
        );
    }
}

/// CPU of one whole answer, and bytes to the terminal.
fn answer(data: &std::path::Path, model: &model::Server, name: &str) -> (Usage, usize) {
    let mut program = Program::start(Launch::new(data).with_model(model, name));
    program.wait(name, Duration::from_secs(10));
    // The first request sets up what later ones use.
    let before = ask(&mut program, "2 nodes");
    let bytes = program.bytes();
    let after = ask(&mut program, "4 nodes");
    (Usage { cpu: after.cpu_since(before), ..after }, program.bytes() - bytes)
}

/// Has a question answered to its end. What the program has used by then.
fn ask(program: &mut Program, nodes: &str) -> Usage {
    program.write("go\r");
    program.wait(nodes, Duration::from_secs(60));
    program.wait_gone("▮", Duration::from_secs(120));
    program.wait("the end.", Duration::from_secs(10));
    program.settle();
    program.usage()
}

/// Answers of 200,000 tokens, which are a megabyte each.
fn large_answers(model: &model::Server) {
    let data = store::empty();
    let name = "full-200000";
    let mut program = Program::start(Launch::new(data.path()).with_model(model, name));
    program.wait(name, Duration::from_secs(10));
    for (nodes, what) in [("2 nodes", "an answer of 1 MB"), ("4 nodes", "a second one")] {
        println!("| resident, after {what} | {} |", ask(&mut program, nodes).memory());
    }
}

/// Frames with a large forest beside a large answer: while it streams, while one reads and writes.
fn frames(model: &model::Server, responses: usize) {
    let data = store::forest(responses);
    let log = data.path().join("frames.log");
    let launch = Launch::new(data.path()).with_model(model, "full-200000");
    let launch = launch.with_argument("forest").with_argument("--log-file");
    let mut program = Program::start(launch.with_argument(&log.display().to_string()));
    program.wait(&format!("{responses} nodes"), Duration::from_secs(60));
    program.write("go\r");
    program.wait("the end.", Duration::from_secs(120));
    program.settle();
    press(&mut program, 120, Duration::from_millis(2));
    program.write("\x1b[6~\x1b[5~\x1b[5~\x1b[5~");
    program.settle();
    program.write("\x11");
    program.wait_end(Duration::from_secs(10));
    let told = std::fs::read_to_string(&log).unwrap_or_default();
    let told = told.lines().find_map(|line| line.split_once("frame times in ")).map(|(_, t)| t);
    println!(
        "| frames, forest of {responses} and an answer of 1 MB | {} |",
        told.unwrap_or("not told")
    );
}
