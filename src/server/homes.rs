//! The stores of users, each with a service over it: opened with a user's first call, closed when it
//! has not been needed for a while or its user is gone, so that what is open does not grow with the users.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

use super::share::index::Index;
use super::users::User;
use super::{Limits, Servers, Service};
use crate::store::{self, Store};

/// The stores of users.
pub trait Stores: Send + Sync + 'static {
    /// Opens the store of a user, or makes it.
    fn open(&self, user: &User) -> Arc<dyn Store>;

    /// The ids under which paths of a user are public, found without making a store. Not for tasks.
    ///
    /// # Errors
    /// When the store is there and cannot be read.
    fn shared_ids(&self, user: &User) -> store::Result<Vec<String>>;
}

/// Stores of which nothing was shared before they were opened.
impl<F: Fn(&User) -> Arc<dyn Store> + Send + Sync + 'static> Stores for F {
    fn open(&self, user: &User) -> Arc<dyn Store> {
        self(user)
    }

    fn shared_ids(&self, _: &User) -> store::Result<Vec<String>> {
        Ok(Vec::new())
    }
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
        Self { stores, index, own, longest_request, idle, open: Mutex::default() }
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

    /// The name of the user who shared what has that id. Costs the same however many users there are.
    pub(super) async fn who_shared(&self, id: &str) -> Option<String> {
        let (index, id) = (Arc::clone(&self.index), id.to_owned());
        let found = spawn_blocking(move || index.user_of(&id)).await.ok()?;
        found.unwrap_or_else(|error| {
            tracing::error!(%error, "it cannot be found out who shared a path");
            None
        })
    }

    /// Notes what users had shared before, or with other programs, until `is_over`. Not for tasks.
    pub(super) fn note_shared(&self, users: &[User], is_over: impl Fn() -> bool) {
        for user in users.iter().filter(|user| !user.local) {
            if is_over() {
                return;
            }
            let noted = self.stores.shared_ids(user).map_err(|error| error.to_string());
            let noted = noted.and_then(|ids| {
                let note = |id: &String| self.index.note(id, &user.name);
                ids.iter().try_for_each(note).map_err(|error| error.to_string())
            });
            if let Err(error) = noted {
                tracing::error!(user = user.name, error, "what was shared cannot be noted");
            }
        }
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
