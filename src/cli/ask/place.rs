//! Where a question goes in a conversation, and which model answers there, unless the user says so.

use crate::cli::output::note;
use crate::forest::{Response, ResponseId};

/// The end of the conversation: its newest complete answer. What is passed over for it is named: whether
/// that broke off, or still arrives in another program, nobody can tell. `None`: nothing was said yet.
pub(super) fn end(responses: &[Response]) -> Option<ResponseId> {
    let newest = responses.last()?;
    let is_whole = |response: &&Response| !response.is_human() && !response.partial;
    let answer = responses.iter().rev().find(is_whole);
    if answer.is_some_and(|answer| answer.id == newest.id) {
        return Some(newest.id.clone());
    }
    let what = if newest.partial {
        "is not complete: it broke off, or still arrives in another program"
    } else {
        "is a question without an answer"
    };
    let passed = format!("the newest response, {}, {what}", newest.id);
    let Some(answer) = answer else {
        note(format_args!(
            "{passed}. No answer here is complete, so this goes below what is there of it; --parent \
             RESPONSE names another"
        ));
        return Some(newest.id.clone());
    };
    note(format_args!(
        "{passed}. This goes below the newest complete answer, {}; --parent RESPONSE names another",
        answer.id
    ));
    Some(answer.id.clone())
}

/// The model that answered last on the path up to `parent`, or else anywhere; empty: none that is known.
pub(super) fn model(responses: &[Response], parent: Option<&ResponseId>) -> String {
    let find = |id: &ResponseId| responses.iter().find(|response| response.id == *id);
    let mut above = parent.and_then(find);
    while let Some(response) = above.filter(|response| response.model.is_empty()) {
        above = response.parent.as_ref().and_then(find);
    }
    let answer =
        above.or_else(|| responses.iter().rev().find(|response| !response.model.is_empty()));
    answer.map(|response| response.model.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Time;

    fn id(text: &str) -> ResponseId {
        ResponseId::parse(text).unwrap()
    }

    fn below(parent: &str, response: Response) -> Response {
        Response { parent: ResponseId::parse(parent), ..response }
    }

    fn question(name: &str, parent: &str) -> Response {
        below(parent, Response::human(id(name), "?", Time(0)))
    }

    fn answer(name: &str, parent: &str, model: &str) -> Response {
        let model = model.into();
        below(parent, Response { model, ..Response::model(id(name), "!", Time(0)) })
    }

    #[test]
    fn a_question_goes_below_a_whole_answer_where_there_is_one() {
        assert_eq!(end(&[]), None);
        let whole = vec![question("q", ""), answer("a", "q", "m")];
        assert_eq!(end(&whole), Some(id("a")));
        let asked = [whole, vec![question("r", "a")]].concat();
        assert_eq!(end(&asked), Some(id("a")));
        let broken = Response { partial: true, ..answer("b", "r", "m") };
        assert_eq!(end(&[asked, vec![broken.clone()]].concat()), Some(id("a")));
        assert_eq!(end(&[question("q", ""), broken]), Some(id("b")));
        assert_eq!(end(&[question("q", "")]), Some(id("q")));
    }

    #[test]
    fn the_model_is_the_one_that_answered_last_on_the_path() {
        let responses = [
            question("q", ""),
            answer("a", "q", "x/one"),
            question("r", "a"),
            answer("b", "q", "x/two"),
            // Written by hand.
            answer("c", "a", ""),
        ];
        for (parent, expected) in
            [("q", "x/two"), ("a", "x/one"), ("r", "x/one"), ("b", "x/two"), ("c", "x/one")]
        {
            assert_eq!(model(&responses, Some(&id(parent))), expected, "{parent}");
        }
        assert_eq!(model(&responses, None), "x/two");
        assert_eq!(model(&responses[..1], Some(&id("q"))), "");
    }
}
