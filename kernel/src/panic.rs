//! The end after a mistake of the kernel: say so at once, then stop.

use core::panic::PanicInfo;

use crate::arch::exit;
use crate::console;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    match info.location() {
        Some(place) => console::panic_line(format_args!(
            "{} ({}:{})",
            info.message(),
            place.file(),
            place.line()
        )),
        None => console::panic_line(format_args!("{} (?:0)", info.message())),
    }
    exit::panicked()
}
