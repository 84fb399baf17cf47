//! Answers as text, one after the other in the order of their indices, each as it comes.

use anyhow::Result;

use super::answers::Show;
use crate::cli::output::{Out, note, remark};
use crate::client::{Answer, Error};

/// What is known of an answer whose turn to be shown has not come, or has.
#[derive(Debug, Default)]
struct Waiting {
    /// Text that came before its turn. Holds at most the answer.
    text: String,
    any_text: bool,
    ends_line: bool,
    thinking: bool,
    /// The last notice, without its numbers.
    notice: String,
    /// How it ended: with an error in words, or well and with what is to be said of it.
    end: Option<Result<Vec<String>, String>>,
}

/// Prints answers in order.
#[derive(Debug)]
pub(super) struct Printer {
    answers: Vec<Waiting>,
    /// The answer that is printed as it comes.
    shown: usize,
}

impl Printer {
    pub(super) fn new(answers: usize) -> Self {
        Self { answers: (0..answers).map(|_| Waiting::default()).collect(), shown: 0 }
    }

    fn text(&mut self, out: &mut Out, index: usize, text: &str) -> Result<()> {
        let first = index == self.shown && !self.answers[index].any_text;
        if first {
            self.heading(out)?;
        }
        let answer = &mut self.answers[index];
        answer.any_text |= !text.is_empty();
        answer.ends_line = text.ends_with('\n') || (answer.ends_line && text.is_empty());
        if index == self.shown {
            out.text(text)?;
        } else {
            answer.text.push_str(text);
        }
        Ok(())
    }

    /// Goes on to the next answers while the shown one has ended.
    fn advance(&mut self, out: &mut Out) -> Result<()> {
        while let Some(answer) = self.answers.get(self.shown) {
            let Some(end) = &answer.end else { return Ok(()) };
            if answer.any_text && !answer.ends_line {
                out.text("\n")?;
            }
            // What is said of it stands below it.
            out.flush()?;
            match end {
                Ok(remarks) => remarks.iter().for_each(remark),
                Err(words) => note(format_args!("error: {}{words}", self.numbered())),
            }
            self.shown += 1;
            if self.answers.get(self.shown).is_some_and(|next| next.any_text) {
                self.heading(out)?;
                let text = std::mem::take(&mut self.answers[self.shown].text);
                out.text(&text)?;
            }
        }
        Ok(())
    }

    /// Which answer follows, where there are several.
    fn heading(&self, out: &mut Out) -> Result<()> {
        if self.answers.len() > 1 {
            if self.shown > 0 {
                out.text("\n")?;
            }
            out.heading(&format!("[{}/{}]", self.shown + 1, self.answers.len()))?;
        }
        Ok(())
    }

    /// Notices that differ only in their numbers are one wait that goes on: it is said once.
    fn notice(&mut self, index: usize, words: String) {
        let plain: String = words.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect();
        if std::mem::replace(&mut self.answers[index].notice, plain.clone()) != plain {
            remark(words);
        }
    }

    fn numbered(&self) -> String {
        match self.answers.len() {
            1 => String::new(),
            count => format!("answer {}/{count}: ", self.shown + 1),
        }
    }
}

impl Show for Printer {
    fn step(&mut self, out: &mut Out, index: usize, step: Result<Answer, Error>) -> Result<()> {
        match step {
            Ok(Answer::User(_) | Answer::Started(_)) => {}
            Ok(Answer::Token(token)) => self.text(out, index, &token.text)?,
            Ok(Answer::Reasoning(_)) => {
                if !std::mem::replace(&mut self.answers[index].thinking, true) {
                    remark("thinking …");
                }
            }
            Ok(Answer::Query { query, kind }) => remark(format_args!("searching {kind}: {query}")),
            Ok(Answer::Notice(words)) => self.notice(index, words),
            Ok(Answer::Finished(response)) => {
                // A service need not send tokens.
                if !self.answers[index].any_text {
                    self.text(out, index, &response.message)?;
                }
                let details = response.details.unwrap_or_default();
                let cut = details.finish_reason == "length";
                let cut = cut.then(|| "(the answer reached the longest length allowed)".to_owned());
                let sources = details.sources.iter();
                let sources =
                    sources.map(|source| format!("source {}: {}", source.kind, source.url));
                self.answers[index].end = Some(Ok(cut.into_iter().chain(sources).collect()));
                self.advance(out)?;
            }
            Err(error) => {
                self.answers[index].end = Some(Err(error.message));
                self.advance(out)?;
            }
        }
        Ok(())
    }
}
