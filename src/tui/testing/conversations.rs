//! The list: opening, naming, starring, deleting, finding, and what other programs do to it.

use super::*;
use crate::tui::state::Focus;

fn three() -> Client {
    let mut client = Client::new(120, 40).opened("c", vec![human("h", "", "A question?", 60)]);
    client.list(vec![
        conversation("c", "About c", 5),
        conversation("d", "About d", 10),
        conversation("e", "About e", 15),
    ]);
    client.effects();
    client
}

#[test]
fn a_star_is_set_and_the_conversation_moves_up() {
    let mut client = three();
    client.keys("Tab j s");
    let id = conversation_id("d");
    let star = Effect::Update { id, title: "About d".to_owned(), starred: true };
    assert_eq!(client.effects(), [star]);
    let starred = Conversation { starred: true, ..conversation("d", "About d", 10) };
    client.event(Event::Updated(starred));
    assert_eq!(client.state.list.conversations[0].title, "About d");
    assert_eq!(client.state.list.at_cursor().unwrap().title, "About d");
    assert!(client.screen().contains("★ About d"));
}

#[test]
fn a_title_is_asked_for_and_can_be_left_as_it_was() {
    let mut client = three();
    client.keys("Tab T");
    assert!(client.screen().contains("Title of the conversation"));
    client.keys("C-u").type_text("Another").keys("Esc");
    assert_eq!((client.effects(), client.state.focus), (Vec::new(), Focus::List));
    client.keys("T C-u").type_text("Another").keys("Enter");
    let id = conversation_id("c");
    let named = Effect::Update { id, title: "Another".to_owned(), starred: false };
    assert_eq!(client.effects(), [named]);
}

#[test]
fn a_deleted_conversation_comes_back() {
    let mut client = three();
    client.keys("Tab D");
    assert_eq!(
        client.effects(),
        [Effect::Delete { id: conversation_id("c"), title: "About c".to_owned() }]
    );
    client.event(deleted());
    assert_eq!(client.notice(), "Deleted “About c”; u brings it back");
    assert_eq!((client.state.open.id(), client.state.list.conversations.len()), (None, 2));
    client.effects();
    client.keys("u");
    assert_eq!(client.effects(), [Effect::Restore(Some(conversation_id("c")))]);
    client.event(Event::Restored(conversation("c", "About c", 5)));
    assert_eq!(client.effects(), [Effect::Open(conversation_id("c"))]);
    client.load(conversation("c", "About c", 5), Vec::new(), Place::default());
    assert_eq!(client.state.focus, Focus::List, "whoever goes through the list goes on there");
    client.effects();
    client.keys("u");
    assert_eq!(client.effects(), [Effect::Restore(None)], "then the one deleted before");
}

#[test]
fn a_list_that_was_renewed_before_leaves_the_words_on_a_deletion_as_they_are() {
    let mut client = three();
    client.list(vec![conversation("d", "About d", 10)]);
    client.event(deleted());
    assert_eq!(client.notice(), "Deleted “About c”; u brings it back");
}

#[test]
fn the_words_on_a_deletion_outlast_the_look_for_changes() {
    let mut client = three();
    client.event(Event::Changed(Some(conversation_id("c"))));
    client.event(deleted());
    let gone = || error(ErrorKind::NotFound, "there is no conversation c");
    client.event(Event::NotOpened { id: conversation_id("c"), error: gone() });
    assert_eq!(client.notice(), "Deleted “About c”; u brings it back");

    // Deleted by another program: what is on the screen stays there.
    let mut client = three();
    client.event(Event::NotOpened { id: conversation_id("c"), error: gone() });
    assert!(client.notice().contains("deleted by another program"), "{}", client.notice());
    assert_eq!(client.state.open.forest.len(), 1);
    client.keys("Esc u");
    assert_eq!(client.effects(), [Effect::Restore(Some(conversation_id("c")))]);
}

#[test]
fn an_answer_of_a_deleted_conversation_is_stopped() {
    let mut client = three();
    client.type_text("And?").keys("Enter");
    let (id, _) = client.asked();
    client.event(deleted());
    assert!(client.effects().contains(&Effect::Stop(id)));
}

#[test]
fn a_search_shows_what_it_finds_and_ends() {
    let mut client = three();
    client.keys("Tab /").type_text("about e").keys("Enter");
    let query = Some("about e".to_owned());
    assert_eq!(client.effects(), [Effect::LoadConversations { query, page: None }]);
    // What comes late for the list without search is not shown.
    client.event(Event::Conversations {
        query: None,
        conversations: vec![conversation("d", "About d", 10)],
        first: true,
        next: None,
    });
    assert!(client.state.list.conversations.is_empty());
    client.list(vec![conversation("e", "About e", 15)]);
    assert!(client.screen().contains("Found for “about e”"));
    client.keys("Esc");
    assert_eq!(client.effects(), [Effect::LoadConversations { query: None, page: None }]);
    assert_eq!(client.state.list.query, None);
}

#[test]
fn the_list_comes_in_parts() {
    let mut client = Client::new(120, 40);
    client.effects();
    client.event(Event::Conversations {
        query: None,
        conversations: vec![conversation("c", "About c", 5)],
        first: true,
        next: Some("more".to_owned()),
    });
    let more = Effect::LoadConversations { query: None, page: Some("more".to_owned()) };
    assert_eq!(client.effects(), [more]);
    client.event(Event::Conversations {
        query: None,
        conversations: vec![conversation("d", "About d", 10)],
        first: false,
        next: None,
    });
    assert_eq!(client.effects(), []);
    assert_eq!(client.state.list.conversations.len(), 2);
}

#[test]
fn only_what_is_missing_is_loaded_after_a_change() {
    let mut client = three();
    client.event(Event::Changed(Some(conversation_id("d"))));
    assert_eq!(client.effects(), [Effect::RefreshConversations]);
    let known = |count| Conversation { response_count: count, ..conversation("c", "Found", 1) };
    client.event(Event::Refreshed { conversations: vec![known(1)], whole: false });
    assert_eq!(client.effects(), [], "all of it is here");
    assert_eq!((client.state.open.title(), client.state.list.conversations.len()), ("Found", 3));
    client.event(Event::Refreshed { conversations: vec![known(2)], whole: true });
    assert_eq!(client.effects(), [Effect::Open(conversation_id("c"))]);
    assert_eq!(client.state.list.conversations.len(), 1, "the others are gone");
}

#[test]
fn a_server_that_comes_back_is_asked_for_what_is_missing() {
    let endpoint = "http://there:1".to_owned();
    let session = Session { conversation: Some("c".to_owned()), ..Session::default() };
    let mut client = Client::start(120, 40, session, Connection::Connecting(endpoint.clone()));
    let away = || error(ErrorKind::Unavailable, "nothing answers at http://there:1.");
    client.event(Event::NotOpened { id: conversation_id("c"), error: away() });
    client.event(Event::NotListed { query: None, error: away() });
    assert!(client.screen().contains("no connection to http://there:1"));
    assert!(client.screen().contains("│Could not be loaded"), "{}", client.screen());
    client.keys("a");
    assert!(client.screen().contains("^L tries again"), "{}", client.screen());
    client.effects();
    let info = crate::client::ServiceInfo {
        server: String::new(),
        default_model: "m".to_owned(),
        hint: String::new(),
    };
    client.event(Event::Service(info));
    assert_eq!(client.state.connection, Connection::Connected(endpoint));
    let list = Effect::LoadConversations { query: None, page: None };
    assert_eq!(client.effects(), [list, Effect::Open(conversation_id("c"))]);
    let (query, conversations) = (None, Vec::new());
    client.event(Event::Conversations { query, conversations, first: true, next: None });
    assert!(client.screen().contains("None yet"), "{}", client.screen());
    client.load(conversation("c", "About c", 5), Vec::new(), Place::default());
    assert_eq!(client.state.composer.text(), "a");
}

#[test]
fn a_list_that_does_not_come_says_why_until_it_comes() {
    let mut client = Client::start(120, 40, Session::default(), Connection::Embedded);
    let error = error(ErrorKind::Other, "the store cannot be opened");
    client.event(Event::NotListed { query: None, error });
    client.keys("h i");
    let why = "⚠ The conversations could not be loaded: the store cannot be opened. ^L";
    assert!(client.screen().contains(why), "{}", client.screen());
    client.effects();
    client.keys("C-l");
    assert!(client.effects().contains(&Effect::LoadConversations { query: None, page: None }));
    let (query, conversations) = (None, Vec::new());
    client.event(Event::Conversations { query, conversations, first: true, next: None });
    assert!(!client.screen().contains("could not be loaded"), "{}", client.screen());
}

#[test]
fn a_conversation_without_title_goes_by_its_first_message() {
    let session = Session { conversation: Some("c".to_owned()), ..Session::default() };
    let mut client = Client::start(120, 40, session, Connection::Embedded);
    let question = Response { parent: None, ..human("h", "", "\n  Why so?\nI wonder.", 1) };
    client.load(conversation("c", "", 5), vec![question], Place::default());
    client.event(Event::Conversations {
        query: None,
        conversations: vec![conversation("c", "", 5), conversation("d", "", 4)],
        first: true,
        next: None,
    });
    let screen = client.screen();
    assert_eq!(screen.matches("Why so?").count(), 4, "header, list, forest and chat:\n{screen}");
    assert_eq!(screen.matches("Untitled").count(), 1, "nothing is known of the other:\n{screen}");
}

#[test]
fn a_conversation_that_nobody_waits_for_does_not_replace_the_one_on_the_screen() {
    let mut client = three();
    client.event(Event::Changed(Some(conversation_id("c"))));
    client.keys("C-n").type_text("Something else");
    client.load(conversation("c", "About c", 5), Vec::new(), Place::default());
    assert_eq!((client.state.open.id(), client.state.composer.text()), (None, "Something else"));
}

#[test]
fn one_that_another_program_deleted_is_named_when_it_is_to_be_opened() {
    let mut client = three();
    client.state.focus = Focus::List;
    client.keys("j Enter");
    let id = client.state.open.loading.clone().unwrap();
    let title = client.state.list.get(&id).unwrap().title.clone();
    let gone = error(ErrorKind::NotFound, "no conversation 7f3a");
    client.event(Event::NotOpened { id: id.clone(), error: gone });
    assert!(client.notice().contains(&title) && client.notice().contains("u brings it back"));
    assert!(client.state.list.get(&id).is_none() && client.state.open.loading.is_none());
    client.keys("u");
    assert!(client.effects().contains(&Effect::Restore(Some(id))));
}

#[test]
fn what_was_shared_is_taken_back() {
    let responses = vec![human("h", "", "A question?", 60), model("m", "h", "An answer.", 50)];
    let mut client = Client::new(120, 40).opened("c", responses.clone());
    client.keys("Esc U");
    let id = conversation_id("c");
    assert_eq!(client.effects(), [Effect::Unshare(id.clone(), response_id("m"))]);
    client.event(Event::Unshared { conversation: id.clone(), count: 0 });
    assert!(client.notice().contains("Nothing is shared"));

    let url = "https://there/share/x".to_owned();
    client.event(Event::Shared { response: response_id("m"), shared_id: "x".to_owned(), url });
    assert!(client.screen().contains("shared ·"));
    client.effects();
    client.event(Event::Unshared { conversation: id.clone(), count: 1 });
    assert!(client.notice().contains("Not shared any more"));
    assert_eq!(client.effects(), [Effect::Open(id)], "the service knows what is still shared");
    client.load(conversation("c", "About c", 5), responses, Place::default());
    assert!(!client.screen().contains("shared ·"));
}

#[test]
fn what_was_searched_for_is_in_sight_once_it_is_opened() {
    let mut client = Client::new(80, 24);
    client.state.list.query = Some("needle".to_owned());
    client.list(vec![conversation("c", "Hay", 5)]);
    client.state.focus = Focus::List;
    client.keys("Enter");
    let responses = vec![
        human("h", "", "A question?", 60),
        model("m1", "h", "A needle in a branch.", 50),
        model("m2", "h", "The answer on the path.", 40),
    ];
    client.load(conversation("c", "Hay", 5), responses, Place::default());
    assert_eq!(client.state.open.selected_id(), Some(response_id("m1")));
    assert!(client.screen().contains("A needle in a branch."), "{}", client.screen());
    client.keys("n");
    assert_eq!(client.state.composer.text(), "", "the chat has the keys");
}

#[test]
fn what_was_searched_for_is_found_in_the_conversation_on_the_screen_too() {
    let responses = || {
        vec![
            human("h", "", "A question?", 60),
            model("m1", "h", "A needle in a branch.", 50),
            model("m2", "h", "The answer on the path.", 40),
        ]
    };
    let mut client = Client::new(80, 24).opened("c", responses());
    assert_eq!(client.state.open.selected_id(), Some(response_id("m2")));
    client.state.list.query = Some("needle".to_owned());
    client.state.focus = Focus::List;
    client.keys("Enter").load(conversation("c", "About c", 5), responses(), Place::default());
    assert_eq!(client.state.open.selected_id(), Some(response_id("m1")));
    assert_eq!(client.state.sought, None);
}
