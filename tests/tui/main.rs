//! The full-screen client as its users know it: the real program in a real terminal.

// `cfg(test)`, so that helpers in these files may unwrap as tests may.

#[path = "../support/bare.rs"]
#[cfg(test)]
#[cfg(target_os = "linux")]
mod bare;
#[path = "../support/model.rs"]
#[cfg(test)]
mod model;
#[path = "../support/modes.rs"]
#[cfg(test)]
mod modes;
#[path = "../support/pty.rs"]
#[cfg(test)]
mod pty;

#[cfg(test)]
mod attachments;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod copying;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod editor;
#[cfg(test)]
mod faults;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod gone;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod looks;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod sampling;
#[cfg(test)]
mod session;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod terminals;
#[cfg(test)]
mod writing;
