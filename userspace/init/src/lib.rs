//! What init decides before it starts anything: whether the manifest's services make sense.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod few;
pub mod plan;
pub mod service;
