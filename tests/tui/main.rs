//! The full-screen client as its users know it: the real program in a real terminal.

#[path = "../support/model.rs"]
mod model;
#[path = "../support/pty.rs"]
mod pty;

mod chat;
mod conversations;
mod faults;
mod hostile;
mod kill;
mod leaving;
mod sizes;
mod writing;
