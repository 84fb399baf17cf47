//! Sockets of the file system: private from their first moment, in the place of a dead server's, never
//! in that of a living one.

use std::fs;
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// Which file of the system it is, whatever its name.
type Identity = (u64, u64);

/// The file of a socket, which is removed when this is dropped.
#[derive(Debug)]
pub struct SocketFile {
    pub(super) path: PathBuf,
    identity: Identity,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours =
            fs::symlink_metadata(&self.path).is_ok_and(|data| identity(&data) == self.identity);
        if ours {
            // Nobody can do anything about one that stays; the next server replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Listens at `path`. The socket is made where nobody else can reach it and linked into its place when
/// it is closed to others; of two servers that start at once, one gets it.
pub(super) async fn bind(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let folder = Private::beside(path)?;
    let (made, old) = (folder.0.join("s"), folder.0.join("o"));
    let listener = UnixListener::bind(&made).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => {
            io::Error::other("the path is too long for a socket; choose a shorter one")
        }
        _ => error,
    })?;
    fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
    let identity = identity(&fs::symlink_metadata(&made)?);
    while let Err(error) = fs::hard_link(&made, path) {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error);
        }
        put_aside(path, &old).await?;
    }
    Ok((listener, SocketFile { path: path.to_owned(), identity }))
}

/// Moves the socket of a dead server from `path` to `old`.
async fn put_aside(path: &Path, old: &Path) -> io::Result<()> {
    let refused = |words| Err(io::Error::new(io::ErrorKind::AddrInUse, words));
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Ok(data) if !data.file_type().is_socket() => {
            return refused("something else is there, which was left as it is");
        }
        known => known?,
    };
    const LIVES: &str = "another server listens there; stop it, or listen elsewhere";
    if is_live(path).await {
        return refused(LIVES);
    }
    match fs::rename(path, old) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        moved => moved?,
    }
    // Another server may have taken the place since it was looked at: it gets it back.
    if is_live(old).await {
        fs::hard_link(old, path)?;
        return refused(LIVES);
    }
    Ok(())
}

/// Whether somebody listens. One who has too much to do lives too.
async fn is_live(path: &Path) -> bool {
    match UnixStream::connect(path).await {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

fn identity(data: &fs::Metadata) -> Identity {
    (data.dev(), data.ino())
}

/// A folder that only its owner can enter, for as long as this lives.
struct Private(PathBuf);

impl Private {
    fn beside(path: &Path) -> io::Result<Self> {
        // Short, as the path of a socket must be.
        let mut name = uuid::Uuid::new_v4().simple().to_string();
        name.truncate(6);
        let folder = path.with_file_name(format!(".{name}"));
        // An error if it is there: it would be somebody else's.
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // One that stays is empty of anything but dead sockets.
        let _ = fs::remove_dir_all(&self.0);
    }
}
