//! `list`, `show`, `search` and what changes a conversation.

use crate::home::Home;

#[test]
fn stars_names_and_the_trash() {
    let home = Home::new();
    let [first, ..] = home.asked("Kernel debugging");
    home.asked("Trip to Oslo");
    assert_eq!(home.run(["star", "kernel"]).code, 0);
    assert_eq!(home.run(["rename", "trip to oslo", "A", "trip"]).code, 0);
    let listed = home.json(["list", "--json"]);
    assert_eq!(listed["conversations"][0]["conversation_id"], *first);
    assert_eq!(listed["conversations"][0]["starred"], true);
    assert_eq!(listed["conversations"][0]["title"], "Kernel debugging");
    assert_eq!(listed["conversations"][1]["title"], "A trip");
    let rows = home.ok(["list"]);
    let rows: Vec<_> = rows.lines().collect();
    assert!(rows[0].starts_with(&format!("★ {first}  ")), "{rows:?}");
    assert!(rows[0].ends_with("    2  Kernel debugging"), "{rows:?}");
    assert!(rows[1].starts_with("  ") && rows[1].ends_with("A trip"), "{rows:?}");
    let starred = home.json(["list", "--starred", "--json"]);
    assert_eq!(starred["conversations"].as_array().unwrap().len(), 1);
    assert_eq!(home.run(["unstar", &first]).code, 0);
    assert_eq!(home.ok(["list", "--starred"]), "");

    let part = home.run(["delete", "kernel"]);
    assert!(part.code == 1 && part.err.contains(&format!("{first}  Kernel debugging")), "{part:?}");
    assert_eq!(home.ok(["list"]).lines().count(), 2);
    let deleted = home.run(["delete", "kernel debugging"]);
    assert_eq!((deleted.code, deleted.out.as_str()), (0, ""));
    assert!(deleted.err.contains(&format!("grok-tui restore {first}")), "{deleted:?}");
    assert_eq!(home.ok(["list"]).lines().count(), 1);
    assert_eq!(home.run(["show", "kernel"]).code, 1);
    let nothing = home.run(["restore", "oslo"]);
    assert!(nothing.code == 1 && nothing.err.contains("Kernel debugging"), "{nothing:?}");
    assert_eq!(home.run(["restore", "kernel"]).code, 0);
    assert!(home.ok(["show", "kernel"]).contains("Kernel debugging"));
    assert!(home.run(["restore", "kernel"]).err.contains("the trash is empty"));
}

#[test]
fn titles_are_made_and_printed() {
    let home = Home::new();
    let [id, ..] = home.asked("Why does entropy increase?");
    home.ok(["rename", &id, "something else"]);
    let title = home.ok(["title", &id]);
    assert!(title.starts_with("Why does entropy"), "{title}");
    assert_eq!(home.json(["show", &id, "--json"])["title"], title.trim_end());
}

#[test]
fn a_conversation_is_found_by_what_was_said() {
    let home = Home::new();
    let [id, ..] = home.asked("Is a quokka a marsupial?");
    home.asked("Something else");
    home.ok(["rename", &id, "Animals"]);
    let found = home.json(["search", "quokka", "--json"]);
    assert_eq!(found["conversations"].as_array().unwrap().len(), 1);
    assert_eq!(found["conversations"][0]["conversation_id"], *id);
    assert!(home.ok(["search", "marsupial"]).ends_with("Animals\n"));
    assert_eq!(home.ok(["search", "xylophone-of-doom"]), "");
}

#[test]
fn names_that_fit_none_or_several_are_errors() {
    let home = Home::new();
    let [first, ..] = home.asked("Entropy");
    let [second, ..] = home.asked("Entropy again");
    assert!(home.ok(["show", "Entropy"]).contains(&first), "a whole title wins");
    let several = home.run(["show", "entrop"]);
    assert_eq!((several.code, several.out.as_str()), (1, ""));
    assert!(several.err.contains(&first) && several.err.contains(&second), "{several:?}");
    let none = home.run(["delete", "nothing like it"]);
    assert_eq!((none.code, none.out.as_str()), (1, ""));
    assert!(none.err.starts_with("error: ") && none.err.contains("grok-tui list"), "{none:?}");
    assert_eq!(home.run(["show"]).code, 2);
    assert_eq!(home.ok(["list"]).lines().count(), 2);
}

#[test]
fn a_long_question_names_the_conversation_that_it_began() {
    let home = Home::new();
    let question =
        "Why does the entropy of a closed system never decrease, whatever is done within it?";
    let [id, ..] = home.asked(question);
    home.asked("Why does the entropy matter?");
    assert!(home.ok(["list"]).contains('…'));
    assert!(home.ok(["show", question]).contains(&id));
    let several = home.run(["show", "why does the entropy"]);
    assert!(several.code == 1 && several.err.contains("any of 2 conversations"), "{several:?}");
}

#[test]
fn show_prints_a_path_a_tree_or_everything() {
    let home = Home::new();
    let [id, question, first] = home.asked("Which way?");
    let again = home.events(["ask", "--json", "-c", &id, "--parent", &question, "--seed", "2", ""]);
    let second = again.last().unwrap()["model_response"].clone();
    let second_id = second["response_id"].as_str().unwrap();
    home.ok(["ask", "-c", &id, "--parent", second_id, "This way."]);

    let path = home.ok(["show", &id]);
    assert!(path.contains("Which way?") && path.contains("This way."), "{path}");
    assert!(path.contains(second_id) && !path.contains(&first), "{path}");
    let other = home.ok(["show", &id, "--path", &first]);
    assert!(other.contains(&first) && !other.contains("This way."), "{other}");
    assert!(other.contains("Grok 1/2 · offline/ngram"), "{other}");
    assert_eq!(home.ok(["show", &id, &first]), other, "as share takes it");

    let tree = home.ok(["show", &id, "--tree"]);
    let rows: Vec<_> = tree.lines().skip(2).collect();
    assert_eq!(rows.len(), 5, "{tree}");
    assert!(rows[0].starts_with(&format!("{question} H  Which way?")), "{tree}");
    assert!(rows[1].starts_with(&format!("{second_id} M 2/2  ")), "{tree}");
    assert!(rows[2].starts_with(&format!("  {first} M 1/2  ")), "the alternate: {tree}");
    assert!(rows[3].contains(" H  This way.") && !rows[3].starts_with(' '), "{tree}");

    let all = home.json(["show", &id, "--json"]);
    assert_eq!(all["responses"].as_array().unwrap().len(), 5);
    assert_eq!(all["conversation_id"], *id);
    let some = home.json(["show", &id, "--path", &first, "--json"]);
    assert_eq!(some["responses"].as_array().unwrap().len(), 2);
    assert_eq!(home.run(["show", &id, "--tree", "--path", &first]).code, 2);
    assert_eq!(home.run(["show", &id, &first, "--path", &first]).code, 2);
}

#[test]
fn a_path_is_shared_as_a_file_and_taken_back() {
    let home = Home::new();
    let [id, _, answer] = home.asked("What is <b>entropy</b>?");
    let file = home.ok(["share", &id]);
    let file = std::path::PathBuf::from(file.trim());
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(
        page.contains("What is &lt;b&gt;entropy&lt;/b&gt;?") && !page.contains("<script"),
        "{page}"
    );
    let again = home.json(["share", &id, &answer, "--json"]);
    assert_eq!(again["url"].as_str().unwrap(), file.to_str().unwrap());
    // In the trash it is not public.
    home.ok(["delete", &id]);
    assert!(!file.exists());
    home.ok(["restore", &id]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), page);
    let gone = home.json(["unshare", &id, "--json"]);
    assert_eq!(gone["shared_ids"][0], again["shared_id"]);
    assert!(!file.exists());
    let none = home.run(["unshare", &id]);
    assert!(none.code == 0 && none.err.contains("nothing of it was shared"), "{none:?}");
}
