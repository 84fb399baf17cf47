//! The wire contract, byte for byte: messages written by hand from field numbers, as any release
//! of the original SDK writes and reads them.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use grok_tui::forest::{Response, Sampling};
use grok_tui::proto::prompt_ide::add_response_response::Response as Part;
use grok_tui::proto::prompt_ide::{
    AddModelResponseRequest, AddResponseRequest, AddResponseResponse, Conversation,
    CreateConversationRequest, GenerateTitleRequest, GenerateTitleResponse, GetTokenBudgetRequest,
    ListConversationsRequest, ListConversationsResponse, ListModelsResponse, PromptInput,
    Response as WireResponse, SampleTokensResponse, SearchConversationsRequest,
    ShareConversationRequest, ShareConversationResponse, TokenBudget, TokenTransaction,
    UpdateConversationRequest, WebSearchResults, XSearchResults,
};
use prost::Message;

/// A message being written field by field.
#[derive(Clone, Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn raw(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    fn varint(self, field: u64, value: u64) -> Self {
        self.raw(field << 3).raw(value)
    }

    fn text(self, field: u64, text: &str) -> Self {
        self.message(field, &Self(text.into()))
    }

    fn message(self, field: u64, message: &Self) -> Self {
        let mut written = self.raw(field << 3 | 2).raw(message.0.len() as u64);
        written.0.extend(&message.0);
        written
    }

    fn float(self, field: u64, value: f32) -> Self {
        let mut written = self.raw(field << 3 | 5);
        written.0.extend(value.to_le_bytes());
        written
    }
}

fn new() -> Bytes {
    Bytes::default()
}

/// The bytes are understood, and written again exactly as they were.
fn round<M: Message + Default>(bytes: &Bytes) -> M {
    let message = M::decode(bytes.0.as_slice()).unwrap();
    assert_eq!(message.encode_to_vec(), bytes.0);
    // What later releases add is skipped, whatever its type.
    let later = bytes.clone().varint(900, 1).text(901, "later").float(902, 0.5);
    assert_eq!(M::decode(later.0.as_slice()).unwrap().encode_to_vec(), bytes.0);
    message
}

fn time(seconds: u64, nanos: u64) -> Bytes {
    new().varint(1, seconds).varint(2, nanos)
}

/// The fields of a response in the order of their numbers.
fn response() -> Bytes {
    new()
        .text(1, "r1")
        .text(2, "It grows.")
        .text(3, "ASSISTANT")
        .message(4, &time(1_700_000_000, 5_000))
        .text(5, "r0")
        .varint(6, 1)
        .varint(7, 1)
        .varint(8, 1)
        .text(9, "entropy")
        .text(10, "web")
        .text(11, "17")
        .text(11, "18")
        .text(13, "https://example.org/a.png")
        .text(15, "attachment")
}

#[test]
fn literal_bytes_of_a_first_release() {
    let bytes = b"\x0a\x02c1\x12\x02hi\x1a\x06grok-1\x2a\x02r0\x30\x01";
    let request = AddResponseRequest::decode(bytes.as_slice()).unwrap();
    assert_eq!(request.conversation_id, "c1");
    assert_eq!((request.message.as_str(), request.model_name.as_str()), ("hi", "grok-1"));
    assert_eq!(request.parent_response_id, "r0");
    // use_grok (6) is accepted and ignored.
    assert_eq!(request.encode_to_vec(), bytes[..bytes.len() - 2]);
}

#[test]
fn a_response() {
    let wire: WireResponse = round(&response());
    assert_eq!(wire.sender, "ASSISTANT");
    assert_eq!(wire.xpost_ids, ["17", "18"]);
    let domain = Response::try_from(wire).unwrap();
    assert!(!domain.is_human() && domain.manual && domain.partial && domain.shared);
    assert_eq!(domain.create_time.0, 1_700_000_000_000_005);
    assert_eq!(WireResponse::from(domain).encode_to_vec(), response().0);
}

#[test]
fn what_a_response_has_beyond_the_original() {
    let settings = new()
        .float(1, 0.5)
        .float(2, 0.9)
        .varint(3, 7)
        .varint(4, 100)
        .text(5, "END")
        .varint(6, 3)
        .float(7, 40.0);
    let bytes = response()
        .text(1000, "xai/grok-4")
        .message(1001, &settings)
        .text(1002, "because")
        .message(1003, &new().varint(1, 10).varint(2, 20).varint(3, 30))
        .text(1004, "length")
        .text(1005, "the connection broke")
        .text(1006, "r9");
    let domain = Response::try_from(round::<WireResponse>(&bytes)).unwrap();
    let details = domain.details.as_ref().unwrap();
    let expected = Sampling {
        temperature: Some(0.5),
        top_p: Some(0.9),
        seed: Some(7),
        max_tokens: Some(100),
        stop: vec!["END".into()],
        top_k: Some(3),
        max_tokens_per_second: Some(40.0),
        search: None,
    };
    assert_eq!(details.sampling, expected);
    assert_eq!(domain.model.as_ref(), "xai/grok-4");
    assert_eq!(domain.edited_from.as_ref().unwrap().to_string(), "r9");
    assert_eq!(WireResponse::from(domain).encode_to_vec(), bytes.0);
}

#[test]
fn a_conversation() {
    let bytes = new()
        .text(1, "c1")
        .text(2, "Entropy")
        .message(3, &new().varint(1, 1))
        .message(4, &new().varint(1, 2))
        .message(5, &response())
        .message(5, &new().text(1, "r2"))
        .varint(6, 1)
        .text(7, "fun")
        .varint(1000, 2);
    let conversation: Conversation = round(&bytes);
    assert!(conversation.starred);
    assert_eq!(conversation.responses.len(), 2);
    assert_eq!(conversation.system_prompt_name.as_deref(), Some("fun"));
    assert_eq!(conversation.response_count, 2);
}

#[test]
fn a_request_for_an_answer() {
    let context = new().text(1, "w").text(2, "wc").text(3, "x").text(4, "xc").text(5, "today");
    let options =
        new().message(1, &context).float(2, 0.7).varint(3, u64::MAX).varint(4, 1).varint(5, 12);
    let bytes = new()
        .text(1, "c1")
        .text(2, "hi")
        .text(3, "offline/ngram")
        .text(5, "r0")
        .text(7, "fun")
        .varint(8, 1)
        .varint(9, 1)
        .varint(10, 1)
        .message(15, &options)
        .text(16, "picture")
        .varint(17, 1)
        .message(1000, &new().float(1, 1.5).varint(6, 5))
        .text(1001, "r7")
        .varint(1002, 1);
    let request: AddResponseRequest = round(&bytes);
    assert!(request.disable_search && request.enable_image_generation && request.force_rust);
    assert!(request.return_image_bytes && request.extended_stream);
    assert_eq!(request.edited_from_response_id, "r7");
    let wanted = request.wanted_sampling();
    assert_eq!((wanted.temperature, wanted.seed), (Some(0.7), Some(u64::MAX)));
    assert_eq!((wanted.max_tokens, wanted.top_k), (Some(12), Some(5)));
    // Set to zero is not the same as not set.
    let zero: AddResponseRequest = round(&new().message(15, &new().float(2, 0.0).varint(3, 0)));
    assert_eq!(zero.wanted_sampling().temperature, Some(0.0));
    assert_eq!(zero.wanted_sampling().seed, Some(0));
}

#[test]
fn the_parts_of_a_stream() {
    let logit = new().varint(1, 7).text(2, " law").float(3, 0.25);
    let token =
        new().message(1, &logit).varint(3, 2).message(4, &logit).message(4, &new().text(2, "x"));
    let token = new().message(1, &token);
    let budget = new().message(2, &new().varint(1, 9).varint(2, 8).varint(3, 7).varint(4, 6));
    let web = new().text(1, "u").text(2, "t").text(4, "p").text(12, "c");
    let post = new().text(1, "user").text(2, "name").text(3, "text").text(6, "17").text(8, "c");
    let query = new().text(1, "entropy").text(2, "web");
    for (field, body) in [
        (1, response()),
        (2, token),
        (2, budget),
        (3, response()),
        (4, query),
        (5, new().text(1, "png").text(2, "image/png")),
        (6, new().message(1, &post)),
        (7, new().text(1, "https://example.org/a.png")),
        (8, new().message(1, &web)),
        (9, new().text(5, "today")),
        (1000, response()),
        (1001, Bytes(b"because".to_vec())),
        (1002, Bytes(b"waiting".to_vec())),
    ] {
        let part: AddResponseResponse = round(&new().message(field, &body));
        let number = match part.response.unwrap() {
            Part::UserResponse(_) => 1,
            Part::Token(_) => 2,
            Part::ModelResponse(_) => 3,
            Part::QueryAction(_) => 4,
            Part::ImageGenerationResponse(_) => 5,
            Part::XSearchResults(_) => 6,
            Part::CachedImageGenerationResponse(_) => 7,
            Part::WebSearchResults(_) => 8,
            Part::SearchContext(_) => 9,
            Part::ModelResponseStarted(_) => 1000,
            Part::Reasoning(_) => 1001,
            Part::Notice(_) => 1002,
        };
        assert_eq!(number, field);
    }
}

#[test]
fn small_messages() {
    let text: CreateConversationRequest = round(&new().text(1, "fun"));
    assert_eq!(text.system_prompt_name, "fun");
    let page: ListConversationsRequest = round(&new().varint(1, 20).text(2, "next"));
    assert_eq!((page.page_size, page.next_page_token.as_deref()), (Some(20), Some("next")));
    // The first releases sent an empty message.
    assert_eq!(round::<ListConversationsRequest>(&new()).page_size, None);
    let list = new().message(1, &new().text(1, "c1")).text(1000, "next");
    assert_eq!(round::<ListConversationsResponse>(&list).next_page_token, "next");
    let title: GenerateTitleRequest = round(&new().text(1, "c1").text(2, "r1"));
    assert_eq!(title.leaf_response_id, "r1");
    assert_eq!(round::<GenerateTitleResponse>(&new().text(1, "t")).new_title, "t");
    let update: UpdateConversationRequest = round(&new().text(1, "c").text(2, "t").varint(3, 1));
    assert!(update.starred);
    let written = new().text(1, "c").text(2, "m").varint(3, 1).text(4, "r").text(1000, "r9");
    let written: AddModelResponseRequest = round(&written);
    assert_eq!((written.partial, written.parent_response_id.as_str()), (true, "r"));
    assert_eq!(written.edited_from_response_id, "r9");
    let share: ShareConversationRequest = round(&new().text(1, "c").text(2, "r"));
    assert_eq!(share.response_id, "r");
    assert_eq!(round::<ShareConversationResponse>(&new().text(1, "s")).shared_id, "s");
    let search: SearchConversationsRequest = round(&new().text(1, "q").varint(2, 5).text(3, "n"));
    assert_eq!((search.query.as_str(), search.page_size), ("q", Some(5)));
}

#[test]
fn messages_of_the_sampler() {
    let models: ListModelsResponse = round(&new().text(1, "a/b").text(1, "c/d"));
    assert_eq!(models.model_names, ["a/b", "c/d"]);
    assert_eq!(round::<GetTokenBudgetRequest>(&new().text(1, "t")).transaction_type, "t");
    let budget: TokenBudget = round(&new().varint(1, 1).varint(2, 2).varint(3, 3).varint(4, 4));
    assert_eq!((budget.token_limit, budget.requests_spent), (1, 4));
    let transaction = new()
        .varint(1, 1)
        .varint(2, 2)
        .varint(3, 3)
        .message(4, &time(1, 5))
        .text(5, "t")
        .text(6, "i")
        .text(7, "m")
        .varint(8, 1);
    assert!(round::<TokenTransaction>(&transaction).confirmed);
    let sampled: SampleTokensResponse = round(&new().message(4, &transaction));
    assert!(sampled.response.is_some());
    round::<PromptInput>(&new().message(4, &new().message(1, &new().raw(3).raw(300))));
    round::<XSearchResults>(
        &new().message(1, &new().message(9, &new().text(6, "p")).text(10, "p")),
    );
    let page =
        (1..=12).filter(|field| *field != 3).fold(new(), |page, field| page.text(field, "x"));
    round::<WebSearchResults>(&new().message(1, &page));
}

#[test]
fn what_is_noted_about_a_response() {
    let noted = new().varint(1, 1).text(2, "label").text(3, "note").varint(4, 1);
    let response: grok_tui::proto::prompt_ide::Response =
        round(&new().text(1, "r1").message(1020, &noted));
    let annotation = response.annotation.unwrap();
    assert!(annotation.starred && annotation.archived);
    assert_eq!((annotation.label.as_str(), annotation.note.as_str()), ("label", "note"));
}
