//! The kernel at work: what follows a system call, an interrupt or a fault, and who runs next.

use capos_abi::{CapError, syscall};
use capos_core::system::{Entered, FaultKind, InitGrant, Scratch, System};

use crate::arch::interrupts::Fault;
use crate::arch::{apic, context, cpu, entry, exit};
use crate::console;
use crate::lock::{Guard, Lock};
use crate::world::World;

/// How long a thread runs while another is ready.
const SLICE_NANOS: u64 = 5_000_000;

/// All objects and the machine they live on. One lock: nothing under it waits.
pub struct Kernel {
    system: System,
    /// The machine.
    pub world: World,
    scratch: Scratch,
    /// When the timer was asked to fire.
    armed: Option<u64>,
}

/// The kernel's state.
pub static KERNEL: Lock<Kernel> = Lock::new(Kernel {
    system: System::new(),
    world: World::new(),
    scratch: Scratch::new(),
    armed: None,
});

/// Why the processor came out of a program by itself.
pub enum Event {
    /// The timer fired.
    Timer,
    /// Nothing that matters.
    Nothing,
    /// The program did what it may not.
    Fault(Fault),
}

/// Starts init and goes over to it.
pub fn start(init: u16, grants: &[InitGrant<'_>]) -> ! {
    let mut kernel = KERNEL.lock();
    let Kernel { system, world, .. } = &mut *kernel;
    if let Err(reason) = system.start_init(world, init, grants) {
        panic!("init cannot be started: {reason:?}");
    }
    entry::resume(go_on(kernel))
}

/// Carries out a system call; gives the frame to go on with.
#[inline(always)]
pub fn after_system_call(first: u64, second: u64, number: u64) -> *mut entry::Frame {
    let mut kernel = KERNEL.lock();
    match kernel.system_call(number, first, second) {
        Some(frame) => frame,
        None => go_on(kernel),
    }
}

/// Handles an interrupt or a fault; gives the frame to go on with.
pub fn after_interrupt(event: Event) -> *mut entry::Frame {
    let mut kernel = KERNEL.lock();
    let Kernel {
        system,
        world,
        armed,
        ..
    } = &mut *kernel;
    match event {
        Event::Nothing => {}
        Event::Timer => {
            *armed = None;
            world.counters.timer_interrupts = world.counters.timer_interrupts.wrapping_add(1);
            let now = apic::now();
            system.expire(world, now);
            world.schedule.tick(now);
        }
        Event::Fault(fault) => {
            if let Some(thread) = world.schedule.current() {
                system.fault(world, thread, kind(fault));
            }
        }
    }
    go_on(kernel)
}

/// Picks the thread to run, waiting until there is one; ends the machine with the last process.
#[inline(always)]
fn go_on(mut kernel: Guard<'_, Kernel>) -> *mut entry::Frame {
    if let Some(thread) = kernel.world.schedule.pick()
        && !kernel.needs_timer()
        && let Some(frame) = kernel.world.load_thread(thread)
    {
        return frame;
    }
    choose(kernel)
}

/// `go_on` where more is to be done than to go back.
#[inline(never)]
fn choose(mut kernel: Guard<'_, Kernel>) -> *mut entry::Frame {
    loop {
        if let Some(thread) = kernel.world.schedule.pick() {
            kernel.arm();
            if let Some(frame) = kernel.world.load_thread(thread) {
                return frame;
            }
            // It has nothing to run on, so its process ends and others go on.
            let Kernel { system, world, .. } = &mut *kernel;
            system.fault(world, thread, FaultKind::Other);
            world.schedule.forget(thread);
            continue;
        }
        if let Some(status) = kernel.system.finished() {
            exit::halt(status);
        }
        kernel.arm();
        drop(kernel);
        cpu::wait_for_interrupt();
        kernel = KERNEL.lock();
        let Kernel {
            system,
            world,
            armed,
            ..
        } = &mut *kernel;
        // Whatever woke the processor: the timer is asked again, for what is left.
        *armed = None;
        system.expire(world, apic::now());
    }
}

impl Kernel {
    /// Carries out a system call; gives the caller's frame where it goes on at once, as it does most
    /// often.
    #[inline(always)]
    fn system_call(&mut self, number: u64, first: u64, second: u64) -> Option<*mut entry::Frame> {
        let Kernel {
            system,
            world,
            scratch,
            ..
        } = self;
        // Only a thread makes system calls; a call of none would have nobody to be answered to.
        let thread = world.schedule.current()?;
        let result = match number {
            syscall::CAP_ENTER => {
                let completions = first as u32;
                match system.enter(world, scratch, thread, completions) {
                    Entered::Return(result) => result,
                    Entered::Short(count) if second == 0 => count.into(),
                    Entered::Short(_) => {
                        let deadline = match second {
                            syscall::WAIT_FOREVER => None,
                            nanos => Some(apic::now().saturating_add(nanos)),
                        };
                        system.wait(thread, completions, deadline);
                        world.schedule.block();
                        return None;
                    }
                }
            }
            syscall::EXIT => {
                system.exit(world, thread, first as i32);
                return None;
            }
            _ => CapError::Unsupported.negated().into(),
        };
        context::set_result(thread.into(), result);
        if self.needs_timer() {
            return None;
        }
        self.world.loaded_frame(thread)
    }

    /// Whether a thread waits for the processor or for a time.
    #[inline]
    fn needs_timer(&self) -> bool {
        self.world.schedule.is_contended() || self.system.has_deadline()
    }

    /// Asks for a timer interrupt, if a thread waits for the processor or for a time.
    fn arm(&mut self) {
        if !self.needs_timer() {
            return;
        }
        let contended = self.world.schedule.is_contended();
        let deadline = self.system.next_deadline();
        let now = apic::now();
        let slice = if contended {
            self.world.schedule.share_ends(now, SLICE_NANOS)
        } else {
            u64::MAX
        };
        let wanted = slice.min(deadline.unwrap_or(u64::MAX));
        if self.armed.is_none_or(|armed| armed > wanted) {
            self.armed = Some(wanted);
            apic::arm(wanted.saturating_sub(now));
        }
    }
}

fn kind(fault: Fault) -> FaultKind {
    match fault {
        Fault::Page => FaultKind::Page,
        Fault::Protection => FaultKind::Protection,
        Fault::Opcode => FaultKind::Opcode,
        Fault::Divide => FaultKind::Divide,
        Fault::Other => FaultKind::Other,
    }
}

/// Says on the console which fault stopped a program, for whoever wrote it.
pub fn report_fault(fault: Fault, instruction: u64, address: u64) {
    console::kernel_line(format_args!(
        "a program faulted: {fault:?} at {instruction:#x}, address {address:#x}"
    ));
}
