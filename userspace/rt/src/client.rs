//! Typed clients: one per interface of the schema. Each owns its capability.
//!
//! A client that moves large messages borrows a [`LargeBuffer`](crate::transport::LargeBuffer), and
//! what it returns lies in it: nothing is copied twice, and no program pays for memory that it does
//! not use.

mod block;
mod boot;
mod capabilities;
mod console;
mod endpoint;
mod memory;
mod notification;
mod process;
mod stats;
mod store;

pub use block::{BlockDevice, BlockInfo};
pub use boot::{BootPackage, Part};
pub use capabilities::{CapabilityManager, HeldCap, ListBuffer, Revoker};
pub use console::Console;
pub use endpoint::{Endpoint, EndpointFactory};
pub use memory::{FrameAllocator, MemoryObject, MemoryReader, VirtualMemory};
pub use notification::{Notification, NotificationFactory, Signaller, bits};
pub use process::{Grants, ProcessEnd, ProcessHandle, ProcessSpawner};
pub use stats::{Stats, SystemStats, TableCheck};
pub use store::Store;

use crate::cap::Cap;
use crate::transport::Transport;

/// A client of one interface.
pub trait Interface<T: Transport>: Sized {
    /// The interface's id in the schema.
    const ID: u64;

    /// A client that owns `cap`, whose interface the caller has checked.
    fn from_cap(cap: Cap<T>) -> Self;

    /// The capability that it owns.
    fn cap(&self) -> &Cap<T>;

    /// Turns the client back into its capability.
    fn into_cap(self) -> Cap<T>;
}

/// Declares a client: a capability of the interface that `$module` describes.
macro_rules! client {
    ($(#[$doc:meta])* $client:ident of $module:ident) => {
        $(#[$doc])*
        pub struct $client<T: Transport = crate::ring::Ring>(crate::cap::Cap<T>);

        impl<T: Transport> crate::client::Interface<T> for $client<T> {
            const ID: u64 = capos_abi::generated::$module::INTERFACE_ID;

            fn from_cap(cap: crate::cap::Cap<T>) -> Self {
                Self(cap)
            }

            fn cap(&self) -> &crate::cap::Cap<T> {
                &self.0
            }

            fn into_cap(self) -> crate::cap::Cap<T> {
                self.0
            }
        }
    };
}
pub(crate) use client;
