//! The words of the full-screen client, one file for each area of the screen.

pub mod attachments;
pub mod chat;
pub mod copying;
pub mod forest;
pub mod leaving;
pub mod pictures;
pub mod sharing;
