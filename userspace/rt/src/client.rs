//! Typed clients: one per interface of the schema, generated from it. Each owns its capability.
//!
//! What is written here by hand stands around generated methods: it chooses their memory, makes owned
//! values of what lies in a message, and guards what would only be a number ([`Mapped`]).
//!
//! [`Mapped`]: crate::mapped::Mapped
//!
//! A client that moves large messages borrows a [`LargeBuffer`](crate::transport::LargeBuffer), and
//! what it returns lies in it: nothing is copied twice, and no program pays for memory that it does
//! not use.

mod block;
mod boot;
mod capabilities;
mod console;
mod memory;
mod notification;
mod process;
mod stats;
mod store;

pub use crate::generated::{
    BlockDevice, BootPackage, CapabilityManager, Console, Endpoint, EndpointFactory,
    FrameAllocator, MemoryObject, MemoryReader, Notification, NotificationFactory, ProcessHandle,
    ProcessSpawner, Revoker, Signaller, Store, SystemStats, VirtualMemory,
};
pub use block::BlockInfo;
pub use boot::Part;
pub use capabilities::{HeldCap, ListBuffer};
pub use notification::bits;
pub use process::{Grants, ProcessEnd};
pub use stats::{Stats, TableCheck};

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

/// Declares a client: a capability whose interface has this id.
#[doc(hidden)]
#[macro_export]
macro_rules! rt_client {
    ($(#[$doc:meta])* $client:ident of $id:path) => {
        $(#[$doc])*
        pub struct $client<T: $crate::transport::Transport = $crate::ring::Ring>(
            $crate::cap::Cap<T>,
        );

        impl<T: $crate::transport::Transport> $crate::client::Interface<T> for $client<T> {
            const ID: u64 = $id;

            fn from_cap(cap: $crate::cap::Cap<T>) -> Self {
                Self(cap)
            }

            fn cap(&self) -> &$crate::cap::Cap<T> {
                &self.0
            }

            fn into_cap(self) -> $crate::cap::Cap<T> {
                self.0
            }
        }
    };
}
#[doc(hidden)]
pub use rt_client as client;
