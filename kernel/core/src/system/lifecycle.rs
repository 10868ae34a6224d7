//! Starting and ending processes, holding and letting go of objects, and who pays for what.

use capos_abi::limits::CAPSET_NAME;
use capos_abi::{CapError, CapId, PAGE_SIZE, capset};

use super::calls::Stage;
use super::invoke::{WAIT_RESULTS, write_end};
use super::ring::Done;
use super::waiting::Waiter;
use super::{FRAME_QUOTA, LoadError, Machine, Payer, ProcessId, Start, System, ThreadId};
use crate::captable::{CapTable, Held};
use crate::label::Label;
use crate::ledger::{Class, Ledger};
use crate::object::Object;
use crate::regions::Regions;

/// How the processor stopped a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It touched memory that it may not.
    Page,
    /// It broke another rule of the processor.
    Protection,
    /// It ran an instruction that it cannot.
    Opcode,
    /// It divided by zero or overflowed.
    Divide,
    /// Anything else.
    Other,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By `exit`, with this status.
    Exited(i32),
    /// By a fault.
    Faulted(FaultKind),
}

/// A process's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Unused,
    Live,
    /// It has ended, and somebody can still ask how.
    Ended(End),
}

/// A process.
pub(super) struct Process {
    pub state: State,
    pub number: u64,
    pub table: CapTable,
    pub ledger: Ledger,
    /// What it reserved or mapped.
    pub regions: Regions,
    /// Capabilities that name it.
    pub handles: u32,
    pub waiter: Option<Waiter>,
    thread: ThreadId,
    pub payer: Payer,
}

impl Process {
    pub const fn new() -> Self {
        Self {
            state: State::Unused,
            number: 0,
            table: CapTable::new(),
            ledger: Ledger::new(),
            regions: Regions::new(),
            handles: 0,
            waiter: None,
            thread: 0,
            payer: Payer::NOBODY,
        }
    }
}

/// What init is given.
#[derive(Clone, Copy, Debug)]
pub struct InitGrant<'a> {
    /// Under this name.
    pub name: &'a str,
    /// This object; for a Console the place is ignored, it is the root.
    pub object: Object,
}

/// Why init cannot be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootError {
    /// A grant's name is not `[a-z0-9-.]{1,32}`, or two are the same.
    GrantName,
    /// There are too many grants.
    TooManyGrants,
    /// The binary cannot be loaded.
    Load(LoadError),
}

/// Whether a name may stand in a CapSet.
pub(super) fn valid_grant_name(name: &str) -> bool {
    let letters = name
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'));
    letters && !name.is_empty() && name.len() <= CAPSET_NAME
}

impl System {
    /// Starts init: the one program that the kernel starts by itself.
    pub fn start_init<M: Machine>(
        &mut self,
        machine: &mut M,
        binary: u16,
        grants: &[InitGrant<'_>],
    ) -> Result<(), BootError> {
        let (process, thread) = self.free_places().ok_or(BootError::TooManyGrants)?;
        let mut page = [0; PAGE_SIZE];
        let mut builder = capset::Builder::new(&mut page);
        for (number, grant) in grants.iter().enumerate() {
            let twice = grants
                .iter()
                .take(number)
                .any(|other| other.name == grant.name);
            if twice || !valid_grant_name(grant.name) {
                return Err(BootError::GrantName);
            }
            let object = match grant.object {
                Object::Console(_) => Object::Console(0),
                // Its number is how many pages it may hand out.
                Object::FrameAllocator(pages) => {
                    let made = self.new_allocator(None, pages.into(), Payer::NOBODY);
                    Object::FrameAllocator(made.ok_or(BootError::TooManyGrants)?)
                }
                other => other,
            };
            let table = &mut self.processes.at_mut(process).table;
            let held = Held::root(object);
            let cap = table.insert(held).ok_or(BootError::TooManyGrants)?;
            self.retain(held);
            builder
                .entry(grant.name.as_bytes(), cap, object.interface_id())
                .map_err(|_| BootError::TooManyGrants)?;
        }
        self.labels.at_mut(0).label = Label::ROOT;
        let number = self.last_number.saturating_add(1);
        let start = Start {
            binary,
            process,
            thread,
            number,
            capset: &page,
            frames: FRAME_QUOTA,
        };
        machine.load(&start).map_err(BootError::Load)?;
        self.begin(process, thread, Payer::default());
        self.init = Some(process);
        machine.wake(thread, 0);
        Ok(())
    }

    /// Makes a loaded process live.
    pub(super) fn begin(&mut self, process: ProcessId, thread: ThreadId, payer: Payer) {
        self.last_number = self.last_number.saturating_add(1);
        self.live_processes = self.live_processes.saturating_add(1);
        self.threads.at_mut(thread).start(process);
        let number = self.last_number;
        let place = self.processes.at_mut(process);
        place.state = State::Live;
        place.number = number;
        place.thread = thread;
        place.payer = payer;
    }

    /// `exit`: ends the thread's process.
    pub fn exit<M: Machine>(&mut self, machine: &mut M, thread: ThreadId, status: i32) {
        self.end(machine, self.process_of(thread), End::Exited(status));
    }

    /// The processor stopped a thread: ends its process, and only that.
    pub fn fault<M: Machine>(&mut self, machine: &mut M, thread: ThreadId, kind: FaultKind) {
        self.end(machine, self.process_of(thread), End::Faulted(kind));
    }

    fn end<M: Machine>(&mut self, machine: &mut M, id: ProcessId, end: End) {
        let process = self.processes.at_mut(id);
        if process.state != State::Live {
            return;
        }
        process.state = State::Ended(end);
        let thread = process.thread;
        self.stop_waiting(thread);
        // The thread goes first: nothing completes on its ring any more.
        self.threads.at_mut(thread).live = false;
        self.end_calls(machine, CapError::Cancelled, |_, call| {
            call.invocation.process == id
        });
        self.end_calls(machine, CapError::Disconnected, |_, call| {
            call.stage == Stage::Delivered(id)
        });
        while let Some(cap) = self.processes.at(id).table.first() {
            self.let_go(machine, id, cap);
        }
        self.forget_regions(machine, id);
        let process = self.processes.at_mut(id);
        process.table.clear();
        // What outlives it is nobody's from here on; its own is back, as the tests see.
        process.ledger = Ledger::new();
        machine.unload(id, thread);
        self.live_processes = self.live_processes.saturating_sub(1);
        if self.init == Some(id) {
            self.init = None;
            self.status = Some(match end {
                End::Exited(status) => status,
                End::Faulted(_) => 255,
            });
        }
        if let Some(waiter) = self.processes.at_mut(id).waiter.take() {
            self.complete_wait(machine, &waiter, end);
        }
        self.free_process_if_unused(id);
    }

    fn complete_wait<M: Machine>(&mut self, machine: &mut M, waiter: &Waiter, end: End) {
        let mut output = [0; WAIT_RESULTS];
        let process = waiter.ticket.process;
        let address = waiter.results.address;
        let written = write_end(&mut output, end)
            .ok()
            .filter(|len| *len <= waiter.results.len as usize);
        let done = match written.and_then(|len| output.get(..len)) {
            Some(bytes) if machine.write(process, address, bytes).is_ok() => {
                Done::payload(bytes.len(), 0)
            }
            _ => CapError::Buffer.into(),
        };
        self.complete(machine, waiter.ticket, done);
    }

    fn free_process_if_unused(&mut self, id: ProcessId) {
        let process = self.processes.at_mut(id);
        if matches!(process.state, State::Ended(_)) && process.handles == 0 {
            let payer = process.payer;
            process.state = State::Unused;
            process.number = 0;
            process.waiter = None;
            self.give_back(payer, Class::Children);
        }
    }

    /// RELEASE: gives a capability up and cancels what waits through it.
    pub(super) fn release_cap<M: Machine>(
        &mut self,
        machine: &mut M,
        process: ProcessId,
        cap: CapId,
    ) -> Result<(), CapError> {
        self.processes
            .at(process)
            .table
            .get(cap)
            .ok_or(CapError::BadCap)?;
        self.let_go(machine, process, cap);
        Ok(())
    }

    fn let_go<M: Machine>(&mut self, machine: &mut M, process: ProcessId, cap: CapId) {
        let Some(held) = self.processes.at_mut(process).table.remove(cap) else {
            return;
        };
        let object = held.object;
        self.cancel_through(machine, process, cap, object);
        match object {
            Object::Endpoint(place) => self.drop_owner(machine, place),
            Object::Client(place) => self.drop_client(machine, place),
            Object::Console(place) => {
                let label = self.labels.at_mut(place);
                label.holders = label.holders.saturating_sub(1);
                if label.holders == 0 {
                    let payer = label.payer;
                    self.give_back(payer, Class::Labels);
                }
            }
            Object::ProcessHandle(child) => {
                let target = self.processes.at_mut(child);
                target.handles = target.handles.saturating_sub(1);
                self.free_process_if_unused(child);
            }
            Object::Notification(place) | Object::Signaller(place) => {
                self.drop_notification(place);
            }
            Object::Revoker(node) => self.drop_node(node),
            Object::FrameAllocator(place) => self.drop_allocator(place),
            Object::Memory(place) | Object::MemoryReader(place) => {
                self.drop_memory(machine, place);
            }
            Object::ProcessSpawner
            | Object::EndpointFactory
            | Object::NotificationFactory
            | Object::CapabilityManager
            | Object::SystemStats
            | Object::VirtualMemory
            | Object::BootPackage
            | Object::Block(_)
            | Object::None => {}
        }
        self.drop_node(held.node);
    }

    /// One holder more of an object, and of the derivation through which it is held.
    pub(super) fn retain(&mut self, held: Held) {
        self.revocation.hold(held.node);
        let holders = match held.object {
            Object::Endpoint(place) => &mut self.endpoints.at_mut(place).owners,
            Object::Client(place) => &mut self.endpoints.at_mut(place).clients,
            Object::Console(place) => &mut self.labels.at_mut(place).holders,
            Object::ProcessHandle(child) => &mut self.processes.at_mut(child).handles,
            Object::Notification(place) | Object::Signaller(place) => {
                &mut self.notifications.at_mut(place).holders
            }
            Object::FrameAllocator(place) => &mut self.allocators.at_mut(place).holders,
            Object::Memory(place) | Object::MemoryReader(place) => {
                &mut self.memory.at_mut(place).holders
            }
            Object::Revoker(node) => return self.revocation.hold(node),
            Object::ProcessSpawner
            | Object::EndpointFactory
            | Object::NotificationFactory
            | Object::CapabilityManager
            | Object::SystemStats
            | Object::VirtualMemory
            | Object::BootPackage
            | Object::Block(_)
            | Object::None => return,
        };
        *holders = holders.saturating_add(1);
    }

    /// The interface id of an object.
    pub(super) fn interface_of(&self, object: Object) -> u64 {
        match object {
            Object::Client(place) => self.endpoints.at(place).interface_id,
            other => other.interface_id(),
        }
    }

    /// Charges one thing to a process; refuses over the quota.
    pub(super) fn charge(&mut self, process: ProcessId, class: Class) -> Result<Payer, CapError> {
        let payer = self.processes.at_mut(process);
        let charged = payer.ledger.charge(class, 1);
        charged.map_err(|_| CapError::Quota)?;
        Ok(Payer {
            place: process,
            number: payer.number,
        })
    }

    /// Gives one thing's charge back, if who paid still lives.
    pub(super) fn give_back(&mut self, payer: Payer, class: Class) {
        let process = self.processes.at_mut(payer.place);
        if process.state == State::Live && process.number == payer.number {
            process.ledger.give_back(class, 1);
        }
    }
}
