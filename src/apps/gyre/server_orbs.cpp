#include "apps/gyre/server_orbs.h"

#include "apps/gyre/cli.h"
#include "apps/gyre/cmd_orb.h"
#include "config/nearest.h"
#include "model/orb.h"

namespace gyre::apps {
namespace {

constexpr const char* no_answer = "a server that answers (--server, `gyre login`)";

// Asked for once, when the first orb is not there.
class Names {
public:
    explicit Names(std::shared_ptr<ApiClient> client) : client_(std::move(client)) {}

    std::string nearest(const std::string& name) {
        if (!asked_) {
            const auto orbs = list_all_orbs(*client_, "");
            for (const auto& orb : orbs ? *orbs : json::array{}) names_.push_back(text_of(orb, "name"));
        }
        asked_ = true;
        return config::nearest(name, names_);
    }

private:
    std::shared_ptr<ApiClient> client_;
    bool asked_ = false;
    std::vector<std::string> names_;
};

}  // namespace

std::string orb_address(const std::string& name) {
    const auto slash = name.find('/');
    return "/api/v2/gyre/orbs/" + http::url_encode(name.substr(0, slash)) + "/" +
           http::url_encode(slash == std::string::npos ? "" : name.substr(slash + 1));
}

config::OrbSource orbs_of_server(std::shared_ptr<ApiClient> client, OrbTrouble trouble) {
    return [client, names = std::make_shared<Names>(client),
            trouble = std::move(trouble)](const config::OrbReference& reference) -> config::OrbAnswer {
        if (*trouble) return config::OrbAbsent{(*trouble)->message, no_answer};
        if (const auto good = check_orb_name(reference.name); !good)
            return config::OrbAbsent{good.error().message, "such a name"};
        const auto answer =
            client->get(orb_address(reference.name) + "/source?version=" + http::url_encode(reference.version));
        if (answer) {
            const std::string version = text_of(*answer, "version");
            return config::OrbText{reference.name + "@" + version, version, text_of(*answer, "source")};
        }
        const Error& error = answer.error();
        if (error.fault == Fault::not_found || error.fault == Fault::invalid) {
            const std::string near = names->nearest(reference.name);
            return config::OrbAbsent{error.message,
                                     "its source on the server: gyre orb publish FILE " + reference.name +
                                         "@VERSION, or gyre orb import BUNDLE",
                                     near == reference.name ? "" : near};
        }
        *trouble = error;
        return config::OrbAbsent{error.message, no_answer};
    };
}

config::OrbSource either(config::OrbSource first, config::OrbSource second) {
    if (!first) return second;
    if (!second) return first;
    return [first = std::move(first), second = std::move(second)](const config::OrbReference& reference) {
        auto answer = first(reference);
        const auto* missing = std::get_if<config::OrbAbsent>(&answer);
        if (missing == nullptr) return answer;
        auto other = second(reference);
        auto* absent = std::get_if<config::OrbAbsent>(&other);
        if (absent != nullptr && absent->nearest.empty()) absent->nearest = missing->nearest;
        return other;
    };
}

}  // namespace gyre::apps
