//! The real program, run as a user or a script would run it, on an empty home.

// `cfg(test)`, so that helpers in these files may unwrap as tests may.

#[path = "cli/answers.rs"]
#[cfg(test)]
mod answers;
#[path = "cli/conversations.rs"]
#[cfg(test)]
mod conversations;
#[path = "cli/doctor.rs"]
#[cfg(test)]
mod doctor;
#[path = "cli/endless.rs"]
#[cfg(test)]
mod endless;
#[path = "cli/going_on.rs"]
#[cfg(test)]
mod going_on;
#[path = "cli/home.rs"]
#[cfg(test)]
mod home;
#[path = "cli/misc.rs"]
#[cfg(test)]
mod misc;
#[path = "cli/serving.rs"]
#[cfg(test)]
mod serving;
