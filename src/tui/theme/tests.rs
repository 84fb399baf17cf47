//! Tests of themes, entries and what the environment tells.

use ratatui::style::{Color, Modifier};
use ratatui::text::{Line, Span};

use super::environment::{depth, is_utf8};
use super::*;

fn theme(name: Name) -> Theme {
    Theme::of(
        &Wishes { theme: name, ..Wishes::default() },
        &Environment::default(),
        Background::Dark,
    )
}

fn environment(set: &[(&str, &str)]) -> Environment {
    Environment::read(|name| {
        let value = set.iter().find(|(known, _)| *known == name);
        value.map_or(String::new(), |(_, value)| (*value).to_owned())
    })
}

#[test]
fn roles_are_numbered_as_they_are_listed() {
    for (index, (role, name)) in Role::ALL.into_iter().enumerate() {
        assert_eq!(role as usize, index, "{name}");
        assert_eq!(Role::named(name), Some(role));
    }
}

#[test]
fn themes_keep_to_colours_that_can_be_read() {
    for (role, name) in Role::ALL {
        let light = theme(Name::Light).style(role);
        let readable = [Color::Blue, Color::Magenta, Color::Red, Color::DarkGray];
        assert!(light.fg.is_none_or(|colour| readable.contains(&colour)), "{name}: {light:?}");
        let contrast = theme(Name::Contrast).style(role);
        assert_eq!((contrast.fg, contrast.bg), (None, None), "{name}");
        assert!(!contrast.add_modifier.contains(Modifier::DIM), "{name}");
        let none = theme(Name::None).style(role);
        assert_eq!((none.fg, none.bg), (None, None), "{name}");
        for theme in [Name::Dark, Name::Light] {
            let style = self::theme(theme).style(role);
            assert!(!matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_))), "{name}");
            assert_eq!(style.bg, None, "{name}: backgrounds are the terminal's");
        }
    }
    for name in [Name::Dark, Name::Light, Name::Contrast, Name::None] {
        let style = |role| theme(name).style(role);
        assert_ne!(style(Role::Selected), style(Role::Text));
        assert_ne!(style(Role::Error), style(Role::Text));
    }
}

#[test]
fn auto_follows_the_background_and_no_color() {
    let auto = Wishes::default();
    let plain = Environment::default();
    assert_eq!(
        Theme::of(&auto, &plain, Background::Dark),
        Theme::of(&Wishes { theme: Name::Dark, ..Wishes::default() }, &plain, Background::Light,)
    );
    assert_ne!(
        Theme::of(&auto, &plain, Background::Light),
        Theme::of(&auto, &plain, Background::Dark)
    );
    let without = Environment { no_colours: true, ..Environment::default() };
    assert_eq!(Theme::of(&auto, &without, Background::Light), Theme::new(false));
    let own = BTreeMap::from([(Role::Text, Entry::parse("bold red on white").unwrap())]);
    let own = Wishes { roles: own, ..Wishes::default() };
    let style = Theme::of(&own, &without, Background::Dark).style(Role::Text);
    assert_eq!((style.fg, style.bg, style.add_modifier), (None, None, Modifier::BOLD));
}

#[test]
fn entries_become_styles_as_far_as_the_terminal_can() {
    let style = |text: &str, depth| Entry::parse(text).unwrap().style(depth);
    let named = style("bold italic bright-blue on black", Depth::Sixteen);
    assert_eq!(named, Style::new().fg(Color::LightBlue).bg(Color::Black).bold().italic());
    assert_eq!(style("", Depth::All), Style::new());
    assert_eq!(style("default on default", Depth::All).fg, Some(Color::Reset));
    assert_eq!(style("9", Depth::All).fg, Some(Color::LightRed));
    assert_eq!(style("196", Depth::Many).fg, Some(Color::Indexed(196)));
    assert_eq!(style("196", Depth::Sixteen).fg, Some(Color::LightRed));
    assert_eq!(style("#ff8700", Depth::All).fg, Some(Color::Rgb(255, 135, 0)));
    assert_eq!(style("#ff8700", Depth::Many).fg, Some(Color::Indexed(208)));
    assert_eq!(style("#0000f0", Depth::Sixteen).fg, Some(Color::Blue));
    assert_eq!(style("#f8f8f8", Depth::Sixteen).fg, Some(Color::White));
}

#[test]
fn entries_that_make_no_sense_are_named_with_what_is_allowed() {
    for (text, named) in [
        ("pinkish", "`pinkish`"),
        ("256", "`256`"),
        ("#12345", "`#12345`"),
        ("#12345é", "`#12345é`"),
        ("#+12345", "`#+12345`"),
        ("red blue", "`blue` is one colour too many"),
        ("bright-orange", "`bright-orange`"),
        ("bold on", "`on` needs a colour"),
    ] {
        let why = Entry::parse(text).unwrap_err();
        assert!(why.contains(named) && why.contains("bright-") && why.contains("#rrggbb"), "{why}");
    }
}

#[test]
fn the_environment_tells_colours_signs_and_background() {
    assert_eq!(depth("xterm-256color", ""), Depth::Many);
    assert_eq!(depth("xterm-256color", "truecolor"), Depth::All);
    assert_eq!(depth("xterm", ""), Depth::Sixteen);
    assert_eq!(depth("linux", "truecolor"), Depth::Sixteen);
    assert!(is_utf8("nb_NO.utf8") && is_utf8("C.UTF-8") && !is_utf8("C") && !is_utf8("POSIX"));
    let usual = environment(&[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]);
    assert_eq!((usual.ascii, usual.answers, usual.background), (false, cfg!(unix), None));
    let overridden = environment(&[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("LC_ALL", "C")]);
    assert!(overridden.ascii);
    for term in ["linux", "dumb", "", "screen-256color", "vt100"] {
        let found = environment(&[("TERM", term), ("LANG", "C.UTF-8")]);
        assert!(!found.answers, "{term}");
        assert_eq!(found.ascii, !term.starts_with("screen") && term != "vt100", "{term}");
    }
    for (value, background) in [
        ("15;0", Some(Background::Dark)),
        ("0;15", Some(Background::Light)),
        ("0;default;7", Some(Background::Light)),
        ("0;8", Some(Background::Dark)),
        ("default;default", None),
        ("15", None),
        ("1;200", None),
    ] {
        assert_eq!(environment(&[("COLORFGBG", value)]).background, background, "{value}");
    }
}

#[test]
fn ascii_signs_are_ascii() {
    let wishes = |glyphs| Wishes { glyphs, ..Wishes::default() };
    let plain = Environment::default();
    let ascii = Theme::of(&wishes(Signs::Ascii), &plain, Background::Dark).glyphs();
    let unicode = Theme::of(&wishes(Signs::Unicode), &plain, Background::Dark).glyphs();
    assert!(format!("{ascii:?}").is_ascii());
    assert_eq!(ascii.words("“x” · ‹ 2/5 › …"), "\"x\" - < 2/5 > ...");
    assert_eq!(unicode.words("“x” · …"), "“x” · …");
    let row = || Line::from(vec![Span::raw("│ "), Span::raw("│ a"), Span::raw(" ─┼─ ")]);
    assert_eq!(unicode.drawn(row()), row());
    assert_eq!(ascii.drawn(row()).to_string(), "| │ a -+- ", "only what is drawn beside texts");
    let linear = Wishes { linear: true, ..wishes(Signs::Unicode) };
    let linear = Theme::of(&linear, &plain, Background::Dark).glyphs();
    assert_eq!(linear.drawn(row()).to_string(), "  │ a     ");
    assert_eq!(ascii.fit("abcdef", 4), "abc~");
    assert_eq!(ascii.fit("abc…", 4), "abc…");
}
