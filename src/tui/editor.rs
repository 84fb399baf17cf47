//! The user's own editor: which one it is, and a text's way to it and back through a file that only
//! the user can read. Who has the terminal meanwhile is left to the loop.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use tokio::process::Command;

use super::session;
use super::words::writing as words;

/// What is tried where no editor is named.
const USUAL: [&str; 2] = ["vi", "nano"];

/// Has a text edited.
///
/// # Errors
/// In words, when there is no editor, when it fails, or when its text cannot be read; then the text
/// is to stay as it was.
pub(super) async fn edit(folder: &Path, text: &str) -> Result<String, String> {
    let file = folder.join(format!("message-{}.md", std::process::id()));
    let written = write(folder, &file, text);
    written.map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    let edited = match start(&file).await {
        Ok(()) => read(&file, text),
        Err(why) => Err(why),
    };
    // What could not be read is left for the user to find.
    if edited.is_ok() || fs::read_to_string(&file).is_ok() {
        let _ = fs::remove_file(&file);
    }
    edited
}

fn write(folder: &Path, file: &PathBuf, text: &str) -> io::Result<()> {
    session::create_private_folder(folder)?;
    // One that a killed run left behind may have had other rights.
    let _ = fs::remove_file(file);
    session::create_private_file(file)?.write_all(text.as_bytes())
}

/// Editors end the last line of a file; the text gets no line break from that.
fn read(file: &Path, before: &str) -> Result<String, String> {
    let mut text = fs::read_to_string(file)
        .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    if !before.contains('\r') {
        text = text.replace("\r\n", "\n");
    }
    if text.ends_with('\n') && !before.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

async fn start(file: &Path) -> Result<(), String> {
    let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| {
        let value = std::env::var(name).ok().filter(|value| !value.trim().is_empty())?;
        Some((name, value))
    });
    let Some((name, value)) = named else {
        for editor in USUAL {
            match run(&[editor.to_owned()], file).await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => return judge(editor, done),
            }
        }
        return Err(format!("There is no editor; {}", words::NAME_AN_EDITOR));
    };
    match split(&value).as_deref() {
        Some(command @ [program, ..]) => judge(program, run(command, file).await),
        _ => Err(format!("{name} is {value:?}, which names no editor; a quote may be open")),
    }
}

async fn run(command: &[String], file: &Path) -> io::Result<ExitStatus> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::NotFound)?;
    // When the loop ends, the editor does too.
    Command::new(program).args(arguments).arg(file).kill_on_drop(true).status().await
}

fn judge(program: &str, done: io::Result<ExitStatus>) -> Result<(), String> {
    match done {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(format!("There is no editor {program:?}; {}", words::NAME_AN_EDITOR))
        }
        Err(error) => Err(format!("{program} could not be started: {error}")),
    }
}

/// The words of a command as a shell would split them: quotes hold spaces, and a backslash takes
/// the next character as it is. `None`: a quote was not closed.
fn split(command: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let (mut word, mut quote) = (None::<String>, None);
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(characters.next()),
            (c, None) if c.is_whitespace() => all.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    quote.is_none().then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_split_as_by_a_shell() {
        let split = |command| split(command).unwrap();
        assert_eq!(split("code --wait"), ["code", "--wait"]);
        assert_eq!(
            split(r#" '/my editor/vim'  -c "set tw=72" a\ b ''"#),
            ["/my editor/vim", "-c", "set tw=72", "a b", ""]
        );
        assert_eq!(super::split("vim 'x"), None);
    }

    #[test]
    fn the_line_break_at_the_end_of_a_file_is_not_part_of_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.md");
        for (before, written, read_back) in [
            ("a", "b\n", "b"),
            ("a\n", "b\n", "b\n"),
            ("a", "b\r\nc\r\n", "b\nc"),
            ("a\r\n", "b\r\n", "b\r\n"),
        ] {
            write(folder.path(), &file, written).unwrap();
            assert_eq!(read(&file, before).unwrap(), read_back);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.md");
        fs::write(&file, "left behind").unwrap();
        write(folder.path(), &file, "secret").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
