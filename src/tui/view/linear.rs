//! The screen that is read aloud: rows as sentences, and the cursor of the terminal where the selection
//! is, so that a reader follows it. Panes and places are the same as on narrow screens.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::{Areas, has_keys, title_here, title_of};
use crate::forest::layout::{Kind, Row};
use crate::forest::{Conversation, Slot};
use crate::text;
use crate::tui::state::{Connection, Focus, State};
use crate::tui::theme::Theme;
use crate::tui::words::{forest, header as titles, linear as words, list};

/// Cells that a title, or what was said, keeps before the rest of a row is cut.
const FEWEST_CELLS: usize = 12;

/// The parts of a sentence that apply.
fn sentence<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn when(holds: bool, words: &str) -> Option<String> {
    holds.then(|| words.to_owned())
}

/// The first row.
pub(super) fn header(state: &State) -> String {
    let title = title_here(state);
    let model = state.answering_model();
    let connection = match &state.connection {
        Connection::Embedded => words::connected(titles::LOCAL),
        Connection::Connecting(endpoint) => titles::connecting(endpoint),
        Connection::Connected(endpoint) => words::connected(endpoint),
        Connection::Lost { endpoint, .. } => titles::lost(endpoint),
    };
    let sampling = state.effective_sampling();
    sentence([
        Some(title.to_owned()),
        when(state.open.conversation.as_ref().is_some_and(|c| c.starred), words::STARRED),
        Some(connection),
        (!model.is_empty()).then(|| words::model(model)),
        sampling.temperature.map(words::temperature),
        sampling.seed.map(titles::seed),
        when(sampling.search == Some(true), titles::SEARCH),
    ])
}

/// What goes on with answers in this conversation; `None`: nothing.
pub(super) fn status(state: &State) -> Option<&'static str> {
    let mut running = state.answers.in_conversation(state.open.id());
    running.next().map(|_| words::IS_ANSWERING)
}

/// Who says what follows, as in `Grok, 2 of 5, streaming:`.
pub(super) fn speaker(state: &State, slot: Slot, continued: bool, facts: &str) -> String {
    let open = &state.open;
    let response = open.forest.response(slot);
    let who = match (continued, response.is_human()) {
        (true, _) => words::CONTINUED,
        (false, true) => words::YOU,
        (false, false) => words::GROK,
    };
    let position = open.forest.position(slot);
    let answer = state.answers.of_response(&response.id).map(|(_, answer)| answer);
    let annotation = open.annotations.get(slot);
    let starred = annotation.is_some_and(|known| known.starred);
    let said = sentence([
        Some(who.to_owned()),
        (position.count > 1).then(|| words::position(position.index + 1, position.count)),
        same(state, slot),
        when(answer.is_some(), words::STREAMING),
        when(answer.is_some_and(|answer| answer.stopping), words::STOPPING),
        when(response.partial && answer.is_none(), words::INCOMPLETE),
        when(response.manual, words::BY_HAND),
        when(starred, words::STARRED),
        annotation.map(|known| known.label.clone()),
        when(annotation.is_some_and(|known| known.archived), forest::PUT_AWAY),
        when(open.forest.lost_parent(slot).is_some(), words::NO_PARENT),
        when(open.selected() == Some(slot), words::SELECTED),
        Some(facts.to_owned()),
    ]);
    format!("{said}:")
}

/// How many siblings say the same, if there are others.
fn same(state: &State, slot: Slot) -> Option<String> {
    let count = state.open.identical(slot);
    (count > 1).then(|| words::identical(count))
}

/// A row of the list.
pub(super) fn conversation(
    state: &State,
    conversation: &Conversation,
    under_cursor: bool,
    width: usize,
) -> String {
    let busy = state.answers.in_conversation(Some(&conversation.id)).next().is_some();
    let title = title_of(state, conversation);
    let after = sentence([
        when(conversation.starred, words::STARRED),
        when(busy, words::ANSWERING),
        Some(words::changed(&list::age(conversation.modify_time, state.now))),
        when(state.open.id() == Some(&conversation.id), words::OPEN),
        when(under_cursor, words::SELECTED),
    ]);
    let room = width.saturating_sub(text::width(&after) + 2).max(FEWEST_CELLS);
    let row = format!("{}, {after}", state.theme.fit(title, room));
    state.theme.fit(&row, width)
}

/// A row of the forest.
pub(super) fn row(state: &State, row: &Row, on_path: bool, width: usize) -> String {
    let open = &state.open;
    let folded = row.open.map(|open| if open { words::UNFOLDED } else { words::FOLDED });
    let slot = match row.kind {
        Kind::Run { count, .. } => {
            let run = forest::run(count);
            let run = run.trim_start_matches(|c: char| !c.is_alphanumeric()).to_owned();
            return sentence([Some(run), folded.map(str::to_owned)]);
        }
        Kind::Archived { count, .. } => {
            return sentence([Some(forest::put_away(count)), folded.map(str::to_owned)]);
        }
        Kind::Main(slot) | Kind::Alternate(slot) => slot,
    };
    let response = open.forest.response(slot);
    let position = open.forest.position(slot);
    let streaming = state.answers.of_response(&response.id).is_some();
    let annotation = open.annotations.get(slot);
    let after = sentence([
        (position.count > 1).then(|| words::position(position.index + 1, position.count)),
        same(state, slot),
        when(streaming, words::STREAMING),
        when(response.partial && !streaming, words::INCOMPLETE),
        when(response.manual, words::BY_HAND),
        when(open.is_unread(slot), words::UNREAD),
        when(annotation.is_some_and(|known| known.starred), words::STARRED),
        annotation.map(|known| known.label.clone()),
        when(annotation.is_some_and(|known| !known.note.is_empty()), words::NOTED),
        when(annotation.is_some_and(|known| known.archived), forest::PUT_AWAY),
        folded.map(str::to_owned),
        (row.hidden > 0).then(|| words::hidden(row.hidden)),
        Some(words::level(row.level + 1)),
        when(on_path, words::ON_PATH),
        when(open.selected() == Some(slot), words::SELECTED),
    ]);
    let who = if response.is_human() { words::YOU } else { words::GROK };
    let room = width.saturating_sub(text::width(who) + text::width(&after) + 4).max(FEWEST_CELLS);
    let said = state.theme.glyphs().first_words(&response.message, room);
    let said = if said.is_empty() { forest::nothing(false).to_owned() } else { said };
    format!("{who}: {said}, {after}")
}

/// What is said of the row under the cursor of what covers the screen; the cursor of the terminal goes
/// there.
pub(super) fn mark(frame: &mut Frame<'_>, row: Rect, theme: Theme, under_cursor: bool) -> String {
    if !under_cursor || !theme.is_linear() {
        return String::new();
    }
    frame.set_cursor_position(row.as_position());
    format!(", {}", words::SELECTED)
}

/// Puts the cursor of the terminal where the selection is. Where a text is written it is there already,
/// and what covers the screen puts it where its own is.
pub(super) fn cursor(frame: &mut Frame<'_>, areas: &Areas, state: &State) {
    let inside = |area: Rect| Rect { x: area.x + 1, y: area.y + 1, ..area };
    let (area, row) = if has_keys(state, Focus::List) {
        let rows = usize::from(areas.list.height.saturating_sub(2));
        (inside(areas.list), state.list.cursor - state.list.top(rows))
    } else if has_keys(state, Focus::Forest) {
        (inside(areas.forest), state.open.pane.rows().1)
    } else if has_keys(state, Focus::Chat) && state.visual.is_none() {
        let selected = state.open.selected();
        let of_selected =
            |(index, _): &(usize, _)| state.open.path.get(*index) == selected.as_ref();
        (areas.chat_text, state.open.chat.rows.iter().position(of_selected).unwrap_or(0))
    } else {
        return;
    };
    frame.set_cursor_position(Position { x: area.x, y: area.y.saturating_add(row as u16) });
}
