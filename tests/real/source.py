"""Gets a project's source from its registry, of one version and one SHA-256, and makes a git repository of it."""
import dataclasses
import hashlib
import pathlib
import shutil
import subprocess
import tarfile

DEBIAN_SOURCES = pathlib.Path("/etc/apt/sources.list.d/debian.sources")
DOWNLOAD_SECONDS = 180
MOST_BYTES = 64 << 20


@dataclasses.dataclass(frozen=True)
class Source:
    registry: str  # debian, npm or pypi
    name: str
    version: str
    file: str
    sha256: str


def apt_options(directory):
    """Lists of sources of our own: the machine's may be without them."""
    at = directory / "apt"
    (at / "sources").mkdir(parents=True, exist_ok=True)
    (at / "lists/partial").mkdir(parents=True, exist_ok=True)
    (at / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    if not DEBIAN_SOURCES.exists():
        raise RuntimeError(f"{DEBIAN_SOURCES} says where Debian's packages are, and does not exist")
    (at / "sources/sources.sources").write_text(
        DEBIAN_SOURCES.read_text().replace("Types: deb\n", "Types: deb-src\n"))
    settings = {"APT::Sandbox::User": "root", "Dir::Etc::SourceList": "/dev/null",
                "Dir::Etc::SourceParts": at / "sources", "Dir::State::lists": at / "lists", "Dir::Cache": at / "cache"}
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def commands(source, directory):
    wanted = f"{source.name}={source.version}"
    match source.registry:
        case "debian":
            options = apt_options(directory)
            return [["apt-get", "-q", *options, "update"],
                    ["apt-get", "-q", *options, "source", "--download-only", "--tar-only", wanted]]
        case "npm":
            return [["npm", "pack", "--silent", f"{source.name}@{source.version}"]]
        case "pypi":
            return [["pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
                     f"{source.name}=={source.version}"]]
    raise ValueError(f"no registry is called {source.registry}")


def sha256_of(file):
    if file.stat().st_size > MOST_BYTES:
        raise RuntimeError(f"{file.name} has more than {MOST_BYTES} bytes")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def fetch(source, directory):
    """The archive; it is downloaded once."""
    downloads = directory / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    file = downloads / source.file
    if not file.exists():
        for command in commands(source, directory):
            done = subprocess.run(command, cwd=downloads, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS,
                                  check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{source.name} {source.version} cannot be had: {done.stderr.strip()[-500:]}")
    if (found := sha256_of(file)) != source.sha256:
        file.unlink()
        raise RuntimeError(f"{source.file} has the SHA-256 {found}, not {source.sha256}")
    return file


def git(repository, *words):
    identity = ["-c", "user.name=Gyre", "-c", "user.email=gyre@localhost", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", repository, *identity, *words], check=True, stdout=subprocess.DEVNULL)


def make_repository(source, config, directory):
    """A fresh working copy with the project's files and our config, all committed."""
    repository = directory / "copies" / source.name
    shutil.rmtree(repository, ignore_errors=True)
    repository.parent.mkdir(parents=True, exist_ok=True)
    unpacked = repository.parent / (source.name + ".unpacked")
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(fetch(source, directory)) as archive:
        archive.extractall(unpacked, filter="data")
    (top,) = unpacked.iterdir()
    top.rename(repository)
    unpacked.rmdir()
    (repository / ".circleci").mkdir(exist_ok=True)
    (repository / ".circleci/config.yml").write_text(config)
    git(repository, "init", "--quiet")
    git(repository, "add", "--all", "--force")
    git(repository, "commit", "--quiet", "--message", f"{source.name} {source.version}")
    return repository
