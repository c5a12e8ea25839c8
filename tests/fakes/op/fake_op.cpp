// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/op/fake_op.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

namespace jackin::test {
namespace fs = std::filesystem;
using nlohmann::json;

FakeOp::FakeOp() {
  fs::create_directory(folder_ / "bin");
  fs::create_symlink(FAKE_OP_PROGRAM, folder_ / "bin/op");
  settings({});
  items("");
}

Environment FakeOp::environment() const {
  return Environment({{"HOME", home().string()}, {"PATH", (folder_ / "bin").string() + ":/usr/bin:/bin"}});
}

void FakeOp::settings(const std::vector<std::string>& lines) {
  std::string text = "STATE=" + state().string() + "\n";
  for (const auto& line : lines) text += line + "\n";
  write_file(home() / ".fake-op", text);
}

void FakeOp::items(std::string_view items_json) {
  std::ostringstream text;
  text << R"({"accounts":[{"url":"my.1password.com","email":"wendy@example.com","account_uuid":")" << account_id
       << R"("}],"vaults":[{"name":"Personal","id":")" << personal_id << R"("},{"name":"Work","id":")" << work_id
       << R"("}],"items":[)" << items_json << "]}";
  world(text.str());
}

void FakeOp::world(std::string_view world_json) {
  write_file(state() / "world.json", world_json);
}

std::vector<FakeOp::Item> FakeOp::items() const {
  std::vector<Item> items;
  const json world = json::parse(read_file(state() / "world.json"));
  for (const auto& each : world["items"]) {
    Item item;
    item.id = each.value("id", "");
    item.title = each["title"];
    item.vault = each["vault"].is_object() ? each["vault"].value("name", "") : each.value("vault", "");
    item.category = each.value("category", "API_CREDENTIAL");
    item.tags = each.value("tags", std::vector<std::string>());
    for (const auto& section : each.value("sections", json::array()))
      item.sections.push_back(section.value("label", ""));
    for (const auto& field : each.value("fields", json::array())) {
      const std::string section = field.contains("section") ? field["section"].value("id", "") : "";
      item.fields[field["id"]] = {field.value("value", ""), field.value("type", ""), section};
    }
    items.push_back(std::move(item));
  }
  return items;
}

std::size_t FakeOp::deleted() const {
  return json::parse(read_file(state() / "world.json")).value("deleted", json::array()).size();
}

std::vector<FakeOp::Call> FakeOp::calls() const {
  std::vector<Call> calls;
  if (!fs::exists(state() / "calls.jsonl")) return calls;
  std::istringstream text(read_file(state() / "calls.jsonl"));
  for (std::string line; std::getline(text, line);) {
    const json record = json::parse(line);
    const auto number = record["call"].get<std::size_t>();
    if (calls.size() < number) calls.resize(number);
    Call& call = calls[number - 1];
    if (record["event"] == "end") {
      call.exit = record["exit"].get<int>();
      continue;
    }
    for (const auto& argument : record["argv"]) {
      call.line += (call.line.empty() ? "" : " ") + argument.get<std::string>();
    }
    call.environment = record["environment"].get<std::map<std::string, std::string>>();
    call.stdin_kind = record["stdin"];
    call.overlaps = record["overlaps"];
  }
  return calls;
}

std::vector<std::string> FakeOp::lines() const {
  std::vector<std::string> lines;
  for (const Call& call : calls()) lines.push_back(call.line);
  return lines;
}

}  // namespace jackin::test
