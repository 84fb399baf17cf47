//! Compiles the protocol definitions with protox, so that no `protoc` program is needed.

use std::error::Error;
use std::path::PathBuf;

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(
        ["chat.proto", "sampler_public.proto", "forest.proto", "xai_api.proto"],
        ["proto/prompt_ide", "proto/grok_tui", "proto/xai_api"],
    )?;
    let descriptors = PathBuf::from(std::env::var("OUT_DIR")?).join("descriptors.bin");
    std::fs::write(descriptors, files.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}
