// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/secret_service_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/secrets/secret_service_bus.hpp"
#include "daemon/secrets/secret_service_requests.hpp"

namespace jackin::secrets {
namespace {

// --- where the bus is ------------------------------------------------------------------------------------------------

// Finds the session bus as GLib and libdbus do, but never starts one.
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

// --- the items -------------------------------------------------------------------------------------------------------

class SecretServiceItems final : public OsItems {
 public:
  explicit SecretServiceItems(Environment daemon) : daemon_(std::move(daemon)) {}

  SourceKind kind() const override { return SourceKind::secret_service; }
  Environment deciding(const Environment& client) const override {
    return client.only({"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"});
  }

  Result<bool> is_usable(const OsCall& call) override {
    TRY(const std::string address, address_for(call));
    const auto bus = SecretServiceBus::connect(address, false, call.interrupt);
    if (!bus && bus.error().reason == Reason::store_unavailable) return false;
    if (!bus) return failure(bus.error());
    SecretServiceRequests service(**bus, call, false, known_open_);
    TRY(const auto keyring, service.expect_default_keyring());
    // A locked keyring is no obstacle when the user can unlock it.
    TRY(service.is_keyring_locked(keyring));
    return true;
  }

  Result<> unlock(const OsCall& call) override {
    return with(call, [](SecretServiceRequests& service) -> Result<> {
      TRY(const auto keyring, service.expect_default_keyring());
      return service.unlock_keyring(keyring);
    });
  }

  Result<std::optional<OsItem>> find(const OsCall& call, const OsStoreSource& name) override {
    return with(call, [&](SecretServiceRequests& service) -> Result<std::optional<OsItem>> {
      TRY(const auto found, service.item(name));
      if (!found) return std::optional<OsItem>();
      TRY(const bool ours, service.is_ours(*found, name));
      return std::optional(OsItem{name, ours});
    });
  }

  Result<Secret> read(const OsCall& call, const OsStoreSource& name) override {
    return with(call, [&](SecretServiceRequests& service) -> Result<Secret> {
      TRY(const auto found, service.expect_item(name));
      return service.read(found);
    });
  }

  Result<> add(const OsCall& call, const NewOsItem& item, const Secret& value) override {
    return with(call, [&](SecretServiceRequests& service) { return service.add(item, value); });
  }

  Result<> replace(const OsCall& call, const OsStoreSource& name, const Secret& value) override {
    return with(call, [&](SecretServiceRequests& service) -> Result<> {
      TRY(const auto found, service.expect_item(name));
      return service.replace(found, value);
    });
  }

  Result<bool> remove(const OsCall& call, const OsStoreSource& name) override {
    return with(call, [&](SecretServiceRequests& service) -> Result<bool> {
      TRY(const auto found, service.item(name));
      if (!found) return false;
      TRY(service.remove(*found));
      TRY(const bool is_left, service.is_there(*found, name));
      if (!is_left) return true;
      return failure(
          Reason::store_failed,
          "the Secret Service reported the deletion of the item with " + in_words(name) + ", but it still exists",
          Remedy::of_secret(RemedyAction::delete_secret, name.service, name.account));
    });
  }

  Result<bool> was_made_by(const OsCall& call, const std::string& operation) override {
    return with(call, [&](SecretServiceRequests& service) -> Result<bool> {
      TRY(const auto keyring, service.expect_default_keyring());
      TRY(auto found, service.items_of_operation(operation));
      if (found.empty()) {
        // Some services do not list locked items.
        TRY(service.unlock_keyring(keyring));
        TRY(found, service.items_of_operation(operation));
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
  std::invoke_result_t<Work, SecretServiceRequests&> with(const OsCall& call, Work work) {
    TRY(const std::string address, address_for(call));
    auto bus = SecretServiceBus::connect(address, call.attended, call.interrupt);
    if (!bus) {
      Error error = std::move(bus).error();
      if (error.reason == Reason::store_unavailable) error.reason = Reason::source_unreachable;
      return failure(std::move(error));
    }
    SecretServiceRequests service(**bus, call, call.attended, known_open_);
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
