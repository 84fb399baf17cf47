//! The words of the interface, one file for each area of it.

pub mod forest;
