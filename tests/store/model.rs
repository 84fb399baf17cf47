//! Random sequences of operations, on the store and on a plain model of it in memory; both must
//! agree after each.

use grok_tui::forest::{Conversation, ConversationId, Details, Response, ResponseId, Time, Token};
use grok_tui::store::{Outcome, PageRequest, SqliteStore, Store};
use proptest::prelude::*;

/// An operation; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    Create,
    Add { conversation: usize, parent: Option<usize>, text: String, partial: bool, time: i64 },
    Append { response: usize, text: String },
    Finish { response: usize, partial: bool },
    Update { conversation: usize, title: String, starred: bool },
    Delete { conversation: usize },
    Restore { conversation: usize },
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let some = any::<usize>;
    let add = (some(), prop::option::of(some()), ".{0,8}", any::<bool>(), 0..20i64);
    let step = prop_oneof![
        1 => Just(Step::Create),
        5 => add.prop_map(|(conversation, parent, text, partial, time)| Step::Add {
            conversation, parent, text, partial, time,
        }),
        6 => (some(), ".{0,8}").prop_map(|(response, text)| Step::Append { response, text }),
        3 => (some(), any::<bool>())
            .prop_map(|(response, partial)| Step::Finish { response, partial }),
        1 => (some(), ".{0,8}", any::<bool>()).prop_map(|(conversation, title, starred)| {
            Step::Update { conversation, title, starred }
        }),
        1 => some().prop_map(|conversation| Step::Delete { conversation }),
        1 => some().prop_map(|conversation| Step::Restore { conversation }),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..40)
}

struct Known {
    conversation: Conversation,
    deleted: bool,
    /// In the order in which they were added.
    responses: Vec<(Response, Vec<Token>)>,
}

#[derive(Default)]
struct Model {
    conversations: Vec<Known>,
    clock: i64,
}

impl Model {
    fn choose(&mut self, number: usize) -> Option<&mut Known> {
        let count = self.conversations.len();
        self.conversations.get_mut(number.checked_rem(count)?)
    }

    fn choose_response(
        &mut self,
        number: usize,
    ) -> Option<(ConversationId, &mut (Response, Vec<Token>))> {
        let count: usize = self.conversations.iter().map(|known| known.responses.len()).sum();
        let number = number.checked_rem(count)?;
        let mut all = self.conversations.iter_mut().flat_map(|known| {
            let id = &known.conversation.id;
            known.responses.iter_mut().map(move |response| (id.clone(), response))
        });
        all.nth(number)
    }

    fn now(&mut self) -> Time {
        self.clock += 1;
        Time(self.clock)
    }

    async fn create(&mut self, store: &SqliteStore) {
        let now = self.now();
        let conversation = Conversation {
            id: ConversationId::random(),
            title: String::new(),
            starred: false,
            create_time: now,
            modify_time: now,
            settings: grok_tui::forest::Settings {
                system_prompt_name: "fun".into(),
                ..Default::default()
            },
            response_count: 0,
        };
        store.create_conversation(conversation.clone()).await.unwrap();
        self.conversations.push(Known { conversation, deleted: false, responses: Vec::new() });
    }

    async fn add(&mut self, store: &SqliteStore, number: usize, response: Response) {
        let Some(known) = self.choose(number) else { return };
        let added = store.add(&known.conversation.id, response.clone()).await;
        assert_eq!(added.is_ok(), !known.deleted);
        if !known.deleted {
            known.conversation.response_count += 1;
            let time = response.create_time.max(known.conversation.modify_time);
            known.conversation.modify_time = time;
            known.responses.push((response, Vec::new()));
        }
    }

    async fn append(&mut self, store: &SqliteStore, number: usize, text: String) {
        let Some((id, (response, tokens))) = self.choose_response(number) else { return };
        let new: Vec<_> =
            text.chars().map(|c| Token { text: c.into(), ..Token::default() }).collect();
        let appended = store.append(&id, &response.id, text.clone(), new.clone()).await;
        assert_eq!(appended.is_ok(), response.partial);
        if response.partial {
            response.message.push_str(&text);
            tokens.extend(new);
        }
    }

    async fn finish(&mut self, store: &SqliteStore, number: usize, partial: bool) {
        let Some((id, (response, _))) = self.choose_response(number) else { return };
        let details = Details { finish_reason: "stop".into(), ..Details::default() };
        let outcome = Outcome { partial, details: details.clone() };
        let finished = store.finish(&id, &response.id, outcome).await;
        assert_eq!(finished.is_ok(), response.partial);
        if let Ok(finished) = finished {
            response.partial = partial;
            response.details = Some(Box::new(details));
            assert_eq!(&finished, response);
        }
    }

    async fn update(&mut self, store: &SqliteStore, number: usize, title: &str, starred: bool) {
        let now = self.now();
        let Some(known) = self.choose(number) else { return };
        let updated = store.update(&known.conversation.id, Some(title), Some(starred), now).await;
        assert_eq!(updated.is_ok(), !known.deleted);
        if !known.deleted {
            if known.conversation.title != title {
                known.conversation.modify_time = known.conversation.modify_time.max(now);
            }
            known.conversation.title = title.to_owned();
            known.conversation.starred = starred;
        }
    }

    async fn delete(&mut self, store: &SqliteStore, number: usize) {
        let now = self.now();
        let Some(known) = self.choose(number) else { return };
        let deleted = store.delete(&known.conversation.id, now).await;
        assert_eq!(deleted.is_ok(), !known.deleted);
        known.deleted = true;
    }

    async fn restore(&mut self, store: &SqliteStore, number: usize) {
        let Some(known) = self.choose(number) else { return };
        let restored = store.restore(&known.conversation.id).await.unwrap();
        known.deleted = false;
        assert_eq!(restored, known.conversation);
    }

    async fn check(&self, store: &SqliteStore) {
        let listed = store.list(PageRequest::default()).await.unwrap().conversations;
        let mut expected: Vec<_> =
            self.conversations.iter().filter(|known| !known.deleted).collect();
        expected.reverse();
        expected.sort_by_key(|known| {
            let conversation = &known.conversation;
            std::cmp::Reverse((conversation.starred, conversation.modify_time))
        });
        let expected: Vec<_> = expected.iter().map(|known| known.conversation.clone()).collect();
        assert_eq!(listed, expected);
        for known in &self.conversations {
            let id = &known.conversation.id;
            if known.deleted {
                assert!(store.responses(id).await.is_err());
                assert!(store.read(id).await.is_err());
                continue;
            }
            let mut responses: Vec<_> = known.responses.iter().map(|(r, _)| r.clone()).collect();
            assert_eq!(
                crate::read(store, id).await,
                (known.conversation.clone(), responses.clone())
            );
            responses.sort_by_key(|response| response.create_time);
            assert_eq!(store.responses(id).await.unwrap(), responses);
            for (response, tokens) in &known.responses {
                assert_eq!(&store.response(id, &response.id).await.unwrap(), response);
                assert_eq!(&store.tokens(id, &response.id).await.unwrap(), tokens);
                let path = store.path(id, &response.id).await.unwrap();
                assert_eq!(path.last(), Some(response));
                assert!(path.windows(2).all(|pair| pair[1].parent.as_ref() == Some(&pair[0].id)));
                assert_eq!(path[0].parent, None);
            }
        }
    }
}

async fn play(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grok.db");
    let mut store = SqliteStore::open(&path);
    let mut model = Model::default();
    model.create(&store).await;
    for step in steps {
        match step {
            Step::Create => model.create(&store).await,
            Step::Add { conversation, parent, text, partial, time } => {
                let parent = parent.and_then(|number| {
                    let known = model.choose(conversation)?;
                    let count = known.responses.len();
                    Some(known.responses[number.checked_rem(count)?].0.id.clone())
                });
                let response = Response::model(ResponseId::random(), text, Time(time));
                model.add(&store, conversation, Response { parent, partial, ..response }).await;
            }
            Step::Append { response, text } => model.append(&store, response, text).await,
            Step::Finish { response, partial } => model.finish(&store, response, partial).await,
            Step::Update { conversation, title, starred } => {
                model.update(&store, conversation, &title, starred).await;
            }
            Step::Delete { conversation } => model.delete(&store, conversation).await,
            Step::Restore { conversation } => model.restore(&store, conversation).await,
            Step::Reopen => {
                drop(store);
                store = SqliteStore::open(&path);
            }
        }
        model.check(&store).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_store_does_what_the_model_does(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(steps));
    }
}
