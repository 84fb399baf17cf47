//! A scripted HTTP server on a bare socket: it says what a test tells it to, byte for byte, also
//! what no HTTP library would say, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What the server was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) line: String,
    /// All header lines, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, if it is JSON.
    pub(crate) body: serde_json::Value,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A part of a reply.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Sends these bytes.
    Bytes(Vec<u8>),
    /// Says nothing until the client has gone.
    Hold,
    /// Ends the connection with a reset.
    Reset,
}

/// What the server says to one request; after it the connection ends.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    head: String,
    steps: Vec<Step>,
    chunked: bool,
    split: Option<u64>,
}

impl Reply {
    pub(crate) fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let head =
            format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\ncontent-type: {kind}\r\n");
        Self { head, steps: vec![Step::Bytes(body.into())], chunked: false, split: None }
    }

    /// A stream of events, exactly as written.
    pub(crate) fn sse(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/event-stream", body)
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::new(status, "application/json", body)
    }

    /// No HTTP at all: the connection is reset.
    pub(crate) fn reset() -> Self {
        Self { head: String::new(), steps: vec![Step::Reset], chunked: false, split: None }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// With a chunked body, whose end is known to be one.
    pub(crate) fn chunked(mut self) -> Self {
        self.chunked = true;
        self.head.push_str("transfer-encoding: chunked\r\n");
        self
    }

    /// Cuts the bytes at random places.
    pub(crate) fn split(mut self, seed: u64) -> Self {
        self.split = Some(seed);
        self
    }
}

/// The running server; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    gone: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Script {
    replies: Vec<Reply>,
    models: Reply,
    asked: Arc<Mutex<Vec<Asked>>>,
    gone: Arc<watch::Sender<usize>>,
}

impl Server {
    /// A server that answers the first chat request with the first reply and so on; the last one
    /// repeats. It has no list of models.
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        Self::with_models(replies, Reply::json(404, "{}")).await
    }

    /// The same with a reply to `GET /models`.
    pub(crate) async fn with_models(replies: Vec<Reply>, models: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        let (gone_sender, gone) = watch::channel(0);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let gone_sender = Arc::new(gone_sender);
        let script = Script { replies, models, asked: Arc::clone(&asked), gone: gone_sender };
        let task = tokio::spawn(async move {
            // Dropped with this task, and all connections with it.
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let script = script.clone();
                connections.spawn(async move {
                    // A client that goes away is no failure of the server.
                    let _ = serve(socket, script).await;
                });
            }
        });
        Self { address, asked, gone, task }
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Only the requests for answers.
    pub(crate) fn chats(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.line.starts_with("POST")).collect()
    }

    /// Waits until a client has gone in the middle of a reply.
    pub(crate) async fn client_gone(&self) {
        let mut gone = self.gone.clone();
        let waiting = gone.wait_for(|&count| count > 0);
        tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut socket: TcpStream, script: Script) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let Some(asked) = read_request(&mut socket).await? else { return Ok(()) };
    let reply = {
        let mut all = script.asked.lock().unwrap();
        let number = all.iter().filter(|other| other.line.starts_with("POST")).count();
        let chat = asked.line.starts_with("POST");
        all.push(asked);
        let last = script.replies.len().saturating_sub(1);
        if chat { script.replies[number.min(last)].clone() } else { script.models.clone() }
    };
    if !reply.head.is_empty() {
        socket.write_all(format!("{}\r\n", reply.head).as_bytes()).await?;
    }
    for step in &reply.steps {
        match step {
            Step::Bytes(bytes) => send(&mut socket, bytes, &reply).await?,
            Step::Hold => {
                let mut byte = [0];
                while !matches!(socket.read(&mut byte).await, Ok(0) | Err(_)) {}
                script.gone.send_modify(|count| *count += 1);
                return Ok(());
            }
            Step::Reset => {
                socket.set_zero_linger()?;
                return Ok(());
            }
        }
    }
    if reply.chunked {
        socket.write_all(b"0\r\n\r\n").await?;
    }
    socket.shutdown().await
}

async fn send(socket: &mut TcpStream, bytes: &[u8], reply: &Reply) -> std::io::Result<()> {
    let mut random = Random(reply.split.unwrap_or(0));
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = match reply.split {
            Some(_) => (1 + random.below(40)).min(rest.len()),
            None => rest.len(),
        };
        let (part, after) = rest.split_at(length);
        rest = after;
        if reply.chunked {
            socket.write_all(format!("{length:x}\r\n").as_bytes()).await?;
        }
        socket.write_all(part).await?;
        if reply.chunked {
            socket.write_all(b"\r\n").await?;
        }
        if reply.split.is_some() {
            socket.flush().await?;
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

async fn read_request(socket: &mut TcpStream) -> std::io::Result<Option<Asked>> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let read = socket.read(&mut part).await?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&part[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let line = lines.next().unwrap_or_default().replace(" HTTP/1.1", "");
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers: Vec<(String, String)> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < end + 4 + length {
        let read = socket.read(&mut part).await?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&part[..read]);
    }
    let body = serde_json::from_slice(&bytes[end + 4..]).unwrap_or_default();
    Ok(Some(Asked { line, headers, body }))
}

/// Small and repeatable randomness (a linear congruential generator).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}
