//! init: the one program that the kernel starts. It starts the services of the manifest, in order,
//! each with exactly its grants, and ends.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

mod exports;
mod tools;

use capos_abi::limits::MANIFEST_BYTES;
use capos_init::plan::{Fault, Plan};
use capos_init::service::{Service, Source};
use capos_rt::client::{Console, Grants, Interface, ProcessEnd, ProcessHandle};
use capos_rt::transport::LargeBuffer;
use capos_rt::{Env, Error, NotGranted, Once, Ring, say};
use core::fmt;
use exports::Exports;
use tools::Tools;

capos_rt::program!(run);

static MANIFEST: Once<[u8; MANIFEST_BYTES]> = Once::new([0; MANIFEST_BYTES]);
static BUFFER: Once<LargeBuffer> = Once::new(LargeBuffer::ZERO);

/// Why init gives up. It has started no service after the one that is named.
enum Failure<'a> {
    Missing(&'static str, NotGranted),
    Manifest(Fault<'a>),
    ManifestSize,
    Call(&'a str, &'static str, Error),
    Ended(&'a str, ProcessEnd, i32),
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Missing(name, why) => write!(out, "{name}: {why}"),
            Failure::Manifest(fault) => fault.fmt(out),
            Failure::ManifestSize => out.write_str("the manifest is larger than init's memory"),
            Failure::Call(what, step, error) => write!(out, "{what}: {step}: {error:#}"),
            Failure::Ended(name, end, expected) => write!(out, "{name} {end} expected={expected}"),
        }
    }
}

fn run(env: Env) -> i32 {
    // Without a Console there is nobody to tell why.
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    match boot(&env, &console) {
        Ok(()) => {
            say!(console, "done");
            0
        }
        Err(failure) => {
            say!(console, "failed: {failure}");
            1
        }
    }
}

fn boot<'a>(env: &Env, console: &Console) -> Result<(), Failure<'a>> {
    let tools = Tools::take(env)?;
    let manifest = read_manifest(&tools)?;
    let plan =
        Plan::read(manifest, |name| tools.find(name).is_some()).map_err(Failure::Manifest)?;
    say!(console, "image={} services={}", plan.image(), plan.len());
    let mut exports = Exports::make(&plan, &tools)?;
    for service in plan.services() {
        let service = service.map_err(Failure::Manifest)?;
        // Said before, because afterwards the service may already be printing.
        say!(console, "starting {}", service.name);
        let handle = start(&service, console, &tools, &mut exports)?;
        if service.wait {
            wait(&service, &handle, console)?;
        }
    }
    Ok(())
}

fn read_manifest(tools: &Tools) -> Result<&'static [u8], Failure<'static>> {
    let (Some(memory), Some(buffer)) = (MANIFEST.take(), BUFFER.take()) else {
        return Err(Failure::ManifestSize);
    };
    let length = tools.boot.read_all(memory, buffer);
    let length = length.map_err(|error| Failure::Call("manifest", "read", error))?;
    length
        .and_then(|length| memory.get(..length))
        .ok_or(Failure::ManifestSize)
}

/// Starts a service. What it is the last to need of an export, it gets; init keeps no client.
fn start<'a>(
    service: &Service<'a>,
    console: &Console,
    tools: &Tools,
    exports: &mut Exports<'a>,
) -> Result<ProcessHandle, Failure<'a>> {
    let failed = |step| move |error| Failure::Call(service.name, step, error);
    let own = console
        .derive(service.name)
        .map_err(failed("derive a console"))?;
    let owned = exports.take_owners(service.name);
    let mut grants = Grants::<Ring>::default();
    for grant in service.grants.iter() {
        let cap = match grant.source {
            Source::Console => own.cap(),
            Source::Init(held) => {
                tools
                    .find(held)
                    .ok_or(Failure::Call(service.name, "grant", Error::Capability))?
            }
            Source::Export {
                service: owner,
                export,
            } => exports.client(owner, export).ok_or(Failure::Call(
                service.name,
                "grant",
                Error::Capability,
            ))?,
        };
        grants.copy(grant.name, cap).map_err(failed("grant"))?;
    }
    for (name, endpoint) in owned.into_iter().flatten() {
        grants.give(name, endpoint).map_err(failed("grant"))?;
    }
    let args = service.args.iter().copied();
    let handle = tools
        .spawner
        .spawn(service.binary, args, grants)
        .map_err(failed("spawn"))?;
    exports.served(service);
    Ok(handle)
}

fn wait<'a>(
    service: &Service<'a>,
    handle: &ProcessHandle,
    console: &Console,
) -> Result<(), Failure<'a>> {
    let end = handle
        .wait()
        .map_err(|error| Failure::Call(service.name, "wait", error))?;
    if !end.is_exit(service.expect) {
        return Err(Failure::Ended(service.name, end, service.expect));
    }
    say!(console, "{} {end}", service.name);
    Ok(())
}
