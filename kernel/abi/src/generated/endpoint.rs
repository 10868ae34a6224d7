//! The owner side of an endpoint. It has no methods: RECV and RETURN are ring operations.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xc40a_8be7_f19d_3526;
