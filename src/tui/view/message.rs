//! What the layout of the chat has to know of a message: its text, and our remarks on it.

use crate::forest::{Response, Slot};
use crate::picture::facts as picture;
use crate::tui::action::Action;
use crate::tui::keymap::Keymap;
use crate::tui::state::answers::{Answer, Answers};
use crate::tui::state::message::{Message, Reasoning};
use crate::tui::state::open::Open;
use crate::tui::theme::Role;
use crate::tui::words::{chat as said, forest as words, samples as sampled};

/// What the layout of the chat has to know of the message at an index of the path.
///
/// # Panics
/// Never for an index below the length of the path.
#[must_use]
pub fn message<'a>(
    open: &'a Open,
    answers: &'a Answers,
    keymap: &Keymap,
    index: usize,
) -> Message<'a> {
    let slot = open.path[index];
    let response = open.forest.response(slot);
    let before = index.checked_sub(1).map(|before| open.forest.response(open.path[before]));
    let continues = !response.is_human() && before.is_some_and(|b| !b.is_human() && b.partial);
    let answer = answers.of_response(&response.id).map(|(_, answer)| answer);
    let is_last = index + 1 == open.path.len();
    let mut below = around(response);
    if let Some(annotation) = open.annotations.get(slot).filter(|known| !known.note.is_empty()) {
        let note = annotation.note.trim_end().replace('\n', words::NOTE_LINE);
        below.push((Role::Quote, format!("{} {note}", words::NOTE_MARK)));
    }
    below.extend(notes(open, answers, keymap, (slot, response), answer, is_last));
    let notes = below;
    let growing = answer.is_some();
    let reasoning = reasoning(open, slot, response, answer);
    let sources = response.details.as_ref().map_or(&[][..], |details| &details.sources);
    Message { slot, response, reasoning, sources, continues, growing, is_last, notes }
}

/// What the model thought before a response.
fn reasoning<'a>(
    open: &Open,
    slot: Slot,
    response: &'a Response,
    answer: Option<&'a Answer>,
) -> Reasoning<'a> {
    let stored = response.details.as_ref().map_or("", |details| details.reasoning.as_str());
    let coming = answer.map_or("", |answer| answer.reasoning.as_str());
    Reasoning {
        text: if coming.len() > stored.len() { coming } else { stored },
        seconds: open.thought.get(&slot).copied(),
        growing: !coming.is_empty() && response.message.is_empty(),
    }
}

fn notes(
    open: &Open,
    answers: &Answers,
    keymap: &Keymap,
    (slot, response): (Slot, &Response),
    answer: Option<&Answer>,
    is_last: bool,
) -> Vec<(Role, String)> {
    let mut notes = Vec::new();
    if let Some(answer) = answer {
        if !answer.notice.is_empty() {
            notes.push((Role::Warning, answer.notice.clone()));
        }
        return notes;
    }
    let stored = response.details.as_ref().map_or("", |details| details.error.as_str());
    let failure = open.failures.get(&slot).map_or(stored, String::as_str);
    // What a person says below it does not make it whole.
    let next = open.child_on_path(slot).map(|next| open.forest.response(next));
    let continued = next.is_some_and(|next| !next.is_human());
    let awaited = if is_last { awaited(open, answers, keymap, response) } else { Vec::new() };
    let continues = |answer: &Answer| answer.parent.as_ref() == Some(&response.id);
    let mut here = answers.in_conversation(open.id());
    if response.partial && here.any(|(_, answer)| continues(answer)) {
        // No remark: what goes on from it is on its way.
    } else if response.partial && open.grows_elsewhere(slot) {
        notes.push((Role::Partial, said::elsewhere(&keymap.told(Action::Continue))));
    } else if response.partial && !continued {
        notes.push((Role::Partial, said::incomplete(failure, &keymap.told(Action::Continue))));
    } else if !response.partial && !failure.is_empty() {
        notes.push((Role::Error, said::no_answer(failure, &keymap.told(Action::Resample))));
    } else if response.message.is_empty() && !response.is_human() {
        notes.push((Role::Quiet, said::ADDED_NOTHING.to_owned()));
    }
    let unanswered = response.is_human() && next.is_some_and(Response::is_human);
    if unanswered && notes.is_empty() {
        let mut others = open.forest.children(slot).iter();
        let answered = others.any(|&other| !open.forest.response(other).is_human());
        notes.push((
            Role::Quiet,
            match answered {
                true => said::ANSWERED_BESIDE.to_owned(),
                false => said::not_answered(&keymap.told(Action::Resample)),
            },
        ));
    }
    if is_last && awaited.is_empty() && notes.is_empty() && response.is_human() {
        notes.push((Role::Quiet, said::not_answered(&keymap.told(Action::Resample))));
    }
    notes.extend(awaited);
    notes
}

/// What came with a message, and what was searched for.
fn around(response: &Response) -> Vec<(Role, String)> {
    let Some(details) = &response.details else { return Vec::new() };
    let pictures = details.image_attachments.iter().map(|given| said::picture(&picture(given)));
    let kinds = details.query_type.lines().chain(std::iter::repeat(""));
    let searches = details.query.lines().zip(kinds);
    let searches = searches.map(|(query, kind)| said::searched(kind, query));
    pictures.chain(searches).map(|line| (Role::Quiet, line)).collect()
}

/// Answers to the last message that were asked for and have not begun.
fn awaited(
    open: &Open,
    answers: &Answers,
    keymap: &Keymap,
    last: &Response,
) -> Vec<(Role, String)> {
    let awaited = || {
        let here = answers.in_conversation(open.id());
        here.filter(|(_, answer)| {
            // Below the last message, or beside it.
            let beside = || !last.is_human() && answer.parent.is_some();
            answer.response.is_none()
                && (answer.parent.as_ref() == Some(&last.id)
                    || beside() && answer.parent == last.parent)
        })
    };
    let count = awaited().count();
    if count > 1 {
        // What each of them waits for is in the panel.
        return vec![(Role::Streaming, sampled::waiting_for(count))];
    }
    awaited()
        .map(|(_, answer)| match (&answer.notice, &answer.reasoning) {
            (notice, _) if !notice.is_empty() => (Role::Warning, said::waiting_for(notice)),
            (_, reasoning) if !reasoning.is_empty() => (Role::Quote, said::thinks(tail(reasoning))),
            _ => (Role::Streaming, said::waiting(&keymap.told(Action::Cancel))),
        })
        .collect()
}

/// The end of a long text, for a look at where it is.
pub(super) fn tail(text: &str) -> &str {
    let start = text.ceil_char_boundary(text.len().saturating_sub(240));
    let end = &text[start..];
    // From a whole word on, if there is one.
    let word = if start == 0 { 0 } else { end.find(char::is_whitespace).unwrap_or(0) };
    end[word..].trim()
}
