//! The configuration, and who can read our files.

use std::fs;
use std::path::Path;

use super::Finding;
use crate::config::{self, Config, Paths};
use crate::tui::keymap::Keymap;

const AREA: &str = "Files";

pub(super) fn look(paths: &Paths, config: &Result<Config, config::Error>) -> Vec<Finding> {
    let mut found = vec![configuration(&paths.config_file, config)];
    if let Ok(config) = config
        && let Err(error) = Keymap::new(&config.keys)
    {
        let keys = Finding::ok(AREA, "keys", error.to_string());
        found.push(keys.failed("mend the [keys] table of the configuration"));
    }
    for (name, folder) in [("data folder", &paths.data_dir), ("state folder", &paths.state_dir)] {
        found.push(private(name, folder));
    }
    found
}

fn configuration(file: &Path, config: &Result<Config, config::Error>) -> Finding {
    let shown = file.display();
    let (name, place) = ("configuration", shown.to_string());
    match config {
        Ok(_) if !file.exists() => {
            Finding::ok(AREA, name, format!("{place}: none, everything is as shipped"))
        }
        Ok(_) => Finding::ok(AREA, name, place),
        Err(error) => {
            Finding::ok(AREA, name, error.to_string()).failed("mend the file, or move it away")
        }
    }
}

fn private(name: &str, folder: &Path) -> Finding {
    let shown = folder.display().to_string();
    let Ok(data) = fs::metadata(folder) else {
        return Finding::ok(AREA, name, format!("{shown}: made when it is needed"));
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = data.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let open =
                Finding::ok(AREA, name, format!("{shown}: others can look into it ({mode:o})"));
            return open.warning(format!("chmod 700 {shown}"));
        }
    }
    let _ = data;
    Finding::ok(AREA, name, shown)
}
