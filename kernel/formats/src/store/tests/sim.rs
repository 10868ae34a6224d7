//! A block device in memory with a volatile cache, on which anything can go wrong.

use crate::device::{Block, Device, ZERO};

/// The error of a device that was told to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// The device. Writes wait in `cache` until a flush.
#[derive(Clone)]
pub struct Sim {
    pub durable: Vec<Block>,
    pub cache: Vec<(u64, Block)>,
    /// Fails every operation that changes something once so many have succeeded.
    pub fails_after: Option<usize>,
    /// What was written and when it was flushed, for crash states.
    pub log: Vec<Event>,
    pub reads: usize,
}

/// A change of the device.
#[derive(Clone)]
pub enum Event {
    Write(u64, Box<Block>),
    Flush,
}

impl Sim {
    pub fn blank(blocks: usize) -> Sim {
        Sim {
            durable: vec![ZERO; blocks],
            cache: Vec::new(),
            fails_after: None,
            log: Vec::new(),
            reads: 0,
        }
    }

    /// A device that holds `durable` and nothing in its cache.
    pub fn holding(durable: Vec<Block>) -> Sim {
        Sim {
            durable,
            ..Sim::blank(0)
        }
    }

    /// What a reader sees.
    fn view(&self, at: u64) -> Option<Block> {
        let cached = self.cache.iter().rev().find(|(place, _)| *place == at);
        cached
            .map(|(_, block)| *block)
            .or_else(|| self.durable.get(at as usize).copied())
    }

    fn step(&mut self) -> Result<(), Broken> {
        match &mut self.fails_after {
            Some(0) => Err(Broken),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Device for Sim {
    type Error = Broken;

    fn blocks(&self) -> u64 {
        self.durable.len() as u64
    }

    fn read(&mut self, start: u64, into: &mut [Block]) -> Result<(), Broken> {
        self.reads += 1;
        for (at, block) in (start..).zip(into) {
            *block = self.view(at).ok_or(Broken)?;
        }
        Ok(())
    }

    fn write(&mut self, start: u64, from: &[Block]) -> Result<(), Broken> {
        for (at, block) in (start..).zip(from) {
            self.step()?;
            assert!(
                (at as usize) < self.durable.len(),
                "write outside the device"
            );
            self.cache.push((at, *block));
            self.log.push(Event::Write(at, Box::new(*block)));
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Broken> {
        self.step()?;
        for (at, block) in self.cache.drain(..) {
            self.durable[at as usize] = block;
        }
        self.log.push(Event::Flush);
        Ok(())
    }
}
