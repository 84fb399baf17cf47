//! To come.
pub struct SqliteStore;
