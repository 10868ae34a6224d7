//! The manifest's services, checked as a whole: names, references and counts.
//!
//! The kernel has checked its own part (binaries and init). What is found here stops the boot before
//! the first service runs, with the service's name and one sentence.

use crate::service::{Service, Source, What};
use capos_abi::generated::BootManifestReader;
use capos_abi::wire::Limits;
use core::fmt;

/// The version of the manifest's schema that init reads.
pub const SCHEMA_VERSION: u32 = 1;
/// Services of an image.
pub const SERVICES: usize = 1024;
/// Exports of all services together: init holds each endpoint until its owner is started.
pub const EXPORTS: usize = 32;
/// The name of init's own Console, which it gives to nobody: who has it prints as init.
pub const ROOT_CONSOLE: &str = "console";

/// What is wrong with a manifest, and which service it concerns, if one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// The service's place in the manifest.
    pub service: Option<usize>,
    /// The service's name, if that much could be read.
    pub name: &'a str,
    /// What is wrong.
    pub what: What<'a>,
}

impl<'a> From<What<'a>> for Fault<'a> {
    fn from(what: What<'a>) -> Self {
        Fault {
            service: None,
            name: "",
            what,
        }
    }
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.service {
            None => write!(out, "manifest: {}", self.what),
            Some(index) => write!(out, "service {index} \"{}\": {}", self.name, self.what),
        }
    }
}

/// A checked manifest.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    manifest: BootManifestReader<'a>,
    image: &'a str,
    count: usize,
}

impl<'a> Plan<'a> {
    /// Reads and checks the manifest in `message`. `holds` says whether init has a capability of that
    /// name.
    pub fn read(message: &'a [u8], holds: impl Fn(&str) -> bool) -> Result<Plan<'a>, Fault<'a>> {
        let manifest =
            BootManifestReader::read_within(message, Limits::BOOT_MANIFEST).map_err(What::from)?;
        if manifest.schema_version() != SCHEMA_VERSION {
            return Err(What::Version(manifest.schema_version()).into());
        }
        let image = manifest.image().map_err(What::from)?;
        let count = manifest.services().map_err(What::from)?.len();
        if count > SERVICES {
            return Err(What::TooMany("services").into());
        }
        let plan = Plan {
            manifest,
            image,
            count,
        };
        let mut exports: usize = 0;
        for index in 0..count {
            let service = plan.service(index)?;
            exports = exports.saturating_add(service.exports.len());
            plan.check(index, &service, &holds)
                .map_err(|what| plan.fault(index, what))?;
        }
        if exports > EXPORTS {
            return Err(What::TooMany("exports").into());
        }
        Ok(plan)
    }

    /// The image's name.
    pub fn image(&self) -> &'a str {
        self.image
    }

    /// The number of services.
    pub fn len(&self) -> usize {
        self.count
    }

    /// True if there is no service.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The service at `index`, in start order.
    pub fn service(&self, index: usize) -> Result<Service<'a>, Fault<'a>> {
        let services = self.manifest.services().map_err(What::from)?;
        let service = services.get(index).ok_or(What::TooMany("services"))?;
        Service::read(service, self.manifest).map_err(|what| self.fault(index, what))
    }

    /// The services, in start order.
    pub fn services(&self) -> impl Iterator<Item = Result<Service<'a>, Fault<'a>>> {
        (0..self.count).map(|index| self.service(index))
    }

    /// Checks what a service's description alone does not show.
    fn check(
        &self,
        index: usize,
        service: &Service<'a>,
        holds: impl Fn(&str) -> bool,
    ) -> Result<(), What<'a>> {
        if (0..index).any(|other| self.name(other) == service.name) {
            return Err(What::Twice(service.name));
        }
        for grant in service.grants.iter() {
            match grant.source {
                Source::Console => {}
                Source::Init(held) if held != ROOT_CONSOLE && holds(held) => {}
                Source::Init(held) => return Err(What::NotHeld(held)),
                Source::Export { service, export } if self.exports(service, export) => {}
                Source::Export { service, export } => return Err(What::NoExport(service, export)),
            }
        }
        Ok(())
    }

    fn exports(&self, service: &str, export: &str) -> bool {
        let mut owners = self
            .services()
            .flatten()
            .filter(|owner| owner.name == service);
        owners.any(|owner| owner.exports.iter().any(|made| made.name == export))
    }

    fn name(&self, index: usize) -> &'a str {
        let services = self.manifest.services().ok();
        services
            .and_then(|services| services.get(index)?.name().ok())
            .unwrap_or("")
    }

    fn fault(&self, index: usize, what: What<'a>) -> Fault<'a> {
        Fault {
            service: Some(index),
            name: self.name(index),
            what,
        }
    }
}

#[cfg(test)]
mod tests;
