//! What a checker is told on its standard input: pieces of data once, and then states of a disk that are made of
//! them, so that thousands of states are cheap. All numbers are little-endian.
//!
//! | tag | fields | means |
//! | --- | --- | --- |
//! | `D` | bytes: u64 | the disk, blank; comes first |
//! | `W` | offset: u64, length: u32, data | the next piece, counted from 0: data for a place of the disk |
//! | `A` | piece, from, to: u32 | these bytes of a piece are on the disk from now on |
//! | `S` | count: u32, count × (piece, from, to: u32) | check the disk with these on top, in this order |

use crate::disk::Disk;
use std::io::{self, Read};

/// A part of a piece.
struct Part {
    piece: u32,
    from: u32,
    to: u32,
}

struct Piece {
    offset: u64,
    data: Vec<u8>,
}

/// Why the orders cannot be followed.
#[derive(Debug)]
pub enum Fault {
    /// They cannot be read, or end in the middle of one.
    Read(io::Error),
    /// What one says makes no sense; the number of its first byte, and why.
    Order(u64, &'static str),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Read(error) => write!(out, "the orders cannot be read: {error}"),
            Fault::Order(at, why) => write!(out, "the order at byte {at}: {why}"),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Read(error)
    }
}

/// Follows the orders to their end; `check` is called with the disk in each state.
pub fn follow(orders: impl Read, mut check: impl FnMut(&mut Disk)) -> Result<(), Fault> {
    let mut orders = Reader {
        from: orders,
        at: 0,
    };
    let mut disk = Disk::blank(0);
    let mut pieces: Vec<Piece> = Vec::new();
    loop {
        let start = orders.at;
        let Some(tag) = orders.tag()? else {
            return Ok(());
        };
        let refused = |why| Fault::Order(start, why);
        match tag {
            b'D' => {
                disk = Disk::blank(orders.u64()?);
                pieces.clear();
            }
            b'W' => {
                let offset = orders.u64()?;
                let length = orders.u32()?;
                pieces.push(Piece {
                    offset,
                    data: orders.bytes(length as usize)?,
                });
            }
            b'A' => {
                let (offset, data) = find(&pieces, &orders.part()?).map_err(refused)?;
                disk.apply(offset, data)
                    .map_err(|_| refused("it lies behind the end of the disk"))?;
            }
            b'S' => {
                for _ in 0..orders.u32()? {
                    let (offset, data) = find(&pieces, &orders.part()?).map_err(refused)?;
                    disk.overlay(offset, data)
                        .map_err(|_| refused("it lies behind the end of the disk"))?;
                }
                check(&mut disk);
                disk.take_back();
            }
            _ => return Err(refused("there is no such order")),
        }
    }
}

fn find<'p>(pieces: &'p [Piece], part: &Part) -> Result<(u64, &'p [u8]), &'static str> {
    let piece = pieces
        .get(part.piece as usize)
        .ok_or("there is no such piece")?;
    let data = piece
        .data
        .get(part.from as usize..part.to as usize)
        .ok_or("the piece is shorter than that")?;
    let offset = piece.offset.checked_add(u64::from(part.from));
    Ok((offset.ok_or("it lies behind the end of the disk")?, data))
}

struct Reader<R> {
    from: R,
    at: u64,
}

impl<R: Read> Reader<R> {
    /// The next order's tag; `None` at the end.
    fn tag(&mut self) -> Result<Option<u8>, Fault> {
        let mut tag = [0];
        if self.from.read(&mut tag)? == 0 {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(tag[0]))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes)?;
        self.at += length as u64;
        Ok(bytes)
    }

    fn part(&mut self) -> Result<Part, Fault> {
        Ok(Part {
            piece: self.u32()?,
            from: self.u32()?,
            to: self.u32()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, follow};
    use capos_formats::device::{BLOCK, Device, ZERO};

    /// Orders for a disk of two blocks with one piece of four bytes at byte 2.
    fn orders(rest: &[u8]) -> Vec<u8> {
        let mut all = vec![b'D'];
        all.extend((2 * BLOCK as u64).to_le_bytes());
        all.push(b'W');
        all.extend(2_u64.to_le_bytes());
        all.extend(4_u32.to_le_bytes());
        all.extend([1, 2, 3, 4]);
        all.extend(rest);
        all
    }

    fn part(piece: u32, from: u32, to: u32) -> Vec<u8> {
        [piece, from, to]
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect()
    }

    #[test]
    fn each_state_stands_on_what_was_applied_and_on_nothing_else() {
        let mut rest = vec![b'S', 1, 0, 0, 0];
        rest.extend(part(0, 0, 2));
        rest.push(b'A');
        rest.extend(part(0, 3, 4));
        rest.extend([b'S', 0, 0, 0, 0]);
        let mut seen = Vec::new();
        follow(orders(&rest).as_slice(), |disk| {
            let mut block = [ZERO];
            disk.read(0, &mut block).unwrap();
            seen.push(block[0][..7].to_vec());
        })
        .unwrap();
        assert_eq!(seen, [[0, 0, 1, 2, 0, 0, 0], [0, 0, 0, 0, 0, 4, 0]]);
    }

    #[test]
    fn orders_that_make_no_sense_are_refused_with_their_place() {
        for rest in [
            vec![b'X'],
            [vec![b'A'], part(1, 0, 1)].concat(),
            [vec![b'A'], part(0, 0, 5)].concat(),
            [vec![b'A'], part(0, 3, 2)].concat(),
        ] {
            let found = follow(orders(&rest).as_slice(), |_| {});
            assert!(matches!(found, Err(Fault::Order(26, _))), "{found:?}");
        }
        let cut = follow(orders(&[b'S', 1]).as_slice(), |_| {});
        assert!(matches!(cut, Err(Fault::Read(_))), "{cut:?}");
    }
}
