//! The words of the full-screen client, one file for each area of the screen.

pub mod attachments;
pub mod chat;
pub mod conversations;
pub mod copying;
pub mod footer;
pub mod forest;
pub mod forms;
pub mod header;
pub mod keys;
pub mod leaving;
pub mod linear;
pub mod list;
pub mod looks;
pub mod overlay;
pub mod pictures;
pub mod samples;
pub mod sharing;
pub mod turns;
pub mod welcome;
pub mod writing;

#[cfg(test)]
mod tests;
