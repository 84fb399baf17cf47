//! The full-screen client as its users know it: the real program in a real terminal.

// `cfg(test)`, so that helpers in these files may unwrap as tests may.

#[path = "../support/model.rs"]
#[cfg(test)]
mod model;
#[path = "../support/pty.rs"]
#[cfg(test)]
mod pty;

#[cfg(test)]
mod chat;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod editor;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod writing;
