//! The kernel's part of the boot manifest: which binaries there are, and what init is given.
//!
//! Everything is checked here, once; what the kernel keeps refers to bytes that were verified.

use core::ops::Range;

use capos_abi::bootmodule::{self, ALIGNMENT, BadModule};
use capos_abi::generated::{BootManifestReader, KernelGrantReader};
use capos_abi::limits;
use capos_abi::wire::{Limits, StructList, WireError};

use crate::sha256;

/// Version of the manifest's meaning that this kernel knows.
const SCHEMA_VERSION: u32 = 1;
const BINARY_NAME: usize = 32;

/// Why a boot module cannot be booted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadManifest {
    /// The module's header is wrong.
    Module(BadModule),
    /// The manifest is not a valid message.
    Message(WireError),
    /// It is of another version.
    Version(u32),
    /// There are too many binaries.
    BinaryCount(usize),
    /// The name of this binary is not `[a-z0-9-]{1,32}`, or another has it too.
    BinaryName(usize),
    /// This binary does not lie page-aligned inside the module, behind the manifest.
    BinaryPlace(usize),
    /// This binary is not what the manifest says it is.
    BinaryDigest(usize),
    /// Init's binary does not exist.
    InitBinary(u16),
}

/// One binary, verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binary {
    /// Its name.
    pub name: &'static str,
    /// Its bytes within the module.
    pub range: Range<usize>,
}

/// What the kernel keeps of the manifest.
pub struct BootPlan {
    binaries: [Binary; limits::BINARIES],
    count: usize,
    /// The whole manifest message.
    pub manifest: &'static [u8],
    /// Init's binary.
    pub init: u16,
    /// What init is given, as the manifest says it.
    pub grants: StructList<'static, KernelGrantReader<'static>>,
}

impl From<WireError> for BadManifest {
    fn from(error: WireError) -> Self {
        BadManifest::Message(error)
    }
}

impl BootPlan {
    /// The binary of this name.
    pub fn find(&self, name: &str) -> Option<u16> {
        let mut all = (0..u16::MAX).zip(self.binaries());
        all.find(|(_, binary)| binary.name == name)
            .map(|(place, _)| place)
    }

    /// All binaries.
    pub fn binaries(&self) -> &[Binary] {
        self.binaries.get(..self.count).unwrap_or(&[])
    }

    /// Checks a boot module and every binary in it.
    pub fn read(module: &'static [u8]) -> Result<BootPlan, BadManifest> {
        let message = bootmodule::manifest(module).map_err(BadManifest::Module)?;
        let manifest = BootManifestReader::read_within(message, Limits::BOOT_MANIFEST)?;
        if manifest.schema_version() != SCHEMA_VERSION {
            return Err(BadManifest::Version(manifest.schema_version()));
        }
        let list = manifest.binaries()?;
        let mut binaries = [const {
            Binary {
                name: "",
                range: 0..0,
            }
        }; limits::BINARIES];
        if list.len() > binaries.len() {
            return Err(BadManifest::BinaryCount(list.len()));
        }
        let behind = bootmodule::HEADER_BYTES.saturating_add(message.len()) as u64;
        for (number, binary) in list.iter().enumerate() {
            let name = binary.name()?;
            let earlier = binaries.iter().take(number);
            if !valid_name(name) || earlier.into_iter().any(|other| other.name == name) {
                return Err(BadManifest::BinaryName(number));
            }
            let (start, len) = (binary.offset(), binary.length());
            let aligned = start % ALIGNMENT == 0 && start >= behind;
            let end = start.checked_add(len).filter(|_| aligned);
            let range =
                end.and_then(|end| Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?));
            let range = range.ok_or(BadManifest::BinaryPlace(number))?;
            let bytes = module
                .get(range.clone())
                .ok_or(BadManifest::BinaryPlace(number))?;
            if binary.sha256()? != sha256::digest(bytes) {
                return Err(BadManifest::BinaryDigest(number));
            }
            if let Some(place) = binaries.get_mut(number) {
                *place = Binary { name, range };
            }
        }
        let init = manifest.init()?;
        if usize::from(init.binary()) >= list.len() {
            return Err(BadManifest::InitBinary(init.binary()));
        }
        let (init, grants) = (init.binary(), init.grants()?);
        Ok(BootPlan {
            binaries,
            count: list.len(),
            manifest: message,
            init,
            grants,
        })
    }
}

fn valid_name(name: &str) -> bool {
    let letters = name
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    letters && !name.is_empty() && name.len() <= BINARY_NAME
}

#[cfg(test)]
mod tests {
    use super::{BadManifest, BootPlan};
    use crate::sha256::digest;
    use capos_abi::generated::BootManifestWriter;
    use capos_abi::wire::MessageWriter;

    struct Given {
        version: u32,
        init: u16,
        names: [&'static str; 2],
        offset: u64,
        length: u64,
        sha256: [u8; 32],
    }

    impl Default for Given {
        fn default() -> Self {
            let names = ["init", "store"];
            Self {
                version: 1,
                init: 1,
                names,
                offset: 4096,
                length: 5,
                sha256: digest(b"hello"),
            }
        }
    }

    fn plan(given: &Given) -> Result<BootPlan, BadManifest> {
        let mut buffer = vec![0; 4096];
        let mut message = MessageWriter::new(&mut buffer);
        let mut manifest = BootManifestWriter::root(&mut message).unwrap();
        manifest.set_schema_version(given.version);
        let mut binaries = manifest.init_binaries(2).unwrap();
        for (number, name) in given.names.into_iter().enumerate() {
            let mut binary = binaries.get(number).unwrap();
            binary.set_name(name).unwrap();
            binary.set_offset(given.offset);
            binary.set_length(given.length);
            binary.set_sha256(&given.sha256).unwrap();
        }
        let mut init = manifest.init_init().unwrap();
        init.set_binary(given.init);
        let message = message.finish();
        let mut module = b"CAPOSBM1".to_vec();
        module.extend((message.len() as u32).to_le_bytes());
        module.extend([0; 4]);
        module.extend(message);
        module.resize(4096, 0);
        module.extend(b"hello");
        BootPlan::read(module.leak())
    }

    #[test]
    fn a_good_module_is_believed() {
        let plan = plan(&Given::default()).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(
            (plan.find("store"), plan.find("none"), plan.init),
            (Some(1), None, 1)
        );
        assert_eq!(plan.binaries()[0].range, 4096..4101);
    }

    #[test]
    fn each_rule_has_its_error() {
        let cases = [
            (
                Given {
                    version: 2,
                    ..Given::default()
                },
                BadManifest::Version(2),
            ),
            (
                Given {
                    init: 2,
                    ..Given::default()
                },
                BadManifest::InitBinary(2),
            ),
            (
                Given {
                    names: ["a", "a"],
                    ..Given::default()
                },
                BadManifest::BinaryName(1),
            ),
            (
                Given {
                    names: ["", "a"],
                    ..Given::default()
                },
                BadManifest::BinaryName(0),
            ),
            (
                Given {
                    offset: 0,
                    ..Given::default()
                },
                BadManifest::BinaryPlace(0),
            ),
            (
                Given {
                    offset: 4097,
                    ..Given::default()
                },
                BadManifest::BinaryPlace(0),
            ),
            (
                Given {
                    length: 6,
                    ..Given::default()
                },
                BadManifest::BinaryPlace(0),
            ),
            (
                Given {
                    length: u64::MAX,
                    ..Given::default()
                },
                BadManifest::BinaryPlace(0),
            ),
            (
                Given {
                    length: 4,
                    ..Given::default()
                },
                BadManifest::BinaryDigest(0),
            ),
        ];
        for (given, expected) in cases {
            assert_eq!(plan(&given).err(), Some(expected));
        }
    }
}
