//! BlockDevice: reads and writes whole blocks.

use capos_abi::generated::CapExceptionType;
use capos_abi::generated::block_device::{flush, info, read, write};
use capos_abi::wire::MessageWriter;
use capos_abi::{CapError, limits};

use super::{EMPTY_RESULTS, Reply, Request, bad_message, exception, invalid, no_room, nothing};
use crate::system::{BlockError, Machine};

/// A results message with one data field: root pointer, list pointer, the bytes.
const DATA_HEADER: usize = 16;

pub(super) fn call<M: Machine>(
    machine: &mut M,
    request: &Request<'_>,
    device: u16,
    output: &mut [u8],
) -> Result<Reply, CapError> {
    let Some(facts) = machine.block_facts(device) else {
        return failed(output, BlockError::Device);
    };
    let block = facts.block_bytes as usize;
    match request.method() {
        info::METHOD => {
            info::ParamsReader::read(request.input).map_err(bad_message)?;
            let mut message = MessageWriter::new(output);
            let mut results = info::ResultsWriter::root(&mut message).map_err(no_room)?;
            let mut body = results.init_info().map_err(no_room)?;
            body.set_block_size(facts.block_bytes);
            body.set_block_count(facts.block_count);
            body.set_read_only(facts.read_only);
            let serial = facts.serial.get(..facts.serial_len).unwrap_or(&[]);
            body.set_serial(core::str::from_utf8(serial).unwrap_or(""))
                .map_err(no_room)?;
            Ok(Reply::Results(message.finish().len()))
        }
        read::METHOD => {
            let params = read::ParamsReader::read(request.input).map_err(bad_message)?;
            let bytes = (params.count() as usize).saturating_mul(block);
            if bytes > limits::TRANSFER_BYTES {
                return invalid(output, "at most 32768 bytes can be read at once");
            }
            request.needs(bytes.saturating_add(DATA_HEADER), 0)?;
            let mut message = MessageWriter::new(output);
            let mut results = read::ResultsWriter::root(&mut message).map_err(no_room)?;
            let data = results.init_data(bytes).map_err(no_room)?;
            match machine.block_read(device, params.start(), data) {
                Ok(()) => Ok(Reply::Results(message.finish().len())),
                Err(error) => failed(output, error),
            }
        }
        write::METHOD => {
            let params = write::ParamsReader::read(request.input).map_err(bad_message)?;
            let data = params.data().map_err(bad_message)?;
            if data.len() > limits::TRANSFER_BYTES || data.len().checked_rem(block) != Some(0) {
                return invalid(output, "a write is whole blocks, at most 32768 bytes");
            }
            request.needs(EMPTY_RESULTS, 0)?;
            if let Err(error) = machine.block_write(device, params.start(), data) {
                return failed(output, error);
            }
            let mut message = MessageWriter::new(output);
            write::ResultsWriter::root(&mut message).map_err(no_room)?;
            Ok(nothing(message))
        }
        flush::METHOD => {
            flush::ParamsReader::read(request.input).map_err(bad_message)?;
            request.needs(EMPTY_RESULTS, 0)?;
            if let Err(error) = machine.block_flush(device) {
                return failed(output, error);
            }
            let mut message = MessageWriter::new(output);
            flush::ResultsWriter::root(&mut message).map_err(no_room)?;
            Ok(nothing(message))
        }
        _ => Err(CapError::BadMethod),
    }
}

fn failed(output: &mut [u8], error: BlockError) -> Result<Reply, CapError> {
    match error {
        BlockError::Range => invalid(output, "these blocks are not all on the device"),
        BlockError::ReadOnly => invalid(output, "the device can only be read"),
        BlockError::Device => exception(output, CapExceptionType::Failed, "the device failed"),
    }
}
