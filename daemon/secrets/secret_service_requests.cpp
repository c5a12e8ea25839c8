// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/secret_service_requests.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "common/untrusted_text.hpp"

namespace jackin::secrets {
namespace {

using Effect = SecretServiceBus::Effect;

constexpr const char* service_path = "/org/freedesktop/secrets";
constexpr const char* service_interface = "org.freedesktop.Secret.Service";
constexpr const char* collection_interface = "org.freedesktop.Secret.Collection";
constexpr const char* item_interface = "org.freedesktop.Secret.Item";
// The standard's value for a path that does not exist.
constexpr std::string_view no_path = "/";

constexpr const char* application = "jackin";

Remedy unlock_it() {
  return Remedy::try_again("when your keyring is unlocked: log in to your desktop, or open its password manager");
}

GVariant* text_map(const std::map<std::string, std::string>& attributes) {
  GVariantBuilder builder;
  g_variant_builder_init(&builder, G_VARIANT_TYPE("a{ss}"));
  for (const auto& [name, value] : attributes) g_variant_builder_add(&builder, "{ss}", name.c_str(), value.c_str());
  return g_variant_builder_end(&builder);
}

std::vector<std::string> paths_in(GVariant* list) {
  std::vector<std::string> paths;
  GVariantIter iterator;
  g_variant_iter_init(&iterator, list);
  const char* path = nullptr;
  while (g_variant_iter_next(&iterator, "&o", &path) != FALSE) paths.emplace_back(path);
  return paths;
}

GVariant* path_list(const std::vector<std::string>& paths) {
  GVariantBuilder builder;
  g_variant_builder_init(&builder, G_VARIANT_TYPE("ao"));
  for (const auto& path : paths) g_variant_builder_add(&builder, "o", path.c_str());
  return g_variant_builder_end(&builder);
}

std::string only_path_in(GVariant* reply) {
  const char* path = nullptr;
  g_variant_get(reply, "(&o)", &path);
  return path;
}

bool is_bus_text(const std::string& text) {
  return g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) != FALSE;
}

tl::unexpected<Error> no_item(const OsStoreSource& name) {
  return failure(Reason::source_gone, "the Secret Service has no item with " + in_words(name),
                 Remedy::of(RemedyAction::rotate).noting("or put the item back into your keyring"));
}

tl::unexpected<Error> dismissed() {
  return failure(Reason::source_unreachable,
                 "the keyring stays locked: the prompt to unlock it was dismissed, or could not be shown", unlock_it());
}

bool is_among(const std::vector<FoundItem>& all, const FoundItem& one) {
  return std::any_of(all.begin(), all.end(), [&](const FoundItem& other) { return other.path == one.path; });
}

}  // namespace

std::string in_words(const OsStoreSource& name) {
  return "the service '" + printable(name.service) + "' and the account '" + printable(name.account) + "'";
}

template <typename T>
Result<T> SecretServiceRequests::checked(BusResult<T> answer) {
  if (answer) return *std::move(answer);
  const BusFault& fault = answer.error();
  switch (fault.kind) {
    case BusFault::Kind::locked:
      known_open_ = false;
      return failure(Reason::source_unreachable, "the keyring is locked", unlock_it());
    case BusFault::Kind::no_object:
      // The item existed a moment ago.
      return failure(Reason::source_unreachable, "the item has been deleted or moved meanwhile", Remedy::try_again());
    case BusFault::Kind::denied:
      return failure(Reason::source_denied, "the Secret Service refuses: " + fault.text.shown(tokens_),
                     Remedy::try_again("after you allow jackind in your password manager"));
    case BusFault::Kind::no_answer:
      return failure(Reason::source_unreachable, "the Secret Service gives no answer: " + fault.text.shown(tokens_),
                     Remedy::try_again("when your password manager runs"));
    case BusFault::Kind::other:
      break;
  }
  return failure(Reason::source_unreachable, "the Secret Service reports: " + fault.text.shown(tokens_),
                 Remedy::try_again());
}

Result<std::optional<std::string>> SecretServiceRequests::default_keyring() {
  TRY(const auto reply,
      checked(bus_.call(service_path, service_interface, "ReadAlias", g_variant_new("(s)", "default"), "(o)")));
  std::string path = only_path_in(reply.get());
  if (path == no_path) return std::optional<std::string>();
  return std::optional(std::move(path));
}

Result<std::string> SecretServiceRequests::expect_default_keyring() {
  TRY(auto path, default_keyring());
  if (path) return *std::move(path);
  return failure(
      Reason::source_unreachable, "the Secret Service has no default keyring",
      Remedy::try_again("when your password manager (Passwords and Keys, KeePassXC) has made one the default"));
}

Result<bool> SecretServiceRequests::is_locked(const std::string& path, const char* interface) {
  TRY(const auto value, checked(bus_.property(path, interface, "Locked", "b")));
  const bool locked = g_variant_get_boolean(value.get()) != FALSE;
  known_open_ = !locked;
  return locked;
}

Result<> SecretServiceRequests::unlock(const std::string& path, const char* interface) {
  TRY(const bool locked, is_locked(path, interface));
  if (!locked) return {};
  if (!attended_) return failure(Reason::source_unreachable, "the keyring is locked", unlock_it());
  std::vector<std::string> wanted{path};
  TRY(const auto reply, checked(bus_.call(service_path, service_interface, "Unlock",
                                          g_variant_new("(@ao)", path_list(wanted)), "(aoo)", Effect::changes)));
  const char* question = nullptr;
  g_variant_get(reply.get(), "(@ao&o)", nullptr, &question);
  if (question != no_path) {
    TRY(const auto answer, checked(bus_.prompt(question)));
    if (!answer) return dismissed();
  }
  TRY(const bool still, is_locked(path, interface));
  if (still) return dismissed();
  return {};
}

Result<std::vector<FoundItem>> SecretServiceRequests::search(const Attributes& attributes) {
  TRY(const auto reply, checked(bus_.call(service_path, service_interface, "SearchItems",
                                          g_variant_new("(@a{ss})", text_map(attributes)), "(aoao)")));
  std::vector<FoundItem> found;
  for (const bool locked : {false, true}) {
    const Variant list(g_variant_get_child_value(reply.get(), locked ? 1 : 0));
    for (auto& path : paths_in(list.get())) found.push_back({std::move(path), locked});
  }
  return found;
}

Result<bool> SecretServiceRequests::is_keyring_locked(const std::string& keyring) {
  return is_locked(keyring, collection_interface);
}

Result<> SecretServiceRequests::unlock_keyring(const std::string& keyring) {
  return unlock(keyring, collection_interface);
}

Result<std::vector<FoundItem>> SecretServiceRequests::items_of_operation(const std::string& operation) {
  return search({{"application", application}, {"operation", operation}});
}

Result<std::optional<FoundItem>> SecretServiceRequests::item(const OsStoreSource& name) {
  if (!is_bus_text(name.service) || !is_bus_text(name.account)) {
    return failure(Reason::invalid_argument, "the name of an item must be UTF-8");
  }
  const Attributes attributes{{"service", name.service}, {"account", name.account}};
  TRY(auto found, search(attributes));
  if (found.empty()) {
    TRY(const bool all_seen, see_all());
    if (!all_seen) {
      return failure(Reason::source_unreachable,
                     "no item with " + in_words(name) + " is visible while a keyring is locked or absent", unlock_it());
    }
    TRY(found, search(attributes));
  }
  if (found.empty()) return std::optional<FoundItem>();
  if (found.size() > 1) {
    return failure(Reason::source_invalid,
                   std::to_string(found.size()) + " items in the Secret Service have " + in_words(name),
                   Remedy::of_secret(RemedyAction::find_secret, name.service, name.account)
                       .noting("then delete all but one in your password manager"));
  }
  return std::optional(std::move(found.front()));
}

Result<FoundItem> SecretServiceRequests::expect_item(const OsStoreSource& name) {
  TRY(auto found, item(name));
  if (!found) return no_item(name);
  return *std::move(found);
}

// A search decides, because GNOME Keyring can return hashes in place of attributes. Until a keyring is unlocked for the
// first time, it knows and compares only their hashes (gnome-keyring, gkm-secret-fields.c: "gkr:compat:hashed:").
Result<bool> SecretServiceRequests::is_ours(const FoundItem& found, const OsStoreSource& name) {
  TRY(const auto ours, search({{"application", application}, {"service", name.service}, {"account", name.account}}));
  return is_among(ours, found);
}

Result<bool> SecretServiceRequests::is_there(const FoundItem& found, const OsStoreSource& name) {
  TRY(const auto left, search({{"service", name.service}, {"account", name.account}}));
  return is_among(left, found);
}

Result<Secret> SecretServiceRequests::read(const FoundItem& found) {
  TRY(unlock(found.path, item_interface));
  TRY(const auto session, checked(bus_.open_session()));
  TRY(const auto reply,
      checked(bus_.call(found.path, item_interface, "GetSecret", g_variant_new("(o)", session.c_str()), "((oayays))")));
  const Variant encoded(g_variant_get_child_value(reply.get(), 0));
  return checked(bus_.decoded(encoded.get()));
}

Result<> SecretServiceRequests::replace(const FoundItem& found, const Secret& value) {
  TRY(unlock(found.path, item_interface));
  TRY(const auto session, checked(bus_.open_session()));
  TRY(not_interrupted());
  const Variant encoded = bus_.encoded(value);
  GVariant* const arguments = g_variant_new("(@(oayays))", encoded.get());
  TRY(written(bus_.call(found.path, item_interface, "SetSecret", arguments, "()", Effect::changes)));
  return {};
}

Result<> SecretServiceRequests::add(const NewOsItem& item, const Secret& value) {
  TRY(const auto keyring, expect_default_keyring());
  TRY(unlock(keyring, collection_interface));
  TRY(const auto session, checked(bus_.open_session()));
  TRY(not_interrupted());
  const Attributes attributes{{"application", application},   {"service", item.name.service},
                              {"account", item.name.account}, {"scope", item.scope},
                              {"operation", item.operation},  {"xdg:schema", "org.freedesktop.Secret.Generic"}};
  GVariantBuilder properties;
  g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
  g_variant_builder_add(&properties, "{sv}", "org.freedesktop.Secret.Item.Label",
                        g_variant_new_string(item.label.c_str()));
  g_variant_builder_add(&properties, "{sv}", "org.freedesktop.Secret.Item.Attributes", text_map(attributes));
  const Variant encoded = bus_.encoded(value);
  GVariant* const arguments = g_variant_new("(a{sv}@(oayays)b)", &properties, encoded.get(), FALSE);
  TRY(const auto reply,
      written(bus_.call(keyring, collection_interface, "CreateItem", arguments, "(oo)", Effect::changes)));
  const char* question = nullptr;
  g_variant_get(reply.get(), "(&o&o)", nullptr, &question);
  if (question == no_path) return {};
  TRY(answered(question));
  return {};
}

Result<> SecretServiceRequests::remove(const FoundItem& found) {
  TRY(unlock(found.path, item_interface));
  TRY(not_interrupted());
  const auto reply = bus_.call(found.path, item_interface, "Delete", nullptr, "(o)", Effect::changes);
  if (!reply && reply.error().kind == BusFault::Kind::no_object) return {};
  if (!reply) return failure(write_error(reply.error()));
  const std::string question = only_path_in(reply->get());
  if (question != no_path) {
    TRY(answered(question));
  }
  return {};
}

Result<bool> SecretServiceRequests::see_all() {
  TRY(const auto keyring, default_keyring());
  if (!keyring) return false;
  if (attended_) {
    TRY(unlock(*keyring, collection_interface));
  }
  TRY(const auto value, checked(bus_.property(service_path, service_interface, "Collections", "ao")));
  for (const auto& path : paths_in(value.get())) {
    TRY(const auto locked, checked(bus_.property(path, collection_interface, "Locked", "b")));
    if (g_variant_get_boolean(locked.get()) != FALSE) return false;
  }
  return true;
}

Result<> SecretServiceRequests::answered(const std::string& question) {
  if (!attended_) {
    static_cast<void>(bus_.call(question, "org.freedesktop.Secret.Prompt", "Dismiss", nullptr, "()", Effect::changes));
    return failure(Reason::source_unreachable, "the Secret Service must prompt you first", unlock_it());
  }
  TRY(const auto answer, checked(bus_.prompt(question)));
  if (!answer) return dismissed();
  return {};
}

Result<> SecretServiceRequests::not_interrupted() const {
  if (bus_.is_interrupted()) return failure(Reason::cancelled, "cancelled");
  return {};
}

Error SecretServiceRequests::write_error(const BusFault& fault) {
  Error error = std::move(checked<Variant>(tl::unexpected(fault))).error();
  if (fault.kind == BusFault::Kind::other || fault.kind == BusFault::Kind::no_object) {
    error.reason = Reason::store_failed;
  }
  return error;
}

Result<Variant> SecretServiceRequests::written(BusResult<> answer) {
  if (answer) return *std::move(answer);
  return failure(write_error(answer.error()));
}

}  // namespace jackin::secrets
