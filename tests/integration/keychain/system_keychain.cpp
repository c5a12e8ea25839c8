// SPDX-License-Identifier: Apache-2.0
// The system's store of this jackind: the Keychain over the stand-in for Security.framework. Its items are in
// $HOME/.fake-keychain.json. Its state, and the user's answers, are in $HOME/.fake-keychain-state.json, which a test
// writes and reads.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/secrets/keychain_store.hpp"
#include "tests/fakes/security_framework/fake_keychain_file.hpp"

namespace jackin::secrets {

namespace {

using nlohmann::json;
using test::FakeKeychain;

json state_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return json::object();
  return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

OSStatus answer_of(const std::string& user) {
  if (user == "allows") return errSecSuccess;
  return user == "mistypes" ? OSStatus{errSecAuthFailed} : OSStatus{errSecUserCanceled};
}

void be_as(const json& state) {
  auto& keychain = FakeKeychain::instance();
  keychain.has_default = state.value("default", true);
  keychain.has_screen = state.value("screen", true);
  keychain.locked = state.value("locked", false);
  keychain.dialogs = state.value("dialogs", 0);
  keychain.user = [answer = answer_of(state.value("user", ""))] { return answer; };
}

// A misuse of the framework ends the daemon, and with it the test.
void check_faults() {
  const auto& faults = FakeKeychain::instance().faults;
  for (const auto& fault : faults) std::fprintf(stderr, "Security.framework: %s\n", fault.c_str());
  if (!faults.empty()) std::abort();
}

void write_down(const std::filesystem::path& file) {
  const auto& keychain = FakeKeychain::instance();
  json state = state_in(file);
  if (state.value("locked", false) == keychain.locked && state.value("dialogs", 0) == keychain.dialogs) return;
  state["locked"] = keychain.locked;
  state["dialogs"] = keychain.dialogs;
  const std::filesystem::path aside = file.string() + "~";
  std::ofstream(aside) << state.dump();
  std::filesystem::rename(aside, file);
}

}  // namespace

std::unique_ptr<OsItems> system_os_items(Environment daemon) {
  const std::filesystem::path home = daemon.value_of("HOME");
  const auto state = home / ".fake-keychain-state.json";
  test::keep_keychain_in(home / ".fake-keychain.json");
  auto& keychain = FakeKeychain::instance();
  keychain.before_each = [state, items = keychain.before_each] {
    items();
    be_as(state_in(state));
  };
  keychain.after_each = [state, items = keychain.after_each] {
    items();
    write_down(state);
    check_faults();
  };
  return secrets::keychain();
}

}  // namespace jackin::secrets
