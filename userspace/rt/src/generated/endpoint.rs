//! `Endpoint`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use capos_abi::generated::endpoint as schema;

client! {
    /// The owner side of an endpoint. It has no methods: RECV and RETURN are ring operations.
    Endpoint of schema::INTERFACE_ID
}
