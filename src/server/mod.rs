//! To come.

/// The conversation service. To come.
#[derive(Debug, Clone)]
pub struct Service;
