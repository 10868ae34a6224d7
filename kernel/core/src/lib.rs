//! Everything in the kernel that decides.
//!
//! Pure code: no `unsafe`, no device, no pointer. What comes from a program, a disk, a device or the
//! firmware is parsed and judged here, where the host can test it; the kernel proper carries out.
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

pub mod acpi;
pub mod bootinfo;
pub mod bytes;
pub mod captable;
pub mod elf;
pub mod entry;
pub mod fifo;
pub mod frames;
pub mod freshness;
pub mod label;
pub mod ledger;
pub mod manifest;
pub mod object;
pub mod paging;
pub mod pci;
pub mod regions;
pub mod revocation;
pub mod schedule;
pub mod sha256;
pub mod system;
pub mod virtio;
