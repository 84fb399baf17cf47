//! What each server sends, and what comes of it.

use super::*;

fn usage(prompt_tokens: u32, completion_tokens: u32, reasoning_tokens: u32) -> Option<Usage> {
    Some(Usage { prompt_tokens, completion_tokens, reasoning_tokens, cost_in_usd_ticks: None })
}

const LLAMA_CPP: &str = concat!(
    ": ping\n\n",
    r#"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"id":"x","model":"m","system_fingerprint":"b1","object":"chat.completion.chunk"}"#,
    "\n\n",
    r#"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"reasoning_content":"Hm."}}]}"#,
    "\n\n",
    ":\n\n",
    r#"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Héllo"},"logprobs":{"content":[{"id":7,"token":"Héllo","bytes":[72,195,169,108,108,111],"logprob":-0.5,"top_logprobs":[{"id":7,"token":"Héllo","bytes":[72,195,169,108,108,111],"logprob":-0.5},{"id":8,"token":"Hi","bytes":[72,105],"logprob":-1.5}]}]}}]}"#,
    "\n\n",
    r#"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":" 😀"},"logprobs":{"content":[{"id":9,"token":" 😀","bytes":[32,240,159,152,128],"logprob":-1.0,"top_logprobs":[]}]}}]}"#,
    "\n\n",
    r#"data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}]}"#,
    "\n\n",
    r#"data: {"choices":[],"usage":{"completion_tokens":3,"prompt_tokens":11,"total_tokens":14},"timings":{"prompt_n":1}}"#,
    "\n\n",
    "data: [DONE]\n\n",
);

const VLLM: &str = concat!(
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"reasoning":"Hm."},"logprobs":{"content":[{"token":"Hm.","logprob":-0.1,"bytes":[72,109,46],"top_logprobs":[]}]},"finish_reason":null,"token_ids":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":"Héllo"},"logprobs":{"content":[{"token":"Hé","logprob":-0.5,"bytes":[72,195,169],"top_logprobs":[{"token":"Hé","logprob":-0.5,"bytes":[72,195,169]}]},{"token":"llo","logprob":-0.25,"bytes":[108,108,111],"top_logprobs":[]}]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":""},"logprobs":{"content":[{"token":" ","logprob":-0.5,"bytes":[32,240,159],"top_logprobs":[]}]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":" 😀"},"logprobs":{"content":[{"token":"","logprob":-0.5,"bytes":[152,128],"top_logprobs":[]}]},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"stop","stop_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[],"usage":{"prompt_tokens":11,"total_tokens":16,"completion_tokens":5}}"#,
    "\n\n",
    "data: [DONE]\n\n",
);

const OLLAMA: &str = concat!(
    r#"data: {"id":"c","object":"chat.completion.chunk","model":"m","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Hm."},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Héllo"},"finish_reason":null,"logprobs":{"content":[{"token":"Héllo","logprob":-0.5,"bytes":[72,195,169,108,108,111]}]}}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":" 😀"},"finish_reason":null,"logprobs":{"content":[{"token":" �","logprob":-0.5,"bytes":[32,239,191,189]},{"token":"�","logprob":-0.5,"bytes":[239,191,189]}]}}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16}}"#,
    "\n\n",
    "data: [DONE]\n\n",
);

const LM_STUDIO: &str = concat!(
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"m","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"Hm.","reasoning":"Hm."},"logprobs":null,"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Héllo"},"logprobs":null,"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":" 😀"},"logprobs":null,"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}"#,
    "\n\n",
    "data: [DONE]\n\n",
);

const OPENAI: &str = concat!(
    r#"data: {"id":"c","object":"chat.completion.chunk","service_tier":"default","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":{"content":[],"refusal":null},"finish_reason":null}],"usage":null,"obfuscation":"abc"}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":"Héllo"},"logprobs":{"content":[{"token":"Héllo","logprob":-0.5,"bytes":[72,195,169,108,108,111],"top_logprobs":[{"token":"Héllo","logprob":-0.5,"bytes":[72,195,169,108,108,111]},{"token":"<|end|>","logprob":-9999.0,"bytes":null}]}],"refusal":null},"finish_reason":null}],"usage":null}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":" 😀"},"logprobs":{"content":[{"token":" \\xf0\\x9f","logprob":-0.5,"bytes":[32,240,159],"top_logprobs":[]},{"token":"\\x98\\x80","logprob":-0.5,"bytes":[152,128],"top_logprobs":[]}],"refusal":null},"finish_reason":null}],"usage":null}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":9,"total_tokens":20,"completion_tokens_details":{"reasoning_tokens":4,"audio_tokens":0}}}"#,
    "\n\n",
    "data: [DONE]\n\n",
);

const XAI: &str = concat!(
    r#"data: {"id":"c","object":"chat.completion.chunk","model":"grok","choices":[{"index":0,"delta":{"role":"assistant"}}],"system_fingerprint":"fp"}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}],"usage":{"prompt_tokens":11,"completion_tokens":0,"total_tokens":12,"completion_tokens_details":{"reasoning_tokens":1}}}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{}}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":"Héllo","role":"assistant"}}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":" 😀"}}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":20,"completion_tokens_details":{"reasoning_tokens":4}}}"#,
    "\n\n",
    "data: [DONE]\n\n",
);

#[tokio::test]
async fn every_dialect_gives_the_same_answer() {
    for (name, body, thinks, cost) in [
        ("llama.cpp", LLAMA_CPP, true, usage(11, 3, 0)),
        ("vLLM", VLLM, true, usage(11, 5, 0)),
        ("Ollama", OLLAMA, true, usage(11, 5, 0)),
        ("LM Studio", LM_STUDIO, true, None),
        ("OpenAI", OPENAI, false, usage(11, 5, 4)),
        ("xAI", XAI, true, usage(11, 5, 4)),
    ] {
        let (events, error) = of(Reply::sse(body)).await;
        assert!(error.is_none(), "{name}: {error:?}");
        assert_eq!(text(&events), "Héllo 😀", "{name}");
        assert_eq!(reasoning(&events), if thinks { "Hm." } else { "" }, "{name}");
        assert_eq!(finish(&events), Some(("stop".to_owned(), cost)), "{name}");
    }
}

#[tokio::test]
async fn probabilities_belong_to_their_texts() {
    for (name, body, second) in [
        ("llama.cpp", LLAMA_CPP, (-1.0f32).exp()),
        ("vLLM", VLLM, (-1.0f32).exp()),
        ("Ollama", OLLAMA, (-1.0f32).exp()),
        ("OpenAI", OPENAI, (-1.0f32).exp()),
    ] {
        let (events, _) = of(Reply::sse(body)).await;
        let tokens: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::Token(token) => Some(token),
                _ => None,
            })
            .collect();
        let last = tokens.last().unwrap();
        assert_eq!(last.text, " 😀", "{name}");
        assert!((last.prob.unwrap() - second).abs() < 1e-6, "{name}");
        assert!((tokens[0].prob.unwrap() - (-0.5f32).exp()).abs() < 1e-6, "{name}");
        let best: Vec<_> =
            tokens[0].top_k.iter().map(|candidate| candidate.text.as_str()).collect();
        match name {
            "llama.cpp" => assert_eq!((best, tokens[0].token_id), (vec!["Héllo", "Hi"], 7)),
            "OpenAI" => {
                assert_eq!(best, ["Héllo", "<|end|>"]);
                assert_eq!(tokens[0].top_k[1].prob, 0.0);
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn where_the_bytes_are_cut_does_not_matter() {
    for body in [LLAMA_CPP, VLLM, OLLAMA, OPENAI, XAI] {
        let (whole, _) = of(Reply::sse(body)).await;
        for seed in 0..8 {
            let (cut, error) = of(Reply::sse(body).split(seed)).await;
            assert!(error.is_none(), "{error:?}");
            assert_eq!(cut, whole);
            let (cut, _) = of(Reply::sse(body).chunked().split(seed)).await;
            assert_eq!(cut, whole);
        }
        let (other_ends, _) =
            of(Reply::sse(format!("\u{feff}{}", body.replace('\n', "\r\n")))).await;
        assert_eq!(other_ends, whole);
    }
}

#[tokio::test]
async fn an_answer_may_end_in_many_ways() {
    let body = piece("hi");
    let cost = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
    for (end, expected) in [
        (format!("{STOP}{DONE}"), None),
        (format!("{STOP}data: [DONE]"), None),
        (format!("{STOP}data:[DONE]\n"), None),
        (STOP.to_owned(), None),
        (STOP.trim_end().to_owned(), None),
        (format!("{STOP}{cost}"), usage(1, 2, 0)),
        (format!("{STOP}{}", cost.trim_end()), usage(1, 2, 0)),
        (format!("{STOP}data: nonsense\n\n"), None),
        (format!("{STOP}data: {{\"error\":\"too late\"}}\n\n{DONE}"), None),
    ] {
        let (events, error) = of(Reply::sse(format!("{body}{end}"))).await;
        assert!(error.is_none(), "{end}: {error:?}");
        assert_eq!(
            (text(&events).as_str(), finish(&events)),
            ("hi", Some(("stop".to_owned(), expected))),
            "{end}"
        );
    }
    let (events, error) = of(Reply::sse(format!("{body}{DONE}"))).await;
    assert!(error.is_none());
    assert_eq!(finish(&events), Some((String::new(), None)));
}

#[tokio::test]
async fn an_odd_event_costs_no_more_than_what_cannot_be_read_of_it() {
    let odd = [
        r#"{"choices":[{"delta":{"content":"b"},"logprobs":{"content":[{"token":"b","logprob":-1e400}]}}]}"#,
        "null",
        "[1, 2]",
        r#"{"choices":[{"delta":{"content":"c"},"logprobs":{"content":[{"token":"c","logprob":NaN}]}}],"usage":{"prompt_tokens":1e999,"completion_tokens":2}}"#,
        r#"{"choices":[null]}"#,
    ];
    let odd = odd.map(|json| format!("data: {json}\n\n")).concat();
    let (events, error) = of(Reply::sse(format!("{}{odd}{STOP}{DONE}", piece("a")))).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&events), "abc");
    assert_eq!(finish(&events), Some(("stop".to_owned(), usage(0, 2, 0))));
    assert_eq!(notices(&events).len(), 1, "{events:?}");

    let whole = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1e999}}"#;
    let (events, error) = of(Reply::json(200, whole)).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((text(&events).as_str(), notices(&events).len()), ("hi", 1));

    // What the server means as an error is one.
    for failure in
        ["{\"error\":{\"message\":\"no more\",\"left\":1e400}}", "\"no more\"", "no more"]
    {
        let body = format!("{}data: {failure}\n\n{STOP}{DONE}", piece("a"));
        let (events, error) = of(Reply::sse(body)).await;
        let error = error.unwrap();
        assert_eq!((text(&events).as_str(), error.kind), ("a", ErrorKind::Interrupted), "{error}");
        assert!(error.message.contains("no more"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_keeps_the_connection_open_does_not_hold_up_the_end() {
    let open = Reply::sse(format!("{}{STOP}", piece("hi"))).then(Step::Hold);
    let (events, error) = of(open).await;
    assert!(error.is_none());
    assert_eq!(finish(&events), Some(("stop".to_owned(), None)));
}

#[tokio::test]
async fn an_answer_that_is_not_streamed_is_taken_whole() {
    let whole = r#"{
        "id": "c", "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello there", "reasoning": "Hm."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2}
    }"#;
    for reply in [
        Reply::json(200, whole),
        Reply::json(200, &format!("\u{feff}\n{whole}")),
        Reply::new(200, "text/plain", whole).split(3),
    ] {
        let (events, error) = of(reply).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(events.len(), 3);
        assert_eq!((text(&events).as_str(), reasoning(&events).as_str()), ("Hello there", "Hm."));
        assert_eq!(finish(&events), Some(("stop".to_owned(), usage(1, 2, 0))));
    }
}

#[tokio::test]
async fn a_stream_of_another_kind_is_read_all_the_same() {
    let body = format!("{}{STOP}{DONE}", piece("hi"));
    let lines: String = [piece("h"), piece("i"), STOP.to_owned()]
        .iter()
        .map(|event| event.trim_start_matches("data: ").trim_end().to_owned() + "\n")
        .collect();
    for reply in [
        Reply::json(200, &body),
        Reply::new(200, "text/plain", format!(": hello\n\n{body}")).split(1),
        Reply::new(200, "application/x-ndjson", lines.clone()).split(2),
        Reply::json(200, &lines),
        Reply::sse(lines),
    ] {
        let (events, error) = of(reply).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!((text(&events).as_str(), finish(&events).is_some()), ("hi", true));
    }
}

#[tokio::test]
async fn a_line_of_a_megabyte_is_only_a_long_line() {
    let long = "é\n\"".repeat(300_000);
    let (events, error) = of(answer(&[&long, "!"]).split(9).chunked()).await;
    assert!(error.is_none());
    assert!(text(&events) == format!("{long}!"));
}

#[tokio::test]
async fn other_samples_and_empty_pieces_are_left_out() {
    let body = format!(
        "{}data: {{\"choices\":[{{\"index\":1,\"delta\":{{\"content\":\"other\"}}}}]}}\n\ndata:\n\nevent: ping\ndata: {{}}\n\nid: 4\nretry: 10\n\n{}{STOP}",
        piece(""),
        piece("hi")
    );
    let (events, error) = of(Reply::sse(body)).await;
    assert!(error.is_none());
    assert_eq!((text(&events).as_str(), events.len()), ("hi", 2));
}

#[tokio::test]
async fn a_refusal_of_the_model_is_its_answer() {
    let body = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":null,\"refusal\":\"No.\"}}}}]}}\n\n{STOP}"
    );
    assert_eq!(text(&of(Reply::sse(body)).await.0), "No.");
}

#[tokio::test]
async fn a_repeated_beginning_is_taken_away() {
    let models = Reply::json(200, r#"{"data":[{"id":"m","owned_by":"organization_owner"}]}"#);
    for (prefix, pieces, expected) in [
        ("Once upon", vec!["Once", " upon", " a", " time"], " a time"),
        ("Once upon", vec![" a", " time"], " a time"),
        ("A", vec!["A b"], " b"),
        ("Once upon", vec!["Once more"], "Once more"),
        ("Once upon", vec!["Once"], "Once"),
    ] {
        let server = Server::with_models(vec![answer(&pieces)], models.clone()).await;
        let backend = OpenAiBackend::new(settings(&server));
        let (events, error) = all(&backend, to_continue(prefix)).await;
        assert!(error.is_none());
        assert_eq!(text(&events), expected, "{pieces:?}");
    }
    let server = Server::start(vec![answer(&["ha", "ha", "ha"])]).await;
    let (events, _) = all(&OpenAiBackend::new(settings(&server)), to_continue("ha")).await;
    assert_eq!(text(&events), "hahaha", "too short to be taken for an echo");
    let mut never = settings(&server);
    never.dialect = Some(Dialect::LlamaCpp);
    let (events, _) = all(&OpenAiBackend::new(never), to_continue("hahaha")).await;
    assert_eq!(text(&events), "hahaha", "this server never repeats");
}

#[tokio::test]
async fn what_was_held_back_is_not_lost_when_the_answer_breaks_off() {
    let server = Server::start(vec![Reply::sse(piece("Once"))]).await;
    let (events, error) =
        all(&OpenAiBackend::new(settings(&server)), to_continue("Once upon")).await;
    assert_eq!(text(&events), "Once");
    assert_eq!(error.unwrap().kind, ErrorKind::Interrupted);
}
