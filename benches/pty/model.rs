//! An OpenAI-compatible server that streams as fast as its model's name says: `full-N` sends N tokens
//! at once, `paced-R-N` sends R tokens a second, N in all (without N: for as long as it is asked).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Markdown as models write it, one token an element.
const TEXT: &[&str] = &[
    "The",
    " **second",
    " law**",
    " says",
    " that",
    " the",
    " entropy",
    " of",
    " an",
    " isolated",
    " system",
    " never",
    " decreases",
    ".",
    " Here",
    " is",
    " `code`",
    ":",
    "\n\n",
    "- first",
    " item",
    "\n",
    "- second",
    " item",
    "\n\n",
    "```rust\n",
    "fn main",
    "() {",
    "\n",
    "    println!",
    "(\"hi\");",
    "\n",
    "}\n",
    "```\n\n",
];

pub(crate) struct Server {
    port: u16,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || serve(stream));
            }
        });
        Self { port }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }
}

fn serve(stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let Ok(mut out) = stream.try_clone() else { return };
    let mut lines = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        let mut post = false;
        loop {
            line.clear();
            if lines.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let lower = line.to_ascii_lowercase();
            post |= lower.starts_with("post ");
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        if lines.read_exact(&mut body).is_err() {
            return;
        }
        let done =
            if post { answer(&mut out, &String::from_utf8_lossy(&body)) } else { models(&mut out) };
        if done.is_err() {
            return;
        }
    }
}

fn models(out: &mut TcpStream) -> std::io::Result<()> {
    let body = r#"{"object":"list","data":[{"id":"full-2000"}]}"#;
    write!(out, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn answer(out: &mut TcpStream, body: &str) -> std::io::Result<()> {
    let name =
        body.split("\"model\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("");
    let numbers: Vec<u64> = name.split('-').filter_map(|part| part.parse().ok()).collect();
    let (rate, count) = match (name.starts_with("full"), &numbers[..]) {
        (true, [count]) => (None, *count),
        (false, [rate]) => (Some(*rate), 1_000_000),
        (false, [rate, count]) => (Some(*rate), *count),
        _ => (None, 2_000),
    };
    // A title is not what is measured.
    let count = if body.contains("title") && body.contains("\"max_tokens\"") { 3 } else { count };
    out.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    )?;
    let began = Instant::now();
    let mut buffer = String::new();
    for number in 0..count {
        let text = match number {
            1 => "0001 ",
            n if n + 1 == count => "\n\nthe end.",
            n => TEXT[n as usize % TEXT.len()],
        };
        buffer.push_str(&event(&format!(
            r#"{{"id":"x","object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"content":{text:?}}},"finish_reason":null}}]}}"#
        )));
        if let Some(rate) = rate {
            chunk(out, &mut buffer)?;
            let due = began + Duration::from_secs(1) * (number as u32 + 1) / rate as u32;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        } else if buffer.len() > 8_192 {
            chunk(out, &mut buffer)?;
        }
    }
    buffer.push_str(&event(r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#));
    buffer.push_str(&event("[DONE]"));
    chunk(out, &mut buffer)?;
    out.write_all(b"0\r\n\r\n")
}

fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

fn chunk(out: &mut TcpStream, buffer: &mut String) -> std::io::Result<()> {
    let framed = format!("{:x}\r\n{buffer}\r\n", buffer.len());
    buffer.clear();
    out.write_all(framed.as_bytes())
}
