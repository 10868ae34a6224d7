//! The first serial port (16550), polled. It is the only console.

use super::port::Port;

const BASE: u16 = 0x3f8;
const DATA: Port = Port(BASE);
const INTERRUPT_ENABLE: Port = Port(BASE + 1);
const FIFO_CONTROL: Port = Port(BASE + 2);
const LINE_CONTROL: Port = Port(BASE + 3);
const MODEM_CONTROL: Port = Port(BASE + 4);
const LINE_STATUS: Port = Port(BASE + 5);

const TRANSMITTER_EMPTY: u8 = 1 << 5;
/// Reads of the status before a byte is sent anyway: a dead port must not stop the kernel.
const PATIENCE: u32 = 1_000_000;

/// Sets 115200 baud, 8N1, FIFO on, no interrupts.
pub fn start() {
    INTERRUPT_ENABLE.write8(0);
    LINE_CONTROL.write8(0x80);
    DATA.write8(1);
    INTERRUPT_ENABLE.write8(0);
    LINE_CONTROL.write8(0x03);
    FIFO_CONTROL.write8(0xc7);
    MODEM_CONTROL.write8(0x03);
}

/// Sends one byte.
pub fn send(byte: u8) {
    for _ in 0..PATIENCE {
        if LINE_STATUS.read8() & TRANSMITTER_EMPTY != 0 {
            break;
        }
        core::hint::spin_loop();
    }
    DATA.write8(byte);
}
