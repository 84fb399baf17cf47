//! From a path through the forest to the messages a model is asked with.

use tonic::Status;

use super::status::invalid;
use crate::forest::Response;
use crate::model::{Message, Role};

const REGULAR: &str = include_str!("../../assets/prompts/regular.md");
const FUN: &str = include_str!("../../assets/prompts/fun.md");

/// Refuses a name that stands for no system prompt.
pub(super) fn check_name(name: &str) -> Result<(), Status> {
    if matches!(name, "" | "regular" | "fun" | "raw") {
        return Ok(());
    }
    Err(invalid(&format!(
        "there is no system prompt {name}; leave it empty, or choose fun, or raw for none at all"
    )))
}

/// The messages for an answer below the end of `path`. Whoever continues a partial model response
/// continues its text: such a chain is one message. Empty responses say nothing and are left out.
pub(super) fn messages(system_prompt_name: &str, path: &[Response]) -> Vec<Message> {
    let mut messages = Vec::with_capacity(path.len() + 1);
    if let Some(text) = system_prompt(system_prompt_name) {
        messages.push(Message { role: Role::System, text: text.to_owned() });
    }
    // The message that the next response may continue, and whether it may.
    let (mut last, mut continued) = (None, false);
    for response in path {
        let role = if response.is_human() { Role::User } else { Role::Assistant };
        if !(continued && role == Role::Assistant) {
            last = None;
        }
        match last.and_then(|place: usize| messages.get_mut(place)) {
            Some(message) => message.text.push_str(&response.message),
            None if response.message.is_empty() => {}
            None => {
                last = Some(messages.len());
                messages.push(Message { role, text: response.message.clone() });
            }
        }
        continued = role == Role::Assistant && response.partial;
    }
    messages
}

/// A name that an import brought along and nobody knows means the regular one.
fn system_prompt(name: &str) -> Option<&'static str> {
    match name {
        "raw" => None,
        "fun" => Some(FUN.trim_end()),
        _ => Some(REGULAR.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{ResponseId, Time};

    fn human(text: &str) -> Response {
        Response::human(ResponseId::random(), text, Time(0))
    }

    fn model(text: &str, partial: bool) -> Response {
        Response { partial, ..Response::model(ResponseId::random(), text, Time(0)) }
    }

    fn texts(path: &[Response]) -> Vec<(Role, String)> {
        messages("raw", path).into_iter().map(|m| (m.role, m.text)).collect()
    }

    #[test]
    fn a_chain_of_partial_responses_is_one_message() {
        let path = [human("q"), model("a", true), model("b", true), model("c", false)];
        assert_eq!(
            texts(&path),
            [(Role::User, "q".to_owned()), (Role::Assistant, "abc".to_owned())]
        );
    }

    #[test]
    fn a_complete_response_is_not_continued() {
        let path = [human("q"), model("a", false), model("b", true), human("r")];
        let roles: Vec<_> = texts(&path).into_iter().map(|(role, _)| role).collect();
        assert_eq!(roles, [Role::User, Role::Assistant, Role::Assistant, Role::User]);
    }

    #[test]
    fn an_empty_beginning_is_left_out_but_its_continuation_is_not() {
        let path = [human("q"), model("", true), model("b", true)];
        assert_eq!(texts(&path)[1], (Role::Assistant, "b".to_owned()));
        let path = [model("a", true), model("", true), model("b", true)];
        assert_eq!(texts(&path), [(Role::Assistant, "ab".to_owned())]);
        let path = [model("whole", false), model("", true), model("b", true)];
        assert_eq!(texts(&path).len(), 2);
    }

    #[test]
    fn each_mode_has_its_system_prompt() {
        let first = |name| messages(name, &[human("q")])[0].clone();
        assert_eq!(first("").role, Role::System);
        assert_ne!(first("").text, first("fun").text);
        assert_eq!(first("raw").role, Role::User);
        assert!(check_name("nonsense").is_err());
    }
}
