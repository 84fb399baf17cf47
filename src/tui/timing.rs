//! How long frames take, in a build with the feature `timing`: gathered while the client runs and
//! written into the log when it ends. In every other build there is nothing of it.

#[cfg(feature = "timing")]
use std::time::Instant;

/// Frames that are remembered; later ones are not, so that a long run needs no more memory.
#[cfg(feature = "timing")]
const MOST: usize = 1 << 20;

/// The times of all frames so far.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// In microseconds.
    #[cfg(feature = "timing")]
    times: Vec<u32>,
}

impl Frames {
    /// Draws a frame, and takes the time.
    pub(super) fn time<T>(&mut self, draw: impl FnOnce() -> T) -> T {
        #[cfg(feature = "timing")]
        let began = Instant::now();
        let drawn = draw();
        #[cfg(feature = "timing")]
        if self.times.len() < MOST {
            self.times.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
        drawn
    }

    /// Writes into the log what there is to tell.
    pub(super) fn tell(&mut self) {
        #[cfg(feature = "timing")]
        if let Some(last) = self.times.len().checked_sub(1) {
            self.times.sort_unstable();
            let at = |percent: usize| self.times[last * percent / 100];
            let (p50, p99, longest) = (at(50), at(99), self.times[last]);
            tracing::info!(frames = last + 1, p50, p99, longest, "frame times in microseconds");
        }
    }
}
