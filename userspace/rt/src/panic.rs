//! The panic path: one line on the Console, then the end.

use crate::cap::Cap;
use crate::client::{Console, Interface};
use crate::line::Line;
use crate::ring::Ring;
use crate::system::{PANICKED, exit};
use capos_abi::CapId;
use capos_abi::capset::CapSet;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};

/// The program's Console, until the first panic takes it: a panic while panicking only ends the
/// program.
static CONSOLE: AtomicU32 = AtomicU32::new(CapId::NONE.0);

/// Remembers where last words go: the Console that was granted as `console`.
pub(crate) fn prepare(capset: CapSet<'_>) {
    let console = capset.find(b"console");
    let console = console.filter(|entry| entry.interface_id == <Console as Interface<Ring>>::ID);
    CONSOLE.store(
        console.map_or(CapId::NONE, |entry| entry.cap).0,
        Ordering::Relaxed,
    );
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let console = CapId(CONSOLE.swap(CapId::NONE.0, Ordering::Relaxed));
    if let Some(ring) = Ring::of_this_thread()
        && console != CapId::NONE
    {
        let (file, line) = info
            .location()
            .map_or(("?", 0), |at| (at.file(), at.line()));
        let text = Line::format(format_args!(
            "panicked at {file}:{line}: {}",
            info.message()
        ));
        let console = Console::from_cap(Cap::new(console, <Console as Interface<Ring>>::ID, ring));
        let _ = console.write_line(text.bytes());
    }
    exit(PANICKED)
}
