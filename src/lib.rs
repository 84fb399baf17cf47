//! A terminal client, a client library and a service for conversations with language models
//! that are forests. The modules, in reading order:

pub mod forest;
pub mod proto;
pub mod text;

mod bounded;
mod channel;
pub mod picture;

pub mod model;
pub mod store;

pub mod server;

pub mod client;

pub mod cli;
pub mod config;
pub mod tui;

/// The programs in the README are tested too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
