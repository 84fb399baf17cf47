//! The panel of samples below the chat: a line for each answer that was asked for below one response.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Borders;

use super::{Areas, linear, pane, pane_title, row_style};
use crate::text;
use crate::tui::action::Action;
use crate::tui::keymap::Context;
use crate::tui::state::State;
use crate::tui::state::answers::Answer;
use crate::tui::state::samples::{Batch, Fate, Sample, Tally};
use crate::tui::theme::{Role, Theme};
use crate::tui::words::{linear as aloud, samples as words};

/// Lines that the panel takes at most.
const MOST_LINES: u16 = 10;
/// Below this width the lines go without speed.
const WIDE: usize = 60;
/// Tokens of a full bar where no limit was set: there is no telling how long an answer will be.
const USUAL_TOKENS: u32 = 300;
/// What has less room is not read aloud.
const FEWEST_CELLS: usize = 8;
/// Cells of a model's name.
const MODEL: usize = 18;

/// Rows of the panel, with its frame, where `room` rows are shared with the chat; 0: there is none, 1: a
/// row without a frame.
pub(super) fn height(state: &State, room: u16, frame: u16) -> u16 {
    let Some(batch) = state.shown_samples() else { return 0 };
    let lines = u16::try_from(batch.rows.len()).unwrap_or(u16::MAX).min(MOST_LINES);
    let height = (lines + frame).min(room / 2);
    if height > frame { height } else { u16::from(room >= 2) }
}

/// The first line that is shown: the one under the cursor is in sight, else the one on the screen.
#[must_use]
pub fn top(state: &State, batch: &Batch, lines: usize) -> usize {
    let row = if state.samples_have_keys() {
        state.sample_row()
    } else {
        let on_screen = |row: &(usize, usize)| state.is_on_screen(batch, row.0);
        batch.rows.iter().position(on_screen).unwrap_or(0)
    };
    row.saturating_sub(lines / 2).min(batch.rows.len().saturating_sub(lines))
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, areas: &Areas, state: &State) {
    let Some(batch) = state.shown_samples() else { return };
    let theme = state.theme;
    let active = state.samples_have_keys() && state.overlay.is_none() && state.prompt.is_none();
    if areas.samples.height == 1 {
        return only_row(frame, areas.samples, state, batch, active);
    }
    let title = pane_title(theme, format!(" {} ", title(batch)), active);
    let mut room = usize::from(areas.samples.width).saturating_sub(title.width() + 2);
    let mut block = pane(theme, title, active);
    if !areas.framed {
        block = block.borders(Borders::TOP);
    }
    let inner = block.inner(areas.samples);
    let lines = usize::from(inner.height);
    let top = top(state, batch, lines);
    let range =
        (batch.rows.len() > lines).then(|| words::range(top + 1, top + lines, batch.rows.len()));
    let key = state.key_for(Action::Samples).filter(|_| !active);
    for words in range.into_iter().chain(key.as_deref().map(words::takes_keys)) {
        let words = Line::styled(theme.words(format!(" {words} ")), theme.style(Role::Quiet));
        if let Some(left) = room.checked_sub(words.width() + 1) {
            room = left;
            block = block.title_top(words.right_aligned());
        }
    }
    frame.render_widget(block, areas.samples);
    let cursor = state.sample_row();
    let rows = batch.rows.iter().enumerate().skip(top);
    for ((at, &sample), y) in rows.zip(inner.y..inner.bottom()) {
        let row = Rect { y, height: 1, ..inner };
        sample_row(frame, row, state, batch, sample, (active, active && at == cursor));
    }
}

/// What is said where there is room for one row: the sample under the cursor, else how they all fare.
fn only_row(frame: &mut Frame<'_>, area: Rect, state: &State, batch: &Batch, active: bool) {
    let theme = state.theme;
    if active && let Some(&row) = batch.rows.get(state.sample_row()) {
        return sample_row(frame, area, state, batch, row, (active, true));
    }
    let words = theme.fit(&theme.words(title(batch)), usize::from(area.width));
    frame.render_widget(Line::styled(words, theme.style(Role::Quiet)), area);
}

/// A row of the panel: a sample, and how many are the same. `active`: the panel has the keys.
fn sample_row(
    frame: &mut Frame<'_>,
    area: Rect,
    state: &State,
    batch: &Batch,
    (index, same): (usize, usize),
    (active, under_cursor): (bool, bool),
) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let mut line = match theme.is_linear() {
        true => Line::raw(spoken(state, batch, index, same, width)),
        false => line(state, batch, index, same, width),
    };
    line.push_span(linear::mark(frame, area, theme, under_cursor));
    frame.render_widget(line.style(row_style(theme, under_cursor, active)), area);
}

fn title(batch: &Batch) -> String {
    let all = batch.samples.len();
    match batch.running() {
        0 => words::summary(all, batch.different(), batch.incomplete()),
        running => words::progress(all, running),
    }
}

/// `2/5 ▮▮▮▯ 212 tok 41/s p̄ .71 first words…`
fn line(state: &State, batch: &Batch, index: usize, same: usize, width: usize) -> Line<'static> {
    let theme = state.theme;
    let sample = &batch.samples[index];
    let answer = state.answers.get(sample.answer);
    let tally = answer.map_or(sample.tally, Tally::of);
    let count = batch.samples.len();
    let digits = count.to_string().len();
    let mark = if state.is_on_screen(batch, index) { "▌" } else { " " };
    let mut spans = vec![
        Span::styled(theme.words(mark), theme.style(Role::ActiveBorder)),
        Span::raw(format!("{:>digits$}/{count} ", index + 1)),
        Span::styled(theme.words(sibling(state, batch, sample)), theme.style(Role::Quiet)),
        bar(theme, sample, &tally),
    ];
    if tally.tokens > 0 {
        let silent = answer.and_then(|answer| answer.silent_for(state.now));
        let facts = theme.words(facts(&tally, silent, width));
        spans.push(Span::styled(facts, theme.style(Role::Quiet)));
    }
    if same > 1 {
        let times = theme.words(format!(" {}", words::times(same)));
        spans.push(Span::styled(times, theme.style(Role::Title)));
    }
    if batch.several_models() {
        let model = format!(" {}", theme.fit(&sample.model, MODEL.min(width / 4)));
        spans.push(Span::styled(model, theme.style(Role::Model)));
    }
    spans.push(Span::raw(" "));
    let used: usize = spans.iter().map(Span::width).sum();
    let (role, words) = what(state, sample, answer, width.saturating_sub(used));
    spans.push(Span::styled(words, theme.style(role)));
    Line::from(spans)
}

/// Which sibling a sample became, as the chat and the forest number them: they do in the order in which
/// responses were stored, the panel in that in which they were asked for. Nothing until one is stored.
fn sibling(state: &State, batch: &Batch, sample: &Sample) -> String {
    if !batch.has_begun() {
        return String::new();
    }
    let forest = &state.open.forest;
    let slot = sample.response.as_ref().and_then(|id| forest.slot(id));
    let siblings = forest.slot(&batch.parent).map_or(0, |parent| forest.children(parent).len());
    words::sibling(slot.map(|slot| forest.position(slot).index + 1), siblings)
}

/// The same as a sentence. What changes with every token is left out: it would be read again and again.
fn spoken(state: &State, batch: &Batch, index: usize, same: usize, width: usize) -> String {
    let sample = &batch.samples[index];
    let answer = state.answers.get(sample.answer);
    let mut said = vec![aloud::position(index + 1, batch.samples.len())];
    if let Some(slot) = sample.response.as_ref().and_then(|id| state.open.forest.slot(id)) {
        let position = state.open.forest.position(slot);
        said.push(words::spoken_sibling(position.index + 1, position.count));
    }
    match sample.fate {
        Fate::Running if answer.is_some_and(|answer| answer.tokens > 0) => {
            said.push(aloud::STREAMING.to_owned());
        }
        Fate::Running | Fate::Failed(_) | Fate::Stopped => {}
        Fate::Complete(_) => said.push(aloud::tokens(sample.tally.tokens.into())),
    }
    if let Some(mean) = sample.tally.likelihood.mean() {
        said.push(words::mean(&probability(mean)));
    }
    if same > 1 {
        said.push(aloud::identical(same));
    }
    if batch.several_models() {
        said.push(aloud::model(&sample.model));
    }
    if state.is_on_screen(batch, index) {
        said.push(aloud::ON_PATH.to_owned());
    }
    let said = said.join(", ");
    let streams = sample.fate == Fate::Running && answer.is_some_and(|answer| answer.tokens > 0);
    // The row may have to say that it is selected.
    let width = width.saturating_sub(text::width(aloud::SELECTED) + 2);
    let room = width.saturating_sub(text::width(&said) + 2);
    let (_, words) = what(state, sample, answer, room);
    if streams || words.is_empty() || room < FEWEST_CELLS {
        return state.theme.fit(&said, width);
    }
    format!("{said}: {words}")
}

/// How far a sample is, in four cells.
fn bar(theme: Theme, sample: &Sample, tally: &Tally) -> Span<'static> {
    let (cells, role) = match &sample.fate {
        Fate::Complete(_) => ("▮▮▮▮", Role::Good),
        Fate::Failed(_) => ("✗   ", Role::Error),
        Fate::Stopped => ("■   ", Role::Partial),
        Fate::Running if tally.tokens == 0 => ("▯▯▯▯", Role::Streaming),
        Fate::Running => {
            // The last cell is for what is complete.
            let whole = sample.wish.sampling.max_tokens.unwrap_or(USUAL_TOKENS).max(1);
            match tally.tokens.saturating_mul(3) / whole {
                0 => ("▮▯▯▯", Role::Streaming),
                1 => ("▮▮▯▯", Role::Streaming),
                _ => ("▮▮▮▯", Role::Streaming),
            }
        }
    };
    Span::styled(theme.words(cells), theme.style(role))
}

fn facts(tally: &Tally, silent: Option<i64>, width: usize) -> String {
    let mut facts = words::tokens(tally.tokens);
    if width >= WIDE {
        facts.push_str(&words::speed(tally.speed, silent));
    }
    if let Some(mean) = tally.likelihood.mean() {
        facts.push_str(&words::short_mean(&probability(mean)));
    }
    facts
}

/// Three cells: `.71`, `1.0`.
fn probability(p: f64) -> String {
    let text = format!("{p:.2}");
    match text.strip_prefix('0') {
        Some(rest) => rest.to_owned(),
        None => "1.0".to_owned(),
    }
}

/// What a sample does, says, or came to, in so many cells.
fn what(state: &State, sample: &Sample, answer: Option<&Answer>, cells: usize) -> (Role, String) {
    let theme = state.theme;
    let fit = |words: &str| theme.fit(&theme.words(words), cells);
    let said = || {
        let response = sample.response.as_ref().and_then(|id| state.open.forest.get(id));
        theme.glyphs().first_words(response.map_or("", |response| &response.message), cells)
    };
    match (&sample.fate, answer) {
        (Fate::Complete(_), _) => (Role::Text, said()),
        (Fate::Failed(why), _) => {
            let key = keys(state, Action::Resample);
            let words = match sample.response {
                Some(_) => words::broke_off(&keys(state, Action::Continue), &key, why),
                None => words::failed(&key, why),
            };
            (Role::Error, fit(&words))
        }
        (Fate::Stopped, _) => (Role::Partial, fit(&words::stopped(&said()))),
        (Fate::Running, Some(answer)) if answer.stopping => (Role::Partial, fit(words::STOPPING)),
        (Fate::Running, Some(answer)) if answer.tokens == 0 => {
            let words = match (&answer.notice, &answer.reasoning) {
                (notice, _) if !notice.is_empty() => notice,
                (_, reasoning) if !reasoning.is_empty() && !theme.is_linear() => {
                    super::message::tail(reasoning)
                }
                _ => words::WAITING,
            };
            let role = if answer.notice.is_empty() { Role::Quiet } else { Role::Warning };
            (role, fit(words))
        }
        (Fate::Running, _) => (Role::Text, said()),
    }
}

/// The keys that do something to a line: those of the panel, behind the one that leads to it.
fn keys(state: &State, action: Action) -> String {
    let key = |action, context| state.keymap.hint(action, context).unwrap_or_default();
    let here = key(action, Context::Samples);
    match state.samples_have_keys() {
        true => here,
        false => format!("{} {here}", key(Action::Samples, Context::Chat)),
    }
}
