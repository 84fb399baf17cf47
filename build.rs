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
    pack_relocations();
    Ok(())
}

/// A program that may stand anywhere in memory is adjusted at its start, from a list that is read
/// whole: as a bitmap it has a fiftieth of the size, which is most of a megabyte of memory. A linker
/// that does not know the option says so and goes on.
fn pack_relocations() {
    let of_target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}"));
    if of_target("OS").is_ok_and(|os| os == "linux")
        && of_target("ENV").is_ok_and(|env| env == "gnu")
    {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
