//! The two ways in which a flood asks for the processor.

/// How a flood enters the kernel.
#[derive(Clone, Copy)]
pub enum Style {
    /// It waits for a nanosecond whenever an entry does, and so gives the processor up again and again.
    Naps,
    /// It never waits, and so runs for as long as it may.
    NeverWaits,
}

impl Style {
    /// The style that a program is told by `style=never-waits`.
    pub fn of_argument(argument: Option<&[u8]>) -> Self {
        match argument {
            Some(b"never-waits") => Style::NeverWaits,
            _ => Style::Naps,
        }
    }

    /// How a program that calls a neighbour's `begin` is going to flood.
    pub fn of_method(method: u16) -> Self {
        match method {
            0 => Style::Naps,
            _ => Style::NeverWaits,
        }
    }

    /// The method of `begin` that says so.
    pub fn method(self) -> u16 {
        match self {
            Style::Naps => 0,
            Style::NeverWaits => 1,
        }
    }

    /// In a line that tells of it.
    pub fn name(self) -> &'static str {
        match self {
            Style::Naps => "naps",
            Style::NeverWaits => "never-waits",
        }
    }
}
