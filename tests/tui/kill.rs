//! Nothing is lost: the program is killed in the middle of an answer, at many random moments, and
//! what had arrived half a second before is in the store, as an answer that can be continued.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::model::ModelServer;
use crate::pty::{Home, Program};

/// Between two words of the model.
const PACE: Duration = Duration::from_millis(5);
/// Text is stored this often at least, plus what a busy machine needs for it.
const BEHIND: Duration = Duration::from_millis(500);
/// Words after which the program is killed, at most.
const LAST_WORD: usize = 280;
/// Rounds of each kind, and how many run at the same time.
const ROUNDS: u64 = 16;
const AT_ONCE: u64 = 4;

fn word(number: usize) -> String {
    format!("w{number:04} ")
}

/// The highest word in a text.
fn last_word(text: &str) -> usize {
    text.split_whitespace()
        .filter_map(|word| word.strip_prefix('w')?.get(..4)?.parse().ok())
        .max()
        .unwrap_or(0)
}

/// A number from 1 on that looks random and is the same each time.
fn random(seed: u64, limit: usize) -> usize {
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    1 + usize::try_from(mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33).unwrap() % limit
}

fn world() -> (ModelServer, Home) {
    let server = ModelServer::start("A title");
    let home = Home::new().with_model(&server.address);
    (server, home)
}

/// Lets the model talk, kills the program once it shows a random word, and looks at what is left.
fn talk_and_kill(server: &ModelServer, home: &Home, program: &mut Program, seed: u64) {
    let mut turn = server.turn();
    turn.stream();
    let (stop, stopped) = channel();
    let talking =
        thread::spawn(move || turn.say_all((1..=LAST_WORD + 40).map(word), PACE, &stopped));
    let at = random(seed, LAST_WORD);
    program.wait_for(&format!("word {at}"), |screen| last_word(&screen.contents()) >= at);
    let killed = Instant::now();
    program.kill();
    drop(stop);
    talking.join().unwrap();

    let arrived = last_word(&program.screen_at(killed - BEHIND));
    let responses = home.responses();
    assert_eq!(responses[0]["message"], "Talk.", "seed {seed}");
    let answer = responses.get(1).unwrap_or_else(|| panic!("seed {seed}: no answer at word {at}"));
    assert_eq!(answer["partial"], true, "seed {seed}");
    let stored = answer["message"].as_str().unwrap();
    let sent: String = (1..=LAST_WORD + 40).map(word).collect();
    assert!(sent.starts_with(stored), "seed {seed}: {stored:?}");
    let kept = last_word(stored);
    assert!(kept >= arrived, "seed {seed}: word {arrived} was shown, {kept} is stored");
}

/// Many rounds, a few of them at the same time.
fn rounds(round: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        for lane in 0..AT_ONCE {
            let round = &round;
            scope.spawn(move || (lane..ROUNDS).step_by(AT_ONCE as usize).for_each(round));
        }
    });
}

#[test]
fn the_client_killed_in_the_middle_of_an_answer_loses_nothing() {
    rounds(|seed| {
        let (server, home) = world();
        let mut program = home.start(120, 40);
        program.wait_for_text("First message").type_text("Talk.").key("Enter");
        talk_and_kill(&server, &home, &mut program, seed);
        if seed % AT_ONCE == 0 {
            continue_after(&server, &home);
        }
    });
}

/// The next run shows what is there, and goes on from it.
fn continue_after(server: &ModelServer, home: &Home) {
    let mut program = home.start(120, 40);
    program.wait_for_text("⚠ incomplete").wait_for_text("2 nodes").key("Escape");
    program.wait_for_text("resample  e edit").key("c");
    let mut turn = server.turn();
    turn.stream().say("and so on.");
    turn.finish();
    program.wait_for_text("and so on.").wait_for_text("3 nodes 1 leaf");
    let whole = |responses: Vec<Value>| {
        responses.iter().filter(|response| response["partial"] == false).count() == 2
    };
    program.wait_until_gone("streaming");
    assert!(whole(home.responses()));
}

#[test]
fn ask_killed_in_the_middle_of_an_answer_loses_nothing() {
    rounds(|seed| {
        let (server, home) = world();
        let mut program = home.start_with(["ask", "Talk."], 120, 40);
        talk_and_kill(&server, &home, &mut program, seed + 1_000);
    });
}
