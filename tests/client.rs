//! The client library against real services: embedded and over a socket, and against servers that
//! lack something or misbehave.

// `cfg(test)`, so that helpers in these files may unwrap as tests may.

#[path = "client/calls.rs"]
#[cfg(test)]
mod calls;
#[path = "client/fake.rs"]
#[cfg(test)]
mod fake;
#[path = "client/faults.rs"]
#[cfg(test)]
mod faults;
#[path = "client/patience.rs"]
#[cfg(test)]
mod patience;
#[path = "client/sdk.rs"]
#[cfg(test)]
mod sdk;
#[path = "client/world.rs"]
#[cfg(test)]
mod world;
