//! Ends as its first argument says: by itself, by a fault, holding things, waiting, or by touching memory
//! that it may not.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

mod touch;

use capos_abi::generated::MemoryAccess;
use capos_rt::client::{Notification, NotificationFactory, VirtualMemory};
use capos_rt::ring::CallMemory;
use capos_rt::{Env, Error, Once, system};

capos_rt::program!(run);

static CALLS: Once<[CallMemory; 2]> = Once::new([CallMemory::ZERO; 2]);
/// `mov eax, 42`, `ret`.
const CODE: u64 = 0x00c3_0000_002a_b8;

fn run(env: Env) -> i32 {
    let how = env.args().next().unwrap_or(b"");
    match how {
        b"exit" => 0,
        b"fault" => touch::nowhere(),
        b"hold" => hold(&env).map_or(1, |_| system::exit(0)),
        b"wait" => wait(&env).unwrap_or(1),
        _ => pages(&env, how).unwrap_or(1),
    }
}

/// Holds as much as it gets, and ends without giving anything back.
fn hold(env: &Env) -> Result<[Option<Notification>; 20], Error> {
    let factory = env.take::<NotificationFactory>("notifications");
    let factory = factory.map_err(|_| Error::Capability)?;
    let mut held = [const { None }; 20];
    for place in &mut held {
        let (notification, signaller) = factory.create()?;
        core::mem::forget(signaller);
        *place = Some(notification);
    }
    core::mem::forget(factory);
    Ok(held)
}

/// Ends while two entries wait.
fn wait(env: &Env) -> Result<i32, Error> {
    let factory = env.take::<NotificationFactory>("notifications");
    let (notification, _signaller) = factory.map_err(|_| Error::Capability)?.create()?;
    let [one, two] = CALLS.take().ok_or(Error::Capability)?;
    let _one = notification.start_wait(1, one)?;
    let _two = notification.start_wait(2, two)?;
    // The kernel takes them with this call.
    notification.poll(0)?;
    system::exit(0)
}

fn pages(env: &Env, how: &[u8]) -> Result<i32, Error> {
    let memory = env.take::<VirtualMemory>("memory");
    let memory = memory.map_err(|_| Error::Capability)?;
    let range = memory.reserve(2)?;
    let page = memory.commit(range, 2)?;
    page.store(0, CODE);
    match how {
        b"write-protected" => {
            memory.protect(range, 1, MemoryAccess::Read)?;
            page.store(0, 1);
        }
        b"decommitted" => {
            memory.decommit(range, 1)?;
            page.load(0);
        }
        b"guard" => touch::read(range + 2 * 4096),
        b"run-data" => return Ok(touch::run(range)),
        b"write-code" => {
            memory.protect(range, 1, MemoryAccess::Execute)?;
            page.store(0, 1);
        }
        b"run-code" => {
            memory.protect(range, 1, MemoryAccess::Execute)?;
            return Ok(touch::run(range));
        }
        _ => {}
    }
    Ok(0)
}
