//! BootPackage: reads the boot manifest.

use capos_abi::generated::boot_package::read_manifest;
use capos_abi::wire::MessageWriter;
use capos_abi::{CapError, limits};

use super::{Reply, Request, bad_message, invalid, no_room};
use crate::system::Machine;

pub(super) fn call<M: Machine>(
    machine: &mut M,
    request: &Request<'_>,
    output: &mut [u8],
) -> Result<Reply, CapError> {
    if request.method() != read_manifest::METHOD {
        return Err(CapError::BadMethod);
    }
    let params = read_manifest::ParamsReader::read(request.input).map_err(bad_message)?;
    let manifest = machine.manifest();
    let (start, len) = (params.offset() as usize, params.length() as usize);
    if len > limits::TRANSFER_BYTES {
        return invalid(output, "at most 32768 bytes can be read at once");
    }
    // What lies behind the end reads as nothing.
    let rest = manifest.get(start..).unwrap_or(&[]);
    let part = rest.get(..len).unwrap_or(rest);
    let mut message = MessageWriter::new(output);
    let mut results = read_manifest::ResultsWriter::root(&mut message).map_err(no_room)?;
    results.set_data(part).map_err(no_room)?;
    results.set_total(manifest.len() as u32);
    Ok(Reply::Results(message.finish().len()))
}
