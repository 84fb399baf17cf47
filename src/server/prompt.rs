//! From a path through the forest to the messages a model is asked with.

use tonic::Status;

use super::images;
use crate::forest::Response;
use crate::model::{Message, Role};

/// The messages for an answer below the end of `path`. Whoever continues a partial model response
/// continues its text: such a chain is one message. Empty responses say nothing and are left out.
///
/// # Errors
/// When a picture that came with a response is none.
pub(super) fn messages(
    system_prompt: Option<&str>,
    path: &[Response],
) -> Result<Vec<Message>, Status> {
    let mut messages = Vec::with_capacity(path.len() + 1);
    messages.extend(system_prompt.map(|text| Message::new(Role::System, text)));
    // The message that the next response may continue, and whether it may.
    let (mut last, mut continued) = (None, false);
    for response in path {
        let role = if response.is_human() { Role::User } else { Role::Assistant };
        if !(continued && role == Role::Assistant) {
            last = None;
        }
        let images = images::addresses(response)?;
        match last.and_then(|place: usize| messages.get_mut(place)) {
            Some(message) => message.text.push_str(&response.message),
            None if response.message.is_empty() && images.is_empty() => {}
            None => {
                last = Some(messages.len());
                messages.push(Message { images, ..Message::new(role, response.message.as_str()) });
            }
        }
        continued = role == Role::Assistant && response.partial;
    }
    Ok(messages)
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
        messages(None, path).unwrap().into_iter().map(|m| (m.role, m.text)).collect()
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
}
