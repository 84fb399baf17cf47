//! Stars, labels, notes, what is put away: what a user notes about responses. It shows at once; if
//! the service does not take it, it is taken back.

use super::reading;
use crate::client::{Error, ErrorKind};
use crate::forest::{Annotation, ConversationId, ResponseId, Slot};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::composer::Composer;
use crate::tui::state::{Focus, Prompt, PromptKind, State};
use crate::tui::theme::Role;
use crate::tui::words::forest as words;

/// Notes something about the response under the forest's cursor, or the selected one.
pub(super) fn action(state: &mut State, action: Action) -> Vec<Effect> {
    if state.no_annotations {
        return Vec::new();
    }
    let archive = match (state.focus, state.open.filtered()) {
        (Focus::Forest, None) => state.open.pane.on_archive_of(),
        _ => None,
    };
    if let Some(of) = archive {
        return match the_archived(state, of).filter(|_| action == Action::Archive) {
            Some(slot) => mark(state, slot, action),
            None => {
                state.say(Role::Quiet, words::OPEN_THE_ARCHIVE);
                Vec::new()
            }
        };
    }
    let slot = match state.focus {
        Focus::Forest => reading::at_cursor(state),
        Focus::List | Focus::Chat | Focus::Composer => state.open.selected(),
    };
    let Some(slot) = slot else {
        state.say(Role::Quiet, words::NO_RESPONSE);
        return Vec::new();
    };
    mark(state, slot, action)
}

/// The response that its row of the forest stands for, if it is put away alone.
fn the_archived(state: &State, of: Slot) -> Option<Slot> {
    let open = &state.open;
    let put_away =
        |slot: &Slot| open.annotations.get(*slot).is_some_and(|annotation| annotation.archived);
    let mut all = open.forest.siblings(of).iter().copied().filter(put_away);
    all.next().filter(|_| all.next().is_none())
}

fn mark(state: &mut State, slot: Slot, action: Action) -> Vec<Effect> {
    let id = state.open.forest.response(slot).id.clone();
    let known = state.open.annotations.get(slot).cloned().unwrap_or_default();
    match action {
        Action::StarResponse => {
            let starred = !known.starred;
            annotate(state, &id, Annotation { starred, ..known })
        }
        Action::Archive => {
            let archived = !known.archived;
            let count = state.open.forest.subtree_count(slot);
            let effects = annotate(state, &id, Annotation { archived, ..known });
            let key = state.key_told(Action::Archive);
            state.say(Role::Quiet, words::archived(archived, count, &key));
            effects
        }
        Action::Label => ask(state, PromptKind::Label(id), &known.label),
        Action::Note => ask(state, PromptKind::Note(id), &known.note),
        _ => Vec::new(),
    }
}

fn ask(state: &mut State, kind: PromptKind, text: &str) -> Vec<Effect> {
    state.prompt = Some(Prompt { kind, field: Composer::with_text(text) });
    Vec::new()
}

/// A label or a note was written.
pub(super) fn written(state: &mut State, kind: &PromptKind, text: &str) -> Vec<Effect> {
    let (PromptKind::Label(id) | PromptKind::Note(id)) = kind else { return Vec::new() };
    let slot = state.open.forest.slot(id);
    let known = slot.and_then(|slot| state.open.annotations.get(slot)).cloned().unwrap_or_default();
    let text = text.trim();
    let annotation = match kind {
        PromptKind::Label(_) => Annotation { label: text.replace(['\r', '\n'], " "), ..known },
        _ => Annotation { note: text.to_owned(), ..known },
    };
    if let Err(why) = annotation.check() {
        // It can be shortened.
        ask(state, kind.clone(), text);
        state.say(Role::Error, why);
        return Vec::new();
    }
    annotate(state, id, annotation)
}

fn annotate(state: &mut State, id: &ResponseId, annotation: Annotation) -> Vec<Effect> {
    let (Some(conversation), Some(slot)) = (state.open.id().cloned(), state.open.forest.slot(id))
    else {
        return Vec::new();
    };
    let before = state.open.annotate(slot, annotation.clone());
    let key = (conversation.clone(), id.clone());
    if !state.notes.want(key, annotation.clone(), before) {
        return Vec::new();
    }
    vec![Effect::Annotate { conversation, response: id.clone(), annotation }]
}

/// The service has taken it; what was noted meanwhile follows.
pub(super) fn taken(
    state: &mut State,
    conversation: ConversationId,
    response: ResponseId,
    annotation: Annotation,
) -> Vec<Effect> {
    let key = (conversation, response);
    let next = state.notes.taken(&key, annotation);
    let (conversation, response) = key;
    next.map(|annotation| Effect::Annotate { conversation, response, annotation })
        .into_iter()
        .collect()
}

/// The service did not take it: all is as the service has it.
pub(super) fn refused(
    state: &mut State,
    conversation: ConversationId,
    response: ResponseId,
    error: &Error,
) {
    let key = (conversation, response);
    if let Some(known) = state.notes.refused(&key)
        && state.open.id() == Some(&key.0)
        && let Some(slot) = state.open.forest.slot(&key.1)
    {
        state.open.annotate(slot, known);
    }
    if error.kind == ErrorKind::Unimplemented {
        state.no_annotations = true;
        state.say(Role::Warning, words::NO_ANNOTATIONS);
    } else {
        super::failed(state, words::NOTE_DOWN, error);
    }
}
