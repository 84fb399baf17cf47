//! Looking at the pictures of a response.

use super::reading;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Key;
use crate::tui::picture::Drawn;
use crate::tui::state::pictures::{self, Shown, View};
use crate::tui::state::{Focus, Overlay, State};
use crate::tui::theme::Role;
use crate::tui::view;
use crate::tui::words::pictures as words;

/// Shows a picture of the selected response: the `number`-th, from 1, or the last if there are fewer.
pub(super) fn view(state: &mut State, number: usize) -> Vec<Effect> {
    if state.focus == Focus::Forest {
        reading::commit_cursor(state);
    }
    let selected = state.open.selected_response();
    let count = selected.map_or(0, |response| pictures::of(response).count());
    let (Some(response), Some(last)) = (state.open.selected_id(), count.checked_sub(1)) else {
        state.say(Role::Quiet, words::NONE);
        return Vec::new();
    };
    let index = number.saturating_sub(1).min(last);
    let request = state.pictures_asked;
    state.overlay =
        Some(Overlay::Picture(View { response, index, request, shown: Shown::Loading }));
    ask(state)
}

/// Asks for the picture that the overlay is to show, for the room there is now.
pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    let room = view::picture_room(state.size);
    let Some(Overlay::Picture(view)) = &mut state.overlay else { return Vec::new() };
    let response = state.open.forest.get(&view.response);
    let picture = response.and_then(|response| pictures::of(response).nth(view.index));
    let Some(picture) = picture else {
        state.overlay = None;
        return Vec::new();
    };
    state.pictures_asked = state.pictures_asked.wrapping_add(1);
    view.request = state.pictures_asked;
    if pictures::is_address(picture) {
        view.shown = Shown::Address(picture.to_owned());
        return Vec::new();
    }
    view.shown = Shown::Loading;
    vec![Effect::DrawPicture { request: view.request, picture: picture.to_owned(), room }]
}

/// A picture is ready, or will not be.
pub(super) fn drawn(state: &mut State, request: u32, drawn: Result<Box<Drawn>, String>) {
    if let Some(Overlay::Picture(view)) = &mut state.overlay
        && view.request == request
    {
        view.shown = match drawn {
            Ok(drawn) => Shown::Drawn(drawn),
            Err(why) => Shown::Failed(why),
        };
    }
}

/// A key was pressed while a picture covers the screen.
pub(super) fn key(
    state: &mut State,
    mut view: View,
    key: Key,
    action: Option<Action>,
) -> Vec<Effect> {
    let by = match (key.to_string().as_str(), action) {
        ("]" | "→" | "l" | "Space", _) | (_, Some(Action::NextSibling)) => 1,
        ("[" | "←" | "h", _) | (_, Some(Action::PreviousSibling)) => -1,
        ("Esc" | "q" | "⏎", _) | (_, Some(Action::Cancel | Action::ViewPicture)) => {
            return Vec::new();
        }
        _ => 0,
    };
    let response = state.open.forest.get(&view.response);
    let count = response.map_or(0, |response| pictures::of(response).count());
    let index = view.index.saturating_add_signed(by).min(count.saturating_sub(1));
    let other = index != view.index;
    view.index = index;
    state.overlay = Some(Overlay::Picture(view));
    if other { ask(state) } else { Vec::new() }
}

/// What has to be taken off the screen when what `before` saw is not there any more.
pub(super) fn erased(before: Option<(u32, bool)>, state: &State) -> Option<Effect> {
    let (id, named) = before.filter(|before| kept(state) != Some(*before))?;
    Some(Effect::ErasePicture(named.then_some(id)))
}

/// The picture that the terminal keeps on the screen.
pub(super) fn kept(state: &State) -> Option<(u32, bool)> {
    match &state.overlay {
        Some(Overlay::Picture(view)) => view.kept_by_terminal(),
        Some(_) | None => None,
    }
}
