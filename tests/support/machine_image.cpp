#include "support/machine_image.h"

#include <fstream>
#include <sstream>

#include "base/http_client.h"
#include "base/process.h"

namespace gyre::test {
namespace {

constexpr const char* make_root = R"sh(
set -eu
root=$1
mkdir -p "$root"/usr/{bin,lib,lib64} "$root"/{etc,tmp,root}
for folder in bin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
with_libraries() {
    { ldd "$@" || true; } | grep -o '/[^ ]*' | grep -v ':$' | sort -u | while read -r library; do
        target=$root/usr/${library#/}
        target=${target/#$root\/usr\/usr/$root\/usr}
        mkdir -p "${target%/*}"
        cp -L "$library" "$target"
    done
}
for name in $2; do
    for folder in /bin /usr/bin; do [ ! -e "$folder/$name" ] || program=$folder/$name; done
    cp -L "$program" "$root/usr/bin/$name"
    with_libraries "$program"
done
for folder in $3; do
    mkdir -p "$root$folder"
    tar -C "$folder" --exclude=__pycache__ --exclude=test -c . | tar -C "$root$folder" -x
    find "$folder" -name '*.so' | while read -r library; do with_libraries "$library"; done
done
printf 'root:x:0:0:root:/root:/bin/bash\n' > "$root/etc/passwd"
printf 'root:x:0:\n' > "$root/etc/group"
printf 'image\n' > "$root/etc/issue"
chmod 1777 "$root/tmp"
tar -C "$root" -c -f "$root.tar" .
)sh";

std::string in_one_line(const std::vector<std::string>& words) {
    std::string line;
    for (const auto& word : words) line += word + ' ';
    return line;
}

}  // namespace

Result<std::string> machine_root(const std::string& directory, const MachineImage& image) {
    const std::string root = directory + "/root";
    Command make;
    make.argv = {"bash", "-c", make_root, "-", root, in_one_line(image.programs), in_one_line(image.folders)};
    GYRE_TRY_ASSIGN(const Finished made, run(make));
    if (made.exit_code != 0) return unavailable("an image of this machine's programs: " + made.err);
    return root;
}

Result<void> import_machine_image(const RunningEngine& engine, const std::string& directory,
                                  const MachineImage& image) {
    GYRE_TRY_ASSIGN(const std::string root, machine_root(directory, image));
    // podman knows no `tag` here, and docker takes it as a part of the name.
    http::Request request{.method = "POST",
                          .target = "/images/create?fromSrc=-&repo=" + http::url_encode(image.name + ":" + image.tag),
                          .headers = {{"Content-Type", "application/x-tar"}}};
    std::ostringstream archive;
    archive << std::ifstream(root + ".tar", std::ios::binary).rdbuf();
    request.text = std::move(archive).str();
    http::Client client(http::Endpoint{engine.socket(), {}, {}});
    GYRE_TRY_ASSIGN(const auto imported, client.send(request));
    if (!imported.ok()) return unavailable(request.target + ": " + imported.body);
    return {};
}

}  // namespace gyre::test
