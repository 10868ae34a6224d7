//! Makes Cap'n Proto's own bindings from both schemas, to compare ours with.

fn main() {
    let schemas = [("../abi", "../abi/capos.capnp"), (".", "every.capnp")];
    for (prefix, schema) in schemas {
        println!("cargo:rerun-if-changed={schema}");
        capnpc::CompilerCommand::new()
            .src_prefix(prefix)
            .file(schema)
            .run()
            .expect("capnp compiles the schema (Debian package capnproto)");
    }
}
