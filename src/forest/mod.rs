//! The domain: a conversation is a forest of responses. Knows nothing of the rest of the house:
//! no input or output, no clock, no SQL, no protocol types.

mod annotation;
mod chains;
mod graph;
mod id;
pub mod layout;
mod names;
pub mod ranges;
mod response;
mod settings;
mod tour;
mod treap;

pub use annotation::{Annotation, Annotations};
pub use graph::{Chain, Forest, InsertError, Position, Slot};
pub use id::{ConversationId, ResponseId};
pub use names::Names;
pub use response::{
    Candidate, Conversation, Details, Response, Sender, Source, Time, Token, Usage,
};
pub use settings::{BadSetting, Sampling, Settings};
