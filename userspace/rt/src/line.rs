//! One line of text on its way to a Console.

use capos_abi::limits::CONSOLE_LINE;
use core::fmt;

const CUT: &[u8] = b"...";

/// Collects a line of at most 512 bytes. What does not fit is cut, and the line then ends in `...`.
pub struct Line {
    bytes: [u8; CONSOLE_LINE],
    length: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            bytes: [0; CONSOLE_LINE],
            length: 0,
        }
    }
}

impl Line {
    /// Formats a line.
    pub fn format(arguments: fmt::Arguments<'_>) -> Self {
        let mut line = Self::default();
        // Only a `Display` of the arguments can fail; then the line is what came before.
        let _ = fmt::Write::write_fmt(&mut line, arguments);
        line
    }

    /// The line's bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let fits = text.len() <= room.len();
        room.iter_mut()
            .zip(text.bytes())
            .for_each(|(to, from)| *to = from);
        self.length = self.length.saturating_add(text.len()).min(CONSOLE_LINE);
        if !fits && let Some(end) = self.bytes.last_chunk_mut::<{ CUT.len() }>() {
            end.copy_from_slice(CUT);
        }
        Ok(())
    }
}

/// Prints a line on a Console: `say!(console, "started {name}")`. A failure is ignored: a program
/// that cannot print has nobody to tell.
#[macro_export]
macro_rules! say {
    ($console:expr, $($format:tt)*) => {{
        let line = $crate::line::Line::format(::core::format_args!($($format)*));
        let _ = $console.write_line(line.bytes());
    }};
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn long_lines_are_cut_visibly() {
        let text = "x".repeat(512);
        assert_eq!(
            Line::format(format_args!("{text}")).bytes(),
            text.as_bytes()
        );
        let cut = Line::format(format_args!("a{text}{text}"));
        assert_eq!(cut.bytes().len(), 512);
        assert_eq!(&cut.bytes()[508..], b"x...");
        assert_eq!(Line::format(format_args!("{}-{}", 1, "b")).bytes(), b"1-b");
    }
}
