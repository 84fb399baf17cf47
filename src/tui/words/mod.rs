//! The words of the full-screen client, by the area that says them.

pub mod chat;
