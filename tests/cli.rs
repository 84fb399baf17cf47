//! The real program, run as a user or a script would run it, on an empty home.

#[path = "cli/answers.rs"]
mod answers;
#[path = "cli/conversations.rs"]
mod conversations;
#[path = "cli/home.rs"]
mod home;
#[path = "cli/misc.rs"]
mod misc;
#[path = "cli/serving.rs"]
mod serving;
