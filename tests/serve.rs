//! A service that strangers can be given: keys, users apart, encryption, limits, a quiet end.

// `cfg(test)`, so that helpers in these files may unwrap as tests may.

#[path = "serve/ending.rs"]
#[cfg(test)]
mod ending;
#[path = "serve/homes.rs"]
#[cfg(test)]
mod homes;
#[path = "serve/house.rs"]
#[cfg(test)]
mod house;
#[path = "serve/limits.rs"]
#[cfg(test)]
mod limits;
#[path = "serve/sockets.rs"]
#[cfg(test)]
mod sockets;
#[path = "serve/users.rs"]
#[cfg(test)]
mod users;
