//! The full-screen client as its users know it: the real program in a real terminal.

#[path = "../support/pty.rs"]
mod pty;

mod chat;
mod leaving;
mod sizes;
