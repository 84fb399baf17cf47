//! Compiles the protocol definitions with protox, so that no `protoc` program is needed, and says how
//! the program is linked so that it takes little memory.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use prost::Message as _;

/// The functions in the order in which they are linked.
const ORDER: &str = "assets/link-order.txt";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(
        ["chat.proto", "sampler_public.proto", "forest.proto", "xai_api.proto"],
        ["proto/prompt_ide", "proto/grok_tui", "proto/xai_api"],
    )?;
    let descriptors = PathBuf::from(env::var("OUT_DIR")?).join("descriptors.bin");
    fs::write(descriptors, files.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(files)?;
    if of_target("OS") == "linux" && of_target("ENV") == "gnu" {
        pack_relocations();
        order_functions()?;
    }
    Ok(())
}

/// What cargo says of the target.
fn of_target(what: &str) -> String {
    env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default()
}

/// A program that may stand anywhere in memory is adjusted at its start, from a list that is read
/// whole: as a bitmap it has a fiftieth of the size, which is most of a megabyte of memory. A linker
/// that does not know the option says so and goes on.
fn pack_relocations() {
    println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
}

/// Puts the functions that are used at a launch side by side. The system maps a program's file in
/// pieces of 64 KB, and scattered over 13 MB they took 9 MB of memory where they need less than 3.
/// `.ci/order-functions` makes the list, of patterns for sections that hold a function each. Those that
/// a build does not have do nothing.
fn order_functions() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={ORDER}");
    if env::var("PROFILE")? != "release" {
        return Ok(());
    }
    let order = fs::read_to_string(PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join(ORDER))?;
    // What is called but once or seldom has a section of another kind.
    let section = |name| format!("*(.text.{name} .text.unlikely.{name})\n");
    let sections: String = order.lines().map(section).collect();
    let script = PathBuf::from(env::var("OUT_DIR")?).join("order.ld");
    fs::write(
        &script,
        format!("SECTIONS {{ .text.launch : {{\n{sections}}} }} INSERT BEFORE .text;\n"),
    )?;
    let option = format!("link-arg=-Wl,-T,{}", script.display());
    if links_with(&option)? {
        println!("cargo:rustc-{}", option.replacen("link-arg=", "link-arg-bins=", 1));
    }
    Ok(())
}

/// Whether the linker of this build takes an option. LLD and GNU ld know such scripts; one that does not
/// would refuse the whole program.
fn links_with(option: &str) -> Result<bool, Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let source = out.join("probe.rs");
    fs::write(&source, "fn main() {}\n")?;
    let mut rustc = Command::new(env::var("RUSTC")?);
    rustc.args(["--target", &env::var("TARGET")?, "-C", option, "-o"]).arg(out.join("probe"));
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\u{1f}').filter(|flag| !flag.is_empty())).arg(source);
    Ok(rustc.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success())
}
