//! Memory of a program's own, and that no page is ever written and run.

use capos_abi::generated::MemoryAccess;
use capos_rt::client::{Grants, Interface, ProcessSpawner, SystemStats, VirtualMemory};
use capos_rt::{Env, say};

use crate::script::{Failed, Script, take};

pub fn run(env: &Env, script: &Script) -> Result<(), Failed> {
    let memory: VirtualMemory = take(env, "memory")?;
    let stats: SystemStats = take(env, "stats")?;
    let range = memory.reserve(16)?;
    let other = memory.reserve(1)?;
    script.holds(
        "ranges have a page between them",
        other >= range + 17 * 4096,
    )?;
    let before = stats.read()?.frames_owned;
    let page = memory.commit(range + 4096, 2)?;
    let clear = (0..1024).all(|at| page.load(at) == Some(0));
    script.holds("committed pages are clear", clear)?;
    script.holds(
        "and can be written",
        page.store(1023, 7) && page.load(1023) == Some(7),
    )?;
    let owned = stats.read()?.frames_owned;
    script.holds("they are counted", owned >= before + 2)?;
    script.exception("to commit one twice", memory.commit(range + 8192, 1))?;
    script.exception(
        "to commit behind the range",
        memory.commit(range + 15 * 4096, 2),
    )?;
    script.exception("to commit no pages", memory.commit(range, 0))?;
    script.exception("to commit half a page", memory.commit(range + 8, 1))?;
    script.exception("to commit the program itself", memory.commit(0x20_0000, 1))?;
    script.exception(
        "to commit the kernel",
        memory.commit(0xffff_ffff_8020_0000, 1),
    )?;
    script.exception(
        "to protect what is not there",
        memory.protect(range, 1, MemoryAccess::Read),
    )?;
    script.exception("more than a process may own", big(&memory))?;
    memory.protect(range + 4096, 1, MemoryAccess::Read)?;
    script.holds("what is protected can be read", page.load(0) == Some(0))?;
    let owned = stats.read()?.frames_owned;
    memory.decommit(range + 4096, 2)?;
    script.holds(
        "decommitted frames come back",
        stats.read()?.frames_owned == owned - 2,
    )?;
    let again = memory.commit(range + 8192, 1)?;
    script.holds(
        "memory that comes again is clear",
        again.load(511) == Some(0),
    )?;
    memory.release(range)?;
    script.exception("to release it twice", memory.release(range))?;
    script.exception("to use it after that", memory.commit(range, 1))?;
    memory.release(other)?;

    // Children that touch what they may not; each says how by its argument.
    let spawner: ProcessSpawner = take(env, "spawner")?;
    for (case, end) in [
        ("write-protected", "faulted pageFault"),
        ("decommitted", "faulted pageFault"),
        ("guard", "faulted pageFault"),
        ("run-data", "faulted pageFault"),
        ("write-code", "faulted pageFault"),
        ("run-code", "exited status=42"),
    ] {
        let mut grants = Grants::default();
        grants.copy("memory", memory.cap())?;
        let child = spawner.spawn("mortal", [case].into_iter(), grants)?;
        let mut line = capos_rt::line::Line::default();
        let _ = core::fmt::Write::write_fmt(&mut line, format_args!("{}", child.wait()?));
        say!(
            script.console,
            "child {case}: {}",
            core::str::from_utf8(line.bytes()).unwrap_or("")
        );
        if line.bytes() != end.as_bytes() {
            return Err(Failed(case));
        }
    }
    Ok(())
}

fn big(memory: &VirtualMemory) -> Result<(), capos_rt::Error> {
    let range = memory.reserve(9000)?;
    let committed = memory.commit(range, 9000);
    memory.release(range)?;
    committed.map(|_| ())
}

/// The walker finds no frame that is written and run, whatever was mapped before.
pub fn write_xor_execute(env: &Env, script: &Script) -> Result<(), Failed> {
    let memory: VirtualMemory = take(env, "memory")?;
    let stats: SystemStats = take(env, "stats")?;
    let before = stats.check_tables()?;
    say!(
        script.console,
        "spaces={} pages={} executable={}",
        before.spaces,
        before.pages,
        before.executable
    );
    script.holds("no page is written and run", before.violations == 0)?;
    let range = memory.reserve(8)?;
    memory.commit(range, 8)?;
    memory.protect(range, 4, MemoryAccess::Execute)?;
    let code = stats.check_tables()?;
    script.holds("new code is seen", code.executable == before.executable + 4)?;
    script.holds("the kernel cannot write it either", code.violations == 0)?;
    memory.protect(range, 2, MemoryAccess::Write)?;
    let data = stats.check_tables()?;
    script.holds(
        "what is data again cannot run",
        data.executable == before.executable + 2,
    )?;
    script.holds("still none is both", data.violations == 0)?;
    memory.release(range)?;
    let after = stats.check_tables()?;
    script.holds(
        "code that is gone is data",
        after.executable == before.executable,
    )?;
    script.holds("none is both at the end", after.violations == 0)
}
