//! Stores of known sizes, made through the store itself.

use std::path::{Path, PathBuf};

use futures::future::join_all;
use grok_tui::forest::{Conversation, ConversationId, Response, ResponseId, Time};
use grok_tui::store::{SqliteStore, Store};
use tempfile::TempDir;

/// Responses that are stored at once, in one transaction.
const BATCH: usize = 1_000;

pub(crate) fn empty() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// One conversation, called `forest`, in which every tenth response has a sibling.
pub(crate) fn forest(count: usize) -> TempDir {
    let folder = empty();
    fill(folder.path(), 1, count);
    folder
}

/// 10,000 conversations of 100 responses each; kept for later runs.
pub(crate) fn large() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large-store");
    if !folder.join("complete").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        fill(&folder, 10_000, 100);
        std::fs::write(folder.join("complete"), "").expect("a mark");
    }
    folder
}

fn fill(folder: &Path, conversations: usize, responses: usize) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = SqliteStore::open(folder.join("conversations.db"));
        let mut pending = Vec::new();
        for number in 0..conversations {
            let conversation = conversation(number);
            let id = conversation.id.clone();
            store.create_conversation(conversation).await.expect("a conversation");
            let mut parent: Option<ResponseId> = None;
            for turn in 0..responses {
                let response = response(turn, parent.clone());
                if !(turn + 1).is_multiple_of(10) {
                    parent = Some(response.id.clone());
                }
                pending.push((id.clone(), response));
                if pending.len() == BATCH {
                    store_all(&store, &mut pending).await;
                }
            }
        }
        store_all(&store, &mut pending).await;
    });
}

async fn store_all(store: &SqliteStore, pending: &mut Vec<(ConversationId, Response)>) {
    let adds =
        pending.drain(..).map(|(id, response)| async move { store.add(&id, response).await });
    for added in join_all(adds).await {
        added.expect("a stored response");
    }
}

fn conversation(number: usize) -> Conversation {
    Conversation {
        id: ConversationId::random(),
        title: if number == 0 { "forest".to_owned() } else { format!("Conversation {number}") },
        starred: number.is_multiple_of(100),
        create_time: Time(1_700_000_000_000_000 + number as i64 * 1_000_000),
        modify_time: Time(1_700_000_000_000_000 + number as i64 * 1_000_000),
        settings: Default::default(),
        response_count: 0,
    }
}

fn response(turn: usize, parent: Option<ResponseId>) -> Response {
    let time = Time(1_700_000_000_000_000 + turn as i64 * 1_000);
    let text =
        format!("Turn {turn}: {}", "words of an ordinary length, as people write them. ".repeat(4));
    let id = ResponseId::random();
    let made = if turn.is_multiple_of(2) {
        Response::human(id, text, time)
    } else {
        Response::model(id, text, time)
    };
    Response { parent, ..made }
}
