// SPDX-License-Identifier: Apache-2.0
#include <libsecret/secret.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "daemon/secrets/secret_service_store.hpp"
#include "tests/integration/faults/os_fixture.hpp"
#include "tests/support/keyring.hpp"

namespace jackin::faults {

namespace {

using nlohmann::json;
using secrets::OsItems;

// The state of the keyring, as kept in the home folder.
constexpr const char* keyring_file = ".keyring.json";

// The attributes that GNOME Keyring and libsecret add.
constexpr const char* schema = "xdg:schema";

std::filesystem::path keyring_of(const Sandbox& sandbox) {
  return sandbox.home / keyring_file;
}

void check(GError* error) {
  if (error == nullptr) return;
  const std::string words = error->message;
  g_error_free(error);
  throw std::runtime_error("the keyring cannot be read: " + words);
}

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename T>
using Ref = std::unique_ptr<T, Unref>;

// The default keyring through libsecret's own calls, not jackind's. The results are freed with the process, which is
// short-lived.
class DefaultKeyring {
 public:
  DefaultKeyring() {
    GError* error = nullptr;
    service_.reset(secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, nullptr, &error));
    check(error);
    collection_.reset(secret_collection_for_alias_sync(service_.get(), SECRET_COLLECTION_DEFAULT,
                                                       SECRET_COLLECTION_LOAD_ITEMS, nullptr, &error));
    check(error);
    if (!collection_) throw std::runtime_error("there is no default keyring");
  }

  // By their complete content.
  std::multimap<std::string, SecretItem*> items() const {
    std::multimap<std::string, SecretItem*> found;
    GList* const list = secret_collection_get_items(collection_.get());
    for (GList* at = list; at != nullptr; at = at->next) {
      auto* const item = static_cast<SecretItem*>(at->data);
      GError* error = nullptr;
      secret_item_load_secret_sync(item, nullptr, &error);
      check(error);
      SecretValue* const value = secret_item_get_secret(item);
      json attributes = json::object();
      GHashTableIter iterator;
      gpointer key = nullptr;
      gpointer text = nullptr;
      g_hash_table_iter_init(&iterator, secret_item_get_attributes(item));
      while (g_hash_table_iter_next(&iterator, &key, &text) != FALSE) {
        attributes[static_cast<const char*>(key)] = static_cast<const char*>(text);
      }
      gsize size = 0;
      const char* const bytes = secret_value_get(value, &size);
      const json all{{"label", secret_item_get_label(item)},
                     {"attributes", std::move(attributes)},
                     {"value", std::string(bytes, size)}};
      found.emplace(all.dump(), item);
    }
    return found;
  }

  void add(const json& item) const {
    GHashTable* const attributes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (const auto& [key, value] : item.at("attributes").items()) {
      g_hash_table_insert(attributes, g_strdup(key.c_str()), g_strdup(value.get<std::string>().c_str()));
    }
    const std::string label = item.at("label");
    const std::string value = item.at("value");
    GError* error = nullptr;
    SecretValue* const secret = secret_value_new(value.data(), static_cast<gssize>(value.size()), "text/plain");
    secret_item_create_sync(collection_.get(), nullptr, attributes, label.c_str(), secret, SECRET_ITEM_CREATE_NONE,
                            nullptr, &error);
    check(error);
  }

  static void remove(SecretItem* item) {
    GError* error = nullptr;
    secret_item_delete_sync(item, nullptr, &error);
    check(error);
  }

 private:
  Ref<SecretService> service_;
  Ref<SecretCollection> collection_;
};

class SecretServiceFixture final : public OsFixture {
 public:
  SourceKind kind() const override { return SourceKind::secret_service; }

  bool is_store(const std::filesystem::path& below_home) const override {
    return below_home == keyring_file || OsFixture::is_store(below_home);
  }

  void restore_store(const Sandbox& sandbox) override {
    on_the_bus();
    const DefaultKeyring there;
    auto now = there.items();
    const json wanted = json::parse(test::read_file(keyring_of(sandbox)));
    for (const auto& item : wanted) {
      if (const auto same = now.find(item.dump()); same != now.end()) {
        now.erase(same);
      } else {
        there.add(item);
      }
    }
    for (const auto& [text, item] : now) DefaultKeyring::remove(item);
  }

  void save_store(const Sandbox& sandbox) override {
    on_the_bus();
    json all = json::array();
    const DefaultKeyring there;
    for (const auto& [text, item] : there.items()) all.push_back(json::parse(text));
    test::write_file(keyring_of(sandbox), all.dump(1));
  }

  void set_fault(const Sandbox&, const CallFault* fault) override {
    if (fault == nullptr) {
      keyring()("keep_service_running");
    } else if (fault->how == "dies") {
      keyring()("stop_service");
    }
  }

 protected:
  std::unique_ptr<OsItems> items_for(StoreSetup&) override { return secrets::secret_service(keyring().client()); }

  std::vector<StoredOsItem> kept(const Sandbox& sandbox) const override {
    std::vector<StoredOsItem> found;
    const json all = json::parse(test::read_file(keyring_of(sandbox)));
    for (const auto& item : all) {
      const json& attributes = item.at("attributes");
      StoredOsItem kept{{attributes.value("service", ""), attributes.value("account", "")}, {}, item.at("value"), {}};
      if (attributes.value("application", "") == "jackin") kept.operation = attributes.value("operation", "unknown");
      kept.rest = json{{"label", item.at("label")}, {"attributes", attributes}}.dump();
      found.push_back(std::move(kept));
    }
    return found;
  }

  void store_by_hand(const Sandbox& sandbox, const std::vector<StoredOsItem>& items) override {
    json all = json::array();
    for (const auto& item : items) {
      all.push_back({{"label", "kept by hand"},
                     {"attributes",
                      {{"service", item.name.service}, {"account", item.name.account}, {schema, "org.example.Mine"}}},
                     {"value", item.value}});
    }
    test::write_file(keyring_of(sandbox), all.dump(1));
  }

  std::vector<CallFault> own_faults_of(const std::string& call) const override {
    // Starting the service again takes longer than the rest of a test.
    if (call != "store unlock" && call != "store add" && call != "store replace" && call != "store remove") return {};
    return {{"ServiceDies", "dies", true}};
  }

 private:
  // One for all tests of this program, started before it has any threads.
  static test::Keyring& keyring() {
    static test::Keyring keyring;
    return keyring;
  }

  static void on_the_bus() {
    const std::string address(keyring().client().get("DBUS_SESSION_BUS_ADDRESS").value());
    ::setenv("DBUS_SESSION_BUS_ADDRESS", address.c_str(), 1);
  }
};

}  // namespace

std::unique_ptr<StoreFixture> secret_service_fixture() {
  return std::make_unique<SecretServiceFixture>();
}

}  // namespace jackin::faults
