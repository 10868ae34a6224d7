//! The build script of every program: links it as a small static image. The arguments stand here
//! and not in RUSTFLAGS, where a change would make cargo build `core` again.

fn main() {
    let script = std::env::var("DEP_CAPOS_RT_SCRIPT").expect("programs depend on capos-rt");
    println!("cargo::rerun-if-changed={script}");
    for argument in [
        // The linker runs in the workspace's root. A path from there stays right when the checkout moves.
        "-Tuserspace/rt/build/program.ld",
        "-zmax-page-size=4096",
        "--no-eh-frame-hdr",
        "--gc-sections",
        // Symbols stay for debuggers: the tool cuts off what is not loaded before the kernel gets to hash it.
    ] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
