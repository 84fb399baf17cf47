//! What is said of paths that are public.

/// There was nothing to take back.
pub const NOTHING_SHARED: &str = "Nothing is shared up to this response; S shares the path";

/// Pages were taken back.
#[must_use]
pub fn unshared(count: usize) -> String {
    match count {
        1 => "Not shared any more: the page up to here was taken back".to_owned(),
        _ => format!("Not shared any more: {count} pages up to here were taken back"),
    }
}
