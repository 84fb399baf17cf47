//! What must be true of the model and of the stream as a whole, over the real manual.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::ngram::Conversation;
use super::tokenizer::{ANSWER, END, HUMAN};
use super::*;
use crate::forest::{Sampling, Token, Usage};
use crate::model::{Message, Role};

fn model() -> Arc<Model> {
    static MODEL: OnceLock<Arc<Model>> = OnceLock::new();
    MODEL.get_or_init(train).clone()
}

fn user(text: &str) -> Message {
    Message { role: Role::User, text: text.to_owned() }
}

fn assistant(text: &str) -> Message {
    Message { role: Role::Assistant, text: text.to_owned() }
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

#[test]
fn listen() {
    for q in ["How do I resample?", "What is entropy?", "hello", "Why does entropy increase?", "And black holes?", "asdf qwertz", "你好", "what does temperature do", "connect a real model", "Tell me a story", "Derive the temperature.", "Which rust example can you show me?", "Why are you so slow and how to stop you"] {
        println!("=== {q}");
        for seed in 0..4 {
            let a = answer(&[user(q)], seeded(seed));
            println!("--- {} {}", a.reason, a.tokens.len());
            println!("{}", a.text);
            let low: Vec<_> = a.tokens.iter().filter(|t| t.prob.unwrap() < 0.15).map(|t| format!("{:?}:{:.3}", t.text, t.prob.unwrap())).collect();
            println!("   LOW {}", low.join(" "));
        }
    }
    for p in ["The second la", "Honestly, ", "Honestly,", "There are three reasons", "日本語 ", "xqz", "To resample", "1 2 3 1 2 3 1 2"] {
        let a = answer(&[user("What is entropy?"), assistant(p)], seeded(1));
        println!("=== [{p}]{}", a.text);
    }
}
