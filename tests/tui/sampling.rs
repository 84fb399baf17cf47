//! Several answers at once: a line for each, stopped and tried again alone, and sampled with choices.

use serde_json::json;

use crate::model::{ModelServer, Turn};
use crate::pty::{Home, Program};

/// A question that was answered, with the keys in the chat.
fn asked(server: &ModelServer, home: &Home) -> Program {
    let mut program = home.start(120, 40);
    program.wait_for_text("First message").type_text("How?").wait_for_text("How?").key("Enter");
    let mut turn = server.turn();
    turn.stream().say("So.");
    turn.finish();
    program.wait_for_text("So.").wait_until_gone("streaming").key("Escape");
    program.wait_for_text("resample  e edit");
    program
}

fn say(turn: &mut Turn, words: &str) {
    turn.stream().say(words);
}

#[test]
fn samples_have_a_line_each_and_are_stopped_and_tried_again_alone() {
    let server = ModelServer::start("Title");
    let home = Home::new().with_model(&server.address);
    let mut program = asked(&server, &home);
    program.key("3").key("r").wait_for_text("3 samples · 3 running");
    let mut turns = [server.turn(), server.turn(), server.turn()];
    for turn in &mut turns {
        say(turn, "Because");
    }
    program.wait_for("a line for each", |screen| screen.contents().matches("Because").count() > 3);

    // One is stopped; the others go on.
    program.key("P").wait_for_text("stop all").key("g").key("x").wait_for_text("stopped · Because");
    program.wait_for_text("3 samples · 2 running");
    // Which of the requests it was is not known: the one that nobody reads ends by itself.
    for mut turn in turns {
        turn.say(" of time.");
        turn.finish();
    }
    program.wait_for_text("3 samples · 1 different · 1 incomplete").wait_for_text("×2 Because of");
    program
        .wait_for("both in the forest", |screen| screen.contents().matches("/4 ×2").count() == 2);

    // It is tried again, in one line more: what arrived stays.
    program.key("g").key("r").wait_for_text("4 samples · 1 running");
    let mut again = server.turn();
    say(&mut again, "Otherwise.");
    again.finish();
    program.wait_for_text("4 samples · 2 different · 1 incomplete");
    let responses = home.responses();
    let partial = responses.iter().filter(|response| response["partial"] == true).count();
    assert_eq!((responses.len(), partial), (6, 1));
    program.key("C-q");
    program.wait_exit();
}

#[test]
fn samples_with_choices_are_asked_for_as_written() {
    let server = ModelServer::start("Title");
    let home = Home::new().with_model(&server.address);
    let mut program = asked(&server, &home);
    program.key("R").wait_for_text("Sample answers here").wait_for_text("5 answers");
    program.key("C-u").type_text("2").wait_for_text("2 answers");
    program.key("Tab").key("Tab").type_text("hot").key("Enter");
    program.wait_for_text("temperature is a number from 0 to 2").key("C-u").type_text("0.5");
    program.wait_until_gone("temperature is a number");
    program.key("Tab").key("Tab").key("Tab").type_text("41").wait_for_text("seeds 41 and 42");
    program.key("Enter").wait_for_text("2 samples · 2 running");
    let turns = [server.turn(), server.turn()];
    let mut seeds: Vec<_> = turns.iter().map(|turn| turn.body["seed"].as_u64()).collect();
    seeds.sort();
    assert_eq!(seeds, [Some(41), Some(42)]);
    assert_eq!(turns[0].body["temperature"], json!(0.5));
    for mut turn in turns {
        say(&mut turn, "Thus.");
        turn.finish();
    }
    program.wait_for_text("2 samples · 1 different").wait_for_text("×2 Thus.");
    // What was written is there again.
    program.key("R").wait_for_text("count        2").wait_for_text("seed         41");
    program.key("C-c").key("C-q");
    program.wait_exit();
}
