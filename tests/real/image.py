"""The image that all projects run in: Debian by debootstrap, and the packages of Dockerfile."""
import pathlib
import shutil
import subprocess

NAME = "gyre-real/ci:bookworm"
BASE = "gyre-real/debootstrap:bookworm"
HERE = pathlib.Path(__file__).resolve().parent
MACHINE_CERTIFICATES = pathlib.Path("/usr/local/share/ca-certificates")


def make_base(engine, directory):
    root = directory / "rootfs"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, timeout=900,
                   stdout=subprocess.DEVNULL)
    archive = subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE)
    imported = engine.docker("import", "-", BASE, stdin=archive.stdout, stdout=subprocess.DEVNULL, seconds=300)
    if archive.wait() != 0 or imported.returncode != 0:
        raise RuntimeError("what debootstrap made cannot be imported")
    shutil.rmtree(root)


def make(engine, directory):
    """Makes the image when the engine does not have it; the engine keeps the layers that did not change."""
    if not engine.has_image(BASE):
        make_base(engine, directory)
    context = directory / "image"
    shutil.rmtree(context, ignore_errors=True)
    (context / "certificates").mkdir(parents=True)
    shutil.copy(HERE / "Dockerfile", context)
    for certificate in MACHINE_CERTIFICATES.glob("*.crt"):
        shutil.copy(certificate, context / "certificates")
    built = engine.docker("build", "-q", "-t", NAME, context, capture_output=True, text=True, seconds=1800)
    if built.returncode != 0:
        raise RuntimeError(f"the image cannot be built:\n{built.stdout[-2000:]}{built.stderr[-2000:]}")
