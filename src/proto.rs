//! The generated protocol code, and the conversions between it and the domain.

/// `prompt_ide`: the original contract.
#[expect(
    missing_docs,
    clippy::doc_markdown,
    reason = "generated; the .proto files are the documentation"
)]
pub mod prompt_ide {
    tonic::include_proto!("prompt_ide");
}

/// `grok_tui`: what our own service adds.
#[expect(missing_docs, reason = "generated; the .proto files are the documentation")]
pub mod grok_tui {
    tonic::include_proto!("grok_tui");
}
