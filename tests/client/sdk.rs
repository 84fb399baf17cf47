//! The counterpart of the Grok SDK, both ways.

use futures::{StreamExt as _, TryStreamExt as _};
use grok_tui::client::ErrorKind;
use grok_tui::client::sdk::{GrokConversation, GrokResponse, Turn};
use grok_tui::forest::{ConversationId, ResponseId, Time};
use grok_tui::model::ErrorKind as ModelError;
use grok_tui::model::scripted::{Script, ScriptedBackend, Step};

use crate::world::{World, hanging, saying};

async fn read((tokens, last): Turn) -> (String, GrokResponse) {
    let text = tokens.map_ok(|token| token.text).try_collect().await.unwrap();
    (text, last.await.unwrap())
}

fn ids(responses: Vec<GrokResponse>) -> Vec<ResponseId> {
    responses.iter().map(|response| response.response_id().clone()).collect()
}

async fn begun(world: &World) -> (GrokConversation, GrokResponse) {
    let conversation = world.client.grok().create_conversation("", false);
    let (_, answer) = read(conversation.add_response("Why?").unwrap()).await;
    (conversation, answer)
}

#[tokio::test]
async fn the_first_turn_creates_the_conversation_and_the_leaf_moves() {
    for world in World::both(saying("because it does")).await {
        let grok = world.client.grok();
        let conversation = grok.create_conversation("", true);
        for early in [
            conversation.conversation_id().map(|_| ()),
            conversation.title().map(|_| ()),
            conversation.starred().map(|_| ()),
            conversation.create_time().map(|_| ()),
            conversation.set_title("x").await,
            conversation.star().await,
            conversation.unstar().await,
            conversation.generate_title().await.map(|_| ()),
            conversation.load().await,
            conversation.delete().await,
        ] {
            assert_eq!(early.unwrap_err().kind, ErrorKind::NotCreated);
        }
        assert!(grok.list_conversations().await.unwrap().is_empty());
        let turn = conversation.add_response("Why?").unwrap();
        assert!(grok.list_conversations().await.unwrap().is_empty(), "nothing is sent unpolled");
        let (text, answer) = read(turn).await;
        assert_eq!((text.as_str(), answer.message()), ("because it does", "because it does"));
        assert!(conversation.create_time().unwrap() > Time(0));
        let listed = grok.list_conversations().await.unwrap();
        assert_eq!(listed[0].id, conversation.conversation_id().unwrap());
        assert_eq!(listed[0].settings.system_prompt_name, "fun");
        assert_eq!(conversation.leaf_response_id().unwrap().as_ref(), Some(answer.response_id()));
        let (_, second) = read(conversation.add_response("And then?").unwrap()).await;
        let question = second.parent_response().unwrap().unwrap();
        assert_eq!(question.parent_response_id(), Some(answer.response_id()));
        assert_eq!((question.message(), question.sender()), ("And then?", "human"));
        assert_eq!(ids(answer.children().unwrap()), [question.response_id().clone()]);
    }
}

#[tokio::test]
async fn the_final_response_needs_no_reader_and_the_reader_no_final_response() {
    for world in World::both(saying("one two three")).await {
        let conversation = world.client.grok().create_conversation("test/scripted", false);
        let (tokens, last) = conversation.add_response("unread").unwrap();
        assert_eq!(last.await.unwrap().message(), "one two three");
        let late: Vec<_> = tokens.try_collect().await.unwrap();
        assert_eq!(late.len(), 3, "tokens wait for a reader that comes late");
        let (tokens, last) = conversation.add_response("dropped").unwrap();
        drop(tokens);
        assert_eq!(last.await.unwrap().message(), "one two three");
        let (tokens, _) = conversation.add_response("only read").unwrap();
        assert_eq!(tokens.count().await, 3);
        let (tokens, last) = conversation.add_response("both").unwrap();
        let (count, last) = tokio::join!(tokens.count(), last);
        assert_eq!((count, last.unwrap().message()), (3, "one two three"));
    }
}

#[tokio::test]
async fn resampling_and_replacing_make_siblings() {
    for world in World::both(saying("an answer")).await {
        let (conversation, answer) = begun(&world).await;
        let question = answer.parent_response().unwrap().unwrap();
        let (_, again) = read(answer.resample().unwrap()).await;
        assert_eq!(again.parent_response_id(), Some(question.response_id()));
        assert_eq!(ids(question.children().unwrap()).len(), 2);
        assert_eq!(question.resample().unwrap_err().kind, ErrorKind::InvalidArgument);

        let (text, written) = read(answer.replace("I say so.").unwrap()).await;
        assert_eq!((text.as_str(), written.message()), ("", "I say so."));
        assert!(written.manual() && !written.partial());
        assert_eq!(written.parent_response_id(), Some(question.response_id()));
        assert_eq!(conversation.leaf_response_id().unwrap().as_ref(), Some(written.response_id()));
        assert_eq!(written.response().edited_from.as_ref(), Some(answer.response_id()));

        let (text, anew) = read(question.replace("Why not?").unwrap()).await;
        assert_eq!(text, "an answer");
        let asked = anew.parent_response().unwrap().unwrap();
        assert_eq!((asked.message(), asked.parent_response_id()), ("Why not?", None));
        let roots = ids(conversation.root_responses().unwrap());
        assert_eq!(roots, [question.response_id().clone(), asked.response_id().clone()]);
        assert!(asked.parent_response().unwrap().is_none());
    }
}

#[tokio::test]
async fn selecting_decides_where_the_next_turn_goes() {
    for world in World::both(saying("an answer")).await {
        let (conversation, answer) = begun(&world).await;
        read(conversation.add_response("Further.").unwrap()).await;
        answer.select().unwrap();
        let (_, other) = read(conversation.add_response("Elsewhere.").unwrap()).await;
        let said = other.parent_response().unwrap().unwrap();
        assert_eq!(said.parent_response_id(), Some(answer.response_id()));
        assert_eq!(conversation.get_children(answer.response_id()).unwrap().len(), 2);
        conversation.set_leaf_response_id(None).unwrap();
        let (_, root) = read(conversation.add_response("A new root.").unwrap()).await;
        assert!(root.parent_response().unwrap().unwrap().parent_response_id().is_none());
        // The turn goes where the leaf was when it was begun.
        answer.select().unwrap();
        let turn = conversation.add_response("From here.").unwrap();
        root.select().unwrap();
        let (_, below) = read(turn).await;
        let said = below.parent_response().unwrap().unwrap();
        assert_eq!(said.parent_response_id(), Some(answer.response_id()));
    }
}

#[tokio::test]
async fn an_existing_conversation_is_loaded_at_once_or_with_its_first_turn() {
    for world in World::both(saying("an answer")).await {
        let (known, answer) = begun(&world).await;
        let id = known.conversation_id().unwrap();
        known.set_title("Entropy").await.unwrap();
        known.star().await.unwrap();
        let grok = world.client.grok();
        let loaded = grok.get_conversation(&id, "", false).await.unwrap();
        assert_eq!(
            (loaded.title().unwrap().as_str(), loaded.starred().unwrap()),
            ("Entropy", true)
        );
        assert_eq!(loaded.leaf_response_id().unwrap().as_ref(), Some(answer.response_id()));
        assert_eq!(loaded.root_responses().unwrap().len(), 1);
        loaded.unstar().await.unwrap();
        assert_eq!(
            (loaded.title().unwrap().as_str(), loaded.starred().unwrap()),
            ("Entropy", false)
        );

        let unloaded = grok.conversation(&id, "", false);
        assert_eq!(unloaded.title().unwrap_err().kind, ErrorKind::NotLoaded);
        let (_, next) = read(unloaded.add_response("Go on.").unwrap()).await;
        let said = next.parent_response().unwrap().unwrap();
        assert_eq!(said.parent_response_id(), Some(answer.response_id()));
        assert_eq!(unloaded.title().unwrap(), "Entropy");

        assert_eq!(known.get_response(next.response_id()).unwrap_err().kind, ErrorKind::NotFound);
        known.register_response(next.response().as_ref().clone()).unwrap();
        assert_eq!(known.get_response(next.response_id()).unwrap().message(), "an answer");
        let orphan = known.get_response(next.response_id()).unwrap();
        assert_eq!(orphan.parent_response().unwrap_err().kind, ErrorKind::NotFound);
        known.load().await.unwrap();
        assert_eq!(known.leaf_response_id().unwrap().as_ref(), Some(next.response_id()));

        let nobody = ConversationId::parse("nobody").unwrap();
        let missing = grok.get_conversation(&nobody, "", false).await.unwrap_err();
        assert_eq!(missing.kind, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn titles_are_generated_and_shares_have_an_address() {
    for world in World::both(saying("an answer")).await {
        let (conversation, answer) = begun(&world).await;
        let title = conversation.generate_title().await.unwrap();
        assert_eq!((title.as_str(), conversation.title().unwrap()), ("Why?", title.clone()));
        assert!(!answer.shared());
        let address = answer.share().await.unwrap();
        assert!(address.starts_with(world.client.endpoint()), "{address}");
        assert!(answer.shared());
        assert!(conversation.get_response(answer.response_id()).unwrap().shared());
        assert_eq!((answer.query(), answer.query_type()), ("", ""));
        assert!(answer.create_time() > Time(0));
    }
}

#[tokio::test]
async fn after_delete_everything_is_an_error() {
    for world in World::both(saying("an answer")).await {
        let (conversation, answer) = begun(&world).await;
        conversation.delete().await.unwrap();
        for late in [
            conversation.conversation_id().map(|_| ()),
            conversation.title().map(|_| ()),
            conversation.root_responses().map(|_| ()),
            conversation.get_response(answer.response_id()).map(|_| ()),
            conversation.add_response("x").map(|_| ()),
            conversation.set_leaf_response_id(None),
            conversation.load().await,
            conversation.delete().await,
            conversation.star().await,
            answer.select(),
            answer.children().map(|_| ()),
            answer.replace("x").map(|_| ()),
            answer.resample().map(|_| ()),
            answer.share().await.map(|_| ()),
        ] {
            assert_eq!(late.unwrap_err().kind, ErrorKind::Deleted);
        }
        assert!(world.client.grok().list_conversations().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_failure_shows_on_both_sides_and_leaves_the_leaf() {
    let broken = || {
        let error = Step::error(ModelError::RateLimited, "come back later");
        ScriptedBackend::per_request(vec![
            Script::text("fine"),
            [Script::tokens("so far"), vec![error]].concat(),
        ])
    };
    for world in World::both(broken).await {
        let (conversation, answer) = begun(&world).await;
        let (tokens, last) = conversation.add_response("Again.").unwrap();
        let mut tokens: Vec<_> = tokens.collect().await;
        let error = tokens.pop().unwrap().unwrap_err();
        assert_eq!((error.kind, tokens.len()), (ErrorKind::RateLimited, 2));
        assert!(error.message.contains("come back later"), "{error}");
        assert_eq!(last.await.unwrap_err(), error);
        assert_eq!(conversation.leaf_response_id().unwrap().as_ref(), Some(answer.response_id()));
        conversation.load().await.unwrap();
        let leaf = conversation.leaf_response_id().unwrap().unwrap();
        let partial = conversation.get_response(&leaf).unwrap();
        assert!(partial.partial());
        assert_eq!(partial.message(), "so far");
    }
}

#[tokio::test]
async fn dropping_both_sides_stops_the_model() {
    for world in World::both(hanging).await {
        let conversation = world.client.grok().create_conversation("", false);
        let (mut tokens, last) = conversation.add_response("Why?").unwrap();
        assert!(tokens.next().await.unwrap().is_ok());
        world.backend.wait_live(1).await;
        drop(tokens);
        drop(last);
        world.backend.wait_live(0).await;
    }
}

#[tokio::test]
async fn turns_of_one_conversation_run_at_once() {
    for world in World::both(saying("an answer")).await {
        let conversation = world.client.grok().create_conversation("", false);
        let turns = (0..8).map(|n| conversation.add_response(format!("{n}?")).unwrap().1);
        for answer in futures::future::join_all(turns).await {
            assert_eq!(answer.unwrap().message(), "an answer");
        }
        assert_eq!(world.client.grok().list_conversations().await.unwrap().len(), 1);
        assert_eq!(conversation.root_responses().unwrap().len(), 8);
    }
}
