//! Pictures and long pasted texts: how they come to what is being written, leave it, and are sent.

use super::{turns, writing};
use crate::forest::ResponseId;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::picture::looks_like_path;
use crate::tui::state::attachments::{Attachment, Written, is_long};
use crate::tui::state::composer::Composer;
use crate::tui::state::{Focus, Mode, Prompt, PromptKind, State};
use crate::tui::theme::Role;
use crate::tui::words::{attachments as words, turns as turn_words};

/// A text was pasted into the text field. What may be the path of a picture is a text until the file
/// was looked at: what is typed meanwhile stays in order.
pub(super) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if is_long(text) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        state.attachments.add_text(&text, state.now);
        state.unsaved = true;
        return Vec::new();
    }
    writing::insert(state, text);
    if !takes_pictures(state) || !looks_like_path(text) {
        return Vec::new();
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    vec![Effect::ReadPictures { text, pasted: true }]
}

/// Whether what is being written can have pictures: it is said by the user.
fn takes_pictures(state: &State) -> bool {
    match &state.mode {
        Mode::Message => true,
        Mode::Replace(id) => state.open.forest.get(id).is_some_and(|old| old.is_human()),
        Mode::AsModel(_) => false,
    }
}

/// Asks for the path of a picture.
pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    if takes_pictures(state) {
        state.focus = Focus::Composer;
        state.prompt = Some(Prompt { kind: PromptKind::Attach, field: Composer::default() });
    } else {
        state.say(Role::Warning, words::ONLY_MESSAGES);
    }
    Vec::new()
}

/// A path was given.
pub(super) fn asked(state: &mut State, text: &str) -> Vec<Effect> {
    if text.is_empty() {
        return Vec::new();
    }
    state.attachments.reading += 1;
    text.clone_into(&mut state.attachments.asked);
    vec![Effect::ReadPictures { text: text.to_owned(), pasted: false }]
}

/// Files were read. The path that was pasted gives way to its picture, if it is still there.
pub(super) fn read(
    state: &mut State,
    pasted: Option<&str>,
    pictures: Result<Vec<String>, String>,
) -> Vec<Effect> {
    if pasted.is_none() {
        state.attachments.reading = state.attachments.reading.saturating_sub(1);
    }
    let pictures = match pictures {
        Ok(pictures) => pictures,
        Err(why) => {
            // The path can be mended, unless something else is being done already.
            let asked = std::mem::take(&mut state.attachments.asked);
            if pasted.is_none() && state.prompt.is_none() && !asked.is_empty() {
                let field = Composer::with_text(&asked);
                state.prompt = Some(Prompt { kind: PromptKind::Attach, field });
            }
            state.say(Role::Error, why);
            return Vec::new();
        }
    };
    if !takes_pictures(state) {
        state.say(Role::Warning, words::ONLY_MESSAGES);
        return Vec::new();
    }
    let wanted = match pasted {
        Some(text) => !pictures.is_empty() && state.composer.take_out(text),
        None => true,
    };
    if wanted {
        for address in pictures {
            state.attachments.add_picture(&address, state.now);
        }
        state.unsaved = true;
    }
    Vec::new()
}

/// Puts the last pasted text into the text field.
pub(super) fn expand(state: &mut State) -> Vec<Effect> {
    match state.attachments.take_text() {
        Some(text) => {
            // It stands before the text, as it would have been sent.
            if state.composer.is_blank() {
                writing::insert(state, &text);
            } else {
                let whole = format!("{text}\n\n{}", state.composer.text());
                state.composer.set(&whole);
                state.unsaved = true;
            }
            // Taken back, the text would be nowhere: it is attached no more.
            state.composer.keep();
        }
        None => state.say(Role::Quiet, words::NOTHING_PASTED),
    }
    Vec::new()
}

/// An edit that concerns an attachment; false if it is one of the text.
pub(super) fn edited(state: &mut State, action: Action) -> bool {
    let done = match action {
        Action::DeleteLeft if state.composer.is_at_start() => {
            let removed = state.attachments.remove_last();
            if removed {
                let key = state.key_told(Action::Undo);
                state.say(Role::Quiet, words::removed(&key));
            }
            removed
        }
        Action::Undo => state.attachments.restore(),
        Action::DeleteLeft
        | Action::DeleteRight
        | Action::DeleteWordLeft
        | Action::DeleteWordRight
        | Action::DeleteLineStart
        | Action::DeleteLineEnd
        | Action::Yank => {
            state.attachments.settle();
            false
        }
        _ => false,
    };
    state.unsaved |= done;
    done
}

/// Whether there is something to send, all of it; says so if not.
pub(super) fn ready(state: &mut State) -> bool {
    if state.attachments.reading > 0 {
        state.say(Role::Warning, words::STILL_READING);
    } else if state.is_blank() {
        state.say(Role::Quiet, turn_words::NOTHING_TO_SEND);
    } else {
        return true;
    }
    false
}

/// What is being written.
pub(super) fn written(state: &State) -> Written {
    let attached = state.attachments.items().to_vec();
    Written { text: state.composer.text().to_owned(), attached }
}

/// Takes out what was written.
pub(super) fn take(state: &mut State) -> Written {
    let text = state.composer.take();
    // Nothing but space beside something attached is no text.
    let text = if text.trim().is_empty() { String::new() } else { text };
    Written { text, attached: state.attachments.take() }
}

/// Attaches this and nothing else.
pub(super) fn put(state: &mut State, attached: Vec<Attachment>) {
    state.attachments.take();
    state.attachments.extend(attached);
    state.unsaved = true;
}

/// Adds what was typed and attached while something else was on its way to the text field.
pub(super) fn give(state: &mut State, more: Written) {
    state.composer.insert(&more.text);
    state.attachments.extend(more.attached);
}

/// What was attached to a message that the service did not take goes to where it was written.
pub(super) fn give_back(
    state: &mut State,
    here: bool,
    parent: Option<ResponseId>,
    attached: Vec<Attachment>,
) {
    if attached.is_empty() {
        return;
    }
    let key = (Mode::Message, parent);
    if !here {
        state.new_attached.extend(attached);
        state.say(Role::Warning, words::WITH_NEW);
    } else if key == turns::draft_key(state) {
        state.attachments.extend(attached);
    } else {
        state.open.attached.entry(key).or_default().extend(attached);
    }
    state.unsaved = true;
}
