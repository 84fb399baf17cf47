//! The keys that clients show: checked against their slow hashes once, remembered for the time of the
//! process, forgotten when they are revoked.

use std::collections::HashMap;
use std::fs;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ring::hmac;
use ring::rand::SystemRandom;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{User, UserError, Users, is_secret_of, parts};
use crate::server::limits::{Bucket, Limits, too_many};

/// Hashes at once: each takes a core and 19 MiB.
const HASHES: usize = 2;
/// Wrong keys that one address may show in `FORGIVEN_AFTER`.
const MOST_WRONG: u32 = 20;
const FORGIVEN_AFTER: Duration = Duration::from_secs(60);
/// Addresses that are remembered for wrong keys. When there are more, all are forgiven.
const MOST_ADDRESSES: usize = 10_000;

/// Somebody who has shown a good key, for as long as it is one.
#[derive(Debug)]
pub(in crate::server) struct Guest {
    pub(in crate::server) user: User,
    /// Cancelled when the key is taken away.
    pub(in crate::server) revoked: CancellationToken,
    /// Calls that may run at once.
    pub(in crate::server) calls: Arc<Semaphore>,
    pub(in crate::server) bucket: Bucket,
}

/// The keys of all users.
pub(in crate::server) struct Keyring {
    users: Users,
    limits: Limits,
    state: Mutex<State>,
    hashing: Semaphore,
    /// Random for each process. What is remembered of a good key is its code under this one.
    remembering: hmac::Key,
}

type Code = [u8; 32];

#[derive(Default)]
struct State {
    /// What the file looked like when it was read last.
    seen: Option<(SystemTime, u64)>,
    users: Vec<User>,
    /// Whether there have ever been users: from then on keys are asked for.
    closed: bool,
    guests: HashMap<Code, Arc<Guest>>,
    wrong: HashMap<IpAddr, (u32, Instant)>,
}

impl Keyring {
    pub(in crate::server) fn new(users: Users, limits: Limits) -> Result<Self, UserError> {
        let remembering = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| UserError::NoKey("the system gives no random numbers"))?;
        let hashing = Semaphore::new(HASHES);
        let keyring = Self { users, limits, state: Mutex::default(), hashing, remembering };
        keyring.refresh()?;
        Ok(keyring)
    }

    /// Whether keys are asked for: there are, or were, users.
    pub(in crate::server) fn is_closed(&self) -> bool {
        self.state().closed
    }

    pub(in crate::server) fn users(&self) -> Vec<User> {
        self.state().users.clone()
    }

    /// Reads the file again if it has changed; those whose key is gone are shown out.
    pub(in crate::server) fn refresh(&self) -> Result<(), UserError> {
        let stamp = fs::metadata(&self.users.file)
            .ok()
            .and_then(|data| Some((data.modified().ok()?, data.len())));
        if self.state().seen == stamp {
            return Ok(());
        }
        let users = self.users.list()?;
        let mut state = self.state();
        state.closed |= !users.is_empty();
        state.guests.retain(|_, guest| {
            let stays = users.contains(&guest.user);
            if !stays {
                guest.revoked.cancel();
            }
            stays
        });
        (state.users, state.seen) = (users, stamp);
        Ok(())
    }

    /// Who shows that key.
    pub(in crate::server) async fn admit(
        &self,
        key: &str,
        from: Option<IpAddr>,
    ) -> Result<Arc<Guest>, Status> {
        let code = self.code(key);
        let known = self.state().guests.get(&code).cloned();
        if let Some(guest) = known {
            return Ok(guest);
        }
        if self.has_erred_too_often(from) {
            return Err(too_many("too many wrong keys; wait", FORGIVEN_AFTER));
        }
        match self.check(key).await? {
            Some(user) => Ok(self.welcome(code, user)),
            None => {
                self.note_wrong(from);
                Err(Status::unauthenticated(
                    "this key is not, or no longer, one of this server; ask whoever runs it for one",
                ))
            }
        }
    }

    async fn check(&self, key: &str) -> Result<Option<User>, Status> {
        let Some((id, secret)) = parts(key) else { return Ok(None) };
        let user = self.state().users.iter().find(|user| user.key_id == id).cloned();
        let (secret, failed) =
            (secret.to_owned(), || Status::internal("the key cannot be checked"));
        let _turn = self.hashing.acquire().await.map_err(|_| failed())?;
        let check = move || is_secret_of(user.as_ref(), &secret).map(|good| user.filter(|_| good));
        let checked = tokio::task::spawn_blocking(check).await;
        checked.map_err(|_| failed())?.map_err(|_| failed())
    }

    /// Remembers a good key, unless it was revoked while it was checked.
    fn welcome(&self, code: Code, user: User) -> Arc<Guest> {
        let mut state = self.state();
        let stays = state.users.contains(&user);
        let guest = state.guests.entry(code).or_insert_with(|| {
            let calls = Arc::new(Semaphore::new(self.limits.calls_per_user));
            let bucket = Bucket::new(self.limits.requests_per_second);
            Arc::new(Guest { user, revoked: CancellationToken::new(), calls, bucket })
        });
        let guest = Arc::clone(guest);
        if !stays {
            guest.revoked.cancel();
            state.guests.remove(&code);
        }
        guest
    }

    fn code(&self, key: &str) -> Code {
        let tag = hmac::sign(&self.remembering, key.as_bytes());
        let mut code = Code::default();
        code.copy_from_slice(tag.as_ref());
        code
    }

    fn has_erred_too_often(&self, from: Option<IpAddr>) -> bool {
        let state = self.state();
        let wrong = from.and_then(|from| state.wrong.get(&from));
        wrong.is_some_and(|(count, since)| *count >= MOST_WRONG && since.elapsed() < FORGIVEN_AFTER)
    }

    fn note_wrong(&self, from: Option<IpAddr>) {
        let Some(from) = from else { return };
        let mut state = self.state();
        if state.wrong.len() >= MOST_ADDRESSES {
            state.wrong.clear();
        }
        let (count, since) = state.wrong.entry(from).or_insert((0, Instant::now()));
        if since.elapsed() >= FORGIVEN_AFTER {
            (*count, *since) = (0, Instant::now());
        }
        *count += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that could panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
