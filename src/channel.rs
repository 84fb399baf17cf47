//! What every HTTP/2 connection of ours to a server has, whichever protocol is spoken over it.

use tonic::transport::Endpoint;

/// Bytes of one answer that may wait for whoever reads it.
const STREAM_WINDOW: u32 = 1 << 20;
/// Bytes of all answers that may wait. A connection counts as attacked once very many small pieces
/// wait unread, in proportion to this; tokens are small pieces, and a reader may be slow.
const CONNECTION_WINDOW: u32 = 1 << 30;

/// Tokens leave at once, and answers may wait unread.
pub(crate) fn for_streams(endpoint: Endpoint) -> Endpoint {
    endpoint
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
}
