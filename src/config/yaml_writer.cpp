#include "config/yaml_writer.h"

#include "base/utf8.h"
#include "config/yaml_scalar.h"

namespace gyre::config {
namespace {

constexpr std::size_t longest_simple_key = 1000;  // readers look no further for the ':'

class Writer {
public:
    std::string write(const Yaml& value) {
        if (value.items.empty()) {
            out_ += scalar(value, 0) + "\n";
        } else {
            write_items(value, 0, false);
        }
        return std::move(out_);
    }

private:
    static std::string scalar(const Yaml& value, std::size_t indent) {
        if (value.kind == Yaml::Kind::list) return "[]";
        if (value.kind == Yaml::Kind::mapping) return "{}";
        if (value.kind == Yaml::Kind::word) return value.text;
        const std::string text = valid_utf8(value.text);
        return fits_yaml_block(text) ? yaml_block(text, std::string(indent + 2, ' ')) : yaml_line(text);
    }

    // `begun`: the first line is there already, up to the column of the collection.
    void write_items(const Yaml& collection, std::size_t indent, bool begun) {
        const bool list = collection.kind == Yaml::Kind::list;
        for (std::size_t i = 0; i < collection.items.size(); ++i) {
            if (i > 0 || !begun) out_.append(indent, ' ');
            if (list) {
                out_ += '-';
                write_item(collection.items[i], indent);
            } else {
                write_key(collection.keys[i], indent);
                write_value(collection.items[i], indent);
            }
        }
    }

    void write_key(const std::string& key, std::size_t indent) {
        const std::string written = yaml_line(valid_utf8(key));
        if (written.size() <= longest_simple_key) {
            out_ += written + ":";
        } else {
            out_ += "? " + written + "\n" + std::string(indent, ' ') + ":";
        }
    }

    void write_value(const Yaml& value, std::size_t indent) {
        if (value.items.empty()) {
            out_ += " " + scalar(value, indent) + "\n";
        } else {
            out_ += '\n';
            write_items(value, indent + 2, false);
        }
    }

    void write_item(const Yaml& value, std::size_t indent) {
        out_ += ' ';
        if (value.items.empty()) {
            out_ += scalar(value, indent) + "\n";
        } else {
            write_items(value, indent + 2, true);
        }
    }

    std::string out_;
};

}  // namespace

Yaml Yaml::of_texts(const std::vector<std::string>& texts) {
    Yaml all = list();
    for (const std::string& text : texts) all.add(of_text(text));
    return all;
}

Yaml& Yaml::add(Yaml item) {
    items.push_back(std::move(item));
    return *this;
}

Yaml& Yaml::set(std::string key, Yaml value) {
    keys.push_back(std::move(key));
    items.push_back(std::move(value));
    return *this;
}

Yaml& Yaml::set_unless_empty(std::string key, const std::string& value) {
    return value.empty() ? *this : set(std::move(key), of_text(value));
}

std::string write_yaml(const Yaml& value) { return Writer().write(value); }

}  // namespace gyre::config
