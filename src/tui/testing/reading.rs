//! Reading messages: colours of code, what is folded, what is found.

use ratatui::style::Color;

use super::*;
use crate::forest::{Details, Source};
use crate::tui::highlight::{Done, Job, Outcome};
use crate::tui::theme::Role;

fn with_answer(answer: &str) -> Client {
    let responses = vec![human("h", "", "A question?", 60), model("m", "h", answer, 50)];
    let mut client = Client::new(120, 40).opened("c", responses);
    client.state.sidebar = false;
    client
}

/// The code that the frame on the screen asks to be coloured.
fn asked_for(client: &mut Client) -> Vec<Job> {
    update::prepare(&mut client.state);
    let missing = update::missing(&mut client.state);
    let jobs = missing.into_iter().map(|effect| match effect {
        Effect::Highlight(job) => job,
        other => panic!("{other:?}"),
    });
    jobs.collect()
}

/// Colours all of these lines alike.
fn coloured(job: &Job, role: Role) -> Event {
    let lines = job.lines.lines().map(|line| vec![(line.len(), role)]).collect();
    Event::Highlighted(Done {
        response: job.response.clone(),
        block: job.block,
        line: job.line,
        bytes: job.lines.len(),
        lines,
        outcome: Outcome::Coloured,
    })
}

/// The colour of the cell at which this text begins.
fn colour_of(client: &mut Client, text: &str) -> Color {
    let buffer = client.buffer();
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width {
            let row: String = (x..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
            if row.starts_with(text) {
                return buffer[(x, y)].fg;
            }
        }
    }
    panic!("{text:?} is not on the screen");
}

#[test]
fn code_is_plain_first_and_coloured_when_the_colours_come() {
    let mut client =
        with_answer("```rust\nlet a;\nlet b;\n```\n\n- x\n  ```sh\n  ls\n  cd\n  ```\n");
    let jobs = asked_for(&mut client);
    let lines: Vec<(usize, &str)> =
        jobs.iter().map(|job| (job.block, job.lines.as_str())).collect();
    assert_eq!(lines, [(0, "let a;\nlet b;\n"), (1, "ls\ncd\n")]);
    assert_eq!(asked_for(&mut client), [], "they are asked for once");
    assert_eq!(colour_of(&mut client, "let b"), Color::Reset);
    client.event(coloured(&jobs[0], Role::CodeString));
    assert_eq!(colour_of(&mut client, "let b"), Color::Green);
    assert_eq!(colour_of(&mut client, "cd "), Color::Reset);
    client.event(coloured(&jobs[1], Role::CodeKeyword));
    assert_eq!(colour_of(&mut client, "cd "), Color::Magenta);
    client.event(Event::Terminal(Terminal::Resize(90, 30)));
    assert_eq!(asked_for(&mut client), [], "another width needs no other colours");
    assert_eq!(colour_of(&mut client, "let a"), Color::Green);
}

#[test]
fn code_that_arrives_is_coloured_line_by_line() {
    let mut client = with_answer("An answer.");
    client.type_text("More?").keys("Enter");
    let (id, _) = client.asked();
    let begun = Response { partial: true, ..model("m2", "h2", "", 0) };
    client.arrive(id, vec![Piece::User(human("h2", "m", "More?", 1)), Piece::Started(begun)]);
    client.arrive(id, vec![Piece::Text("```c\nint a;\nint".to_owned(), 1)]);
    let jobs = asked_for(&mut client);
    assert_eq!((jobs[0].line, jobs[0].lines.as_str()), (0, "int a;\n"));
    client.arrive(id, vec![Piece::Text(" b;\nint c;\n".to_owned(), 1)]);
    assert_eq!(asked_for(&mut client), [], "one after the other");
    client.event(coloured(&jobs[0], Role::CodeType));
    let jobs = asked_for(&mut client);
    assert_eq!((jobs[0].line, jobs[0].lines.as_str()), (1, "int b;\nint c;\n"));
    let stale = Job { line: 0, ..jobs[0].clone() };
    client.event(coloured(&stale, Role::Error));
    assert_eq!(colour_of(&mut client, "int b"), Color::Reset, "that was not asked for");
}

#[test]
fn reasoning_shows_its_last_lines_while_it_comes_and_folds_then() {
    let mut client = with_answer("An answer.");
    client.type_text("More?").keys("Enter");
    let (id, _) = client.asked();
    let begun = Response { partial: true, ..model("m2", "h2", "", 0) };
    client.arrive(id, vec![Piece::User(human("h2", "m", "More?", 1)), Piece::Started(begun)]);
    let lines: Vec<String> = (0..9).map(|number| format!("thought {number}")).collect();
    client.arrive(id, vec![Piece::Reasoning(lines.join("\n"))]);
    let screen = client.screen();
    assert!(screen.contains("▸ thinking… · 18 words"), "{screen}");
    assert!(screen.contains("thought 8") && !screen.contains("thought 5"), "{screen}");
    client.wait(12_500).arrive(id, vec![Piece::Text("So.".to_owned(), 1)]);
    let screen = client.screen();
    assert!(screen.contains("▸ thought for 12 s · 18 words"), "{screen}");
    assert!(!screen.contains("thought 8"), "{screen}");
    client.event(Event::AnswerEnded { id, error: None });
    client.keys("Esc w");
    let screen = client.screen();
    assert!(screen.contains("▾ thought for 12 s") && screen.contains("thought 0"), "{screen}");
    client.keys("w");
    assert!(!client.screen().contains("thought 0"));
}

#[test]
fn sources_are_a_folded_list() {
    let source = |name: &str| Source {
        url: format!("https://{name}.org"),
        title: name.to_owned(),
        kind: "web".to_owned(),
    };
    let sources = vec![source("one"), source("two")];
    let details = Details { query: "entropy".to_owned(), sources, ..Details::default() };
    let answer = model("m", "h", "An answer.", 50);
    let answer = Response { details: Some(Box::new(details)), ..answer };
    let mut client =
        Client::new(120, 40).opened("c", vec![human("h", "", "A question?", 60), answer]);
    client.keys("Esc");
    assert!(client.screen().contains("⌕ entropy") && client.screen().contains("▸ 2 sources"));
    client.keys("w");
    assert!(client.screen().contains("↗ two · https://two.org"));
    client.keys("k w");
    assert_eq!(client.notice(), crate::tui::words::chat::NOTHING_FOLDED);
}

/// Lets a search go on until it has ended.
fn finish_search(client: &mut Client) {
    while let Some(Effect::FindOn(number)) =
        client.effects().into_iter().find(|effect| matches!(effect, Effect::FindOn(_)))
    {
        client.event(Event::FindOn(number));
    }
}

fn long_talk() -> Client {
    let mut all = vec![human("r0", "", "Question 0: where is the Straße?", 9_000)];
    for turn in 1..60 {
        let (id, parent) = (format!("r{turn}"), format!("r{}", turn - 1));
        let (text, seconds) = (format!("Words of turn {turn}."), 9_000 - turn * 10);
        all.push(if turn % 2 == 0 {
            human(&id, &parent, &text, seconds)
        } else {
            model(&id, &parent, &text, seconds)
        });
    }
    let details = Details { reasoning: "The STRASSE again".to_owned(), ..Details::default() };
    let aside = model("s", "r0", "In another **strasse**.", 10);
    all.push(Response { details: Some(Box::new(details)), ..aside });
    let mut client = Client::new(100, 24).opened("c", all);
    client.state.sidebar = false;
    let slot = client.slot("r59");
    client.state.open.select(slot);
    client.keys("Esc");
    client.state.focus = crate::tui::state::Focus::Chat;
    client
}

#[test]
fn words_are_found_while_they_are_typed() {
    let mut client = long_talk();
    client.keys("g /").type_text("turn 3");
    finish_search(&mut client);
    assert!(client.screen().contains(" 1/11 "), "{}", client.screen());
    assert_eq!(client.state.open.selected(), Some(client.slot("r3")));
    client.type_text("5");
    finish_search(&mut client);
    assert!(client.screen().contains(" 1/1 ") && client.screen().contains("Words of turn 35."));
    assert_eq!(client.state.open.selected(), Some(client.slot("r35")));
    client.keys("Backspace Backspace Enter n n");
    finish_search(&mut client);
    assert_eq!(client.state.open.selected(), Some(client.slot("r3")), "from where one stood");
    client.keys("n N N N N");
    assert_eq!(client.state.open.selected(), Some(client.slot("r59")), "round at the ends");
    client.keys("Esc");
    assert!(client.state.open.find.is_none());
    assert_eq!(client.state.open.selected(), Some(client.slot("r59")), "one stays there");
}

#[test]
fn all_branches_are_looked_through_and_reasoning_opens() {
    let mut client = long_talk();
    client.keys("/").type_text("strasse");
    finish_search(&mut client);
    assert!(client.screen().contains(" 1/1 "), "{}", client.screen());
    client.keys("Tab Enter");
    finish_search(&mut client);
    assert!(client.screen().contains(" 2/3 "), "{}", client.screen());
    assert_eq!(client.state.open.leaf(), Some(client.slot("s")));
    assert!(client.screen().contains("The STRASSE again"), "{}", client.screen());
    client.keys("n");
    let screen = client.screen();
    assert!(screen.contains(" 3/3 ") && screen.contains("In another strasse."), "{screen}");
    client.keys("n");
    assert_eq!(client.state.open.selected(), Some(client.slot("r0")));
}

#[test]
fn a_search_that_is_left_leads_back_and_one_that_is_not_is_a_jump() {
    let mut client = long_talk();
    client.keys("Up Up");
    let here = client.state.open.selected();
    let before = client.screen();
    client.keys("/").type_text("strasse").keys("Tab");
    finish_search(&mut client);
    assert_ne!(client.state.open.selected(), here);
    client.keys("Esc");
    assert_eq!(client.state.open.selected(), here);
    assert_eq!(client.screen(), before);
    client.keys("n");
    assert!(
        client.notice().contains("asks for words"),
        "nothing was looked for: {}",
        client.notice()
    );

    client.keys("/").type_text("strasse").keys("Tab Enter");
    finish_search(&mut client);
    let found = client.state.open.selected();
    client.keys("Esc (");
    assert_eq!(client.state.open.selected(), here, "back to where one was");
    client.keys(")");
    assert_eq!(client.state.open.selected(), found);
    // The words are known still.
    client.keys("n");
    finish_search(&mut client);
    assert!(client.screen().contains("/3 "), "{}", client.screen());
}

#[test]
fn what_arrives_is_found_too() {
    let mut client = with_answer("An answer.");
    client.type_text("And?").keys("Enter");
    let (id, _) = client.asked();
    let partial = Response { partial: true, ..model("m2", "h2", "one word", 0) };
    client.arrive(id, vec![Piece::User(human("h2", "m", "And?", 1)), Piece::Started(partial)]);
    client.keys("BackTab /").type_text("word").keys("Enter");
    finish_search(&mut client);
    assert!(client.screen().contains(" 1/1 "), "{}", client.screen());
    client.arrive(id, vec![Piece::Text(" and a word".to_owned(), 3)]);
    client.keys("n");
    finish_search(&mut client);
    assert!(client.screen().contains(" 2/2 "), "{}", client.screen());
}

#[test]
fn remarks_say_where_an_answer_is_and_who_receives_it() {
    let question = || human("h", "", "A question?", 60);
    let partial = |text: &str| Response { partial: true, ..model("m", "h", text, 50) };
    let mut client = Client::new(120, 40).opened("c", vec![question(), partial("One")]);
    assert!(client.screen().contains("incomplete · c continues it"), "{}", client.screen());
    let again = |client: &mut Client, text: &str| {
        let responses = vec![question(), partial(text)];
        client.load(conversation("c", "About c", 5), responses, Place::default());
        client.screen()
    };
    assert!(again(&mut client, "One two").contains("another program is receiving it"));
    assert!(again(&mut client, "One two").contains("another program"), "nothing new is no end");
    let whole = vec![question(), model("m", "h", "One two.", 50)];
    client.load(conversation("c", "About c", 5), whole, Place::default());
    assert!(!client.screen().contains("another program"), "{}", client.screen());

    let beside = vec![question(), model("m", "h", "So.", 50), human("h2", "h", "Or else?", 40)];
    let mut client = Client::new(120, 40).opened("c", beside);
    assert!(client.screen().contains("answered in another branch"), "{}", client.screen());
}

#[test]
fn a_conversation_that_was_left_further_up_shows_what_was_selected() {
    let mut client = long_talk();
    client.keys("g");
    let place = client.state.open.place();
    let all: Vec<_> = client
        .state
        .open
        .forest
        .slots()
        .map(|s| client.state.open.forest.response(s).clone())
        .collect();
    client.keys("C-n");
    client.state.open.loading = ConversationId::parse("c");
    client.load(conversation("c", "About c", 5), all, place);
    let screen = client.screen();
    assert!(screen.contains("▌Question 0") && screen.contains("▌You"), "{screen}");
}

#[test]
fn a_count_beyond_the_siblings_goes_to_the_last_and_what_is_said_is_true() {
    let mut all = vec![human("h", "", "A question?", 60)];
    all.extend(["a", "b", "c"].map(|id| model(id, "h", id, 50)));
    let mut client = Client::new(120, 40).opened("c", all);
    client.keys("Esc g j [ [ 9 ]");
    assert_eq!(client.state.open.selected(), Some(client.slot("c")));
    client.keys("]");
    assert_eq!(client.notice(), "The last of 3; r samples another");
    client.keys("9 [");
    assert_eq!(client.state.open.selected(), Some(client.slot("a")));
    client.keys("g ]");
    assert_eq!(client.notice(), "The last of 1; e asks it in other words");
    // From the text field it is the key of the pane where it is one.
    client.keys("i F4").type_text("next sibling").keys("Enter");
    assert_eq!(client.notice(), "The last of 1; e asks it in other words");
}

#[test]
fn a_hit_over_two_rows_is_lit_in_both_and_the_current_one_stands_out() {
    let text = format!("{} split words and split words", "x ".repeat(54));
    let mut client = with_answer(&text);
    client.keys("Esc /").type_text("SPLIT WORDS").keys("Enter");
    finish_search(&mut client);
    let buffer = client.buffer();
    let lit: Vec<(u16, String)> = (0..buffer.area.height)
        .map(|y| {
            let cells = (0..buffer.area.width).map(|x| &buffer[(x, y)]);
            let lit = cells.filter(|cell| {
                cell.fg == Color::Yellow && cell.modifier.contains(ratatui::style::Modifier::BOLD)
            });
            (y, lit.map(ratatui::buffer::Cell::symbol).collect())
        })
        .filter(|(y, lit): &(u16, String)| *y > 1 && !lit.is_empty())
        .collect();
    let words: String = lit.iter().map(|(_, lit)| lit.as_str()).collect();
    assert_eq!(words, "split wordssplit words", "{lit:?}");
    assert_eq!(lit.len(), 2, "{lit:?}");
}

#[test]
fn a_search_in_a_large_message_goes_in_steps() {
    let mut client = with_answer(&format!("{}needle", "hay ".repeat(250_000)));
    client.effects();
    client.keys("Esc /").type_text("needle");
    let mut steps = 0;
    while let Some(Effect::FindOn(number)) = client.effects().pop() {
        client.event(Event::FindOn(number));
        steps += 1;
    }
    assert!(steps > 10, "{steps}");
    assert!(client.screen().contains("needle"), "{}", client.screen());
    client.keys("Enter C-n");
    assert_eq!(client.state.open.leaf(), None);
    client.event(Event::FindOn(client.state.finds));
}

#[test]
fn what_is_nowhere_is_said() {
    let mut client = with_answer("An answer.");
    client.keys("Esc n");
    assert!(client.notice().contains("/ asks for words"), "{}", client.notice());
    client.keys("/").type_text("zzz");
    assert!(client.notice().contains("nowhere"), "{}", client.notice());
    client.keys("Esc");
    assert!(client.state.prompt.is_none() && client.state.open.find.is_none());
}

/// The texts with the style of a role, row by row.
fn lit(client: &mut Client, role: Role) -> Vec<String> {
    let style = client.state.theme.style(role);
    let buffer = client.buffer();
    let rows = (2..buffer.area.height - 1).map(|y| {
        let cells = (0..buffer.area.width).map(|x| &buffer[(x, y)]);
        let lit = cells.filter(|cell| cell.style().patch(style) == cell.style());
        lit.map(ratatui::buffer::Cell::symbol).collect::<String>()
    });
    rows.filter(|row| !row.is_empty()).collect()
}

#[test]
fn words_in_cells_that_wrap_are_lit_where_they_are() {
    let table = "| left | right |\n|---|---|\n\
        | one two three four split words, eight nine split words | \
        ten eleven twelve thirteen fourteen fifteen split words, sixteen split words |";
    let responses = vec![human("h", "", "A question?", 60), model("m", "h", table, 50)];
    let mut client = Client::new(56, 24).opened("c", responses);
    client.keys("Esc g /").type_text("split words").keys("Enter");
    finish_search(&mut client);
    assert!(
        client.screen().contains("│▌words, eight nine split  │ thirteen"),
        "{}",
        client.screen()
    );
    for (count, current, others) in [
        ("1/4", vec!["split"], vec!["words", "split", "words", "split words", "split words"]),
        ("2/4", vec!["split"], vec!["split", "words", "words", "split words", "split words"]),
        ("3/4", vec!["split words"], vec!["split", "words", "split", "words", "split words"]),
        ("4/4", vec!["split words"], vec!["split", "words", "split", "words", "split words"]),
    ] {
        assert!(client.screen().contains(count), "{}", client.screen());
        assert_eq!(lit(&mut client, Role::CurrentHit), current, "{count}");
        let mut lit = lit(&mut client, Role::Hit).concat();
        for word in others {
            let at = lit.find(word).unwrap_or_else(|| panic!("{word:?} in {lit:?}, {count}"));
            lit.replace_range(at..at + word.len(), "");
        }
        assert_eq!(lit, "", "{count}");
        client.keys("n");
    }
}
