//! Processes, memory and switching.

use crate::Bench;
use crate::calls::expect;
use capos_rt::client::{Grants, ProcessSpawner, VirtualMemory};
use capos_rt::{Env, Error};

pub fn run(env: &Env, bench: &Bench, spawner: &ProcessSpawner) -> Result<(), Error> {
    bench.measure("spawn-exit-wait", 1, || {
        let child = spawner.spawn("nothing", [].into_iter(), Grants::default())?;
        expect(child.wait()?.is_exit(0))
    })?;
    let memory = env.take::<VirtualMemory>("memory");
    let memory = memory.map_err(|_| Error::Capability)?;
    let range = memory.reserve(16)?;
    // The first commit makes the tables.
    memory.commit(range, 1)?;
    bench.measure("page-commit-and-decommit", 1, || {
        memory.decommit(range, 1)?;
        memory.commit(range, 1).map(|_| ())
    })?;
    Ok(())
}
