#include "config/spec_order.h"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

namespace gyre::config {
namespace {

using Order = std::strong_ordering;

// They call each other.
template <typename T>
Order order_of(const T& a, const T& b);
template <typename T>
Order order_of(const std::vector<T>& a, const std::vector<T>& b);
template <typename T>
Order order_of(const std::optional<T>& a, const std::optional<T>& b);
template <typename... Kinds>
Order order_of(const std::variant<Kinds...>& a, const std::variant<Kinds...>& b);

template <typename T>
Order order_of(const std::vector<T>& a, const std::vector<T>& b) {
    Order order = a.size() <=> b.size();
    for (std::size_t i = 0; i < a.size() && order == 0; ++i) order = order_of(a[i], b[i]);
    return order;
}

template <typename T>
Order order_of(const std::optional<T>& a, const std::optional<T>& b) {
    return a && b ? order_of(*a, *b) : a.has_value() <=> b.has_value();
}

template <typename... Kinds>
Order order_of(const std::variant<Kinds...>& a, const std::variant<Kinds...>& b) {
    if (a.index() != b.index()) return a.index() <=> b.index();
    return std::visit([&](const auto& one) { return order_of(one, std::get<std::decay_t<decltype(one)>>(b)); }, a);
}

template <typename T>
Order order_of(const T& a, const T& b) {
    if constexpr (boost::describe::has_describe_members<T>::value) {
        static_assert(!std::is_empty_v<T>, "a struct without members would always be equal");
        Order order = Order::equal;
        boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
            if (order == 0) order = order_of(a.*member.pointer, b.*member.pointer);
        });
        return order;
    } else {
        return a <=> b;
    }
}

}  // namespace

Order compare(const JobSpec& a, const JobSpec& b) { return order_of(a, b); }

}  // namespace gyre::config
