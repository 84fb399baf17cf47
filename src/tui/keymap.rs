//! Keys and what they mean. The default map is `assets/keymap.toml`; the user's comes on top. The
//! same map answers in reverse for the help and the hints.

mod key;
mod place;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::action::Action;

pub use key::Key;
pub use place::{Context, Place};

/// The default map, which is its own documentation.
const DEFAULT: &str = include_str!("../../assets/keymap.toml");

/// One line of the help: what a few keys do somewhere.
#[derive(Debug, Clone)]
pub struct Binding {
    /// What is meant.
    pub action: Action,
    /// Any of these.
    pub keys: Vec<Key>,
    /// Where they mean it.
    pub place: Place,
    /// What it does, in words.
    pub help: String,
}

/// What is wrong with a key map, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeymapError(String);

#[derive(Deserialize)]
struct File {
    bind: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    action: String,
    keys: Vec<String>,
    #[serde(rename = "where")]
    place: Place,
    help: String,
}

/// All bindings that hold.
#[derive(Debug, Clone)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Keymap {
    /// The default map with the user's keys in it: for each action named in `changes`, its new keys
    /// in the notation of `assets/keymap.toml`.
    ///
    /// # Errors
    /// When a name or a key is unknown, or when one key would mean two things in one place; the
    /// words name both.
    pub fn new(changes: &BTreeMap<String, Vec<String>>) -> Result<Self, KeymapError> {
        let mut bindings = Vec::new();
        let file: File = toml::from_str(DEFAULT)
            .map_err(|error| KeymapError(format!("keymap.toml: {error}")))?;
        for entry in file.bind {
            let action = action_named(&entry.action)?;
            let keys = match changes.get(&entry.action) {
                Some(keys) => keys,
                None => &entry.keys,
            };
            let keys =
                keys.iter().map(|key| key_named(key, &entry.action)).collect::<Result<_, _>>()?;
            bindings.push(Binding { action, keys, place: entry.place, help: entry.help });
        }
        for name in changes.keys() {
            action_named(name)?;
        }
        let map = Self { bindings };
        map.check()?;
        Ok(map)
    }

    /// What a key means in a context.
    #[must_use]
    pub fn action(&self, key: Key, context: Context) -> Option<Action> {
        self.bindings
            .iter()
            .find(|binding| binding.place.holds_in(context) && binding.keys.contains(&key))
            .map(|binding| binding.action)
    }

    /// The key for an action in a context, as it is shown: the first of those that mean it there and in
    /// the fewest other places, which is the shortest.
    #[must_use]
    pub fn hint(&self, action: Action, context: Context) -> Option<String> {
        self.bindings
            .iter()
            .filter(|binding| binding.action == action && binding.place.holds_in(context))
            .filter(|binding| !binding.keys.is_empty())
            .min_by_key(|binding| binding.place.breadth())
            .and_then(|binding| binding.keys.first())
            .map(Key::to_string)
    }

    /// A key of an action for a sentence that names one: the first that means it while one reads, else
    /// while one writes, else what the action is called.
    #[must_use]
    pub fn told(&self, action: Action) -> String {
        let contexts = [Context::Chat, Context::Forest, Context::List, Context::Writing];
        let mut keys = contexts.into_iter().filter_map(|context| self.hint(action, context));
        keys.next().unwrap_or_else(|| format!("“{}”", action.name()))
    }

    /// What the palette offers in a context: each action that means something there, once. While
    /// writing that is also what may be done to the selected response and the conversation; texts are
    /// edited, and rows gone through, by their keys.
    pub fn choices(&self, context: Context) -> impl Iterator<Item = &Binding> {
        let meant = move |binding: &&Binding| {
            let place = binding.place;
            let here = place.holds_in(context);
            let also = context == Context::Writing && place.holds_in(Context::Chat);
            (here || also) && !binding.action.is_for_keys_only()
        };
        let mut seen = Vec::new();
        self.bindings.iter().filter(meant).filter(move |binding| {
            let new = !seen.contains(&binding.action);
            seen.push(binding.action);
            new
        })
    }

    /// All keys of an action that mean it in a context, as they are shown.
    #[must_use]
    pub fn keys(&self, action: Action, context: Context) -> String {
        let meant =
            |binding: &&Binding| binding.action == action && binding.place.holds_in(context);
        let keys = self.bindings.iter().filter(meant).flat_map(|binding| &binding.keys);
        keys.map(Key::to_string).collect::<Vec<_>>().join(" ")
    }

    /// Everything, in the order of the file.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    fn check(&self) -> Result<(), KeymapError> {
        for binding in &self.bindings {
            let begins_count =
                |key: &&Key| key.character().is_some_and(|c| ('1'..='9').contains(&c));
            if let Some(key) = binding.keys.iter().find(begins_count)
                && binding.place != Place::Writing
            {
                return Err(KeymapError(format!(
                    "{key}, given for \"{}\", begins a count, as in {key} before another key; give it \
                     another key",
                    binding.action.name(),
                )));
            }
        }
        for (index, one) in self.bindings.iter().enumerate() {
            for other in &self.bindings[index + 1..] {
                let shared = one.keys.iter().find(|key| other.keys.contains(key));
                if let Some(key) = shared
                    && let Some(context) = one.place.overlap(other.place)
                    && one.action != other.action
                {
                    return Err(KeymapError(format!(
                        "{key} means both \"{}\" and \"{}\" in {}; give one of them another key in \
                         the [keys] table of config.toml",
                        one.action.name(),
                        other.action.name(),
                        context.name(),
                    )));
                }
            }
        }
        Ok(())
    }
}

fn action_named(name: &str) -> Result<Action, KeymapError> {
    Action::named(name).ok_or_else(|| {
        let mut alike: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
        alike.sort_by(|one, other| {
            strsim::jaro_winkler(name, other).total_cmp(&strsim::jaro_winkler(name, one))
        });
        KeymapError(format!(
            "there is no action \"{name}\" to give a key to; most like it are \"{}\"",
            alike[..3].join("\", \"")
        ))
    })
}

fn key_named(text: &str, action: &str) -> Result<Key, KeymapError> {
    Key::parse(text).ok_or_else(|| {
        KeymapError(format!(
            "\"{text}\", given for \"{action}\", is no key; write for example \"r\", \"ctrl+r\", \
             \"alt+enter\", \"f5\" or \"pageup\""
        ))
    })
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;

    fn changed(action: &str, keys: &[&str]) -> Result<Keymap, KeymapError> {
        let keys = keys.iter().map(|&key| key.to_owned()).collect();
        Keymap::new(&BTreeMap::from([(action.to_owned(), keys)]))
    }

    #[test]
    fn the_default_map_is_sound_and_reaches_every_action() {
        let map = Keymap::new(&BTreeMap::new()).unwrap();
        for action in Action::ALL {
            assert!(map.bindings().iter().any(|b| b.action == *action), "{action:?} has no key");
        }
        for binding in map.bindings() {
            assert!(!binding.help.is_empty() && !binding.keys.is_empty());
        }
    }

    #[test]
    fn no_action_needs_two_keys_at_once() {
        let map = Keymap::new(&BTreeMap::new()).unwrap();
        for context in Context::ALL {
            let here = |binding: &&Binding| binding.place.holds_in(context);
            for binding in map.bindings().iter().filter(here) {
                let action = binding.action;
                let same = map.bindings().iter().filter(here).filter(|b| b.action == action);
                let plain = same.flat_map(|b| &b.keys).any(|key| !key.is_chord());
                let in_palette = map.choices(context).any(|choice| choice.action == action);
                assert!(
                    plain || in_palette || action.edits_text(),
                    "{} has no plain key in {}",
                    action.name(),
                    context.name()
                );
            }
        }
    }

    #[test]
    fn keys_are_the_same_however_a_terminal_tells_them() {
        let of = |code, modifiers| Key::of(KeyEvent::new(code, modifiers));
        let alt_shift = KeyModifiers::ALT | KeyModifiers::SHIFT;
        let parse = |text| Key::parse(text).unwrap();
        assert_eq!(of(KeyCode::Char('M'), alt_shift), parse("alt+M"));
        assert_eq!(of(KeyCode::Char('m'), alt_shift), parse("alt+M"));
        assert_eq!(of(KeyCode::Tab, KeyModifiers::SHIFT), parse("backtab"));
        assert_eq!(of(KeyCode::BackTab, KeyModifiers::SHIFT), parse("shift+tab"));
        let ctrl_shift = KeyModifiers::CONTROL | KeyModifiers::SHIFT;
        assert_eq!(of(KeyCode::Char('r'), ctrl_shift), parse("ctrl+r"));
        assert_eq!(of(KeyCode::Enter, KeyModifiers::SHIFT), parse("shift+enter"));
    }

    #[test]
    fn keys_mean_what_the_context_says() {
        let map = Keymap::new(&BTreeMap::new()).unwrap();
        let key = |c| Key::of(KeyEvent::new(KeyCode::Char(c), KeyModifiers::empty()));
        assert_eq!(map.action(key('r'), Context::Chat), Some(Action::Resample));
        assert_eq!(map.action(key('r'), Context::Writing), None);
        assert_eq!(map.action(key('s'), Context::List), Some(Action::Star));
        let shifted = Key::of(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT));
        assert_eq!(map.action(shifted, Context::Forest), Some(Action::Last));
    }

    #[test]
    fn users_move_keys_and_hear_of_conflicts_by_name() {
        let map = changed("resample", &["ctrl+r"]).unwrap();
        assert_eq!(map.hint(Action::Resample, Context::Chat).as_deref(), Some("^R"));
        let error = changed("resample", &["e"]).unwrap_err().to_string();
        assert!(error.contains("\"resample\"") && error.contains("\"replace\""), "{error}");
        assert!(error.starts_with("e means") && error.contains("in the chat"), "{error}");
        let unbound = changed("replace", &[]).unwrap();
        assert_eq!(unbound.hint(Action::Replace, Context::Chat), None);
        let e = Key::parse("e").unwrap();
        assert_eq!(unbound.action(e, Context::Chat), None, "the key means nothing now");
        assert!(changed("quit", &[]).unwrap().hint(Action::Quit, Context::List).is_none());
        assert!(changed("resample", &["hyper+x"]).unwrap_err().to_string().contains("hyper+x"));
        assert!(changed("frobnicate", &["x"]).unwrap_err().to_string().contains("frobnicate"));
    }

    #[test]
    fn every_key_can_be_written_and_shown() {
        for (text, shown) in [
            ("ctrl+r", "^R"),
            ("ctrl+R", "^R"),
            ("alt+enter", "Alt-⏎"),
            ("f12", "F12"),
            ("+", "+"),
            ("ctrl+-", "^-"),
            ("ctrl+space", "^Space"),
            ("ctrl+[", "^["),
            ("shift+tab", "Shift-Tab"),
            ("alt+left", "Alt-←"),
            ("shift+alt+m", "Alt-M"),
            ("shift+ctrl+left", "^Shift-←"),
        ] {
            assert_eq!(Key::parse(text).unwrap().to_string(), shown);
        }
        assert_eq!(Key::parse("shift+tab"), Key::parse("backtab"));
        for wrong in ["", "ctrl+", "f13", "entr", "shift+1"] {
            assert_eq!(Key::parse(wrong), None, "{wrong}");
        }
    }
}
