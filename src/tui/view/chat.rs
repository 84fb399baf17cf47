//! The chat: the path from the root to the leaf, as far as it is in sight.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Areas, fitted, has_keys, hits, linear, pane, pane_title};
use crate::forest::{Response, Slot};
use crate::text;
use crate::tui::action::Action;
use crate::tui::state::answers::Answer;
use crate::tui::state::chat::{Anchor, ChatRow};
use crate::tui::state::find::{Part, text_of};
use crate::tui::state::open::Open;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;
use crate::tui::words::{
    chat as said, forest as words, header as titles, linear as aloud, list as listed,
    samples as sampled, welcome,
};

/// Between the facts of a message.
const SEPARATOR: &str = " · ";

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, areas: &Areas, state: &State) {
    let theme = state.theme;
    let active = has_keys(state, Focus::Chat);
    let title = pane_title(theme, breadcrumb(state, usize::from(areas.chat.width) / 2), active);
    let mut block = pane(theme, title, active);
    if state.open.chat.anchor != Anchor::End && state.open.chat.more_below {
        let key = state.key_for(Action::Last).or_else(|| state.key_for(Action::ScrollPageDown));
        let words = said::more_below(key.as_deref());
        let words = Line::styled(theme.words(words), theme.style(Role::Warning));
        block = block.title_bottom(words.right_aligned());
    }
    if let Some(find) = state.open.find.as_ref().filter(|find| !find.words.is_empty()) {
        let words =
            Line::styled(theme.words(format!(" {} ", find.count())), theme.style(Role::Hit));
        block = block.title_top(words.right_aligned());
    }
    if areas.framed {
        frame.render_widget(block, areas.chat);
    }
    let area = areas.chat_text;
    if state.open.path.is_empty() {
        nothing_yet(frame, area, state);
        return;
    }
    for ((index, row), y) in state.open.chat.rows.iter().zip(area.y..area.bottom()) {
        let Some(&slot) = state.open.path.get(*index) else { continue };
        let selected = state.open.selected() == Some(slot);
        let place = Rect { y, height: 1, ..area };
        if selected && !theme.is_linear() && !matches!(row, ChatRow::Blank) {
            let bar = Rect { x: area.x - 1, width: 1, ..place };
            frame.render_widget(
                Span::styled(theme.words("▌"), theme.style(Role::ActiveBorder)),
                bar,
            );
        }
        match row {
            ChatRow::Header => header(frame, place, state, slot),
            ChatRow::Seam => seam(frame, place, state, slot),
            ChatRow::Text(row) => {
                if theme.is_linear() && grows_at(state, slot, *row) {
                    continue;
                }
                if let Some(line) = state.open.chat.text_row(slot, *row, theme) {
                    let line = theme.glyphs().drawn(line);
                    frame.render_widget(found(state, line, slot, Part::Text, *row), place);
                }
            }
            ChatRow::Reasoning(row) => {
                if let Some(line) = state.open.chat.reasoning_row(slot, *row) {
                    let line = theme.glyphs().drawn(line);
                    frame.render_widget(found(state, line, slot, Part::Reasoning, *row), place);
                }
            }
            ChatRow::Note(line) => frame.render_widget(line, place),
            ChatRow::Blank => {}
        }
    }
}

/// Whether a row of a text is the last one and still being received: it would be read again and again.
fn grows_at(state: &State, slot: Slot, row: usize) -> bool {
    let response = state.open.forest.response(slot);
    let last = state.open.chat.document(slot, Part::Text).map_or(0, |text| text.height());
    state.answers.of_response(&response.id).is_some() && row + 1 == last
}

/// A row with the words that were looked for.
fn found<'a>(state: &'a State, line: Line<'a>, slot: Slot, part: Part, row: usize) -> Line<'a> {
    let Open { find: Some(find), chat, forest, .. } = &state.open else { return line };
    let Some(document) = chat.document(slot, part) else { return line };
    let current = find.current().filter(|hit| hit.slot == slot && hit.part == part);
    let current = current.map(|hit| (hit, text_of(forest, slot, part)));
    hits::marked(line, document, row, find, current, state.theme)
}

/// `‹ 2/5 ›`, or nothing for an only child.
fn position(state: &State, slot: Slot) -> String {
    let position = state.open.forest.position(slot);
    if position.count > 1 {
        format!("‹ {}/{} ›", position.index + 1, position.count)
    } else {
        String::new()
    }
}

fn header(frame: &mut Frame<'_>, area: Rect, state: &State, slot: Slot) {
    let theme = state.theme;
    let response = state.open.forest.response(slot);
    if theme.is_linear() {
        return speaker(frame, area, state, slot, false);
    }
    let (name, role) =
        if response.is_human() { (said::YOU, Role::Human) } else { (said::GROK, Role::Model) };
    let mut left = vec![Span::styled(name, theme.style(role)), Span::raw("  ")];
    left.push(Span::styled(theme.words(position(state, slot)), theme.style(Role::Quiet)));
    if let Some(annotation) = state.open.annotations.get(slot) {
        let star = if annotation.starred { " ★" } else { "" };
        left.push(Span::styled(theme.words(star), theme.style(Role::Star)));
        let room = usize::from(area.width) / 3;
        let label = format!(" {}", theme.fit(&annotation.label, room));
        left.push(Span::styled(label, theme.style(Role::Star)));
        if annotation.archived {
            let words = format!(" {}", words::PUT_AWAY);
            left.push(Span::styled(words, theme.style(Role::Quiet)));
        }
    }
    if let Some((_, answer)) = state.answers.of_response(&response.id) {
        let room = usize::from(area.width).saturating_sub(left.iter().map(Span::width).sum());
        let words = theme.words(streaming(state, answer, room)).into_owned();
        left.push(Span::styled(words, theme.style(Role::Streaming)));
    }
    let same = state.open.identical(slot);
    if same > 1 {
        let words = format!("  {}", sampled::identical(same));
        left.push(Span::styled(theme.words(words), theme.style(Role::Quiet)));
    }
    if state.open.forest.lost_parent(slot).is_some() {
        let words = format!(" {}", said::NO_PARENT);
        left.push(Span::styled(words, theme.style(Role::Warning)));
    }
    let left = fitted(theme, Line::from(left), area.width);
    let free = usize::from(area.width).saturating_sub(left.width() + 1);
    frame.render_widget(left, area);
    let mut facts = facts(state, response);
    // Where there is no room for all of them, the first ones go.
    let right = loop {
        let right = Line::from(theme.words(facts.join(SEPARATOR)).into_owned());
        if right.width() <= free || facts.is_empty() {
            break right.style(theme.style(Role::Quiet));
        }
        facts.remove(0);
    };
    let wide = right.width() as u16;
    frame.render_widget(right, Rect { x: area.right() - wide, width: wide, ..area });
}

/// The same for a screen that is read aloud.
fn speaker(frame: &mut Frame<'_>, area: Rect, state: &State, slot: Slot, continued: bool) {
    let response = state.open.forest.response(slot);
    let facts = facts(state, response).join(", ");
    let words = linear::speaker(state, slot, continued, &facts);
    let words = state.theme.fit(&state.theme.words(words), usize::from(area.width));
    let role = if response.is_human() { Role::Human } else { Role::Model };
    frame.render_widget(Line::styled(words, state.theme.style(role)), area);
}

/// How an answer fares, in as many words as there is room for.
fn streaming(state: &State, answer: &Answer, room: usize) -> String {
    let key = state.key_for(Action::Cancel).filter(|_| !answer.stopping);
    let silent = answer.silent_for(state.now);
    let all =
        said::streaming(answer.tokens, answer.speed(), silent, answer.stopping, key.as_deref());
    let fitting = all.iter().position(|words| text::width(words) <= room);
    let [.., shortest] = &all;
    fitting.map_or(shortest, |index| &all[index]).clone()
}

/// Who made a text, how, and when.
fn facts(state: &State, response: &Response) -> Vec<String> {
    let linear = state.theme.is_linear();
    let mut facts = Vec::new();
    if !response.model.is_empty() {
        facts.push(state.theme.fit(&response.model, 32));
    }
    if let Some(details) = &response.details {
        if let Some(temperature) = details.sampling.temperature {
            facts.push(match linear {
                true => aloud::temperature(temperature),
                false => titles::temperature(temperature),
            });
        }
        if let Some(seed) = details.sampling.seed {
            facts.push(titles::seed(seed));
        }
        if let Some(usage) = details.usage {
            facts.push(match linear {
                true => aloud::tokens(usage.completion_tokens.into()),
                false => said::tokens(usage.completion_tokens.into()),
            });
            if let Some(ticks) = usage.cost_in_usd_ticks {
                facts.push(said::cost(ticks as f64 / 1e10));
            }
        }
        facts.extend(said::ended_early(&details.finish_reason).map(str::to_owned));
    }
    if response.manual && !linear {
        facts.push(said::BY_HAND.to_owned());
    }
    if response.edited_from.is_some() {
        facts.push(said::EDITED.to_owned());
    }
    if response.shared {
        facts.push(said::SHARED.to_owned());
    }
    facts.push(clock(state, response));
    facts
}

fn clock(state: &State, response: &Response) -> String {
    let at = |time: crate::forest::Time| {
        jiff::Timestamp::from_microsecond(time.0).ok().map(|t| t.to_zoned(state.zone.clone()))
    };
    match (at(response.create_time), at(state.now)) {
        (Some(then), Some(now)) if then.date() == now.date() => then.strftime("%H:%M").to_string(),
        (Some(then), _) => then.strftime("%Y-%m-%d %H:%M").to_string(),
        (None, _) => String::new(),
    }
}

fn seam(frame: &mut Frame<'_>, area: Rect, state: &State, slot: Slot) {
    let theme = state.theme;
    let response = state.open.forest.response(slot);
    if theme.is_linear() {
        return speaker(frame, area, state, slot, true);
    }
    let position = position(state, slot);
    let mut words = said::continued(&position);
    if let Some((_, answer)) = state.answers.of_response(&response.id) {
        let room = usize::from(area.width).saturating_sub(text::width(&words));
        words.push_str(&streaming(state, answer, room));
    }
    // It may be of another model, or sampled otherwise, than what it continues.
    for fact in facts(state, response) {
        words.push_str(SEPARATOR);
        words.push_str(&fact);
    }
    let line = Line::styled(theme.words(words), theme.style(Role::Quiet));
    frame.render_widget(fitted(theme, line, area.width), area);
}

/// The forks that were chosen on the way to the leaf: `root 1/2 ▸ t3 2/5 ▸ t41 1/3`. The last ones
/// stay where there is little room. Costs O(log n) for each that is shown.
fn breadcrumb(state: &State, width: usize) -> String {
    if state.theme.is_linear() {
        return format!(" {} ", aloud::CHAT);
    }
    let open = &state.open;
    let mut crumbs = String::new();
    let mut room = width.saturating_sub(2);
    let mut at = open.leaf();
    while let Some(slot) = at {
        // Of a chain of only children, the first has siblings or is a root.
        let head = open.forest.chain(slot).at(0);
        at = open.forest.parent(head);
        let position = open.forest.position(head);
        if position.count == 1 {
            continue;
        }
        let place = match open.path_index(head) {
            Some(0) | None => said::ROOT.to_owned(),
            Some(index) => said::turn(index + 1),
        };
        let crumb = format!("{place} {}/{}", position.index + 1, position.count);
        let more = if crumbs.is_empty() { "" } else { " ▸ " };
        // Some cells are for the sign that there are others.
        let wanted = text::width(&crumb) + text::width(more);
        if !crumbs.is_empty() && wanted + 4 * usize::from(at.is_some()) > room {
            crumbs.insert_str(0, "… ▸ ");
            break;
        }
        room = room.saturating_sub(wanted);
        crumbs.insert_str(0, more);
        crumbs.insert_str(0, &crumb);
    }
    if crumbs.is_empty() {
        crumbs.push_str(said::TITLE);
    }
    format!(" {} ", state.theme.fit(&crumbs, width))
}

fn nothing_yet(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let quiet = theme.style(Role::Quiet);
    let failed = &state.list.failure;
    if state.open.loading.is_some() && failed.is_empty() {
        frame.render_widget(Line::styled(theme.words(welcome::LOADING), quiet), area);
        return;
    }
    let waiting = state.answers.in_conversation(state.open.id()).next();
    let mut rows: Vec<(Role, String)> = Vec::new();
    if let Some((_, answer)) = waiting {
        let said = answer.outgoing.as_ref().map_or("", |said| said.text.as_str());
        rows.push((Role::Text, said.to_owned()));
        rows.push((Role::Streaming, theme.words(welcome::SENDING).into_owned()));
    } else {
        if !failed.is_empty() {
            let key = state.key_told(Action::Redraw);
            rows.push((Role::Error, listed::not_loaded(failed, &key)));
            rows.push((Role::Quiet, String::new()));
        }
        let told = |action| state.keymap.told(action);
        rows.push((Role::Text, welcome::begin(&told(Action::Send))));
        rows.push((Role::Quiet, String::new()));
        let made = [Action::Resample, Action::Replace, Action::Continue].map(told);
        let help = state.key_told(Action::Help);
        let about =
            welcome::about(made.each_ref().map(String::as_str), &told(Action::NextPane), &help);
        rows.push((Role::Quiet, about));
        if !state.hint.is_empty() {
            rows.push((Role::Quiet, String::new()));
            rows.push((Role::Warning, state.hint.clone()));
        }
    }
    let width = usize::from(area.width);
    let lines = rows
        .iter()
        .flat_map(|(role, text)| crate::tui::markdown::verbatim(text, width, theme, *role));
    for (line, y) in lines.zip(area.y..area.bottom()) {
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}
