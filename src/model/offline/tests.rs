//! What must be true of the model and of the stream as a whole, over the real manual.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::opening::Opening;
use super::tokenizer::{ANSWER, END, HUMAN};
use super::*;
use crate::forest::{Sampling, Token, Usage};
use crate::model::{Message, Role};

fn model() -> Arc<Model> {
    static MODEL: OnceLock<Arc<Model>> = OnceLock::new();
    MODEL.get_or_init(train).clone()
}

fn user(text: &str) -> Message {
    Message::new(Role::User, text)
}

fn assistant(text: &str) -> Message {
    Message::new(Role::Assistant, text)
}

fn seeded(seed: u64) -> Sampling {
    Sampling { seed: Some(seed), ..Sampling::default() }
}

struct Answered {
    text: String,
    tokens: Vec<Token>,
    reason: String,
    usage: Usage,
}

/// The whole answer, without a runtime.
fn answer(messages: &[Message], sampling: Sampling) -> Answered {
    let settings = Settings::new(sampling, || 0).unwrap();
    let mut answered = Answered {
        text: String::new(),
        tokens: Vec::new(),
        reason: String::new(),
        usage: Usage::default(),
    };
    for event in Answer::begin(model(), messages, settings) {
        assert_eq!(answered.reason, "", "nothing comes after the finish");
        match event {
            Event::Token(token) => {
                answered.text.push_str(&token.text);
                answered.tokens.push(token);
            }
            Event::Finish { reason, usage } => {
                answered.reason = reason;
                answered.usage = usage.unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
    assert_ne!(answered.reason, "");
    answered
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_probabilities_of_all_tokens_add_up_to_one(
        said in ".{0,80}",
        history in proptest::collection::vec(0_u32..5_000, 0..8),
        seed: u64,
    ) {
        let model = model();
        let mut prompt = prompt::read(&model, &[user(&said)]);
        prompt.history.extend(history);
        let text = answer(&[user(&said)], seeded(seed)).text;
        let mode = tokenizer::units(&text).fold(mode::Mode::START, mode::Mode::after);
        let all = model.predict(&prompt.conversation, &prompt.history, mode).all(&model.base);
        let sum: f64 = all.iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        prop_assert!(all.iter().all(|p| (0.0..=1.0).contains(p)));
        prop_assert!(all[END as usize] > 0.0);
        prop_assert!(model.vocabulary.beginning_with("").all(|id| all[id as usize] > 0.0));
        prop_assert_eq!(all[ANSWER as usize] + all[HUMAN as usize], 0.0);
    }

    #[test]
    fn the_ways_to_begin_add_up_to_one(prefix in "[a-zA-Z .`\n]{0,12}|.{0,12}") {
        let model = model();
        let messages = [user("What is entropy?"), assistant(&prefix)];
        let opening = Opening::new(&model, &prompt::read(&model, &messages));
        let sum: f64 = opening.distribution.seen.iter().map(|(_, p)| p).sum();
        prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let mut texts: Vec<_> = opening.choices.iter().map(|choice| choice.text).collect();
        prop_assert!(texts.iter().all(|text| !text.is_empty()));
        texts.sort_unstable();
        prop_assert!(texts.windows(2).all(|pair| pair[0] != pair[1]), "a text stands twice");
    }

    #[test]
    fn nothing_makes_it_panic(
        texts in proptest::collection::vec(any::<String>(), 0..5),
        roles in proptest::collection::vec(0..3, 5),
        stop in proptest::collection::vec(".{0,2}", 0..3),
        temperature in proptest::option::of(0.0..100.0_f32),
        top_p in proptest::option::of(0.0..=1.0_f32),
        top_k in proptest::option::of(0..40_u32),
        max_tokens in 0..40_u32,
        seed: u64,
    ) {
        let role = |n: &i32| [Role::System, Role::User, Role::Assistant][*n as usize];
        let message = |(n, text): (&i32, &String)| Message::new(role(n), text);
        let messages: Vec<_> = roles.iter().zip(&texts).map(message).collect();
        let sampling = Sampling {
            temperature, top_p, top_k, max_tokens: Some(max_tokens), stop: stop.clone(), seed: Some(seed),
            ..Sampling::default()
        };
        let answered = answer(&messages, sampling);
        prop_assert!(answered.tokens.iter().all(|token| !token.text.is_empty()));
        prop_assert!(answered.reason == "stop" || answered.reason == "length");
        if stop.iter().all(String::is_empty) {
            prop_assert!(!answered.text.is_empty());
        }
    }

    #[test]
    fn candidates_are_in_order_and_agree_with_the_choice(seed: u64, k in 0..=20_u32) {
        let sampling = Sampling { top_k: Some(k), ..seeded(seed) };
        for token in answer(&[user("How do I compare two answers?")], sampling).tokens {
            let prob = token.prob.unwrap();
            prop_assert!(prob > 0.0 && prob <= 1.0);
            prop_assert_eq!(token.top_k.len(), k as usize);
            prop_assert!(token.top_k.windows(2).all(|pair| pair[0].prob >= pair[1].prob));
            prop_assert!(token.top_k.iter().map(|c| c.prob).sum::<f32>() < 1.0001);
            match token.top_k.iter().find(|candidate| candidate.text == token.text) {
                Some(candidate) => prop_assert_eq!(candidate.prob, prob),
                None => prop_assert!(token.top_k.last().is_none_or(|last| last.prob >= prob)),
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_answer(said in ".{0,40}", seed: u64) {
        let (one, two) = (answer(&[user(&said)], seeded(seed)), answer(&[user(&said)], seeded(seed)));
        prop_assert_eq!(one.tokens, two.tokens);
    }
}

#[test]
fn probabilities_are_those_before_temperature_and_nucleus() {
    let question = [user("What is a token?")];
    let first = |temperature, top_p| {
        let sampling = Sampling { temperature, top_p, ..seeded(3) };
        answer(&question, sampling).tokens.swap_remove(0).top_k
    };
    let plain = first(Some(1.0), None);
    assert_eq!(plain, first(Some(0.0), None));
    assert_eq!(plain, first(Some(3.0), Some(0.5)));
}

#[test]
fn different_seeds_give_different_answers() {
    let question = [user("How do I resample?")];
    let mut texts: Vec<_> = (0..20).map(|seed| answer(&question, seeded(seed)).text).collect();
    texts.sort_unstable();
    texts.dedup();
    assert!(texts.len() > 5, "{texts:#?}");
}

#[test]
fn temperature_zero_takes_the_likeliest_token_whatever_the_seed() {
    let greedy = |seed| Sampling { temperature: Some(0.0), ..seeded(seed) };
    let question = [user("Why is the sky blue?")];
    let one = answer(&question, greedy(1));
    assert_eq!(one.text, answer(&question, greedy(2)).text);
    assert!(one.tokens.iter().all(|token| token.top_k[0].text == token.text));
}

#[test]
fn an_answer_is_about_the_question() {
    for (question, word) in [
        ("How do I resample?", "sample"),
        ("what is ENTROPY", "ntropy"),
        ("Why is the sky blue?", "blue"),
        ("How can I connect a real model?", "OPENAI_BASE_URL"),
    ] {
        let about = |seed| answer(&[user(question)], seeded(seed)).text.contains(word);
        let count = (0..20).filter(|&seed| about(seed)).count();
        assert!(count >= 14, "{question}: {count} of 20");
    }
}

#[test]
fn an_answer_begins_and_ends_like_one() {
    let questions = ["Hello", "What is a sibling?", "Tell me a story", "\u{4f60}\u{597d}", ""];
    for (n, question) in questions.iter().enumerate() {
        for seed in 0..10 {
            let answered = answer(&[user(question)], seeded(seed + 100 * n as u64));
            assert!(!answered.text.starts_with(char::is_whitespace), "{:?}", answered.text);
            if answered.reason == "stop" {
                assert!(
                    answered.text.ends_with(['.', '!', '?', '`', '"', '|']),
                    "{}",
                    answered.text
                );
            }
        }
    }
}

#[test]
fn a_word_that_was_begun_is_completed() {
    let continued = |prefix| {
        let messages = [user("Why does entropy increase?"), assistant(prefix)];
        answer(&messages, Sampling { temperature: Some(0.0), ..seeded(1) }).text
    };
    assert!(continued("The second la").starts_with("w says that the entropy"));
    assert!(continued("The second law says").starts_with(" that the entropy"));
    assert!(continued("The second law says ").starts_with("that the entropy"));
    assert!(
        continued("The second law says that the entropy of a closed system does not decrease.")
            .starts_with(" Boltzmann")
    );
}

#[test]
fn what_is_continued_is_not_repeated() {
    let messages = [user("hi"), assistant("one two three one two three one two")];
    let text = answer(&messages, Sampling { temperature: Some(0.0), ..seeded(1) }).text;
    assert!(text.starts_with(" three one two"), "{text}");
}

#[test]
fn a_stop_text_ends_the_answer_and_is_no_part_of_it() {
    let question = [user("Why is the sky blue?")];
    let greedy = Sampling { temperature: Some(0.0), ..Sampling::default() };
    let whole = answer(&question, greedy.clone()).text;
    for stop in ["blue", ". ", "lig", "e s"] {
        let answered =
            answer(&question, Sampling { stop: vec![stop.to_owned()], ..greedy.clone() });
        let (before, _) = whole.split_once(stop).unwrap();
        assert_eq!((answered.text.as_str(), answered.reason.as_str()), (before, "stop"));
    }
}

#[test]
fn the_limit_is_kept_and_named() {
    let question = [user("What is a language model?")];
    for limit in [1, 2, 7, 30] {
        let answered = answer(&question, Sampling { max_tokens: Some(limit), ..seeded(1) });
        assert_eq!((answered.tokens.len(), answered.reason.as_str()), (limit as usize, "length"));
        assert_eq!(answered.usage.completion_tokens, limit);
    }
    let loops = [user("hi"), assistant(&"one two three ".repeat(60))];
    let endless = answer(&loops, Sampling { temperature: Some(0.0), ..seeded(1) });
    assert!(endless.tokens.len() <= 280);
}

#[test]
fn only_the_last_part_of_a_long_prompt_is_read() {
    let long = user(&"Nothing to see here, \u{1f600} move on. ".repeat(30_000));
    let mut messages = vec![long, user("What is entropy?")];
    let answered = answer(&messages, seeded(5));
    assert!(answered.usage.prompt_tokens <= prompt::WINDOW as u32);
    assert!(answered.usage.prompt_tokens > 1_000);
    messages.push(assistant(&"x".repeat(1_000_000)));
    assert!(!answer(&messages, seeded(5)).text.is_empty());
    let many = vec![user(""); 200_000];
    assert!(answer(&many, seeded(5)).usage.prompt_tokens <= prompt::WINDOW as u32);
}

fn request(sampling: Sampling) -> Request {
    Request {
        model: NAME.to_owned(),
        messages: vec![user("What is temperature?")],
        sampling,
        conversation: None,
    }
}

async fn texts(backend: &OfflineBackend, sampling: Sampling) -> Vec<String> {
    let token = |event: Result<Event, Error>| async move {
        match event.unwrap() {
            Event::Token(token) => Some(token.text),
            _ => None,
        }
    };
    backend.sample(request(sampling)).filter_map(token).collect().await
}

#[tokio::test(start_paused = true)]
async fn a_paced_answer_takes_its_time() {
    let backend = OfflineBackend::new();
    let sampling = |speed| Sampling { max_tokens_per_second: speed, ..seeded(1) };
    let full_speed = texts(&backend, sampling(None)).await;
    let start = Instant::now();
    let paced = texts(&backend, sampling(Some(10.0))).await;
    assert_eq!(paced, full_speed);
    let expected = Duration::from_millis(100) * (paced.len() as u32 - 1);
    assert!(start.elapsed() >= expected, "{:?}", start.elapsed());
    assert!(start.elapsed() < expected + Duration::from_millis(100), "{:?}", start.elapsed());

    let mut stream = backend.sample(request(sampling(Some(0.001))));
    let start = Instant::now();
    assert!(matches!(stream.next().await, Some(Ok(Event::Token(_)))));
    assert!(start.elapsed() < Duration::from_millis(10), "the first token comes at once");
}

#[tokio::test]
async fn others_get_their_turn() {
    let backend = OfflineBackend::new();
    backend.prepare().await.unwrap();
    let mut stream = backend.sample(request(seeded(1)));
    assert!(stream.next().await.is_some());
    let (send, mut heard) = tokio::sync::oneshot::channel();
    tokio::spawn(async move { send.send(()) });
    while stream.next().await.is_some() {}
    assert!(heard.try_recv().is_ok(), "the other task ran while the answer streamed");
}

#[tokio::test]
async fn answers_without_a_seed_differ() {
    let backend = OfflineBackend::new();
    let unlikely = Sampling { temperature: Some(2.0), ..Sampling::default() };
    let one = texts(&backend, unlikely.clone()).await;
    assert_ne!(one, texts(&backend, unlikely).await);
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let backend = OfflineBackend::new();
    let mut wrong = request(Sampling { temperature: Some(-1.0), ..Sampling::default() });
    let events: Vec<_> = backend.sample(wrong.clone()).collect().await;
    assert!(matches!(&events[..], [Err(e)] if e.kind == ErrorKind::InvalidArgument));
    wrong.model = "gpt".to_owned();
    let events: Vec<_> = backend.sample(wrong).collect().await;
    assert!(matches!(&events[..], [Err(e)] if e.kind == ErrorKind::NotFound));
    let models = backend.models().await.unwrap();
    assert!(models.len() == 1 && models[0].name == NAME && models[0].prefill == Some(true));
    assert!(!backend.follows_instructions());
}

#[test]
fn code_blocks_are_closed() {
    for seed in 0..40 {
        let answered = answer(&[user("How do I connect a real model?")], seeded(seed));
        let marks = answered.text.matches("```").count();
        assert!(marks.is_multiple_of(2) || answered.reason == "length", "{}", answered.text);
    }
}

#[test]
fn the_model_is_small() {
    let model = model();
    assert!(model.bytes() < 2_000_000, "{}", model.bytes());
    assert!((1_000..10_000).contains(&model.vocabulary.size()), "{}", model.vocabulary.size());
}

/// Fixed once: a difference means that a seed no longer gives the same text everywhere.
#[test]
fn a_seed_gives_the_same_answer_on_every_machine() {
    let section = |heading, body| corpus::Section { heading, body };
    let model = Arc::new(Model::train(&[
        section(
            "What grows?",
            "A tree grows, and a leaf falls. The tree stands and the leaf grows.",
        ),
        section(
            "What falls?",
            "The rain falls, and the leaf falls. A rain grows and a tree falls.",
        ),
    ]));
    let settings = Settings::new(Sampling { temperature: Some(1.3), ..seeded(11) }, || 0).unwrap();
    let mut text = String::new();
    let mut probs = Vec::new();
    for event in Answer::begin(model, &[user("What falls?")], settings) {
        if let Event::Token(token) = event {
            text.push_str(&token.text);
            probs.push(token.prob.unwrap());
        }
    }
    assert_eq!(text, "The rain falls, and the leaf falls. The tree stands and a");
    assert_eq!(probs[..3], [0.998_375, 0.999_596_7, 0.992_742_1]);
}
