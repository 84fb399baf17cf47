//! The client library against real services: embedded and over a socket, and against servers that
//! lack something or misbehave.

#[path = "client/calls.rs"]
mod calls;
#[path = "client/fake.rs"]
mod fake;
#[path = "client/faults.rs"]
mod faults;
#[path = "client/sdk.rs"]
mod sdk;
#[path = "client/world.rs"]
mod world;
