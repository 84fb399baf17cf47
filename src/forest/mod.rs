//! The domain: a conversation is a forest of responses. Knows nothing of the rest of the house:
//! no input or output, no clock, no SQL, no protocol types.

mod id;
mod response;

pub use id::{ConversationId, ResponseId};
pub use response::{
    Candidate, Conversation, Details, Response, Sampling, Sender, Time, Token, Usage,
};
