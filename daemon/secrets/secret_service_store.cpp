// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/secret_service_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/scope.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/secrets/secret_service_bus.hpp"

namespace jackin::secrets {
namespace {

using Attributes = std::map<std::string, std::string>;
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

// --- where the bus is ------------------------------------------------------------------------------------------------

// As GLib and libdbus find it, except that this starts none.
std::string bus_address_in(const Environment& environment) {
  std::string address = environment.value_of("DBUS_SESSION_BUS_ADDRESS");
  if (!address.empty()) return address;
  const std::string folder = environment.value_of("XDG_RUNTIME_DIR");
  if (!folder.starts_with('/')) return {};
  const std::string path = folder + "/bus";
  struct stat found {};
  const bool is_ours = lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode) && found.st_uid == geteuid();
  if (!is_ours) return {};
  gchar* const escaped = g_dbus_address_escape_value(path.c_str());
  std::string own = "unix:path=" + std::string(escaped);
  g_free(escaped);
  return own;
}

// An address may name several places, separated by semicolons.
bool stays_on_the_machine(std::string_view address) {
  while (!address.empty()) {
    const auto end = std::min(address.find(';'), address.size());
    if (!address.substr(0, end).starts_with("unix:")) return false;
    address.remove_prefix(std::min(end + 1, address.size()));
  }
  return true;
}

// --- the standard's values -------------------------------------------------------------------------------------------

GVariant* text_map(const Attributes& attributes) {
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

bool is_utf8(const std::string& text) {
  return g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) != FALSE;
}

std::string quoted_name(const OsStoreSource& name) {
  return "the service '" + printable(name.service) + "' and the account '" + printable(name.account) + "'";
}

tl::unexpected<Error> gone(const OsStoreSource& name) {
  return failure(Reason::source_gone, "the Secret Service has no item with " + quoted_name(name),
                 Remedy::of(RemedyAction::rotate).noting("or put the item back into your keyring"));
}

struct Found {
  std::string path;
  bool locked = false;
};

// --- one conversation ------------------------------------------------------------------------------------------------

// The store's requests to a Secret Service, with Errors as results.
class MintInteraction {
 public:
  MintInteraction(SecretServiceBus& bus, const OsCall& call, bool attended, std::atomic<bool>& known_open)
      : bus_(bus), tokens_(call.tokens), attended_(attended), known_open_(known_open) {}

  // The default keyring. Nothing: there is none.
  Result<std::optional<std::string>> default_keyring() {
    TRY(const auto reply,
        checked(bus_.call(service_path, service_interface, "ReadAlias", g_variant_new("(s)", "default"), "(o)")));
    std::string path = only_path_in(reply.get());
    if (path == no_path) return std::optional<std::string>();
    return std::optional(std::move(path));
  }

  Result<std::string> expect_default_keyring() {
    TRY(auto path, default_keyring());
    if (path) return *std::move(path);
    return failure(
        Reason::source_unreachable, "the Secret Service has no default keyring",
        Remedy::try_again("when your password manager (Passwords and Keys, KeePassXC) has made one the default"));
  }

  Result<bool> is_locked(const std::string& path, const char* interface) {
    TRY(const auto value, checked(bus_.property(path, interface, "Locked", "b")));
    const bool locked = g_variant_get_boolean(value.get()) != FALSE;
    known_open_ = !locked;
    return locked;
  }

  Result<> unlock(const std::string& path, const char* interface) {
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

  Result<std::vector<Found>> search(const Attributes& attributes) {
    TRY(const auto reply, checked(bus_.call(service_path, service_interface, "SearchItems",
                                            g_variant_new("(@a{ss})", text_map(attributes)), "(aoao)")));
    std::vector<Found> found;
    for (const bool locked : {false, true}) {
      const Variant list(g_variant_get_child_value(reply.get(), locked ? 1 : 0));
      for (auto& path : paths_in(list.get())) found.push_back({std::move(path), locked});
    }
    return found;
  }

  // The one item of that name. Nothing: certainly gone.
  Result<std::optional<Found>> item(const OsStoreSource& name) {
    if (!is_utf8(name.service) || !is_utf8(name.account)) {
      return failure(Reason::invalid_argument, "the name of an item must be UTF-8");
    }
    const Attributes attributes{{"service", name.service}, {"account", name.account}};
    TRY(auto found, search(attributes));
    if (found.empty()) {
      TRY(const bool all_seen, see_all());
      if (!all_seen) {
        return failure(Reason::source_unreachable,
                       "no item with " + quoted_name(name) + " is visible while a keyring is locked or absent",
                       unlock_it());
      }
      TRY(found, search(attributes));
    }
    if (found.empty()) return std::optional<Found>();
    if (found.size() > 1) {
      return failure(Reason::source_invalid,
                     std::to_string(found.size()) + " items in the Secret Service have " + quoted_name(name),
                     Remedy::of_secret(RemedyAction::find_secret, name.service, name.account)
                         .noting("then delete all but one in your password manager"));
    }
    return std::optional(std::move(found.front()));
  }

  Result<Found> expect_item(const OsStoreSource& name) {
    TRY(auto found, item(name));
    if (!found) return gone(name);
    return *std::move(found);
  }

  // Determined by a search. For a keyring that was not unlocked since it started, GNOME Keyring knows only hashes of
  // the attributes, which it compares and returns in their place (gnome-keyring, gkm-secret-fields.c:
  // "gkr:compat:hashed:").
  Result<bool> is_ours(const Found& found, const OsStoreSource& name) {
    TRY(const auto ours, search({{"application", application}, {"service", name.service}, {"account", name.account}}));
    return is_among(ours, found);
  }

  Result<bool> is_there(const Found& found, const OsStoreSource& name) {
    TRY(const auto left, search({{"service", name.service}, {"account", name.account}}));
    return is_among(left, found);
  }

  Result<Secret> read(const Found& found) {
    TRY(unlock(found.path, item_interface));
    TRY(const auto session, checked(bus_.open_session()));
    TRY(const auto reply, checked(bus_.call(found.path, item_interface, "GetSecret",
                                            g_variant_new("(o)", session.c_str()), "((oayays))")));
    const Variant encoded(g_variant_get_child_value(reply.get(), 0));
    return checked(bus_.decoded(encoded.get()));
  }

  Result<> replace(const Found& found, const Secret& value) {
    TRY(unlock(found.path, item_interface));
    TRY(const auto session, checked(bus_.open_session()));
    TRY(not_interrupted());
    const Variant encoded = bus_.encoded(value);
    GVariant* const arguments = g_variant_new("(@(oayays))", encoded.get());
    TRY(written(bus_.call(found.path, item_interface, "SetSecret", arguments, "()", Effect::changes)));
    return {};
  }

  Result<> add(const NewOsItem& item, const Secret& value) {
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

  Result<> remove(const Found& found) {
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

 private:
  static bool is_among(const std::vector<Found>& all, const Found& one) {
    return std::any_of(all.begin(), all.end(), [&](const Found& other) { return other.path == one.path; });
  }

  // Whether a search sees every existing item; attended, it unlocks the default keyring for that.
  Result<bool> see_all() {
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

  // A prompt that belongs to a change. Only its result shows whether the change was made.
  Result<> answered(const std::string& question) {
    if (!attended_) {
      static_cast<void>(
          bus_.call(question, "org.freedesktop.Secret.Prompt", "Dismiss", nullptr, "()", Effect::changes));
      return failure(Reason::source_unreachable, "the Secret Service must prompt you first", unlock_it());
    }
    TRY(const auto answer, checked(bus_.prompt(question)));
    if (!answer) return dismissed();
    return {};
  }

  static tl::unexpected<Error> dismissed() {
    return failure(Reason::source_unreachable,
                   "the keyring stays locked: the question to unlock it was dismissed, or could not be shown",
                   unlock_it());
  }

  Result<> not_interrupted() const {
    if (bus_.is_interrupted()) return failure(Reason::cancelled, "cancelled");
    return {};
  }

  template <typename T>
  Result<T> checked(BusResult<T> answer) {
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

  Error write_error(const BusFault& fault) {
    Error error = std::move(checked<Variant>(tl::unexpected(fault))).error();
    if (fault.kind == BusFault::Kind::other || fault.kind == BusFault::Kind::no_object) {
      error.reason = Reason::store_failed;
    }
    return error;
  }

  Result<Variant> written(BusResult<> answer) {
    if (answer) return *std::move(answer);
    return failure(write_error(answer.error()));
  }

  SecretServiceBus& bus_;
  const TokensAtHand& tokens_;
  bool attended_;
  std::atomic<bool>& known_open_;
};

// --- the items -------------------------------------------------------------------------------------------------------

class SecretServiceItems final : public OsItems {
 public:
  explicit SecretServiceItems(Environment daemon) : daemon_(std::move(daemon)) {}

  SourceKind kind() const override { return SourceKind::secret_service; }
  Environment deciding(const Environment& client) const override {
    return client.only({"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"});
  }

  Result<bool> look(const OsCall& call) override {
    TRY(const std::string address, address_for(call));
    const auto bus = SecretServiceBus::connect(address, false, call.interrupt);
    if (!bus && bus.error().reason == Reason::store_unavailable) return false;
    if (!bus) return failure(bus.error());
    MintInteraction service(**bus, call, false, known_open_);
    TRY(const auto keyring, service.expect_default_keyring());
    // A locked keyring is no obstacle when the user can unlock it.
    TRY(service.is_locked(keyring, collection_interface));
    return true;
  }

  Result<> unlock(const OsCall& call) override {
    return with(call, [](MintInteraction& service) -> Result<> {
      TRY(const auto keyring, service.expect_default_keyring());
      return service.unlock(keyring, collection_interface);
    });
  }

  Result<std::optional<OsItem>> find(const OsCall& call, const OsStoreSource& name) override {
    return with(call, [&](MintInteraction& service) -> Result<std::optional<OsItem>> {
      TRY(const auto found, service.item(name));
      if (!found) return std::optional<OsItem>();
      TRY(const bool ours, service.is_ours(*found, name));
      return std::optional(OsItem{name, ours});
    });
  }

  Result<Secret> read(const OsCall& call, const OsStoreSource& name) override {
    return with(call, [&](MintInteraction& service) -> Result<Secret> {
      TRY(const auto found, service.expect_item(name));
      return service.read(found);
    });
  }

  Result<> add(const OsCall& call, const NewOsItem& item, const Secret& value) override {
    return with(call, [&](MintInteraction& service) { return service.add(item, value); });
  }

  Result<> replace(const OsCall& call, const OsStoreSource& name, const Secret& value) override {
    return with(call, [&](MintInteraction& service) -> Result<> {
      TRY(const auto found, service.expect_item(name));
      return service.replace(found, value);
    });
  }

  Result<bool> remove(const OsCall& call, const OsStoreSource& name) override {
    return with(call, [&](MintInteraction& service) -> Result<bool> {
      TRY(const auto found, service.item(name));
      if (!found) return false;
      TRY(service.remove(*found));
      TRY(const bool is_left, service.is_there(*found, name));
      if (!is_left) return true;
      return failure(
          Reason::store_failed,
          "the Secret Service reported the deletion of the item with " + quoted_name(name) + ", but it still exists",
          Remedy::of_secret(RemedyAction::delete_secret, name.service, name.account));
    });
  }

  Result<bool> was_made_by(const OsCall& call, const std::string& operation) override {
    return with(call, [&](MintInteraction& service) -> Result<bool> {
      const Attributes attributes{{"application", application}, {"operation", operation}};
      TRY(const auto keyring, service.expect_default_keyring());
      TRY(auto found, service.search(attributes));
      if (found.empty()) {
        // Some services do not list locked items.
        TRY(service.unlock(keyring, collection_interface));
        TRY(found, service.search(attributes));
      }
      for (std::size_t i = 1; i < found.size(); ++i) {
        TRY(service.remove(found[i]));
      }
      return !found.empty();
    });
  }

  bool is_known_open() const override { return known_open_; }

 private:
  template <typename Work>
  std::invoke_result_t<Work, MintInteraction&> with(const OsCall& call, Work work) {
    TRY(const std::string address, address_for(call));
    auto bus = SecretServiceBus::connect(address, call.attended, call.interrupt);
    if (!bus) {
      Error error = std::move(bus).error();
      if (error.reason == Reason::store_unavailable) error.reason = Reason::source_unreachable;
      return failure(std::move(error));
    }
    MintInteraction service(**bus, call, call.attended, known_open_);
    return work(service);
  }

  Result<std::string> address_for(const OsCall& call) const {
    std::string address = bus_address_in(call.client);
    if (address.empty()) address = bus_address_in(daemon_);
    if (address.empty()) {
      return failure(Reason::source_unreachable, "no session bus: DBUS_SESSION_BUS_ADDRESS is not set",
                     Remedy::try_again("in your desktop session"));
    }
    if (!stays_on_the_machine(address)) {
      return failure(Reason::source_unreachable, "the session bus is not on a Unix socket",
                     Remedy::try_again("with a DBUS_SESSION_BUS_ADDRESS that begins with unix:"));
    }
    return address;
  }

  Environment daemon_;
  std::atomic<bool> known_open_{false};
};

}  // namespace

std::unique_ptr<OsItems> secret_service(Environment daemon) {
  return std::make_unique<SecretServiceItems>(std::move(daemon));
}

std::unique_ptr<OsItems> system_os_items(Environment daemon) {
  return secret_service(std::move(daemon));
}

}  // namespace jackin::secrets
