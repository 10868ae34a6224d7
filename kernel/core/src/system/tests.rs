//! Tests of the object system against a machine that is ordinary memory.

mod audit;
mod authority;
mod double;
mod objects;
mod orders;
mod random;
mod rings;
mod transfers;

use capos_abi::generated::{console, endpoint_factory, process_handle, process_spawner};
use capos_abi::message::TransferDescriptor;
use capos_abi::ring::{Cqe, Sqe, op};
use capos_abi::wire::MessageWriter;
use capos_abi::{CapError, CapId};

use super::{InitGrant, System};
use crate::object::Object;
use double::{Double, OUT};

/// A system with init running: places 0 of processes and threads.
fn booted() -> (Box<System>, Double) {
    let (mut system, mut machine) = (Box::new(System::new()), Double::new());
    let grant = |name, object| InitGrant { name, object };
    let grants = [
        grant("console", Object::Console(0)),
        grant("spawner", Object::ProcessSpawner),
        grant("endpoints", Object::EndpointFactory),
        grant("boot", Object::BootPackage),
        grant("data", Object::Block(0)),
        grant("notifications", Object::NotificationFactory),
        grant("capabilities", Object::CapabilityManager),
        grant("frames", Object::FrameAllocator(64)),
        grant("memory", Object::VirtualMemory),
        grant("stats", Object::SystemStats),
    ];
    system.start_init(&mut machine, 0, &grants).unwrap();
    (system, machine)
}

const CONSOLE: u32 = 1 << 12;
const SPAWNER: u32 = 1 << 12 | 1;
const ENDPOINTS: u32 = 1 << 12 | 2;
const NOTIFICATIONS: u32 = 1 << 12 | 5;
const CAPABILITIES: u32 = 1 << 12 | 6;
const FRAMES: u32 = 1 << 12 | 7;
const MEMORY: u32 = 1 << 12 | 8;

/// A CALL whose parameters are `params`, put into the caller's memory.
fn call(machine: &mut Double, process: u16, cap: u32, method: u16, params: &[u8]) -> Sqe {
    machine.put(process, double::IN, params);
    Sqe {
        opcode: op::CALL,
        method,
        cap,
        addr: double::IN,
        len: params.len() as u32,
        result_addr: OUT,
        result_len: 4096,
        ..Sqe::default()
    }
}

/// Enters with one entry and expects one completion.
fn one(system: &mut System, machine: &mut Double, thread: u16, sqe: Sqe) -> Cqe {
    machine.offer(thread, sqe);
    machine.enter(system, thread, 1);
    machine.take(thread).expect("one completion")
}

/// Makes an endpoint; gives the owner side and the client facet.
fn endpoint(system: &mut System, machine: &mut Double, thread: u16) -> (u32, u32) {
    let mut buffer = [0; 64];
    let mut message = MessageWriter::new(&mut buffer);
    endpoint_factory::create::ParamsWriter::root(&mut message)
        .unwrap()
        .set_interface_id(77);
    let sqe = call(machine, thread, ENDPOINTS, 0, message.finish());
    let done = one(system, machine, thread, sqe);
    assert_eq!(done.cap_count, 2, "{done:?}");
    (
        machine.record(thread, &done, 0),
        machine.record(thread, &done, 1),
    )
}

/// Spawns the binary with these capabilities (moved where said); gives the completion.
fn spawn(system: &mut System, machine: &mut Double, name: &str, caps: &[(&str, u32, bool)]) -> Cqe {
    let mut buffer = [0; 2048];
    let mut message = MessageWriter::new(&mut buffer);
    let mut params = process_spawner::spawn::ParamsWriter::root(&mut message).unwrap();
    params.set_binary(name).unwrap();
    let mut grants = params.init_grants(caps.len()).unwrap();
    let mut list = Vec::new();
    for (index, (name, cap, moves)) in caps.iter().enumerate() {
        let mut grant = grants.get(index).unwrap();
        grant.set_name(name).unwrap();
        grant.set_cap(index as u32).unwrap();
        let flags = u32::from(*moves);
        list.extend(
            TransferDescriptor {
                cap: *cap,
                flags,
                reserved: 0,
            }
            .to_bytes(),
        );
    }
    let mut sqe = call(machine, 0, SPAWNER, 0, message.finish());
    machine.put(0, double::LIST, &list);
    (sqe.xfer_addr, sqe.xfer_count) = (double::LIST, caps.len() as u16);
    one(system, machine, 0, sqe)
}

fn wait(machine: &mut Double, handle: u32) -> Sqe {
    let mut buffer = [0; 64];
    let mut message = MessageWriter::new(&mut buffer);
    process_handle::wait::ParamsWriter::root(&mut message).unwrap();
    call(machine, 0, handle, 0, message.finish())
}

fn line(machine: &mut Double, process: u16, cap: u32, text: &[u8]) -> Sqe {
    let mut buffer = [0; 1024];
    let mut message = MessageWriter::new(&mut buffer);
    console::write_line::ParamsWriter::root(&mut message)
        .unwrap()
        .set_text(text)
        .unwrap();
    call(machine, process, cap, 0, message.finish())
}

fn code(error: CapError) -> i32 {
    error.negated()
}

/// The id of a new process's n-th grant.
fn granted(number: u16) -> u32 {
    CapId::new(number, 1).0
}
