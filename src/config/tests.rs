//! Tests of the configuration.

use super::*;

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(text, Path::new("config.toml"))
}

fn words(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

/// The shipped file with every setting switched on.
fn uncommented() -> String {
    let setting = |line: &str| {
        line.strip_prefix('#')
            .filter(|rest| !rest.starts_with(' ') && !rest.is_empty())
            .map(String::from)
    };
    let lines = TEMPLATE.lines().map(|line| setting(line).unwrap_or_else(|| line.to_owned()));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_file_is_the_default() {
    assert_eq!(parse(TEMPLATE).unwrap(), Config::default());
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn the_shipped_file_shows_every_setting_with_its_default() {
    let config = parse(&uncommented()).unwrap();
    let default = Config::default();
    assert_eq!(
        (&config.model, &config.endpoint, &config.api_key_env),
        (&default.model, &default.endpoint, &default.api_key_env)
    );
    assert_eq!((&config.ui, &config.timeouts), (&default.ui, &default.timeouts));
    let SamplingConfig { temperature, top_p, max_tokens, top_k, seed, stop, search } =
        config.sampling;
    assert!(seed.is_some() && !stop.is_empty() && search == Some(false));
    assert!(temperature.is_some() && top_p.is_some() && max_tokens.is_some());
    assert_eq!(top_k, Some(crate::model::DEFAULT_TOP_K));
    assert_eq!(config.servers[0].dialect, Some(Dialect::Vllm));
    assert_eq!(config.servers[0].headers["X-Team"].0, "probing");
    assert_eq!(config.keys["send"], ["enter"]);
}

#[test]
fn the_shipped_file_tells_of_every_role() {
    let config = parse(&uncommented()).unwrap();
    let dark = theme::Theme::new(true);
    let own = Wishes { glyphs: theme::Signs::Unicode, ..config.looks() };
    let shown = theme::Theme::of(&own, &theme::Environment::default(), theme::Background::Dark);
    assert!(!config.theme.is_empty());
    assert_eq!(shown, dark, "the entries of [theme] are those of the dark theme");
    let words: Vec<&str> = TEMPLATE.split([' ', ',', '.', '\n']).collect();
    for (_, name) in Role::ALL {
        assert!(words.contains(&name), "{name}");
    }
}

#[test]
fn looks_that_make_no_sense_are_named_with_what_is_allowed() {
    for (text, line, named, allowed) in [
        ("[ui]\ntheme = 'sunny'\n", 2, "`sunny`", "`contrast`"),
        ("[ui]\nglyphs = 'emoji'\n", 2, "`emoji`", "`ascii`"),
        ("[ui]\nlinear = 'yes'\n", 2, "linear", "true or false"),
        ("[theme]\nhuman = 'cyan'\nhumans = 'red'\n", 3, "`humans`", "human, model"),
        ("[theme]\nhuman = 'cyan'\nlink = 'pinkish'\n", 3, "link: `pinkish`", "#rrggbb"),
        ("[theme]\nlink = 3\n", 2, "link", "a text in quotes"),
    ] {
        let words = words(text);
        assert!(words.contains(named) && words.contains(allowed), "{words}");
        assert!(words.contains(&format!("line {line}:")), "{words}");
    }
}

#[test]
fn a_server_has_one_key() {
    let server = "[[servers]]\nname = 'lab'\nbase_url = 'http://h/v1'\napi_key_command = 'pass'\n";
    let config = parse(&format!("{server}sampling = {{ seed = 3 }}\n")).unwrap();
    assert_eq!(config.servers[0].api_key_command.as_deref(), Some("pass"));
    assert_eq!(config.servers[0].sampling.sampling().seed, Some(3));
    let error = parse(&format!("{server}api_key_env = 'K'\n")).unwrap_err().to_string();
    assert!(error.contains("keep one") && error.contains("lab"), "{error}");
}

#[test]
fn values_are_read() {
    let config = parse(
        "model = 'openai/gpt-4o'\n[sampling]\ntemperature = 1\ntop_k = 3\n[keys]\nsend = 'ctrl-s'\nquit = ['q', 'ctrl-c']\n",
    )
    .unwrap();
    assert_eq!(config.model.as_deref(), Some("openai/gpt-4o"));
    assert_eq!(config.sampling().temperature, Some(1.0));
    assert_eq!(config.sampling().top_k, Some(3));
    assert_eq!(config.keys["send"], ["ctrl-s"]);
    assert_eq!(config.keys["quit"], ["q", "ctrl-c"]);
}

#[test]
fn an_unknown_setting_is_named_with_its_line_and_what_there_is() {
    let words = words("\n[sampling]\ntemprature = 1.0\n");
    assert!(words.starts_with("config.toml, line 3: "), "{words}");
    assert!(words.contains("`temprature`") && words.contains("`temperature`"), "{words}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_line_and_what_is_allowed() {
    let words1 = words("model = 'x'\n[sampling]\ntemperature = 'hot'\n");
    assert!(words1.starts_with("config.toml, line 3: temperature: "), "{words1}");
    assert!(words1.contains("expected a number"), "{words1}");
    let words2 = words("[ui]\nmouse = 1\n");
    assert!(words2.contains("line 2: mouse: ") && words2.contains("true or false"), "{words2}");
    let words3 = words("[keys]\nquit = 3\n");
    assert!(words3.contains("quit") && words3.contains("a list of them"), "{words3}");
}

#[test]
fn values_out_of_range_are_refused() {
    for (line, allowed) in [
        ("temperature = 3", "from 0 to 2"),
        ("temperature = nan", "from 0 to 2"),
        ("top_p = 0", "above 0 and up to 1"),
        ("top_k = 21", "from 0 to 20"),
        ("max_tokens = -1", "from 1 on"),
    ] {
        let words = words(&format!("[sampling]\n{line}\n"));
        assert!(words.contains("line 2") && words.contains(allowed), "{words}");
    }
}

#[test]
fn server_names_are_checked() {
    let server = |name: &str| format!("[[servers]]\nname = '{name}'\nbase_url = 'http://x/v1'\n");
    assert!(words(&server("offline")).contains("built in"));
    assert!(words(&server("a/b")).contains("allowed"));
    let twice = server("lab") + &server("lab");
    assert_eq!(words(&twice), "config.toml, line 5: servers: two of them have the name `lab`");
    let words = words("[[servers]]\nname = 'lab'\n");
    assert!(words.contains("`base_url`"), "{words}");
}

#[test]
fn a_header_does_not_show_in_debug_output() {
    let config = parse(
        "[[servers]]\nname = 'lab'\nbase_url = 'http://x/v1'\nheaders = { Auth = 'hush-hush' }\n",
    )
    .unwrap();
    assert!(!format!("{config:?}").contains("hush"));
}

#[test]
fn broken_toml_is_named_with_its_line() {
    let words = words("model = 'x'\n[sampling\n");
    assert!(words.starts_with("config.toml, line 2: "), "{words}");
}

#[test]
fn an_absent_file_is_the_default_and_a_folder_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Config::load(&folder.path().join("none.toml")).unwrap(), Config::default());
    assert!(matches!(Config::load(folder.path()), Err(Error::Unusable { .. })));
}

#[test]
fn paths_follow_the_environment_and_the_command_line_first() {
    let env = |name: &str| match name {
        "GROK_TUI_CONFIG" => Some("/e/c.toml".to_owned()),
        "GROK_TUI_DATA_DIR" => Some("/e/data".to_owned()),
        _ => None,
    };
    let paths = Paths::find(None, None, env).unwrap();
    assert_eq!(paths.config_file, Path::new("/e/c.toml"));
    assert_eq!(paths.data_dir, Path::new("/e/data"));
    for inside in [&paths.state_dir, &paths.cache_dir, &paths.log_file] {
        assert!(inside.starts_with("/e/data"), "{}", inside.display());
    }
    let paths = Paths::find(Some("/a.toml".into()), Some("/b".into()), env).unwrap();
    assert_eq!((paths.config_file, paths.data_dir), ("/a.toml".into(), "/b".into()));
}

#[cfg(unix)]
#[test]
fn folders_and_files_are_private_and_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::find(None, Some(folder.path().join("a/b")), |_| None).unwrap();
    paths.create().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&paths.data_dir), 0o700);
    assert_eq!(mode(&paths.state_dir), 0o700);
    let file = folder.path().join("c/config.toml");
    write_private(&file, TEMPLATE, false).unwrap();
    assert_eq!(mode(&file), 0o600);
    assert!(write_private(&file, "x", false).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), TEMPLATE);
    write_private(&file, "model = 'x'", true).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "model = 'x'");
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    assert_eq!(mode(&file), 0o600);
}
