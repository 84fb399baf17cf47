//! Colours of code. A thread of its own does the work: the screen shows code plain first and colours
//! it when that is done. Nothing is loaded before the first code block is in sight.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};
use tokio::sync::mpsc;

use super::event::Event;
use super::theme::Role;
use crate::forest::ResponseId;
use crate::text;

/// Longer lines, in bytes, stay plain.
const LONGEST_LINE: usize = 2_000;
/// Blocks whose next lines can be coloured without beginning anew.
const MOST_KEPT: usize = 32;
/// Jobs that may wait for the thread; who has more waits too.
const WAITING_JOBS: usize = 4;

/// Lines of a code block that are to be coloured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The message.
    pub response: ResponseId,
    /// Which of its code blocks, from 0.
    pub block: usize,
    /// The language, as it stands behind the fence.
    pub language: Arc<str>,
    /// Number of the first line, from 0.
    pub line: usize,
    /// The lines.
    pub lines: String,
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The lines have colours.
    Coloured,
    /// The language is not known; all of the block stays plain.
    Unknown,
    /// What the lines before had left open is not known any more; it has to be begun anew.
    Forgotten,
}

/// Lines that were coloured.
#[derive(Debug)]
pub struct Done {
    /// As in the job.
    pub response: ResponseId,
    /// As in the job.
    pub block: usize,
    /// As in the job.
    pub line: usize,
    /// As in the job: bytes of its lines.
    pub bytes: usize,
    /// The pieces of each line: bytes of its visible form, and what they are.
    pub lines: Vec<Vec<(usize, Role)>>,
    /// Whether there are any.
    pub outcome: Outcome,
}

/// The thread. It ends when this is dropped.
pub struct Highlighter {
    jobs: mpsc::Sender<Job>,
}

impl Highlighter {
    /// Starts the thread, which reports through `events`.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(events: mpsc::Sender<Event>) -> std::io::Result<Self> {
        // Bounded: a full channel makes the tasks that bring jobs wait.
        let (jobs, mut next) = mpsc::channel::<Job>(WAITING_JOBS);
        thread::Builder::new().name("highlight".to_owned()).spawn(move || {
            let mut work = Work::new();
            while let Some(job) = next.blocking_recv() {
                if events.blocking_send(Event::Highlighted(work.run(job))).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs })
    }

    /// Where jobs go.
    #[must_use]
    pub fn jobs(&self) -> mpsc::Sender<Job> {
        self.jobs.clone()
    }
}

/// What the thread knows.
struct Work {
    syntaxes: SyntaxSet,
    roles: Roles,
    /// The blocks coloured last, the latest at the end.
    kept: VecDeque<Block>,
}

/// What the lines of a code block so far have left open, so that the next one costs no more than the
/// first. (It cannot leave the thread: the regular expressions of `onig` do not.)
struct Block {
    response: ResponseId,
    block: usize,
    /// Number of the next line.
    line: usize,
    parser: ParseState,
    scopes: ScopeStack,
}

impl Work {
    fn new() -> Self {
        let syntaxes = SyntaxSet::load_defaults_newlines();
        Self { syntaxes, roles: Roles::new(), kept: VecDeque::new() }
    }

    fn run(&mut self, job: Job) -> Done {
        let (mut lines, bytes) = (Vec::new(), job.lines.len());
        let outcome = match self.block(&job) {
            Ok(mut block) => {
                for line in job.lines.split_inclusive('\n') {
                    let pieces = block.colour(line, &self.syntaxes, &self.roles);
                    lines.push(pieces.unwrap_or_default());
                }
                block.line += lines.len();
                self.kept.push_back(block);
                if self.kept.len() > MOST_KEPT {
                    self.kept.pop_front();
                }
                Outcome::Coloured
            }
            Err(outcome) => outcome,
        };
        Done { response: job.response, block: job.block, line: job.line, bytes, lines, outcome }
    }

    /// What the lines before those of a job have left open.
    fn block(&mut self, job: &Job) -> Result<Block, Outcome> {
        let same = |kept: &Block| kept.response == job.response && kept.block == job.block;
        let kept = self.kept.iter().position(same).and_then(|at| self.kept.remove(at));
        if job.line > 0 {
            return kept.filter(|kept| kept.line == job.line).ok_or(Outcome::Forgotten);
        }
        let syntax = self.syntaxes.find_syntax_by_token(known_as(&job.language));
        Ok(Block {
            response: job.response.clone(),
            block: job.block,
            line: 0,
            parser: ParseState::new(syntax.ok_or(Outcome::Unknown)?),
            scopes: ScopeStack::new(),
        })
    }
}

/// Languages that go by another name, or are close to one that is known.
fn known_as(language: &str) -> &str {
    match language.to_ascii_lowercase().as_str() {
        "ts" | "typescript" | "tsx" | "jsx" | "mjs" | "node" => "js",
        "shell" | "console" | "zsh" | "fish" => "sh",
        "py3" | "python3" => "py",
        "kotlin" | "kt" => "java",
        "jsonc" | "json5" | "jsonl" => "json",
        "golang" => "go",
        "c++" | "cuda" => "cpp",
        _ => language,
    }
}

impl Block {
    /// The pieces of the next line; `None`: it stays plain.
    fn colour(
        &mut self,
        line: &str,
        syntaxes: &SyntaxSet,
        roles: &Roles,
    ) -> Option<Vec<(usize, Role)>> {
        if line.len() > LONGEST_LINE {
            return None;
        }
        let changes = self.parser.parse_line(line, syntaxes).ok()?;
        let end = line.trim_end_matches(['\n', '\r']).len();
        let mut pieces: Vec<(usize, Role)> = Vec::new();
        let mut add = |range: Range<usize>, scopes: &ScopeStack| {
            let Some(text) = line.get(range.start..range.end.min(end)) else { return };
            let bytes = text::visible(text).len();
            let role = roles.of(scopes.as_slice());
            match pieces.last_mut() {
                Some((length, last)) if *last == role => *length += bytes,
                _ if bytes > 0 => pieces.push((bytes, role)),
                _ => {}
            }
        };
        let mut at = 0;
        for (place, change) in &changes {
            add(at..*place, &self.scopes);
            at = *place;
            self.scopes.apply(change).ok()?;
        }
        add(at..line.len(), &self.scopes);
        // A mark at the edge of two pieces may be shown otherwise than within one.
        let shown = text::visible(&line[..end]).len();
        (pieces.iter().map(|(bytes, _)| bytes).sum::<usize>() == shown).then_some(pieces)
    }
}

/// What the names that grammars give to code mean here, longest first.
const ROLES: &[(&str, Role)] = &[
    ("storage.type.function", Role::CodeKeyword),
    ("storage.type.struct", Role::CodeKeyword),
    ("storage.type.module", Role::CodeKeyword),
    ("storage.type.class", Role::CodeKeyword),
    ("storage.type.enum", Role::CodeKeyword),
    ("storage.type.impl", Role::CodeKeyword),
    ("punctuation.definition.string", Role::CodeString),
    ("punctuation.definition.comment", Role::CodeComment),
    ("entity.other.attribute-name", Role::CodeName),
    ("entity.other.inherited-class", Role::CodeType),
    ("constant.character.escape", Role::CodeNumber),
    ("entity.name.function", Role::CodeFunction),
    ("support.type.property", Role::CodeName),
    ("constant.language", Role::CodeNumber),
    ("support.function", Role::CodeFunction),
    ("variable.function", Role::CodeFunction),
    ("storage.modifier", Role::CodeKeyword),
    ("constant.numeric", Role::CodeNumber),
    ("keyword.operator", Role::CodeText),
    ("entity.name.tag", Role::CodeKeyword),
    ("markup.inserted", Role::CodeAdded),
    ("markup.deleted", Role::CodeRemoved),
    ("meta.interpolation", Role::CodeText),
    ("variable.other", Role::CodeText),
    ("constant.other", Role::CodeNumber),
    ("support.macro", Role::CodeFunction),
    ("support.class", Role::CodeType),
    ("support.type", Role::CodeType),
    ("storage.type", Role::CodeType),
    ("entity.name", Role::CodeType),
    ("comment", Role::CodeComment),
    ("keyword", Role::CodeKeyword),
    ("storage", Role::CodeKeyword),
    ("string", Role::CodeString),
];

struct Roles(Vec<(Scope, Role)>);

impl Roles {
    fn new() -> Self {
        let roles = ROLES.iter();
        Self(roles.filter_map(|(name, role)| Some((Scope::new(name).ok()?, *role))).collect())
    }

    /// What the innermost of these scopes that means something means.
    fn of(&self, scopes: &[Scope]) -> Role {
        let named = |scope: &Scope| {
            let known = self.0.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope));
            known.map(|(_, role)| *role)
        };
        scopes.iter().rev().find_map(named).unwrap_or(Role::CodeText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(language: &str, line: usize, lines: &str) -> Job {
        let response = ResponseId::parse("r").unwrap();
        Job { response, block: 0, language: language.into(), line, lines: lines.to_owned() }
    }

    #[test]
    fn code_is_coloured_by_what_it_is() {
        let code = "fn main() { // go\n\tlet a: u32 = 7; f(\"x\u{1b}\");\n}\n";
        let done = Work::new().run(job("rust", 0, code));
        assert_eq!(done.lines.len(), 3);
        let shown = text::visible("\tlet a: u32 = 7; f(\"x\u{1b}\");").into_owned();
        let mut at = 0;
        let pieces: Vec<(&str, Role)> = done.lines[1]
            .iter()
            .map(|(bytes, role)| {
                at += bytes;
                (&shown[at - bytes..at], *role)
            })
            .collect();
        for piece in [
            ("let", Role::CodeType),
            ("u32", Role::CodeType),
            ("7", Role::CodeNumber),
            ("\"x␛\"", Role::CodeString),
        ] {
            assert!(pieces.contains(&piece), "{piece:?} in {pieces:?}");
        }
        assert_eq!(at, shown.len());
        assert!(done.lines[0].contains(&("// go".len(), Role::CodeComment)), "{:?}", done.lines);
    }

    #[test]
    fn lines_in_pieces_are_coloured_as_lines_at_once() {
        let mut work = Work::new();
        let code = "x = \"\"\"a\nb # c\n\"\"\"  # d\ndef f(): pass\n";
        let at_once = work.run(job("python3", 0, code)).lines;
        let mut lines = Vec::new();
        for line in code.split_inclusive('\n') {
            let done = work.run(job("python3", lines.len(), line));
            assert_eq!(done.outcome, Outcome::Coloured);
            lines.extend(done.lines);
        }
        assert_eq!(lines, at_once);
        assert_eq!(work.run(job("python3", 9, "x\n")).outcome, Outcome::Forgotten);
    }

    #[test]
    fn unknown_languages_and_long_lines_stay_plain() {
        let mut work = Work::new();
        let done = work.run(job("nonesuch", 0, "a\n"));
        assert_eq!((done.outcome, done.lines.len()), (Outcome::Unknown, 0));
        let long = format!("{}\nfn f() {{}}\n", "a".repeat(LONGEST_LINE + 1));
        let done = work.run(job("rs", 0, &long));
        assert!(done.lines[0].is_empty() && !done.lines[1].is_empty());
    }

    #[test]
    fn all_names_are_names() {
        assert_eq!(Roles::new().0.len(), ROLES.len());
    }
}
