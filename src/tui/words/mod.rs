//! The words of the interface, one file for each area.

pub mod samples;
