//! The stores of users, each with a service over it: opened with a user's first call, closed when it
//! has not been needed for a while or its user is gone, so that what is open does not grow with the users.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

use super::share::index::Index;
use super::users::User;
use super::{Limits, Servers, Service};
use crate::store::{self, Store, StoreStamp};

/// The stores of users.
pub trait Stores: Send + Sync + 'static {
    /// Opens the store of a user, or makes it.
    fn open(&self, user: &User) -> Arc<dyn Store>;

    /// The ids under which paths of a user are public, found without making a store. Not for tasks.
    ///
    /// # Errors
    /// When the store is there and cannot be read.
    fn shared_ids(&self, user: &User) -> store::Result<Vec<String>>;

    /// What a user's store looks like from outside, found without opening it; `None` if there is none.
    /// Not for tasks.
    fn stamp(&self, user: &User) -> Option<StoreStamp>;
}

/// Stores of which nothing was shared before they were opened.
impl<F: Fn(&User) -> Arc<dyn Store> + Send + Sync + 'static> Stores for F {
    fn open(&self, user: &User) -> Arc<dyn Store> {
        self(user)
    }

    fn shared_ids(&self, _: &User) -> store::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn stamp(&self, _: &User) -> Option<StoreStamp> {
        None
    }
}

/// How often stores are looked at for what other programs have shared, at most.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Looking may take one part in so many of the time, however many ids are asked for that nobody has.
const SPARINGLY: u32 = 20;

/// What the stores of users were like when they were looked at for what is shared.
#[derive(Default)]
struct Looked {
    stamps: HashMap<String, StoreStamp>,
    /// When it may be done again.
    next: Option<Instant>,
}

/// What a user has opened. Whoever works with it holds it, to the end of what is streamed.
pub(super) struct Home {
    pub(super) store: Arc<dyn Store>,
    pub(super) servers: Servers,
    service: Service,
}

/// Where a user's service notes what is public.
#[derive(Clone)]
pub(super) struct Shares {
    pub(super) index: Arc<Index>,
    pub(super) user: String,
}

struct Open {
    home: Arc<Home>,
    used: Instant,
    /// Its user has no key any more.
    revoked: bool,
}

impl Open {
    /// Whether a call, or what is streamed, or an answer that is being stored, still needs it.
    fn is_busy(&self) -> bool {
        Arc::strong_count(&self.home) > 1 || self.home.service.is_answering()
    }
}

/// The stores and services of all users.
pub(super) struct Homes {
    stores: Box<dyn Stores>,
    index: Arc<Index>,
    /// The service of the machine itself, whose models and prompts are everybody's.
    own: Service,
    longest_request: usize,
    idle: Duration,
    /// Locked while it is looked.
    looked: Arc<tokio::sync::Mutex<Looked>>,
    /// By the names of users.
    open: Mutex<HashMap<String, Open>>,
}

impl Homes {
    pub(super) fn new(
        own: Service,
        stores: Box<dyn Stores>,
        index: Arc<Index>,
        limits: &Limits,
    ) -> Self {
        let (longest_request, idle) = (limits.message, limits.idle_user);
        Self {
            stores,
            index,
            own,
            longest_request,
            idle,
            looked: Arc::default(),
            open: Mutex::default(),
        }
    }

    /// What belongs to a user alone.
    pub(super) fn of(&self, user: &User) -> Arc<Home> {
        let mut open = self.open();
        let open = open.entry(user.name.clone()).or_insert_with(|| {
            let store = self.stores.open(user);
            let shares = Shares { index: Arc::clone(&self.index), user: user.name.clone() };
            let service = self.own.of_user(Arc::clone(&store), shares);
            let servers = Servers::new(&service, self.longest_request);
            let home = Arc::new(Home { store, servers, service });
            Open { home, used: Instant::now(), revoked: false }
        });
        (open.used, open.revoked) = (Instant::now(), false);
        Arc::clone(&open.home)
    }

    /// The name of the user who shared what has that id. What another program has shared in the store
    /// of one of `users` is found within a second or so.
    pub(super) async fn who_shared(
        self: &Arc<Self>,
        id: &str,
        users: impl FnOnce() -> Vec<User>,
    ) -> Option<String> {
        if let Some(name) = self.noted(id).await {
            return Some(name);
        }
        let mut looked = Arc::clone(&self.looked).lock_owned().await;
        if looked.next.is_none_or(|next| next <= Instant::now()) {
            let (homes, users) = (Arc::clone(self), users());
            let look = move || homes.look(&users, &mut looked, || false);
            spawn_blocking(look).await.ok()?;
        }
        // Others may have looked while this waited for its turn.
        self.noted(id).await
    }

    /// Costs the same however many users there are.
    async fn noted(&self, id: &str) -> Option<String> {
        let (index, id) = (Arc::clone(&self.index), id.to_owned());
        let found = spawn_blocking(move || index.user_of(&id)).await.ok()?;
        found.unwrap_or_else(|error| {
            tracing::error!(%error, "it cannot be found out who shared a path");
            None
        })
    }

    /// Notes what users had shared before, or with other programs, until `is_over`. Not for tasks.
    pub(super) fn note_shared(&self, users: &[User], is_over: impl Fn() -> bool) {
        self.look(users, &mut self.looked.blocking_lock(), is_over);
    }

    /// Looks at the stores that were written to since the last time.
    fn look(&self, users: &[User], looked: &mut Looked, is_over: impl Fn() -> bool) {
        let begun = Instant::now();
        for user in users.iter().filter(|user| !user.local) {
            if is_over() {
                return;
            }
            let Some(stamp) = self.stores.stamp(user) else { continue };
            if looked.stamps.get(&user.name) == Some(&stamp) {
                continue;
            }
            match self.note_those_of(user) {
                Ok(()) => drop(looked.stamps.insert(user.name.clone(), stamp)),
                Err(error) => {
                    tracing::error!(user = user.name, error, "what was shared cannot be noted");
                }
            }
        }
        let pause = LOOK_AGAIN.max(begun.elapsed() * SPARINGLY);
        looked.next = Some(Instant::now() + pause);
    }

    fn note_those_of(&self, user: &User) -> Result<(), String> {
        let ids = self.stores.shared_ids(user).map_err(|error| error.to_string())?;
        let note = |id: &String| self.index.note(id, &user.name);
        ids.iter().try_for_each(note).map_err(|error| error.to_string())
    }

    /// Learns who has a key from now on.
    pub(super) fn only(&self, users: &[User]) {
        let names: HashSet<&str> = users.iter().map(|user| user.name.as_str()).collect();
        for (name, open) in self.open().iter_mut() {
            open.revoked = !names.contains(name.as_str());
        }
    }

    /// Closes what nobody needs.
    pub(super) async fn close_unused(&self) {
        let now = Instant::now();
        let unused: Vec<Open> = {
            let mut open = self.open();
            let unused = open.extract_if(|_, open| {
                if open.is_busy() {
                    open.used = now;
                    return false;
                }
                open.revoked || now.saturating_duration_since(open.used) >= self.idle
            });
            unused.map(|(_, open)| open).collect()
        };
        if !unused.is_empty() {
            // A store waits for its threads.
            let _ = spawn_blocking(move || drop(unused)).await;
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        // What could panic under the lock leaves the map as it is.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
