//! Where a virtio device behind PCI has its registers (virtio 1.x, section 4.1.4).

use core::fmt;
use core::ops::Range;

use super::hardware::Window;
use crate::pci::{
    BadBar, BadCapabilities, Bar, Capability, ConfigSpace, Function, Identity, capabilities,
    memory_bar,
};

const VENDOR: u16 = 0x1af4;
/// A block device, and one that also understands what came before virtio 1.0.
const BLOCK: [u16; 2] = [0x1042, 0x1001];
/// The capability id of what a vendor defines.
const VENDOR_CAPABILITY: u8 = 0x09;
/// Bytes of a virtio capability, and with the notification multiplier behind it.
const CAPABILITY_BYTES: u32 = 16;
const NOTIFY_CAPABILITY_BYTES: u32 = 20;
/// The most of the notification registers that is used: queue 0's lies at the beginning.
const NOTIFY_BYTES: u64 = 64 * 1024;

/// Whether a function is a virtio block device.
pub fn is_block_device(identity: Identity) -> bool {
    identity.vendor == VENDOR && identity.header == 0 && BLOCK.contains(&identity.device)
}

/// Why a device's registers cannot be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLayout {
    /// Its list of capabilities is damaged.
    List(BadCapabilities),
    /// It has no virtio 1.x registers of this kind: it may be older than that.
    Missing(&'static str),
    /// The registers of this kind lie in a range that cannot be used.
    Bar(&'static str, BadBar),
    /// The registers of this kind are too few, badly aligned or reach out of their range.
    Range(&'static str),
}

impl fmt::Display for BadLayout {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(reason) => write!(into, "its capability list is damaged ({reason:?})"),
            Self::Missing(kind) => write!(into, "it has no {kind} registers of virtio 1"),
            Self::Bar(kind, reason) => {
                write!(
                    into,
                    "its {kind} registers lie in no usable range ({reason:?})"
                )
            }
            Self::Range(kind) => write!(into, "its {kind} registers lie outside their range"),
        }
    }
}

/// Physical addresses of a device's registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The common registers, `Window::Common.bytes()` of them.
    pub common: Range<u64>,
    /// The device's own registers, `Window::Device.bytes()` of them.
    pub device: Range<u64>,
    /// The notification registers.
    pub notify: Range<u64>,
    /// Bytes from one notification register to the next.
    pub notify_multiplier: u32,
}

impl Layout {
    /// Where in `notify` the 2-byte register with this offset lies, if it does.
    pub fn notify_at(&self, queue_offset: u16) -> Option<u64> {
        let at = u64::from(queue_offset).checked_mul(self.notify_multiplier.into())?;
        let bytes = self.notify.end.checked_sub(self.notify.start)?;
        (at % 2 == 0 && at.checked_add(2)? <= bytes).then_some(at)
    }
}

/// What a virtio capability describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Common,
    Notify,
    /// The interrupt status. The driver polls, so it is not used.
    Interrupt,
    Device,
    /// A way to all of these through configuration space. Not used: the ranges are mapped.
    Config,
}

#[derive(Clone, Copy)]
struct Region {
    bar: u8,
    offset: u32,
    bytes: u32,
    capability: u8,
}

/// Finds a device's registers. The device must not be in use: see `memory_bar`.
pub fn layout(space: &mut impl ConfigSpace, function: Function) -> Result<Layout, BadLayout> {
    let list = capabilities(space, function).map_err(BadLayout::List)?;
    // Most devices have all registers in one range, and asking for a size is slow: a hypervisor moves
    // the range away and back.
    let mut known: Option<(u8, Bar)> = None;
    let mut find = |kind: Kind, least: u32| -> Result<(Region, Range<u64>), BadLayout> {
        let name = kind.name();
        // The device lists its best choice first.
        let region = list
            .iter()
            .filter_map(|capability| read(space, function, capability))
            .find(|(found, _)| *found == kind)
            .map(|(_, region)| region)
            .ok_or(BadLayout::Missing(name))?;
        let bar = match known {
            Some((index, bar)) if index == region.bar => bar,
            _ => memory_bar(space, function, region.bar)
                .map_err(|reason| BadLayout::Bar(name, reason))?,
        };
        known = Some((region.bar, bar));
        let range = place(bar, region, least).ok_or(BadLayout::Range(name))?;
        Ok((region, range))
    };
    let (_, common) = find(Kind::Common, Window::Common.bytes())?;
    let (_, device) = find(Kind::Device, Window::Device.bytes())?;
    let (region, notify) = find(Kind::Notify, 2)?;
    let multiplier = region.capability.saturating_add(CAPABILITY_BYTES as u8);
    Ok(Layout {
        common: shorten(common, Window::Common.bytes().into()),
        device: shorten(device, Window::Device.bytes().into()),
        notify: shorten(notify, NOTIFY_BYTES),
        notify_multiplier: space.read(function, multiplier),
    })
}

/// The region that a capability describes; nothing if it is not virtio's or not one to use.
fn read(
    space: &impl ConfigSpace,
    function: Function,
    capability: Capability,
) -> Option<(Kind, Region)> {
    if capability.id != VENDOR_CAPABILITY {
        return None;
    }
    let head = space.read(function, capability.offset);
    let (length, kind) = (head >> 16 & 0xff, Kind::from_byte((head >> 24) as u8)?);
    let least = if kind == Kind::Notify {
        NOTIFY_CAPABILITY_BYTES
    } else {
        CAPABILITY_BYTES
    };
    // All of it lies in configuration space, so that no offset below can wrap.
    if length < least || u32::from(capability.offset).saturating_add(least) > 256 {
        return None;
    }
    let word = |index: u8| space.read(function, capability.offset.saturating_add(index));
    let bar = (word(4) & 0xff) as u8;
    // Values above 5 are reserved, to be passed over.
    (bar <= 5).then_some((
        kind,
        Region {
            bar,
            offset: word(8),
            bytes: word(12),
            capability: capability.offset,
        },
    ))
}

/// Where a region lies, if it has at least `least` bytes, all in its range, at a multiple of 4.
fn place(bar: Bar, region: Region, least: u32) -> Option<Range<u64>> {
    let end = u64::from(region.offset).checked_add(region.bytes.into())?;
    if region.bytes < least || !region.offset.is_multiple_of(4) || end > bar.bytes {
        return None;
    }
    Some(bar.address.checked_add(region.offset.into())?..bar.address.checked_add(end)?)
}

fn shorten(range: Range<u64>, most: u64) -> Range<u64> {
    range.start..range.end.min(range.start.saturating_add(most))
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Common),
            2 => Some(Self::Notify),
            3 => Some(Self::Interrupt),
            4 => Some(Self::Device),
            5 => Some(Self::Config),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Notify => "notification",
            Self::Interrupt => "interrupt",
            Self::Device => "device",
            Self::Config => "configuration",
        }
    }
}
