//! Block devices.
use capos_core::system::{BlockError, BlockFacts};
pub struct Disks;
impl Disks {
    pub const fn new() -> Self {
        Self
    }
    pub fn facts(&self, _d: u16) -> Option<BlockFacts> {
        None
    }
    pub fn read(&mut self, _d: u16, _s: u64, _i: &mut [u8]) -> Result<(), BlockError> {
        Err(BlockError::Device)
    }
    pub fn write(&mut self, _d: u16, _s: u64, _i: &[u8]) -> Result<(), BlockError> {
        Err(BlockError::Device)
    }
    pub fn flush(&mut self, _d: u16) -> Result<(), BlockError> {
        Err(BlockError::Device)
    }
    pub fn find(&self, _s: &str) -> Option<u16> {
        None
    }
}
