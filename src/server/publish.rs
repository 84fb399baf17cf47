//! Making paths public, and taking them back: the store knows what is public, pages are files beside it
//! where nobody serves them.

use std::fmt::Display;
use std::path::PathBuf;

use tokio::task::spawn_blocking;
use tonic::Status;

use super::homes::Shares;
use super::{Service, share, status};
use crate::forest::ConversationId;

impl Service {
    /// Makes a shared path readable, and says where.
    pub(super) async fn publish(&self, shared_id: &str) -> Result<String, Status> {
        if let Some(Shares { index, user }) = self.shares() {
            let id = shared_id.to_owned();
            let note = move || index.note(&id, &user);
            done(note, "it cannot be noted whose page it is").await?;
        }
        let sharing = self.where_shared();
        if let Some(file) = sharing.file(shared_id) {
            let path = self.store().shared(shared_id).await;
            let path =
                path.map_err(|error| status::of_store(&error))?.ok_or_else(status::ending)?;
            done(move || share::publish(&file, &path), "the page cannot be written").await?;
        }
        Ok(sharing.address(shared_id))
    }

    /// Takes back the pages of what is public no more.
    pub(super) async fn withdraw(&self, shared_ids: &[String]) -> Result<(), Status> {
        let files = self.files(shared_ids);
        let (shares, gone) = (self.shares(), shared_ids.to_owned());
        let withdraw = move || {
            if let Some(Shares { index, .. }) = shares
                && let Err(error) = gone.iter().try_for_each(|id| index.forget(id))
            {
                // The id leads to a store that knows nothing of it.
                tracing::warn!(%error, "it stays noted who shared what is public no more");
            }
            files.iter().try_for_each(|file| share::withdraw(file))
        };
        done(withdraw, "the page is public no more, but its file stays").await
    }

    /// Takes away the pages of a conversation that went into the trash; they come back with it.
    pub(super) async fn hide_pages(&self, id: &ConversationId) -> Result<(), Status> {
        let files = self.files(&self.public(id).await?);
        if files.is_empty() {
            return Ok(());
        }
        let hide = move || files.iter().try_for_each(|file| share::withdraw(file));
        done(hide, "it is in the trash, but the file of a page stays").await
    }

    /// Makes the pages of a conversation readable that came out of the trash.
    pub(super) async fn show_pages(&self, id: &ConversationId) -> Result<(), Status> {
        for shared_id in self.public(id).await? {
            self.publish(&shared_id).await?;
        }
        Ok(())
    }

    async fn public(&self, id: &ConversationId) -> Result<Vec<String>, Status> {
        self.store().shares(id).await.map_err(|error| status::of_store(&error))
    }

    fn files(&self, shared_ids: &[String]) -> Vec<PathBuf> {
        let sharing = self.where_shared();
        shared_ids.iter().filter_map(|id| sharing.file(id)).collect()
    }
}

/// Does what waits for the disk; `what` says what it means where that fails.
async fn done<E: Display + Send + 'static>(
    work: impl FnOnce() -> Result<(), E> + Send + 'static,
    what: &str,
) -> Result<(), Status> {
    let done = spawn_blocking(work).await.map_err(|_| status::ending())?;
    done.map_err(|error| status::unusable(&format!("{what}: {error}")))
}
