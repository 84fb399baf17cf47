//! The chat: the path from the root to the leaf, as far as it is in sight.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Areas, has_keys, pane, pane_title};
use crate::forest::{Response, Slot};
use crate::text;
use crate::tui::action::Action;
use crate::tui::state::answers::{Answer, Answers};
use crate::tui::state::chat::{Anchor, ChatRow, Message};
use crate::tui::state::open::Open;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;
use crate::tui::words;

/// Forks that the breadcrumb shows, the last ones.
const MOST_CRUMBS: usize = 4;

/// What the layout of the chat has to know of the message at an index of the path.
///
/// # Panics
/// Never for an index below the length of the path.
#[must_use]
pub fn message<'a>(open: &'a Open, answers: &Answers, index: usize) -> Message<'a> {
    let slot = open.path[index];
    let response = open.forest.response(slot);
    let before = index.checked_sub(1).map(|before| open.forest.response(open.path[before]));
    let continues = !response.is_human() && before.is_some_and(|b| !b.is_human() && b.partial);
    let answer = answers.of_response(&response.id).map(|(_, answer)| answer);
    let is_last = index + 1 == open.path.len();
    let mut below = around(response);
    below.extend(notes(open, answers, slot, response, answer, is_last));
    let notes = below;
    Message { slot, response, continues, is_last, notes }
}

fn notes(
    open: &Open,
    answers: &Answers,
    slot: Slot,
    response: &Response,
    answer: Option<&Answer>,
    is_last: bool,
) -> Vec<(Role, String)> {
    let mut notes = Vec::new();
    if let Some(answer) = answer {
        if !answer.reasoning.is_empty() && response.message.is_empty() {
            notes.push((Role::Quote, format!("thinking… {}", tail(&answer.reasoning))));
        }
        if !answer.notice.is_empty() {
            notes.push((Role::Warning, answer.notice.clone()));
        }
        return notes;
    }
    let stored = response.details.as_ref().map_or("", |details| details.error.as_str());
    let failure = open.failures.get(&slot).map_or(stored, String::as_str);
    let continued = !open.forest.children(slot).is_empty();
    if response.partial && !continued {
        let why = if failure.is_empty() { String::new() } else { format!(": {failure}") };
        notes.push((Role::Partial, format!("⚠ incomplete{why} · c continues it")));
    } else if !response.partial && !failure.is_empty() {
        notes.push((Role::Error, format!("⚠ no answer: {failure} · r tries again")));
    } else if response.message.is_empty() && !response.is_human() {
        notes.push((Role::Quiet, "(Grok added nothing)".to_owned()));
    }
    if is_last {
        let awaited = awaited(open, answers, response);
        if awaited.is_empty() && notes.is_empty() && response.is_human() {
            notes.push((Role::Quiet, "⚠ not answered · r asks for an answer".to_owned()));
        }
        notes.extend(awaited);
    }
    notes
}

/// What came with a message, and what an answer rests on.
fn around(response: &Response) -> Vec<(Role, String)> {
    let Some(details) = &response.details else { return Vec::new() };
    let pictures = details.image_attachments.iter().map(|given| format!("▣ {}", picture(given)));
    let kinds = details.query_type.lines().chain(std::iter::repeat(""));
    let searches = details.query.lines().zip(kinds);
    let searches = searches.map(|(query, kind)| match kind {
        "" => format!("⌕ {query}"),
        kind => format!("⌕ {kind}: {query}"),
    });
    let sources = details.sources.iter().map(|source| match source.title.as_str() {
        "" => format!("↗ {}", source.url),
        title => format!("↗ {title} · {}", source.url),
    });
    pictures.chain(searches).chain(sources).map(|line| (Role::Quiet, line)).collect()
}

/// Name and size of a picture, as far as its address tells them.
fn picture(given: &str) -> String {
    let Some((head, data)) = given.strip_prefix("data:").and_then(|rest| rest.split_once(','))
    else {
        let is_address = given.contains("://");
        return if is_address { given.to_owned() } else { format!("picture · {}", size(given)) };
    };
    let mut parts = head.split(';');
    let kind = parts.next().unwrap_or_default();
    let name = parts.find_map(|part| part.strip_prefix("name=")).unwrap_or("picture");
    format!("{name} · {kind} · {}", size(data))
}

/// The size of what stands in base64.
fn size(data: &str) -> String {
    match data.trim_end_matches('=').len() * 3 / 4 {
        bytes @ ..1_000 => format!("{bytes} B"),
        bytes @ ..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        bytes => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Answers to the last message that were asked for and have not begun.
fn awaited(open: &Open, answers: &Answers, last: &Response) -> Vec<(Role, String)> {
    let awaited = || {
        let here = answers.in_conversation(open.id());
        here.filter(|(_, answer)| {
            answer.response.is_none() && answer.parent.as_ref() == Some(&last.id)
        })
    };
    let count = awaited().count();
    if count > 1 {
        // What each of them waits for is in the panel.
        return vec![(Role::Streaming, words::samples::waiting_for(count))];
    }
    awaited()
        .map(|(_, answer)| match (&answer.notice, &answer.reasoning) {
            (notice, _) if !notice.is_empty() => (Role::Warning, format!("▯ {notice}")),
            (_, reasoning) if !reasoning.is_empty() => {
                (Role::Quote, format!("thinking… {}", tail(reasoning)))
            }
            _ => (Role::Streaming, "▯ waiting for the first token · Esc stops".to_owned()),
        })
        .collect()
}

/// The end of a long text, for a look at where it is.
pub(super) fn tail(text: &str) -> &str {
    let start = text.ceil_char_boundary(text.len().saturating_sub(240));
    text[start..].trim()
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, areas: &Areas, state: &State) {
    let theme = state.theme;
    let active = has_keys(state, Focus::Chat);
    let title = pane_title(theme, breadcrumb(state, usize::from(areas.chat.width) / 2), active);
    let mut block = pane(theme, title, active);
    if state.open.chat.anchor != Anchor::End && state.open.chat.more_below {
        let key = state.key_for(Action::Last).unwrap_or_else(|| "PgDn".to_owned());
        let words = Line::styled(format!(" ↓ more below · {key} "), theme.style(Role::Warning));
        block = block.title_bottom(words.right_aligned());
    }
    if areas.framed {
        frame.render_widget(block, areas.chat);
    }
    let area = areas.chat_text;
    if state.open.path.is_empty() {
        welcome(frame, area, state);
        return;
    }
    for ((index, row), y) in state.open.chat.rows.iter().zip(area.y..area.bottom()) {
        let Some(&slot) = state.open.path.get(*index) else { continue };
        let selected = state.open.selected() == Some(slot);
        let place = Rect { y, height: 1, ..area };
        if selected && !matches!(row, ChatRow::Blank) {
            let bar = Rect { x: area.x - 1, width: 1, ..place };
            frame.render_widget(Span::styled("▌", theme.style(Role::ActiveBorder)), bar);
        }
        match row {
            ChatRow::Header => header(frame, place, state, slot),
            ChatRow::Seam => seam(frame, place, state, slot),
            ChatRow::Text(row) => {
                if let Some(line) = state.open.chat.text_row(slot, *row) {
                    frame.render_widget(line, place);
                }
            }
            ChatRow::Note(line) => frame.render_widget(line, place),
            ChatRow::Blank => {}
        }
    }
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
    let (name, role) =
        if response.is_human() { ("You", Role::Human) } else { ("Grok", Role::Model) };
    let mut left = vec![Span::styled(name, theme.style(role)), Span::raw("  ")];
    left.push(Span::styled(position(state, slot), theme.style(Role::Quiet)));
    if let Some((_, answer)) = state.answers.of_response(&response.id) {
        left.push(Span::styled(streaming(state, answer), theme.style(Role::Streaming)));
    }
    let same = state.open.identical(slot);
    if same > 1 {
        let words = format!("  {}", words::samples::identical(same));
        left.push(Span::styled(words, theme.style(Role::Quiet)));
    }
    if state.open.forest.lost_parent(slot).is_some() {
        left.push(Span::styled(" its parent is missing", theme.style(Role::Warning)));
    }
    let left = Line::from(left);
    let free = usize::from(area.width).saturating_sub(left.width() + 1);
    frame.render_widget(left, area);
    let right = Line::from(facts(state, response)).style(theme.style(Role::Quiet));
    let wide = right.width();
    if wide <= free {
        let wide = wide as u16;
        frame.render_widget(right, Rect { x: area.right() - wide, width: wide, ..area });
    }
}

fn streaming(state: &State, answer: &Answer) -> String {
    let speed = answer.speed().map_or(String::new(), |speed| format!(" · {speed:.0} tok/s"));
    let key = state.key_for(Action::Cancel).unwrap_or_else(|| "Esc".to_owned());
    let stop = if answer.stopping { "stopping".to_owned() } else { format!("{key} stops") };
    format!(" ▮ streaming {} tok{speed} · {stop}", answer.tokens)
}

/// Who made a text, how, and when.
fn facts(state: &State, response: &Response) -> String {
    let mut facts = Vec::new();
    if !response.model.is_empty() {
        facts.push(text::fit(&response.model, 32));
    }
    if let Some(details) = &response.details {
        if let Some(temperature) = details.sampling.temperature {
            facts.push(format!("t {temperature}"));
        }
        if let Some(usage) = details.usage {
            facts.push(format!("{} tok", usage.completion_tokens));
            if let Some(ticks) = usage.cost_in_usd_ticks {
                facts.push(format!("${:.4}", ticks as f64 / 1e10));
            }
        }
        if details.finish_reason == "length" {
            facts.push("cut at its limit".to_owned());
        }
    }
    if response.manual {
        facts.push("✎ by hand".to_owned());
    }
    if response.edited_from.is_some() {
        facts.push("edited".to_owned());
    }
    if response.shared {
        facts.push("shared".to_owned());
    }
    facts.push(clock(state, response));
    facts.join(" · ")
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
    let mut words = format!("┈ continued {}", position(state, slot));
    if let Some((_, answer)) = state.answers.of_response(&response.id) {
        words.push_str(&streaming(state, answer));
    }
    frame.render_widget(Line::styled(words, theme.style(Role::Quiet)), area);
}

/// The forks that were chosen on the way to the leaf: `t3 2/5 ▸ t41 1/3`.
fn breadcrumb(state: &State, width: usize) -> String {
    let path = &state.open.path;
    let forest = &state.open.forest;
    let mut crumbs: Vec<String> = Vec::new();
    for (index, &slot) in path.iter().enumerate().rev() {
        if forest.siblings(slot).len() > 1 {
            let position = forest.position(slot);
            crumbs.push(format!("t{} {}/{}", index + 1, position.index + 1, position.count));
        }
        if crumbs.len() == MOST_CRUMBS || index + 4_000 < path.len() {
            break;
        }
    }
    crumbs.reverse();
    let crumbs = if crumbs.is_empty() { "Chat".to_owned() } else { crumbs.join(" ▸ ") };
    format!(" {} ", text::fit(&crumbs, width))
}

fn welcome(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let quiet = theme.style(Role::Quiet);
    if state.open.loading.is_some() {
        frame.render_widget(Line::styled("Loading…", quiet), area);
        return;
    }
    let waiting = state.answers.in_conversation(state.open.id()).next();
    let mut rows: Vec<(Role, String)> = Vec::new();
    if let Some((_, answer)) = waiting {
        rows.push((Role::Text, answer.outgoing.clone().unwrap_or_default()));
        rows.push((Role::Streaming, "▯ sending…".to_owned()));
    } else {
        rows.push((Role::Text, "Write a message below and press Enter.".to_owned()));
        rows.push((Role::Quiet, String::new()));
        rows.push((
            Role::Quiet,
            "Every answer can be resampled (r), edited (e) and continued (c); nothing is ever \
             overwritten. Tab goes from pane to pane, F1 shows all keys."
                .to_owned(),
        ));
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
