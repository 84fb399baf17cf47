//! A picture of a response, over the whole screen.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::text::Line;
use ratatui::widgets::Clear;
use ratatui_image::Image;

use super::{pane, pane_title};
use crate::picture;
use crate::tui::markdown;
use crate::tui::state::State;
use crate::tui::state::pictures::{self, Shown, View};
use crate::tui::theme::Role;
use crate::tui::words::pictures as words;

/// Cells for a picture on a screen of this size: all but the frame.
#[must_use]
pub fn picture_room(screen: Size) -> Size {
    Size { width: screen.width.saturating_sub(2), height: screen.height.saturating_sub(2) }
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, view: &View) {
    let theme = state.theme;
    let area = frame.area();
    let Some(response) = state.open.forest.get(&view.response) else { return };
    let count = pictures::of(response).count();
    let facts = pictures::of(response).nth(view.index).map(picture::facts).unwrap_or_default();
    let pixels = match &view.shown {
        Shown::Drawn(drawn) => Some((drawn.pixels, drawn.way.name())),
        Shown::Loading | Shown::Address(_) | Shown::Failed(_) => None,
    };
    let title = words::title(view.index + 1, count, &facts, pixels);
    let title = theme.fit(&title, usize::from(area.width).saturating_sub(4));
    let keys = if count > 1 { words::KEYS_OF_MANY } else { words::KEYS };
    let keys = Line::styled(theme.words(keys), theme.style(Role::Quiet)).right_aligned();
    let block = pane(theme, pane_title(theme, format!(" {title} "), true), true).title_bottom(keys);
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    match &view.shown {
        Shown::Loading => says(frame, inner, state, Role::Quiet, words::LOADING),
        Shown::Failed(why) => says(frame, inner, state, Role::Error, why),
        Shown::Address(address) => {
            let text = format!("{}\n\n{address}", words::ADDRESS_ONLY);
            says(frame, inner, state, Role::Text, &text);
        }
        Shown::Drawn(drawn) => {
            let size = drawn.protocol.size();
            // One of another size, of the moment before, is not drawn.
            if size.width <= inner.width && size.height <= inner.height {
                let x = inner.x + (inner.width - size.width) / 2;
                let y = inner.y + (inner.height - size.height) / 2;
                let place = Rect { x, y, width: size.width, height: size.height };
                frame.render_widget(Image::new(&drawn.protocol), place);
            }
        }
    }
}

fn says(frame: &mut Frame<'_>, area: Rect, state: &State, role: Role, text: &str) {
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let lines = markdown::verbatim(text, usize::from(area.width), state.theme, role);
    for (line, y) in lines.into_iter().zip(area.y..area.bottom()) {
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}
