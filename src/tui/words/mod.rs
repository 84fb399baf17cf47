//! What the full-screen client says, one file for each area.

pub mod keys;
pub mod writing;
