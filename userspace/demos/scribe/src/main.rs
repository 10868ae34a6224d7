//! Writes marks onto a bare disk, so that proofs can show what becomes of them when the power is cut or the disk fails.
//!
//! Without arguments: leaves one mark that it flushes and one that it does not, and says so; on a later boot says which
//! of them it finds. With `op=write`, `op=read` or `op=flush`: does that again and again until it fails, or `count=<n>`
//! times, then says how far a failed write got and whether the operation works again.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_rt::client::{BlockDevice, Console};
use capos_rt::transport::LargeBuffer;
use capos_rt::{Env, Error, Once, say};

capos_rt::program!(run);

/// Bytes of a sector, and of the pieces that are written.
const SECTOR: usize = 512;
const PIECE: usize = 4096;
/// Where the marks and the repeated writes go, in sectors.
const FLUSHED: u64 = 0;
const UNFLUSHED: u64 = 64;
const REPEATED: u64 = 128;

static BUFFER: Once<LargeBuffer> = Once::new(LargeBuffer::ZERO);
static DATA: Once<[u8; PIECE]> = Once::new([0; PIECE]);

/// A disk and the memory to use it with.
struct Disk {
    device: BlockDevice,
    buffer: &'static mut LargeBuffer,
    data: &'static mut [u8; PIECE],
}

#[derive(Clone, Copy)]
enum Op {
    Write,
    Read,
    Flush,
}

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let (device, buffer, data) = (env.take::<BlockDevice>("block"), BUFFER.take(), DATA.take());
    let (Ok(device), Some(buffer), Some(data)) = (device, buffer, data) else {
        say!(console, "failed: needs a block device");
        return 1;
    };
    let mut disk = Disk {
        device,
        buffer,
        data,
    };
    let count = env.arg("count").and_then(number).unwrap_or(u32::MAX);
    let done = match env.arg("op") {
        None => disk.marks(&console),
        Some(b"write") => disk.repeat(&console, Op::Write, "write", count),
        Some(b"read") => disk.repeat(&console, Op::Read, "read", count),
        Some(b"flush") => disk.repeat(&console, Op::Flush, "flush", count),
        Some(_) => {
            say!(console, "failed: op is write, read or flush");
            return 1;
        }
    };
    match done {
        Ok(()) => 0,
        Err(error) => {
            say!(console, "failed: {error:#}");
            1
        }
    }
}

impl Disk {
    /// Finds the marks, or makes them: one flushed, one not.
    fn marks(&mut self, console: &Console) -> Result<(), Error> {
        let (flushed, unflushed) = (self.holds(FLUSHED, 0xa5)?, self.holds(UNFLUSHED, 0x5a)?);
        if flushed == PIECE || unflushed == PIECE {
            let word = |bytes| if bytes == PIECE { "there" } else { "gone" };
            say!(
                console,
                "found flushed={} unflushed={}",
                word(flushed),
                word(unflushed)
            );
            return Ok(());
        }
        self.write(FLUSHED, 0xa5)?;
        self.device.flush()?;
        self.write(UNFLUSHED, 0x5a)?;
        say!(console, "wrote both, flushed one");
        Ok(())
    }

    /// Repeats an operation until it fails.
    fn repeat(&mut self, console: &Console, op: Op, name: &str, count: u32) -> Result<(), Error> {
        say!(console, "ready");
        for turn in 1..=count {
            let Err(error) = self.once(op, turn as u8) else {
                continue;
            };
            say!(console, "{name} failed: {error}");
            if let Op::Write = op {
                say!(
                    console,
                    "reached bytes={}",
                    self.holds(REPEATED, turn as u8)?
                );
            }
            let again = self.once(op, (turn as u8).wrapping_add(1));
            let how = if again.is_ok() { "works" } else { "fails" };
            say!(console, "{name} again {how}");
            return Ok(());
        }
        say!(console, "{name} done");
        Ok(())
    }

    fn once(&mut self, op: Op, value: u8) -> Result<(), Error> {
        match op {
            Op::Write => self.write(REPEATED, value),
            Op::Read => self.holds(REPEATED, value).map(|_| ()),
            Op::Flush => {
                // A flush with nothing to flush need not go anywhere.
                self.write(REPEATED, value)?;
                self.device.flush()
            }
        }
    }

    fn write(&mut self, sector: u64, value: u8) -> Result<(), Error> {
        self.data.fill(value);
        self.device.write(sector, self.data, self.buffer)
    }

    /// How many bytes of the piece at `sector` are `value`, in whole sectors from its beginning.
    fn holds(&mut self, sector: u64, value: u8) -> Result<usize, Error> {
        let count = (PIECE / SECTOR) as u32;
        self.device.read(sector, count, self.data, self.buffer)?;
        let whole = self
            .data
            .chunks(SECTOR)
            .take_while(|part| part.iter().all(|byte| *byte == value));
        Ok(whole.count() * SECTOR)
    }
}

fn number(text: &[u8]) -> Option<u32> {
    core::str::from_utf8(text).ok()?.parse().ok()
}
