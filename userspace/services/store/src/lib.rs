//! The store: alone holds a block device, and serves `Store` to whoever was given a client of it. What lies between the
//! volume and its device is the program's to choose, so that proofs can put something wrong there.
#![cfg_attr(target_os = "none", no_std)]
#![deny(unsafe_code)]

mod disk;
mod objects;

use capos_formats::device::Device;
use capos_formats::store::{Entry, Memory, Object, Refused, Volume};
use capos_rt::client::{BlockDevice, Console, Endpoint};
use capos_rt::server::{self, StoreServer, serve};
use capos_rt::transport::LargeBuffer;
use capos_rt::{Env, Once, say};
use objects::Objects;

pub use disk::{Disk, DiskError};

/// Objects of a volume that this service formats or mounts.
const OBJECTS: usize = 4096;
/// Blocks of it: 256 MiB.
const BLOCKS: usize = 65_536;

static ENTRIES: Once<[Entry; OBJECTS]> = Once::new([Entry::EMPTY; OBJECTS]);
static MAPS: Once<[u64; 2 * BLOCKS / 64]> = Once::new([0; 2 * BLOCKS / 64]);
static DISK: Once<LargeBuffer> = Once::new(LargeBuffer::ZERO);
static OBJECT: Once<Object> = Once::new([capos_formats::device::ZERO; 8]);
static SERVER: Once<server::Memory> = Once::new(server::Memory::ZERO);

/// Serves the volume on the device that the program was granted, through what `wrap` makes of it. The program's status.
pub fn run<D>(env: Env, wrap: impl FnOnce(Disk) -> D) -> i32
where
    D: Device<Error = DiskError> + 'static,
{
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let block = env.take::<BlockDevice>("block");
    let endpoint = env.take::<Endpoint>("store");
    let (Ok(block), Ok(endpoint)) = (block, endpoint) else {
        say!(
            console,
            "failed: needs a block device \"block\" and the export \"store\""
        );
        return 1;
    };
    let volume = match open(block, &console, wrap) {
        Ok(volume) => volume,
        Err(refused) => {
            say!(console, "refused volume: {refused}");
            return 1;
        }
    };
    let (Some(object), Some(memory)) = (OBJECT.take(), SERVER.take()) else {
        return 2;
    };
    let mut store = StoreServer(Objects::new(volume, object));
    match serve(&endpoint, memory, &mut store) {
        Ok(()) => 0,
        Err(error) => {
            say!(console, "failed: serve: {}", error.name());
            1
        }
    }
}

/// Mounts the volume on the device, or formats the device if nothing was ever written to it.
fn open<D: Device<Error = DiskError>>(
    block: BlockDevice,
    console: &Console,
    wrap: impl FnOnce(Disk) -> D,
) -> Result<Volume<'static, D>, Refused<DiskError>> {
    let (Some(entries), Some(maps), Some(buffer)) = (ENTRIES.take(), MAPS.take(), DISK.take())
    else {
        return Err(Refused::Memory);
    };
    let disk = Disk::open(block, buffer).map_err(Refused::Device)?;
    let id = disk.volume_id();
    let mut disk = wrap(disk);
    if Volume::is_blank(&mut disk)? {
        let volume = Volume::format(disk, Memory { entries, maps }, id)?;
        say!(console, "formatted blank volume");
        return Ok(volume);
    }
    let volume = Volume::mount(disk, Memory { entries, maps })?;
    if let Some(slot) = volume.torn_slot() {
        say!(
            console,
            "superblock slot {} is torn: a commit was interrupted",
            slot.number()
        );
    }
    say!(console, "mounted generation={}", volume.generation());
    Ok(volume)
}
