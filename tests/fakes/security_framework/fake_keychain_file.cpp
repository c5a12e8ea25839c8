// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/security_framework/fake_keychain_file.hpp"

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

namespace jackin::test {

namespace {

using nlohmann::json;

json json_of(const FakeKeychain::Item& item) {
  return {{"service", item.service},   {"account", item.account},
          {"label", item.label},       {"comment", item.comment},
          {"generic", item.generic},   {"value", item.value},
          {"keychain", item.keychain}, {"is_accessible", item.is_accessible},
          {"creator", item.creator}};
}

FakeKeychain::Item item_of(const json& text) {
  FakeKeychain::Item item;
  text.at("service").get_to(item.service);
  text.at("account").get_to(item.account);
  text.at("label").get_to(item.label);
  text.at("comment").get_to(item.comment);
  text.at("generic").get_to(item.generic);
  text.at("value").get_to(item.value);
  text.at("keychain").get_to(item.keychain);
  text.at("is_accessible").get_to(item.is_accessible);
  text.at("creator").get_to(item.creator);
  return item;
}

}  // namespace

std::vector<FakeKeychain::Item> keychain_items_in(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  std::ostringstream text;
  text << in.rdbuf();
  const json all = json::parse(text.str());
  std::vector<FakeKeychain::Item> items;
  for (const auto& each : all) items.push_back(item_of(each));
  return items;
}

void write_keychain(const std::filesystem::path& file, const std::vector<FakeKeychain::Item>& items) {
  json all = json::array();
  for (const auto& item : items) all.push_back(json_of(item));
  const std::filesystem::path aside = file.string() + "~";
  std::ofstream out(aside, std::ios::binary | std::ios::trunc);
  out << all.dump(1);
  out.close();
  if (!out) throw std::runtime_error(aside.string() + " cannot be written");
  std::filesystem::rename(aside, file);
}

void keep_keychain_in(const std::filesystem::path& file) {
  auto& keychain = FakeKeychain::instance();
  const auto read = std::make_shared<std::vector<FakeKeychain::Item>>();
  keychain.before_each = [file, read] {
    *read = keychain_items_in(file);
    FakeKeychain::instance().items = *read;
  };
  keychain.after_each = [file, read] {
    const auto& items = FakeKeychain::instance().items;
    if (items != *read) write_keychain(file, items);
  };
}

}  // namespace jackin::test
