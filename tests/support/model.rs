//! An OpenAI-compatible server whose every answer a test gives itself, word by word. Only requests for
//! titles it answers on its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// How long a test waits to be asked.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server. It lives as long as the test's process.
pub(crate) struct ModelServer {
    /// For `OPENAI_BASE_URL`.
    pub(crate) address: String,
    turns: Receiver<Turn>,
}

/// A request for an answer. Dropping it ends the connection in the middle of whatever was said.
pub(crate) struct Turn {
    /// What was asked.
    pub(crate) body: Value,
    socket: TcpStream,
}

impl ModelServer {
    /// A server that calls every conversation `title`.
    pub(crate) fn start(title: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        // Unbounded, and never more in it than a test asks for.
        let (sender, turns) = channel();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let sender = sender.clone();
                // A client that goes away is no failure of the server.
                thread::spawn(move || drop(serve(socket, title, &sender)));
            }
        });
        Self { address, turns }
    }

    /// The next request for an answer.
    pub(crate) fn turn(&self) -> Turn {
        self.turns.recv_timeout(PATIENCE).expect("the model is asked")
    }
}

impl Turn {
    /// Answers something else than a stream.
    pub(crate) fn reply(mut self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}");
        let _ = write!(self.socket, "{head}content-length: {length}\r\n\r\n{body}");
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    /// Begins to stream.
    pub(crate) fn stream(&mut self) -> &mut Self {
        let head =
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n";
        let _ = self.socket.write_all(head.as_bytes());
        self
    }

    /// Says a token. Whether somebody listens.
    pub(crate) fn say(&mut self, text: &str) -> bool {
        self.event(&json!({"choices": [{"index": 0, "delta": {"content": text}}]}).to_string())
    }

    /// Says one word after the other at this pace until nobody listens, or told to stop.
    pub(crate) fn say_all(
        mut self,
        words: impl IntoIterator<Item = String>,
        pace: Duration,
        stop: &Receiver<()>,
    ) {
        for word in words {
            let told = stop.recv_timeout(pace);
            if !matches!(told, Err(RecvTimeoutError::Timeout)) || !self.say(&word) {
                return;
            }
        }
        let _ = stop.recv();
    }

    /// Ends the answer as it should be.
    pub(crate) fn finish(mut self) {
        let last = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
        self.event(&last.to_string());
        self.event("[DONE]");
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    fn event(&mut self, data: &str) -> bool {
        write!(self.socket, "data: {data}\n\n").is_ok()
    }
}

fn serve(socket: TcpStream, title: &str, turns: &Sender<Turn>) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut reader = BufReader::new(socket.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut turn = Turn { body, socket };
    if !first.starts_with("POST") {
        let models = json!({"object": "list", "data": [{"id": "scripted", "object": "model"}]});
        let found = first.starts_with("GET /v1/models ");
        let status = if found { "200 OK" } else { "404 Not Found" };
        turn.reply(status, "content-type: application/json\r\n", &models.to_string());
    } else if turn.body.to_string().contains("Write a title for the conversation") {
        turn.stream().say(title);
        turn.finish();
    } else {
        // Nobody waits for it any more only when the test has ended.
        let _ = turns.send(turn);
    }
    Ok(())
}
