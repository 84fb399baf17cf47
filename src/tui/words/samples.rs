//! Words about several answers to one response: the panel below the chat, and who says the same.

/// Said where the panel is asked for and there is none. `again` samples one.
#[must_use]
pub fn none(again: &str) -> String {
    format!("No samples are on their way here; a count samples several, as in 5{again}")
}

/// Said of an answer that nothing was received of.
pub const NOTHING_TO_SHOW: &str = "Nothing has arrived of this sample";
/// Said of one that did not fail, where another attempt is asked for; `again` with a count samples more.
#[must_use]
pub fn not_failed(again: &str) -> String {
    format!("This sample did not fail; a count samples more, as in 5{again}")
}

/// Said where nothing is being received.
pub const NOTHING_RUNS: &str = "No answer is being received in this conversation";
/// Said of a line whose answer has ended.
pub const ENDED_ALREADY: &str = "This sample has ended already";
/// What a waiting sample does.
pub const WAITING: &str = "waiting for the first token";
/// What became of a sample that the user stopped.
pub const STOPPED: &str = "stopped";
/// What is shown while it is being stopped.
pub const STOPPING: &str = "stopping…";

/// What became of a sample that failed, and what to do about it.
#[must_use]
pub fn failed(key: &str, why: &str) -> String {
    format!("failed · {key} tries again · {why}")
}

/// The same, with the beginning of what it says; empty if nothing had arrived.
#[must_use]
pub fn stopped(said: &str) -> String {
    match said {
        "" => STOPPED.to_owned(),
        said => format!("{STOPPED} · {said}"),
    }
}

/// What became of a sample that broke off, and what to do about it.
#[must_use]
pub fn broke_off(continues: &str, again: &str, why: &str) -> String {
    format!("broke off · {continues} continues it, {again} tries again · {why}")
}

/// Which lines are in sight.
#[must_use]
pub fn range(first: usize, last: usize, all: usize) -> String {
    format!("{first}-{last} of {all}")
}

/// How likely the tokens of an answer were in the mean, where it is read aloud.
#[must_use]
pub fn mean(probability: &str) -> String {
    format!("mean probability {probability}")
}

/// The same in a few cells.
#[must_use]
pub fn short_mean(probability: &str) -> String {
    format!(" p̄ {probability}")
}

/// How long an answer is, in a column.
#[must_use]
pub fn tokens(count: u32) -> String {
    format!(" {count:>3} tok")
}

/// How fast an answer is, in tokens per second, or for how many seconds nothing has come of it; in a
/// column of seven cells.
#[must_use]
pub fn speed(speed: Option<f32>, silent: Option<i64>) -> String {
    let speed = match (silent, speed) {
        (Some(seconds), _) => format!("… {seconds} s"),
        (None, Some(speed)) => format!("{speed:.0}/s"),
        (None, None) => String::new(),
    };
    format!(" {speed:>6}")
}

/// Which sibling a sample became, if it has become one, in a column that has room for all of so many.
#[must_use]
pub fn sibling(number: Option<usize>, siblings: usize) -> String {
    let width = siblings.to_string().len();
    match number {
        Some(number) => format!("‹{number:>width$}› "),
        None => " ".repeat(width + 3),
    }
}

/// The same where it is read aloud.
#[must_use]
pub fn spoken_sibling(number: usize, count: usize) -> String {
    format!("sibling {number} of {count}")
}

/// The title of the panel while samples are on their way.
#[must_use]
pub fn progress(all: usize, running: usize) -> String {
    format!("{all} samples · {running} running")
}

/// The title of the panel once all have ended.
#[must_use]
pub fn summary(all: usize, different: usize, incomplete: usize) -> String {
    let different = match different {
        0 => String::new(),
        different => format!(" · {different} different"),
    };
    let incomplete = match incomplete {
        0 => String::new(),
        incomplete => format!(" · {incomplete} incomplete"),
    };
    format!("{all} samples{different}{incomplete}")
}

/// How to give the keys to the panel.
#[must_use]
pub fn takes_keys(key: &str) -> String {
    format!("{key} chooses")
}

/// Several answers that were asked for and have not begun.
#[must_use]
pub fn waiting_for(count: usize) -> String {
    format!("▯ waiting for {count} answers · Esc stops the last one")
}

/// All answers of a conversation are being stopped.
#[must_use]
pub fn stopping_all(count: usize) -> String {
    let answers = if count == 1 { "answer" } else { "answers" };
    format!("Stopping {count} {answers}; what arrived stays")
}

/// More answers than may run at once below one response.
#[must_use]
pub fn too_many(most: usize, key: &str) -> String {
    format!("{most} answers are arriving here, which is the most; {key} stops them all")
}

/// Fewer answers were asked for than the count said; `most` may run at once.
#[must_use]
pub fn fewer(asked: usize, most: usize) -> String {
    let answers = if asked == 1 { "1 answer was" } else { &format!("{asked} answers were") };
    format!("{answers} asked for: no more than {most} run at once below one response")
}

/// So many texts are the same.
#[must_use]
pub fn times(count: usize) -> String {
    format!("×{count}")
}

/// So many siblings say the same.
#[must_use]
pub fn identical(count: usize) -> String {
    format!("×{count} identical")
}
