//! `BootPackage`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::boot_package as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `BootPackage`.
    BootPackage of schema::INTERFACE_ID
}

impl<T: Transport> BootPackage<T> {
    /// At most 32 KiB of the boot manifest message, and the message's whole length.
    #[inline]
    pub(crate) fn call_read_manifest<'r>(
        &self,
        offset: u32,
        length: u32,
        results: &'r mut [u8],
    ) -> Result<(&'r [u8], u32), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::read_manifest::ParamsWriter::root(&mut message)?;
        writer.set_offset(offset);
        writer.set_length(length);
        let params = message.finish();
        let method = schema::read_manifest::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::read_manifest::ResultsReader::read(reply.payload)?;
        Ok((results.data()?, results.total()))
    }
}

/// What serves `BootPackage`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait BootPackageService {
    /// At most 32 KiB of the boot manifest message, and the message's whole length.
    fn read_manifest(
        &mut self,
        offset: u32,
        length: u32,
        results: schema::read_manifest::ResultsWriter<'_>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `BootPackage`, hands them on, and encodes the results.
pub struct BootPackageServer<S>(pub S);

impl<S: BootPackageService, T: Transport> Service<T> for BootPackageServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("BootPackage"));
        }
        let _ = given;
        match call.method {
            schema::read_manifest::METHOD => {
                let params = schema::read_manifest::ParamsReader::read(call.payload)?;
                let results = schema::read_manifest::ResultsWriter::root(message)?;
                self.0
                    .read_manifest(params.offset(), params.length(), results)?;
            }
            _ => return Err(no_such_method("BootPackage")),
        }
        Ok(())
    }
}
