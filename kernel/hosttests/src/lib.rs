//! Compares the bindings of capos with Cap'n Proto itself: for every struct of the real schema, and of
//! a second one that uses what the first does not (yet).

pub mod every;
pub mod every_service;
pub mod glue;
pub mod message;
pub mod oracle;
pub mod value;

/// What capnpc makes of kernel/abi/capos.capnp.
#[allow(clippy::all)]
pub mod capos_capnp {
    include!(concat!(env!("OUT_DIR"), "/capos_capnp.rs"));
}

/// What capnpc makes of every.capnp.
#[allow(clippy::all)]
pub mod every_capnp {
    include!(concat!(env!("OUT_DIR"), "/every_capnp.rs"));
}
