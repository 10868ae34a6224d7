//! On-disk formats: pure code over a small block device trait, for services, tools and host tests.
//!
//! One format so far: `CAPOSST1`, a content-addressed object store ([`store`]). `docs/storage.md`
//! is the same layout in prose.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod device;
pub mod store;
