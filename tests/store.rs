//! The store as the service relies on it: nothing lost, nothing overwritten, whatever happens to
//! the program or the file.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use futures::future::join_all;
use grok_tui::forest::{
    Annotation, Candidate, Conversation, ConversationId, Details, Response, ResponseId, Sampling,
    Settings, Time, Token,
};
use grok_tui::store::{Error, Outcome, PageRequest, SqliteStore, Store};

#[path = "store/model.rs"]
mod model;

const PATIENCE: Duration = Duration::from_secs(60);

fn conversation(title: &str, time: i64) -> Conversation {
    Conversation {
        id: ConversationId::random(),
        title: title.into(),
        starred: false,
        create_time: Time(time),
        modify_time: Time(time),
        settings: Default::default(),
        response_count: 0,
    }
}

async fn with_conversation(store: &SqliteStore) -> ConversationId {
    let new = conversation("", 1);
    store.create_conversation(new.clone()).await.unwrap();
    new.id
}

fn human(text: &str, time: i64) -> Response {
    Response::human(ResponseId::random(), text, Time(time))
}

fn growing(parent: Option<&ResponseId>, time: i64) -> Response {
    let response = Response::model(ResponseId::random(), "", Time(time));
    Response { parent: parent.cloned(), partial: true, ..response }
}

fn token(text: &str) -> Token {
    let candidate = Candidate { token_id: 3, text: "other".into(), prob: 0.25 };
    Token { token_id: 7, text: text.into(), prob: Some(0.5), top_k: vec![candidate] }
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("data").join("grok.db")
}

fn unusable(result: Result<Vec<Response>, Error>) -> String {
    match result {
        Err(Error::Unusable(words)) => words,
        other => panic!("{other:?}"),
    }
}

/// What the first call says of a file.
async fn complaint(path: &Path) -> String {
    let store = SqliteStore::open(path);
    unusable(store.responses(&ConversationId::random()).await)
}

#[tokio::test]
async fn everything_comes_back_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let details = Details {
        sampling: Sampling { seed: Some(u64::MAX), temperature: Some(0.7), ..Default::default() },
        reasoning: "because".into(),
        finish_reason: "stop".into(),
        ..Details::default()
    };
    let question = Response {
        edited_from: ResponseId::parse("lost \u{0} and odd"),
        details: Some(Box::new(details.clone())),
        ..human("text with \0 NUL, \u{200f} marks, 👩‍👩‍👧 and \u{feff}", 5)
    };
    let begun = Response { model: "a/b".into(), ..growing(Some(&question.id), 6) };
    let store = SqliteStore::open(&path);
    let id = with_conversation(&store).await;
    store.add(&id, question.clone()).await.unwrap();
    store.add(&id, begun.clone()).await.unwrap();
    for text in ["so ", "it ", "\0ends"] {
        store.append(&id, &begun.id, text.into(), vec![token(text)]).await.unwrap();
    }
    let outcome = Outcome { partial: false, details: details.clone() };
    let stored = store.finish(&id, &begun.id, outcome).await.unwrap();
    let expected = Response {
        message: "so it \0ends".into(),
        partial: false,
        details: Some(Box::new(details)),
        ..begun.clone()
    };
    assert_eq!(stored, expected);
    drop(store);
    let store = SqliteStore::open(&path);
    assert_eq!(store.responses(&id).await.unwrap(), [question.clone(), expected.clone()]);
    assert_eq!(store.response(&id, &begun.id).await.unwrap(), expected);
    assert_eq!(store.path(&id, &begun.id).await.unwrap(), [question, expected]);
    let tokens = store.tokens(&id, &begun.id).await.unwrap();
    assert_eq!(tokens, [token("so "), token("it "), token("\0ends")]);
    let known = store.conversation(&id).await.unwrap();
    assert_eq!((known.response_count, known.modify_time), (2, Time(6)));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let store = SqliteStore::open(&path);
    with_conversation(&store).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_file_name("grok.db-wal")), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn a_growing_answer_is_read_with_all_that_has_arrived() {
    let store = SqliteStore::in_memory();
    let id = with_conversation(&store).await;
    let begun = Response { message: "It ".into(), ..growing(None, 1) };
    store.add(&id, begun.clone()).await.unwrap();
    store.append(&id, &begun.id, "grows".into(), vec![token("grows")]).await.unwrap();
    store.append(&id, &begun.id, " on".into(), Vec::new()).await.unwrap();
    let seen = store.response(&id, &begun.id).await.unwrap();
    assert_eq!((seen.message.as_str(), seen.partial), ("It grows on", true));
    assert_eq!(store.tokens(&id, &begun.id).await.unwrap(), [token("grows")]);
    let broken = Outcome { partial: true, details: Details::default() };
    store.finish(&id, &begun.id, broken).await.unwrap();
    store.append(&id, &begun.id, "!".into(), vec![token("!")]).await.unwrap();
    let whole = Outcome { partial: false, details: Details::default() };
    let stored = store.finish(&id, &begun.id, whole.clone()).await.unwrap();
    assert_eq!(stored.message, "It grows on!");
    assert_eq!(store.tokens(&id, &begun.id).await.unwrap(), [token("grows"), token("!")]);
    // Complete: nothing changes it any more.
    assert!(store.append(&id, &begun.id, "?".into(), Vec::new()).await.is_err());
    assert!(store.finish(&id, &begun.id, whole).await.is_err());
    assert_eq!(store.response(&id, &begun.id).await.unwrap(), stored);
}

/// A conversation as it is read part by part.
async fn read(store: &SqliteStore, id: &ConversationId) -> (Conversation, Vec<Response>) {
    let mut reading = store.read(id).await.unwrap();
    let mut responses = Vec::new();
    while let Some(part) = reading.responses.recv().await {
        responses.extend(part.unwrap());
    }
    (reading.conversation, responses)
}

#[tokio::test]
async fn a_conversation_that_is_read_in_parts_holds_nobody_up_and_stays_as_it_was() {
    let store = SqliteStore::in_memory();
    let id = with_conversation(&store).await;
    for n in 0..1000 {
        store.add(&id, human(&n.to_string(), n)).await.unwrap();
    }
    let before = store.responses(&id).await.unwrap();
    let mut reading = store.read(&id).await.unwrap();
    // Nobody takes the parts, and others read and write all the same.
    store.add(&id, human("later", 1000)).await.unwrap();
    assert_eq!(store.responses(&id).await.unwrap().len(), 1001);
    drop(store.read(&id).await.unwrap());
    let mut parts = Vec::new();
    while let Some(part) = reading.responses.recv().await {
        parts.push(part.unwrap());
    }
    assert!(parts.len() > 3, "{}", parts.len());
    assert_eq!(parts.concat(), before);
    assert_eq!(reading.conversation.response_count, 1000);
}

#[tokio::test]
async fn a_parent_may_come_after_its_child_or_never() {
    let store = SqliteStore::in_memory();
    let id = with_conversation(&store).await;
    let parent = human("parent", 1);
    let child = Response { parent: Some(parent.id.clone()), ..human("child", 2) };
    store.add(&id, child.clone()).await.unwrap();
    assert_eq!(store.responses(&id).await.unwrap(), std::slice::from_ref(&child));
    assert_eq!(store.path(&id, &child.id).await.unwrap(), std::slice::from_ref(&child));
    store.add(&id, parent.clone()).await.unwrap();
    assert_eq!(store.path(&id, &child.id).await.unwrap(), [parent.clone(), child.clone()]);
    assert_eq!(store.responses(&id).await.unwrap(), [parent.clone(), child.clone()]);
    assert_eq!(read(&store, &id).await.1, [child, parent.clone()]);
    let twice = store.add(&id, parent).await.unwrap_err();
    assert!(matches!(twice, Error::Exists(_)), "{twice:?}");
}

#[tokio::test]
async fn a_circle_of_parents_ends_the_path() {
    let store = SqliteStore::in_memory();
    let id = with_conversation(&store).await;
    let (mut a, mut b) = (human("a", 1), human("b", 2));
    (a.parent, b.parent) = (Some(b.id.clone()), Some(a.id.clone()));
    store.add(&id, a.clone()).await.unwrap();
    store.add(&id, b.clone()).await.unwrap();
    assert_eq!(store.path(&id, &a.id).await.unwrap().len(), 2);
    store.share(&id, &b.id).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing() {
    let store = SqliteStore::in_memory();
    let id = with_conversation(&store).await;
    let (nowhere, nobody) = (ConversationId::random(), ResponseId::random());
    let missing = store.responses(&nowhere).await.unwrap_err();
    assert!(matches!(missing, Error::NoConversation(ref c) if *c == nowhere));
    let missing = store.response(&id, &nobody).await.unwrap_err();
    assert!(matches!(missing, Error::NoResponse { ref response, .. } if *response == nobody));
    assert!(matches!(store.path(&id, &nobody).await, Err(Error::NoResponse { .. })));
    assert!(matches!(store.tokens(&id, &nobody).await, Err(Error::NoResponse { .. })));
    assert!(matches!(store.share(&id, &nobody).await, Err(Error::NoResponse { .. })));
    let text = String::from("x");
    let grown = store.append(&id, &nobody, text, Vec::new()).await;
    assert!(matches!(grown, Err(Error::NoResponse { .. })));
    let bad = PageRequest { size: None, token: Some("1.2".into()) };
    assert!(matches!(store.list(bad).await, Err(Error::BadPageToken)));
}

#[tokio::test]
async fn two_programs_work_on_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    // Both find the file missing and make it.
    let stores = [SqliteStore::open(&path), SqliteStore::open(&path)];
    let made = join_all(stores.iter().map(with_conversation)).await;
    for store in &stores {
        assert_eq!(store.list(PageRequest::default()).await.unwrap().conversations.len(), 2);
    }
    let id = &made[0];
    let mut changes = stores[1].changes();
    let adds = (0..50).flat_map(|n| stores.iter().map(move |s| s.add(id, human("x", n))));
    for added in join_all(adds).await {
        added.unwrap();
    }
    assert_eq!(stores[0].responses(id).await.unwrap().len(), 100);
    assert_eq!(stores[1].conversation(id).await.unwrap().response_count, 100);
    let noticed = async { while changes.recv().await.unwrap().is_some() {} };
    tokio::time::timeout(PATIENCE, noticed).await.expect("the other's changes are noticed");
}

#[tokio::test]
async fn own_changes_are_told_by_name_and_growth_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(file(&folder));
    let mut changes = store.changes();
    let id = with_conversation(&store).await;
    let begun = growing(None, 1);
    store.add(&id, begun.clone()).await.unwrap();
    store.append(&id, &begun.id, "x".into(), Vec::new()).await.unwrap();
    store.delete(&id, Time(2)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(changes.recv().await.unwrap(), Some(id.clone()));
    }
    assert!(changes.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_answers_grow_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(file(&folder));
    let id = with_conversation(&store).await;
    let all = (0..1000).map(|n| {
        let (store, id) = (&store, &id);
        async move {
            let begun = growing(None, n);
            store.add(id, begun.clone()).await?;
            for _ in 0..3 {
                store.append(id, &begun.id, "ab".into(), vec![token("ab")]).await?;
            }
            let whole = Outcome { partial: false, details: Details::default() };
            store.finish(id, &begun.id, whole).await
        }
    });
    for finished in join_all(all).await {
        assert_eq!(finished.unwrap().message, "ababab");
    }
    assert_eq!(store.conversation(&id).await.unwrap().response_count, 1000);
}

#[tokio::test]
async fn a_failing_change_does_not_spoil_those_beside_it() {
    let store = SqliteStore::in_memory();
    let id = with_conversation(&store).await;
    let nowhere = ConversationId::random();
    let adds = (0..20).map(|n| store.add(if n % 2 == 0 { &id } else { &nowhere }, human("x", n)));
    let results = join_all(adds).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10);
    assert_eq!(store.responses(&id).await.unwrap().len(), 10);
}

#[tokio::test]
async fn a_message_of_a_hundred_megabytes_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(file(&folder));
    let id = with_conversation(&store).await;
    let long = human(&"All work and no play. ".repeat(5_000_000), 1);
    store.add(&id, long.clone()).await.unwrap();
    assert!(store.response(&id, &long.id).await.unwrap() == long);
}

async fn found(store: &SqliteStore, query: &str) -> Vec<String> {
    let page = store.search(query, PageRequest::default()).await.unwrap();
    page.conversations.into_iter().map(|found| found.title).collect()
}

#[tokio::test]
async fn search_finds_titles_and_messages() {
    let store = SqliteStore::in_memory();
    let mut ids = Vec::new();
    for (title, text) in [
        ("Kernel debugging", "the scheduler sleeps"),
        ("Entropy probe", "Why does Entropie grow? -> see C++"),
        ("Trip to Oslo", "热力学第二定律 and naïve entropy"),
    ] {
        let new = conversation(title, 1);
        store.create_conversation(new.clone()).await.unwrap();
        store.add(&new.id, human(text, 2)).await.unwrap();
        ids.push(new.id);
    }
    assert_eq!(found(&store, "entropy").await, ["Entropy probe", "Trip to Oslo"]);
    assert_eq!(found(&store, "ENTROP").await, ["Entropy probe", "Trip to Oslo"]);
    assert_eq!(found(&store, "scheduler sleeps").await, ["Kernel debugging"]);
    assert_eq!(found(&store, "sleeps scheduler").await, ["Kernel debugging"]);
    assert_eq!(found(&store, "\"sleeps scheduler\"").await, Vec::<String>::new());
    assert_eq!(found(&store, "naive").await, ["Trip to Oslo"]);
    assert_eq!(found(&store, "第二").await, ["Trip to Oslo"]);
    assert_eq!(found(&store, "->").await, ["Entropy probe"]);
    assert_eq!(found(&store, "%").await, Vec::<String>::new());
    assert_eq!(found(&store, "  ").await, Vec::<String>::new());

    let page = PageRequest { size: Some(1), token: None };
    let first = store.search("entropy", page).await.unwrap();
    assert_eq!(first.conversations.len(), 1);
    let page = PageRequest { size: Some(1), token: first.next };
    let second = store.search("entropy", page).await.unwrap();
    assert_eq!((second.conversations[0].title.as_str(), second.next), ("Trip to Oslo", None));

    store.update(&ids[0], Some("Renamed"), Some(false), Time(3)).await.unwrap();
    assert_eq!(found(&store, "kernel").await, Vec::<String>::new());
    assert_eq!(found(&store, "renamed").await, ["Renamed"]);
    store.delete(&ids[2], Time(4)).await.unwrap();
    assert_eq!(found(&store, "entropy").await, ["Entropy probe"]);
    store.restore(&ids[2]).await.unwrap();
    assert_eq!(found(&store, "entropy").await.len(), 2);
}

#[tokio::test]
async fn an_answer_is_found_once_it_has_ended() {
    let store = SqliteStore::in_memory();
    let new = conversation("t", 1);
    store.create_conversation(new.clone()).await.unwrap();
    let begun = growing(None, 1);
    store.add(&new.id, begun.clone()).await.unwrap();
    store.append(&new.id, &begun.id, "hidden trea".into(), Vec::new()).await.unwrap();
    store.append(&new.id, &begun.id, "sure".into(), Vec::new()).await.unwrap();
    let broken = Outcome { partial: true, details: Details::default() };
    store.finish(&new.id, &begun.id, broken).await.unwrap();
    assert_eq!(found(&store, "\"hidden treasure\"").await, ["t"]);
}

/// Of an answer that a killed program was receiving there are only pieces.
#[tokio::test]
async fn what_a_killed_program_had_received_is_found_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let new = conversation("t", 1);
    let begun = growing(None, 2);
    let killed = SqliteStore::open(&path);
    killed.create_conversation(new.clone()).await.unwrap();
    killed.begin(&new.id, begun.clone(), "hidden ".into(), vec![token("hidden ")]).await.unwrap();
    killed.append(&new.id, &begun.id, "trea".into(), vec![token("trea")]).await.unwrap();
    killed.append(&new.id, &begun.id, "sure".into(), vec![token("sure")]).await.unwrap();

    let next = SqliteStore::open(&path);
    assert_eq!(found(&next, "\"hidden treasure\"").await, ["t"]);
    // Had it not been killed, it could go on.
    killed.append(&new.id, &begun.id, " island".into(), vec![token(" island")]).await.unwrap();
    let later = SqliteStore::open(&path);
    assert_eq!(found(&later, "\"treasure island\"").await, ["t"]);
    assert_eq!(found(&SqliteStore::open(&path), "\"treasure island\"").await, ["t"]);
    for store in [&killed, &next, &later] {
        let kept = store.response(&new.id, &begun.id).await.unwrap();
        assert_eq!((kept.message.as_str(), kept.partial), ("hidden treasure island", true));
        let tokens = store.tokens(&new.id, &begun.id).await.unwrap();
        assert_eq!(tokens, ["hidden ", "trea", "sure", " island"].map(token));
    }
    let whole = Outcome { partial: false, details: Details::default() };
    let ended = killed.finish(&new.id, &begun.id, whole).await.unwrap();
    assert_eq!(ended.message, "hidden treasure island");
    assert_eq!(killed.tokens(&new.id, &begun.id).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_damaged_file_is_kept_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grok.db");
    let rubbish = b"this is no database at all, but somebody's precious notes\n".repeat(100);
    std::fs::write(&path, &rubbish).unwrap();
    let words = complaint(&path).await;
    assert!(words.contains("kept untouched") && words.contains("grok.db"), "{words}");
    assert_eq!(std::fs::read(&path).unwrap(), rubbish);
}

#[tokio::test]
async fn a_page_that_was_damaged_is_an_error_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let store = SqliteStore::open(&path);
    let id = with_conversation(&store).await;
    for n in 0..50 {
        store.add(&id, human(&"text ".repeat(100), n)).await.unwrap();
    }
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let store = SqliteStore::open(&path);
    let words = unusable(store.responses(&id).await);
    assert!(words.contains("damaged"), "{words}");
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_conversation(&SqliteStore::open(&path)).await;
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    let words = complaint(&path).await;
    assert!(words.contains("newer version") && words.contains("update"), "{words}");
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
    let words = complaint(&path).await;
    assert!(words.contains("another program"), "{words}");
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data"), "a file").unwrap();
    let words = complaint(&file(&folder)).await;
    assert!(words.contains("data") && words.contains("--data-dir"), "{words}");
}

#[tokio::test]
async fn what_could_not_be_opened_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let obstacle = folder.path().join("data");
    std::fs::write(&obstacle, "a file").unwrap();
    let store = SqliteStore::open(file(&folder));
    unusable(store.responses(&ConversationId::random()).await);
    std::fs::remove_file(&obstacle).unwrap();
    let id = with_conversation(&store).await;
    assert_eq!(store.responses(&id).await.unwrap(), []);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_may_not_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_conversation(&SqliteStore::open(&path)).await;
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(&path, 0o400);
    set(path.parent().unwrap(), 0o500);
    // Some users may write everywhere; then there is nothing to see here.
    let privileged = std::fs::OpenOptions::new().append(true).open(&path).is_ok();
    let store = SqliteStore::open(&path);
    let result = store.create_conversation(conversation("", 1)).await;
    set(path.parent().unwrap(), 0o700);
    match result {
        Ok(()) => assert!(privileged),
        Err(Error::Unusable(words)) => assert!(words.contains("writable"), "{words}"),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lock_held_by_another_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let store = SqliteStore::open(&path);
    let id = with_conversation(&store).await;
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.add(&id, human("x", 1)).await.unwrap_err().to_string();
    assert!(error.contains("locked"), "{error}");
    // Reading goes on meanwhile, and so does writing afterwards.
    assert_eq!(store.responses(&id).await.unwrap(), []);
    connection.execute_batch("ROLLBACK").unwrap();
    store.add(&id, human("x", 1)).await.unwrap();
}

/// A file system of a few megabytes is not at hand in a test; a limit on the file's size gives
/// SQLite the same answer.
#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_stored() {
    const FILE: &str = "GROK_TUI_TEST_FULL_DISK";
    if let Ok(path) = std::env::var(FILE) {
        return fill(Path::new(&path)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    with_conversation(&SqliteStore::open(&path)).await;
    let myself = std::env::current_exe().unwrap();
    // Blocks of 512 or 1024 bytes, as the shell has it: one to two megabytes.
    let script = "ulimit -f 2048 && trap '' XFSZ && exec \"$0\" --exact \
                  a_full_disk_loses_nothing_that_was_stored --nocapture";
    let run = Command::new("sh").arg("-c").arg(script).arg(myself).env(FILE, &path).output();
    let run = run.unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let store = SqliteStore::open(&path);
    let all = store.list(PageRequest::default()).await.unwrap().conversations;
    let full = all.iter().find(|conversation| conversation.title == "full").unwrap();
    let kept = store.responses(&full.id).await.unwrap();
    assert!(!kept.is_empty());
    assert_eq!(kept.len() as u64, full.response_count);
    assert!(kept.iter().all(|response| response.message.len() == 100_000));
}

async fn fill(path: &Path) {
    let store = SqliteStore::open(path);
    let new = conversation("full", 1);
    store.create_conversation(new.clone()).await.unwrap();
    let mut stored = 0;
    let error = loop {
        match store.add(&new.id, human(&"x".repeat(100_000), stored)).await {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 100, "the disk is never full");
    };
    assert!(matches!(&error, Error::Unusable(_)), "{error:?}");
    assert_eq!(store.responses(&new.id).await.unwrap().len() as i64, stored);
}

/// The program dies in the middle of many growing answers; what was acknowledged is there.
#[tokio::test]
async fn a_killed_program_loses_nothing_that_was_stored() {
    const FILE: &str = "GROK_TUI_TEST_KILLED";
    if let Ok(path) = std::env::var(FILE) {
        return grow_for_ever(Path::new(&path)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_killed_program_loses_nothing_that_was_stored", "--nocapture"])
            .env(FILE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = 20 + round * 17;
        let acknowledged = acknowledged(&mut child, lines);
        assert_eq!(acknowledged.len(), lines, "the program ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        let store = SqliteStore::open(&path);
        for (conversation, response, pieces) in acknowledged {
            let (id, response) =
                (ConversationId::parse(&conversation).unwrap(), ResponseId::parse(&response));
            let seen = store.response(&id, &response.unwrap()).await.unwrap();
            assert!(seen.partial);
            let expected: String = (0..=pieces).map(|n| format!("piece {n} ")).collect();
            assert!(seen.message.starts_with(&expected), "{} {}", seen.message, pieces);
            let tokens = store.tokens(&id, &seen.id).await.unwrap();
            assert_eq!(tokens.iter().map(|t| t.text.as_str()).collect::<String>(), seen.message);
        }
    }
}

/// Reads `lines` acknowledgements: conversation, response, number of the last piece.
fn acknowledged(child: &mut std::process::Child, lines: usize) -> Vec<(String, String, usize)> {
    use std::io::BufRead;
    let output = std::io::BufReader::new(child.stdout.take().unwrap());
    let stored = output.lines().map_while(Result::ok).filter_map(|line| {
        let mut words = line.strip_prefix("stored ")?.split(' ');
        Some((words.next()?.to_owned(), words.next()?.to_owned(), words.next()?.parse().ok()?))
    });
    stored.take(lines).collect()
}

async fn grow_for_ever(path: &Path) {
    let store = SqliteStore::open(path);
    let id = with_conversation(&store).await;
    let grow = |number| {
        let (store, id) = (&store, &id);
        async move {
            let begun = growing(None, number);
            store.add(id, begun.clone()).await.unwrap();
            for piece in 0.. {
                let text = format!("piece {piece} ");
                store.append(id, &begun.id, text.clone(), vec![token(&text)]).await.unwrap();
                println!("stored {id} {} {piece}", begun.id);
            }
        }
    };
    join_all((0..5).map(grow)).await;
}

#[tokio::test]
async fn settings_and_system_prompts_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.db");
    let new = conversation("c", 1);
    let id = new.id.clone();
    let sampling = Sampling { seed: Some(u64::MAX), search: Some(true), ..Sampling::default() };
    let model = "a/b".to_owned();
    let settings = Settings { system_prompt_name: "fun".to_owned(), model, sampling };
    {
        let store = SqliteStore::open(&file);
        store.create_conversation(new).await.unwrap();
        let set = store.set_settings(&id, settings.clone()).await.unwrap();
        assert_eq!(set.settings, settings);
        store.keep_system_prompt("fun@1", "be funny").await.unwrap();
        store.keep_system_prompt("fun@1", "never mind").await.unwrap();
    }
    let store = SqliteStore::open(&file);
    assert_eq!(store.conversation(&id).await.unwrap().settings, settings);
    let listed = store.list(PageRequest::default()).await.unwrap();
    assert_eq!(listed.conversations[0].settings, settings);
    let kept = store.system_prompt("fun@1").await.unwrap();
    assert_eq!(kept.as_deref(), Some("be funny"));
    assert_eq!(store.system_prompt("fun@2").await.unwrap(), None);
}

#[tokio::test]
async fn annotations_stand_beside_responses_and_change_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let store = SqliteStore::open(&path);
    let id = with_conversation(&store).await;
    let other = with_conversation(&store).await;
    let said = human("a question", 5);
    store.add(&id, said.clone()).await.unwrap();
    store.add(&other, human("another", 6)).await.unwrap();
    let annotation = Annotation {
        starred: true,
        label: "熱力学 \u{202e}".to_owned(),
        note: "two\nlines".to_owned(),
        archived: true,
    };
    let mut changes = store.changes();
    let annotated = store.annotate(&id, &said.id, annotation.clone()).await.unwrap();
    assert_eq!(annotated, said);
    let told = tokio::time::timeout(PATIENCE, changes.recv()).await.unwrap().unwrap();
    assert_eq!(told, Some(id.clone()));
    let modified = store.conversation(&id).await.unwrap().modify_time;
    drop(store);

    let store = SqliteStore::open(&path);
    assert_eq!(store.read(&id).await.unwrap().annotations, [(said.id.clone(), annotation)]);
    assert_eq!(store.read(&other).await.unwrap().annotations, []);
    assert_eq!(store.responses(&id).await.unwrap(), std::slice::from_ref(&said));
    assert_eq!(store.conversation(&id).await.unwrap().modify_time, modified);
    store.annotate(&id, &said.id, Annotation::default()).await.unwrap();
    assert_eq!(store.read(&id).await.unwrap().annotations, []);

    // One that is elsewhere, or nowhere, is not annotated.
    let elsewhere = store.annotate(&other, &said.id, Annotation::default()).await;
    assert!(matches!(elsewhere, Err(Error::NoResponse { .. })), "{elsewhere:?}");
    store.delete(&id, Time(9)).await.unwrap();
    let gone = store.annotate(&id, &said.id, Annotation::default()).await;
    assert!(matches!(gone, Err(Error::NoConversation(_))), "{gone:?}");
}
