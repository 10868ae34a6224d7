//! Every bound that a program can meet, in one place.

/// Bytes of one message, capability records not counted.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// Pointers that may be followed one inside the other in a message.
pub const MESSAGE_NESTING: usize = 16;
/// Descriptors in one transfer list.
pub const TRANSFERS: usize = 8;
/// Slots of a capability table.
pub const TABLE_SLOTS: usize = 256;
/// The most slots that a capability table can ever have: the slot part of a capability id.
pub const TABLE_SLOTS_MAX: usize = 4096;
/// Calls that may wait in one endpoint.
pub const ENDPOINT_CALLS: usize = 16;
/// Bytes of calls that may wait in one endpoint.
pub const ENDPOINT_BYTES: usize = 64 * 1024;
/// Bytes of text in one Console line.
pub const CONSOLE_LINE: usize = 512;
/// Bytes of one label given to `Console.derive`.
pub const LABEL: usize = 24;
/// Bytes of a whole Console label, slashes included.
pub const LABEL_PATH: usize = 80;
/// Bytes that one BlockDevice or BootPackage call moves at most.
pub const TRANSFER_BYTES: usize = 32 * 1024;
/// Entries of a CapSet page.
pub const CAPSET_ENTRIES: usize = 64;
/// Bytes of a name in a CapSet.
pub const CAPSET_NAME: usize = 32;
/// Arguments of a program.
pub const ARGS: usize = 16;
/// Binaries in a boot module.
pub const BINARIES: usize = 64;
/// Bytes of a boot manifest message.
pub const MANIFEST_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of a boot module.
pub const MODULE_BYTES: usize = 256 * 1024 * 1024;
