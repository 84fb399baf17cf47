//! Every call, both ways.

use futures::StreamExt as _;
use grok_tui::client::{AddModelResponse, AddResponse, Answer, Client, ErrorKind};
use grok_tui::forest::{ConversationId, ResponseId, Sampling};
use grok_tui::model::scripted::{ScriptedBackend, Step};

use crate::world::{World, hanging, saying};

#[tokio::test]
async fn conversations_are_made_found_changed_deleted_and_brought_back() {
    for world in World::both(saying("yes")).await {
        let client = &world.client;
        let made = client.create_conversation("fun").await.unwrap();
        assert_eq!(made.settings.system_prompt_name, "fun");
        assert_eq!((made.title.as_str(), made.starred, made.response_count), ("", false, 0));
        let changed = client.update_conversation(&made.id, "Oslo trip", true).await.unwrap();
        assert_eq!((changed.title.as_str(), changed.starred), ("Oslo trip", true));
        let (found, next) = client.search_conversations("oslo", None, None).await.unwrap();
        assert_eq!((found.len(), &found[0].id, next), (1, &made.id, None));
        client.delete_conversation(&made.id).await.unwrap();
        let gone = client.get_conversation(&made.id).await.unwrap_err();
        assert_eq!(gone.kind, ErrorKind::NotFound);
        assert!(gone.message.contains(&made.id.to_string()), "{gone}");
        let trash = client.list_deleted().await.unwrap();
        assert_eq!(trash.len(), 1);
        assert_eq!(trash[0].0.title, "Oslo trip");
        assert!(trash[0].1 >= made.create_time);
        assert_eq!(client.restore_conversation(&made.id).await.unwrap().title, "Oslo trip");
        assert!(client.get_conversation(&made.id).await.is_ok());
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    for world in World::both(saying("yes")).await {
        for _ in 0..5 {
            world.conversation().await;
        }
        let (all, next) = world.client.list_conversations(None, None).await.unwrap();
        assert_eq!((all.len(), next), (5, None));
        let (mut paged, mut next) = world.client.list_conversations(Some(2), None).await.unwrap();
        let mut pages = 1;
        while let Some(token) = next {
            let (more, after) =
                world.client.list_conversations(Some(2), Some(token)).await.unwrap();
            paged.extend(more);
            next = after;
            pages += 1;
        }
        assert_eq!((paged, pages), (all, 3));
    }
}

#[tokio::test]
async fn an_answer_comes_in_order_and_is_stored_with_its_tokens() {
    let script = || {
        ScriptedBackend::new(vec![
            Step::notice("loading the model"),
            Step::reasoning("hm"),
            Step::Query { query: "entropy".into(), kind: "web".into() },
            Step::ranked("The", 0.5, &[("The", 0.5), ("A", 0.25)]),
            Step::token(" end"),
            Step::finish("stop"),
        ])
    };
    for world in World::both(script).await {
        let id = world.conversation().await.id;
        let sampling = Sampling { temperature: Some(0.5), seed: Some(7), ..Sampling::default() };
        let request = AddResponse { sampling, ..AddResponse::new(id.clone(), "Why?", None) };
        let answers: Vec<_> =
            world.answers(request).await.into_iter().map(Result::unwrap).collect();
        let names: Vec<_> = answers.iter().map(name).collect();
        let order =
            ["user", "notice", "reasoning", "query", "started", "token", "token", "finished"];
        assert_eq!(names.len(), order.len(), "{names:?}");
        assert_eq!((names[0], names[7]), ("user", "finished"));
        assert!(order.iter().all(|step| names.contains(step)), "{names:?}");
        let Some(Answer::Finished(stored)) = answers.last() else { panic!("{answers:?}") };
        assert_eq!(stored.message, "The end");
        assert_eq!(&*stored.model, "test/scripted");
        assert_eq!(stored.details.as_ref().unwrap().sampling.seed, Some(7));
        let asked = &world.backend.requests()[0];
        assert_eq!((asked.sampling.temperature, asked.sampling.seed), (Some(0.5), Some(7)));
        let tokens = world.client.tokens(&id, &stored.id).await.unwrap();
        assert_eq!(tokens.len(), 2);
        assert_eq!((tokens[0].prob, tokens[0].top_k.len()), (Some(0.5), 2));
        assert_eq!((tokens[1].prob, tokens[1].text.as_str()), (None, " end"));
        let (_, responses) = world.client.get_conversation(&id).await.unwrap();
        assert_eq!(responses.len(), 2);
        assert_eq!(&responses[1], stored);
    }
}

fn name(answer: &Answer) -> &'static str {
    match answer {
        Answer::User(_) => "user",
        Answer::Started(_) => "started",
        Answer::Token(_) => "token",
        Answer::Reasoning(_) => "reasoning",
        Answer::Query { .. } => "query",
        Answer::Notice(_) => "notice",
        Answer::Finished(_) => "finished",
    }
}

#[tokio::test]
async fn dropping_an_answer_stops_the_model_and_keeps_what_arrived() {
    for world in World::both(hanging).await {
        let id = world.conversation().await.id;
        let request = AddResponse::new(id.clone(), "Why?", None);
        let mut answers = world.client.add_response(request).await.unwrap();
        let mut text = String::new();
        while text != "half an answer" {
            if let Answer::Token(token) = answers.next().await.unwrap().unwrap() {
                text.push_str(&token.text);
            }
        }
        drop(answers);
        world.backend.wait_live(0).await;
        world.service.shutdown().await;
        // The listener ends with the service, so what is stored is read from inside.
        let inside = Client::embedded(world.service.clone());
        let (_, responses) = inside.get_conversation(&id).await.unwrap();
        assert_eq!(responses[1].message, "half an answer");
        assert!(responses[1].partial);
    }
}

#[tokio::test]
async fn responses_by_hand_titles_and_shares() {
    for world in World::both(saying("go on")).await {
        let client = &world.client;
        let id = world.conversation().await.id;
        let root = world.say(&id, "Why does entropy increase?", None).await;
        let written = client
            .add_model_response(AddModelResponse {
                conversation: id.clone(),
                message: "Because".into(),
                partial: true,
                parent: root.parent.clone(),
                edited_from: Some(root.id.clone()),
            })
            .await
            .unwrap();
        assert!(written.manual && written.partial);
        assert_eq!((&written.parent, &written.edited_from), (&root.parent, &Some(root.id.clone())));
        let rest = world.say(&id, "", Some(written.id.clone())).await;
        assert_eq!((rest.parent.as_ref(), rest.message.as_str()), (Some(&written.id), "go on"));
        assert_eq!(world.backend.requests().last().unwrap().prefix(), Some("Because"));
        let title = client.generate_title(&id, &rest.id).await.unwrap();
        assert!(title.starts_with("Why does entropy"), "{title}");
        assert!(!client.share_conversation(&id, &rest.id).await.unwrap().0.is_empty());
        let (conversation, responses) = client.get_conversation(&id).await.unwrap();
        assert_eq!(conversation.title, title);
        let shared: Vec<_> = responses.iter().filter(|r| r.shared).map(|r| &r.id).collect();
        assert!(shared.contains(&&rest.id) && shared.contains(&&written.id));
        assert!(!shared.contains(&&root.id));
    }
}

#[tokio::test]
async fn the_service_tells_who_it_is_and_what_it_has() {
    for world in World::both(saying("yes")).await {
        let info = world.client.service_info().await.unwrap();
        assert!(info.server.contains("grok-tui"), "{info:?}");
        assert_eq!(info.default_model, "test/scripted");
        let (models, problems) = world.client.models().await.unwrap();
        assert_eq!((models.len(), models[0].name.as_str()), (1, "test/scripted"));
        assert!(models[0].logprobs && problems.is_empty());
    }
}

#[tokio::test]
async fn changes_are_told() {
    for world in World::both(saying("yes")).await {
        let mut changes = world.client.watch_changes().await.unwrap();
        let made = world.conversation().await;
        loop {
            match changes.next().await.unwrap().unwrap() {
                Some(id) if id == made.id => break,
                Some(_) | None => {}
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_in_words() {
    for world in World::both(saying("yes")).await {
        let id = world.conversation().await.id;
        let nobody = ConversationId::parse("nobody").unwrap();
        let nothing = ResponseId::parse("nothing").unwrap();
        let mut errors = vec![
            world.client.update_conversation(&nobody, "x", false).await.unwrap_err(),
            world.client.tokens(&id, &nothing).await.unwrap_err(),
            world.client.generate_title(&id, &nothing).await.unwrap_err(),
        ];
        let lost = AddResponse::new(id.clone(), "hello", Some(nothing));
        errors.push(match world.client.add_response(lost).await {
            Err(error) => error,
            Ok(mut answers) => answers.next().await.unwrap().unwrap_err(),
        });
        for error in errors {
            assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
            assert!(
                error.message.contains("nobody") || error.message.contains("nothing"),
                "{error}"
            );
        }
        let other =
            AddResponse { model: "no/model".into(), ..AddResponse::new(id.clone(), "hello", None) };
        let last = match world.client.add_response(other).await {
            Err(error) => error,
            Ok(answers) => {
                answers.map(Result::err).collect::<Vec<_>>().await.pop().flatten().unwrap()
            }
        };
        assert!(last.message.contains("no/model"), "{last}");
    }
}

#[tokio::test]
async fn long_messages_pass_both_ways() {
    for world in World::both(saying("yes")).await {
        let id = world.conversation().await.id;
        let long = "0123456789abcdef".repeat(600_000);
        world.say(&id, &long, None).await;
        let (_, responses) = world.client.get_conversation(&id).await.unwrap();
        assert_eq!(responses[0].message.len(), long.len());
    }
}

#[tokio::test]
async fn the_two_ways_know_themselves() {
    let [embedded, networked] = World::both(saying("yes")).await;
    assert!(embedded.client.is_embedded() && !networked.client.is_embedded());
    assert_eq!(embedded.client.endpoint(), "local");
    assert!(networked.client.endpoint().starts_with("http://127.0.0.1:"));
}
