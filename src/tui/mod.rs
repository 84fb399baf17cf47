//! wip
pub mod markdown;
pub mod state;
pub mod theme;
