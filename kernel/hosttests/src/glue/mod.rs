//! Made by the bindings generator; do not edit.

pub mod capos;
pub mod every;
