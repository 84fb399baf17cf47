//! A model that fails in every way, and users who go on without starting again.

use crate::model::ModelServer;
use crate::pty::{Home, Program};

/// A model that says what a test wants, and a home whose client asks it.
pub(crate) fn world() -> (ModelServer, Home) {
    let server = ModelServer::start("A title");
    let home = Home::new().with_model(&server.address);
    (server, home)
}

fn ask(home: &Home, words: &str) -> Program {
    let mut program = home.start(80, 24);
    program.wait_for_text("First message").type_text(words).wait_for_text(words).key("Enter");
    program
}

/// `r` asks again, and this time there is an answer.
fn try_again(server: &ModelServer, program: &mut Program, home: &Home) {
    program.key("Escape").wait_for_text("resample  e edit").key("r");
    let mut turn = server.turn();
    turn.stream().say("This time it worked.");
    turn.finish();
    program.wait_for_text("This time it worked.").wait_until_gone("streaming");
    program.wait_until_gone("⚠ no answer");
    let responses = home.responses();
    assert_eq!(responses.iter().filter(|r| r["sender"] == "human").count(), 1);
    let answers: Vec<_> =
        responses.iter().filter(|r| r["message"] == "This time it worked.").collect();
    assert_eq!((answers.len(), &answers[0]["partial"]), (1, &false.into()));
}

#[test]
fn refusals_are_put_into_words_and_r_tries_again() {
    for (status, body, words) in [
        ("401 Unauthorized", r#"{"error":{"message":"bad key"}}"#, "key"),
        ("404 Not Found", r#"{"error":{"message":"no such model"}}"#, "There is no model scripted"),
        ("400 Bad Request", r#"{"error":{"message":"too odd"}}"#, "too odd"),
    ] {
        let (server, home) = world();
        let mut program = ask(&home, "Anyone?");
        server.turn().reply(status, "content-type: application/json\r\n", body);
        program
            .wait_for_words("⚠ no answer:")
            .wait_for_words(words)
            .wait_for_words("r tries again");
        try_again(&server, &mut program, &home);
    }
}

#[test]
fn a_server_that_fails_or_talks_nonsense_is_told_apart() {
    let (server, home) = world();
    let mut program = ask(&home, "Anyone?");
    // Tried again by itself first, and the screen says so.
    server.turn().reply("500 Internal Server Error", "", "it broke");
    program.wait_for_text("(500)");
    for _ in 0..3 {
        server.turn().reply("500 Internal Server Error", "", "it broke");
    }
    program.wait_for_words("failed (500)").wait_for_words("r tries again");
    try_again(&server, &mut program, &home);

    let (server, home) = world();
    let mut program = ask(&home, "Anyone?");
    server.turn().reply("200 OK", "content-type: text/html\r\n", "<title>Log in</title>");
    program.wait_for_words("OpenAI-compatible server").wait_for_words("r tries again");
    try_again(&server, &mut program, &home);
}

#[test]
fn too_many_requests_are_waited_out() {
    let (server, home) = world();
    let mut program = ask(&home, "Patience?");
    server.turn().reply("429 Too Many Requests", "retry-after: 1\r\n", "slow down");
    program.wait_for_words("takes no more requests for now (429)");
    let mut turn = server.turn();
    turn.stream().say("Thank you for waiting.");
    turn.finish();
    program.wait_for_text("Thank you for waiting.").wait_until_gone("429");
}

#[test]
fn a_server_that_dies_half_way_leaves_what_it_said() {
    let (server, home) = world();
    let mut program = ask(&home, "Go on?");
    let mut turn = server.turn();
    turn.stream().say("It began well");
    turn.say(" and then");
    program.wait_for_text("It began well and then");
    drop(turn);
    program.wait_for_words("⚠ incomplete:").wait_for_words("c continues it");
    let partial = &home.responses()[1];
    assert_eq!(
        (&partial["message"], &partial["partial"]),
        (&"It began well and then".into(), &true.into())
    );
    program.key("Escape").wait_for_text("resample  e edit").key("c");
    let mut turn = server.turn();
    assert!(turn.body.to_string().contains("It began well and then"), "{}", turn.body);
    turn.stream().say(" went on.");
    turn.finish();
    program.wait_for_text("┈ continued").wait_for_text("went on.").wait_until_gone("streaming");
    program.wait_until_gone("⚠ incomplete");
}

#[test]
fn an_answer_that_hangs_says_so_and_goes_on() {
    let (server, home) = world();
    let mut program = ask(&home, "Are you there?");
    let mut turn = server.turn();
    turn.stream();
    for word in ["I ", "am ", "here"] {
        turn.say(word);
    }
    program.wait_for_text("nothing for 2 s").wait_for_text("nothing for 3 s");
    turn.say(", still.");
    program.wait_for_text("still.").wait_until_gone("nothing for");
    turn.finish();
    program.wait_until_gone("streaming").key("C-q");
    program.wait_exit();
}

#[test]
fn escape_stops_an_answer_and_c_continues_it() {
    let (server, home) = world();
    let mut program = ask(&home, "Stop me?");
    let mut turn = server.turn();
    turn.stream().say("I could go on");
    program.wait_for_text("I could go on").key("Escape").wait_for_text("⚠ incomplete");
    // The model is not left talking to nobody.
    while turn.say(" and on") {
        std::thread::yield_now();
    }
    program.wait_until_gone("streaming").key("Escape").wait_for_text("resample  e edit").key("c");
    let mut turn = server.turn();
    turn.stream().say(" to the end.");
    turn.finish();
    program.wait_for_text("to the end.").wait_until_gone("streaming");
    let responses = home.responses();
    assert!(responses[1]["message"].as_str().unwrap().starts_with("I could go on"));
    assert_eq!((&responses[1]["partial"], &responses[2]["partial"]), (&true.into(), &false.into()));
    assert_eq!(responses[2]["parent_response_id"], responses[1]["response_id"]);
}

#[test]
fn a_server_that_is_away_is_reached_once_it_is_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let home = Home::new().with_model(&address);
    let mut program = ask(&home, "Hello?");
    program.wait_for_words("othing answers at").wait_for_text("Hello?");
    program.wait_for_words("r tries again");
    // The client is not stuck: everything else works.
    program.key("C-n").wait_for_text("First message").key("C-q");
    assert!(program.wait_exit().success());
    assert_eq!(home.responses()[0]["message"], "Hello?");
}
