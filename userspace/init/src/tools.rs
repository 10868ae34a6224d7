//! What init itself was given.

use crate::Failure;
use capos_abi::limits::CAPSET_ENTRIES;
use capos_rt::client::{BootPackage, EndpointFactory, Interface, ProcessSpawner};
use capos_rt::{Cap, Env, NotGranted, Ring};

/// Init's capabilities: those that it uses, and those that it only passes on.
pub struct Tools {
    pub spawner: ProcessSpawner,
    pub endpoints: EndpointFactory,
    pub boot: BootPackage,
    others: [Option<(&'static [u8], Cap<Ring>)>; CAPSET_ENTRIES],
}

impl Tools {
    /// Takes everything but the Console.
    pub fn take(env: &Env) -> Result<Tools, Failure<'static>> {
        let missing = |name| move |why: NotGranted| Failure::Missing(name, why);
        let mut tools = Tools {
            spawner: env.take("spawner").map_err(missing("spawner"))?,
            endpoints: env.take("endpoints").map_err(missing("endpoints"))?,
            boot: env.take("boot").map_err(missing("boot"))?,
            others: [const { None }; CAPSET_ENTRIES],
        };
        for (place, entry) in tools.others.iter_mut().zip(env.entries()) {
            let name = core::str::from_utf8(entry.name).unwrap_or("");
            // What is taken already is no other.
            *place = env.take_any(name).ok().map(|cap| (entry.name, cap));
        }
        Ok(tools)
    }

    /// What init can give a copy of under this name.
    pub fn find(&self, name: &str) -> Option<&Cap<Ring>> {
        match name {
            "spawner" => Some(self.spawner.cap()),
            "endpoints" => Some(self.endpoints.cap()),
            "boot" => Some(self.boot.cap()),
            _ => {
                let mut others = self.others.iter().flatten();
                others
                    .find(|(held, _)| *held == name.as_bytes())
                    .map(|(_, cap)| cap)
            }
        }
    }
}
