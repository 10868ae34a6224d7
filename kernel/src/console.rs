//! Lines on the serial console. One call is one line under one lock.

use core::fmt::{self, Write};

use capos_core::label;

use crate::arch::serial;
use crate::lock::Lock;

struct Serial;

impl Write for Serial {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(serial::send);
        Ok(())
    }
}

static SERIAL: Lock<Serial> = Lock::new(Serial);

/// Prints the kernel's first line. A line break goes first, because firmware and boot loaders leave
/// the cursor anywhere.
pub fn banner(words: fmt::Arguments<'_>) {
    // Writing to the port cannot fail; `fmt` only makes it look so.
    let _ = write!(SERIAL.lock(), "\r\ncapos kernel starting {words}\r\n");
}

/// Prints `[kernel] text`.
pub fn kernel_line(text: fmt::Arguments<'_>) {
    let _ = write!(SERIAL.lock(), "[kernel] {text}\r\n");
}

/// Prints `[label] text`, whose bytes are shown so that they stay one line.
pub fn program_line(label: &[u8], text: &[u8]) {
    let _whole_line = SERIAL.lock();
    serial::send(b'[');
    label.iter().copied().for_each(serial::send);
    serial::send(b']');
    serial::send(b' ');
    label::show(text, serial::send);
    serial::send(b'\r');
    serial::send(b'\n');
}

/// Prints `[kernel] panic: text` without waiting for the lock: its holder may be what panicked.
pub fn panic_line(text: fmt::Arguments<'_>) {
    let _ = write!(Serial, "\r\n[kernel] panic: {text}\r\n");
}
