//! The first row: title, model, settings, and how we stand with the service. Where there is little room
//! what matters least goes first, so that parts never overlap.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{linear, title_here};
use crate::text;
use crate::tui::state::{Connection, State};
use crate::tui::theme::{Role, Theme};
use crate::tui::words::header as words;

/// Cells that a title keeps, if it has so many, before other parts are left out for it.
const TITLE: usize = 16;

/// What can be left out, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Name,
    Settings,
    Temperature,
    Where,
    Model,
}

/// The parts that are shown.
struct Parts {
    theme: Theme,
    shown: Vec<(Part, String, Role)>,
    sign: (&'static str, Role),
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    if theme.is_linear() {
        let words = theme.fit(&linear::header(state), width.saturating_sub(1));
        frame.render_widget(Line::raw(format!(" {words}")), area);
        return;
    }
    let title = title_here(state);
    let star = state.open.conversation.as_ref().is_some_and(|c| c.starred);
    let star = theme.words(if star { " ★" } else { "" });
    let parts =
        Parts::of(state, width).within(width, text::width(title).min(TITLE) + text::width(&star));
    let right = parts.right();
    let name = parts.name();
    let used = right.width() + text::width(&name) + text::width(&star) + 1;
    let left = Line::from(vec![
        Span::styled(name, theme.style(Role::Quiet)),
        Span::styled(theme.fit(title, width.saturating_sub(used)), theme.style(Role::Title)),
        Span::styled(star, theme.style(Role::Star)),
    ]);
    let right_width = (right.width() as u16).min(area.width);
    let left_area = Rect { width: area.width - right_width, ..area };
    frame.render_widget(left, left_area);
    frame.render_widget(right, Rect { x: left_area.right(), width: right_width, ..area });
}

impl Parts {
    fn of(state: &State, width: usize) -> Self {
        let theme = state.theme;
        let (sign, role, place) = connection(state);
        let mut shown = vec![(Part::Name, words::NAME.to_owned(), Role::Quiet)];
        let model = state.answering_model();
        if !model.is_empty() {
            shown.push((Part::Model, theme.fit(model, width / 3), Role::Model));
        }
        if let Some(temperature) = state.effective_sampling().temperature {
            shown.push((Part::Temperature, words::temperature(temperature), Role::Quiet));
        }
        for setting in settings(state) {
            shown.push((Part::Settings, setting, Role::Quiet));
        }
        shown.push((Part::Where, theme.fit(&place, width / 3), Role::Quiet));
        Self { theme, shown, sign: (sign, role) }
    }

    /// Those of them that leave `title` cells.
    fn within(mut self, width: usize, title: usize) -> Self {
        // A connection that is not there matters more than who would answer.
        let last = match self.sign.1 {
            Role::Good => [Part::Where, Part::Model],
            _ => [Part::Model, Part::Where],
        };
        for part in [Part::Name, Part::Settings, Part::Temperature].into_iter().chain(last) {
            if self.width() + title < width {
                break;
            }
            self.shown.retain(|(shown, _, _)| *shown != part);
        }
        self
    }

    fn width(&self) -> usize {
        text::width(&self.name()) + self.right().width()
    }

    /// What stands before the title.
    fn name(&self) -> String {
        let name = self.shown.iter().find(|(part, _, _)| *part == Part::Name);
        name.map_or_else(|| " ".to_owned(), |(_, name, _)| format!(" {name}  "))
    }

    /// What stands at the right.
    fn right(&self) -> Line<'static> {
        let quiet = self.theme.style(Role::Quiet);
        let dot = || Span::styled(self.theme.words(" · "), quiet);
        let mut spans = vec![Span::raw(" ")];
        let beside = |part: Part| part != Part::Name && part != Part::Where;
        for (_, words, role) in self.shown.iter().filter(|(part, _, _)| beside(*part)) {
            spans.extend([Span::styled(words.clone(), self.theme.style(*role)), dot()]);
        }
        let (sign, role) = self.sign;
        spans.push(Span::styled(self.theme.words(sign), self.theme.style(role)));
        if let Some((_, place, role)) = self.shown.iter().find(|(part, _, _)| *part == Part::Where)
        {
            spans.push(Span::styled(format!(" {place}"), self.theme.style(*role)));
        }
        spans.push(Span::raw(" "));
        Line::from(spans)
    }
}

/// Settings beside the temperature.
fn settings(state: &State) -> Vec<String> {
    let sampling = state.effective_sampling();
    let conversation = state.open.conversation.as_ref();
    let own = conversation.map_or(&state.new_settings, |known| &known.settings);
    let prompt = own.system_prompt_name.as_str();
    let seed = sampling.seed.map(words::seed);
    let search = (sampling.search == Some(true)).then(|| words::SEARCH.to_owned());
    let prompt = (!prompt.is_empty()).then(|| state.theme.fit(prompt, 24));
    seed.into_iter().chain(search).chain(prompt).collect()
}

/// Sign, its role, and where the service is.
fn connection(state: &State) -> (&'static str, Role, String) {
    match &state.connection {
        Connection::Embedded => ("●", Role::Good, words::LOCAL.to_owned()),
        Connection::Connecting(endpoint) => ("◌", Role::Warning, words::connecting(endpoint)),
        Connection::Connected(endpoint) => ("●", Role::Good, endpoint.clone()),
        Connection::Lost { endpoint, .. } => ("○", Role::Error, words::lost(endpoint)),
    }
}
