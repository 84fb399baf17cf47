//! The keys that clients show: checked against their slow hashes once, remembered for the time of the
//! process, forgotten when they are revoked.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ring::hmac;
use ring::rand::SystemRandom;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{User, UserError, Users, is_secret_of, parts};
use crate::server::limits::{Bucket, Limits, too_many};
use crate::text::visible;

/// Hashes at once: each takes a core and 19 MiB.
const HASHES: usize = 2;
/// Guesses at the key of one user that may come from one origin in `FORGIVEN_AFTER`.
const MOST_WRONG: u32 = 20;
const FORGIVEN_AFTER: Duration = Duration::from_secs(60);
/// Pairs of a key and an origin that are remembered for guesses. When there are more, all are forgiven.
const MOST_GUESSERS: usize = 10_000;

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
    hashing: Arc<Semaphore>,
    /// Random for each process. What is remembered of a good key is its code under this one.
    remembering: hmac::Key,
}

type Code = [u8; 32];

/// When the file was changed, and which one it is: each change is a new file.
pub(in crate::server) type Stamp = (SystemTime, u64);

#[cfg(unix)]
fn stamp(data: &fs::Metadata) -> Option<Stamp> {
    Some((data.modified().ok()?, std::os::unix::fs::MetadataExt::ino(data)))
}

#[cfg(not(unix))]
fn stamp(data: &fs::Metadata) -> Option<Stamp> {
    Some((data.modified().ok()?, data.len()))
}

#[derive(Default)]
struct State {
    /// What the file looked like when it was read last.
    seen: Option<Stamp>,
    /// What it looked like when it could not be read, which is said once.
    broken: Option<Option<Stamp>>,
    users: Vec<User>,
    /// Whether there have ever been users: from then on keys are asked for.
    closed: bool,
    guests: HashMap<Code, Arc<Guest>>,
    /// By the public part of the key that is guessed at, and where the guesses come from: nobody is kept
    /// out by what others try.
    wrong: HashMap<(String, IpAddr), (u32, Instant)>,
}

impl Keyring {
    pub(in crate::server) fn new(users: Users, limits: Limits) -> Result<Self, UserError> {
        let remembering = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| UserError::NoKey("the system gives no random numbers"))?;
        let hashing = Arc::new(Semaphore::new(HASHES));
        let keyring = Self { users, limits, state: Mutex::default(), hashing, remembering };
        keyring.refresh()?;
        Ok(keyring)
    }

    /// Whether keys are asked for: there are, or were, users. Whoever shows a key may be the first
    /// of them, added a moment ago.
    pub(in crate::server) fn is_closed(&self, key: Option<&str>) -> bool {
        if key.and_then(parts).is_some() && !self.state().closed {
            self.look_again();
        }
        self.state().closed
    }

    pub(in crate::server) fn users(&self) -> Vec<User> {
        self.state().users.clone()
    }

    pub(in crate::server) fn user(&self, name: &str) -> Option<User> {
        self.state().users.iter().find(|user| user.name == name).cloned()
    }

    /// What the file looked like when it was read last.
    pub(in crate::server) fn stamp(&self) -> Option<Stamp> {
        self.state().seen
    }

    /// Reads the file again if it has changed; those whose key is gone are shown out.
    fn refresh(&self) -> Result<(), UserError> {
        let stamp = self.look();
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

    /// As [`Self::refresh`]; where it fails, those known so far stay, and whoever runs the server is told.
    pub(in crate::server) fn look_again(&self) {
        let Some(error) = self.new_trouble() else { return };
        if tracing::enabled!(tracing::Level::ERROR) {
            tracing::error!(%error, "the users known so far stay");
        } else {
            let words = error.to_string();
            let words = visible(&words);
            // Where stderr is gone nobody can be told.
            let _ = writeln!(
                io::stderr(),
                "warning: {words}; the keys known so far stay good, and no other is taken, until the \
                 file is mended"
            );
        }
    }

    /// As [`Self::refresh`]; why it fails, unless it did so before and the file has not changed.
    fn new_trouble(&self) -> Option<UserError> {
        let error = self.refresh().err()?;
        let now = Some(self.look());
        let before = std::mem::replace(&mut self.state().broken, now);
        (before != now).then_some(error)
    }

    /// What the file looks like.
    fn look(&self) -> Option<Stamp> {
        fs::metadata(&self.users.file).ok().and_then(|data| stamp(&data))
    }

    /// Who shows that key.
    pub(in crate::server) async fn admit(
        &self,
        key: &str,
        from: Option<IpAddr>,
    ) -> Result<Arc<Guest>, Status> {
        let code = self.code(key);
        if let Some(guest) = self.known(&code) {
            return Ok(guest);
        }
        // What names no user is no key, and costs no hash. That this shows which public parts there are
        // gives nothing away: they are random, and open nothing.
        let named = parts(key).and_then(|(id, secret)| Some((self.named(id)?, secret)));
        let Some((user, secret)) = named else { return Err(self.no_key()) };
        let failed = || Status::internal("the key cannot be checked");
        let turn = Arc::clone(&self.hashing).acquire_owned().await.map_err(|_| failed())?;
        // A client that begins with many calls at once has its key checked for the first ones.
        if let Some(guest) = self.known(&code) {
            return Ok(guest);
        }
        let guesser = from.map(|from| (user.key_id.clone(), from));
        self.suspect(guesser.as_ref())?;
        if !check(user.clone(), secret, turn).await.ok_or_else(failed)? {
            return Err(self.no_key());
        }
        self.acquit(guesser.as_ref());
        Ok(self.welcome(code, user))
    }

    fn no_key(&self) -> Status {
        self.refusal(
            "this key is not, or no longer, one of this server; ask whoever runs it for one",
        )
    }

    /// A refusal in these words. Where nobody has a key any more, it says how that ends.
    pub(in crate::server) fn refusal(&self, words: &str) -> Status {
        let nobody = self.state().users.is_empty();
        let way_out = "; nobody has one at present: `grok-tui users add NAME`, on the machine of the \
                       server, makes one";
        Status::unauthenticated(format!("{words}{}", if nobody { way_out } else { "" }))
    }

    fn known(&self, code: &Code) -> Option<Arc<Guest>> {
        self.state().guests.get(code).cloned()
    }

    /// Whose key has that public part; somebody may have been added a moment ago.
    fn named(&self, id: &str) -> Option<User> {
        let find = || self.state().users.iter().find(|user| user.key_id == id).cloned();
        find().or_else(|| {
            self.look_again();
            find()
        })
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

    /// Counts a key as wrong until it is known to be good, so that calls which are given up are
    /// counted too.
    fn suspect(&self, guesser: Option<&(String, IpAddr)>) -> Result<(), Status> {
        let Some(guesser) = guesser else { return Ok(()) };
        let mut state = self.state();
        if state.wrong.len() >= MOST_GUESSERS && !state.wrong.contains_key(guesser) {
            state.wrong.clear();
        }
        let (count, since) = state.wrong.entry(guesser.clone()).or_insert((0, Instant::now()));
        if since.elapsed() >= FORGIVEN_AFTER {
            (*count, *since) = (0, Instant::now());
        }
        if *count >= MOST_WRONG {
            let wait = FORGIVEN_AFTER.saturating_sub(since.elapsed());
            return Err(too_many("too many wrong keys; wait", wait));
        }
        *count += 1;
        Ok(())
    }

    fn acquit(&self, guesser: Option<&(String, IpAddr)>) {
        let mut state = self.state();
        if let Some((count, _)) = guesser.and_then(|guesser| state.wrong.get_mut(guesser)) {
            *count = count.saturating_sub(1);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that could panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is the secret of that user; `None`: that cannot be found out.
async fn check(user: User, secret: &str, turn: OwnedSemaphorePermit) -> Option<bool> {
    let secret = secret.to_owned();
    let check = move || {
        // Held to the end of the work, which goes on when the client has given up.
        let _turn = turn;
        is_secret_of(&user, &secret)
    };
    tokio::task::spawn_blocking(check).await.ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Time;

    #[test]
    fn each_change_that_breaks_the_file_is_said_once_and_good_keys_stay() {
        let folder = tempfile::tempdir().unwrap();
        let users = Users::of(folder.path());
        users.add("ada", false, Time(0)).unwrap();
        let good = fs::read(&users.file).unwrap();
        let keyring = Keyring::new(users.clone(), Limits::default()).unwrap();
        // Of different lengths and each a new file, so that no clock has to tell them apart.
        for broken in ["{", "{{"] {
            let new = folder.path().join("new");
            fs::write(&new, broken).unwrap();
            fs::rename(new, &users.file).unwrap();
            assert!(keyring.new_trouble().unwrap().to_string().contains("users.json"));
            assert!(keyring.new_trouble().is_none());
            assert!(keyring.user("ada").is_some());
        }
        fs::remove_file(&users.file).unwrap();
        fs::write(&users.file, good).unwrap();
        assert!(keyring.new_trouble().is_none());
        assert!(keyring.user("ada").is_some());
        users.revoke("ada").unwrap();
        assert!(keyring.new_trouble().is_none());
        assert!(keyring.user("ada").is_none());
    }
}
