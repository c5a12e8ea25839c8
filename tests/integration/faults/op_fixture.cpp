// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/op_reference.hpp"
#include "daemon/secrets/op_store.hpp"
#include "tests/fakes/op/warm_op_server.hpp"
#include "tests/integration/faults/file_fixture.hpp"

namespace jackin::faults {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view mine = "mine22222222222222222224aa";
constexpr std::string_view operation_tag = "operation=";

// Items that jackind did not make. One has a token of the user in a field, one has the tag "jackin", and one is in
// another vault.
json users_items(std::string_view adoptable) {
  json keys = json::parse(R"({"title":"Keys","vault":"Work","category":"SECURE_NOTE","tags":["private"],
    "sections":[{"id":"sec","label":"Work keys"}],"fields":[
    {"id":"notesPlain","type":"STRING","purpose":"NOTES","label":"notesPlain","value":"do not \"lose\" me"},
    {"id":"old","section":{"id":"sec","label":"Work keys"},"type":"CONCEALED","label":"Claude","value":"old value"},
    {"id":"since","type":"DATE","label":"since","value":"1641038460"}]})");
  keys["id"] = mine;
  keys["fields"].push_back({{"id", "adopt"}, {"type", "CONCEALED"}, {"label", "Adopt"}, {"value", adoptable}});
  json half = json::parse(R"({"title":"Half","vault":"Work","tags":["jackin"],"fields":[
    {"id":"credential","type":"CONCEALED","label":"credential","value":"not yours"}]})");
  json elsewhere = json::parse(R"({"title":"Claude","vault":"Personal","fields":[
    {"id":"credential","type":"CONCEALED","label":"credential","value":"not yours either"}]})");
  return json::array({std::move(keys), std::move(half), std::move(elsewhere)});
}

std::string operation_of(const json& item) {
  for (const auto& tag : item.value("tags", json::array())) {
    const auto text = tag.get<std::string>();
    if (text.starts_with(operation_tag)) return text.substr(operation_tag.size());
  }
  return {};
}

bool is_field(const json& field, const secrets::OpReference& reference) {
  return reference.field == field.value("id", "") || reference.field == field.value("label", "");
}

class OpFixture final : public FileFixture {
 public:
  SourceKind kind() const override { return SourceKind::op; }

  void make(Sandbox& sandbox, std::string_view adoptable) override {
    FileFixture::make(sandbox, adoptable);
    server().install(sandbox.home.path(), sandbox.bin());
    json fixture = {{"accounts", {{{"url", "my.1password.com"}, {"email", "wendy@example.com"}}}},
                    {"vaults", {{{"name", "Personal"}}, {{"name", "Work"}}}}};
    fixture["items"] = users_items(adoptable);
    test::write_file(sandbox.home / ".fake-op.d/world.json", fixture.dump());
  }

  std::shared_ptr<void> add_stores(StoreSetup& setup) override {
    auto op = std::make_shared<secrets::OpCli>(setup.programs, setup.clock);
    setup.stores.push_back(secrets::op_store(*op, setup.clock, setup.attended));
    setup.resolvers.push_back(secrets::op_resolver(setup.environment, *op));
    return op;
  }

  std::vector<StoredItem> stored_items(const Sandbox& sandbox) const override {
    std::vector<StoredItem> found = FileFixture::stored_items(sandbox);
    for (const auto& item : items(sandbox)) found.push_back({item["id"], operation_of(item), item.dump()});
    std::sort(found.begin(), found.end(), [](const StoredItem& a, const StoredItem& b) { return a.id < b.id; });
    return found;
  }

  bool uses(const Sandbox& sandbox, const secrets::CredentialSource& source,
            const StoredItem& stored_item) const override {
    const auto* const op = std::get_if<secrets::OpSource>(&source);
    if (op == nullptr) return FileFixture::uses(sandbox, source, stored_item);
    const auto reference = secrets::parse_op_reference(op->reference);
    return reference && reference->item == stored_item.id;
  }

  std::optional<std::string> value(const Sandbox& sandbox, const secrets::CredentialSource& source) const override {
    const auto* const op = std::get_if<secrets::OpSource>(&source);
    if (op == nullptr) return FileFixture::value(sandbox, source);
    const auto reference = secrets::parse_op_reference(op->reference);
    if (!reference) return std::nullopt;
    for (const auto& item : items(sandbox)) {
      if (item["id"] != reference->item) continue;
      for (const auto& field : item["fields"]) {
        if (is_field(field, *reference) && field.contains("value")) return field["value"].get<std::string>();
      }
    }
    return std::nullopt;
  }

  std::string without(const Sandbox& sandbox, const StoredItem& stored_item,
                      const secrets::CredentialSource& source) const override {
    const auto* const op = std::get_if<secrets::OpSource>(&source);
    if (op == nullptr || !uses(sandbox, source, stored_item)) return FileFixture::without(sandbox, stored_item, source);
    const auto reference = secrets::parse_op_reference(op->reference);
    json item = json::parse(stored_item.bytes);
    for (const char* const changing : {"version", "updated_at", "last_edited_by"}) item.erase(changing);
    json& fields = item["fields"];
    for (std::size_t i = fields.size(); i > 0; --i) {
      if (is_field(fields[i - 1], *reference)) fields.erase(i - 1);
    }
    return item.dump();
  }

  bool is_store(const fs::path& below_home) const override {
    return below_home == ".fake-op.d/world.json" || FileFixture::is_store(below_home);
  }

  std::string adoptable() const override { return "op://Work/" + std::string(mine) + "/adopt"; }

  std::optional<lifecycle::PlaceRequest> existing_field() const override { return field("old"); }
  std::optional<lifecycle::PlaceRequest> new_field() const override { return field("Claude token"); }

  std::vector<CallFault> faults_of(const std::string& call) const override {
    if (!call.starts_with("op ")) return {};
    std::vector<CallFault> faults{{"OpHangs", "", false, true, false},
                                  {"OpFails", "offline"},
                                  {"OpFailsFromThenOn", "offline", true},
                                  {"OpSaysGarbage", "garbage"},
                                  {"OpSaysNothing", "empty"}};
    if (call == "op read") {
      faults.push_back({"OpSaysAnother", "wrong-value"});
    } else if (call != "op version") {
      faults.push_back({"OpSaysHalf", "truncated"});
    }
    // Not for `item get`: jackind writes an edited item back as op returned it, and has no other source to compare it
    // with.
    if (call == "op item create" || call == "op item edit") {
      faults.push_back({"OpSaysAnother", "wrong-value"});
      faults.push_back({"OpSaysEmptyValue", "empty-value"});
    }
    if (call == "op item get" || call == "op item list" || call == "op read" || call == "op vault list") {
      faults.push_back({"OpHidesTheVault", "vault-missing"});
    }
    if (call == "op item create" || call == "op item edit" || call == "op item delete") {
      faults.push_back({"OpDiesAfterTheDeed", "die-before-output"});
      faults.push_back({"OpFailsAfterTheDeed", "fail-before-output"});
      faults.push_back({"OpHangsAfterTheDeed", "", false, false, true});
      faults.push_back({"OpLiesThatItDid", "server-error"});
      faults.push_back({"OpMeetsAConflict", "conflict"});
    }
    if (call == "op item create" || call == "op item edit") {
      faults.push_back({"OpIgnoresItsInput", "ignore-stdin"});
      faults.push_back({"OpDiesAfterTheDeedAndFailsFromThenOn", "die-before-output", true});
    }
    return faults;
  }

  void set_fault(const Sandbox& sandbox, const CallFault* fault) override {
    std::string settings;
    if (fault != nullptr && !fault->how.empty()) settings = "KNOB *=" + fault->how + "\n";
    test::write_file(sandbox.home / ".fake-op", settings);
  }

 private:
  // One for all tests of this program, started before it has any threads.
  static const test::WarmOpServer& server() {
    static const test::WarmOpServer server;
    return server;
  }

  static json items(const Sandbox& sandbox) {
    return json::parse(test::read_file(sandbox.home / ".fake-op.d/world.json"))["items"];
  }

  static lifecycle::PlaceRequest field(const std::string& name) {
    lifecycle::PlaceRequest requested;
    requested.store = SourceKind::op;
    requested.vault = "Work";
    requested.item_name = mine;
    requested.field = name;
    return requested;
  }
};

}  // namespace

std::unique_ptr<StoreFixture> op_fixture() {
  return std::make_unique<OpFixture>();
}

}  // namespace jackin::faults
