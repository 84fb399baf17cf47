//! What the full-screen client says, one file for each area.

pub mod writing;
