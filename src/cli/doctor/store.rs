//! The conversations: whether their file is whole.

use std::path::Path;

use super::Finding;
use crate::cli::context::STORE_FILE;
use crate::config::Paths;
use crate::store::SqliteStore;

const AREA: &str = "Conversations";

pub(super) fn look(paths: &Paths) -> Vec<Finding> {
    let file = paths.data_dir.join(STORE_FILE);
    let shown = file.display().to_string();
    if !file.exists() {
        let made = format!("{shown}: made with the first conversation");
        return vec![Finding::ok(AREA, "store", made), writing(&file)];
    }
    let checked = match SqliteStore::check(&file) {
        Ok(checked) => checked,
        Err(error) => {
            let failed = Finding::ok(AREA, "store", error.to_string());
            return vec![failed.failed("make a copy of the file before you try anything with it")];
        }
    };
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let size = format!(
        "{} conversations, {} responses, {:.1} MB (and {:.1} MB of log)",
        checked.conversations,
        checked.responses,
        megabytes(checked.bytes),
        megabytes(checked.log_bytes)
    );
    let version = format!("format {} of {}", checked.version, checked.known_version);
    let whole = match checked.problems.as_slice() {
        [] => Finding::ok(AREA, "integrity", "no damage"),
        [first, rest @ ..] => {
            let more =
                if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
            Finding::ok(AREA, "integrity", format!("{first}{more}")).failed(format!(
                "copy {shown} and its -wal file, then save what can be read: sqlite3 COPY .recover"
            ))
        }
    };
    let writing = if checked.problems.is_empty() {
        Some(writing(&file))
    } else {
        // Nothing touches what is damaged.
        None
    };
    let found = [
        Finding::ok(AREA, "store", shown),
        Finding::ok(AREA, "size", size),
        Finding::ok(AREA, "version", version),
        whole,
    ];
    found.into_iter().chain(writing).collect()
}

/// Whether something could be stored.
fn writing(file: &Path) -> Finding {
    match SqliteStore::try_writing(file) {
        Ok(()) => Finding::ok(AREA, "writing", "there is room, and it is allowed"),
        Err(error) => Finding::ok(AREA, "writing", error.to_string())
            .failed("mend that first: until then no conversation can be opened"),
    }
}
