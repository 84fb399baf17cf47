//! What holds now, and where each value comes from: the command line, a variable of the environment, the
//! file, or nowhere. Secrets are never shown, only whether they are set.

use std::path::Path;

use toml::Value;

use crate::cli::{Global, context};
use crate::config::{self, Config, Paths, SamplingConfig};
use crate::model::registry::Place;

/// Where a value comes from that is in the file, or in none.
const FILE: &str = "file";
const DEFAULT: &str = "default";

/// Variables of which only is said whether they are set.
const SECRETS: [&str; 3] = ["GROK_TUI_API_KEY", "XAI_API_KEY", "OPENAI_API_KEY"];
/// Variables that hold addresses.
const ADDRESSES: [&str; 2] = ["XAI_API_HOST", "OPENAI_BASE_URL"];
/// Others that models are found by.
const PLAIN: [&str; 2] = ["OPENAI_MODEL", "GROK_TUI_NO_DISCOVERY"];

/// The settings in the form of the file, each with where it comes from.
pub(super) fn shown(
    global: &Global,
    paths: &Paths,
    config: &Config,
    env: &impl Fn(&str) -> Option<String>,
) -> String {
    let mut sheet = Sheet { lines: Vec::new(), file: table(&paths.config_file) };
    sheet.places(global, paths, env);
    sheet.service(global, config, env);
    sheet.sampling("sampling", &config.sampling);
    let (timeouts, serve, ui) = (&config.timeouts, &config.serve, &config.ui);
    sheet.of_file("timeouts.connect", Some(number(timeouts.connect)));
    sheet.of_file("timeouts.call", Some(number(timeouts.call)));
    sheet.of_file("timeouts.first_byte", Some(number(timeouts.first_byte)));
    sheet.of_file("timeouts.idle", Some(number(timeouts.idle)));
    for (name, count) in [
        ("message_mib", serve.message_mib),
        ("calls_per_user", serve.calls_per_user),
        ("requests_per_second", serve.requests_per_second),
        ("connections", serve.connections),
        ("connections_per_peer", serve.connections_per_peer),
    ] {
        sheet.of_file(&format!("serve.{name}"), Some(i64::from(count).into()));
    }
    for (name, on) in
        [("mouse", ui.mouse), ("copy_on_select", ui.copy_on_select), ("links", ui.links)]
    {
        sheet.of_file(&format!("ui.{name}"), Some(on.into()));
    }
    let names = [
        ("clipboard", format!("{:?}", ui.clipboard)),
        ("pictures", format!("{:?}", ui.pictures)),
        ("theme", format!("{:?}", ui.theme)),
        ("glyphs", format!("{:?}", ui.glyphs)),
    ];
    for (name, value) in names {
        sheet.of_file(&format!("ui.{name}"), Some(value.to_ascii_lowercase().into()));
    }
    sheet.of_file("ui.linear", Some(ui.linear.into()));
    sheet.of_file("ui.pace", Some(number(ui.pace)));
    sheet.theme();
    for (action, keys) in &config.keys {
        sheet.of_file(&format!("keys.{action}"), Some(keys.clone().into()));
    }
    sheet.servers(config, env);
    sheet.environment(&context::models(global, config).places(), env);
    sheet.lines.push(String::new());
    sheet.lines.join("\n")
}

struct Sheet {
    lines: Vec<String>,
    file: toml::Table,
}

impl Sheet {
    fn places(&mut self, global: &Global, paths: &Paths, env: &impl Fn(&str) -> Option<String>) {
        let files = [
            (
                "configuration",
                Some(&paths.config_file),
                &global.config,
                "--config",
                "GROK_TUI_CONFIG",
            ),
            (
                "conversations",
                Some(&paths.data_dir),
                &global.data_dir,
                "--data-dir",
                "GROK_TUI_DATA_DIR",
            ),
            ("log", global.log_file.as_ref(), &global.log_file, "--log-file", "GROK_TUI_LOG"),
            (
                "certificate",
                global.ca_cert.as_ref(),
                &global.ca_cert,
                "--ca-cert",
                "GROK_TUI_CA_CERT",
            ),
        ];
        for (what, path, typed, option, variable) in files {
            let given = |path: &&std::path::PathBuf| !path.as_os_str().is_empty();
            let Some(path) = path.filter(given) else { continue };
            let typed = typed.as_ref().filter(given).map(|path| path.display().to_string());
            let from = typed.map_or(DEFAULT, |typed| typed_in(&typed, option, variable, env));
            self.lines.push(format!("# {what}: {}  # {from}", path.display()));
        }
    }

    /// The model, and who answers.
    fn service(&mut self, global: &Global, config: &Config, env: &impl Fn(&str) -> Option<String>) {
        match global.model() {
            Some(model) => {
                let from = typed_in(&model, "--model", "GROK_TUI_MODEL", env);
                self.set("model", Some(model.clone().into()), from);
            }
            None => self.of_file("model", config.model.clone().map(Into::into)),
        }
        let typed = global.endpoint.clone().filter(|endpoint| !endpoint.trim().is_empty());
        match typed {
            Some(endpoint) => {
                let from = typed_in(&endpoint, "--endpoint", "GROK_TUI_ENDPOINT", env);
                self.set("endpoint", Some(without_secrets(&endpoint).into()), from);
            }
            None => {
                let endpoint = config.endpoint.as_deref().map(without_secrets);
                self.of_file("endpoint", endpoint.map(Into::into));
            }
        }
        self.of_file("api_key_env", config.api_key_env.clone().map(Into::into));
        if let Some(variable) = &config.api_key_env {
            self.lines.push(format!("# {variable}: {}", is_set(variable, env)));
        }
    }

    fn sampling(&mut self, table: &str, sampling: &SamplingConfig) {
        let integer = |count: u32| i64::from(count).into();
        let seed =
            |seed: u64| i64::try_from(seed).map_or_else(|_| seed.to_string().into(), Value::from);
        let stop = Some(&sampling.stop).filter(|stop| !stop.is_empty());
        for (name, value) in [
            ("temperature", sampling.temperature.map(number)),
            ("top_p", sampling.top_p.map(number)),
            ("max_tokens", sampling.max_tokens.map(integer)),
            ("top_k", sampling.top_k.map(integer)),
            ("seed", sampling.seed.map(seed)),
            ("stop", stop.map(|stop| stop.clone().into())),
            ("search", sampling.search.map(Into::into)),
        ] {
            self.of_file(&format!("{table}.{name}"), value);
        }
    }

    /// Those of the file; values of headers and commands that print keys may be secrets.
    fn servers(&mut self, config: &Config, env: &impl Fn(&str) -> Option<String>) {
        for server in &config.servers {
            self.lines.push(format!("\n[[servers]]  # {FILE}"));
            self.lines.push(format!("name = {}", Value::from(server.name.clone())));
            let address = without_secrets(&server.base_url);
            self.lines.push(format!("base_url = {}", Value::from(address)));
            if let Some(variable) = &server.api_key_env {
                let (name, set) = (Value::from(variable.clone()), is_set(variable, env));
                self.lines.push(format!("api_key_env = {name}  # {set}"));
            }
            if server.api_key_command.is_some() {
                self.lines.push("# api_key_command: set".to_owned());
            }
            for name in server.headers.keys() {
                self.lines.push(format!("# header {}: set", Value::from(name.clone())));
            }
        }
    }

    /// As the file has it.
    fn theme(&mut self) {
        let own = self.file.get("theme").and_then(Value::as_table).cloned().unwrap_or_default();
        for (role, entry) in own {
            self.set(&format!("theme.{role}"), Some(entry), FILE);
        }
    }

    /// The servers that are asked, and the variables that name or change them.
    fn environment(&mut self, places: &[Place], env: &impl Fn(&str) -> Option<String>) {
        self.lines.push("\n# models are asked of:".to_owned());
        for place in places {
            let at = if place.address.is_empty() { "this program" } else { &place.address };
            self.lines.push(format!("#   {}: {at}", place.name));
        }
        self.lines.push("# environment:".to_owned());
        let mut tell = |name: &str, value: String| self.lines.push(format!("#   {name}: {value}"));
        for name in SECRETS {
            tell(name, is_set(name, env).to_owned());
        }
        let plain = |name: &str| env(name).filter(|value| !value.trim().is_empty());
        for name in ADDRESSES {
            let address = plain(name).map(|value| Value::from(without_secrets(&value)).to_string());
            tell(name, address.unwrap_or_else(|| "not set".to_owned()));
        }
        for name in PLAIN {
            let value = plain(name).map(|value| Value::from(value).to_string());
            tell(name, value.unwrap_or_else(|| "not set".to_owned()));
        }
    }

    /// A value that only the file can name.
    fn of_file(&mut self, name: &str, value: Option<Value>) {
        let mut parts = name.splitn(2, '.');
        let found = parts.next().and_then(|first| self.file.get(first));
        let found = match parts.next() {
            Some(second) => found.and_then(|table| table.get(second)),
            None => found,
        };
        let from = match (found, &value) {
            (Some(_), Some(_)) => FILE,
            (Some(_) | None, None) => "not set",
            (None, Some(_)) => DEFAULT,
        };
        self.set(name, value, from);
    }

    fn set(&mut self, name: &str, value: Option<Value>, from: &str) {
        self.lines.push(match value {
            Some(value) => format!("{name} = {value}  # {from}"),
            None => format!("#{name} =  # {from}"),
        });
    }
}

/// The file as it is written; it has been found good.
fn table(file: &Path) -> toml::Table {
    let text = config::read_text(file).ok().flatten().unwrap_or_default();
    text.trim_start_matches('\u{feff}').parse().unwrap_or_default()
}

/// What gave a value that can be typed.
fn typed_in<'a>(
    value: &str,
    option: &'a str,
    variable: &'a str,
    env: &impl Fn(&str) -> Option<String>,
) -> &'a str {
    if env(variable).is_some_and(|set| set == value) { variable } else { option }
}

fn is_set(variable: &str, env: &impl Fn(&str) -> Option<String>) -> &'static str {
    if env(variable).is_some_and(|value| !value.trim().is_empty()) { "set" } else { "not set" }
}

/// An address without user, password and query, which may hold a key.
fn without_secrets(address: &str) -> String {
    let bare = address.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match bare.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), bare),
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

/// The shortest decimal that is this number.
fn number(value: f32) -> Value {
    value.to_string().parse::<f64>().unwrap_or(f64::from(value)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_secrets() {
        for (given, shown) in [
            ("https://user:pass@host:1/v1?key=k", "https://host:1/v1"),
            ("http://host/a@b#k", "http://host/a@b"),
            ("user:p@ss@host/v1", "host/v1"),
            ("unix:/tmp/socket", "unix:/tmp/socket"),
            ("api.x.ai", "api.x.ai"),
        ] {
            assert_eq!(without_secrets(given), shown);
        }
    }
}
