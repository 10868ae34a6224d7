//! Hands the place of the linker script on to the build scripts of programs, as
//! `DEP_CAPOS_RT_SCRIPT`.

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    println!("cargo::rerun-if-changed=build/program.ld");
    println!("cargo::metadata=script={root}/build/program.ld");
}
