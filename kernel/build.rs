//! Passes the linker script and its companions as link arguments of this binary only: a link
//! argument in RUSTFLAGS would make a change of it rebuild `core`.

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    println!("cargo::rerun-if-changed={root}/link.ld");
    for argument in [
        // The linker runs in the workspace's root. A path from there stays right when the checkout moves.
        "-Tkernel/link.ld",
        "--build-id=sha1",
        "-zmax-page-size=4096",
        "--no-eh-frame-hdr",
    ] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
