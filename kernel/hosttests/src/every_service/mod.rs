//! The client of every interface, and what serves it.
//!
//! Made from kernel/hosttests/every.capnp; do not edit: change the schema and make them anew.

mod calls;

pub use calls::{Calls, CallsServer, CallsService};
