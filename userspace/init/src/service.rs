//! One service of the manifest, decoded and checked by itself.

use crate::few::Few;
use capos_abi::generated::{
    BootManifestReader, ExportReader, ServiceGrantReader, ServiceGrantSource, ServiceReader,
};
use capos_abi::limits::{ARGS, CAPSET_NAME, LABEL, TRANSFERS};
use capos_abi::wire::WireError;
use core::fmt;

/// A service, as init starts it.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Its name and Console label.
    pub name: &'a str,
    /// The name of its binary.
    pub binary: &'a str,
    /// Its arguments.
    pub args: Few<&'a str, ARGS>,
    /// What it gets.
    pub grants: Few<Grant<'a>, TRANSFERS>,
    /// The endpoints that it owns.
    pub exports: Few<Export<'a>, TRANSFERS>,
    /// Whether init waits for its end before it starts the next one.
    pub wait: bool,
    /// The exit status that then counts as success.
    pub expect: i32,
}

/// A capability that a service gets, and the name under which it finds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grant<'a> {
    /// The name.
    pub name: &'a str,
    /// Where it comes from.
    pub source: Source<'a>,
}

/// Where a granted capability comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source<'a> {
    /// A Console derived with the service's name.
    #[default]
    Console,
    /// A copy of what init holds under this name.
    Init(&'a str),
    /// The client facet of a service's export.
    Export {
        /// The service.
        service: &'a str,
        /// The export's name.
        export: &'a str,
    },
}

/// An endpoint that a service owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Export<'a> {
    /// The name under which the service finds its owner side.
    pub name: &'a str,
    /// The interface that clients see.
    pub interface_id: u64,
}

/// What is wrong with a service, or with the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// The message is malformed.
    Message(WireError),
    /// The schema has another version.
    Version(u32),
    /// More than a limit allows.
    TooMany(&'static str),
    /// A name is empty, too long, or has a character that names must not have.
    Name(&'a str),
    /// A name stands for two things.
    Twice(&'a str),
    /// The service's binary is not in the list.
    Binary(u16),
    /// Init does not hold what a grant names, or must not give it away.
    NotHeld(&'a str),
    /// A grant names an export that no service makes.
    NoExport(&'a str, &'a str),
}

impl From<WireError> for What<'_> {
    fn from(error: WireError) -> Self {
        What::Message(error)
    }
}

impl fmt::Display for What<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Message(_) => out.write_str("the message is malformed"),
            What::Version(found) => write!(out, "manifest version {found}, this init reads 1"),
            What::TooMany(what) => write!(out, "too many {what}"),
            What::Name(name) => write!(out, "\"{name}\" is not a name"),
            What::Twice(name) => write!(out, "\"{name}\" stands for two things"),
            What::Binary(index) => write!(out, "there is no binary {index}"),
            What::NotHeld(name) => write!(out, "init has no \"{name}\" to give"),
            What::NoExport(service, export) => write!(out, "{service} exports no \"{export}\""),
        }
    }
}

impl<'a> Service<'a> {
    /// Decodes a service; `manifest` names the binaries.
    pub fn read(
        service: ServiceReader<'a>,
        manifest: BootManifestReader<'a>,
    ) -> Result<Self, What<'a>> {
        let index = service.binary();
        let binary = manifest
            .binaries()?
            .get(usize::from(index))
            .ok_or(What::Binary(index))?;
        let mut decoded = Service {
            name: name(service.name()?, LABEL, false)?,
            binary: binary.name()?,
            args: Few::default(),
            grants: Few::default(),
            exports: Few::default(),
            wait: service.wait(),
            expect: service.expect(),
        };
        for arg in service.args()?.iter() {
            if !decoded.args.push(arg?) {
                return Err(What::TooMany("arguments"));
            }
        }
        for grant in service.grants()?.iter() {
            if !decoded.grants.push(Grant::read(grant)?) {
                return Err(What::TooMany("grants"));
            }
        }
        for export in service.exports()?.iter() {
            if !decoded.exports.push(Export::read(export)?) {
                return Err(What::TooMany("exports"));
            }
        }
        decoded.check_names()?;
        Ok(decoded)
    }

    /// Grants and exports share the names of the CapSet, and one message carries both.
    fn check_names(&self) -> Result<(), What<'a>> {
        let names = || {
            let grants = self.grants.iter().map(|grant| grant.name);
            grants.chain(self.exports.iter().map(|export| export.name))
        };
        if names().count() > TRANSFERS {
            return Err(What::TooMany("grants and exports"));
        }
        let twice = names()
            .enumerate()
            .find(|(at, name)| names().take(*at).any(|other| other == *name));
        twice.map_or(Ok(()), |(_, name)| Err(What::Twice(name)))
    }
}

impl<'a> Grant<'a> {
    fn read(grant: ServiceGrantReader<'a>) -> Result<Self, What<'a>> {
        let source = match grant.source()? {
            ServiceGrantSource::Console => Source::Console,
            ServiceGrantSource::Init(held) => Source::Init(held),
            ServiceGrantSource::Export(export) => Source::Export {
                service: export.service()?,
                export: export.export()?,
            },
        };
        Ok(Grant {
            name: name(grant.name()?, CAPSET_NAME, true)?,
            source,
        })
    }
}

impl<'a> Export<'a> {
    fn read(export: ExportReader<'a>) -> Result<Self, What<'a>> {
        let name = name(export.name()?, CAPSET_NAME, true)?;
        Ok(Export {
            name,
            interface_id: export.interface_id(),
        })
    }
}

/// A name of 1 to `longest` bytes of `[a-z0-9-]`, and dots where they are allowed.
fn name(text: &str, longest: usize, dots: bool) -> Result<&str, What<'_>> {
    let is_fine = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-') || dots && byte == b'.';
    let fine = (1..=longest).contains(&text.len()) && text.bytes().all(is_fine);
    if fine {
        Ok(text)
    } else {
        Err(What::Name(text))
    }
}
