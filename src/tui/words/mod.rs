//! The words of the interface, one file for each area.

pub mod forms;
pub mod samples;
