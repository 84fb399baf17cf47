//! Effects that are one call of the service, and the events in which its answers are told.

use super::{failed, internal};
use crate::client::{Client, Error, ErrorKind};
use crate::forest::ConversationId;
use crate::tui::effect::{Effect, ModelText, Then};
use crate::tui::event::Event;
use crate::tui::words::list;

/// Conversations of the first part of the list, which is what the screen can show, and of the
/// others.
const FIRST_PAGE: u32 = 100;
const PAGE: u32 = 2_000;

/// Carries out an effect that is one call.
pub(super) async fn call(client: &Client, effect: Effect) -> Event {
    match effect {
        Effect::LoadConversations { query, page } => load(client, query, page).await,
        Effect::RefreshConversations => {
            match client.list_conversations(Some(FIRST_PAGE), None).await {
                Ok((conversations, next)) => {
                    Event::Refreshed { conversations, whole: next.is_none() }
                }
                Err(error) => failed(list::LOAD, error),
            }
        }
        Effect::Store { text, then } => match store(client, text, then).await {
            Ok(stored) => stored,
            Err(error) => failed("store the response", error),
        },
        Effect::Update { id, title, starred } => {
            match client.update_conversation(&id, &title, starred).await {
                Ok(conversation) => Event::Updated(conversation),
                Err(error) => failed("change the conversation", error),
            }
        }
        Effect::SetSettings { id, settings } => {
            match client.update_settings(&id, &settings).await {
                Ok(conversation) => Event::Updated(conversation),
                Err(error) => failed("change the settings", error),
            }
        }
        Effect::Annotate { conversation, response, annotation } => {
            match client.annotate(&conversation, &response, annotation.clone()).await {
                Ok(()) => Event::Annotated { conversation, response, annotation },
                Err(error) => Event::NotAnnotated { conversation, response, error },
            }
        }
        Effect::FilterOn => Event::FilterOn,
        Effect::GenerateTitle(id, leaf) => match client.generate_title(&id, &leaf).await {
            Ok(title) => Event::Titled { conversation: id, title },
            Err(error) => failed("find a title", error),
        },
        Effect::ImproveTitle(id, leaf) => match client.generate_title(&id, &leaf).await {
            Ok(title) => Event::Titled { conversation: id, title },
            Err(error) => {
                tracing::warn!("a conversation keeps its first words as title: {error}");
                Event::NotTitled
            }
        },
        Effect::Delete { id, title } => match client.delete_conversation(&id).await {
            Ok(()) => Event::Deleted { id, title },
            Err(error) => failed("delete the conversation", error),
        },
        Effect::Restore(id) => match restore(client, id).await {
            Ok(conversation) => Event::Restored(conversation),
            Err(error) => failed("bring the conversation back", error),
        },
        Effect::Share(id, response) => match client.share_conversation(&id, &response).await {
            Ok((shared_id, url)) => Event::Shared { response, shared_id, url },
            Err(error) => failed("share", error),
        },
        Effect::FindOn(number) => Event::FindOn(number),
        Effect::Unshare(id, response) => {
            match client.unshare_conversation(&id, Some(&response)).await {
                Ok(gone) => Event::Unshared { conversation: id, count: gone.len() },
                Err(error) => failed("take back what was shared", error),
            }
        }
        // Only a help while a setting is written: where it fails, names can be written all the same.
        Effect::LoadPrompts => {
            let (prompts, _) = client.system_prompts().await.unwrap_or_default();
            Event::Prompts(prompts.into_iter().map(|(name, _)| name).collect())
        }
        Effect::LoadModels => match client.models().await {
            Ok((models, problems)) => Event::Models(models, problems),
            Err(error) => failed("ask for the models", error),
        },
        Effect::Open(_)
        | Effect::Answer { .. }
        | Effect::Stop(_)
        | Effect::AskService
        | Effect::Highlight(_)
        | Effect::ReadPictures { .. }
        | Effect::DrawPicture { .. }
        | Effect::ErasePicture(_)
        | Effect::Copy { .. }
        | Effect::ToTerminal(_)
        | Effect::Remember(..)
        | Effect::Edit(_)
        | Effect::Mouse(_)
        | Effect::Suspend
        | Effect::Redraw
        | Effect::NextTheme
        | Effect::Quit => failed("do that", internal()),
    }
}

/// Stores a text in the model's name, in a new conversation if it is for none.
async fn store(client: &Client, text: ModelText, then: Then) -> Result<Event, Error> {
    let (conversation, made) = match text.conversation.clone() {
        Some(id) => (id, None),
        None => {
            let made = client.create_conversation("").await?;
            let made = super::answer::with_settings(client, made, &text.settings).await?;
            (made.id.clone(), Some(made))
        }
    };
    let request = text.in_conversation(conversation.clone());
    let response = client.add_model_response(request).await?;
    Ok(Event::Stored { conversation, made, response, then })
}

async fn load(client: &Client, query: Option<String>, page: Option<String>) -> Event {
    let first = page.is_none();
    let size = Some(if first { FIRST_PAGE } else { PAGE });
    let found = match &query {
        Some(words) => client.search_conversations(words, size, page).await,
        None => client.list_conversations(size, page).await,
    };
    match found {
        Ok((conversations, next)) => Event::Conversations { query, conversations, first, next },
        Err(error) => Event::NotListed { query, error },
    }
}

async fn restore(
    client: &Client,
    id: Option<ConversationId>,
) -> Result<crate::forest::Conversation, Error> {
    let id = match id {
        Some(id) => id,
        // An empty one was taken back by us, not deleted by the user.
        None => {
            match client.list_deleted().await?.into_iter().find(|(c, _)| c.response_count > 0) {
                Some((conversation, _)) => conversation.id,
                None => return Err(Error::new(ErrorKind::NotFound, "the trash is empty")),
            }
        }
    };
    client.restore_conversation(&id).await
}
