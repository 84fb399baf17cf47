//! Waiting for a file to change: asleep until the system tells of it where it does, looking twice
//! a second where it does not.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How soon a change is noticed.
const INTERVAL: Duration = Duration::from_millis(500);

/// Ends the waiting when it is dropped.
pub(super) struct Stop {
    _channel: Sender<()>,
    #[cfg(target_os = "linux")]
    bell: Option<notices::Bell>,
}

/// The waiting side.
pub(super) struct Eyes {
    stopped: Receiver<()>,
    #[cfg(target_os = "linux")]
    bell: Option<notices::Bell>,
    #[cfg(target_os = "linux")]
    notices: Option<notices::Notices>,
}

/// Both sides.
pub(super) fn pair() -> (Stop, Eyes) {
    let (sender, stopped) = channel();
    #[cfg(target_os = "linux")]
    let bell = notices::Bell::new();
    let eyes = Eyes {
        stopped,
        #[cfg(target_os = "linux")]
        bell: bell.clone(),
        #[cfg(target_os = "linux")]
        notices: None,
    };
    let stop = Stop {
        _channel: sender,
        #[cfg(target_os = "linux")]
        bell,
    };
    (stop, eyes)
}

#[cfg(target_os = "linux")]
impl Drop for Stop {
    fn drop(&mut self) {
        if let Some(bell) = &self.bell {
            bell.ring();
        }
    }
}

impl Eyes {
    /// Says which file to wait for; its folder must be there.
    pub(super) fn look_at(&mut self, file: &Path) {
        #[cfg(target_os = "linux")]
        {
            self.notices = notices::Notices::of(file);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = file;
    }

    /// Waits until the file may have changed. `false`: it is time to stop.
    pub(super) fn wait(&mut self) -> bool {
        #[cfg(target_os = "linux")]
        if let (Some(notices), Some(bell)) = (&self.notices, &self.bell)
            && let Some(goes_on) = notices.wait(bell, INTERVAL)
        {
            return goes_on;
        }
        self.stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout)
    }
}

#[cfg(target_os = "linux")]
mod notices {
    use std::ffi::OsString;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
    use rustix::fs::inotify::{CreateFlags, Reader, WatchFlags, add_watch, init};
    use rustix::io::Errno;

    /// Wakes the waiting thread, for good.
    #[derive(Clone)]
    pub(super) struct Bell(Arc<OwnedFd>);

    impl Bell {
        pub(super) fn new() -> Option<Self> {
            eventfd(0, EventfdFlags::CLOEXEC).ok().map(|bell| Self(Arc::new(bell)))
        }

        pub(super) fn ring(&self) {
            // Only a counter that is full cannot be raised, and then it has rung.
            let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
        }
    }

    /// What the system tells of the files of one folder.
    pub(super) struct Notices {
        queue: OwnedFd,
        name: OsString,
    }

    impl Notices {
        /// `None` where the system does not tell; then there are other ways.
        pub(super) fn of(file: &Path) -> Option<Self> {
            let queue = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            let flags = WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::ATTRIB;
            add_watch(&queue, file.parent()?, flags).ok()?;
            Some(Self { queue, name: file.file_name()?.to_owned() })
        }

        /// Waits for a notice of the file, and then `gathering` longer for those that follow it at
        /// once. `Some(false)`: the bell has rung; `None`: the system fails.
        pub(super) fn wait(&self, bell: &Bell, gathering: Duration) -> Option<bool> {
            loop {
                let mut both =
                    [PollFd::new(&*bell.0, PollFlags::IN), PollFd::new(&self.queue, PollFlags::IN)];
                match poll(&mut both, None) {
                    Err(Errno::INTR) => continue,
                    Err(_) => return None,
                    Ok(_) if !both[0].revents().is_empty() => return Some(false),
                    Ok(_) => {}
                }
                if self.drain()? {
                    let gathering = Timespec::try_from(gathering).ok()?;
                    let mut one = [PollFd::new(&*bell.0, PollFlags::IN)];
                    // Waking early does no harm.
                    let rung = poll(&mut one, Some(&gathering)).is_ok_and(|ready| ready > 0);
                    self.drain()?;
                    return Some(!rung);
                }
            }
        }

        /// Takes all notices; whether one is of the file.
        fn drain(&self) -> Option<bool> {
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let mut reader = Reader::new(&self.queue, &mut buffer);
            let mut seen = false;
            loop {
                match reader.next() {
                    Ok(event) => {
                        let name = event.file_name().map(|name| name.to_bytes());
                        // One without a name tells that some were lost.
                        seen |= name.is_none_or(|name| name == self.name.as_bytes());
                    }
                    Err(Errno::AGAIN) => return Some(seen),
                    Err(Errno::INTR) => {}
                    Err(_) => return None,
                }
            }
        }
    }
}
